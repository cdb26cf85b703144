//! Refunds and disputes: match, books, receipts and shown figures follow, in any order.

use domain::Cents;
use mail::Letter;
use payments::sandbox::Outcome;
use time::Duration;

use crate::town::{BUS, Town};

/// What letters about refunds say went back to the pots, in order.
fn match_returned(town: &Town, email: &str) -> Vec<Cents> {
    let sent = town.post.sent();
    let to = |message: &&mail::Message| message.to().as_str() == email;
    let said =
        sent.iter().map(|(message, _)| message).filter(to).filter_map(|m| match m.letter() {
            Letter::RefundDone(letter) => Some(letter.match_returned),
            _ => None,
        });
    said.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_donor_who_asks_gets_everything_back_and_the_match_returns() {
    let town = Town::new().await;
    let gift = town.give(BUS, 20, "retour@exemple.fr").await;
    let token = town.actions.token_of(gift).await.unwrap().unwrap();
    assert_eq!(
        town.actions.ask_refund(&token, town.now).await.unwrap(),
        actions::RefundAsked::UnderWay
    );
    assert!(town.actions.ask_refund(&token, town.now).await.is_err(), "asked twice is asked once");
    town.work().await;
    town.deliver().await;
    let row = town.gift(gift).await;
    assert_eq!((row.state.as_str(), row.match_state.as_str()), ("refunded", "refunded"));
    assert_eq!((row.refunded_cents, row.match_cents), (2_000, 0));
    let totals = town.totals("demo-01").await;
    assert_eq!((totals.raised_cents, totals.matched_cents, totals.gifts), (0, 0, 0));
    assert_eq!(town.balance("campaign_payable:demo-01:gift").await, 0);
    assert_eq!(town.balance("match_committed:socle/etat_socle").await, 0);
    let letters = town.letters("retour@exemple.fr");
    for kind in ["refund_done", "receipt_cancelled"] {
        assert!(letters.contains(&kind), "{kind} in {letters:?}");
    }
    assert_eq!(match_returned(&town, "retour@exemple.fr"), [Cents::new(3_200)]);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_equal_partial_refunds_at_the_provider_are_two() {
    let town = Town::new().await;
    let gift = town.give(BUS, 20, "partiel@exemple.fr").await;
    for _ in 0..2 {
        assert!(town.refund_there(gift, 500).await);
        town.deliver().await;
    }
    let row = town.gift(gift).await;
    assert_eq!((row.state.as_str(), row.refunded_cents), ("partly_refunded", 1_000));
    assert_eq!(row.match_cents, 1_600);
    assert_eq!(match_returned(&town, "partiel@exemple.fr"), [Cents::new(800), Cents::new(800)]);
    let mut db = town.reader.get().await.unwrap();
    let receipt = store::receipts::live_of(&mut db, gift).await.unwrap().unwrap();
    assert_eq!(receipt.amount_cents, 1_000, "the receipt says what stays");
    assert!(receipt.number.ends_with("000003"), "two numbers were cancelled: {}", receipt.number);
    drop(db);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_rings_before_its_payment_ends_the_same() {
    let town = Town::new().await;
    let ask = town.ask(BUS, 20, "ordre@exemple.fr");
    town.visit(&ask, Outcome::Pay).await;
    assert!(town.refund_there(ask.gift, 2_000).await);
    let events = town.sandbox.take_events();
    for (_, body) in events.iter().rev() {
        town.ring(body).await;
        town.work().await;
    }
    let row = town.gift(ask.gift).await;
    assert_eq!((row.state.as_str(), row.captured_cents), ("refunded", 2_000));
    assert_eq!(town.totals("demo-01").await.raised_cents, 0);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_holds_the_match_and_its_end_decides() {
    for won in [true, false] {
        let mut town = Town::new().await;
        let gift = town.give(BUS, 20, "litige@exemple.fr").await;
        let intent = town.intent(gift).await.unwrap();
        let dispute = town.sandbox.open_dispute(&intent).unwrap();
        town.deliver().await;
        let row = town.gift(gift).await;
        assert_eq!((row.state.as_str(), row.match_state.as_str()), ("disputed", "held"));
        assert_eq!(town.totals("demo-01").await.raised_cents, 0);
        town.wait(Duration::days(20));
        town.sandbox.end_dispute(&dispute, won).unwrap();
        town.deliver().await;
        let row = town.gift(gift).await;
        let totals = town.totals("demo-01").await;
        if won {
            assert_eq!((row.state.as_str(), row.match_cents), ("captured", 3_200));
            assert_eq!(
                (totals.raised_cents, totals.matched_cents, totals.gifts),
                (2_000, 3_200, 1)
            );
        } else {
            assert_eq!((row.state.as_str(), row.match_cents), ("refunded", 0));
            assert_eq!((totals.raised_cents, totals.matched_cents, totals.gifts), (0, 0, 0));
        }
        town.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_only_asks_moves_no_money_and_worries_nobody() {
    let town = Town::new().await;
    let gift = town.give(BUS, 20, "question@exemple.fr").await;
    let payable = town.balance("campaign_payable:demo-01:gift").await;
    let letters = town.letters("question@exemple.fr");
    let inquiry = town.sandbox.open_inquiry(&town.intent(gift).await.unwrap()).unwrap();
    town.deliver().await;
    town.sandbox.end_dispute(&inquiry, true).unwrap();
    town.deliver().await;
    let row = town.gift(gift).await;
    assert_eq!((row.state.as_str(), row.match_state.as_str()), ("captured", "committed"));
    let mut db = town.reader.get().await.unwrap();
    assert_eq!(store::money_back::disputes_of(&mut db, gift).await.unwrap().len(), 0);
    drop(db);
    assert_eq!(town.balance("campaign_payable:demo-01:gift").await, payable);
    assert_eq!(town.letters("question@exemple.fr"), letters);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_all_or_nothing_campaign_that_fails_pays_everybody_back() {
    let mut town = Town::new().await;
    let mut db = town.reader.get().await.unwrap();
    let campaigns = store::campaigns::all(&mut db).await.unwrap();
    drop(db);
    let campaign = campaigns
        .into_iter()
        .find(|one| one.all_or_nothing && one.takes_gifts_at(town.now))
        .unwrap();
    let gift = town.give(&campaign.slug, 50, "tout@exemple.fr").await;
    let row = town.gift(gift).await;
    assert_eq!(row.no_receipt_reason.as_deref(), Some("minimum_not_reached"));
    let matched = Cents::new(row.match_cents);
    assert!(matched.is_positive());
    town.wait(Duration::days(60));
    assert!(town.actions.close_campaign(&campaign.campaign(), town.now).await.unwrap());
    town.work().await;
    town.deliver().await;
    let row = town.gift(gift).await;
    assert_eq!((row.state.as_str(), row.match_cents), ("refunded", 0));
    assert_eq!(match_returned(&town, "tout@exemple.fr"), [matched]);
    town.end().await;
}
