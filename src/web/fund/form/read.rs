//! Texts as a rule.

use domain::{Cents, UtcSeconds, calendar};
use serde_json::{Map, Value, json};
use templates::{
    pages::rule_form::{FieldFault, Fields},
    rule_words,
};
use time::{Date, macros::format_description};

use super::{
    AS_IT_IS, BONUSES, BOXES, CAPS, FLAGS, LISTS, TICKED, conditions, list, listed, multiplier,
    text,
};

const RATE: &str = "Un pourcentage, par exemple 50 ou 12,5.";
const AMOUNT: &str = "Un montant en euros, par exemple 100 ou 37,50.";
const DAY: &str = "Une date, écrite année-mois-jour : 2026-12-01.";
const COUNT: &str = "Un nombre entier.";

/// Reads fields over the document they were shown from.
///
/// # Errors
/// Each field that cannot be read.
pub fn read(fields: &Fields, before: &Value) -> Result<Value, Vec<FieldFault>> {
    let mut reader = Reader { fields, faults: Vec::new() };
    let mut document = before.clone();
    let caps = reader.caps();
    let eligibility = reader.eligibility(&before["eligibility"]);
    let bonuses = reader.bonuses(list(&before["bonuses"]));
    let put = [
        ("label_fr", reader.words("nom")),
        ("legal_basis", reader.words("base")),
        ("rank", reader.whole("rang").unwrap_or(json!(0))),
        ("mode", json!(reader.get("mode"))),
        ("rate_bps", reader.percent("taux").unwrap_or(json!(0))),
        ("rate_cap_bps", reader.percent("taux-max").unwrap_or(Value::Null)),
        ("combine", json!(reader.get("ensemble"))),
        ("rematch_at_close", json!(reader.ticked("rattrapage"))),
        ("effective_from", reader.day("du", 0).unwrap_or(json!(UtcSeconds::new(0)))),
        ("effective_to", reader.day("au", 1).unwrap_or(Value::Null)),
        ("caps", caps),
        ("eligibility", eligibility),
        ("bonuses", bonuses),
        ("threshold", reader.threshold()),
        ("quadratic", reader.quadratic()),
    ];
    if let Some(object) = document.as_object_mut() {
        for (key, value) in put {
            object.insert(key.to_owned(), value);
        }
        object.retain(|key, value| {
            !value.is_null() || ["effective_to", "rate_cap_bps"].contains(&key.as_str())
        });
    }
    if reader.faults.is_empty() { Ok(document) } else { Err(reader.faults) }
}

struct Reader<'a> {
    fields: &'a Fields,
    faults: Vec<FieldFault>,
}

impl Reader<'_> {
    fn get(&self, field: &str) -> &str {
        self.fields.get(field).map(|text| text.trim()).unwrap_or_default()
    }

    fn ticked(&self, field: &str) -> bool {
        self.get(field) == TICKED
    }

    fn words(&self, field: &str) -> Value {
        let typed = self.get(field);
        if typed.is_empty() { Value::Null } else { json!(typed) }
    }

    fn wrong(&mut self, field: &str, words: &'static str) -> Option<Value> {
        self.faults.push(FieldFault { field: field.to_owned(), words });
        None
    }

    /// Euros or hundredths of a hundred: both have two decimals.
    fn number(&mut self, field: &str, words: &'static str) -> Option<Value> {
        let typed = self.get(field).trim_end_matches('%').to_owned();
        if typed.is_empty() {
            return None;
        }
        match Cents::parse_euros(&typed) {
            Ok(number) if number >= Cents::ZERO => Some(json!(number.get())),
            _ => self.wrong(field, words),
        }
    }

    fn percent(&mut self, field: &str) -> Option<Value> {
        self.number(field, RATE)
    }

    fn amount(&mut self, field: &str) -> Option<Value> {
        self.number(field, AMOUNT)
    }

    fn whole(&mut self, field: &str) -> Option<Value> {
        match self.get(field) {
            "" => None,
            typed => match typed.parse::<i64>() {
                Ok(number) => Some(json!(number)),
                Err(_) => self.wrong(field, COUNT),
            },
        }
    }

    /// Midnight in Paris, `after` days later: a last day ends when the next begins.
    fn day(&mut self, field: &str, after: i64) -> Option<Value> {
        let typed = self.get(field).to_owned();
        if typed.is_empty() {
            return None;
        }
        let day = Date::parse(&typed, format_description!("[year]-[month]-[day]")).ok();
        match day.and_then(|day| day.checked_add(time::Duration::days(after))) {
            Some(day) => Some(json!(UtcSeconds::from(calendar::paris_midnight(day)))),
            None => self.wrong(field, DAY),
        }
    }

    fn caps(&mut self) -> Value {
        let mut caps = Map::new();
        for (key, field) in CAPS {
            caps.extend(self.amount(field).map(|cap| (key.to_owned(), cap)));
        }
        let share = self.percent("part-objectif");
        caps.extend(share.map(|share| ("per_campaign_goal_share_bps".to_owned(), share)));
        Value::Object(caps)
    }

    fn eligibility(&self, before: &Value) -> Value {
        let mut when = before.as_object().cloned().unwrap_or_default();
        let mut put = |key: &str, value: Option<Value>| match value {
            Some(value) => when.insert(key.to_owned(), value),
            None => when.remove(key),
        };
        for (key, field) in FLAGS {
            put(
                key,
                match self.get(field) {
                    "oui" => Some(json!(true)),
                    "non" => Some(json!(false)),
                    _ => None,
                },
            );
        }
        for (key, field) in LISTS {
            let typed = self.get(field);
            let list = if key == "territories" { listed(typed) } else { plain(typed) };
            put(key, (!list.is_empty()).then(|| json!(list)));
        }
        for (key, head, all) in BOXES {
            let on = all.iter().filter(|code| self.ticked(&format!("{head}-{code}")));
            let on: Vec<_> = on.collect();
            put(key, (!on.is_empty()).then(|| json!(on)));
        }
        let on = rule_words::publics().filter(|code| self.ticked(&format!("public-{code}")));
        let on: Vec<_> = on.collect();
        put("publics_any", (!on.is_empty()).then(|| json!(on)));
        Value::Object(when)
    }

    fn bonuses(&mut self, before: &[Value]) -> Value {
        let mut bonuses = Vec::new();
        for place in 0..BONUSES {
            let name = |part: &str| format!("bonus-{place}-{part}");
            let (word, places) = (self.get(&name("quand")), self.get(&name("ou")));
            let old = before.get(place);
            let kept = old.filter(|_| word == AS_IT_IS).map(|old| old["when"].clone());
            let Some(when) = kept.or_else(|| conditions(word, places)) else { continue };
            let id = old.filter(|old| old["when"] == when).map(|old| text(&old["id"]));
            let id = id.unwrap_or_else(|| fresh(word, before, &bonuses));
            match multiplier(self.get(&name("fois"))) {
                Some(times) => {
                    bonuses.push(json!({ "id": id, "when": when, "multiplier_bps": times }))
                }
                None => drop(
                    self.wrong(&name("fois"), "Combien de fois le taux, par exemple 2 ou 1,5."),
                ),
            }
        }
        bonuses.extend(before.iter().skip(BONUSES).cloned());
        Value::Array(bonuses)
    }

    fn threshold(&mut self) -> Value {
        if self.get("mode") != "threshold" {
            return Value::Null;
        }
        let award = if self.get("seuil-effet") == "lump_sum" { "lump_sum" } else { "per_gift" };
        let mut threshold = Map::from_iter([("award".to_owned(), json!(award))]);
        let parts = [
            ("amount", self.amount("seuil-montant")),
            ("goal_share_bps", self.percent("seuil-part")),
            ("min_donors", self.whole("seuil-donateurs")),
            ("award_amount", self.amount("seuil-somme")),
        ];
        let given = parts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        threshold.extend(given);
        Value::Object(threshold)
    }

    fn quadratic(&mut self) -> Value {
        if self.get("mode") != "quadratic" {
            return Value::Null;
        }
        json!({
            "pair_bound": self.amount("paire"),
            "scale_up": self.ticked("tout-partager"),
            "pot_share_max_bps": self.percent("part-du-pot"),
        })
    }
}

fn plain(typed: &str) -> Vec<String> {
    let parts = typed.split(|c: char| c == ',' || c == ';' || c.is_whitespace());
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// A name that no other multiplier has.
fn fresh(word: &str, before: &[Value], now: &[Value]) -> String {
    let taken = |name: &str| before.iter().chain(now).any(|bonus| bonus["id"] == name);
    let mut names = (1..).map(|n| if n == 1 { word.to_owned() } else { format!("{word}_{n}") });
    names.find(|name| !taken(name)).unwrap_or_default()
}
