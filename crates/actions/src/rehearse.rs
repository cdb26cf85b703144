//! A rehearsal: the gifts of the past, or those of an invented year, played again under a draft and
//! other rules, everything else equal, away from who asked for it.

use std::{
    sync::Arc,
    time::{Duration as Elapsed, Instant},
};

use domain::role::StaffRole;
use jobs::Claim;
use matching::{
    RuleSet,
    simulate::{Asked, Candidate, Past, Progress, Synthetic},
};
use serde_json::{Value, json};
use store::{
    Reads, Tx,
    drafts::{self, DraftRow},
    rehearsals::{self, NewRehearsal, RehearsalRow},
    rules,
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    house::Actions,
    outcome::Stop,
    rule_drafts::{RuleRefused, from_desk, trail},
    staff::{DeskRefused, StaffMember, may},
    task::Task,
};

/// How far a rehearsal is once the past is written out, in hundredths.
const PAST_READ: u64 = 10;
/// How often its progress is written down.
const BEAT: Elapsed = Elapsed::from_millis(500);
/// A rehearsal that takes longer is stopped: less than what a job may take.
const LONGEST: Elapsed = Elapsed::from_secs(35);
/// One that was not heard of for so long gives way to the next.
const FORGOTTEN: Duration = Duration::minutes(10);
/// The longest problem that is kept.
const PROBLEM: usize = 1_000;
/// The most gifts of an invented year.
const MOST_GIFTS: i64 = 1_000_000;
/// The most sets of rules beside the draft and those in force.
const MOST_BESIDE: usize = 2;

/// What a rehearsal plays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rehearsal {
    /// Other rules to compare, two at most.
    pub beside: Vec<Beside>,
    /// A year of invented gifts instead of the past.
    pub year: Option<Year>,
}

/// Other rules of the same pot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beside {
    /// An open draft, by its number.
    Draft(i64),
    /// A published version of a rule.
    Version(String, i64),
}

/// A year of gifts drawn from those of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Year {
    /// How many, from 1 to a million.
    pub gifts: i64,
    /// The same seed invents the same gifts; not below 0.
    pub seed: i64,
}

impl Actions {
    /// Asks for a rehearsal of a draft as it is; says its id.
    ///
    /// # Errors
    /// Refused to who is no operator, when the draft is over, for rules that cannot be beside it,
    /// for a year out of bounds, and while another rehearsal of the pot is under way.
    pub async fn ask_to_rehearse(
        &self,
        by: &StaffMember,
        (number, asked): (i64, &Rehearsal),
        now: OffsetDateTime,
    ) -> Result<Uuid, Stop<RuleRefused>> {
        let bounds = 1..=MOST_GIFTS;
        if asked.year.is_some_and(|year| !bounds.contains(&year.gifts) || year.seed < 0) {
            return Err(Stop::Refused(RuleRefused::Year));
        }
        let mut tx = self.begin().await?;
        from_desk(may(&mut tx, by, StaffRole::Operator).await)?;
        let Some(row) = drafts::lock(&mut tx, number).await?.filter(DraftRow::is_open) else {
            return Err(Stop::Refused(RuleRefused::Desk(DeskRefused::Unknown)));
        };
        let beside = beside(&mut tx, &row, &asked.beside).await?;
        let id = Uuid::now_v7();
        let new = NewRehearsal {
            id,
            draft: number,
            document: &row.document,
            asked_by: by.person().uuid(),
            asked_at: now,
            pot_id: &row.pot_id,
            beside,
            year_gifts: asked.year.map(|year| year.gifts),
            year_seed: asked.year.map(|year| year.seed),
        };
        rehearsals::give_up(&mut tx, &row.pot_id, now - FORGOTTEN, ("given_up", now)).await?;
        if !rehearsals::ask(&mut tx, &new).await? {
            let id = rehearsals::under_way(&mut tx, &row.pot_id).await?.unwrap_or_default();
            return Err(Stop::Refused(RuleRefused::Rehearsing { id }));
        }
        trail(&mut tx, by, ("rehearse_rule", number, &row.rule_set_id), (None, None), now).await?;
        self.promise(&mut tx, &Task::Rehearse { rehearsal: id }, None).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Plays what was asked for and keeps what comes of it.
    ///
    /// # Errors
    /// When the database refuses. A rehearsal that cannot be made ends with its problem.
    pub async fn rehearse(
        &self,
        claim: &Claim,
        id: Uuid,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut db = self.reader().get().await?;
        let asked = rehearsals::read(&mut db, id).await?.filter(|row| row.ended_at.is_none());
        drop(db);
        if let Some(row) = asked {
            let began = Instant::now();
            let played = self.played(row, now).await?;
            let took = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
            let mut tx = self.begin().await?;
            let report = played.as_ref().map_err(|problem| problem.as_str());
            let gifts = report.map_or(0, gifts_of);
            rehearsals::end(&mut tx, id, (gifts, took, report), now).await?;
            tx.commit().await?;
        }
        let mut tx = self.begin().await?;
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The report, or why there is none; its progress is written down meanwhile.
    async fn played(
        &self,
        row: RehearsalRow,
        now: OffsetDateTime,
    ) -> anyhow::Result<Result<Value, String>> {
        let (id, began) = (row.id, Instant::now());
        let past = self.past_of(&domain::ids::PotId::new(row.pot_id.as_str()), now).await?;
        self.note_progress(id, PAST_READ).await?;
        let watched = Watched::default();
        let progress = watched.0.clone();
        let mut playing = tokio::task::spawn_blocking(move || play(past, &row, (now, &progress)));
        while began.elapsed() < LONGEST {
            if let Ok(played) = tokio::time::timeout(BEAT, &mut playing).await {
                return Ok(played?.map_err(|error| error.chars().take(PROBLEM).collect()));
            }
            let done = watched.0.hundredths().saturating_mul(100 - PAST_READ) / 100;
            self.note_progress(id, PAST_READ.saturating_add(done)).await?;
        }
        // Nobody waits for the thread: it ends at its next step.
        Ok(Err("too_long".to_owned()))
    }

    async fn note_progress(&self, id: Uuid, progress: u64) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        rehearsals::note_progress(&mut tx, id, i32::try_from(progress.min(99))?).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Whoever waits for replays and goes away ends them.
#[derive(Default)]
struct Watched(Arc<Progress>);

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Each set of rules beside a draft: which, and what it says now.
async fn beside(
    tx: &mut Tx,
    draft: &DraftRow,
    asked: &[Beside],
) -> Result<Value, Stop<RuleRefused>> {
    let refused = || Stop::Refused(RuleRefused::Beside);
    let mut found: Vec<Value> = Vec::new();
    for one in asked {
        let row = match one {
            Beside::Draft(number) => {
                let other = drafts::read(tx, *number).await?.filter(|other| {
                    other.is_open() && other.number != draft.number && other.pot_id == draft.pot_id
                });
                let other = other.ok_or_else(refused)?;
                json!({ "kind": "draft", "number": number, "rule": other.rule_set_id,
                    "document": other.document })
            }
            Beside::Version(rule, version) => {
                let published = rules::published(tx).await?;
                let other = published.iter().find(|one| {
                    let row = &one.row;
                    row.id == *rule && row.version == *version && row.pot_id == draft.pot_id
                });
                let document = json!(other.ok_or_else(refused)?.rules);
                json!({ "kind": "version", "rule": rule, "version": version, "document": document })
            }
        };
        if found.contains(&row) {
            return Err(refused());
        }
        found.push(row);
    }
    if found.len() > MOST_BESIDE {
        return Err(refused());
    }
    Ok(Value::Array(found))
}

/// The past or a year under the rules as they are, and with each other set in the place of its rule
/// from the first day on.
fn play(
    past: String,
    row: &RehearsalRow,
    (now, progress): (OffsetDateTime, &Progress),
) -> Result<Value, String> {
    let ledger = Past::read(&past).map_err(|error| error.to_string())?;
    drop(past);
    if ledger.gifts() == 0 && row.year_gifts.is_some() {
        return Err("no_gift".to_owned());
    }
    let others = row.beside.as_array().into_iter().flatten().map(|one| &one["document"]);
    let mut candidates = Vec::new();
    for (place, document) in std::iter::once(&row.document).chain(others).enumerate() {
        let set: RuleSet =
            serde_json::from_value(document.clone()).map_err(|error| error.to_string())?;
        let rule_sets = in_its_place(ledger.rules(), set);
        candidates.push(Candidate { name: place.to_string(), rule_sets, pots: Vec::new() });
    }
    let year = row.year_gifts.zip(row.year_seed).map(|(gifts, seed)| Synthetic {
        gifts: u32::try_from(gifts).unwrap_or(0),
        seed: seed.unsigned_abs(),
        amounts: None,
        year: Some(now.into()),
    });
    let asked = Asked { candidates, synthetic: year, marginal: false };
    let report = ledger.rehearse(&asked, progress).map_err(|error| error.to_string())?;
    Ok(json!({ "report": report }))
}

/// Every other rule, and this one from the first day on.
fn in_its_place(rules: &[RuleSet], set: RuleSet) -> Vec<RuleSet> {
    let first = rules.iter().map(|rule| rule.effective_from).min();
    let effective_from = first.unwrap_or(set.effective_from);
    let mut all: Vec<RuleSet> = rules.iter().filter(|rule| rule.id != set.id).cloned().collect();
    all.push(RuleSet { version: 1, published_at: None, effective_from, effective_to: None, ..set });
    all
}

/// Gifts that stood under the rules as they were.
fn gifts_of(report: &Value) -> i64 {
    let counted = &report["report"]["candidates"][0]["gifts"];
    ["full", "part", "none"].iter().filter_map(|how| counted[how].as_i64()).sum()
}
