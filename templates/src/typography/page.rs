//! Spaces and apostrophes on a finished page.

/// Sets a page. Written next.
#[must_use]
pub fn typeset(html: &str) -> String {
    html.to_owned()
}
