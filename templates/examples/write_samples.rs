//! Writes every page in every state to a folder, with its static files beside, to be looked at and
//! checked in a browser: `cargo run -p essaim-templates --example write_samples -- FOLDER [THEME]`.
//! Serve the folder over HTTP: pages ask for `/statique/…`.

use std::{fs, path::Path, sync::Arc};

use templates::{
    Layout, Site, Templates, Theme, pages::gallery::gallery, static_file, static_paths,
};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or_else(|| anyhow::anyhow!("a folder is needed"))?;
    let theme = Theme::from_code(&arguments.next().unwrap_or_default());
    let folder = Path::new(&folder);
    let layout = Layout::new(Arc::new(Site::sample()), "/exemple").with_theme(theme);
    let layout = layout.with_flow("jeton-d-exemple");
    let drawn = gallery(&Templates::new()?, &layout)?;
    fs::create_dir_all(folder)?;
    for one in &drawn {
        fs::write(folder.join(format!("{}.{}.html", one.page, one.state)), &one.html)?;
    }
    for path in static_paths() {
        let (file, target) = (static_file(path), folder.join("statique").join(path));
        if let (Some(file), Some(parent)) = (file, target.parent()) {
            fs::create_dir_all(parent)?;
            fs::write(&target, &file.bytes)?;
        }
    }
    println!("{} pages in {}", drawn.len(), folder.display());
    Ok(())
}
