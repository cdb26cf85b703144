//! Webhooks: signed, sent until they are taken, and the state that outlives the process.

use axum::http::StatusCode;
use payments::{ProviderRef, UnverifiedEvent, VerifyError, sandbox::Outcome, verify};
use secrecy::SecretString;

use crate::sandbox::{Bank, GIFT};

#[tokio::test]
async fn an_event_is_signed_and_names_its_gift() {
    let mut bank = Bank::open().await;
    let session = bank.session("card", "2000").await;
    let id = session["id"].as_str().unwrap();
    bank.sandbox.pay(id, &Outcome::Pay).unwrap();
    let mut completed = bank.next_ring().await;
    let mut event = completed.verified(bank.sandbox.now());
    if event.kind == "payment_intent.succeeded" {
        completed = bank.next_ring().await;
        event = completed.verified(bank.sandbox.now());
    }
    assert_eq!(event.kind, "checkout.session.completed");
    assert_eq!(event.object, Some(ProviderRef::Session(id.to_owned())));
    assert_eq!(event.gift.map(|gift| gift.to_string()).as_deref(), Some(GIFT));
    assert_eq!(event.instance.as_deref(), Some("here"));
    let listed = bank.get(&format!("/v1/events/{}", event.id)).await;
    assert_eq!(listed["data"]["object"]["id"], id);
    let altered = [completed.body.as_slice(), b" "].concat();
    let forged = UnverifiedEvent { body: &altered, signature: &completed.signature };
    let secret = SecretString::from(crate::sandbox::SECRET.to_owned());
    let judged = verify(&forged, &[secret], bank.sandbox.now(), 300);
    assert_eq!(judged, Err(VerifyError::BadSignature));
}

#[tokio::test]
async fn an_event_comes_back_until_it_is_taken() {
    let mut bank = Bank::open().await;
    bank.fail_first(&[StatusCode::INTERNAL_SERVER_ERROR, StatusCode::FOUND, StatusCode::NOT_FOUND]);
    let session = bank.session("card", "2000").await;
    let id = session["id"].as_str().unwrap();
    assert_eq!(bank.post(&format!("/v1/checkout/sessions/{id}/expire"), &[]).await.0, 200);
    assert_eq!(bank.next_kinds(1).await, ["checkout.session.expired"]);
    assert_eq!(bank.webhook_calls(), 4);
}

#[tokio::test]
async fn the_state_file_remembers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.jsonl");
    let mut bank = Bank::with_state(Some(path.clone())).await;
    let session = bank.session("card", "2000").await;
    let id = session["id"].as_str().unwrap().to_owned();
    bank.gesture(&session, &[("geste", "payer")]).await;
    bank.next_kinds(2).await;
    let before = bank.get(&format!("/v1/checkout/sessions/{id}")).await;
    let events = bank.get("/v1/events?limit=100").await;
    bank.fail_first(&[StatusCode::SERVICE_UNAVAILABLE; 8]);
    bank.sandbox.open_dispute(before["payment_intent"].as_str().unwrap()).unwrap();
    drop(bank);

    // A line that was cut off: its change was never answered.
    let mut text = std::fs::read(&path).unwrap();
    text.extend_from_slice(b"[{\"session\":{\"id\":\"cs_te");
    std::fs::write(&path, text).unwrap();
    let mut bank = Bank::with_state(Some(path.clone())).await;
    // Another port, hence another address of the page, which is closed anyway.
    assert_eq!(bank.get(&format!("/v1/checkout/sessions/{id}")).await, before);
    let told = bank.next_kinds(1).await;
    assert_eq!(told, ["charge.dispute.created"], "what nobody took is told again");
    let again = bank.get("/v1/events?limit=100").await["data"].as_array().unwrap().clone();
    for event in events["data"].as_array().unwrap() {
        let kept = again.iter().find(|one| one["id"] == event["id"]).unwrap();
        assert_eq!(kept["data"], event["data"]);
    }
    let new = bank.session("card", "3000").await;
    assert!(again.iter().all(|event| event["data"]["object"]["id"] != new["id"]));
    drop(bank);
    let bank = Bank::with_state(Some(path)).await;
    let kept = bank.get(&format!("/v1/checkout/sessions/{}", new["id"].as_str().unwrap())).await;
    assert_eq!(kept["amount_total"], 3000, "written after the line that was cut off");
}
