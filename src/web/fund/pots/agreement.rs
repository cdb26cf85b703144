//! `/fonds/pots/{pot}/convention` and `/fonds/conventions/{number}`: what a contributor promises,
//! and what has come of it.

use actions::{NewAgreement, PotRefused, StaffMember, Stop};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{Cents, UtcSeconds, calendar, pot::InstalmentState, role::StaffRole};
use store::{
    agreements::{self, InstalmentRow},
    pots, tranches,
};
use templates::{
    earmark_words,
    pages::{
        AgreementPage, NewAgreementPage, agreements::InstalmentView, pots::PotNotice,
        rule_form::Fields,
    },
};
use time::Date;

use super::{AGREEMENTS, Sent, made, target, unknown};
use crate::web::{
    error::Failure,
    extract::{FundReaders, Operators, StaffOf},
    forms::Typed,
    open_books::origin_of,
    state::Site,
    visit::Visit,
};

/// A civil day as an instant in it.
fn instant(day: Date) -> UtcSeconds {
    calendar::paris_midnight(day).into()
}

/// The form of a new one.
pub async fn blank(
    State(site): State<Site>,
    _: StaffOf<Operators>,
    Path(pot): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let today = calendar::paris_date(site.now()).to_string();
    let fields = Fields::from([("signee".to_owned(), today)]);
    site.form_page(&visit, &new_page(&site, pot, (&fields, None)).await?)
}

async fn new_page(
    site: &Site,
    pot: String,
    (typed, notice): (&Fields, Option<PotNotice>),
) -> Result<NewAgreementPage, Failure> {
    let mut db = site.reader.get().await?;
    let pot_name = pots::title(&mut db, &pot).await?.ok_or(Failure::NotFound)?;
    let names = ["contributeur", "origine", "siren", "signee", "fin", "promesse"];
    let field = |name: &str| (name.to_owned(), typed.get(name).cloned().unwrap_or_default());
    Ok(NewAgreementPage {
        pot,
        pot_name,
        fields: names.iter().map(|name| field(name)).collect(),
        origins: target::origins(),
        target: target::shown(typed),
        notice,
    })
}

/// A new one is entered.
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
    let Some(origin) = origin_of(sent.get("origine")) else { return unknown() };
    let siren = sent.get("siren");
    let new = NewAgreement {
        pot: pot.to_owned(),
        contributor: sent.get("contributeur").to_owned(),
        origin,
        siren: (!siren.is_empty()).then(|| siren.to_owned()),
        earmark: target::read(&sent.0),
        signed_on: sent.day("signee")?.ok_or(Stop::Refused(PotRefused::Dates))?,
        ends_on: sent.day("fin")?,
        promised: sent.cents("promesse"),
    };
    let number = site.actions.begin_agreement(staff, &new, site.now()).await?;
    Ok(format!("{AGREEMENTS}/{number}?fait=oui"))
}

/// The page of an agreement.
pub async fn show(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<FundReaders>,
    Path(number): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let mut page = page(&site, read(&number)?, staff.role == StaffRole::Operator).await?;
    page.notice = visit.asked("fait").map(|_| PotNotice::Done);
    site.form_page(&visit, &page)
}

/// A number in an address.
pub(super) fn read(number: &str) -> Result<i64, Failure> {
    number.parse().map_err(|_| Failure::NotFound)
}

/// The page, with nothing typed.
pub(super) async fn page(site: &Site, number: i64, writes: bool) -> Result<AgreementPage, Failure> {
    let today = calendar::paris_date(site.now());
    let mut db = site.reader.get().await?;
    let row = agreements::read(&mut db, number).await?.ok_or(Failure::NotFound)?;
    let parts = agreements::instalments_of(&mut db, number).await?;
    let contributor = tranches::contributor_of(&mut db, row.contributor).await?;
    let contributor = contributor.ok_or(Failure::NotFound)?;
    let pot_name = pots::title(&mut db, &row.pot_id).await?.unwrap_or_default();
    drop(db);
    let counts = |one: &&InstalmentRow| one.state() != InstalmentState::Cancelled;
    let planned: i64 = parts.iter().filter(counts).map(|one| one.amount_cents).sum();
    Ok(AgreementPage {
        number,
        pot: row.pot_id,
        pot_name,
        writes,
        contributor: contributor.name,
        contributor_number: contributor.number,
        origin: origin_of(&contributor.origin).ok_or(Failure::NotFound)?,
        siren: contributor.siren,
        earmark: earmark_words::lines(&row.earmark),
        signed: instant(row.signed_on),
        until: row.ends_on.map(instant),
        promised: Cents::new(row.promised_cents),
        unplanned: Cents::new(row.promised_cents - planned),
        instalments: parts.into_iter().map(|part| view(part, today)).collect(),
        document: row.document_at.map(UtcSeconds::from),
        typed: Default::default(),
        cancelling: Default::default(),
        notice: None,
    })
}

fn view(row: InstalmentRow, today: Date) -> InstalmentView {
    let waits = matches!(row.state(), InstalmentState::Promised | InstalmentState::Called);
    InstalmentView {
        rank: row.rank,
        amount: Cents::new(row.amount_cents),
        due: instant(row.due_on),
        late: waits && row.due_on < today,
        state: row.state,
        tranche: row.tranche_id,
        withdrawn: Cents::new(row.withdrawn_cents),
    }
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
        Err((sent, (status, notice))) => {
            let mut page = page(&site, number, true).await?;
            let text = |name: &str| sent.get(name).to_owned();
            page.typed = (text("montant"), text("echeance"));
            page.cancelling = (sent.rank(), text("raison"));
            page.notice = Some(notice);
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
    let of = (number, sent.rank());
    match sent.get("geste") {
        "prevoir" => {
            let due = sent.day("echeance")?.ok_or(Stop::Refused(PotRefused::Dates))?;
            let part = (number, sent.cents("montant"), due);
            actions.add_instalment(staff, part, now).await?;
        }
        "appeler" => actions.call_instalment(staff, of, now).await?,
        "recevoir" => actions.receive_instalment(staff, of, false, now).await?,
        "garantir" => actions.receive_instalment(staff, of, true, now).await?,
        "annuler" => actions.cancel_instalment(staff, (of, sent.get("raison")), now).await?,
        _ => return unknown(),
    }
    Ok(format!("{AGREEMENTS}/{number}?fait=oui"))
}
