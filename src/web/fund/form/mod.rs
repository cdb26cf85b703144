//! The rule editor's fields: a rule as texts, and texts as a rule. What the editor has no field for
//! stays as the document has it.

mod read;
mod shown;

pub use read::read;
pub use shown::{bonuses, changes, completed, publics, shown};

use serde::Deserialize;
use serde_json::{Value, json};
use templates::{pages::rule_form::Fields, rule_words};

/// Multipliers a rule may have in the editor; more are written as JSON.
pub const BONUSES: usize = 8;
/// A condition that the editor has no word for: it stays as it is.
const AS_IT_IS: &str = "inchangee";

const TICKED: &str = "oui";

/// Boxes of a list: the key of the document, the head of the field's name, the codes.
const BOXES: [(&str, &str, &[&str]); 3] = [
    ("categories", "parcours", &["urgence", "inclusion", "autonomie"]),
    ("stages", "stade", &["amorcage", "prototypage", "essaimage"]),
    ("donor_kinds", "donateur", &["citizen", "company", "public_body"]),
];
/// Yes, no or either.
const FLAGS: [(&str, &str); 2] = [("rural", "rural"), ("priority_territory", "prioritaire")];
/// Codes one after the other.
const LISTS: [(&str, &str); 3] =
    [("territories", "territoires"), ("campaigns", "campagnes"), ("holder_types", "porteurs")];
/// Caps in cents.
const CAPS: [(&str, &str); 5] = [
    ("min_donation", "minimum"),
    ("per_donation_base_cap", "base-par-don"),
    ("per_donor_campaign_base_cap", "base-par-donateur"),
    ("per_donor_match_cap", "plafond-donateur"),
    ("per_campaign_match_cap", "plafond-campagne"),
];

/// A form as it comes: every field is one that the editor has.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Fields")]
pub struct Typed(pub Fields);

impl TryFrom<Fields> for Typed {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let unknown = fields.keys().find(|name| !is_field(name));
        unknown.map_or(Ok(()), |name| Err(format!("unknown field `{name}`")))?;
        Ok(Self(fields))
    }
}

fn is_field(name: &str) -> bool {
    const PLAIN: [&str; 27] = [
        "geste",
        "raison",
        "json",
        "nom",
        "base",
        "mode",
        "taux",
        "taux-max",
        "ensemble",
        "rattrapage",
        "du",
        "au",
        "part-objectif",
        "seuil-montant",
        "seuil-part",
        "seuil-donateurs",
        "seuil-effet",
        "seuil-somme",
        "paire",
        "tout-partager",
        "part-du-pot",
        "rang",
        "quoi",
        "dons",
        "graine",
        "avec-1",
        "avec-2",
    ];
    let boxed = |(_, head, codes): &(&str, &str, &[&str])| {
        name.strip_prefix(head)
            .and_then(|rest| rest.strip_prefix('-'))
            .is_some_and(|code| codes.contains(&code))
    };
    let public = || {
        name.strip_prefix("public-")
            .is_some_and(|code| rule_words::publics().any(|one| one == code))
    };
    let bonus = || {
        let mut parts = name.strip_prefix("bonus-").unwrap_or_default().splitn(2, '-');
        let place = parts.next().and_then(|place| place.parse::<usize>().ok());
        place.is_some_and(|place| place < BONUSES)
            && parts.next().is_some_and(|rest| ["quand", "ou", "fois"].contains(&rest))
    };
    PLAIN.contains(&name)
        || FLAGS.iter().any(|(_, field)| *field == name)
        || LISTS.iter().any(|(_, field)| *field == name)
        || CAPS.iter().any(|(_, field)| *field == name)
        || BOXES.iter().any(boxed)
        || public()
        || bonus()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn codes(value: &Value) -> Vec<&str> {
    list(value).iter().filter_map(Value::as_str).collect()
}

fn conditions(word: &str, territories: &str) -> Option<Value> {
    Some(match word {
        "rural" => json!({ "rural": true }),
        "prioritaire" => json!({ "priority_territory": true }),
        "urgence" | "inclusion" | "autonomie" => json!({ "categories": [word] }),
        "amorcage" | "prototypage" | "essaimage" => json!({ "stages": [word] }),
        "territoires" => json!({ "territories": listed(territories) }),
        _ => return None,
    })
}

fn listed(typed: &str) -> Vec<String> {
    let parts = typed.split(|c: char| c == ',' || c == ';' || c.is_whitespace());
    parts.filter(|part| !part.is_empty()).map(|part| part.to_uppercase()).collect()
}

/// "2" or "1,25" in basis points; nothing when it cannot be read.
fn multiplier(typed: &str) -> Option<i64> {
    let typed = typed.trim().trim_start_matches('×').trim().replace(',', ".");
    let (whole, rest) = typed.split_once('.').unwrap_or((&typed, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || rest.len() > 4 || !digits(whole) || !digits(rest) {
        return None;
    }
    format!("{whole}{rest:0<4}").parse().ok()
}

#[cfg(test)]
mod tests;
