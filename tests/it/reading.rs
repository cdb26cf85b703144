//! How often the provider is asked where a payment stands, counted over HTTP.

use payments::sandbox::{CallFault, FaultScript, Outcome, When};

use crate::town::{BUS, SANDBOX_KEY, Town};

/// Calls answered so far: the provider numbers its answers.
async fn calls(base: &str) -> u64 {
    let url = format!("{base}/v1/balance");
    let answer = reqwest::Client::new().get(url).bearer_auth(SANDBOX_KEY).send().await.unwrap();
    let id = answer.headers()["request-id"].to_str().unwrap();
    id.trim_start_matches("req_").parse().unwrap()
}

/// How many calls one look at the payment of a gift takes.
async fn calls_of_a_look(town: &Town, base: &str, gift: domain::ids::GiftId) -> u64 {
    let before = calls(base).await;
    town.promise(&actions::Task::ReadPayment { gift }).await;
    town.work().await;
    calls(base).await - before - 1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_we_can_name_is_read_in_one_call() {
    let (town, base) = Town::over_http().await;
    let ask = town.ask(BUS, 20, "appels@exemple.fr");
    town.visit(&ask, Outcome::Pay).await;
    assert_eq!(calls_of_a_look(&town, &base, ask.gift).await, 1, "the page is known");
    let row = town.gift(ask.gift).await;
    assert_eq!((row.state.as_str(), row.captured_cents), ("captured", 2_000));
    assert_eq!(calls_of_a_look(&town, &base, ask.gift).await, 1, "the payment is known");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_payment_we_cannot_name_is_searched() {
    let (town, base) = Town::over_http().await;
    // The page opens, and no answer ever arrives.
    let lost = |index| CallFault {
        method: Some("POST".into()),
        path: Some("/v1/checkout/sessions".into()),
        index,
        reset: true,
        when: When::After,
        ..CallFault::default()
    };
    let calls = (0..4).map(lost).collect();
    town.sandbox.set_faults(FaultScript { calls, ..FaultScript::default() });
    let ask = town.ask(BUS, 20, "perdu@exemple.fr");
    assert!(town.begin(&ask).await.is_err());
    assert_eq!(town.gift(ask.gift).await.state, "unknown");
    let found = calls_of_a_look(&town, &base, ask.gift).await;
    assert_eq!(found, 3, "a search, a list, the page");
    assert!(town.actions.session_of(ask.gift).await.unwrap().is_some(), "now it is known");
    assert_eq!(calls_of_a_look(&town, &base, ask.gift).await, 1);
    town.end().await;
}
