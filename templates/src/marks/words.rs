//! Helpers that choose words: plurals, labels of codes, the fault of a field.

use domain::place;
use handlebars::Handlebars;
use serde_json::{Value, json};

use crate::{
    departement_words::within_named,
    format::add,
    live::{LiveCampaign, LivePot},
    pages::{campaign::Progress, home::PotFigures},
    typography, vocabulary,
};

pub fn register(registry: &mut Handlebars<'static>) {
    add(
        registry,
        &[
            ("pluriel", 3, |a| Some(a[if a[0].as_i64()?.abs() < 2 { 1 } else { 2 }].clone())),
            ("compte", 3, |a| {
                let (count, one, many) = (a[0].as_i64()?, a[1].as_str()?, a[2].as_str()?);
                let word = if count.abs() < 2 { one } else { many };
                Some(format!("{} {word}", typography::number(count)).into())
            }),
            ("mot", 2, |a| vocabulary::label(a[0].as_str()?, a[1].as_str()?).map(Value::from)),
            ("financeurs", 1, |a| funders(a[0].as_array()?).map(Value::from)),
            ("dans", 1, |a| {
                let name = a[0].as_str()?;
                Some(within_named(name).unwrap_or_else(|| format!("à {name}")).into())
            }),
            ("en_lettres", 1, |a| Some(in_letters(a[0].as_i64()?).into())),
            ("genre", 1, |a| Some(a[0]["kind"].as_str().unwrap_or_default().into())),
            ("faute", 2, |a| fault(a[0].as_array()?, a[1].as_str()?)),
            ("direct_campagne", 1, |a| {
                let progress: Progress = serde_json::from_value(a[0].clone()).ok()?;
                serde_json::to_value(LiveCampaign::from(&progress)).ok()
            }),
            ("minimum_atteint", 1, |a| {
                let progress: Progress = serde_json::from_value(a[0].clone()).ok()?;
                Some((progress.counted() >= progress.minimum).into())
            }),
            ("direct_pot", 1, |a| {
                let pot: PotFigures = serde_json::from_value(a[0].clone()).ok()?;
                serde_json::to_value(LivePot::from(&pot)).ok()
            }),
            ("adresse_url", 1, |a| Some(encoded(a[0].as_str()?).into())),
            ("adresse_campagne", 2, |a| {
                Some(format!("{}/campagnes/{}", a[0].as_str()?, a[1].as_str()?).into())
            }),
            ("initiales", 1, |a| Some(initials(a[0].as_str()?).into())),
            ("liste", 1, |a| enumerated(a[0].as_array()?).map(Value::from)),
            ("departements", 0, |_| Some(departements())),
            ("premiers", 2, |a| {
                let keep = usize::try_from(a[1].as_u64()?).ok()?;
                Some(a[0].as_array()?.iter().take(keep).cloned().collect())
            }),
            ("coches", 1, |a| {
                let ticked = a[0].as_array()?.iter().filter(|facet| facet["checked"] == true);
                Some(ticked.count().into())
            }),
        ],
    );
}

/// The fault of a field, or null.
fn fault(faults: &[Value], field: &str) -> Option<Value> {
    let found = faults.iter().find(|fault| fault["field"] == field);
    Some(found.cloned().unwrap_or(Value::Null))
}

/// « l’État et les opérateurs télécoms »
fn funders(origins: &[Value]) -> Option<String> {
    let names: Option<Vec<Value>> = origins
        .iter()
        .map(|origin| vocabulary::label("financeur", origin.as_str()?).map(Value::from))
        .collect();
    enumerated(&names?)
}

/// « a, b et c »
fn enumerated(words: &[Value]) -> Option<String> {
    let words: Option<Vec<&str>> = words.iter().map(Value::as_str).collect();
    let words = words?;
    let (last, head) = words.split_last()?;
    Some(if head.is_empty() {
        (*last).to_owned()
    } else {
        format!("{} et {last}", head.join(", "))
    })
}

/// « Quatre »: small numbers in letters, at the head of a sentence.
fn in_letters(number: i64) -> String {
    const WORDS: [&str; 11] =
        ["Zéro", "Un", "Deux", "Trois", "Quatre", "Cinq", "Six", "Sept", "Huit", "Neuf", "Dix"];
    let word = usize::try_from(number).ok().and_then(|at| WORDS.get(at));
    word.map_or_else(|| typography::number(number), |word| (*word).to_owned())
}

/// Percent-encoded for the query of an address.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn initials(name: &str) -> String {
    name.split_whitespace().filter_map(|word| word.chars().next()).take(2).collect()
}

fn departements() -> Value {
    place::departements()
        .iter()
        .map(|departement| json!({ "code": departement.code, "name": departement.name }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_agree_with_numbers() {
        let mut registry = Handlebars::new();
        register(&mut registry);
        let written = |template: &str| registry.render_template(template, &json!({})).unwrap();
        assert_eq!(written("{{compte 0 \"don\" \"dons\"}}"), "0 don");
        assert_eq!(written("{{compte 1 \"don\" \"dons\"}}"), "1 don");
        assert_eq!(written("{{compte 1200 \"don\" \"dons\"}}"), "1\u{202f}200 dons");
    }

    #[test]
    fn lists_are_read_aloud() {
        assert_eq!(enumerated(&[json!("a"), json!("b"), json!("c")]).unwrap(), "a, b et c");
        assert_eq!(enumerated(&[json!("a")]).unwrap(), "a");
        assert!(enumerated(&[]).is_none());
        assert_eq!(
            funders(&[json!("eu"), json!("state")]).unwrap(),
            "l’Union européenne (FSE+) et l’État"
        );
        assert_eq!((in_letters(9), in_letters(12)), ("Neuf".into(), "12".into()));
        assert_eq!(encoded("L’été & co"), "L%E2%80%99%C3%A9t%C3%A9%20%26%20co");
        assert_eq!(initials("Nadège Aubert de Lys"), "NA");
    }
}
