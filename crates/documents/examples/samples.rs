//! Writes one document of each kind into a folder, to look at, and says how long each took.

use std::{error::Error, fs, path::Path, time::Instant};

use documents::{Cancellation, CancellationReason, Documents};
use time::macros::date;

#[path = "../tests/it/sample.rs"]
mod sample;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: samples DIR")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let begin = Instant::now();
    let documents = Documents::new();
    println!("fonts and templates: {:?}", begin.elapsed());
    let receipt = sample::receipt();
    for name in ["receipt.pdf", "receipt-again.pdf"] {
        write(folder, name, || Ok(documents.receipt(&receipt)?.bytes))?;
    }
    let begin = Instant::now();
    for rank in 0..50 {
        let mut other = receipt.clone();
        other.number = format!("ORG-01-2026-{rank:06}");
        other.donor.name = format!("Camille Lefèvre {rank}");
        documents.receipt(&other)?;
    }
    println!("fifty distinct receipts: {:?}", begin.elapsed());
    let cancellation = Cancellation {
        reason: CancellationReason::PartlyRefunded,
        on: date!(2026 - 12 - 01),
        replaced_by: Some("ORG-01-2026-000420".to_owned()),
    };
    write(folder, "cancelled.pdf", || {
        Ok(documents.cancelled_receipt(&receipt, &cancellation)?.bytes)
    })?;
    write(folder, "share.png", || Ok(documents.share_image(&sample::campaign())?))?;
    let mut long = sample::campaign();
    long.title = "Apprendre à déclarer ses impôts, prendre un rendez-vous et garder le lien avec \
                  ses petits-enfants dans les Combrailles et la haute vallée du Cher"
        .to_owned();
    long.departement = "974".to_owned();
    long.territory = "Saint-Pierre-et-Miquelon".to_owned();
    write(folder, "share-long.png", || Ok(documents.share_image(&long)?))
}

fn write(
    folder: &Path,
    name: &str,
    draw: impl FnOnce() -> Result<Vec<u8>, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let begin = Instant::now();
    let bytes = draw()?;
    println!("{name}: {} bytes, {:?}", bytes.len(), begin.elapsed());
    fs::write(folder.join(name), bytes)?;
    Ok(())
}
