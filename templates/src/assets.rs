//! The files a page needs: style sheet, script, fonts, drawings. Each has an address that changes
//! with its content, so that browsers may keep it for ever.

use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// A file as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticFile {
    /// Its content.
    pub bytes: Cow<'static, [u8]>,
    /// Its media type.
    pub content_type: &'static str,
    /// The first sixteen hexadecimal digits of its SHA-256: `?v=`.
    pub hash: String,
}

static HASHES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|path| {
            let file = Files::get(&path)?;
            Some((path.to_string(), short_hash(&file.data)))
        })
        .collect()
});

fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn content_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

/// The file of `/statique/{path}`; nothing for any other path.
#[must_use]
pub fn static_file(path: &str) -> Option<StaticFile> {
    let file = Files::get(path)?;
    let hash = HASHES.get(path)?.clone();
    Some(StaticFile { bytes: file.data, content_type: content_type(path)?, hash })
}

/// The paths of all files, as in `/statique/{path}`.
pub fn static_paths() -> impl Iterator<Item = &'static str> {
    HASHES.keys().map(String::as_str)
}

/// The address of a file with its version: `/statique/essaim.css?v=0123456789abcdef`.
#[must_use]
pub fn static_url(path: &str) -> Option<String> {
    HASHES.get(path).map(|hash| format!("/statique/{path}?v={hash}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_a_type_and_a_version() {
        assert!(static_paths().count() > 10);
        for path in static_paths() {
            let file = static_file(path).unwrap_or_else(|| panic!("{path} has no media type"));
            assert_eq!(file.hash, short_hash(&file.bytes));
            assert!(static_url(path).unwrap().ends_with(&file.hash));
        }
        assert!(static_file("../Cargo.toml").is_none());
        assert!(static_url("nothing.css").is_none());
    }
}
