//! No dead template: each page has a struct with samples, each partial is named somewhere.

use std::{collections::BTreeSet, fs};

use templates::Templates;

use crate::gallery::DRAWN;

fn sources(folder: &str) -> Vec<(String, String)> {
    fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
fn every_page_template_has_samples() {
    let drawn: BTreeSet<&str> = DRAWN.iter().map(|one| one.page).collect();
    let files: BTreeSet<String> = sources("pages").into_iter().map(|(name, _)| name).collect();
    let files: BTreeSet<&str> = files.iter().map(String::as_str).collect();
    assert_eq!(drawn, files);
}

#[test]
fn every_partial_is_used() {
    let all: String =
        sources("pages").into_iter().chain(sources("partials")).map(|(_, source)| source).collect();
    let by_code = ["layout", "preview"];
    for (name, _) in sources("partials") {
        let named =
            [" ", "}"].iter().any(|end| all.contains(&format!("{{{{> partials/{name}{end}")));
        assert!(named || by_code.contains(&name.as_str()), "{name} is used nowhere");
    }
}

#[test]
fn every_template_is_registered() {
    let count = sources("pages").len() + sources("partials").len();
    assert_eq!(Templates::new().unwrap().names().len(), count);
    assert_eq!(Templates::reloading().unwrap().names().len(), count);
}
