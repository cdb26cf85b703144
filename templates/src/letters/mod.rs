//! Letters: `letters/<name>/{subject.txt,body.txt,body.html}.hbs`, in two strict registries.
//!
//! One registry escapes HTML; the other does not, or "L'atelier" would arrive as `L&#x27;atelier`.
//! French typography is applied to what comes out, outside tags and addresses, so that templates
//! are typed with an ordinary keyboard and the words of a project holder are set like ours.

mod formats;

use handlebars::{Handlebars, Template};
use rust_embed::RustEmbed;
use serde::Serialize;

use crate::typography::typeset;

#[derive(RustEmbed)]
#[folder = "letters/"]
struct Files;

/// A letter as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenLetter {
    /// One line.
    pub subject: String,
    /// The plain text part, lines ended by `\n`.
    pub text: String,
    /// The HTML part, a whole document.
    pub html: String,
}

/// Why a letter could not be loaded or written.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// A template does not parse.
    #[error("letter template {name}: {source}")]
    Template {
        /// The template.
        name: String,
        /// What the parser says.
        source: Box<handlebars::TemplateError>,
    },
    /// A file that is not UTF-8.
    #[error("letter template {0} is not UTF-8")]
    NotUtf8(String),
    /// A template asks for something that the letter does not have, or does not exist.
    #[error("letter template {name}: {source}")]
    Render {
        /// The template.
        name: String,
        /// What was missing. It names fields, never their values.
        source: Box<handlebars::RenderError>,
    },
}

/// The templates of all letters, compiled once.
#[derive(Debug)]
pub struct Letters {
    html: Handlebars<'static>,
    plain: Handlebars<'static>,
}

impl Letters {
    /// Compiles the embedded templates.
    ///
    /// # Errors
    /// When a template does not parse: a mistake that every test sees.
    pub fn embedded() -> Result<Self, LetterError> {
        let mut letters = Self { html: strict(), plain: strict() };
        letters.plain.register_escape_fn(handlebars::no_escape);
        for path in Files::iter() {
            let Some(name) = path.strip_suffix(".hbs") else { continue };
            let Some(file) = Files::get(&path) else { continue };
            let source = std::str::from_utf8(&file.data)
                .map_err(|_| LetterError::NotUtf8(path.to_string()))?;
            letters.add(name.strip_prefix("partials/").unwrap_or(name), source)?;
        }
        Ok(letters)
    }

    /// `x.html` and `x.txt` go where they belong; a partial without either is mere words for both.
    fn add(&mut self, file: &str, source: &str) -> Result<(), LetterError> {
        let (name, html, plain) = match (file.strip_suffix(".html"), file.strip_suffix(".txt")) {
            (Some(name), _) => (name, true, false),
            (_, Some(name)) => (name, false, true),
            _ => (file, true, true),
        };
        let parsed = Template::compile_with_name(source, name.to_owned()).map_err(|source| {
            LetterError::Template { name: file.to_owned(), source: Box::new(source) }
        })?;
        if html {
            self.html.register_template(name, parsed.clone());
        }
        if plain {
            self.plain.register_template(name, parsed);
        }
        Ok(())
    }

    /// The names of the letters, sorted: the folders that hold a subject.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let templates = self.plain.get_templates().keys();
        let mut names: Vec<_> =
            templates.filter_map(|name| name.strip_suffix("/subject")).collect();
        names.sort_unstable();
        names
    }

    /// Writes one letter.
    ///
    /// # Errors
    /// When one of its three templates is missing, or asks for a field that `data` does not have.
    pub fn write<T: Serialize>(&self, name: &str, data: &T) -> Result<WrittenLetter, LetterError> {
        let subject = render(&self.plain, &format!("{name}/subject"), data)?;
        let text = render(&self.plain, &format!("{name}/body"), data)?;
        let html = render(&self.html, &format!("{name}/body"), data)?;
        Ok(WrittenLetter {
            subject: one_line(&typeset_plain(&subject)),
            text: tidy_lines(&typeset_plain(&text)),
            html: tidy_lines(&typeset(&html)),
        })
    }
}

fn strict() -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    formats::register(&mut registry);
    registry
}

fn render<T: Serialize>(
    registry: &Handlebars<'_>,
    name: &str,
    data: &T,
) -> Result<String, LetterError> {
    registry
        .render(name, data)
        .map_err(|source| LetterError::Render { name: name.to_owned(), source: Box::new(source) })
}

/// The same typography without markup. `typeset` reads HTML, and in a title it sets words alone.
fn typeset_plain(text: &str) -> String {
    let line = |line: &str| {
        let escaped = line.replace('&', "&amp;").replace('<', "&lt;");
        let set = typeset(&format!("<title>{escaped}</title>"));
        let inner = set.strip_prefix("<title>").and_then(|set| set.strip_suffix("</title>"));
        inner.unwrap_or(&set).replace("&lt;", "<").replace("&amp;", "&")
    };
    text.split_inclusive('\n').map(line).collect()
}

/// A subject is one line, whatever a project holder typed in a title: no header can follow it.
fn one_line(subject: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, ' ' | '\u{2028}' | '\u{2029}');
    subject.split(breaks).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// No space at the end of a line, no two empty lines in a row, none at the start, one line break at
/// the end.
fn tidy_lines(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(|line| line.trim_end_matches([' ', '\t'])) {
        let repeated = line.is_empty() && lines.last().is_none_or(|last| last.is_empty());
        if !repeated {
            lines.push(line);
        }
    }
    while lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_letter_has_a_subject_a_text_and_an_html_part() {
        let letters = Letters::embedded().unwrap();
        assert!(letters.names().len() > 10);
        for name in letters.names() {
            assert!(letters.plain.has_template(&format!("{name}/body")), "{name} has no text");
            assert!(letters.html.has_template(&format!("{name}/body")), "{name} has no HTML");
        }
    }

    #[test]
    fn each_partial_is_used() {
        let sources: String = Files::iter()
            .filter_map(|path| Files::get(&path))
            .map(|file| String::from_utf8(file.data.into_owned()).unwrap())
            .collect();
        for path in Files::iter().filter(|path| path.starts_with("partials/")) {
            let name = path.trim_start_matches("partials/").split('.').next().unwrap().to_owned();
            let used = [' ', '}'].iter().any(|end| sources.contains(&format!("> {name}{end}")));
            assert!(used, "no letter uses {path}");
        }
    }

    #[test]
    fn a_missing_field_is_an_error_not_a_hole() {
        let letters = Letters::embedded().unwrap();
        let error = letters.write("thanks", &serde_json::json!({})).unwrap_err();
        assert!(matches!(error, LetterError::Render { .. }), "{error}");
    }

    #[test]
    fn plain_text_is_typeset_without_markup() {
        assert_eq!(typeset_plain("le 1er : l'eau"), "le 1er\u{a0}: l\u{2019}eau");
        let kept = "a < b &amp; &lt; https://a.fr/?q='x'&r\n12\n345\n";
        assert_eq!(typeset_plain(kept), kept);
    }

    #[test]
    fn a_subject_is_one_line() {
        assert_eq!(one_line(" a\r\nBcc: x\u{2028}y\u{a0}z \n"), "a Bcc: x y\u{a0}z");
    }

    #[test]
    fn plain_text_has_no_double_gap() {
        assert_eq!(tidy_lines("\n\na  \n\n\n\nb\n\n"), "a\n\nb\n");
    }
}
