//! How letters write amounts, rates, dates and numbers: helpers that refuse a missing argument.

use ammonia::Builder;
use domain::Cents;
use handlebars::Handlebars;
use serde_json::Value;

use crate::{
    figures,
    format::{add, cents, instant, points},
    typography::{clock, date, day, euros, number, percent},
    vocabulary,
};

const NBSP: char = '\u{a0}';

/// Registers every format.
pub fn register(registry: &mut Handlebars<'static>) {
    add(
        registry,
        &[
            ("euros", 1, |a| Some(euros(cents(a[0])?, false).into())),
            ("euros_exact", 1, |a| Some(euros(cents(a[0])?, true).into())),
            ("plus", 1, |a| Some(format!("+{NBSP}{}", euros(cents(a[0])?, false)).into())),
            ("minus", 1, |a| Some(format!("\u{2212}{NBSP}{}", euros(cents(a[0])?, true)).into())),
            ("figure", 1, |a| Some(euros(cents(a[0])?, false).replace("\u{a0}€", "").into())),
            ("percent", 1, |a| Some(percent(points(a[0])?).into())),
            ("grouped", 1, |a| Some(number(a[0].as_i64()?).into())),
            ("day", 1, |a| Some(day(instant(a[0])?).into())),
            ("day_and_year", 1, |a| Some(date(instant(a[0])?).into())),
            ("clock", 1, |a| Some(clock(instant(a[0])?).into())),
            ("plural", 3, |a| Some(a[if a[0].as_u64()? < 2 { 1 } else { 2 }].clone())),
            ("share", 2, |a| Some(share(cents(a[0])?, cents(a[1])?).into())),
            ("markdown", 1, |a| Some(markdown(a[0].as_str()?).into())),
            ("role", 1, |a| vocabulary::label("role", a[0].as_str()?).map(Value::from)),
        ],
    );
}

/// The width of the first part in a bar, from 2 to 98 %, so that neither part vanishes.
fn share(part: Cents, whole: Cents) -> i64 {
    (figures::share(part, whole).get() / 100).clamp(2, 98)
}

/// What a project holder typed, as HTML that can do no harm: no script, image, form or style.
fn markdown(source: &str) -> String {
    let mut raw = String::new();
    pulldown_cmark::html::push_html(&mut raw, pulldown_cmark::Parser::new(source));
    Builder::new()
        .tags(["p", "br", "strong", "em", "ul", "ol", "li", "a", "blockquote"].into())
        .url_schemes(["https", "http", "mailto"].into())
        .link_rel(Some("nofollow noopener"))
        .clean(&raw)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_always_shows_both_parts() {
        let width = |part, whole| share(Cents::new(part), Cents::new(whole));
        assert_eq!((width(20, 52), width(0, 5), width(5, 5), width(1, 0)), (38, 2, 98, 2));
    }

    #[test]
    fn a_holder_cannot_put_a_script_in_a_letter() {
        let out = markdown("**Oui** <script>x()</script>[a](javascript:x) [b](https://b.fr)");
        assert!(out.contains("<strong>Oui</strong>") && out.contains("https://b.fr"), "{out}");
        assert!(!out.contains("script"), "{out}");
    }

    #[test]
    fn a_helper_refuses_what_it_does_not_understand() {
        let mut registry = Handlebars::new();
        register(&mut registry);
        for template in ["{{euros x}}", "{{euros}}", "{{day \"hier\"}}", "{{plural 1 \"a\"}}"] {
            assert!(registry.render_template(template, &serde_json::json!({})).is_err());
        }
    }
}
