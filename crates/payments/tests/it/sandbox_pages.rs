//! What a donor sees and does.

use crate::sandbox::Bank;

const BACK: &str = "http://site.example/dons/abc?s=";

#[tokio::test]
async fn a_gift_by_card_is_paid_and_told() {
    let mut bank = Bank::open().await;
    let session = bank.session("card", "2000").await;
    let id = session["id"].as_str().unwrap();
    assert_eq!(session["url"], format!("{}/c/pay/{id}", bank.base));
    assert_eq!(
        (&session["status"], &session["payment_status"]),
        (&"open".into(), &"unpaid".into())
    );

    let (status, headers, html) = bank.page(&format!("/c/pay/{id}")).await;
    assert_eq!(status, 200);
    for said in [
        "lang=\"fr\"",
        "Mode d’essai\u{a0}: aucun argent réel.",
        "Un bus &lt;numérique&gt; &amp; l’été",
        "20\u{a0}€",
        "value=\"payer\"",
        "value=\"3ds\"",
        "value=\"refuser\"",
        "value=\"abandonner\"",
    ] {
        assert!(html.contains(said), "{said}: {html}");
    }
    assert!(!html.contains("<script") && !html.contains("style="));
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{policy}");
    assert!(policy.contains("form-action 'self' http://site.example"), "{policy}");
    assert_eq!(headers["x-content-type-options"], "nosniff");

    let paid = bank.gesture(&session, &[("geste", "payer")]).await;
    assert_eq!(paid, (303, format!("{BACK}{id}")));
    let mut kinds = bank.next_kinds(2).await;
    kinds.sort();
    assert_eq!(kinds, ["checkout.session.completed", "payment_intent.succeeded"]);

    // A double click goes on; the page says that it is over.
    assert_eq!(bank.gesture(&session, &[("geste", "payer")]).await, paid);
    let (_, _, html) = bank.page(&format!("/c/pay/{id}")).await;
    let back = format!("href=\"{}{id}\"", BACK.replace('=', "&#x3D;"));
    assert!(html.contains("Paiement terminé") && html.contains(&back), "{html}");
    let intents = bank.get("/v1/payment_intents").await;
    assert_eq!(intents["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_refused_card_leaves_the_page_open() {
    let bank = Bank::open().await;
    let session = bank.session("card", "2000").await;
    let here = format!("/c/pay/{}", session["id"].as_str().unwrap());
    let refusals: [(&[(&str, &str)], &str); 3] = [
        (&[("geste", "refuser")], "generic_decline"),
        (&[("geste", "payer"), ("numero", "4000 0000 0000 9995")], "insufficient_funds"),
        (&[("geste", "3ds-non")], "authentication_required"),
    ];
    for (fields, code) in refusals {
        assert_eq!(bank.gesture(&session, fields).await, (303, here.clone()));
        let (_, _, html) = bank.page(&here).await;
        assert!(html.contains("La banque a refusé cette carte."), "{html}");
        let path = format!("/v1/checkout/sessions{}?expand[]=payment_intent", &here[6..]);
        let now = bank.get(&path).await;
        assert_eq!(now["status"], "open");
        let intent = &now["payment_intent"];
        assert_eq!(intent["status"], "requires_payment_method");
        assert_eq!(intent["last_payment_error"]["decline_code"], code);
    }
    // The same intent, paid in the end.
    let paid = bank.gesture(&session, &[("geste", "3ds-oui")]).await;
    assert_eq!(paid.0, 303);
    assert!(paid.1.starts_with(BACK), "{paid:?}");
    let intents = bank.get("/v1/payment_intents?expand[]=data.latest_charge").await;
    let intents = intents["data"].as_array().unwrap();
    assert_eq!(intents.len(), 1);
    assert_eq!(intents[0]["last_payment_error"], serde_json::Value::Null);
    let card = &intents[0]["latest_charge"]["payment_method_details"]["card"];
    assert_eq!(card["three_d_secure"]["result"], "authenticated");
}

#[tokio::test]
async fn three_d_secure_has_its_page() {
    let bank = Bank::open().await;
    let session = bank.session("card", "2000").await;
    let bank_page = format!("/c/pay/{}/banque", session["id"].as_str().unwrap());
    let asked = bank.gesture(&session, &[("geste", "3ds")]).await;
    assert_eq!(asked, (303, bank_page.clone()));
    let by_card = [("geste", "payer"), ("numero", "4000002760003184")];
    assert_eq!(bank.gesture(&session, &by_card).await, (303, bank_page.clone()));
    let (status, _, html) = bank.page(&bank_page).await;
    assert_eq!(status, 200);
    assert!(html.contains("3ds-oui") && html.contains("3ds-non"), "{html}");
    bank.gesture(&session, &[("geste", "3ds-oui")]).await;
    assert!(bank.page(&bank_page).await.2.contains("Paiement terminé"));
}

#[tokio::test]
async fn going_away_and_nonsense_pay_nothing() {
    let bank = Bank::open().await;
    let session = bank.session("card", "2000").await;
    let away = bank.gesture(&session, &[("geste", "abandonner")]).await;
    assert_eq!(away, (303, "http://site.example/campagnes/bus/don".to_owned()));
    assert_eq!(bank.gesture(&session, &[("geste", "voler")]).await.0, 400);
    assert_eq!(bank.gesture(&session, &[("geste", "payer"), ("numero", "12x")]).await.0, 422);
    // A debit cannot be started on a page for cards.
    let (status, to) = bank.gesture(&session, &[("geste", "sepa")]).await;
    assert_eq!((status, to.starts_with("/c/pay/")), (303, true));
    let page = format!("{}/c/pay/{}", bank.base, session["id"].as_str().unwrap());
    let foreign = bank.client.post(page).header("sec-fetch-site", "cross-site");
    let foreign = foreign.form(&[("geste", "payer")]).send().await.unwrap();
    assert_eq!(foreign.status(), 403);
    assert_eq!(bank.get("/v1/charges").await["error"]["type"], "invalid_request_error");
    assert_eq!(bank.get("/v1/payment_intents").await["data"], serde_json::json!([]));
    let (status, _, html) = bank.page("/c/pay/cs_test_none").await;
    assert_eq!(status, 404);
    assert!(html.contains("Page introuvable"), "{html}");
}

#[tokio::test]
async fn a_page_closes_in_its_time() {
    let mut bank = Bank::open().await;
    let session = bank.session("card", "2000").await;
    bank.sandbox.set_now(Some(bank.sandbox.now() + time::Duration::hours(25)));
    assert_eq!(bank.next_kinds(1).await, ["checkout.session.expired"]);
    let path = format!("/c/pay/{}", session["id"].as_str().unwrap());
    let (_, _, html) = bank.page(&path).await;
    assert!(html.contains("Page de paiement fermée"), "{html}");
    assert_eq!(bank.gesture(&session, &[("geste", "payer")]).await, (303, path));
}

#[tokio::test]
async fn the_counter_answers_for_the_bank() {
    let bank = Bank::open().await;
    let debit = bank.session("sepa_debit", "123450").await;
    assert_eq!(bank.gesture(&debit, &[("geste", "sepa")]).await.0, 303);
    let (_, headers, html) = bank.page("/_sandbox/").await;
    assert!(headers.contains_key("content-security-policy"));
    assert!(html.contains("1\u{202f}234,50\u{a0}€") && html.contains("prélèvement en cours"));
    let id = debit["id"].as_str().unwrap();
    assert_eq!(act(&bank, "debit-oui", id).await, 303);
    assert_eq!(act(&bank, "debit-oui", id).await, 409);
    let session = bank.get(&format!("/v1/checkout/sessions/{id}")).await;
    let intent = session["payment_intent"].as_str().unwrap();
    assert_eq!(act(&bank, "litige", intent).await, 303);
    let disputes = bank.get(&format!("/v1/disputes?payment_intent={intent}")).await;
    let dispute = disputes["data"][0]["id"].as_str().unwrap();
    assert!(bank.page("/_sandbox/").await.2.contains("contesté"));
    assert_eq!(act(&bank, "litige-gagne", dispute).await, 303);
    assert_eq!(act(&bank, "rembourser", intent).await, 303);
    let refunds = bank.get(&format!("/v1/refunds?payment_intent={intent}")).await;
    let refund = &refunds["data"][0];
    assert_eq!((&refund["amount"], &refund["status"]), (&123_450.into(), &"pending".into()));
    assert_eq!(act(&bank, "remboursement-oui", refund["id"].as_str().unwrap()).await, 303);
    assert!(bank.page("/_sandbox/").await.2.contains("remboursé"));
    assert_eq!(act(&bank, "rien", id).await, 400);
}

async fn act(bank: &Bank, gesture: &str, id: &str) -> u16 {
    let url = format!("{}/_sandbox/act", bank.base);
    let answer = bank.client.post(url).form(&[("geste", gesture), ("id", id)]).send().await;
    answer.unwrap().status().as_u16()
}
