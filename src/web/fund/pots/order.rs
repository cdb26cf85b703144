//! `/fonds/pots/{pot}/ordre` and `/fonds/ordres/{number}`: money directed to a narrower target, by
//! two people.

use std::collections::BTreeMap;

use actions::{NewOrder, PotRefused, StaffMember, Stop};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{Cents, UtcSeconds, calendar, role::StaffRole};
use store::{
    drafts,
    orders::{self, OrderRow},
    pages::pot::{self, Of},
    pots,
};
use templates::{
    earmark_words,
    pages::{
        NewOrderPage, OrderPage,
        pots::{OrderLine, PotNotice},
        rule_form::Fields,
    },
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{ORDERS, Sent, agreement::read, made, target, unknown};
use crate::web::{
    error::Failure,
    extract::{FundReaders, Operators, StaffOf},
    forms::Typed,
    state::Site,
    visit::Visit,
};

/// The form of a new one.
pub async fn blank(
    State(site): State<Site>,
    _: StaffOf<Operators>,
    Path(pot): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    site.form_page(&visit, &new_page(&site, pot, (&Fields::new(), None)).await?)
}

async fn new_page(
    site: &Site,
    pot: String,
    (typed, notice): (&Fields, Option<PotNotice>),
) -> Result<NewOrderPage, Failure> {
    let terms = site.actions.match_terms().await?;
    let mut db = site.reader.get().await?;
    let pot_name = pots::title(&mut db, &pot).await?.ok_or(Failure::NotFound)?;
    let lines = pot::tranches(&mut db, Of::Pot(&pot), site.now() - terms.grace).await?;
    drop(db);
    let names = ["tranche", "montant", "fin", "raison"];
    let field = |name: &str| (name.to_owned(), typed.get(name).cloned().unwrap_or_default());
    let left = lines.into_iter().filter(|line| line.left_cents() > 0).map(|line| {
        let left = Cents::new(line.left_cents());
        (line.id, line.contributor_name, left)
    });
    Ok(NewOrderPage {
        pot,
        pot_name,
        tranches: left.collect(),
        fields: names.iter().map(|name| field(name)).collect(),
        target: target::shown(typed),
        notice,
    })
}

/// A new one is signed first by who asks.
pub async fn begin(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<Operators>,
    Path(pot): Path<String>,
    visit: Visit,
    typed: Typed<Sent>,
) -> Result<Response, Failure> {
    match made(typed, async |sent| begun(&site, &staff, (&pot, sent)).await).await? {
        Ok(answer) => Ok(answer),
        Err((sent, (status, notice))) => {
            let page = new_page(&site, pot, (&sent.0, Some(notice))).await?;
            site.refused_form(&visit, status, &page)
        }
    }
}

async fn begun(
    site: &Site,
    staff: &StaffMember,
    (pot, sent): (&str, &Sent),
) -> Result<String, Stop<PotRefused>> {
    let new = NewOrder {
        pot: pot.to_owned(),
        tranche: sent.get("tranche").to_owned(),
        earmark: target::read(&sent.0),
        ends_on: sent.day("fin")?,
        amount: sent.cents("montant"),
        reason: sent.get("raison").to_owned(),
    };
    let number = site.actions.begin_order(staff, &new, site.now()).await?;
    Ok(format!("{ORDERS}/{number}?fait=oui"))
}

/// How far an order is, as a code.
fn state(row: &OrderRow, now: OffsetDateTime) -> String {
    let lapsed = row.state == "open" && !row.is_open(now);
    if lapsed { "lapsed".to_owned() } else { row.state.clone() }
}

/// An order in a list.
pub(super) fn line(row: &OrderRow, now: OffsetDateTime) -> OrderLine {
    OrderLine {
        number: row.number,
        state: state(row, now),
        tranche: row.tranche_id.clone(),
        amount: Cents::new(row.amount_cents),
        at: row.asked_at.into(),
    }
}

/// The page of an order.
pub async fn show(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<FundReaders>,
    Path(number): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let notice = visit.asked("fait").map(|_| PotNotice::Done);
    site.form_page(&visit, &page(&site, &staff, (read(&number)?, notice)).await?)
}

async fn page(
    site: &Site,
    staff: &StaffMember,
    (number, notice): (i64, Option<PotNotice>),
) -> Result<OrderPage, Failure> {
    let now = site.now();
    let mut db = site.reader.get().await?;
    let row = orders::read(&mut db, number).await?.ok_or(Failure::NotFound)?;
    let pot_name = pots::title(&mut db, &row.pot_id).await?.unwrap_or_default();
    let lines = pot::tranches(&mut db, Of::Pot(&row.pot_id), now).await?;
    let people: Vec<Uuid> = [Some(row.asked_by), row.signed_by].into_iter().flatten().collect();
    let names: BTreeMap<Uuid, String> =
        drafts::names(&mut db, &people).await?.into_iter().collect();
    drop(db);
    let name = |id: &Uuid| names.get(id).cloned().unwrap_or_default();
    let from = lines.into_iter().find(|line| line.id == row.tranche_id);
    let operates = staff.role == StaffRole::Operator;
    Ok(OrderPage {
        number,
        state: state(&row, now),
        pot_name,
        contributor: from.map(|line| line.contributor_name).unwrap_or_default(),
        earmark: earmark_words::lines(&row.earmark),
        until: row.ends_on.map(|day| UtcSeconds::from(calendar::paris_midnight(day))),
        amount: Cents::new(row.amount_cents),
        asked_by: name(&row.asked_by),
        asked_at: row.asked_at.into(),
        lapses_at: row.lapses_at.into(),
        signed_by: row.signed_by.as_ref().map(name),
        ended_at: row.ended_at.map(UtcSeconds::from),
        signs: operates && row.is_open(now) && row.asked_by != staff.person().uuid(),
        withdraws: operates && row.state == "open",
        pot: row.pot_id,
        tranche: row.tranche_id,
        reason: row.reason,
        notice,
    })
}

/// A gesture.
pub async fn change(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<Operators>,
    Path(number): Path<String>,
    visit: Visit,
    typed: Typed<Sent>,
) -> Result<Response, Failure> {
    let number = read(&number)?;
    match made(typed, async |sent| done(&site, &staff, (number, sent)).await).await? {
        Ok(answer) => Ok(answer),
        Err((_, (status, notice))) => {
            let page = page(&site, &staff, (number, Some(notice))).await?;
            site.refused_form(&visit, status, &page)
        }
    }
}

async fn done(
    site: &Site,
    staff: &StaffMember,
    (number, sent): (i64, &Sent),
) -> Result<String, Stop<PotRefused>> {
    let (actions, now) = (&site.actions, site.now());
    match sent.get("geste") {
        "signer" => actions.sign_order(staff, number, now).await?,
        "retirer" => actions.withdraw_order(staff, number, now).await?,
        _ => return unknown(),
    }
    Ok(format!("{ORDERS}/{number}?fait=oui"))
}
