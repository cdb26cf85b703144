//! Being forgotten: what goes, what the law makes us keep, and what a gift under way holds up.

use std::collections::{BTreeMap, BTreeSet};

use actions::{ERASURE_HELD, ForgetRefused, Membership, Principal, Stop, Task};
use domain::{ids::OrganisationId, ids::PersonId, retention::Kept, role::Role};
use payments::sandbox::Outcome;
use testkit::probe;
use time::Duration;

use crate::town::{BUS, Town};

const CAMILLE: &str = "canari@exemple.fr";
const OWNER: &str = "responsable@exemple.fr";

async fn enters(town: &Town, email: &str) -> Principal {
    let token = town.signs_in(email, town.now).await;
    town.actions.principal(&token, town.now).await.unwrap().unwrap()
}

async fn asks(town: &Town, who: &Principal) -> Result<(), ForgetRefused> {
    match town.actions.ask_to_be_forgotten(who, town.now).await {
        Ok(()) => Ok(()),
        Err(Stop::Refused(why)) => Err(why),
        Err(other) => panic!("{other:?}"),
    }
}

async fn known(town: &Town, email: &str) -> Option<PersonId> {
    let mut db = town.reader.get().await.unwrap();
    store::people::known(&mut db, email).await.unwrap()
}

async fn holding(town: &Town, text: &str) -> Vec<String> {
    probe::tables_holding(&town.writer, text).await.unwrap()
}

fn an_organisation(town: &Town) -> OrganisationId {
    let staged = essaim::demo::catalogue::campaigns(town.now).unwrap();
    OrganisationId::new(staged[0].new.holder.id.clone())
}

/// Camille gives, follows, acts for an organisation, is asked to join another, has a key.
async fn lives(town: &Town) -> Principal {
    let mut ask = town.ask(BUS, 20, CAMILLE);
    ask.donor.name.last = "Canari".into();
    ask.donor.address.as_mut().unwrap().line = "12, rue du Canari".into();
    ask.donor.public_name = true;
    town.visit(&ask, Outcome::Pay).await;
    town.deliver().await;
    let organisation = an_organisation(town);
    for (email, role) in [(OWNER, Role::Owner), (CAMILLE, Role::Editor)] {
        let named = (&email.parse().unwrap(), role);
        town.actions.entrust_organisation(&organisation, named, town.now).await.unwrap();
    }
    let owner = known(town, OWNER).await.unwrap();
    let membership = Membership { person: owner, organisation, role: Role::Owner };
    let invited = (&"canari.bis@exemple.fr".parse().unwrap(), Role::Reader);
    town.actions.invite(&membership, invited, town.now).await.unwrap();
    let camille = enters(town, CAMILLE).await;
    crate::passkeys::keeps_a_key(town, camille.person).await;
    Principal { strong_at: Some(town.now), ..camille }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_forgotten_but_what_the_law_demands_and_no_sum_changes() {
    let town = Town::new().await;
    let camille = lives(&town).await;
    let before = (town.totals("demo-01").await, town.balance("psp_receivable").await);
    let facts = async |town: &Town| {
        let mut db = town.reader.get().await.unwrap();
        let mut facts = probe::facts(&mut db).await.unwrap();
        facts.retain(|fact| !fact.starts_with("letter"));
        facts
    };
    let history = facts(&town).await;
    assert!(holding(&town, CAMILLE).await.contains(&"people".to_owned()), "the probe sees");
    asks(&town, &camille).await.unwrap();
    assert!(town.actions.ask_to_be_forgotten(&camille, town.now).await.is_ok(), "twice is once");
    town.work().await;
    assert_eq!(town.letters(CAMILLE).last(), Some(&"forgotten"));
    assert_eq!(holding(&town, CAMILLE).await, Vec::<String>::new(), "the address is nowhere");
    assert_eq!(holding(&town, "rue du Canari").await, ["gift_donors", "receipts"]);
    assert_eq!(holding(&town, "Mon téléphone").await, Vec::<String>::new());
    let theirs = format!("{}", camille.person);
    let pseudonym = ["decisions", "gifts", "jobs", "letters", "match_lines", "people", "trail"];
    assert_eq!(holding(&town, &theirs).await, pseudonym, "an id that leads to nobody");
    let after = (town.totals("demo-01").await, town.balance("psp_receivable").await);
    assert_eq!(after, before);
    assert_eq!(facts(&town).await, history, "the books tell the same");
    let shown = "SELECT count(*) FROM gifts WHERE public_name OR wants_news";
    assert_eq!(probe::answer(&town.writer, shown).await.unwrap(), "0");
    assert!(
        town.actions.forget_again(camille.person, town.now).await.unwrap(),
        "as after a restore"
    );
    town.give(BUS, 30, CAMILLE).await;
    let again = known(&town, CAMILLE).await.unwrap();
    assert_ne!(again, camille.person, "somebody we do not know");
    assert_eq!(town.letters(CAMILLE).last(), Some(&"receipt"));
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_under_way_is_finished_and_told_before_its_address_goes() {
    let mut town = Town::new().await;
    town.give(BUS, 20, CAMILLE).await;
    let camille = enters(&town, CAMILLE).await;
    let ask = town.ask(BUS, 35, CAMILLE);
    town.visit(&ask, Outcome::Pay).await;
    asks(&town, &camille).await.unwrap();
    town.work().await;
    assert_eq!(known(&town, CAMILLE).await, Some(camille.person), "the address waits");
    assert!(!town.letters(CAMILLE).contains(&"forgotten"));
    town.deliver().await;
    let mut db = town.reader.get().await.unwrap();
    assert!(store::receipts::live_of(&mut db, ask.gift).await.unwrap().is_some());
    drop(db);
    town.wait(Duration::days(1));
    town.promise(&Task::ForgetPast).await;
    town.work().await;
    assert_eq!(known(&town, CAMILLE).await, None);
    let letters = town.letters(CAMILLE);
    assert_eq!(letters.iter().filter(|kind| **kind == "receipt").count(), 2, "{letters:?}");
    assert_eq!(letters.last(), Some(&"forgotten"));
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gift_without_an_end_holds_an_address_for_ninety_days() {
    let mut town = Town::new().await;
    town.give(BUS, 20, CAMILLE).await;
    let camille = enters(&town, CAMILLE).await;
    let stuck = "UPDATE gifts SET no_receipt_reason = 'no_signature'";
    probe::execute(&town.writer, "UPDATE receipts SET cancelled_at = now()").await.unwrap();
    probe::execute(&town.writer, stuck).await.unwrap();
    asks(&town, &camille).await.unwrap();
    town.wait(ERASURE_HELD - Duration::hours(1));
    town.promise(&Task::ForgetPast).await;
    town.work().await;
    assert_eq!(known(&town, CAMILLE).await, Some(camille.person));
    town.wait(Duration::hours(1));
    town.promise(&Task::ForgetPast).await;
    town.work().await;
    assert_eq!(known(&town, CAMILLE).await, None);
    assert_eq!(holding(&town, "rue des Écoles").await, ["gift_donors", "receipts"], "its receipt");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_owner_stays_and_a_key_is_proven_first() {
    let town = Town::new().await;
    let organisation = an_organisation(&town);
    let entrust = async |email: &str| {
        let named = (&email.parse().unwrap(), Role::Owner);
        town.actions.entrust_organisation(&organisation, named, town.now).await.unwrap();
    };
    entrust(OWNER).await;
    let owner = enters(&town, OWNER).await;
    assert_eq!(asks(&town, &owner).await, Err(ForgetRefused::LastOwner));
    entrust(CAMILLE).await;
    crate::passkeys::keeps_a_key(&town, owner.person).await;
    assert_eq!(asks(&town, &owner).await, Err(ForgetRefused::ProveFirst));
    let camille = enters(&town, CAMILLE).await;
    let strong = Principal { strong_at: Some(town.now), ..owner };
    let both = tokio::join!(asks(&town, &strong), asks(&town, &camille));
    assert!(both.0.is_ok() != both.1.is_ok(), "one of two owners stays: {both:?}");
    town.end().await;
}

/// What becomes of each column about people when they are forgotten: `gone`, or kept to a term.
const FATES: &str = include_str!("fates.txt");

/// Whoever adds a column says what becomes of it.
#[test]
fn every_column_has_a_fate() {
    let schema = include_str!("../../crates/store/src/schema.rs");
    let about =
        ["person_id", "actor_id", "email", "gift_id", "session_id", "browser", "sign_in_id"];
    let mut columns = BTreeSet::new();
    for block in schema.split("diesel::table! {").skip(1) {
        let table = block.split_whitespace().next().unwrap();
        let names = block.lines().filter_map(|line| line.trim().split_once(" -> "));
        let names: Vec<&str> = names.map(|(name, _)| name).collect();
        if about.iter().any(|name| names.contains(name)) {
            columns.extend(names.iter().map(|name| format!("{table}.{name}")));
        }
    }
    let mut fates = BTreeMap::new();
    for line in FATES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (table, rest) = line.split_once(' ').unwrap();
        let (fate, names) = rest.split_once(": ").unwrap();
        let known = ["gone", "nobody's"].contains(&fate) || Kept::from_code(fate).is_some();
        assert!(known, "{line}: a fate is `gone`, `nobody's` or the code of a term");
        for name in names.split(' ') {
            let column = format!("{table}.{name}");
            assert!(fates.insert(column.clone(), fate).is_none(), "{column}: twice");
        }
    }
    let silent: Vec<_> = columns.iter().filter(|one| !fates.contains_key(*one)).collect();
    assert!(silent.is_empty(), "tests/it/fates.txt says nothing of {silent:?}");
    let lost: Vec<_> = fates.keys().filter(|one| !columns.contains(*one)).collect();
    assert!(lost.is_empty(), "no such column: {lost:?}");
}
