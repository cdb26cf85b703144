//! Sets of rules side by side, on the past and on an invented year; and gifts that are only tried.

use actions::{Beside, QuoteRefused, Rehearsal, RuleRefused, StaffMember, Year};
use domain::{Cents, role::StaffRole};
use serde_json::{Value, json};
use store::{
    drafts,
    rehearsals::{self, RehearsalRow},
};
use time::Duration;
use uuid::Uuid;

use crate::{
    staff::{enters, refusal},
    town::{BUS, Town},
};

const AUTHOR: &str = "fonds@exemple.fr";
/// The rule of the demonstration for rural projects, alone in its pot.
const RURAL: &str = "rural";

/// A draft of the rural rule with another rate.
async fn draft(town: &Town, author: &StaffMember, rate_bps: i64) -> i64 {
    let number = refusal(town.actions.begin_draft(author, (RURAL, None), town.now).await).unwrap();
    change(town, author, number, ("rate_bps", json!(rate_bps))).await;
    number
}

async fn change(town: &Town, author: &StaffMember, number: i64, (key, value): (&str, Value)) {
    let mut db = town.reader.get().await.unwrap();
    let mut document = drafts::read(&mut db, number).await.unwrap().unwrap().document;
    drop(db);
    document[key] = value;
    refusal(town.actions.edit_draft(author, (number, &document), town.now).await).unwrap();
}

/// A draft of another rule in the pot of the rural one, that gives nothing.
async fn nothing(town: &Town, author: &StaffMember) -> i64 {
    let begun = town.actions.begin_draft(author, ("rien", Some("ruralite")), town.now).await;
    let number = refusal(begun).unwrap();
    change(town, author, number, ("rate_bps", json!(0))).await;
    number
}

async fn asks(
    town: &Town,
    author: &StaffMember,
    number: i64,
    asked: &Rehearsal,
) -> Result<Uuid, RuleRefused> {
    refusal(town.actions.ask_to_rehearse(author, (number, asked), town.now).await)
}

async fn ended(town: &Town, id: Uuid) -> RehearsalRow {
    town.work().await;
    let mut db = town.reader.get().await.unwrap();
    let row = rehearsals::read(&mut db, id).await.unwrap().unwrap();
    assert!(row.ended_at.is_some());
    row
}

fn sets(row: &RehearsalRow) -> Vec<Value> {
    let report = row.report.as_ref().unwrap_or_else(|| panic!("{:?}", row.problem));
    report["report"]["candidates"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_and_versions_are_compared_one_rehearsal_at_a_time() {
    let mut town = Town::new().await;
    let author = enters(&town, AUTHOR, StaffRole::Operator).await;
    town.give(BUS, 20, "camille@exemple.fr").await;
    town.deliver().await;
    let number = draft(&town, &author, 6_000).await;
    let other = nothing(&town, &author).await;
    let beside = vec![Beside::Draft(other), Beside::Version(RURAL.to_owned(), 1)];
    let asked = Rehearsal { beside: beside.clone(), year: None };
    let id = asks(&town, &author, number, &asked).await.unwrap();
    let again = asks(&town, &author, number, &asked).await;
    assert_eq!(again, Err(RuleRefused::Rehearsing { id }), "one at a time for each pot");
    let row = ended(&town, id).await;
    let matched: Vec<i64> = sets(&row).iter().map(|set| set["match"].as_i64().unwrap()).collect();
    let [now, doubled, with_nothing, first] = matched.as_slice() else { panic!("{matched:?}") };
    assert_eq!((doubled - now, first - now), (600, 0));
    assert_eq!(with_nothing - now, -600, "the first rule of a pot answers, were it with nothing");
    assert_eq!(row.gifts, Some(1));
    let refused = async |beside: &[Beside]| {
        let asked = Rehearsal { beside: beside.to_vec(), year: None };
        asks(&town, &author, number, &asked).await
    };
    let no = Err(RuleRefused::Beside);
    assert_eq!(refused(&[Beside::Draft(number)]).await, no, "itself");
    assert_eq!(refused(&[Beside::Version("socle".to_owned(), 1)]).await, no, "of another pot");
    assert_eq!(refused(&[beside[0].clone(), beside[0].clone()]).await, no, "twice the same");
    let id = asks(&town, &author, number, &asked).await.unwrap();
    town.wait(Duration::minutes(11));
    let next = asks(&town, &author, number, &asked).await.unwrap();
    let (lost, next) = (ended(&town, id).await, ended(&town, next).await);
    assert_eq!(lost.problem.as_deref(), Some("given_up"), "it makes room after ten minutes");
    assert_eq!(sets(&next).len(), 4);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_is_drawn_from_the_past_and_does_not_stand_for_it() {
    let town = Town::new().await;
    let author = enters(&town, AUTHOR, StaffRole::Operator).await;
    let number = draft(&town, &author, 6_000).await;
    let year = |gifts, seed| Rehearsal { beside: Vec::new(), year: Some(Year { gifts, seed }) };
    for bad in [year(0, 1), year(1_000_001, 1), year(10, -1)] {
        assert_eq!(asks(&town, &author, number, &bad).await, Err(RuleRefused::Year));
    }
    let id = asks(&town, &author, number, &year(10, 1)).await.unwrap();
    assert_eq!(ended(&town, id).await.problem.as_deref(), Some("no_gift"), "nothing to draw from");
    town.give(BUS, 20, "camille@exemple.fr").await;
    town.deliver().await;
    town.give(BUS, 30, "sacha@exemple.fr").await;
    town.deliver().await;
    let mut seen = Vec::new();
    for seed in [1, 1, 2] {
        let id = asks(&town, &author, number, &year(2_000, seed)).await.unwrap();
        let row = ended(&town, id).await;
        assert_eq!(row.gifts, Some(2_000));
        let sets = sets(&row);
        let raised = sets[0]["raised"].as_i64().unwrap();
        assert!((2_000 * 2_000..=2_000 * 3_000).contains(&raised), "{raised}");
        assert_eq!(sets[0]["raised"], sets[1]["raised"], "the same gifts for all");
        assert!(sets[1]["match"].as_i64() > sets[0]["match"].as_i64());
        seen.push(sets);
    }
    assert_eq!(seen[0], seen[1], "the same seed, the same year");
    assert_ne!(seen[0], seen[2]);
    let view = town.actions.draft(number, town.now).await.unwrap().unwrap();
    assert!(!view.rehearsed, "only the past counts for publication");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gift_is_tried_under_the_draft_and_in_force_and_leaves_no_trace() {
    let town = Town::new().await;
    let author = enters(&town, AUTHOR, StaffRole::Operator).await;
    let number = draft(&town, &author, 6_000).await;
    let tries = async |number, slug: &str, euros: i64| {
        let gift = (slug, Cents::new(euros * 100));
        refusal(town.actions.try_gift(number, gift, town.now).await)
    };
    let trial = tries(number, BUS, 20).await.unwrap().unwrap();
    assert_eq!(trial.with_draft.total.get() - trial.in_force.total.get(), 600, "30 % of 20 €");
    let said = trial.with_draft.lines.iter().find(|line| line.amount.get() == 1_200).unwrap();
    assert!(said.sentence.contains("le fonds ajoute 60\u{a0}% du don"), "{}", said.sentence);
    change(&town, &author, number, ("eligibility", json!({ "rural": false }))).await;
    let trial = tries(number, BUS, 20).await.unwrap().unwrap();
    assert_eq!(trial.in_force.total.get() - trial.with_draft.total.get(), 600);
    assert!(trial.with_draft.not_applied.len() > trial.in_force.not_applied.len(), "and why");
    let unknown = tries(number, "nulle-part", 20).await;
    assert_eq!(unknown.unwrap_err(), QuoteRefused::UnknownCampaign);
    assert!(matches!(tries(number, BUS, 0).await, Err(QuoteRefused::Amount(_))));
    assert!(tries(99, BUS, 20).await.unwrap().is_none(), "no such draft");
    town.end().await;
}
