//! Every template compiled once, in strict mode; a page is its body inside the common layout.

use std::borrow::Cow;

use handlebars::Handlebars;
use rust_embed::RustEmbed;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{error::PageError, layout::Layout, marks, pages::Page, typography::typeset};

#[derive(RustEmbed)]
#[folder = "pages/"]
struct Pages;

#[derive(RustEmbed)]
#[folder = "partials/"]
struct Partials;

/// The compiled templates of all pages.
#[derive(Debug)]
pub struct Templates {
    registry: Handlebars<'static>,
    reload: bool,
}

impl Templates {
    /// Compiles the templates.
    ///
    /// # Errors
    /// When one does not parse: a mistake that every test sees.
    pub fn new() -> Result<Self, PageError> {
        Ok(Self { registry: compiled()?, reload: false })
    }

    /// For development: in a debug build the templates are read from the disk again for each page.
    ///
    /// # Errors
    /// When one does not parse.
    pub fn reloading() -> Result<Self, PageError> {
        Ok(Self { registry: compiled()?, reload: true })
    }

    /// Draws a page within the layout.
    ///
    /// # Errors
    /// When its template asks for a field that the page does not have.
    pub fn page<P: Page>(&self, layout: &Layout, page: &P) -> Result<String, PageError> {
        let mut data = object(P::TEMPLATE, page)?;
        data["layout"] = surroundings(layout, page);
        Ok(typeset(&draw(&*self.registry()?, "partials/layout", &data)?))
    }

    /// Draws a partial alone, without the layout: `preview` with a
    /// [`PreviewFragment`](crate::pages::amounts::PreviewFragment) answers `/apercu`.
    ///
    /// # Errors
    /// When it asks for a field that `data` does not have.
    pub fn fragment<T: Serialize>(&self, partial: &str, data: &T) -> Result<String, PageError> {
        let data = object(partial, data)?;
        Ok(typeset(&draw(&*self.registry()?, &format!("partials/{partial}"), &data)?))
    }

    /// The names of all templates, `pages/home` or `partials/card`, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.registry.get_templates().keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    fn registry(&self) -> Result<Cow<'_, Handlebars<'static>>, PageError> {
        if self.reload { compiled().map(Cow::Owned) } else { Ok(Cow::Borrowed(&self.registry)) }
    }
}

fn compiled() -> Result<Handlebars<'static>, PageError> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    marks::register(&mut registry);
    register::<Pages>(&mut registry, "pages")?;
    register::<Partials>(&mut registry, "partials")?;
    Ok(registry)
}

fn register<F: RustEmbed>(
    registry: &mut Handlebars<'static>,
    folder: &str,
) -> Result<(), PageError> {
    for path in F::iter() {
        let unreadable = || PageError::Unreadable(path.to_string());
        let stem = path.strip_suffix(".hbs").ok_or_else(unreadable)?;
        let file = F::get(&path).ok_or_else(unreadable)?;
        let source = std::str::from_utf8(&file.data).map_err(|_| unreadable())?;
        let name = format!("{folder}/{stem}");
        registry.register_template_string(&name, source).map_err(|source| PageError::Template {
            name: name.clone(),
            source: Box::new(source),
        })?;
    }
    Ok(())
}

fn object<T: Serialize>(name: &str, data: &T) -> Result<Value, PageError> {
    serde_json::to_value(data)
        .and_then(|value| {
            if value.is_object() {
                Ok(value)
            } else {
                Err(serde::ser::Error::custom("a template needs named fields"))
            }
        })
        .map_err(|source| PageError::NotAnObject { name: name.to_owned(), source })
}

fn draw(registry: &Handlebars<'_>, name: &str, data: &Value) -> Result<String, PageError> {
    registry
        .render(name, data)
        .map_err(|source| PageError::Render { name: name.to_owned(), source: Box::new(source) })
}

/// What the layout knows of this page.
fn surroundings<P: Page>(layout: &Layout, page: &P) -> Value {
    let base = &layout.site.base_url;
    let absolute = |path: String| format!("{base}{path}");
    json!({
        "template": format!("pages/{}", P::TEMPLATE),
        "site": layout.site.as_ref(),
        "path": layout.path,
        "canonical": absolute(layout.path.clone()),
        "theme": layout.theme,
        "flow": layout.flow,
        "title": page.title(),
        "window_title": window_title(&page.title()),
        "description": page.description(),
        "nav": page.nav(),
        "indexed": page.indexed(),
        "share_image": page.share_image().map(absolute),
        "linked_data": page.linked_data(base),
    })
}

/// The title of the window: the site's name follows when both fit in what search engines show.
fn window_title(title: &str) -> String {
    const ROOM: usize = 75;
    const NAME: &str = " – Essaim";
    let length = title.chars().count();
    if length + NAME.chars().count() <= ROOM {
        return format!("{title}{NAME}");
    }
    if length <= ROOM {
        return title.to_owned();
    }
    let cut: String = title.chars().take(ROOM - 1).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end_matches([',', ':', '«', ' ', '\u{a0}']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_title_stays_short() {
        assert_eq!(window_title("Merci"), "Merci – Essaim");
        assert_eq!(window_title(&"a".repeat(70)), "a".repeat(70));
        let long = window_title(&"un mot ".repeat(20));
        assert!(long.ends_with("un…") && long.chars().count() <= 75, "{long}");
    }
}
