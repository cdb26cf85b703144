//! Rules of the fund: one writes and rehearses, another approves, and nothing that was decided
//! changes.

use actions::{DeskRefused, Rehearsal, RuleRefused, StaffMember};
use domain::role::StaffRole;
use serde_json::{Value, json};
use store::{
    drafts,
    rehearsals::{self, RehearsalRow},
    rules,
};
use time::Duration;

use crate::{
    staff::{enters, refusal},
    town::{BUS, Town},
};

const AUTHOR: &str = "fonds@exemple.fr";
const OTHER: &str = "fonds2@exemple.fr";
/// The rule of the demonstration for rural projects.
const RURAL: &str = "rural";

async fn document(town: &Town, number: i64) -> Value {
    let mut db = town.reader.get().await.unwrap();
    drafts::read(&mut db, number).await.unwrap().unwrap().document
}

/// A draft that doubles the rate of the rural rule, rehearsed.
async fn doubled(town: &Town, author: &StaffMember) -> i64 {
    let number = refusal(town.actions.begin_draft(author, (RURAL, None), town.now).await).unwrap();
    let mut changed = document(town, number).await;
    changed["rate_bps"] = json!(6_000);
    let edited = town.actions.edit_draft(author, (number, &changed), town.now).await;
    refusal(edited).unwrap();
    number
}

async fn rehearse(town: &Town, author: &StaffMember, number: i64) -> RehearsalRow {
    let asked = Rehearsal::default();
    let asked = town.actions.ask_to_rehearse(author, (number, &asked), town.now).await;
    let id = refusal(asked).unwrap();
    town.work().await;
    let mut db = town.reader.get().await.unwrap();
    rehearsals::read(&mut db, id).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_written_rehearsed_approved_by_another_and_holds_for_later_gifts() {
    let mut town = Town::new().await;
    let author = enters(&town, AUTHOR, StaffRole::Operator).await;
    let other = enters(&town, OTHER, StaffRole::Operator).await;
    let before = town.give(BUS, 20, "camille@exemple.fr").await;
    town.deliver().await;
    let matched = town.gift(before).await.match_cents;
    let number = doubled(&town, &author).await;
    let submits =
        async |town: &Town| refusal(town.actions.submit_draft(&author, number, town.now).await);
    assert_eq!(submits(&town).await, Err(RuleRefused::Findings), "not rehearsed");
    let rehearsed = rehearse(&town, &author, number).await;
    assert_eq!(rehearsed.problem, None);
    let sides = &rehearsed.report.unwrap()["report"]["candidates"];
    let more = sides[1]["match"].as_i64().unwrap() - sides[0]["match"].as_i64().unwrap();
    assert_eq!(more, 600, "30 % of 20 € more");
    assert_eq!(sides[0]["match"].as_i64(), Some(matched), "the past as it was booked");
    assert_eq!(submits(&town).await, Ok(()));
    assert_eq!(submits(&town).await, Err(RuleRefused::Desk(DeskRefused::Unknown)), "once");
    let approves = async |town: &Town, by: &StaffMember| {
        refusal(town.actions.approve_draft(by, number, town.now).await)
    };
    assert_eq!(approves(&town, &author).await, Err(RuleRefused::OwnDraft));
    let mut stale = other.clone();
    stale.principal.strong_at = None;
    let answer = approves(&town, &stale).await;
    assert_eq!(answer, Err(RuleRefused::Desk(DeskRefused::ProveFirst)));
    assert_eq!(approves(&town, &other).await, Ok(2));
    assert_eq!(town.gift(before).await.match_cents, matched, "what was decided stays");
    town.wait(Duration::minutes(1));
    let after = town.give(BUS, 20, "sacha@exemple.fr").await;
    town.deliver().await;
    assert_eq!(town.gift(after).await.match_cents, matched + 600);
    let mut db = town.reader.get().await.unwrap();
    let all = rules::published(&mut db).await.unwrap();
    let ours: Vec<_> = all.iter().filter(|one| one.row.id == RURAL).collect();
    let current: Vec<i64> = ours
        .iter()
        .filter(|one| rules::is_current(&all, one, town.now))
        .map(|one| one.row.version)
        .collect();
    assert_eq!(current, [2]);
    let said = ours.last().unwrap().row.sentences["base"].as_str().unwrap();
    assert!(said.contains("en territoire rural, le fonds ajoute 60\u{a0}% du don"), "{said}");
    drop(db);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_stays_of_its_rule_and_says_what_keeps_it_from_being_published() {
    let town = Town::new().await;
    let author = enters(&town, AUTHOR, StaffRole::Operator).await;
    let auditor = enters(&town, "controle@exemple.fr", StaffRole::Auditor).await;
    let begins =
        async |by, rule, pot| refusal(town.actions.begin_draft(by, (rule, pot), town.now).await);
    let not_allowed = RuleRefused::Desk(DeskRefused::NotAllowed);
    assert_eq!(begins(&auditor, RURAL, None).await, Err(not_allowed));
    assert_eq!(begins(&author, "Règle !", Some("socle")).await, Err(RuleRefused::Name));
    let unknown = RuleRefused::Desk(DeskRefused::Unknown);
    assert_eq!(begins(&author, "neuve", Some("aucun")).await, Err(unknown.clone()));
    let number = begins(&author, RURAL, None).await.unwrap();
    assert_eq!(begins(&author, RURAL, None).await, Err(RuleRefused::OpenAlready { number }));
    let mut changed = document(&town, number).await;
    changed["pot"] = json!("socle");
    changed["id"] = json!("autre");
    changed["eligibility"]["territories"] = json!(["23", "nulle part"]);
    changed["effective_to"] = json!("2020-01-01T00:00:00Z");
    refusal(town.actions.edit_draft(&author, (number, &changed), town.now).await).unwrap();
    let view = town.actions.draft(number, town.now).await.unwrap().unwrap();
    assert_eq!(
        (view.document["id"].as_str(), view.document["pot"].as_str()),
        (Some(RURAL), Some("ruralite"))
    );
    let found: Vec<&str> =
        view.findings.iter().filter_map(|(_, what)| what["finding"].as_str()).collect();
    assert!(found.contains(&"unknown_code") && found.contains(&"not_rehearsed"), "{found:?}");
    (changed["mode"], changed["effective_to"]) = (json!("pro_rata"), json!(null));
    refusal(town.actions.edit_draft(&author, (number, &changed), town.now).await).unwrap();
    let view = town.actions.draft(number, town.now).await.unwrap().unwrap();
    assert!(
        view.findings.contains(&(true, json!({ "finding": "round_without_end" }))),
        "a round has an end"
    );
    let wrong = json!({ "mode": "parfois" });
    let edited = refusal(town.actions.edit_draft(&author, (number, &wrong), town.now).await);
    assert!(matches!(edited, Err(RuleRefused::Unreadable { .. })), "{edited:?}");
    assert_eq!(refusal(town.actions.withdraw_draft(&author, number, town.now).await), Ok(()));
    let again = refusal(town.actions.withdraw_draft(&author, number, town.now).await);
    assert_eq!(again, Err(unknown));
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_has_a_reason_and_an_edit_asks_for_another_rehearsal() {
    let town = Town::new().await;
    let author = enters(&town, AUTHOR, StaffRole::Operator).await;
    let other = enters(&town, OTHER, StaffRole::Operator).await;
    town.give(BUS, 20, "camille@exemple.fr").await;
    town.deliver().await;
    let number = doubled(&town, &author).await;
    assert_eq!(rehearse(&town, &author, number).await.gifts, Some(1));
    let mut changed = document(&town, number).await;
    changed["rate_bps"] = json!(7_000);
    refusal(town.actions.edit_draft(&other, (number, &changed), town.now).await).unwrap();
    let submits = refusal(town.actions.submit_draft(&author, number, town.now).await);
    assert_eq!(submits, Err(RuleRefused::Findings), "another rule than the rehearsed one");
    rehearse(&town, &author, number).await;
    refusal(town.actions.submit_draft(&author, number, town.now).await).unwrap();
    let refuses =
        async |by, why| refusal(town.actions.refuse_draft(by, (number, why), town.now).await);
    assert_eq!(refuses(&other, "non").await, Err(RuleRefused::OwnDraft), "who edited it too");
    let third = enters(&town, "fonds3@exemple.fr", StaffRole::Operator).await;
    assert_eq!(refuses(&third, " ").await, Err(RuleRefused::Desk(DeskRefused::Reason)));
    assert_eq!(refuses(&third, "le pot n'y suffit pas").await, Ok(()));
    town.end().await;
}
