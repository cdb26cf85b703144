//! Passkeys without a device: what is refused before any proof. The whole of it, with a device, is
//! in tests/browser/doors.test.mjs.

use actions::{PasskeyRefused, Principal, Stop};
use domain::ids::PersonId;
use serde_json::json;
use store::passkeys::{self, PasskeyRow};
use time::Duration;
use uuid::Uuid;

use crate::town::{BUS, Town};

const CAMILLE: &str = "camille@exemple.fr";

fn refusal<T: std::fmt::Debug>(answer: Result<T, Stop<PasskeyRefused>>) -> PasskeyRefused {
    match answer {
        Err(Stop::Refused(why)) => why,
        other => panic!("{other:?}"),
    }
}

/// Somebody who gave, signed in.
async fn enters(town: &Town, email: &str) -> (String, Principal) {
    town.give(BUS, 20, email).await;
    let token = town.signs_in(email, town.now).await;
    let principal = town.actions.principal(&token, town.now).await.unwrap().unwrap();
    (token, principal)
}

/// A key that is there, whatever it is.
pub async fn keeps_a_key(town: &Town, person: PersonId) -> Uuid {
    let row = PasskeyRow {
        id: Uuid::now_v7(),
        person_id: person.uuid(),
        credential: Uuid::now_v7().as_bytes().to_vec(),
        name: "Mon téléphone".into(),
        key: json!({}),
        added_at: town.now,
        used_at: None,
    };
    let mut tx = town.writer.begin().await.unwrap();
    passkeys::add(&mut tx, &row).await.unwrap();
    tx.commit().await.unwrap();
    row.id
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_key_proves_it_before_anything_about_keys() {
    let town = Town::new().await;
    let (_, present) = enters(&town, CAMILLE).await;
    let id = keeps_a_key(&town, present.person).await;
    let prove_first = PasskeyRefused::ProveFirst;
    assert_eq!(refusal(town.actions.ask_to_enrol(&present, town.now).await), prove_first);
    assert_eq!(refusal(town.actions.remove_passkey(&present, id, town.now).await), prove_first);
    let strong = Principal { strong_at: Some(town.now), ..present.clone() };
    let later = town.now + Duration::hours(1);
    assert_eq!(refusal(town.actions.remove_passkey(&strong, id, later).await), prove_first);
    let (_, other) = enters(&town, "autre@exemple.fr").await;
    let other = Principal { strong_at: Some(town.now), ..other };
    let theirs = town.actions.remove_passkey(&other, id, town.now).await;
    assert_eq!(refusal(theirs), PasskeyRefused::Unknown, "somebody else's");
    town.actions.remove_passkey(&strong, id, town.now).await.unwrap();
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_taken_once_in_time_and_with_a_name() {
    let mut town = Town::new().await;
    let (token, present) = enters(&town, CAMILLE).await;
    let enrols = async |town: &Town, name: &str| {
        refusal(town.actions.enrol(&present, (name, "{}"), town.now).await)
    };
    assert_eq!(enrols(&town, "Mon téléphone").await, PasskeyRefused::NotProven, "not asked");
    town.actions.ask_to_enrol(&present, town.now).await.unwrap();
    for name in ["", "   ", &"x".repeat(61)] {
        assert_eq!(enrols(&town, name).await, PasskeyRefused::Name);
    }
    let waits = async |town: &Town| {
        let mut tx = town.writer.begin().await.unwrap();
        let since = town.now - Duration::minutes(5);
        passkeys::take(&mut tx, present.session, ("enrol", since)).await.unwrap().is_some()
    };
    assert!(waits(&town).await, "a name can be corrected");
    assert_eq!(enrols(&town, "Mon téléphone").await, PasskeyRefused::NotProven, "no answer");
    assert!(!waits(&town).await, "used up");
    town.actions.ask_to_enrol(&present, town.now).await.unwrap();
    town.wait(Duration::minutes(5));
    assert!(!waits(&town).await, "too late");
    assert_eq!(
        refusal(town.actions.ask_to_prove(&present, town.now).await),
        PasskeyRefused::Unknown
    );
    assert!(town.actions.principal(&token, town.now).await.unwrap().is_some(), "still signed in");
    town.end().await;
}
