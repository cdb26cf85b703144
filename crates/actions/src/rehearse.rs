//! A rehearsal: every gift of the past played again under a draft, everything else equal, away from
//! who asked for it.

use std::time::Instant;

use domain::role::StaffRole;
use jobs::Claim;
use matching::{
    RuleSet,
    simulate::{Asked, Candidate},
};
use serde_json::{Value, json};
use store::{
    Reads,
    drafts::{self, DraftRow},
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    house::Actions,
    outcome::Stop,
    rule_drafts::{RuleRefused, from_desk, trail},
    staff::{DeskRefused, StaffMember, may},
    task::Task,
};

/// How far a rehearsal is once the past is written out, in hundredths.
const PAST_READ: i32 = 30;
/// The longest problem that is kept.
const PROBLEM: usize = 1_000;

impl Actions {
    /// Asks for a rehearsal of a draft as it is; says its id.
    ///
    /// # Errors
    /// Refused to who is no operator, and when the draft is over.
    pub async fn ask_to_rehearse(
        &self,
        by: &StaffMember,
        number: i64,
        now: OffsetDateTime,
    ) -> Result<Uuid, Stop<RuleRefused>> {
        let mut tx = self.begin().await?;
        from_desk(may(&mut tx, by, StaffRole::Operator).await)?;
        let Some(row) = drafts::lock(&mut tx, number).await?.filter(DraftRow::is_open) else {
            return Err(Stop::Refused(RuleRefused::Desk(DeskRefused::Unknown)));
        };
        let id = Uuid::now_v7();
        let asked = (id, number, &row.document);
        drafts::rehearse(&mut tx, asked, by.person().uuid(), now).await?;
        trail(&mut tx, by, ("rehearse_rule", number, &row.rule_set_id), (None, None), now).await?;
        self.promise(&mut tx, &Task::Rehearse { rehearsal: id }, None).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Plays the past again and keeps what comes of it.
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
        let asked = drafts::rehearsal(&mut db, id).await?.filter(|row| row.ended_at.is_none());
        drop(db);
        if let Some(row) = asked {
            let began = Instant::now();
            let draft: RuleSet = serde_json::from_value(row.document)?;
            let past = self.past_of(&draft.pot, now).await?;
            self.note_progress(id, PAST_READ).await?;
            let played = tokio::task::spawn_blocking(move || play(&past, draft)).await?;
            let took = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
            let mut tx = self.begin().await?;
            let report = played.as_ref().map_err(|problem| problem.as_str());
            let gifts = report.map_or(0, gifts_of);
            drafts::end_rehearsal(&mut tx, id, (gifts, took, report), now).await?;
            tx.commit().await?;
        }
        let mut tx = self.begin().await?;
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn note_progress(&self, id: Uuid, progress: i32) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        drafts::note_progress(&mut tx, id, progress).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The past under the rules as they were, and with the draft in the place of its rule from the
/// first day on.
fn play(past: &str, draft: RuleSet) -> Result<Value, String> {
    let told = |problem: String| problem.chars().take(PROBLEM).collect::<String>();
    let ledger: Value = serde_json::from_str(past).map_err(|error| told(error.to_string()))?;
    let rules: Vec<RuleSet> = serde_json::from_value(ledger["input"]["rule_sets"].clone())
        .map_err(|error| told(error.to_string()))?;
    let first = rules.iter().map(|rule| rule.effective_from).min();
    let mut under: Vec<RuleSet> = rules.into_iter().filter(|rule| rule.id != draft.id).collect();
    let from = first.unwrap_or(draft.effective_from);
    under.push(RuleSet {
        version: 1,
        published_at: None,
        effective_from: from,
        effective_to: None,
        ..draft
    });
    let candidate = Candidate { name: "draft".to_owned(), rule_sets: under, pots: Vec::new() };
    let asked = Asked { candidates: vec![candidate], ..Asked::default() };
    let report = matching::simulate(past, &asked).map_err(|error| told(error.to_string()))?;
    Ok(json!({ "report": report, "territories": territories(&ledger) }))
}

/// Where each campaign of the past is.
fn territories(ledger: &Value) -> Value {
    let campaigns = ledger["input"]["campaigns"].as_array().map_or(&[][..], Vec::as_slice);
    let of = |campaign: &Value| {
        Some((campaign["id"].as_str()?.to_owned(), campaign["territory"].clone()))
    };
    Value::Object(campaigns.iter().filter_map(of).collect())
}

/// Gifts that stood under the rules as they were.
fn gifts_of(report: &Value) -> i64 {
    let counted = &report["report"]["candidates"][0]["gifts"];
    ["full", "part", "none"].iter().filter_map(|how| counted[how].as_i64()).sum()
}
