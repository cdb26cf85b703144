//! A month from one seed: gifts, losses, doubles, delays, refunds, disputes, two workers, and an
//! audit of the books after every step. A failing seed is printed; `ESSAIM_SEED=n cargo test
//! --test simulation` plays it again.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

#[path = "town/mod.rs"]
mod town;

use std::panic::AssertUnwindSafe;

use domain::{gift::PaymentMethod, ids::GiftId};
use futures_util::FutureExt;
use payments::sandbox::Outcome;
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use time::Duration;
use town::Town;

const STEPS: usize = 220;

struct Month {
    town: Town,
    chance: ChaCha8Rng,
    slugs: Vec<String>,
    gifts: Vec<GiftId>,
    debits: Vec<String>,
    disputes: Vec<String>,
    /// Events on their way: some never arrive, some twice, in any order.
    wire: Vec<Vec<u8>>,
}

impl Month {
    async fn new(seed: u64) -> Self {
        let town = Town::new().await;
        let mut db = town.reader.get().await.unwrap();
        let campaigns = store::campaigns::all(&mut db).await.unwrap();
        drop(db);
        let slugs = campaigns
            .into_iter()
            .filter(|one| one.takes_gifts_at(town.now) && !one.all_or_nothing)
            .take(4)
            .map(|one| one.slug)
            .collect();
        Self {
            town,
            chance: ChaCha8Rng::seed_from_u64(seed),
            slugs,
            gifts: Vec::new(),
            debits: Vec::new(),
            disputes: Vec::new(),
            wire: Vec::new(),
        }
    }

    async fn step(&mut self) {
        match self.chance.random_range(0..100) {
            0..40 => self.somebody_gives().await,
            40..46 => self.a_debit_ends(),
            46..52 => self.somebody_wants_it_back().await,
            52..56 => self.the_provider_refunds().await,
            56..60 => self.a_bank_contests().await,
            60..64 => self.a_dispute_ends(),
            64..84 => self.the_wire_brings_something().await,
            84..92 => self.two_workers_work().await,
            92..95 => self.the_sweep_runs().await,
            _ => {
                let minutes = self.chance.random_range(1..600);
                self.town.wait(Duration::minutes(minutes));
            }
        }
        self.collect();
        self.audit(false).await;
    }

    fn collect(&mut self) {
        self.wire.extend(self.town.sandbox.take_events().into_iter().map(|(_, body)| body));
    }

    async fn somebody_gives(&mut self) {
        let slug = self.slugs.choose(&mut self.chance).unwrap().clone();
        let euros = [5, 10, 20, 37, 50, 80, 100, 400].choose(&mut self.chance).copied().unwrap();
        let email = format!("donateur{}@exemple.fr", self.chance.random_range(0..40));
        let mut ask = self.town.ask(&slug, euros, &email);
        ask.again = true;
        ask.client.address = format!("192.0.2.{}", self.gifts.len() % 250);
        ask.client.flow = ask.gift.to_string();
        let debit = self.chance.random_ratio(1, 4);
        if debit {
            ask.method = PaymentMethod::SepaDebit;
        }
        if self.town.begin(&ask).await.is_err() {
            return;
        }
        self.gifts.push(ask.gift);
        let session = self.town.actions.session_of(ask.gift).await.unwrap().unwrap();
        let outcome = if debit {
            self.debits.push(session.clone());
            Outcome::SepaProcessing
        } else {
            let fate =
                [Outcome::Pay, Outcome::Pay, Outcome::Pay, Outcome::Decline, Outcome::Abandon];
            fate.choose(&mut self.chance).cloned().unwrap()
        };
        self.town.sandbox.pay(&session, &outcome).unwrap();
    }

    fn a_debit_ends(&mut self) {
        if self.debits.is_empty() {
            return;
        }
        let which = self.chance.random_range(0..self.debits.len());
        let session = self.debits.swap_remove(which);
        self.town.sandbox.settle_debit(&session, self.chance.random_ratio(4, 5)).unwrap();
    }

    async fn somebody_wants_it_back(&mut self) {
        let Some(gift) = self.gifts.choose(&mut self.chance).copied() else { return };
        let token = self.town.actions.token_of(gift).await.unwrap().unwrap();
        // Refused is fine: too late, nothing there, asked before.
        drop(self.town.actions.ask_refund(&token, self.town.now).await);
    }

    async fn the_provider_refunds(&mut self) {
        if let Some(gift) = self.gifts.choose(&mut self.chance).copied() {
            // The sandbox refuses what Stripe would: more than is there.
            self.town.refund_there(gift, 300).await;
        }
    }

    async fn a_bank_contests(&mut self) {
        let Some(gift) = self.gifts.choose(&mut self.chance).copied() else { return };
        if let Some(intent) = self.town.intent(gift).await
            && let Ok(dispute) = self.town.sandbox.open_dispute(&intent)
        {
            self.disputes.push(dispute);
        }
    }

    fn a_dispute_ends(&mut self) {
        if self.disputes.is_empty() {
            return;
        }
        let which = self.chance.random_range(0..self.disputes.len());
        let dispute = self.disputes.swap_remove(which);
        self.town.sandbox.end_dispute(&dispute, self.chance.random_bool(0.5)).unwrap();
    }

    async fn the_wire_brings_something(&mut self) {
        for _ in 0..self.chance.random_range(1..6) {
            if self.wire.is_empty() {
                return;
            }
            let which = self.chance.random_range(0..self.wire.len());
            let body = self.wire[which].clone();
            match self.chance.random_range(0..10) {
                // Lost for good: the sweep will find it.
                0 => drop(self.wire.swap_remove(which)),
                // Arrives, and will arrive again.
                1 => drop(self.town.ring(&body).await),
                _ => {
                    self.wire.swap_remove(which);
                    self.town.ring(&body).await;
                }
            }
        }
    }

    async fn two_workers_work(&mut self) {
        tokio::join!(self.town.work(), self.town.work());
    }

    async fn the_sweep_runs(&mut self) {
        self.town.promise(&actions::Task::ReconcilePayments).await;
        self.town.promise(&actions::Task::ReleaseExpired).await;
    }

    /// Cheap invariants after each step; all of them at the end.
    async fn audit(&self, all: bool) {
        // What waits for a worker is no breach while the worker has not run.
        let breaches: Vec<_> = self
            .town
            .actions
            .audit(self.town.now)
            .await
            .unwrap()
            .into_iter()
            .filter(|breach| all || !matches!(breach.invariant.as_str(), "L13" | "L14" | "L18"))
            .collect();
        assert_eq!(breaches, [], "after this step");
    }

    async fn end(mut self) -> usize {
        for _ in 0..6 {
            self.the_sweep_runs().await;
            self.town.work().await;
            self.collect();
            for body in std::mem::take(&mut self.wire) {
                self.town.ring(&body).await;
            }
            self.town.work().await;
            // Back-offs and clearing end.
            self.town.wait(Duration::days(1));
        }
        self.town.work().await;
        self.audit(true).await;
        self.every_payment_is_booked().await;
        self.gifts.len()
    }

    /// The provider's own totals are ours, gift by gift.
    async fn every_payment_is_booked(&self) {
        for gift in &self.gifts {
            let row = self.town.gift(*gift).await;
            let theirs = self.town.theirs(*gift).await;
            let gone = theirs
                .refunds
                .iter()
                .filter(|refund| refund.status == payments::RefundStatus::Succeeded)
                .map(|refund| refund.amount.get())
                .sum::<i64>();
            let ours = (row.captured_cents, row.refunded_cents);
            assert_eq!(ours, (theirs.captured.get(), gone), "{gift} {}", row.state);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_of_faults_leaves_the_books_right() {
    let seed = std::env::var("ESSAIM_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(2026);
    let played = AssertUnwindSafe(async {
        let mut month = Month::new(seed).await;
        for _ in 0..STEPS {
            month.step().await;
        }
        month.end().await
    })
    .catch_unwind()
    .await;
    match played {
        Ok(gifts) => assert!(gifts > 20, "a month with {gifts} gifts proves little"),
        Err(cause) => {
            eprintln!("the failing seed: ESSAIM_SEED={seed}");
            std::panic::resume_unwind(cause);
        }
    }
}
