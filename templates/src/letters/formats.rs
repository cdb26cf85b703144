//! How letters write amounts, rates, dates and numbers: helpers that refuse a missing argument.

use ammonia::Builder;
use domain::{UtcSeconds, calendar};
use handlebars::{
    Context, Handlebars, Helper, HelperDef, RenderContext, RenderError, RenderErrorReason,
    ScopedJson,
};
use serde_json::Value;
use time::OffsetDateTime;

const NBSP: char = '\u{a0}';
const NARROW: char = '\u{202f}';
const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// A helper that turns its arguments into one value; nothing means "not the kind I expected".
struct Format {
    name: &'static str,
    arguments: usize,
    write: fn(&[&Value]) -> Option<Value>,
}

impl HelperDef for Format {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let given: Vec<&Value> = helper.params().iter().map(|param| param.value()).collect();
        let written = (given.len() == self.arguments).then(|| (self.write)(&given)).flatten();
        written.map(ScopedJson::Derived).ok_or_else(|| {
            RenderErrorReason::Other(format!("{}: wrong or missing argument", self.name)).into()
        })
    }
}

/// Registers every format.
pub fn register(registry: &mut Handlebars<'static>) {
    let formats: [(&'static str, usize, fn(&[&Value]) -> Option<Value>); 13] = [
        ("euros", 1, |a| Some(euros(a[0].as_i64()?, false).into())),
        ("euros_exact", 1, |a| Some(euros(a[0].as_i64()?, true).into())),
        ("plus", 1, |a| Some(format!("+{NBSP}{}", euros(a[0].as_i64()?, false)).into())),
        ("minus", 1, |a| Some(format!("\u{2212}{NBSP}{}", euros(a[0].as_i64()?, true)).into())),
        ("figure", 1, |a| Some(euros(a[0].as_i64()?, false).replace("\u{a0}€", "").into())),
        ("percent", 1, |a| Some(percent(a[0].as_i64()?).into())),
        ("grouped", 1, |a| Some(grouped(a[0].as_u64()?).into())),
        ("day", 1, |a| Some(day(instant(a[0])?).into())),
        ("day_and_year", 1, |a| Some(day_and_year(instant(a[0])?).into())),
        ("clock", 1, |a| Some(clock(instant(a[0])?).into())),
        ("plural", 3, |a| Some(a[if a[0].as_u64()? < 2 { 1 } else { 2 }].clone())),
        ("share", 2, |a| Some(share(a[0].as_i64()?, a[1].as_i64()?).into())),
        ("markdown", 1, |a| Some(markdown(a[0].as_str()?).into())),
    ];
    for (name, arguments, write) in formats {
        registry.register_helper(name, Box::new(Format { name, arguments, write }));
    }
}

fn euros(cents: i64, exact: bool) -> String {
    let (whole, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    let sign = if cents < 0 { "\u{2212}" } else { "" };
    let decimals = if exact || rest > 0 { format!(",{rest:02}") } else { String::new() };
    format!("{sign}{}{decimals}{NBSP}€", grouped(whole))
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + 6);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(NARROW);
        }
        out.push(digit);
    }
    out
}

fn percent(basis_points: i64) -> String {
    euros(basis_points, false).replace('€', "%")
}

fn instant(value: &Value) -> Option<OffsetDateTime> {
    let at: UtcSeconds = value.as_str()?.parse().ok()?;
    OffsetDateTime::from_unix_timestamp(at.get()).ok()
}

fn day(at: OffsetDateTime) -> String {
    let date = calendar::paris_date(at);
    let number = if date.day() == 1 { "1er".to_owned() } else { date.day().to_string() };
    let month = MONTHS[usize::from(u8::from(date.month())) - 1];
    format!("{number}{NBSP}{month}")
}

fn day_and_year(at: OffsetDateTime) -> String {
    format!("{} {}", day(at), calendar::paris_date(at).year())
}

fn clock(at: OffsetDateTime) -> String {
    let (hour, minute) = calendar::paris_clock(at);
    format!("{hour}{NBSP}h{NBSP}{minute:02}")
}

/// The width of the first part in a bar, from 2 to 98, so that neither part vanishes.
fn share(part: i64, whole: i64) -> i64 {
    let rounded = i128::from(part) * 100 / i128::from(whole).max(1);
    i64::try_from(rounded).unwrap_or(98).clamp(2, 98)
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
    fn amounts_are_written_as_in_france() {
        assert_eq!(euros(2_000, false), "20\u{a0}€");
        assert_eq!(euros(2_000, true), "20,00\u{a0}€");
        assert_eq!(euros(680, false), "6,80\u{a0}€");
        assert_eq!(euros(1_883_205, false), "18\u{202f}832,05\u{a0}€");
        assert_eq!(euros(-1_320, true), "\u{2212}13,20\u{a0}€");
        assert_eq!(percent(5_000), "50\u{a0}%");
        assert_eq!(percent(6_650), "66,50\u{a0}%");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn days_are_those_of_paris() {
        let at = |text: &str| instant(&Value::from(text)).unwrap();
        assert_eq!(day(at("2026-11-30T23:30:00Z")), "1er\u{a0}décembre");
        assert_eq!(day_and_year(at("2026-12-06T10:00:00Z")), "6\u{a0}décembre 2026");
        assert_eq!(clock(at("2026-07-14T12:05:00Z")), "14\u{a0}h\u{a0}05");
    }

    #[test]
    fn a_bar_always_shows_both_parts() {
        assert_eq!((share(20, 52), share(0, 5), share(5, 5), share(1, 0)), (38, 2, 98, 98));
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
