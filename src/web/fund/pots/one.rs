//! `/fonds/pots/{pot}`: the money of a pot, tranche by tranche, and what speaks for it.

use actions::{PotRefused, StaffMember, Stop};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{Cents, UtcSeconds, calendar, role::StaffRole};
use serde_json::Value;
use store::{
    orders,
    pages::pot::{self, Of, PotEvent, TrancheLine},
    pots, rules,
};
use templates::{
    earmark_words,
    pages::{
        PotPage,
        pots::{AgreementLine, PotEventLine, PotNotice, TrancheView},
    },
};
use time::OffsetDateTime;

use super::{PATH, Sent, made, order, unknown};
use crate::web::{
    error::Failure,
    extract::{FundReaders, Operators, StaffOf},
    forms::Typed,
    fund::book,
    open_books::origin_of,
    state::Site,
    visit::Visit,
};

/// The page.
pub async fn show(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<FundReaders>,
    Path(pot): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let notice = visit.asked("fait").map(|_| PotNotice::Done);
    let writes = staff.role == StaffRole::Operator;
    let mut page = page(&site, &pot, writes).await?;
    page.notice = notice;
    site.form_page(&visit, &page)
}

async fn page(site: &Site, id: &str, writes: bool) -> Result<PotPage, Failure> {
    let now = site.now();
    let terms = site.actions.match_terms().await?;
    let mut db = site.reader.get().await?;
    let name = pots::title(&mut db, id).await?.ok_or(Failure::NotFound)?;
    let lines = pot::tranches(&mut db, Of::Pot(id), now - terms.grace).await?;
    let events = pot::events(&mut db, id).await?;
    let agreements = pot::agreements(&mut db, Of::Pot(id)).await?;
    let orders = orders::of_pot(&mut db, id).await?;
    let published = rules::published(&mut db).await?;
    drop(db);
    let ours = book::current(&published, now).filter(|one| one.row.pot_id == id);
    let rules = ours.map(|one| {
        let label = one.row.document["label_fr"].as_str().unwrap_or(&one.row.id);
        (label.to_owned(), one.row.version, book::sentences(&one.row.sentences))
    });
    let sum = |of: fn(&TrancheLine) -> i64| Cents::new(lines.iter().map(of).sum());
    Ok(PotPage {
        id: id.to_owned(),
        name,
        writes,
        held: sum(|line| line.amount_cents),
        committed: sum(|line| line.committed_cents),
        reserved: sum(|line| line.reserved_cents),
        available: sum(|line| line.left_cents().max(0)),
        rules: rules.collect(),
        tranches: lines.iter().filter_map(|line| view(line, now)).collect(),
        agreements: agreements.iter().map(agreement).collect(),
        orders: orders.iter().map(|row| order::line(row, now)).collect(),
        events: events.iter().map(told).collect(),
        typed: Default::default(),
        notice: None,
    })
}

fn instant(terms: &Value, key: &str) -> Option<UtcSeconds> {
    terms[key].as_str()?.parse().ok()
}

/// A tranche as its page shows it.
pub(super) fn view(line: &TrancheLine, now: OffsetDateTime) -> Option<TrancheView> {
    let ends = instant(&line.terms, "expires_at");
    let left = line.left_cents();
    Some(TrancheView {
        id: line.id.clone(),
        contributor: line.contributor_name.clone(),
        contributor_number: line.contributor,
        origin: origin_of(&line.origin)?,
        earmark: earmark_words::lines(&line.terms["earmark"]),
        from: instant(&line.terms, "at")?,
        // The last day ends where the next begins.
        until: ends.map(|end| end.plus_seconds(-1)),
        over: ends.is_some_and(|end| end <= now.into()),
        amount: Cents::new(line.amount_cents),
        committed: Cents::new(line.committed_cents),
        reserved: Cents::new(line.reserved_cents),
        left: Cents::new(left.max(0)),
        missing: Cents::new((-left).max(0)),
    })
}

/// An agreement in a list.
pub(super) fn agreement(row: &pot::AgreementLine) -> AgreementLine {
    let instant = |day| UtcSeconds::from(calendar::paris_midnight(day));
    AgreementLine {
        number: row.number,
        contributor: row.contributor_name.clone(),
        signed: instant(row.signed_on),
        until: row.ends_on.map(instant),
        promised: Cents::new(row.promised_cents),
        called: Cents::new(row.called_cents),
        received: Cents::new(row.received_cents),
    }
}

fn told(event: &PotEvent) -> PotEventLine {
    let record = &event.record;
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
    let tranche = ["/tranche/id", "/tranche", "/from/tranche"].into_iter().find_map(text);
    let cents = ["/amount", "/tranche/amount"]
        .into_iter()
        .find_map(|pointer| record.pointer(pointer).and_then(Value::as_i64));
    PotEventLine {
        at: event.at.into(),
        kind: event.event.clone(),
        tranche: tranche.unwrap_or_default().to_owned(),
        to: text("/to/tranche").unwrap_or_default().to_owned(),
        amount: Cents::new(cents.unwrap_or_default()),
    }
}

/// A gesture.
pub async fn change(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<Operators>,
    Path(pot): Path<String>,
    visit: Visit,
    typed: Typed<Sent>,
) -> Result<Response, Failure> {
    match made(typed, async |sent| done(&site, &staff, (&pot, sent)).await).await? {
        Ok(answer) => Ok(answer),
        Err((sent, (status, notice))) => {
            let mut page = page(&site, &pot, true).await?;
            let text = |name: &str| sent.get(name).to_owned();
            page.typed = (text("tranche"), text("montant"), text("raison"));
            page.notice = Some(notice);
            site.refused_form(&visit, status, &page)
        }
    }
}

async fn done(
    site: &Site,
    staff: &StaffMember,
    (pot, sent): (&str, &Sent),
) -> Result<String, Stop<PotRefused>> {
    if sent.get("geste") != "reprendre" {
        return unknown();
    }
    let what = (sent.cents("montant"), sent.get("raison"));
    let of = (pot, sent.get("tranche"));
    site.actions.withdraw_contribution(staff, of, what, site.now()).await?;
    Ok(format!("{PATH}/{pot}?fait=oui"))
}
