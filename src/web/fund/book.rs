//! `/fonds/regles`: the rules in force, and those that are being written.

use std::collections::BTreeMap;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::role::StaffRole;
use serde::Deserialize;
use serde_json::Value;
use store::{
    drafts::{self, DraftRow},
    pots,
    rules::{self, Published},
};
use templates::pages::{
    RuleBook,
    fund::{BookedRule, DraftLine, RuleNotice},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::told;
use crate::web::{
    error::{Failure, answered},
    extract::{FundReaders, Operators, StaffOf},
    forms::Typed,
    state::Site,
    visit::Visit,
};

/// Drafts of the list.
const SHOWN: i64 = 50;

/// The forms of the page: one gesture each.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    geste: String,
    regle: String,
    pot: Option<String>,
}

/// The page.
pub async fn show(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<FundReaders>,
    visit: Visit,
) -> Result<Response, Failure> {
    let done = visit.asked("fait").map(|_| RuleNotice::Ended);
    let writes = staff.role == StaffRole::Operator;
    let page = page(&site, writes, (String::new(), done)).await?;
    site.form_page(&visit, &page)
}

async fn page(
    site: &Site,
    writes: bool,
    (name, notice): (String, Option<RuleNotice>),
) -> Result<RuleBook, Failure> {
    let now = site.now();
    let mut db = site.reader.get().await?;
    let published = rules::published(&mut db).await?;
    let rows = drafts::all(&mut db, SHOWN).await?;
    let people: Vec<Uuid> = rows.iter().map(|row| row.changed_by).collect();
    let names: BTreeMap<Uuid, String> =
        drafts::names(&mut db, &people).await?.into_iter().collect();
    let pots = pots::all(&mut db).await?;
    drop(db);
    let title = |id: &str| pots.iter().find(|pot| pot.id == id).map(|pot| pot.title.clone());
    let open = |id: &str| {
        rows.iter().find(|row| row.rule_set_id == id && row.is_open()).map(|row| row.number)
    };
    let rules = current(&published, now).map(|one| BookedRule {
        id: one.row.id.clone(),
        version: one.row.version,
        label: one.row.document["label_fr"].as_str().unwrap_or(&one.row.id).to_owned(),
        pot: title(&one.row.pot_id).unwrap_or_default(),
        sentences: sentences(&one.row.sentences),
        from: one.row.effective_from.into(),
        later: now < one.row.effective_from,
        draft: open(&one.row.id),
    });
    let line = |row: &DraftRow| DraftLine {
        number: row.number,
        rule: row.rule_set_id.clone(),
        state: row.state.clone(),
        by: names.get(&row.changed_by).cloned().unwrap_or_default(),
        at: row.changed_at.into(),
    };
    Ok(RuleBook {
        writes,
        rules: rules.collect(),
        drafts: rows.iter().map(line).collect(),
        pots: pots.iter().map(|pot| (pot.id.clone(), pot.title.clone())).collect(),
        name,
        notice,
    })
}

/// The versions that hold, and those that will.
pub(super) fn current(all: &[Published], now: OffsetDateTime) -> impl Iterator<Item = &Published> {
    all.iter().filter(move |one| rules::is_current(all, one, now) || now < one.row.effective_from)
}

/// The sentences of a version, that of its base rate first.
pub(super) fn sentences(all: &Value) -> Vec<String> {
    let Some(all) = all.as_object() else { return Vec::new() };
    let base = all.get("base").into_iter();
    let others = all.iter().filter(|(key, _)| *key != "base").map(|(_, sentence)| sentence);
    base.chain(others)
        .filter_map(Value::as_str)
        .map(|text| text.replace("{departement}", "Le département du projet"))
        .collect()
}

/// A draft begins.
pub async fn begin(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<Operators>,
    visit: Visit,
    typed: Typed<Asked>,
) -> Result<Response, Failure> {
    let refused = async |name: String, (status, notice): (StatusCode, RuleNotice)| {
        let page = page(&site, true, (name, Some(notice))).await?;
        site.refused_form(&visit, status, &page)
    };
    let asked = match typed.of_this_visit() {
        Ok((asked, _)) => asked,
        Err(asked) => {
            return refused(asked.regle, (StatusCode::FORBIDDEN, RuleNotice::FormExpired)).await;
        }
    };
    let pot = asked.pot.as_deref().filter(|_| asked.geste == "creer");
    let begun = site.actions.begin_draft(&staff, (asked.regle.trim(), pot), site.now()).await;
    match answered(begun)? {
        Ok(number) => Ok(Redirect::to(&format!("{}/{number}", super::RULES)).into_response()),
        Err(why) => refused(asked.regle, told(why)).await,
    }
}
