//! Money enters a pot by agreements, leaves it when it is taken back, and moves under two
//! signatures; every town counts its ledger again at its end.

use std::collections::BTreeMap;

use actions::{DeskRefused, NewAgreement, PotRefused, StaffMember, Step};
use domain::{Cents, calendar, ids::GiftId, pot::Origin, role::StaffRole};
use essaim::demo::catalogue;
use serde_json::json;
use store::{
    Tx,
    agreements::{self, NewAgreementRow},
    orders::{self, NewOrderRow},
    pages::pot,
    receipts::{self, Document},
    tranches, waterfall,
};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    staff::{enters, refusal},
    town::{BUS, Town},
};

pub const OPERATOR: &str = "fonds@exemple.fr";
pub const POT: &str = "socle";

pub fn desk<T>(why: DeskRefused) -> Result<T, PotRefused> {
    Err(PotRefused::Desk(why))
}

pub fn today(town: &Town) -> Date {
    calendar::paris_date(town.now)
}

/// An agreement for the Creuse, with its contributor's name.
fn agreement(town: &Town, euros: i64) -> NewAgreement {
    NewAgreement {
        pot: POT.into(),
        contributor: "Mutuelle des Combrailles".into(),
        origin: Origin::Company,
        siren: Some("732 829 320".into()),
        earmark: [("territories", vec!["23".to_owned()])].into(),
        signed_on: today(town),
        ends_on: Some(today(town) + Duration::days(12)),
        promised: Cents::new(euros * 100),
    }
}

/// The first agreement and the first order, without a verb.
pub async fn begun(tx: &mut Tx, by: Uuid, now: OffsetDateTime) {
    let signed_on = calendar::paris_date(now);
    let agreement = NewAgreementRow {
        pot_id: POT.into(),
        contributor: tranches::contributors(tx).await.unwrap()[0].number,
        earmark: json!({}),
        signed_on,
        ends_on: None,
        promised_cents: 1,
        begun_by: by,
        begun_at: now,
    };
    assert_eq!(agreements::add(tx, &agreement).await.unwrap(), 1);
    let document = Document {
        sha256: vec![1; 32],
        content_type: "application/pdf".into(),
        bytes: b"%PDF-1.7 %%EOF".to_vec(),
        created_at: now,
    };
    receipts::add_document(tx, &document).await.unwrap();
    agreements::attach(tx, (1, &document.sha256), by, now).await.unwrap();
    let order = NewOrderRow {
        pot_id: POT.into(),
        tranche_id: "etat_socle".into(),
        earmark: json!({}),
        ends_on: None,
        amount_cents: 1,
        reason: "pour voir".into(),
        state: "open".into(),
        asked_by: by,
        asked_at: now,
        lapses_at: now,
    };
    assert_eq!(orders::add(tx, &order).await.unwrap(), 1);
}

/// An agreement of one instalment; its number.
pub async fn promised(town: &Town, by: &StaffMember, euros: i64) -> i64 {
    let new = agreement(town, euros);
    let number = refusal(town.actions.begin_agreement(by, &new, town.now).await).unwrap();
    instalment(town, by, (number, euros)).await.unwrap();
    number
}

async fn instalment(
    town: &Town,
    by: &StaffMember,
    (number, euros): (i64, i64),
) -> Result<(), PotRefused> {
    let part = (number, Cents::new(euros * 100), today(town));
    refusal(town.actions.add_instalment(by, part, town.now).await)
}

pub async fn receives(
    town: &Town,
    by: &StaffMember,
    of: (i64, i32),
    guaranteed: bool,
) -> Result<(), PotRefused> {
    refusal(town.actions.receive_instalment(by, of, guaranteed, town.now).await)
}

async fn withdraws(
    town: &Town,
    by: &StaffMember,
    (tranche, cents, why): (&str, i64, &str),
) -> Result<(), PotRefused> {
    let what = (Cents::new(cents), why);
    refusal(town.actions.withdraw_contribution(by, (POT, tranche), what, town.now).await)
}

/// What each tranche added to a gift, in cents.
pub async fn sources(town: &Town, gift: GiftId) -> BTreeMap<String, i64> {
    let mut db = town.reader.get().await.unwrap();
    let lines = store::matches::lines(&mut db, gift).await.unwrap();
    let sources = lines.iter().flat_map(|line| &line.sources);
    sources.map(|source| (source.tranche.clone(), source.amount.get())).collect()
}

pub async fn left(town: &Town, tranche: &str) -> i64 {
    let mut db = town.reader.get().await.unwrap();
    let lines = pot::tranches(&mut db, pot::Of::Pot(POT), town.now).await.unwrap();
    lines.iter().find(|line| line.id == tranche).unwrap().left_cents()
}

async fn state(town: &Town, (number, rank): (i64, usize)) -> String {
    let mut db = town.reader.get().await.unwrap();
    agreements::instalments_of(&mut db, number).await.unwrap()[rank - 1].state.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pot_is_created_and_those_that_answered_keep_their_order() {
    let town = Town::new().await;
    let by = enters(&town, OPERATOR, StaffRole::Operator).await;
    let creates = async |by, title| refusal(town.actions.create_pot(by, title, town.now).await);
    let moves = async |pot, step| refusal(town.actions.move_pot(&by, (pot, step), town.now).await);
    let order = async || {
        let mut db = town.reader.get().await.unwrap();
        let all = store::pots::all(&mut db).await.unwrap();
        all.into_iter().map(|pot| pot.id).collect::<Vec<_>>()
    };
    let first = order().await;
    assert_eq!(moves("socle", Step::Later).await, Ok(()), "no gift was decided yet");
    assert_eq!(moves("socle", Step::Earlier).await, Ok(()));
    assert_eq!(order().await, first);
    town.give(BUS, 20, "camille@exemple.fr").await;
    town.deliver().await;
    assert_eq!(moves("socle", Step::Later).await, Err(PotRefused::Answered));
    let id = creates(&by, " Aînés de la Creuse ").await.unwrap();
    assert_eq!(id, "aines_de_la_creuse");
    assert_eq!(creates(&by, "aînés, de la creuse").await, Err(PotRefused::Taken));
    assert_eq!(creates(&by, "!").await, Err(PotRefused::Name));
    let auditor = enters(&town, "controle@exemple.fr", StaffRole::Auditor).await;
    let not_allowed = PotRefused::Desk(DeskRefused::NotAllowed);
    assert_eq!(creates(&auditor, "Autre").await, Err(not_allowed));
    let mut stale = by.clone();
    stale.principal.strong_at = None;
    let unproven = PotRefused::Desk(DeskRefused::ProveFirst);
    assert_eq!(creates(&stale, "Autre").await, Err(unproven));
    let unknown = Err(PotRefused::Desk(DeskRefused::Unknown));
    assert_eq!(moves(&id, Step::Later).await, unknown, "it is the last");
    for _ in &first {
        assert_eq!(moves(&id, Step::Earlier).await, Ok(()), "it has answered nothing");
    }
    assert_eq!(moves(&id, Step::Earlier).await, unknown, "it is the first");
    let now = order().await;
    assert_eq!((now[0].as_str(), &now[1..]), (id.as_str(), &first[..]));
    let mut db = town.reader.get().await.unwrap();
    assert!(!waterfall::answered(&mut db).await.unwrap().contains(&id));
    drop(db);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instalment_answers_gifts_once_it_is_received_and_not_before() {
    let mut town = Town::new().await;
    let by = enters(&town, OPERATOR, StaffRole::Operator).await;
    let number = promised(&town, &by, 1_000).await;
    let tranche = format!("convention-{number}-1");
    let promised = town.give(BUS, 20, "un@exemple.fr").await;
    assert_eq!(sources(&town, promised).await.get(&tranche), None, "promised");
    refusal(town.actions.call_instalment(&by, (number, 1), town.now).await).unwrap();
    let called = town.give(BUS, 20, "deux@exemple.fr").await;
    assert_eq!(sources(&town, called).await.get(&tranche), None, "called");
    town.wait(Duration::minutes(1));
    let bank = town.balance("bank:company").await;
    assert_eq!(receives(&town, &by, (number, 1), false).await, Ok(()));
    assert_eq!(state(&town, (number, 1)).await, "received");
    assert_eq!(town.balance("bank:company").await, bank + 100_000);
    let again = receives(&town, &by, (number, 1), false).await;
    assert_eq!(again, Err(PotRefused::Desk(DeskRefused::Unknown)), "once");
    let received = town.give(BUS, 20, "trois@exemple.fr").await;
    assert_eq!(sources(&town, received).await.get(&tranche), Some(&1_000), "50 % of 20 €");
    assert_eq!(sources(&town, promised).await.get(&tranche), None, "the past stays");
    assert_eq!(left(&town, &tranche).await, 99_000);
    let available = town.balance(&format!("pot_available:{POT}/{tranche}")).await;
    assert_eq!(available, -99_000);
    town.wait(Duration::days(13));
    let late = town.give(BUS, 20, "quatre@exemple.fr").await;
    assert_eq!(sources(&town, late).await.get(&tranche), None, "its last day is over");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_says_what_the_money_of_a_contributor_did() {
    let town = Town::new().await;
    let by = enters(&town, OPERATOR, StaffRole::Operator).await;
    let number = promised(&town, &by, 1_000).await;
    receives(&town, &by, (number, 1), false).await.unwrap();
    for (euros, email) in [(20, "un@exemple.fr"), (40, "deux@exemple.fr")] {
        town.give(BUS, euros, email).await;
    }
    let gone = town.give(BUS, 60, "trois@exemple.fr").await;
    assert!(town.refund_there(gone, 6_000).await);
    town.deliver().await;
    town.begin(&town.ask(BUS, 20, "en-cours@exemple.fr")).await.unwrap();
    let mut db = town.reader.get().await.unwrap();
    let row = agreements::read(&mut db, number).await.unwrap().unwrap();
    let reached = pot::reached(&mut db, row.contributor).await.unwrap();
    let told: Vec<_> =
        reached.iter().map(|one| (one.slug.as_str(), one.gifts, one.cents)).collect();
    assert_eq!(told, [(BUS, 2, 3_000)], "gifts that were paid and stay");
    let of = pot::Of::Contributor(row.contributor);
    let lines = pot::tranches(&mut db, of, town.now).await.unwrap();
    let figures: Vec<_> =
        lines.iter().map(|line| (line.committed_cents, line.reserved_cents)).collect();
    assert_eq!(figures, [(3_000, 1_000)]);
    let kept = pot::agreements(&mut db, of).await.unwrap();
    assert_eq!((kept[0].promised_cents, kept[0].received_cents), (100_000, 100_000));
    drop(db);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guarantee_answers_gifts_before_it_is_paid_and_a_new_campaign_finds_it() {
    let town = Town::new().await;
    let by = enters(&town, OPERATOR, StaffRole::Operator).await;
    let number = promised(&town, &by, 500).await;
    assert_eq!(receives(&town, &by, (number, 1), true).await, Ok(()));
    let owed = format!("contributor_receivable:{number}");
    assert_eq!(town.balance(&owed).await, 50_000);
    let mut new = catalogue::campaigns(town.now).unwrap().remove(0).new;
    let staged = catalogue::campaigns(town.now).unwrap();
    let bus = staged.into_iter().find(|one| one.new.campaign.slug == BUS).unwrap().new;
    new.holder = bus.holder.clone();
    new.campaign = bus.campaign.clone();
    new.campaign.id = "demo-bus-2".into();
    new.campaign.slug = "le-second-bus".into();
    new.campaign.facts["id"] = "demo-bus-2".into();
    town.actions.publish_campaigns(&[new]).await.unwrap();
    let gift = town.give("le-second-bus", 20, "camille@exemple.fr").await;
    let tranche = format!("convention-{number}-1");
    assert_eq!(sources(&town, gift).await.get(&tranche), Some(&1_000));
    assert_eq!(withdraws(&town, &by, (&tranche, 10_000, "moins que prévu")).await, Ok(()));
    assert_eq!(town.balance(&owed).await, 40_000);
    let bank = town.balance("bank:company").await;
    assert_eq!(receives(&town, &by, (number, 1), false).await, Ok(()));
    assert_eq!(town.balance(&owed).await, 0);
    assert_eq!(town.balance("bank:company").await, bank + 40_000);
    assert_eq!(left(&town, &tranche).await, 39_000);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_after_use_is_a_shortfall_that_the_fund_carries() {
    let town = Town::new().await;
    let by = enters(&town, OPERATOR, StaffRole::Operator).await;
    let number = promised(&town, &by, 50).await;
    receives(&town, &by, (number, 1), false).await.unwrap();
    let tranche = format!("convention-{number}-1");
    let gift = town.give(BUS, 60, "camille@exemple.fr").await;
    assert_eq!(sources(&town, gift).await.get(&tranche), Some(&3_000));
    let reserved = town.ask(BUS, 20, "en-cours@exemple.fr");
    town.begin(&reserved).await.unwrap();
    assert_eq!(left(&town, &tranche).await, 1_000);
    let matched = town.gift(gift).await.match_cents;
    let reason = Err(PotRefused::Desk(DeskRefused::Reason));
    assert_eq!(withdraws(&town, &by, (&tranche, 5_000, " ")).await, reason);
    assert_eq!(withdraws(&town, &by, (&tranche, 0, "revenu")).await, Err(PotRefused::Amount));
    let held = Cents::new(5_000);
    let more = withdraws(&town, &by, (&tranche, 5_001, "revenu")).await;
    assert_eq!(more, Err(PotRefused::ExceedsTranche { held }));
    let nowhere = withdraws(&town, &by, ("aucune", 1, "revenu")).await;
    assert_eq!(nowhere, Err(PotRefused::UnknownTranche));
    assert_eq!(withdraws(&town, &by, (&tranche, 4_500, "virement revenu")).await, Ok(()));
    assert_eq!(town.gift(gift).await.match_cents, matched, "gifts keep what was promised");
    assert_eq!(left(&town, &tranche).await, -3_500);
    assert_eq!(town.balance(&format!("pot_receivable:{POT}/{tranche}")).await, 2_500);
    let later = town.give(BUS, 20, "apres@exemple.fr").await;
    assert_eq!(sources(&town, later).await.get(&tranche), None, "nothing more is drawn");
    assert_eq!(withdraws(&town, &by, (&tranche, 500, "le reste")).await, Ok(()));
    assert_eq!(state(&town, (number, 1)).await, "withdrawn");
    assert!(town.refund_there(gift, 6_000).await);
    town.deliver().await;
    assert_eq!(left(&town, &tranche).await, -1_000, "what returns covers it first");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_entered_is_refused_with_what_is_wrong() {
    let town = Town::new().await;
    let by = enters(&town, OPERATOR, StaffRole::Operator).await;
    let auditor = enters(&town, "controle@exemple.fr", StaffRole::Auditor).await;
    let begins = async |by, new: NewAgreement| {
        refusal(town.actions.begin_agreement(by, &new, town.now).await)
    };
    let good = || agreement(&town, 1_000);
    assert_eq!(begins(&auditor, good()).await, desk(DeskRefused::NotAllowed));
    let pot = NewAgreement { pot: "aucun".into(), ..good() };
    assert_eq!(begins(&by, pot).await, desk(DeskRefused::Unknown));
    let nobody = NewAgreement { contributor: "  ".into(), ..good() };
    assert_eq!(begins(&by, nobody).await, Err(PotRefused::Name));
    let siren = |siren: &str| NewAgreement { siren: Some(siren.into()), ..good() };
    assert_eq!(begins(&by, siren("123")).await, Err(PotRefused::Siren));
    let nothing = NewAgreement { promised: Cents::ZERO, ..good() };
    assert_eq!(begins(&by, nothing).await, Err(PotRefused::Amount));
    let yesterday = today(&town) - Duration::days(1);
    let over = NewAgreement { signed_on: yesterday, ends_on: Some(yesterday), ..good() };
    assert_eq!(begins(&by, over).await, Err(PotRefused::Dates));
    let before = NewAgreement { ends_on: Some(yesterday), ..good() };
    assert_eq!(begins(&by, before).await, Err(PotRefused::Dates));
    for (field, code) in [
        ("territories", "99"),
        ("campaigns", "aucune"),
        ("publics", "martiens"),
        ("categories", "luxe"),
        ("stages", "fin"),
        ("services", "café"),
        ("axes_rse", "x"),
    ] {
        let earmark = [(field, vec![code.to_owned()])].into();
        let refused = begins(&by, NewAgreement { earmark, ..good() }).await;
        assert_eq!(refused, Err(PotRefused::Codes { field, codes: vec![code.to_owned()] }));
    }
    let number = begins(&by, good()).await.unwrap();
    assert_eq!(begins(&by, siren("552100554")).await, Err(PotRefused::Siren), "another group");
    assert_eq!(instalment(&town, &by, (number, 600)).await, Ok(()));
    let left = Cents::new(40_000);
    assert_eq!(instalment(&town, &by, (number, 401)).await, Err(PotRefused::OverPromised { left }));
    assert_eq!(instalment(&town, &by, (number, 0)).await, Err(PotRefused::Amount));
    let cancels = async |why| {
        refusal(town.actions.cancel_instalment(&by, ((number, 1), why), town.now).await)
    };
    assert_eq!(cancels("").await, desk(DeskRefused::Reason));
    assert_eq!(cancels("ne viendra pas").await, Ok(()));
    let gone = receives(&town, &by, (number, 1), false).await;
    assert_eq!(gone, desk(DeskRefused::Unknown), "cancelled");
    assert_eq!(instalment(&town, &by, (number, 1_000)).await, Ok(()), "may be planned again");
    let by_auditor = receives(&town, &auditor, (number, 2), false).await;
    assert_eq!(by_auditor, desk(DeskRefused::NotAllowed));
    let mut stale = by.clone();
    stale.principal.strong_at = None;
    let unproven = receives(&town, &stale, (number, 2), false).await;
    assert_eq!(unproven, desk(DeskRefused::ProveFirst));
    let called = refusal(town.actions.call_instalment(&by, (number, 3), town.now).await);
    assert_eq!(called, desk(DeskRefused::Unknown), "no such instalment");
    town.end().await;
}
