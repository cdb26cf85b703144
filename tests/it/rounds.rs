//! A round that is open: what is said of it before and after a gift, beside the ledger that anybody
//! counts.

use actions::{NewPot, StaffMember};
use domain::{
    Cents,
    ids::{CampaignId, PotId},
    role::StaffRole,
};
use matching::{
    case::{Donor, DonorKind, GiftKind},
    line::RuleRef,
    replay::{Ledger, NewGift},
};
use serde_json::{Value, json};
use store::{
    campaigns,
    pots::{PotRow, TrancheRow},
    rules::RuleSetRow,
};
use templates::pages::WhyNot;
use time::{Duration, OffsetDateTime};

use crate::{
    staff::enters,
    town::{BUS, Town},
};

pub const ROUBAIX: &str = "roubaix-reconditionne-mille-ordinateurs-pour-les-familles";
pub const DONORS: [&str; 4] =
    ["ana@exemple.fr", "basile@exemple.fr", "chloe@exemple.fr", "driss@exemple.fr"];

fn text(at: OffsetDateTime) -> String {
    domain::UtcSeconds::from(at).to_string()
}

/// A pot with one rule, that closes in thirty days.
fn pot(mode: Value, cents: i64, now: OffsetDateTime) -> NewPot {
    let (from, to) = (now - Duration::days(1), now + Duration::days(30));
    let mut document = json!({
        "id": "tour", "version": 1, "pot": "tour", "label_fr": "Tour citoyen", "rate_bps": 5000,
        "published_at": text(from), "effective_from": text(from), "effective_to": text(to),
        "caps": {"min_donation": 1000, "per_donor_campaign_base_cap": 20000}
    });
    document.as_object_mut().unwrap().extend(mode.as_object().unwrap().clone());
    let terms = json!({"id": "dons", "at": text(from), "amount": cents, "origin": "citizen",
        "earmark": {}});
    NewPot {
        pot: PotRow { id: "tour".into(), ordinal: 90, title: "Tour citoyen".into() },
        tranches: vec![TrancheRow {
            pot_id: "tour".into(),
            id: "dons".into(),
            contributor_name: "Dons".into(),
            origin: "citizen".into(),
            terms,
            amount_cents: cents,
            used_cents: 0,
            withdrawn_cents: 0,
        }],
        rules: vec![RuleSetRow {
            id: "tour".into(),
            version: 1,
            pot_id: "tour".into(),
            document,
            sentences: json!({}),
            published_at: from,
            effective_from: from,
            effective_to: Some(to),
        }],
    }
}

pub fn quadratic() -> Value {
    json!({"mode": "quadratic", "quadratic": {"pair_bound": 5000, "pot_share_max_bps": 8000}})
}

/// A town with such a pot, its campaigns noted to fit it.
pub async fn town(mode: Value, cents: i64) -> Town {
    let town = Town::new().await;
    town.actions.open_pots(&[pot(mode, cents, town.now)], town.now).await.unwrap();
    let mut tx = town.writer.begin().await.unwrap();
    for campaign in ["demo-01", "demo-03"] {
        let row = campaigns::read(&mut tx, &CampaignId::new(campaign)).await.unwrap();
        let facts = serde_json::from_value(row.facts).unwrap();
        store::pots::note_fits(&mut tx, &facts).await.unwrap();
    }
    tx.commit().await.unwrap();
    town
}

/// The range that the form shows for a gift, and the sentence.
async fn shown(town: &Town, cents: i64) -> (Option<(Cents, Cents)>, String) {
    let quotes = town.actions.quote_gifts(BUS, &[Cents::new(cents)], town.now).await.unwrap();
    let told = &quotes[0].matched.not_applied;
    let round = told.iter().find(|rule| rule.name == "Tour citoyen").unwrap();
    let gain = match &round.why {
        WhyNot::SharedAtClose { gain, .. } => *gain,
        _ => None,
    };
    (gain, round.why.sentence())
}

/// The same from the ledger of the pot, replayed by who knows nothing of our tables.
async fn counted((town, by): (&Town, &StaffMember), cents: i64) -> (Cents, Cents) {
    let pot = PotId::new("tour");
    let file = town.actions.export_ledger(by, &pot, town.now).await.unwrap();
    let mut ledger = Ledger::read(&file).unwrap();
    ledger.donors.push(Donor {
        id: "visitor".into(),
        kind: DonorKind::Citizen,
        group: None,
        trust_bps: domain::BasisPoints::WHOLE,
    });
    let gift = NewGift {
        name: "new".into(),
        donor: "visitor".into(),
        campaign: CampaignId::new("demo-01"),
        amount: Cents::new(cents),
        kind: GiftKind::Cash,
    };
    let rule = RuleRef { id: "tour".into(), version: 1 };
    let replayed = ledger.replay().unwrap();
    let estimate = replayed.estimate((&pot, &rule), &gift, town.now.into()).unwrap().unwrap();
    (estimate.low, estimate.high)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quadratic_round_shows_the_range_of_its_ledger() {
    for cents in [1_000, 40_000] {
        let mut town = town(quadratic(), cents).await;
        let by = enters(&town, "audit@fonds.fr", StaffRole::Auditor).await;
        for (donor, euros) in DONORS.iter().zip([20, 50, 200, 35]) {
            town.give(BUS, euros, donor).await;
            town.give(ROUBAIX, euros + 10, donor).await;
        }
        town.give(BUS, 30, "eva@exemple.fr").await;
        for asked in [1_000, 2_000, 50_000] {
            let (gain, sentence) = shown(&town, asked).await;
            assert_eq!(gain, Some(counted((&town, &by), asked).await), "{asked} cents of {cents}");
            assert!(sentence.contains("C’est une estimation"), "{sentence}");
        }
        let (gain, sentence) = shown(&town, 900).await;
        assert_eq!(gain, None);
        assert!(sentence.contains("à partir de 10"), "{sentence}");
        // The votes are read anew after a while, not at once.
        let before = shown(&town, 2_000).await;
        for donor in ["fanny@exemple.fr", "gael@exemple.fr", "hugo@exemple.fr"] {
            town.give(BUS, 100, donor).await;
        }
        assert_eq!(shown(&town, 2_000).await, before);
        town.wait(Duration::minutes(1));
        let (gain, _) = shown(&town, 2_000).await;
        assert_eq!(gain, Some(counted((&town, &by), 2_000).await));
        assert_ne!(gain, before.0);
        town.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gift_is_told_that_its_round_shares_later() {
    for mode in [quadratic(), json!({"mode": "pro_rata"})] {
        let town = town(mode, 40_000).await;
        let gift = town.give(BUS, 20, "ana@exemple.fr").await;
        let row = town.gift(gift).await;
        let mut told = town.actions.shared_at_close(&row).await.unwrap();
        told.retain(|rule| rule.name == "Tour citoyen");
        assert_eq!(told.len(), 1);
        let sentence = told[0].why.sentence();
        assert!(sentence.ends_with("La part de ce don sera connue ce jour-là."), "{sentence}");
        let sent = town.post.sent();
        let thanks = sent.iter().find(|(m, _)| m.letter().kind() == "thanks").unwrap();
        let mail::Letter::Thanks(thanks) = thanks.0.letter() else { panic!("not thanks") };
        assert!(thanks.at_close.iter().any(|rule| rule.reason == sentence));
        assert!(thanks.not_applied.iter().all(|rule| rule.name != "Tour citoyen"));
        // A small one is not in the round.
        let small = town.gift(town.give(BUS, 9, "basile@exemple.fr").await).await;
        let told = town.actions.shared_at_close(&small).await.unwrap();
        assert!(told.iter().all(|rule| rule.name != "Tour citoyen"), "{told:?}");
        town.end().await;
    }
}
