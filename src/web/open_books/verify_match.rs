//! `/verifier` and `/verifier/{ref}`: the proof of a match, counted again from its record. It names
//! the gift by its reference and never the donor.

use actions::{Explained, LedgerName, Told};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{Cents, calendar::paris_midnight, ids::GiftId};
use serde_json::json;
use store::{
    campaigns, gifts, matches,
    pages::verification::{self, Place, Side, Verified},
    pots,
};
use templates::pages::{
    VerifyMatch,
    verify::{DaySeal, InLedger, MatchFound, MatchRecord},
};
use uuid::Uuid;

use crate::web::{
    campaigns::card::departement_name, error::Failure, query, state::Site, visit::Visit,
};

/// `/verifier?ref=…`: the form, and the answer to what is typed into it.
pub async fn ask(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    let typed = visit.address.split_once('?').map_or("", |(_, typed)| typed);
    let reference = query::pairs(typed.as_bytes()).into_iter().find(|(name, _)| name == "ref");
    match reference {
        Some((_, reference)) if !reference.trim().is_empty() => {
            answer(&site, &visit, reference.trim()).await
        }
        _ => {
            let page = VerifyMatch { reference: String::new(), found: MatchFound::Ask };
            site.public_page(&visit, "/verifier", async { Ok(page) }).await
        }
    }
}

/// `/verifier/{ref}`
pub async fn show(
    State(site): State<Site>,
    Path(reference): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    answer(&site, &visit, &reference).await
}

async fn answer(site: &Site, visit: &Visit, typed: &str) -> Result<Response, Failure> {
    let reference: String = typed.chars().take(80).collect();
    let record = match Uuid::parse_str(&reference) {
        Ok(gift) => record(site, GiftId::new(gift)).await?,
        Err(_) => None,
    };
    match record {
        Some(record) => {
            let found = MatchFound::Record(Box::new(record));
            site.page(visit, &VerifyMatch { reference, found })
        }
        None => {
            let page = VerifyMatch { reference, found: MatchFound::Unknown };
            site.refused_form(visit, StatusCode::NOT_FOUND, &page)
        }
    }
}

async fn record(site: &Site, id: GiftId) -> Result<Option<MatchRecord>, Failure> {
    let mut db = site.reader.get().await?;
    let Some(gift) = gifts::read(&mut db, id).await? else { return Ok(None) };
    let Some(paid_at) = gift.paid_at else { return Ok(None) };
    let Some(verified) = verification::verify(&mut db, id).await? else { return Ok(None) };
    let seal = verification::place(&mut db, &verified.decision).await?;
    let names = site.actions.ledger_names(id).await?;
    let named = |one: LedgerName| InLedger { pot: one.pot, title: one.title, name: one.name };
    let campaign = campaigns::read(&mut db, &gift.campaign()).await?;
    let rules = store::rules::published(&mut db).await?;
    let lines = matches::lines(&mut db, id).await?;
    let origins = pots::origins(&mut db).await?;
    let told = Told { rules: &rules, origins: &origins, campaign: &campaign };
    let explained = Explained::of_lines(&lines, told);
    Ok(Some(MatchRecord {
        amount: Cents::new(gift.captured_cents),
        given_at: paid_at.into(),
        slug: campaign.slug,
        departement_name: departement_name(&campaign.departement),
        campaign: campaign.title,
        booked: verified.booked,
        recomputed: verified.recomputed,
        lines: explained.lines,
        not_applied: explained.not_applied,
        caps: Vec::new(),
        rule_sets: lines
            .iter()
            .map(|line| format!("{}@{}", line.rule_set.id, line.rule_set.version))
            .collect(),
        digest: hex::encode(&verified.decision.digest),
        digest_holds: verified.digest_holds,
        json_path: seal.as_ref().map(|_| format!("/verifier/{id}/preuve.json")),
        seal: seal.map(seal_shown),
        names: names.into_iter().map(named).collect(),
        released: verified.held < verified.booked,
        record_json: public_json(&verified)?,
    }))
}

fn seal_shown(place: Place) -> DaySeal {
    let side = |side| if side == Side::Left { "L" } else { "R" };
    DaySeal {
        day: paris_midnight(place.day).into(),
        name: place.day.to_string(),
        seal: place.seal.to_string(),
        path: place.path.iter().map(|(at, one)| (side(*at).into(), one.to_string())).collect(),
    }
}

/// The record as it was sealed. The donor is named by a pseudonym only.
fn public_json(verified: &Verified) -> Result<String, Failure> {
    let record = json!({
        "event": verified.decision.event,
        "digest": hex::encode(&verified.decision.digest),
        "record": verified.decision.explanation,
    });
    Ok(serde_json::to_string_pretty(&record)?)
}
