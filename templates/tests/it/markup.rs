//! What must never be in a page: styles and scripts of its own, wrong spaces, doubled names.

use std::collections::BTreeSet;

use crate::gallery::DRAWN;

/// Tags of a page, and the text between them outside code, scripts and fields.
fn parts(html: &str) -> (Vec<&str>, String) {
    let (mut tags, mut text, mut rest) = (Vec::new(), String::new(), html);
    let mut verbatim: Option<&str> = None;
    while let Some(open) = rest.find('<') {
        if verbatim.is_none() {
            text.push_str(&rest[..open]);
        }
        let end = rest[open..].find('>').map_or(rest.len(), |end| open + end + 1);
        let tag = &rest[open..end];
        let name = tag.trim_start_matches(['<', '/']).split([' ', '>']).next().unwrap_or_default();
        if tag.starts_with("</") {
            verbatim = verbatim.filter(|open| *open != name);
        } else if ["script", "textarea", "pre", "code"].contains(&name) {
            verbatim = verbatim.or(Some(name));
        }
        tags.push(tag);
        rest = &rest[end..];
    }
    (tags, text)
}

fn attributes<'a>(tag: &'a str, name: &str) -> Vec<&'a str> {
    let marker = format!(" {name}=\"");
    tag.match_indices(&marker)
        .map(|(at, _)| tag[at + marker.len()..].split('"').next().unwrap_or_default())
        .collect()
}

#[test]
fn no_page_brings_its_own_style_or_script() {
    for one in DRAWN.iter() {
        for tag in parts(&one.html).0 {
            assert!(!tag.contains(" style="), "{tag} in {} {}", one.page, one.state);
            assert!(!tag.starts_with("<style"), "{tag} in {} {}", one.page, one.state);
            let inline = tag.split_whitespace().any(|word| {
                word.starts_with("on") && word.contains('=') && !word.starts_with("on=")
            });
            assert!(!inline, "{tag} in {} {}", one.page, one.state);
            if tag.starts_with("<script") {
                let data = tag == "<script type=\"application/ld+json\">";
                assert!(data || tag.contains(" src=\"/statique/"), "{tag} in {}", one.page);
            }
        }
    }
}

#[test]
fn every_page_has_french_spaces_and_apostrophes() {
    for one in DRAWN.iter() {
        let (tags, text) = parts(&one.html);
        let read = ["aria-label", "alt", "title"];
        let told = tags.iter().flat_map(|tag| read.iter().flat_map(|name| attributes(tag, name)));
        for words in std::iter::once(text.as_str()).chain(told) {
            for mark in [':', ';', '!', '?', '€', '%', '»'] {
                let plain = format!(" {mark}");
                let at =
                    words.find(&plain).map(|at| words[at..].chars().take(30).collect::<String>());
                assert!(
                    at.is_none(),
                    "plain space before {mark}: {at:?} in {} {}",
                    one.page,
                    one.state
                );
            }
            assert!(!words.contains("« "), "plain space after « in {} {}", one.page, one.state);
            assert!(!words.contains('\''), "straight apostrophe in {} {}", one.page, one.state);
            assert!(!words.contains('—'), "em dash in {} {}", one.page, one.state);
        }
    }
}

#[test]
fn our_own_words_have_no_exclamation_mark() {
    for folder in ["pages", "partials"] {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let source = std::fs::read_to_string(&path).unwrap();
            let words = source.replace("<!DOCTYPE", "");
            assert!(!words.contains('!'), "{}", path.display());
        }
    }
}

#[test]
fn ids_are_unique_and_what_points_at_them_finds_them() {
    for one in DRAWN.iter() {
        let (tags, _) = parts(&one.html);
        let mut ids = BTreeSet::new();
        for id in tags.iter().flat_map(|tag| attributes(tag, "id")) {
            assert!(ids.insert(id), "id {id} twice in {} {}", one.page, one.state);
        }
        for name in ["for", "aria-labelledby", "aria-describedby"] {
            for value in tags.iter().flat_map(|tag| attributes(tag, name)) {
                for id in value.split(' ') {
                    assert!(ids.contains(id), "{name}={id} in {} {}", one.page, one.state);
                }
            }
        }
        for href in tags.iter().flat_map(|tag| attributes(tag, "href")) {
            if let Some(id) = href.strip_prefix('#') {
                assert!(ids.contains(id), "#{id} in {} {}", one.page, one.state);
            }
        }
    }
}

#[test]
fn every_page_has_one_title_one_heading_and_one_main() {
    for one in DRAWN.iter() {
        let (tags, _) = parts(&one.html);
        for name in ["<h1", "<main", "<title"] {
            let count = tags.iter().filter(|tag| tag.starts_with(name)).count();
            assert_eq!(count, 1, "{name} in {} {}", one.page, one.state);
        }
        let sized = tags.iter().filter(|tag| tag.starts_with("<img"));
        for tag in sized {
            assert!(tag.contains(" width=") && tag.contains(" height="), "{tag}");
        }
    }
}
