//! A letter and its envelope, through the templates.

use serde::Serialize;
use templates::letters::{LetterError, Letters, WrittenLetter};

use crate::Letter;

/// What surrounds the words of every letter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Envelope {
    /// First name of the recipient, or empty.
    pub first_name: String,
    /// Address of the site, absolute, without a slash at its end.
    pub site_url: String,
    /// The address that stops these letters; nothing in a service letter.
    pub unsubscribe_url: Option<String>,
    /// True in a demonstration: the letter says that no money moved.
    pub demo: bool,
}

/// A letter as people read it.
pub type Rendered = WrittenLetter;

#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    letter: &'a Letter,
    envelope: &'a Envelope,
}

/// Writes a letter: subject, text and HTML from the same data, so that they cannot disagree.
///
/// # Errors
/// When a template is missing or asks for something that the letter does not have.
pub fn render(
    letters: &Letters,
    letter: &Letter,
    envelope: &Envelope,
) -> Result<Rendered, LetterError> {
    letters.write(letter.kind(), &View { letter, envelope })
}
