//! The code that talks to Stripe reads every shape the sandbox writes.

use std::time::Duration;

use domain::{
    Cents,
    gift::PaymentMethod,
    ids::{GiftId, RefundId},
};
use payments::{
    CheckoutRequest, DisputeStatus, Gateway, PaymentObject, PaymentStatus, ProviderRef,
    RefundRequest, RefundStatus, StripeConfig, StripeGateway, sandbox::Outcome,
};
use secrecy::SecretString;
use uuid::Uuid;

use crate::sandbox::{Bank, KEY};

fn adapter(bank: &Bank) -> StripeGateway {
    StripeGateway::new(StripeConfig {
        base_url: Some(bank.base.clone()),
        secret_key: SecretString::from(KEY.to_owned()),
        timeout: Duration::from_secs(30),
    })
    .unwrap()
}

fn request(bank: &Bank, method: PaymentMethod) -> CheckoutRequest {
    CheckoutRequest {
        gift: GiftId::new(Uuid::now_v7()),
        instance: "here".into(),
        amount: Cents::new(2_000),
        method,
        label: "Un bus & l’été".into(),
        destination: "acct_bus".into(),
        email: Some("camille@example.org".parse().unwrap()),
        success_url: "http://site.example/dons/abc".into(),
        cancel_url: "http://site.example/don".into(),
        expires_at: bank.sandbox.now() + time::Duration::minutes(30),
    }
}

/// The same object, asked of the adapter and in process.
async fn seen(bank: &Bank, of: &ProviderRef) -> PaymentObject {
    let over_http = adapter(bank).payment(of).await.unwrap();
    let direct = bank.sandbox.gateway().payment(of).await.unwrap();
    assert_eq!(over_http, direct);
    direct
}

#[tokio::test]
async fn both_ways_tell_the_same_of_a_card() {
    let bank = Bank::open().await;
    let stripe = adapter(&bank);
    let asked = request(&bank, PaymentMethod::Card);
    let open = stripe.open_checkout(&asked).await.unwrap();
    assert_eq!(stripe.open_checkout(&asked).await.unwrap(), open);
    let session = ProviderRef::Session(open.session_id.clone());
    assert_eq!(seen(&bank, &session).await.status, PaymentStatus::Open);
    bank.sandbox.pay(&open.session_id, &Outcome::Decline).unwrap();
    assert_eq!(seen(&bank, &session).await.decline_code.as_deref(), Some("generic_decline"));
    bank.sandbox.pay(&open.session_id, &Outcome::PayAuthenticated).unwrap();
    let paid = seen(&bank, &session).await;
    assert_eq!((&paid.status, paid.fee), (&PaymentStatus::Captured, Some(Cents::new(55))));
    assert_eq!(stripe.find_by_gift(asked.gift).await.unwrap(), Some(paid.clone()));
    let payment_intent = paid.payment_intent.unwrap();

    let refund = RefundId::new(Uuid::now_v7());
    let back = RefundRequest { refund, payment_intent, amount: Cents::new(500) };
    let first = stripe.refund(&back).await.unwrap();
    assert_eq!((first.ours, first.status), (Some(refund), RefundStatus::Succeeded));
    assert_eq!(stripe.refund(&back).await.unwrap(), first);
    let of_refund = ProviderRef::Refund(first.id.clone());
    assert_eq!(seen(&bank, &of_refund).await.refunds, [first]);
    let dispute = bank.sandbox.open_dispute(&back.payment_intent).unwrap();
    let of_dispute = ProviderRef::Dispute(dispute.clone());
    assert_eq!(seen(&bank, &of_dispute).await.dispute.unwrap().status, DisputeStatus::Open);
    bank.sandbox.end_dispute(&dispute, true).unwrap();
    assert_eq!(seen(&bank, &of_dispute).await.dispute.unwrap().status, DisputeStatus::Won);
    let of_charge = ProviderRef::Charge(paid.charge.unwrap());
    assert_eq!(seen(&bank, &of_charge).await.status, PaymentStatus::Captured);
}

#[tokio::test]
async fn both_ways_tell_that_an_inquiry_moved_no_money() {
    let bank = Bank::open().await;
    let stripe = adapter(&bank);
    let open = stripe.open_checkout(&request(&bank, PaymentMethod::Card)).await.unwrap();
    bank.sandbox.pay(&open.session_id, &Outcome::Pay).unwrap();
    let session = ProviderRef::Session(open.session_id);
    let intent = seen(&bank, &session).await.payment_intent.unwrap();
    let inquiry = bank.sandbox.open_inquiry(&intent).unwrap();
    let of_inquiry = ProviderRef::Dispute(inquiry.clone());
    for closed in [false, true] {
        if closed {
            bank.sandbox.end_dispute(&inquiry, true).unwrap();
        }
        let dispute = seen(&bank, &of_inquiry).await.dispute.unwrap();
        assert_eq!((dispute.status, dispute.fee), (DisputeStatus::Inquiry, None));
    }
}

#[tokio::test]
async fn both_ways_tell_the_same_of_a_debit() {
    let bank = Bank::open().await;
    let stripe = adapter(&bank);
    for paid in [true, false] {
        let asked = request(&bank, PaymentMethod::SepaDebit);
        let open = stripe.open_checkout(&asked).await.unwrap();
        let session = ProviderRef::Session(open.session_id.clone());
        bank.sandbox.pay(&open.session_id, &Outcome::SepaProcessing).unwrap();
        assert_eq!(seen(&bank, &session).await.status, PaymentStatus::Processing);
        bank.sandbox.settle_debit(&open.session_id, paid).unwrap();
        let status = if paid { PaymentStatus::Captured } else { PaymentStatus::Failed };
        assert_eq!(seen(&bank, &session).await.status, status);
    }
}

#[tokio::test]
async fn both_ways_tell_the_same_of_a_page_that_closed() {
    let bank = Bank::open().await;
    let stripe = adapter(&bank);
    let asked = request(&bank, PaymentMethod::Card);
    let open = stripe.open_checkout(&asked).await.unwrap();
    let unpaid = stripe.find_by_gift(asked.gift).await.unwrap().unwrap();
    assert_eq!(unpaid.status, PaymentStatus::Open);
    bank.sandbox.pay(&open.session_id, &Outcome::Decline).unwrap();
    stripe.expire_checkout(&open.session_id).await.unwrap();
    let session = ProviderRef::Session(open.session_id);
    let closed = seen(&bank, &session).await;
    assert_eq!(closed.status, PaymentStatus::Failed);
    assert_eq!(closed.decline_code.as_deref(), Some("generic_decline"));
    let events = stripe.events_since(bank.sandbox.now() - time::Duration::hours(1), None).await;
    let events = events.unwrap();
    let read = events.events.iter().map(|event| payments::read_event(&event.body));
    let expired = read.into_iter().find(|event| event.kind == "checkout.session.expired").unwrap();
    assert_eq!(expired.gift, Some(asked.gift));
    assert_eq!(events.next, None);
}
