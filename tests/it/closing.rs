//! What is decided when a campaign or a round closes: each town ends by having its ledger counted
//! again, so that what is seen here is what anybody finds.

use domain::{
    Cents,
    ids::{CampaignId, GiftId},
};
use serde_json::{Value, json};
use store::{awards, matches};
use time::Duration;

use crate::{
    rounds::{DONORS, ROUBAIX, quadratic, town},
    town::{BUS, Town},
};

async fn close(town: &mut Town, campaign: &str) {
    town.wait(Duration::days(50));
    let campaign = CampaignId::new(campaign);
    assert!(town.actions.close_campaign(&campaign, town.now).await.unwrap());
    town.work().await;
}

/// What the pot of these tests gives to a gift, with the state of the line.
async fn line(town: &Town, gift: GiftId) -> Option<(i64, String, String)> {
    let mut db = town.reader.get().await.unwrap();
    let lines = matches::lines(&mut db, gift).await.unwrap();
    let line = lines.into_iter().find(|line| line.pot.as_str() == "tour")?;
    Some((line.granted.get(), line.state.code().to_owned(), line.binding.code().to_owned()))
}

/// Closes what rounds can be closed, those of the demonstration among them; true when ours is.
async fn round_closes(town: &Town) -> bool {
    town.actions.close_rounds(town.now).await.unwrap();
    assert_eq!(town.actions.close_rounds(town.now).await.unwrap(), 0, "once");
    town.work().await;
    let mut db = town.reader.get().await.unwrap();
    let closed = awards::closed(&mut db).await.unwrap();
    closed.iter().any(|rule| rule.to_string() == "tour@1")
}

async fn awards_of(town: &Town, campaign: &str) -> Vec<awards::AwardRow> {
    let mut db = town.reader.get().await.unwrap();
    awards::of_campaign(&mut db, &CampaignId::new(campaign)).await.unwrap()
}

fn threshold(amount: i64) -> Value {
    json!({"mode": "threshold", "threshold": {"amount": amount, "award": "per_gift"},
        "rate_bps": 2_000, "caps": {}})
}

fn said(cents: i64, state: &str, binding: &str) -> Option<(i64, String, String)> {
    Some((cents, state.to_owned(), binding.to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_threshold_confirms_what_it_promised_or_gives_it_back() {
    for (amount, met) in [(7_000, true), (7_001, false)] {
        let mut town = town(threshold(amount), 100_000).await;
        let gift = town.give(BUS, 20, DONORS[0]).await;
        town.give(BUS, 50, DONORS[1]).await;
        assert_eq!(line(&town, gift).await, said(400, "conditional", "none"));
        let (before, free) = (town.totals("demo-01").await, free(&town).await);
        assert_eq!(before.beside_cents, 1_400, "on condition");
        close(&mut town, "demo-01").await;
        let after = town.totals("demo-01").await;
        if met {
            assert_eq!(line(&town, gift).await, said(400, "firm", "none"));
            assert_eq!((after.matched_cents, free), (before.matched_cents, free));
        } else {
            assert_eq!(line(&town, gift).await, said(0, "conditional", "threshold"));
            assert_eq!(after.matched_cents, before.matched_cents - 1_400);
            assert_eq!(self::free(&town).await, free + 1_400);
        }
        town.end().await;
    }
}

/// What the books say that the pot of these tests has left.
async fn free(town: &Town) -> i64 {
    -town.balance("pot_available:tour/dons").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contested_gift_follows_the_answer_but_does_not_count_for_it() {
    let mut town = town(threshold(7_000), 100_000).await;
    let held = town.give(BUS, 20, DONORS[0]).await;
    town.give(BUS, 50, DONORS[1]).await;
    let dispute = town.sandbox.open_dispute(&town.intent(held).await.unwrap()).unwrap();
    town.deliver().await;
    close(&mut town, "demo-01").await;
    assert_eq!(line(&town, held).await, said(0, "conditional", "threshold"));
    town.sandbox.end_dispute(&dispute, true).unwrap();
    town.deliver().await;
    assert_eq!(town.gift(held).await.match_state, "committed");
    town.end().await;
}

fn lump_sum() -> Value {
    json!({"mode": "threshold", "rate_bps": 0, "caps": {},
        "threshold": {"amount": 5_000, "award": "lump_sum", "award_amount": 2_500},
        "effective_to": null})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lump_sum_is_given_once_the_campaign_closes() {
    let mut town = town(lump_sum(), 100_000).await;
    town.give(BUS, 40, DONORS[0]).await;
    town.give(BUS, 20, DONORS[1]).await;
    town.give(ROUBAIX, 40, DONORS[2]).await;
    let before = town.totals("demo-01").await;
    close(&mut town, "demo-01").await;
    let given = awards_of(&town, "demo-01").await;
    // Twice 60 euros, less what other rules had added.
    let cents = (12_000 - before.matched_cents).min(2_500);
    assert!(cents > 0);
    assert_eq!(given.iter().map(|award| award.granted_cents).collect::<Vec<_>>(), [cents]);
    assert_eq!(town.totals("demo-01").await.matched_cents, before.matched_cents + cents);
    assert_eq!(free(&town).await, 100_000 - cents);
    let missed = CampaignId::new("demo-03");
    assert!(town.actions.close_campaign(&missed, town.now).await.unwrap());
    assert_eq!(awards_of(&town, "demo-03").await, []);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_found_an_empty_pot_draws_again_at_the_close() {
    let rule = json!({"mode": "first_come", "rate_bps": 2_000, "caps": {},
        "rematch_at_close": true, "effective_to": null});
    let mut town = town(rule, 1_000).await;
    let first = town.give(BUS, 50, DONORS[0]).await;
    let second = town.give(BUS, 20, DONORS[1]).await;
    let third = town.give(ROUBAIX, 20, DONORS[2]).await;
    assert_eq!(line(&town, second).await, said(0, "firm", "pot"));
    assert!(town.refund_there(first, 5_000).await);
    town.deliver().await;
    close(&mut town, "demo-01").await;
    assert_eq!(line(&town, second).await, said(400, "firm", "none"));
    assert_eq!(town.gift(second).await.match_cents, 3_600);
    // Another campaign waits for its own close.
    assert_eq!(line(&town, third).await, said(0, "firm", "pot"));
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pro_rata_round_shares_its_pot_among_all_gifts() {
    let mut town = town(json!({"mode": "pro_rata", "caps": {}, "rate_bps": 2_000}), 1_000).await;
    let gifts = [(BUS, 20), (BUS, 50), (ROUBAIX, 30)];
    let mut given = Vec::new();
    for ((project, euros), donor) in gifts.into_iter().zip(DONORS) {
        given.push(town.give(project, euros, donor).await);
    }
    assert!(!round_closes(&town).await, "the window is open");
    let mut late = town.ask(BUS, 100, DONORS[3]);
    late.method = domain::gift::PaymentMethod::SepaDebit;
    town.visit(&late, payments::sandbox::Outcome::SepaProcessing).await;
    town.deliver().await;
    town.wait(Duration::days(31));
    assert!(!round_closes(&town).await, "a debit is under way");
    let session = town.actions.session_of(late.gift).await.unwrap().unwrap();
    town.sandbox.settle_debit(&session, false).unwrap();
    town.deliver().await;
    assert!(round_closes(&town).await);
    for (gift, cents) in given.into_iter().zip([200, 500, 300]) {
        assert_eq!(line(&town, gift).await, said(cents, "firm", "pro_rata"));
    }
    assert_eq!(free(&town).await, 0);
    town.end().await;
}

async fn our_award(town: &Town) -> awards::AwardRow {
    let all = awards_of(town, "demo-01").await;
    all.into_iter().find(|award| award.pot_id == "tour").unwrap()
}

/// What a gift brought in our round.
async fn brought(town: &Town, gift: GiftId) -> i64 {
    let mut db = town.reader.get().await.unwrap();
    let parts = awards::of_gift(&mut db, gift).await.unwrap();
    parts.into_iter().find(|(award, _)| award.pot_id == "tour").unwrap().1.attributed_cents
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quadratic_round_gives_awards_and_a_refund_takes_its_part() {
    let mut town = town(quadratic(), 2_000).await;
    let mut gifts = Vec::new();
    for donor in DONORS {
        gifts.push(town.give(BUS, 20, donor).await);
    }
    town.give(ROUBAIX, 200, DONORS[0]).await;
    let before = town.totals("demo-01").await;
    town.wait(Duration::days(31));
    assert!(round_closes(&town).await);
    let given = our_award(&town).await;
    // Four donors; no more than 80 % of the pot for one project.
    assert_eq!((given.granted_cents, given.binding.as_str()), (1_600, "pot_share"));
    let all: i64 = awards_of(&town, "demo-01").await.iter().map(|one| one.granted_cents).sum();
    assert_eq!(town.totals("demo-01").await.matched_cents, before.matched_cents + all);
    // Nobody to be counted with: a donor alone brings nothing.
    let alone = awards_of(&town, "demo-03").await;
    assert_eq!(alone.iter().map(|award| award.granted_cents).sum::<i64>(), 0);
    assert_eq!(brought(&town, gifts[0]).await, 400);
    let shown = town.actions.awards_of(&CampaignId::new("demo-01")).await.unwrap();
    let shown = shown.iter().find(|award| award.name == "Tour citoyen").unwrap();
    assert_eq!((shown.amount, shown.round), (Cents::new(1_600), true));
    assert_eq!(shown.reduced_by, Some(templates::pages::WhyNot::PotShare));
    let row = town.gift(gifts[0]).await;
    let told = town.actions.shared_at_close(&row).await.unwrap();
    let told = told.iter().find(|rule| rule.name == "Tour citoyen").unwrap();
    let sentence = told.why.sentence();
    assert!(sentence.contains("a fait ajouter 4,00\u{a0}€ au projet"), "{sentence}");
    assert!(town.refund_there(gifts[0], 1_000).await);
    town.deliver().await;
    assert_eq!(our_award(&town).await.granted_cents, 1_400);
    assert_eq!(free(&town).await, 600);
    assert_eq!(brought(&town, gifts[0]).await, 200);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_campaign_takes_the_match_of_contested_gifts_as_well() {
    for won in [true, false] {
        let mut town = town(json!({"mode": "pro_rata", "caps": {}}), 1_000).await;
        let mut db = town.reader.get().await.unwrap();
        let campaigns = store::campaigns::all(&mut db).await.unwrap();
        drop(db);
        let project = campaigns.into_iter().find(|one| one.id == "demo-03").unwrap();
        assert!(project.all_or_nothing);
        let gift = town.give(&project.slug, 50, DONORS[0]).await;
        let dispute = town.sandbox.open_dispute(&town.intent(gift).await.unwrap()).unwrap();
        town.deliver().await;
        assert!(town.gift(gift).await.match_cents > 0);
        close(&mut town, "demo-03").await;
        let row = town.gift(gift).await;
        assert_eq!((row.match_state.as_str(), row.match_cents), ("refund_due", 0));
        assert_eq!(town.totals("demo-03").await.matched_cents, 0);
        town.sandbox.end_dispute(&dispute, won).unwrap();
        town.deliver().await;
        let row = town.gift(gift).await;
        assert_eq!((row.state.as_str(), row.net()), ("refunded", Cents::ZERO));
        assert_eq!(row.refunded_cents, if won { 5_000 } else { 0 });
        town.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_campaign_gives_its_award_back_and_was_not_saved_by_it() {
    let mut town = town(quadratic(), 1_000_000).await;
    for donor in DONORS {
        town.give(ROUBAIX, 500, donor).await;
    }
    assert!(town.refund_there(town.give(ROUBAIX, 20, "eva@exemple.fr").await, 1_000).await);
    town.deliver().await;
    town.wait(Duration::days(31));
    assert!(round_closes(&town).await);
    let given: i64 = awards_of(&town, "demo-03").await.iter().map(|one| one.granted_cents).sum();
    assert!(given > 0);
    let totals = town.totals("demo-03").await;
    assert_eq!(totals.counted().get(), totals.gathered().get() - given);
    close(&mut town, "demo-03").await;
    let left: i64 = awards_of(&town, "demo-03").await.iter().map(|one| one.granted_cents).sum();
    assert_eq!((left, free(&town).await), (0, 1_000_000));
    assert_eq!(town.totals("demo-03").await.matched_cents, 0);
    town.end().await;
}
