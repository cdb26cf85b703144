//! What goes wrong on purpose, goes wrong as asked.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::sandbox::{Bank, order};

const SESSIONS: &str = "/v1/checkout/sessions";

async fn script(bank: &Bank, script: Value) -> u16 {
    let url = format!("{}/_sandbox/faults", bank.base);
    bank.client.post(url).json(&script).send().await.unwrap().status().as_u16()
}

async fn open(bank: &Bank, key: &str) -> Result<(u16, Value), reqwest::Error> {
    let form = order("card", "2000");
    let answer = bank.call(Method::POST, SESSIONS, (Some(key), &form)).await?;
    Ok(crate::sandbox::json(answer).await)
}

async fn count(bank: &Bank) -> usize {
    bank.get(SESSIONS).await["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_fault_strikes_before_or_after_the_effect() {
    let bank = Bank::open().await;
    let calls = json!({ "calls": [
        { "method": "POST", "status": 429 },
        { "method": "POST", "index": 1, "reset": true },
        { "method": "POST", "index": 2, "reset": true, "when": "after" },
    ]});
    assert_eq!(script(&bank, calls).await, 204);
    let (status, limited) = open(&bank, "a").await.unwrap();
    assert_eq!((status, &limited["error"]["code"]), (429, &"rate_limit".into()));
    assert!(open(&bank, "a").await.is_err(), "the connection ends without an answer");
    assert_eq!(count(&bank).await, 0, "before the effect");
    assert!(open(&bank, "a").await.is_err());
    assert_eq!(count(&bank).await, 1, "after the effect");
    let (status, session) = open(&bank, "a").await.unwrap();
    assert_eq!((status, &session["object"]), (200, &"checkout.session".into()));
    assert_eq!(count(&bank).await, 1, "the key finds what was done");
}

#[tokio::test]
async fn an_error_after_the_effect_is_kept_under_the_key() {
    let bank = Bank::open().await;
    let calls = json!({ "calls": [{ "path": SESSIONS, "status": 500, "when": "after" }] });
    assert_eq!(script(&bank, calls).await, 204);
    for _ in 0..2 {
        let (status, error) = open(&bank, "b").await.unwrap();
        assert_eq!((status, &error["error"]["type"]), (500, &"api_error".into()));
    }
    assert_eq!(count(&bank).await, 1);
}

#[tokio::test]
async fn a_key_under_way_is_in_use() {
    let bank = Bank::open().await;
    let calls = json!({ "calls": [{ "delay_ms": 1500, "when": "after" }] });
    assert_eq!(script(&bank, calls).await, 204);
    let begun = Instant::now();
    let slow = open(&bank, "c");
    let quick = async {
        // The slow call has had its effect once its session is there.
        while count(&bank).await == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        open(&bank, "c").await.unwrap()
    };
    let (slow, (status, refused)) = tokio::join!(slow, quick);
    assert_eq!((status, &refused["error"]["code"]), (409, &"idempotency_key_in_use".into()));
    assert_eq!(slow.unwrap().0, 200);
    assert!(begun.elapsed() >= Duration::from_millis(1500));
    assert_eq!(open(&bank, "c").await.unwrap().0, 200);
    assert_eq!(count(&bank).await, 1);
}

#[tokio::test]
async fn events_are_lost_doubled_and_swapped() {
    let mut bank = Bank::open().await;
    let events = json!({ "events": [
        { "kind": "payment_intent.succeeded", "drop": true },
        { "kind": "checkout.session.completed", "duplicate": 2 },
        { "kind": "charge.dispute.created", "reorder": true },
    ]});
    assert_eq!(script(&bank, events).await, 204);
    let session = bank.session("card", "2000").await;
    bank.gesture(&session, &[("geste", "payer")]).await;
    assert_eq!(bank.next_kinds(3).await, ["checkout.session.completed"; 3]);
    let path = format!("{SESSIONS}/{}", session["id"].as_str().unwrap());
    let intent = bank.get(&path).await["payment_intent"].as_str().unwrap().to_owned();
    let dispute = bank.sandbox.open_dispute(&intent).unwrap();
    bank.sandbox.end_dispute(&dispute, true).unwrap();
    let mut kinds = bank.next_kinds(2).await;
    kinds.sort();
    assert_eq!(kinds, ["charge.dispute.closed", "charge.dispute.created"]);
    assert_eq!(bank.get("/v1/events?type=payment_intent.succeeded").await["has_more"], false);
    let listed = bank.get("/v1/events?types[]=payment_intent.succeeded").await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 1, "the list knows what was lost");
}

#[tokio::test]
async fn the_clock_is_turned_over_http() {
    let bank = Bank::open().await;
    let url = format!("{}/_sandbox/clock", bank.base);
    let turn = |now: Value| bank.client.post(&url).json(&json!({ "now": now })).send();
    assert_eq!(turn(1_800_000_000.into()).await.unwrap().status(), 204);
    assert_eq!(bank.session("card", "2000").await["created"], 1_800_000_000);
    assert_eq!(turn(Value::Null).await.unwrap().status(), 204);
    assert_eq!(turn(i64::MAX.into()).await.unwrap().status(), 400);
    let off = (bank.sandbox.now() - time::OffsetDateTime::now_utc()).abs();
    assert!(off < time::Duration::minutes(1), "{off}");
    assert_eq!(script(&bank, json!({ "call": [] })).await, 422, "a typing error is not a script");
}
