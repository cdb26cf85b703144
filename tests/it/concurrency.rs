//! Many at once: the pot never gives what it has not, a double click is one gift.

use std::collections::BTreeSet;

use actions::Stop;
use domain::Cents;
use time::Duration;

use crate::town::{BUS, Town};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_form_sent_ten_times_at_once_is_one_gift() {
    let town = Town::new().await;
    let ask = town.ask(BUS, 20, "clics@exemple.fr");
    let mut clicks = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (actions, ask, now) = (town.actions.clone(), ask.clone(), town.now);
        clicks.spawn(async move { actions.begin_gift(&ask, now).await.unwrap() });
    }
    let began: Vec<_> = clicks.join_all().await;
    let pages: BTreeSet<_> = began.iter().map(|one| one.token.clone()).collect();
    let checkouts: BTreeSet<_> = began.iter().map(|one| one.checkout_url.clone()).collect();
    assert_eq!((pages.len(), checkouts.len()), (1, 1));
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_at_once_never_take_more_than_a_pot_has() {
    let town = Town::new().await;
    // 100 € are left in the first pot: each gift of 20 € would take 10 €, so ten get it whole.
    let mut tx = town.writer.begin().await.unwrap();
    testkit::probe::shrink_tranche(&mut tx, ("socle", "etat_socle"), 10_000).await.unwrap();
    tx.commit().await.unwrap();
    let mut givers = tokio::task::JoinSet::new();
    for n in 0..50 {
        let ask = town.ask(BUS, 20, &format!("foule{n}@exemple.fr"));
        let (actions, now) = (town.actions.clone(), town.now);
        givers.spawn(async move {
            // A crowd waits for connections: who finds none asks again, as a browser does after a
            // 503.
            loop {
                match actions.begin_gift(&ask, now).await {
                    Ok(_) => return ask.gift,
                    Err(Stop::Unavailable(_)) => tokio::task::yield_now().await,
                    Err(stop) => panic!("{stop:?}"),
                }
            }
        });
    }
    let gifts = givers.join_all().await;
    let mut db = town.reader.get().await.unwrap();
    let mut taken = 0;
    for gift in gifts {
        let lines = store::matches::lines(&mut db, gift).await.unwrap();
        taken += lines
            .iter()
            .filter(|line| line.pot.as_str() == "socle")
            .map(|line| line.granted.get())
            .sum::<i64>();
    }
    assert_eq!(taken, 10_000, "all of it, and not a cent more");
    drop(db);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_issued_at_once_are_numbered_without_a_gap() {
    let town = Town::new().await;
    let mut gifts = Vec::new();
    for n in 0..12 {
        let ask = town.ask(BUS, 20, &format!("recu{n}@exemple.fr"));
        town.visit(&ask, payments::sandbox::Outcome::Pay).await;
        gifts.push(ask.gift);
    }
    for (_, body) in town.sandbox.take_events() {
        town.ring(&body).await;
    }
    let (actions, now) = (town.actions.clone(), town.now);
    let handler = move |claim| {
        let actions = actions.clone();
        async move { workers::handle(&actions, claim, now).await }
    };
    jobs::drain_at_once(&town.writer.pool(), town.now, 6, handler).await.unwrap();
    town.work().await;
    let mut db = town.reader.get().await.unwrap();
    let mut ranks = BTreeSet::new();
    for gift in gifts {
        ranks.insert(store::receipts::live_of(&mut db, gift).await.unwrap().unwrap().rank);
    }
    assert_eq!(ranks, (1..=12).collect());
    drop(db);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_counts_reservations_that_are_over_as_free() {
    let mut town = Town::new().await;
    let mut tx = town.writer.begin().await.unwrap();
    testkit::probe::shrink_tranche(&mut tx, ("socle", "etat_socle"), 1_000).await.unwrap();
    tx.commit().await.unwrap();
    let first = town.ask(BUS, 20, "premier@exemple.fr");
    town.begin(&first).await.unwrap();
    let total = |quotes: &[actions::Quote]| quotes[0].matched.total;
    let ask = [Cents::new(2_000)];
    let quote = town.actions.quote_gifts(BUS, &ask, town.now).await.unwrap();
    assert_eq!(total(&quote), Cents::new(2_200), "the first pot is taken");
    town.wait(Duration::minutes(46));
    let quote = town.actions.quote_gifts(BUS, &ask, town.now).await.unwrap();
    assert_eq!(total(&quote), Cents::new(3_200), "and free again");
    // Nobody has released it yet: who gives now gets what was shown.
    let second = town.ask(BUS, 20, "second@exemple.fr");
    town.begin(&second).await.unwrap();
    assert_eq!(town.gift(second.gift).await.match_cents, 3_200);
    assert_eq!(town.gift(first.gift).await.match_state, "expired");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_is_dropped_keeps_no_lock() {
    let town = Town::new().await;
    let id = uuid::Uuid::now_v7();
    let mut left = town.writer.begin().await.unwrap();
    let mut next = town.writer.begin().await.unwrap();
    left.alone_with(id).await.unwrap();
    drop(left);
    next.alone_with(id).await.expect("the lock went with the transaction that held it");
    drop(next);
    town.end().await;
}
