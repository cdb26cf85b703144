//! The brake against card testing: velocity per address, e-mail and card, then a letter to confirm.

use actions::BeginRefused;
use payments::sandbox::Outcome;
use time::Duration;

use crate::town::{BUS, Town};

#[tokio::test(flavor = "multi_thread")]
async fn one_address_opens_six_payments_and_no_more() {
    let mut town = Town::new().await;
    for n in 0..6 {
        let mut ask = town.ask(BUS, 20 + n, &format!("personne{n}@exemple.fr"));
        ask.client.address = "192.0.2.1".into();
        town.begin(&ask).await.unwrap();
    }
    let mut ask = town.ask(BUS, 40, "septieme@exemple.fr");
    ask.client.address = "192.0.2.1".into();
    assert_eq!(town.begin(&ask).await, Err(BeginRefused::TooMany));
    ask.client.shared = true;
    town.begin(&ask).await.expect("a library is a shared address");
    town.wait(Duration::minutes(11));
    let mut later = town.ask(BUS, 41, "plus-tard@exemple.fr");
    later.client.address = "192.0.2.1".into();
    town.begin(&later).await.expect("the bucket leaks");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_requests_at_once_pass_exactly_as_many_as_the_limit() {
    let town = Town::new().await;
    let mut tries = tokio::task::JoinSet::new();
    for n in 0..40 {
        let mut ask = town.ask(BUS, 20 + n, &format!("foule{n}@exemple.fr"));
        ask.client.address = "192.0.2.2".into();
        let (actions, now) = (town.actions.clone(), town.now);
        tries.spawn(async move { actions.begin_gift(&ask, now).await.is_ok() });
    }
    let passed = tries.join_all().await.into_iter().filter(|passed| *passed).count();
    assert_eq!(passed, 6);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_declines_too_often_confirms_by_letter_and_then_pays() {
    let mut town = Town::new().await;
    for n in 0..4 {
        let ask = town.ask(BUS, 20 + n, "essais@exemple.fr");
        town.visit(&ask, Outcome::Decline).await;
        town.deliver().await;
        town.wait(Duration::minutes(3));
    }
    let ask = town.ask(BUS, 30, "essais@exemple.fr");
    assert_eq!(town.begin(&ask).await, Err(BeginRefused::ConfirmByMail));
    town.work().await;
    assert_eq!(town.actions.session_of(ask.gift).await.ok(), None, "no payment page was opened");
    let sent = town.post.sent();
    let (message, _) = sent.iter().find(|(m, _)| m.letter().kind() == "gift_confirm").unwrap();
    let mail::Letter::GiftConfirm(letter) = message.letter() else { panic!("another letter") };
    let token = letter.confirm_url.rsplit('/').next().unwrap();
    let began = town
        .actions
        .confirm_gift((token, false), ask.client.clone(), town.now)
        .await
        .expect("confirmed");
    assert!(began.checkout_url.is_some());
    assert!(town.actions.confirm_gift(("inconnu", false), ask.client, town.now).await.is_err());
    town.end().await;
}
