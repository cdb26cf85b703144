//! The target of money, as people write it, checked against what exists.

use std::collections::BTreeMap;

use domain::{
    calendar,
    campaign::{Category, Stage},
    place::TerritoryCode,
};
use matching::tranche::Earmark;
use serde_json::json;
use store::{Reads, drafts};
use templates::rule_words;
use time::{Date, Duration, OffsetDateTime};

use crate::pots::{Answer, PotRefused, no};

/// Codes by the key of the earmark: `territories`, `publics`…
pub type AskedEarmark = BTreeMap<&'static str, Vec<String>>;

const KEYS: [&str; 7] =
    ["campaigns", "territories", "publics", "categories", "stages", "services", "axes_rse"];

/// Reads an earmark. A code that names nothing is refused with its key: its money could reach
/// nobody, and nobody would know why.
pub(crate) async fn read(db: &mut impl Reads, asked: &AskedEarmark) -> Answer<Earmark> {
    let campaigns = match asked.get("campaigns").is_some_and(|codes| !codes.is_empty()) {
        true => drafts::titles(db).await?,
        false => BTreeMap::new(),
    };
    let known = |field: &str, code: &str| match field {
        "campaigns" => campaigns.contains_key(code),
        "territories" => code.parse::<TerritoryCode>().is_ok_and(|code| code.exists()),
        "publics" => rule_words::publics().any(|known| known == code),
        "categories" => Category::from_code(code).is_some(),
        "stages" => Stage::from_code(code).is_some(),
        "services" => rule_words::services().any(|known| known == code),
        "axes_rse" => rule_words::axes().any(|known| known == code),
        _ => false,
    };
    let mut document = json!({});
    for field in KEYS {
        let mut codes = asked.get(field).cloned().unwrap_or_default();
        codes.sort();
        codes.dedup();
        let wrong: Vec<String> = codes.iter().filter(|code| !known(field, code)).cloned().collect();
        if !wrong.is_empty() {
            return no(PotRefused::Codes { field, codes: wrong });
        }
        document[field] = json!(codes);
    }
    Ok(serde_json::from_value(document)?)
}

/// The instant at which money with this last day stops answering gifts: a day ends where the next
/// one begins, in Paris.
pub(crate) fn expiry(last: Option<Date>) -> Option<OffsetDateTime> {
    let next = last?.checked_add(Duration::days(1))?;
    Some(calendar::paris_midnight(next))
}

/// A last day is today or later.
pub(crate) fn last_day(last: Option<Date>, now: OffsetDateTime) -> Answer {
    let over = expiry(last).is_some_and(|end| end <= now);
    if over { no(PotRefused::Dates) } else { Ok(()) }
}
