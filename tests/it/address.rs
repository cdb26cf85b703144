//! Another address for the same person: both addresses say yes, or nothing changes.

use actions::{ADDRESS_CHANGE_VALID, AddressChange, AddressRefused, Client, Principal, Stop};
use domain::ids::PersonId;
use mail::Letter;
use time::Duration;

use crate::town::{BUS, Town};

const OLD: &str = "camille@exemple.fr";
const NEW: &str = "camille.nouvelle@exemple.fr";

type Answer<T> = Result<T, AddressRefused>;

fn refusal<T>(answer: Result<T, Stop<AddressRefused>>) -> Answer<T> {
    answer.map_err(|stop| match stop {
        Stop::Refused(why) => why,
        other => panic!("{other:?}"),
    })
}

/// A town where Camille gave and is signed in.
async fn town() -> (Town, Principal) {
    let town = Town::new().await;
    town.give(BUS, 20, OLD).await;
    let camille = enters(&town, OLD).await;
    (town, camille)
}

async fn enters(town: &Town, email: &str) -> Principal {
    let token = town.signs_in(email, town.now).await;
    town.actions.principal(&token, town.now).await.unwrap().unwrap()
}

async fn asks(town: &Town, who: &Principal, email: &str) -> Answer<()> {
    let client = Client { address: "home".into(), flow: "thread of home".into(), shared: false };
    let wanted = (&email.parse().unwrap(), &client);
    let asked = town.actions.ask_to_change_address(who, wanted, town.now).await;
    town.work().await;
    refusal(asked)
}

/// The word in the last letter about a change that went to an address.
fn word(town: &Town, to: &str) -> String {
    let sent = town.post.sent();
    let link = sent.iter().rev().find_map(|(message, _)| match message.letter() {
        Letter::AddressConfirm(letter) if message.to().as_str() == to => Some(&letter.link),
        Letter::AddressNotice(letter) if message.to().as_str() == to => Some(&letter.link),
        _ => None,
    });
    link.expect("a letter about a change").rsplit('/').next().unwrap().to_owned()
}

async fn new_says_yes(town: &Town, who: &Principal, word: &str) -> Answer<AddressChange> {
    refusal(town.actions.confirm_new_address(who, word, town.now).await)
}

async fn old_says(town: &Town, word: &str, yes: bool) -> Answer<AddressChange> {
    refusal(town.actions.answer_from_old_address((word, yes), town.now).await)
}

async fn known(town: &Town, email: &str) -> Option<PersonId> {
    let mut db = town.reader.get().await.unwrap();
    store::people::known(&mut db, email).await.unwrap()
}

async fn is_in(town: &Town, who: &Principal) -> bool {
    let mut db = town.reader.get().await.unwrap();
    let since = town.now - Duration::days(1);
    let open = store::sessions::of_person(&mut db, who.person, since).await.unwrap();
    open.iter().any(|row| row.id == who.session)
}

async fn trail(town: &Town, who: PersonId) -> Vec<String> {
    let mut db = town.reader.get().await.unwrap();
    store::trail::actions_on(&mut db, &format!("person:{who}")).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_addresses_say_yes_and_every_session_ends() {
    let (town, camille) = town().await;
    asks(&town, &camille, NEW).await.unwrap();
    assert_eq!(town.letters(NEW), ["address_confirm"]);
    assert_eq!(town.letters(OLD).last(), Some(&"address_notice"));
    let (new, old) = (word(&town, NEW), word(&town, OLD));
    assert_eq!(new_says_yes(&town, &camille, &new).await, Ok(AddressChange::Waiting));
    assert_eq!(known(&town, OLD).await, Some(camille.person), "one yes is not enough");
    assert_eq!(old_says(&town, &old, true).await, Ok(AddressChange::Done));
    assert_eq!(known(&town, OLD).await, None);
    assert_eq!(known(&town, NEW).await, Some(camille.person));
    assert!(!is_in(&town, &camille).await, "signed out everywhere");
    assert_eq!(trail(&town, camille.person).await, ["change_address"]);
    for answer in [old_says(&town, &old, false).await, new_says_yes(&town, &camille, &new).await] {
        assert_eq!(answer, Err(AddressRefused::Over), "used up");
    }
    assert_eq!(enters(&town, NEW).await.person, camille.person);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_address_stops_it_and_who_asked_is_out() {
    let (town, camille) = town().await;
    asks(&town, &camille, NEW).await.unwrap();
    let (new, old) = (word(&town, NEW), word(&town, OLD));
    assert_eq!(old_says(&town, &old, false).await, Ok(AddressChange::Stopped));
    assert!(!is_in(&town, &camille).await);
    assert_eq!(new_says_yes(&town, &camille, &new).await, Err(AddressRefused::Over));
    assert_eq!(known(&town, OLD).await, Some(camille.person));
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_works_for_its_address_in_its_session_and_in_time() {
    let (mut town, camille) = town().await;
    asks(&town, &camille, NEW).await.unwrap();
    let (new, old) = (word(&town, NEW), word(&town, OLD));
    let elsewhere = enters(&town, OLD).await;
    let other = new_says_yes(&town, &elsewhere, &new).await;
    assert_eq!(other, Err(AddressRefused::OtherSession));
    assert_eq!(new_says_yes(&town, &camille, &old).await, Err(AddressRefused::Over), "swapped");
    assert_eq!(old_says(&town, &new, true).await, Err(AddressRefused::Over), "swapped");
    town.wait(ADDRESS_CHANGE_VALID);
    assert_eq!(new_says_yes(&town, &camille, &new).await, Err(AddressRefused::Over));
    assert_eq!(old_says(&town, &old, true).await, Err(AddressRefused::Over));
    asks(&town, &camille, NEW).await.unwrap();
    let first = word(&town, OLD);
    asks(&town, &camille, "autre.nouvelle@exemple.fr").await.unwrap();
    assert_eq!(old_says(&town, &first, true).await, Err(AddressRefused::Over), "asked anew");
    let fourth = asks(&town, &camille, NEW).await;
    assert_eq!(fourth, Err(AddressRefused::TooMany), "letters have a limit");
    assert_eq!(asks(&town, &camille, OLD).await, Err(AddressRefused::Same));
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_whether_the_new_address_is_somebody_s() {
    let (town, camille) = town().await;
    town.give(BUS, 30, NEW).await;
    let theirs = known(&town, NEW).await;
    asks(&town, &camille, NEW).await.expect("as for an address that nobody has");
    let (new, old) = (word(&town, NEW), word(&town, OLD));
    assert_eq!(old_says(&town, &old, true).await, Ok(AddressChange::Waiting));
    assert_eq!(new_says_yes(&town, &camille, &new).await, Ok(AddressChange::ByHand));
    assert_eq!(known(&town, NEW).await, theirs, "two people stay two");
    assert_eq!(known(&town, OLD).await, Some(camille.person));
    assert!(is_in(&town, &camille).await);
    let raised = "SELECT count(*) FROM discrepancies WHERE kind = 'address_of_two'";
    assert_eq!(testkit::probe::answer(&town.writer, raised).await.unwrap(), "1");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_not_in_any_table_and_a_key_is_proven_first() {
    let (town, camille) = town().await;
    asks(&town, &camille, NEW).await.unwrap();
    for word in [word(&town, NEW), word(&town, OLD)] {
        let holding = testkit::probe::tables_holding(&town.writer, &word).await.unwrap();
        assert_eq!(holding, Vec::<String>::new());
    }
    crate::passkeys::keeps_a_key(&town, camille.person).await;
    assert_eq!(asks(&town, &camille, NEW).await, Err(AddressRefused::ProveFirst));
    let strong = Principal { strong_at: Some(town.now), ..camille };
    asks(&town, &strong, NEW).await.unwrap();
    town.end().await;
}
