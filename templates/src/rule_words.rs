//! A rule of the fund in French sentences, made from its document.

use domain::BasisPoints;
use serde_json::{Map, Value, json};

pub use crate::vocabulary::{axes, label, publics, services};
use crate::{departement_words, typography};

/// Territories named one by one; more are counted.
const NAMED: usize = 4;

/// The sentences of a rule: one for its base rate, one for each bonus by its id.
#[must_use]
pub fn sentences(document: &Value) -> Value {
    let rate = document["rate_bps"].as_i64().unwrap_or_default();
    let eligible = conditions(&document["eligibility"]);
    let mut all = Map::new();
    all.insert("base".to_owned(), json!(sentence(&eligible, document, rate)));
    for bonus in list(&document["bonuses"]) {
        let multiplier = bonus["multiplier_bps"].as_i64().unwrap_or_default();
        let mut under = eligible.clone();
        under.extend(conditions(&bonus["when"]));
        let name = bonus["id"].as_str().unwrap_or_default().to_owned();
        all.insert(name, json!(sentence(&under, document, rate * multiplier / 10_000)));
    }
    Value::Object(all)
}

fn sentence(conditions: &[String], document: &Value, rate: i64) -> String {
    let who = if conditions.is_empty() {
        String::from("Pour toute campagne publiée")
    } else {
        format!("Pour un projet {}", conditions.join(", "))
    };
    let cap = document["rate_cap_bps"].as_i64().unwrap_or(i64::MAX);
    let share = typography::percent(BasisPoints::new(rate.min(cap)));
    match document["mode"].as_str() {
        Some("threshold") if document["threshold"]["award"] == "lump_sum" => {
            format!("{who}, le fonds verse un montant fixe une fois le seuil atteint.")
        }
        Some("threshold") => {
            format!("{who}, le fonds ajoute {share} du don une fois le seuil atteint.")
        }
        Some("pro_rata") => {
            format!("{who}, le fonds ajoute jusqu’à {share} du don, partagés à la clôture du tour.")
        }
        Some("quadratic") => format!(
            "{who}, le fonds partage son enveloppe à la clôture du tour, selon le nombre de \
             donateurs plus que selon les montants."
        ),
        _ => format!("{who}, le fonds ajoute {share} du don."),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What must hold of a project, in the order in which people ask: where, for whom, by whom.
#[must_use]
pub fn conditions(when: &Value) -> Vec<String> {
    let mut all = Vec::new();
    let flag = |key: &str| when[key].as_bool();
    all.extend(territories(list(&when["territories"])));
    all.extend(flag("rural").map(|yes| {
        String::from(if yes { "en territoire rural" } else { "hors des territoires ruraux" })
    }));
    all.extend(flag("priority_territory").map(|yes| {
        let where_ = if yes { "en territoire prioritaire" } else { "hors territoire prioritaire" };
        String::from(where_)
    }));
    let lists = [
        ("categories", "parcours", "du parcours"),
        ("stages", "stade", "au stade"),
        ("publics_any", "public", "pour un de ces publics :"),
    ];
    for (key, kind, words) in lists {
        let named: Vec<String> =
            list(&when[key]).iter().filter_map(|code| named(kind, code)).collect();
        if !named.is_empty() {
            all.push(format!("{words} {}", named.join(" ou ")));
        }
    }
    let campaigns = list(&when["campaigns"]).len();
    if campaigns > 0 {
        all.push(format!("parmi {campaigns} projets nommés"));
    }
    let holders = list(&when["holder_types"]).len();
    if holders > 0 {
        all.push(String::from("d’un porteur admis par la règle"));
    }
    all
}

fn named(kind: &str, code: &Value) -> Option<String> {
    label(kind, code.as_str()?)
}

fn territories(codes: &[Value]) -> Option<String> {
    let codes: Vec<&str> = codes.iter().filter_map(Value::as_str).collect();
    match codes.len() {
        0 => None,
        1..=NAMED => {
            let within = |code: &&str| {
                departement_words::within(code)
                    .unwrap_or_else(|| format!("dans le territoire {code}"))
            };
            Some(codes.iter().map(within).collect::<Vec<_>>().join(" ou "))
        }
        many => Some(format!("dans un des {many} territoires de la règle")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_as_french() {
        let rule = json!({
            "mode": "first_come", "rate_bps": 5000, "eligibility": { "categories": ["urgence"] },
            "bonuses": [{ "id": "rural", "when": { "rural": true }, "multiplier_bps": 20000 }],
        });
        let told = sentences(&rule);
        assert_eq!(
            told["base"],
            "Pour un projet du parcours Urgence numérique, le fonds ajoute 50\u{a0}% du don."
        );
        assert_eq!(
            told["rural"],
            "Pour un projet du parcours Urgence numérique, en territoire rural, le fonds ajoute \
             100\u{a0}% du don."
        );
    }

    #[test]
    fn each_mode_says_when_it_gives_and_a_cap_holds() {
        let told = |rule: Value| sentences(&rule)["base"].as_str().unwrap().to_owned();
        let capped = json!({ "mode": "first_come", "rate_bps": 30000, "rate_cap_bps": 20000 });
        assert_eq!(told(capped), "Pour toute campagne publiée, le fonds ajoute 200\u{a0}% du don.");
        let lump =
            json!({ "mode": "threshold", "rate_bps": 0, "threshold": { "award": "lump_sum" } });
        assert!(told(lump).ends_with("verse un montant fixe une fois le seuil atteint."));
        let round = json!({
            "mode": "quadratic", "rate_bps": 0, "eligibility": { "territories": ["23", "48"] },
        });
        assert!(told(round).starts_with("Pour un projet en Creuse ou en Lozère"));
    }
}
