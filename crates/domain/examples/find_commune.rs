//! Times the search of communes: `cargo run -p essaim-domain --example find_commune [TEXT…]`.

use std::time::Instant;

use domain::place;

fn main() {
    let start = Instant::now();
    let count = place::communes().len();
    println!("{count} communes unpacked in {:?}", start.elapsed());
    let start = Instant::now();
    place::prepare();
    println!("index built in {:?}", start.elapsed());
    let mut typed: Vec<String> = std::env::args().skip(1).collect();
    if typed.is_empty() {
        let usual = ["s", "l", "st", "saint-ét", "saint", "42000", "42218", "4", "la roche", "zz"];
        typed = usual.map(str::to_owned).to_vec();
    }
    for text in typed {
        let start = Instant::now();
        let found = place::find(&text, 8);
        let took = start.elapsed();
        let names: Vec<&str> = found.iter().map(|commune| commune.name).collect();
        println!("{took:>12?}  {text:?}: {}", names.join(", "));
    }
}
