//! Helpers of the pages that turn their arguments into one value.

use domain::BasisPoints;
use domain::Cents;
use handlebars::Handlebars;
use serde_json::Value;

use super::markdown::markdown;
use crate::{
    assets::static_url,
    figures,
    format::{add, add_html, cents, instant, points},
    typography,
};

pub fn register(registry: &mut Handlebars<'static>) {
    add(
        registry,
        &[
            ("eur", 1, |a| Some(typography::euros(cents(a[0])?, false).into())),
            ("eur_exact", 1, |a| Some(typography::euros(cents(a[0])?, true).into())),
            ("champ_euros", 1, |a| Some((a[0].as_i64()? / 100).to_string().into())),
            ("ecart", 1, |a| Some(signed(cents(a[0])?).into())),
            ("pourcent", 1, |a| Some(typography::percent(points(a[0])?).into())),
            ("entier_pourcent", 1, |a| Some(whole_percent(a[0].as_i64()?).into())),
            ("nombre", 1, |a| Some(typography::number(a[0].as_i64()?).into())),
            ("date", 1, |a| Some(typography::date(instant(a[0])?).into())),
            ("jour", 1, |a| Some(typography::day(instant(a[0])?).into())),
            ("heure", 1, |a| Some(typography::clock(instant(a[0])?).into())),
            ("iso", 1, |a| Some(instant(a[0])?.to_string().into())),
            ("distance", 1, |a| {
                Some(typography::distance(u32::try_from(a[0].as_u64()?).ok()?).into())
            }),
            ("poids", 1, |a| Some(typography::bytes(a[0].as_u64()?).into())),
            ("plus", 2, |a| Some(a[0].as_i64()?.checked_add(a[1].as_i64()?)?.into())),
            ("moins", 2, |a| Some(a[0].as_i64()?.checked_sub(a[1].as_i64()?)?.into())),
            ("part", 2, |a| Some(figures::share(cents(a[0])?, cents(a[1])?).get().into())),
            ("statique", 1, |a| static_url(a[0].as_str()?).map(Value::from)),
        ],
    );
    add_html(
        registry,
        &[
            ("markdown", 2, |a| Some(markdown(a[0].as_str()?, a[1].as_u64()?)?.into())),
            ("donnees_liees", 1, |a| a[0].is_object().then(|| inert(a[0]).into())),
        ],
    );
}

/// JSON that cannot end the element it is written in.
fn inert(data: &Value) -> String {
    data.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// `104 %`: rounded down, so that a minimum is never said to be reached before it is.
fn whole_percent(basis_points: i64) -> String {
    typography::percent(BasisPoints::new(basis_points / 100 * 100))
}

/// A difference: `+ 12 €`, `− 3 €`, `0 €`.
fn signed(change: Cents) -> String {
    let sign = if change.is_positive() { "+\u{a0}" } else { "" };
    format!("{sign}{}", typography::euros(change, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helper_refuses_what_it_does_not_understand() {
        let mut registry = Handlebars::new();
        super::super::register(&mut registry);
        for template in [
            "{{eur}}",
            "{{eur x}}",
            "{{eur \"20\"}}",
            "{{eur 1 2}}",
            "{{eur 1 z=2}}",
            "{{date \"hier\"}}",
            "{{statique \"rien.css\"}}",
            "{{mot \"public\"}}",
            "{{mot \"rien\" \"seniors\"}}",
            "{{pluriel 1 \"a\"}}",
            "{{peigne_don 1 2}}",
        ] {
            let drawn = registry.render_template(template, &serde_json::json!({ "x": null }));
            assert!(drawn.is_err(), "{template} gave {drawn:?}");
        }
    }

    #[test]
    fn linked_data_cannot_end_its_element() {
        let written = inert(&serde_json::json!({ "name": "</script><script>x" }));
        assert!(!written.contains('<'));
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap()["name"], "</script><script>x");
    }

    #[test]
    fn a_percentage_is_never_rounded_up() {
        assert_eq!(whole_percent(9_999), "99\u{a0}%");
        assert_eq!(whole_percent(10_462), "104\u{a0}%");
    }
}
