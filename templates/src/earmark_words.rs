//! The target of money in French: « Territoires : Creuse, Lozère ».

use domain::place::{self, TerritoryCode};
use serde_json::Value;

use crate::vocabulary::label;

/// The keys of an earmark, what they are called, and the kind of their codes.
const KEYS: [(&str, &str, &str); 7] = [
    ("territories", "Territoires", "territoire"),
    ("categories", "Parcours", "parcours"),
    ("stages", "Stades", "stade"),
    ("publics", "Publics", "public"),
    ("services", "Services", "service"),
    ("axes_rse", "Axes RSE", "axe"),
    ("campaigns", "Campagnes", "campagne"),
];

/// A line for each condition; none for money that is free for any campaign. All of them hold
/// together, within a line one is enough.
#[must_use]
pub fn lines(earmark: &Value) -> Vec<String> {
    let told = |(key, words, kind): &(&str, &str, &str)| {
        let codes = earmark[*key].as_array().filter(|codes| !codes.is_empty())?;
        let names: Vec<String> =
            codes.iter().filter_map(Value::as_str).map(|code| name(kind, code)).collect();
        Some(format!("{words}\u{a0}: {}", names.join(", ")))
    };
    KEYS.iter().filter_map(told).collect()
}

/// What the key of an earmark is called.
#[must_use]
pub fn key(key: &str) -> &'static str {
    KEYS.iter().find(|(known, ..)| *known == key).map_or("Cible", |(_, words, _)| words)
}

fn name(kind: &str, code: &str) -> String {
    let named = if kind == "territoire" { territory(code) } else { label(kind, code) };
    named.unwrap_or_else(|| code.to_owned())
}

fn territory(code: &str) -> Option<String> {
    let curly = |name: &str| name.replace('\'', "’");
    Some(match code.parse().ok()? {
        TerritoryCode::Commune(code) => curly(place::commune(&code)?.name),
        TerritoryCode::Departement(code) => curly(place::departement(&code)?.name),
        TerritoryCode::Region(code) => {
            curly(place::regions().iter().find(|one| one.code == code)?.name)
        }
        TerritoryCode::Epci(code) => format!("EPCI {code}"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_target_reads_as_french() {
        let target = json!({
            "territories": ["23", "R75", "2A004", "200041572"], "publics": ["seniors"],
            "campaigns": ["demo-01"], "stages": [],
        });
        let expected = [
            "Territoires\u{a0}: Creuse, Nouvelle-Aquitaine, Ajaccio, EPCI 200041572",
            "Publics\u{a0}: Seniors",
            "Campagnes\u{a0}: demo-01",
        ];
        assert_eq!(lines(&target), expected);
        assert_eq!(lines(&json!({})), Vec::<String>::new());
        assert_eq!(key("axes_rse"), "Axes RSE");
    }
}
