//! The first gift, all the way, and everything that can happen on it.

use actions::BeginRefused;
use domain::{Cents, gift::PaymentMethod};
use payments::sandbox::Outcome;
use time::Duration;

use crate::town::{BUS, Town};

#[tokio::test(flavor = "multi_thread")]
async fn twenty_euros_to_the_bus_become_fifty_two() {
    let town = Town::new().await;
    let quotes = town.actions.quote_gifts(BUS, &[Cents::new(2_000)], town.now).await.unwrap();
    assert_eq!(quotes[0].matched.total, Cents::new(3_200));
    let amounts: Vec<i64> = quotes[0].matched.lines.iter().map(|line| line.amount.get()).collect();
    assert_eq!(amounts, [1_000, 800, 600, 800]);
    let tax = quotes[0].tax.unwrap();
    assert_eq!((tax.reduction.get(), tax.after_tax_cost.get()), (1_320, 680));

    let gift = town.give(BUS, 20, "camille@exemple.fr").await;

    let row = town.gift(gift).await;
    assert_eq!((row.state.as_str(), row.match_state.as_str()), ("captured", "committed"));
    assert_eq!((row.captured_cents, row.match_cents), (2_000, 3_200));
    let totals = town.totals("demo-01").await;
    assert_eq!((totals.raised_cents, totals.matched_cents, totals.gifts), (2_000, 3_200, 1));
    assert_eq!(town.balance("campaign_payable:demo-01:gift").await, -2_000);
    assert_eq!(town.balance("match_committed:socle/etat_socle").await, -1_000);
    let letters = town.letters("camille@exemple.fr");
    assert_eq!(letters.len(), 3, "{letters:?}");
    for kind in ["acknowledgement", "thanks", "receipt"] {
        assert!(letters.contains(&kind), "{kind} in {letters:?}");
    }
    let sent = town.post.sent();
    let receipt = sent.iter().find(|(m, _)| m.letter().kind() == "receipt").unwrap();
    assert!(receipt.0.attachments()[0].bytes().starts_with(b"%PDF-"));
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_caps_of_the_demonstration_hold() {
    let town = Town::new().await;
    let euros = [1_000, 3_750, 5_000, 8_000, 10_000, 40_000];
    let amounts: Vec<Cents> = euros.iter().map(|cents| Cents::new(*cents)).collect();
    let quotes = town.actions.quote_gifts(BUS, &amounts, town.now).await.unwrap();
    let matched: Vec<i64> = quotes.iter().map(|quote| quote.matched.total.get()).collect();
    assert_eq!(matched, [1_600, 6_000, 8_000, 12_600, 15_000, 15_000]);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_rings_twice_or_late_is_one_gift() {
    let town = Town::new().await;
    let ask = town.ask(BUS, 20, "deux@exemple.fr");
    town.visit(&ask, Outcome::Pay).await;
    let events = town.sandbox.take_events();
    for (_, body) in events.iter().rev() {
        town.ring(body).await;
        town.work().await;
    }
    for (_, body) in &events {
        assert_eq!(town.ring(body).await, actions::Received::Again);
    }
    town.work().await;
    assert_eq!(town.totals("demo-01").await.raised_cents, 2_000);
    assert_eq!(town.letters("deux@exemple.fr").len(), 3);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_lost_is_found_by_the_sweep() {
    let mut town = Town::new().await;
    let ask = town.ask(BUS, 20, "perdu@exemple.fr");
    town.visit(&ask, Outcome::Pay).await;
    drop(town.sandbox.take_events());
    town.work().await;
    assert_eq!(town.gift(ask.gift).await.state, "created");
    town.wait(Duration::minutes(20));
    town.promise(&actions::Task::ReconcilePayments).await;
    town.work().await;
    let row = town.gift(ask.gift).await;
    assert_eq!((row.state.as_str(), row.match_cents), ("captured", 3_200));
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_event_is_refused_and_leaves_no_trace() {
    let town = Town::new().await;
    let body = br#"{"id":"evt_forged","type":"checkout.session.completed"}"#;
    let event = payments::UnverifiedEvent { body, signature: "t=1,v1=00" };
    let refused = town.actions.receive_payment_event(&event, town.now).await;
    assert!(matches!(refused, Err(actions::Stop::Refused(actions::EventRefused::Forged))));
    let mut db = town.reader.get().await.unwrap();
    assert!(store::inbox::read(&mut db, "evt_forged").await.is_err());
    drop(db);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_that_is_over_is_free_and_a_late_payment_is_still_matched() {
    let mut town = Town::new().await;
    let ask = town.ask(BUS, 20, "tard@exemple.fr");
    town.visit(&ask, Outcome::Pay).await;
    let events = town.sandbox.take_events();
    town.wait(Duration::minutes(50));
    town.promise(&actions::Task::ReleaseExpired).await;
    town.work().await;
    assert_eq!(town.gift(ask.gift).await.match_state, "expired");
    for (_, body) in events {
        town.ring(&body).await;
    }
    town.work().await;
    let row = town.gift(ask.gift).await;
    assert_eq!((row.match_state.as_str(), row.match_cents), ("committed", 3_200));
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_debit_keeps_its_match_until_the_bank_answers() {
    let mut town = Town::new().await;
    let mut ask = town.ask(BUS, 20, "sepa@exemple.fr");
    ask.method = PaymentMethod::SepaDebit;
    town.visit(&ask, Outcome::SepaProcessing).await;
    town.deliver().await;
    let row = town.gift(ask.gift).await;
    assert_eq!((row.state.as_str(), row.match_state.as_str()), ("processing", "reserved"));
    assert_eq!(town.totals("demo-01").await.raised_cents, 0, "pending money is not raised");
    town.wait(Duration::days(5));
    let session = town.actions.session_of(ask.gift).await.unwrap().unwrap();
    town.sandbox.settle_debit(&session, true).unwrap();
    town.deliver().await;
    let row = town.gift(ask.gift).await;
    assert_eq!((row.state.as_str(), row.match_cents), ("captured", 3_200));
    let letters = town.letters("sepa@exemple.fr");
    assert_eq!(letters[0], "pending_debit");
    assert!(letters.contains(&"receipt"), "{letters:?}");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_debit_that_fails_frees_its_match_and_tells_the_donor_once() {
    let mut town = Town::new().await;
    let mut ask = town.ask(BUS, 20, "refus@exemple.fr");
    ask.method = PaymentMethod::SepaDebit;
    town.visit(&ask, Outcome::SepaProcessing).await;
    town.deliver().await;
    town.wait(Duration::days(5));
    let session = town.actions.session_of(ask.gift).await.unwrap().unwrap();
    town.sandbox.settle_debit(&session, false).unwrap();
    town.deliver().await;
    let row = town.gift(ask.gift).await;
    assert_eq!((row.state.as_str(), row.match_state.as_str()), ("failed", "cancelled"));
    assert_eq!(town.letters("refus@exemple.fr"), ["pending_debit", "debit_failed"]);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_receipt_where_the_organisation_may_not_issue_one() {
    let town = Town::new().await;
    let mut db = town.reader.get().await.unwrap();
    let campaigns = store::campaigns::all(&mut db).await.unwrap();
    let mut without = None;
    for campaign in campaigns {
        let id = domain::ids::OrganisationId::new(campaign.holder_id.clone());
        let holder = store::people::organisation(&mut db, &id).await.unwrap();
        if holder.eligibility == "none" && campaign.takes_gifts_at(town.now) {
            without = Some(campaign.slug);
        }
    }
    drop(db);
    let slug = without.expect("the demonstration has such an organisation");
    let gift = town.give(&slug, 20, "sans@exemple.fr").await;
    let row = town.gift(gift).await;
    assert_eq!(row.no_receipt_reason.as_deref(), Some("issuer_not_eligible"));
    assert_eq!(town.letters("sans@exemple.fr"), ["acknowledgement", "thanks"]);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gift_that_may_not_be_made_is_refused_with_its_reason() {
    let town = Town::new().await;
    let mut small = town.ask(BUS, 20, "petit@exemple.fr");
    small.amount = Cents::new(499);
    assert!(matches!(town.begin(&small).await, Err(BeginRefused::Amount(_))));
    let unknown = town.ask("nulle-part", 20, "nulle@exemple.fr");
    assert_eq!(town.begin(&unknown).await, Err(BeginRefused::UnknownCampaign));
    town.actions.open_giving(false, town.now).await.unwrap();
    let stopped = town.ask(BUS, 20, "ferme@exemple.fr");
    assert_eq!(town.begin(&stopped).await, Err(BeginRefused::GivingStopped));
    town.actions.open_giving(true, town.now).await.unwrap();
    town.give(BUS, 20, "encore@exemple.fr").await;
    let again = town.ask(BUS, 20, "encore@exemple.fr");
    assert_eq!(town.begin(&again).await, Err(BeginRefused::Twin));
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_lands_after_the_close_goes_back_by_itself() {
    let mut town = Town::new().await;
    let mut ask = town.ask(BUS, 20, "apres@exemple.fr");
    ask.method = PaymentMethod::SepaDebit;
    town.visit(&ask, Outcome::SepaProcessing).await;
    town.deliver().await;
    let campaign = domain::ids::CampaignId::new("demo-01");
    town.wait(Duration::days(50));
    assert!(town.actions.close_campaign(&campaign, town.now).await.unwrap());
    let session = town.actions.session_of(ask.gift).await.unwrap().unwrap();
    town.sandbox.settle_debit(&session, true).unwrap();
    town.deliver().await;
    // A debit's refund takes days to arrive.
    town.wait(Duration::days(4));
    town.deliver().await;
    let row = town.gift(ask.gift).await;
    assert_eq!((row.state.as_str(), row.match_state.as_str()), ("refunded", "refunded"));
    assert_eq!(row.match_cents, 0);
    town.end().await;
}
