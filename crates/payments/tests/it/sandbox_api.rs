//! The API: shapes, refusals, idempotency, lists.

use reqwest::Method;
use serde_json::{Value, json};

use crate::sandbox::{Bank, GIFT, order};

async fn paid(bank: &Bank, means: &str, amount: &str) -> String {
    let session = bank.session(means, amount).await;
    let gesture = if means == "card" { "payer" } else { "sepa" };
    assert_eq!(bank.gesture(&session, &[("geste", gesture)]).await.0, 303);
    let path = format!("/v1/checkout/sessions/{}", session["id"].as_str().unwrap());
    bank.get(&path).await["payment_intent"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn keys_are_checked() {
    let bank = Bank::open().await;
    let url = format!("{}/v1/events", bank.base);
    for request in [bank.client.get(&url), bank.client.get(&url).bearer_auth("sk_test_other")] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401);
        assert!(answer.headers()["request-id"].to_str().unwrap().starts_with("req_"));
        let error: Value = answer.json().await.unwrap();
        assert_eq!(error["error"]["type"], "invalid_request_error");
    }
}

#[tokio::test]
async fn a_key_gives_the_same_answer_once() {
    let bank = Bank::open().await;
    let path = "/v1/checkout/sessions";
    let form = order("card", "2000");
    let first = bank.call(Method::POST, path, (Some("don:1"), &form)).await.unwrap();
    assert!(first.headers().get("idempotent-replayed").is_none());
    let first: Value = first.json().await.unwrap();
    // The order of the parameters says nothing: clients keep them in maps.
    let turned: Vec<_> = form.iter().rev().copied().collect();
    let again = bank.call(Method::POST, path, (Some("don:1"), &turned)).await.unwrap();
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(again.json::<Value>().await.unwrap(), first);
    let other = order("card", "2001");
    let other = bank.call(Method::POST, path, (Some("don:1"), &other)).await.unwrap();
    assert_eq!(other.status(), 400);
    let other: Value = other.json().await.unwrap();
    assert_eq!(other["error"]["type"], "idempotency_error");
    let new = bank.call(Method::POST, path, (Some("don:2"), &form)).await.unwrap();
    assert_ne!(new.json::<Value>().await.unwrap()["id"], first["id"]);
    assert_eq!(bank.get(path).await["data"].as_array().unwrap().len(), 2);
    // After a day the provider has forgotten the key.
    bank.sandbox.set_now(Some(bank.sandbox.now() + time::Duration::hours(25)));
    let late = bank.call(Method::POST, path, (Some("don:1"), &form)).await.unwrap();
    assert_ne!(late.json::<Value>().await.unwrap()["id"], first["id"]);
}

#[tokio::test]
async fn nonsense_is_refused_in_the_providers_words() {
    let bank = Bank::open().await;
    let path = "/v1/checkout/sessions";
    let cases = [
        ("line_items[0][price_data][unit_amount]", "49", "amount_too_small"),
        ("line_items[0][price_data][unit_amount]", "100000000", "amount_too_large"),
        ("line_items[0][price_data][unit_amount]", "12.5", "parameter_invalid_integer"),
        (
            "line_items[0][price_data][unit_amount]",
            "9223372036854775808",
            "parameter_invalid_integer",
        ),
        ("line_items[0][price_data][unit_amount]", "-5", "parameter_invalid_integer"),
        ("line_items[0][quantity]", "9223372036854775807", "parameter_invalid_integer"),
        ("payment_intent_data[transfer_data][destination]", "acct_none", "resource_missing"),
        ("success_url", "javascript:alert(1)", "url_invalid"),
        ("success_url", "", "parameter_missing"),
        ("customer_email", "nobody", "email_invalid"),
        ("colour", "blue", "parameter_unknown"),
    ];
    for (name, value, code) in cases {
        let mut form = order("card", "2000");
        form.retain(|(known, _)| *known != name);
        form.push((name, value));
        let (status, error) = bank.post(path, &form).await;
        assert_eq!((status, error["error"]["code"].as_str()), (400, Some(code)), "{name}={value}");
    }
    let (status, error) = bank.post("/v1/nothing", &[("a", "b")]).await;
    assert_eq!((status, &error["error"]["type"]), (404, &"invalid_request_error".into()));
    let missing = bank.get("/v1/payment_intents/pi_none").await;
    assert_eq!(missing["error"]["code"], "resource_missing");
    assert_eq!(bank.get(path).await["data"], json!([]));
}

#[tokio::test]
async fn a_payment_is_read_with_all_that_belongs_to_it() {
    let bank = Bank::open().await;
    let intent = paid(&bank, "card", "2000").await;
    let deep = "expand[]=latest_charge.balance_transaction&expand[]=latest_charge.refunds";
    let read = bank.get(&format!("/v1/payment_intents/{intent}?{deep}")).await;
    assert_eq!((&read["status"], &read["amount_received"]), (&"succeeded".into(), &2000.into()));
    assert_eq!(read["metadata"], json!({ "gift": GIFT, "instance": "here" }));
    assert_eq!(read["transfer_data"]["destination"], "acct_bus");
    assert_eq!(read["on_behalf_of"], "acct_bus");
    let charge = &read["latest_charge"];
    assert_eq!(charge["refunds"]["data"], json!([]));
    let movement = &charge["balance_transaction"];
    assert_eq!((&movement["fee"], &movement["net"]), (&55.into(), &1945.into()));
    let wait = movement["available_on"].as_i64().unwrap() - movement["created"].as_i64().unwrap();
    assert_eq!((wait, &movement["status"]), (2 * 86_400, &"pending".into()));
    let id = movement["id"].as_str().unwrap();
    bank.sandbox.set_now(Some(bank.sandbox.now() + time::Duration::days(2)));
    let later = bank.get(&format!("/v1/balance_transactions/{id}")).await;
    assert_eq!(later["status"], "available");

    let query = format!("/v1/payment_intents/search?query=metadata%5B%27gift%27%5D%3A%27{GIFT}%27");
    let found = bank.get(&query).await;
    assert_eq!(
        (&found["object"], &found["data"][0]["id"]),
        (&"search_result".into(), &json!(intent))
    );
    let sessions =
        "/v1/checkout/sessions?expand[]=data.payment_intent.latest_charge&payment_intent=";
    let sessions = bank.get(&format!("{sessions}{intent}")).await;
    assert_eq!(sessions["data"][0]["payment_intent"]["latest_charge"]["paid"], true);
    let account = bank.get("/v1/accounts/acct_bus").await;
    assert_eq!(account["charges_enabled"], true);
}

#[tokio::test]
async fn refunds_never_exceed_what_was_paid() {
    let bank = Bank::open().await;
    let intent = paid(&bank, "card", "2000").await;
    let ask = |amount: &'static str| {
        let intent = intent.clone().leak() as &str;
        [("payment_intent", intent), ("amount", amount), ("reverse_transfer", "true")]
    };
    let (status, part) = bank.post("/v1/refunds", &ask("500")).await;
    assert_eq!((status, &part["status"]), (200, &"succeeded".into()));
    assert!(part["transfer_reversal"].is_string());
    let (status, too_much) = bank.post("/v1/refunds", &ask("1501")).await;
    assert_eq!((status, &too_much["error"]["param"]), (400, &"amount".into()));
    assert_eq!(bank.post("/v1/refunds", &ask("1500")).await.0, 200);
    let (_, none_left) = bank.post("/v1/refunds", &ask("1")).await;
    assert_eq!(none_left["error"]["code"], "charge_already_refunded");
    let charge = bank.get(&format!("/v1/payment_intents/{intent}?expand[]=latest_charge")).await;
    let charge = &charge["latest_charge"];
    assert_eq!((&charge["refunded"], &charge["amount_refunded"]), (&true.into(), &2000.into()));
    // A refund that comes back can be made again.
    bank.sandbox.settle_refund(part["id"].as_str().unwrap(), false).unwrap();
    assert_eq!(bank.post("/v1/refunds", &ask("500")).await.0, 200);
}

#[tokio::test]
async fn a_disputed_payment_is_not_refunded() {
    let bank = Bank::open().await;
    let intent = paid(&bank, "card", "2000").await;
    let dispute = bank.sandbox.open_dispute(&intent).unwrap();
    let form = [("payment_intent", intent.as_str())];
    let (status, refused) = bank.post("/v1/refunds", &form).await;
    assert_eq!((status, &refused["error"]["code"]), (400, &"charge_disputed".into()));
    let read = bank.get(&format!("/v1/disputes/{dispute}")).await;
    let taken = &read["balance_transactions"][0];
    assert_eq!((&taken["amount"], &taken["fee"]), (&(-2000).into(), &2000.into()));
    bank.sandbox.end_dispute(&dispute, true).unwrap();
    assert!(bank.sandbox.end_dispute(&dispute, true).is_err());
    assert!(bank.sandbox.open_dispute(&intent).is_err());
    assert_eq!(bank.post("/v1/refunds", &form).await.0, 200);
}

#[tokio::test]
async fn an_inquiry_moves_no_money_until_it_is_lost() {
    let bank = Bank::open().await;
    let intent = paid(&bank, "card", "2000").await;
    let dispute = bank.sandbox.open_inquiry(&intent).unwrap();
    let path = format!("/v1/disputes/{dispute}");
    let read = bank.get(&path).await;
    assert_eq!(read["status"], "warning_needs_response");
    assert_eq!(read["balance_transactions"], json!([]));
    bank.sandbox.end_dispute(&dispute, false).unwrap();
    assert_eq!(bank.get(&path).await["status"], "needs_response");
    bank.sandbox.end_dispute(&dispute, false).unwrap();
    assert_eq!(bank.get(&path).await["status"], "lost");
}

#[tokio::test]
async fn a_debit_takes_its_time() {
    let bank = Bank::open().await;
    let intent = paid(&bank, "sepa_debit", "2000").await;
    let path = format!("/v1/payment_intents/{intent}?expand[]=latest_charge.balance_transaction");
    let read = bank.get(&path).await;
    assert_eq!((&read["status"], &read["amount_received"]), (&"processing".into(), &0.into()));
    assert_eq!(read["latest_charge"]["balance_transaction"], Value::Null);
    let session = bank.get(&format!("/v1/checkout/sessions?payment_intent={intent}")).await;
    let session = session["data"][0]["id"].as_str().unwrap();
    assert_eq!(bank.post("/v1/refunds", &[("payment_intent", &intent)]).await.0, 400);
    bank.sandbox.settle_debit(session, true).unwrap();
    assert!(bank.sandbox.settle_debit(session, false).is_err());
    let read = bank.get(&path).await;
    let movement = &read["latest_charge"]["balance_transaction"];
    assert_eq!((&movement["fee"], &movement["status"]), (&35.into(), &"available".into()));
    let (_, refund) = bank.post("/v1/refunds", &[("payment_intent", &intent)]).await;
    assert_eq!(refund["status"], "pending");
    bank.sandbox.set_now(Some(bank.sandbox.now() + time::Duration::days(3)));
    let refund = bank.get(&format!("/v1/refunds/{}", refund["id"].as_str().unwrap())).await;
    assert_eq!(refund["status"], "succeeded");
}

#[tokio::test]
async fn lists_are_turned_page_by_page() {
    let bank = Bank::open().await;
    let start = bank.sandbox.now();
    for hours in 0..5 {
        bank.sandbox.set_now(Some(start + time::Duration::hours(hours)));
        bank.session("card", "2000").await;
    }
    let path = "/v1/checkout/sessions?limit=2";
    let first = bank.get(path).await;
    assert_eq!(first["has_more"], true);
    let last = |page: &Value| page["data"][1]["id"].as_str().unwrap().to_owned();
    let second = bank.get(&format!("{path}&starting_after={}", last(&first))).await;
    let third = bank.get(&format!("{path}&starting_after={}", last(&second))).await;
    assert_eq!(
        (second["has_more"].as_bool(), third["has_more"].as_bool()),
        (Some(true), Some(false))
    );
    assert_eq!(third["data"].as_array().unwrap().len(), 1);
    let back = third["data"][0]["id"].as_str().unwrap();
    let before = bank.get(&format!("{path}&ending_before={back}")).await;
    assert_eq!(before["data"], second["data"]);
    let since = (start + time::Duration::hours(3)).unix_timestamp();
    let recent = bank.get(&format!("/v1/checkout/sessions?created[gte]={since}")).await;
    assert_eq!(recent["data"].as_array().unwrap().len(), 2);
    let old = bank.get(&format!("/v1/checkout/sessions?created%5Blt%5D={since}")).await;
    assert_eq!(old["data"].as_array().unwrap().len(), 3);
    let wrong = bank.get("/v1/checkout/sessions?limit=101").await;
    assert_eq!(wrong["error"]["param"], "limit");
    let unknown = bank.get(&format!("{path}&starting_after=cs_none")).await;
    assert_eq!(unknown["error"]["code"], "resource_missing");
}

#[tokio::test]
async fn a_page_can_be_closed_once() {
    let bank = Bank::open().await;
    let session = bank.session("card", "2000").await;
    bank.gesture(&session, &[("geste", "refuser")]).await;
    let path = format!("/v1/checkout/sessions/{}/expire", session["id"].as_str().unwrap());
    let (status, closed) = bank.post(&path, &[]).await;
    assert_eq!((status, &closed["status"]), (200, &"expired".into()));
    assert_eq!(closed["url"], Value::Null);
    let intent = closed["payment_intent"].as_str().unwrap();
    let intent = bank.get(&format!("/v1/payment_intents/{intent}")).await;
    assert_eq!(intent["status"], "canceled");
    assert_eq!(bank.post(&path, &[]).await.0, 400);
}
