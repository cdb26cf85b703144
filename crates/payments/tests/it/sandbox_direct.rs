//! The provider in process: the same state machine, fast.

use std::time::{Duration, Instant};

use domain::{
    Cents,
    gift::PaymentMethod,
    ids::{GiftId, RefundId},
};
use payments::{
    CheckoutRequest, DisputeStatus, Gateway, GatewayError, PaymentStatus, ProviderRef,
    RefundRequest, RefundStatus,
    sandbox::{Outcome, Sandbox, SandboxConfig, SandboxError},
};
use secrecy::SecretString;
use time::OffsetDateTime;
use uuid::Uuid;

fn config(key: &str) -> SandboxConfig {
    SandboxConfig {
        accounts: vec!["acct_bus".into()],
        state_file: None,
        webhook: None,
        secret_key: SecretString::from(key.to_owned()),
        public_url: "http://localhost:1".into(),
    }
}

fn request(gift: u128, method: PaymentMethod, now: OffsetDateTime) -> CheckoutRequest {
    CheckoutRequest {
        gift: GiftId::new(Uuid::from_u128(gift)),
        instance: "here".into(),
        amount: Cents::new(2_000),
        method,
        label: "Un bus numérique".into(),
        destination: "acct_bus".into(),
        email: None,
        success_url: "http://localhost/merci".into(),
        cancel_url: "http://localhost/don".into(),
        expires_at: now + time::Duration::minutes(30),
    }
}

#[test]
fn live_keys_are_refused() {
    for key in ["sk_live_x", "rk_live_x", "pk_test_x", ""] {
        assert!(matches!(Sandbox::new(config(key)), Err(SandboxError::NotATestKey)), "{key}");
    }
}

#[tokio::test]
async fn a_gift_through_all_its_states() {
    let sandbox = Sandbox::new(config("sk_test_x")).unwrap();
    let gateway = sandbox.gateway();
    let asked = request(1, PaymentMethod::Card, sandbox.now());
    let open = gateway.open_checkout(&asked).await.unwrap();
    assert_eq!(gateway.open_checkout(&asked).await.unwrap(), open);
    let by_gift = || async { gateway.find_by_gift(asked.gift).await.unwrap().unwrap() };
    assert_eq!(by_gift().await.status, PaymentStatus::Open);
    sandbox.pay(&open.session_id, &Outcome::Decline).unwrap();
    let refused = by_gift().await;
    assert_eq!(refused.decline_code.as_deref(), Some("generic_decline"));
    assert_eq!((refused.status, refused.captured), (PaymentStatus::Open, Cents::ZERO));
    sandbox.pay(&open.session_id, &Outcome::PayWith("5555 5555 5555 4444".into())).unwrap();
    assert!(sandbox.pay(&open.session_id, &Outcome::Pay).is_err(), "paid once");
    let paid = by_gift().await;
    assert_eq!((paid.status, paid.captured), (PaymentStatus::Captured, Cents::new(2_000)));
    assert_eq!((paid.fee, paid.decline_code), (Some(Cents::new(55)), None));
    assert_ne!(paid.card_fingerprint, refused.card_fingerprint);
    assert!(paid.available_on.unwrap() - paid.paid_at.unwrap() == time::Duration::days(2));

    let payment_intent = paid.payment_intent.unwrap();
    let refund = RefundId::new(Uuid::from_u128(9));
    let back = RefundRequest { refund, payment_intent, amount: Cents::new(500) };
    let first = gateway.refund(&back).await.unwrap();
    assert_eq!(gateway.refund(&back).await.unwrap(), first);
    assert_eq!((first.ours, first.status), (Some(refund), RefundStatus::Succeeded));
    let dispute = sandbox.open_dispute(&back.payment_intent).unwrap();
    let contested = gateway.payment(&ProviderRef::Dispute(dispute.clone())).await.unwrap();
    let seen = contested.dispute.unwrap();
    assert_eq!((seen.status, seen.amount), (DisputeStatus::Open, Cents::new(1_500)));
    assert_eq!(contested.refunds, [first]);
    sandbox.end_dispute(&dispute, false).unwrap();
    let lost = gateway.payment(&ProviderRef::Charge(contested.charge.unwrap())).await.unwrap();
    assert_eq!(lost.dispute.unwrap().status, DisputeStatus::Lost);
    let late = gateway.expire_checkout(&open.session_id).await;
    assert!(matches!(late, Err(GatewayError::Refused { .. })));
}

#[tokio::test]
async fn a_history_has_its_own_clock_and_is_fast() {
    let sandbox = Sandbox::new(config("sk_test_x")).unwrap();
    let asked = request(0, PaymentMethod::Card, sandbox.now());
    let live = sandbox.gateway().open_checkout(&asked).await.unwrap();
    let past = sandbox.by_hand();
    let gateway = past.gateway();
    let start = sandbox.now() - time::Duration::days(60);
    let begun = Instant::now();
    let mut told = 0;
    for gift in 1..=3_000_u32 {
        let now = start + time::Duration::minutes(28) * gift;
        past.set_now(Some(now));
        let sepa = gift % 10 == 0;
        let method = if sepa { PaymentMethod::SepaDebit } else { PaymentMethod::Card };
        let open = gateway.open_checkout(&request(gift.into(), method, now)).await.unwrap();
        // The present does not close the pages of the past.
        sandbox.sweep();
        past.pay(&open.session_id, &Outcome::Pay).unwrap();
        if sepa {
            past.settle_debit(&open.session_id, gift % 20 == 0).unwrap();
        }
        let read = gateway.payment(&ProviderRef::Session(open.session_id)).await.unwrap();
        assert_ne!(read.status, PaymentStatus::Open);
        told += past.take_events().len();
    }
    // A plain budget: half of what is asked, on a busy machine.
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(told, 2_700 * 2 + 300 * 4);
    assert!(sandbox.take_events().is_empty(), "the past is told by hand only");
    let still = sandbox.gateway().payment(&ProviderRef::Session(live.session_id)).await.unwrap();
    assert_eq!(still.status, PaymentStatus::Open, "the past does not close the present");

    let mut listed = 0;
    let mut after: Option<String> = None;
    loop {
        let page = gateway.events_since(start, after.as_deref()).await.unwrap();
        listed += page.events.len();
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(listed, 2_700 * 4 + 300 * 7);
}
