//! A rule as texts.

use domain::{BasisPoints, Cents, UtcSeconds, calendar};
use serde_json::Value;
use templates::{
    pages::rule_form::{BonusFields, Choice, Fields},
    rule_words,
};
use time::OffsetDateTime;

use super::{
    AS_IT_IS, BONUSES, BOXES, CAPS, FLAGS, LISTS, TICKED, codes, conditions, list, multiplier, text,
};

/// A number of hundredths as people type it: `50`, `12,5`.
fn hundredths(value: i64) -> String {
    let (whole, rest) = (value / 100, value % 100);
    if rest == 0 { whole.to_string() } else { format!("{whole},{rest:02}") }
}

/// The fields of a rule. `now`: a date that is past is shown as empty, which is "at once".
pub fn shown(document: &Value, now: OffsetDateTime) -> Fields {
    let mut fields = Fields::new();
    let mut put = |name: &str, text: String| fields.insert(name.to_owned(), text);
    put("nom", text(&document["label_fr"]));
    put("base", text(&document["legal_basis"]));
    put("rang", document["rank"].as_i64().unwrap_or_default().to_string());
    put("mode", text(&document["mode"]));
    put("taux", document["rate_bps"].as_i64().map(hundredths).unwrap_or_default());
    put("taux-max", document["rate_cap_bps"].as_i64().map(hundredths).unwrap_or_default());
    put("ensemble", text(&document["combine"]));
    put("rattrapage", ticked(document["rematch_at_close"].as_bool() == Some(true)));
    let day = |at: UtcSeconds| {
        let at = OffsetDateTime::from_unix_timestamp(at.get()).unwrap_or(now);
        calendar::paris_date(at).to_string()
    };
    let instant = |key: &str| document[key].as_str().and_then(|at| at.parse::<UtcSeconds>().ok());
    let later = instant("effective_from").filter(|from| UtcSeconds::from(now) < *from);
    put("du", later.map(day).unwrap_or_default());
    // The last day ends where the next begins.
    let last = instant("effective_to").map(|end| end.plus_seconds(-1));
    put("au", last.map(day).unwrap_or_default());
    for (key, field) in CAPS {
        put(field, document["caps"][key].as_i64().map(hundredths).unwrap_or_default());
    }
    let share = document["caps"]["per_campaign_goal_share_bps"].as_i64();
    put("part-objectif", share.map(hundredths).unwrap_or_default());
    when_as_texts(&document["eligibility"], &mut put);
    mode_as_texts(document, &mut put);
    for (place, bonus) in list(&document["bonuses"]).iter().take(BONUSES).enumerate() {
        let (when, territories) = condition(&bonus["when"]);
        put(&format!("bonus-{place}-quand"), when.to_owned());
        put(&format!("bonus-{place}-ou"), territories);
        put(
            &format!("bonus-{place}-fois"),
            times(bonus["multiplier_bps"].as_i64().unwrap_or_default()),
        );
    }
    fields
}

fn ticked(on: bool) -> String {
    String::from(if on { TICKED } else { "" })
}

/// 20 000 is "2", 12 500 is "1,25".
fn times(multiplier: i64) -> String {
    let text = format!("{},{:04}", multiplier / 10_000, multiplier % 10_000);
    text.trim_end_matches('0').trim_end_matches(',').to_owned()
}

fn when_as_texts(when: &Value, put: &mut impl FnMut(&str, String) -> Option<String>) {
    for (key, field) in FLAGS {
        let flag = when[key].as_bool();
        put(
            field,
            flag.map(|yes| String::from(if yes { "oui" } else { "non" })).unwrap_or_default(),
        );
    }
    for (key, field) in LISTS {
        put(field, codes(&when[key]).join(", "));
    }
    for (key, head, all) in BOXES {
        for code in all {
            put(&format!("{head}-{code}"), ticked(codes(&when[key]).contains(code)));
        }
    }
    for code in rule_words::publics() {
        put(&format!("public-{code}"), ticked(codes(&when["publics_any"]).contains(&code)));
    }
}

fn mode_as_texts(document: &Value, put: &mut impl FnMut(&str, String) -> Option<String>) {
    let (threshold, quadratic) = (&document["threshold"], &document["quadratic"]);
    let number = |value: &Value| value.as_i64().map(hundredths).unwrap_or_default();
    put("seuil-montant", number(&threshold["amount"]));
    put("seuil-part", number(&threshold["goal_share_bps"]));
    put(
        "seuil-donateurs",
        threshold["min_donors"].as_i64().map(|n| n.to_string()).unwrap_or_default(),
    );
    put("seuil-effet", text(&threshold["award"]));
    put("seuil-somme", number(&threshold["award_amount"]));
    put("paire", number(&quadratic["pair_bound"]));
    put("tout-partager", ticked(quadratic["scale_up"].as_bool() == Some(true)));
    put("part-du-pot", number(&quadratic["pot_share_max_bps"]));
}

/// The one word of a condition, and its territories.
fn condition(when: &Value) -> (&'static str, String) {
    for word in [
        "rural",
        "prioritaire",
        "urgence",
        "inclusion",
        "autonomie",
        "amorcage",
        "prototypage",
        "essaimage",
    ] {
        if conditions(word, "").as_ref() == Some(when) {
            return (word, String::new());
        }
    }
    let named = codes(&when["territories"]).join(", ");
    if !named.is_empty() && conditions("territoires", &named).as_ref() == Some(when) {
        return ("territoires", named);
    }
    (AS_IT_IS, String::new())
}

/// The rows of multipliers, one more than there are.
pub fn bonuses(fields: &Fields) -> Vec<BonusFields> {
    let get = |place: usize, name: &str| {
        fields.get(&format!("bonus-{place}-{name}")).cloned().unwrap_or_default()
    };
    let rate = fields.get("taux").and_then(|typed| Cents::parse_euros(typed).ok());
    let filled = (0..BONUSES).filter(|place| !get(*place, "quand").is_empty()).count();
    (0..(filled + 1).min(BONUSES))
        .map(|place| {
            let times = get(place, "fois");
            let multiplier = multiplier(&times);
            let made = rate.zip(multiplier).and_then(|(rate, m)| BasisPoints::new(m).of(rate));
            BonusFields {
                place,
                when: get(place, "quand"),
                territories: get(place, "ou"),
                times,
                rate: made.map(Cents::get),
            }
        })
        .collect()
}

/// The boxes of the publics.
pub fn publics(fields: &Fields) -> Vec<Choice> {
    let on = |code: &str| fields.get(&format!("public-{code}")).is_some_and(|box_| box_ == TICKED);
    rule_words::publics().map(|code| Choice { code: code.to_owned(), on: on(code) }).collect()
}

/// The fields as they were sent, with those that a browser leaves out: boxes that are not ticked.
pub fn completed(sent: Fields, document: &Value, now: OffsetDateTime) -> Fields {
    let mut fields: Fields =
        shown(document, now).into_keys().map(|name| (name, String::new())).collect();
    fields.extend(sent);
    fields
}

/// Fields whose text changes from a version to the draft: the field, before, after.
pub fn changes(
    before: Option<&Value>,
    after: &Value,
    now: OffsetDateTime,
) -> Vec<(String, String, String)> {
    let Some(before) = before else { return Vec::new() };
    let old = shown(before, now);
    let moved = |(name, text): (String, String)| {
        let was = old.get(&name).cloned().unwrap_or_default();
        (was != text).then_some((name, was, text))
    };
    let new = shown(after, now);
    let gone = old.keys().filter(|name| !new.contains_key(*name));
    let gone: Vec<_> = gone.map(|name| (name.clone(), old[name].clone(), String::new())).collect();
    new.into_iter().filter_map(moved).chain(gone).collect()
}
