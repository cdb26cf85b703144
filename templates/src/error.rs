//! Why a page could not be loaded or drawn.

/// A fault of a template, never of a visitor: it names fields, not their values.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// A template does not parse.
    #[error("page template {name}: {source}")]
    Template {
        /// The template.
        name: String,
        /// What the parser says.
        source: Box<handlebars::TemplateError>,
    },
    /// A template file that cannot be read.
    #[error("page template {0} cannot be read as UTF-8 text")]
    Unreadable(String),
    /// A template asks for something that the page does not have, or does not exist.
    #[error("page template {name}: {source}")]
    Render {
        /// The template.
        name: String,
        /// What was missing.
        source: Box<handlebars::RenderError>,
    },
    /// A page that cannot be written as JSON: a map with keys that are no text.
    #[error("page {name} is not an object: {source}")]
    NotAnObject {
        /// The template.
        name: String,
        /// What serde says.
        source: serde_json::Error,
    },
}
