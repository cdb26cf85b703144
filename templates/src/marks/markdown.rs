//! What a project holder typed, as HTML that can do no harm: no script, image, form or style.

use ammonia::Builder;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

const SCHEMES: [&str; 3] = ["https", "http", "mailto"];

/// Draws Markdown with its headings from `level` (2 to 6) downwards.
pub fn markdown(source: &str, level: u64) -> Option<String> {
    let shift = u8::try_from(level).ok().filter(|level| (2..=6).contains(level))?;
    let mut links = Vec::new();
    let events = Parser::new_ext(source, Options::empty())
        .filter(|event| stays(event, &mut links))
        .map(|event| lowered(event, shift));
    let mut raw = String::with_capacity(source.len() * 2);
    pulldown_cmark::html::push_html(&mut raw, events);
    let tags = ["p", "br", "strong", "em", "ul", "ol", "li", "a", "blockquote", "hr"];
    let headings = ["h2", "h3", "h4", "h5", "h6"];
    let clean = Builder::new()
        .tags(tags.into_iter().chain(headings).collect())
        .tag_attributes([("a", ["href"].into()), ("ol", ["start"].into())].into())
        .generic_attributes(std::collections::HashSet::new())
        .url_schemes(SCHEMES.into())
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("nofollow ugc noopener"))
        .clean(&raw)
        .to_string();
    Some(clean)
}

/// False for links that lead nowhere safe, whose words stay, and for pictures.
fn stays(event: &Event<'_>, links: &mut Vec<bool>) -> bool {
    match event {
        Event::Start(Tag::Link { dest_url, .. }) => {
            let safe = SCHEMES.iter().any(|scheme| {
                dest_url.strip_prefix(scheme).is_some_and(|rest| rest.starts_with(':'))
            });
            links.push(safe);
            safe
        }
        Event::End(TagEnd::Link) => links.pop().unwrap_or(false),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => false,
        _ => true,
    }
}

/// The first level a holder can use, `##` or `#`, becomes `shift`.
fn lowered(event: Event<'_>, shift: u8) -> Event<'_> {
    match event {
        Event::Start(Tag::Heading { level, .. }) => {
            let level = deeper(level, shift);
            Event::Start(Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(deeper(level, shift))),
        other => other,
    }
}

fn deeper(level: HeadingLevel, shift: u8) -> HeadingLevel {
    let below = match level {
        HeadingLevel::H1 | HeadingLevel::H2 => 0,
        HeadingLevel::H3 => 1,
        HeadingLevel::H4 => 2,
        HeadingLevel::H5 => 3,
        HeadingLevel::H6 => 4,
    };
    match shift + below {
        2 => HeadingLevel::H2,
        3 => HeadingLevel::H3,
        4 => HeadingLevel::H4,
        5 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_cannot_put_a_script_on_a_page() {
        let typed = "**Oui** <script>x()</script><b onclick=x>c</b>[a](javascript:x) \
                     [b](https://b.fr) ![i](https://b.fr/i.png) [d](/admin)";
        let out = markdown(typed, 3).unwrap();
        assert!(out.contains("<strong>Oui</strong>"), "{out}");
        assert!(
            out.contains("<a href=\"https://b.fr\" rel=\"nofollow ugc noopener\">b</a>"),
            "{out}"
        );
        assert!(out.contains("</a> i d</p>"), "the words of a refused link stay: {out}");
        for evil in ["script", "onclick", "javascript", "<img", "/admin"] {
            assert!(!out.contains(evil), "{evil} in {out}");
        }
    }

    #[test]
    fn headings_fit_below_those_of_the_page() {
        let out = markdown("# Un\n\n## Deux\n\n### Trois\n\n###### Six", 3).unwrap();
        assert_eq!(out.replace('\n', ""), "<h3>Un</h3><h3>Deux</h3><h4>Trois</h4><h6>Six</h6>");
        assert!(markdown("x", 1).is_none());
    }
}
