//! Rules of the fund, before they hold: one operator writes and rehearses, another approves. What
//! was decided stays decided: a published version never changes.

use domain::{UtcSeconds, role::StaffRole};
use matching::RuleSet;
use serde_json::{Value, json};
use store::{
    Tx,
    drafts::{self, DraftRow, End},
    pots,
    rules::RuleSetRow,
};
use time::OffsetDateTime;

use crate::{
    desk::note,
    house::Actions,
    outcome::Stop,
    rule_checks::{DraftView, last_version, view},
    staff::{DeskAnswer, DeskRefused, StaffMember, allowed, may, reason},
};

/// Why a rule is not what it was asked to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleRefused {
    /// Not for this person, or not any more.
    #[error("{0}")]
    Desk(DeskRefused),
    /// Who wrote it does not approve it.
    #[error("somebody else approves")]
    OwnDraft,
    /// Another draft of this rule is open.
    #[error("another draft is open")]
    OpenAlready {
        /// Its number.
        number: i64,
    },
    /// The name of a new rule has other letters than `a` to `z`, digits and `_`.
    #[error("not a name")]
    Name,
    /// The document is no rule set.
    #[error("not a rule set: {problem}")]
    Unreadable {
        /// What is wrong, as the reader of JSON says it.
        problem: String,
    },
    /// What was found keeps it from being published.
    #[error("it does not pass the checks")]
    Findings,
    /// Another rehearsal of the pot is under way.
    #[error("a rehearsal is under way")]
    Rehearsing {
        /// Its id.
        id: uuid::Uuid,
    },
    /// Rules that cannot be compared with the draft, or too many.
    #[error("not to be compared")]
    Beside,
    /// An invented year out of bounds.
    #[error("no such year")]
    Year,
}

type Answer<T = ()> = Result<T, Stop<RuleRefused>>;

fn no<T>(why: RuleRefused) -> Answer<T> {
    Err(Stop::Refused(why))
}

/// The same refusal, among those of rules.
pub(crate) fn from_desk<T>(answer: DeskAnswer<T>) -> Answer<T> {
    answer.map_err(|stop| match stop {
        Stop::Refused(why) => Stop::Refused(RuleRefused::Desk(why)),
        Stop::Unavailable(error) => Stop::Unavailable(error),
        Stop::Broken(error) => Stop::Broken(error),
    })
}

impl Actions {
    /// Begins a version of a rule: of one that is published, or a new one of a pot.
    ///
    /// # Errors
    /// Refused to who is no operator, when a draft of that rule is open, for a bad name, and for
    /// an unknown pot or rule.
    pub async fn begin_draft(
        &self,
        by: &StaffMember,
        (rule, pot): (&str, Option<&str>),
        now: OffsetDateTime,
    ) -> Answer<i64> {
        let mut tx = self.begin().await?;
        from_desk(may(&mut tx, by, StaffRole::Operator).await)?;
        let last = last_version(&mut tx, rule).await?;
        let document = match (last, pot) {
            (Some(last), _) => json!(last.rules),
            (None, Some(pot)) => new_rule(&mut tx, (rule, pot), now).await?,
            (None, None) => return no(RuleRefused::Desk(DeskRefused::Unknown)),
        };
        let pot = document["pot"].as_str().unwrap_or_default().to_owned();
        let person = by.person().uuid();
        let begun = drafts::begin(&mut tx, (rule, &pot, &document), person, now).await?;
        let Some(number) = begun else {
            let open = drafts::all(&mut tx, 1_000).await?;
            let open = open.into_iter().find(|row| row.rule_set_id == rule && row.is_open());
            return no(RuleRefused::OpenAlready { number: open.map_or(0, |row| row.number) });
        };
        trail(&mut tx, by, ("begin_rule", number, rule), (None, None), now).await?;
        tx.commit().await?;
        Ok(number)
    }

    /// A draft, read and checked as it stands; nothing when there is none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn draft(
        &self,
        number: i64,
        now: OffsetDateTime,
    ) -> anyhow::Result<Option<DraftView>> {
        let mut db = self.reader().get().await?;
        match drafts::read(&mut db, number).await? {
            Some(row) => Ok(Some(view(&mut db, row, now).await?)),
            None => Ok(None),
        }
    }

    /// Writes what a draft says. What is wrong with it is found when it is read.
    ///
    /// # Errors
    /// Refused to who is no operator, when it is not open, and when it is no rule set.
    pub async fn edit_draft(
        &self,
        by: &StaffMember,
        (number, document): (i64, &Value),
        now: OffsetDateTime,
    ) -> Answer {
        let mut tx = self.begin().await?;
        let row = open_draft(&mut tx, by, (number, "draft")).await?;
        let last = last_version(&mut tx, &row.rule_set_id).await?;
        let mut document = document.clone();
        if let Some(fields) = document.as_object_mut() {
            // A draft stays of its rule and its pot; its version is the next one.
            fields.insert("id".into(), json!(row.rule_set_id));
            fields.insert("pot".into(), json!(row.pot_id));
            fields.insert("version".into(), json!(last.map_or(1, |last| last.row.version + 1)));
            fields.remove("published_at");
        }
        let rule: RuleSet = match serde_json::from_value(document) {
            Ok(rule) => rule,
            Err(error) => return no(RuleRefused::Unreadable { problem: error.to_string() }),
        };
        let document = json!(rule);
        if document == row.document {
            return Ok(());
        }
        drafts::change(&mut tx, (number, &document), by.person().uuid(), now).await?;
        let change = ("edit_rule", number, row.rule_set_id.as_str());
        trail(&mut tx, by, change, (Some(row.document), Some(document)), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Asks another to approve a draft that passes the checks and was rehearsed as it is.
    ///
    /// # Errors
    /// Refused to who is no operator, when it is not open, and with what was found.
    pub async fn submit_draft(&self, by: &StaffMember, number: i64, now: OffsetDateTime) -> Answer {
        let mut tx = self.begin().await?;
        let row = open_draft(&mut tx, by, (number, "draft")).await?;
        let rule = row.rule_set_id.clone();
        let view = view(&mut tx, row, now).await?;
        if view.is_refused() {
            return no(RuleRefused::Findings);
        }
        drafts::submit(&mut tx, number, by.person().uuid(), now).await?;
        trail(&mut tx, by, ("submit_rule", number, &rule), (None, None), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Gives a draft up, before or after it was submitted.
    ///
    /// # Errors
    /// Refused to who is no operator, and when it is over.
    pub async fn withdraw_draft(
        &self,
        by: &StaffMember,
        number: i64,
        now: OffsetDateTime,
    ) -> Answer {
        let mut tx = self.begin().await?;
        from_desk(may(&mut tx, by, StaffRole::Operator).await)?;
        let Some(row) = drafts::lock(&mut tx, number).await?.filter(DraftRow::is_open) else {
            return no(RuleRefused::Desk(DeskRefused::Unknown));
        };
        drafts::end(&mut tx, (number, End::Withdrawn), by.person().uuid(), now).await?;
        trail(&mut tx, by, ("withdraw_rule", number, &row.rule_set_id), (None, None), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Refuses a submitted draft, and says why.
    ///
    /// # Errors
    /// Refused to who is no operator or has no fresh proof, to its authors, without a reason, and
    /// when it is not submitted.
    pub async fn refuse_draft(
        &self,
        by: &StaffMember,
        (number, why): (i64, &str),
        now: OffsetDateTime,
    ) -> Answer {
        let why = from_desk(reason(why))?;
        let mut tx = self.begin().await?;
        let row = decides(&mut tx, by, number, now).await?;
        drafts::end(&mut tx, (number, End::Refused(why)), by.person().uuid(), now).await?;
        let after = Some(json!({ "reason": why }));
        trail(&mut tx, by, ("refuse_rule", number, &row.rule_set_id), (None, after), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Publishes a submitted draft: it holds from its date on, at the earliest from now. Says the
    /// version.
    ///
    /// # Errors
    /// Refused to who is no operator or has no fresh proof, to its authors, when it is not
    /// submitted, and with what was found meanwhile.
    pub async fn approve_draft(
        &self,
        by: &StaffMember,
        number: i64,
        now: OffsetDateTime,
    ) -> Answer<i64> {
        let mut tx = self.begin().await?;
        drafts::lock_rules(&mut tx).await?;
        let row = decides(&mut tx, by, number, now).await?;
        let view = view(&mut tx, row, now).await?;
        if view.is_refused() {
            return no(RuleRefused::Findings);
        }
        let DraftView { row, document, before, sentences, .. } = view;
        let rule: RuleSet = serde_json::from_value(document.clone())?;
        let published = RuleSetRow {
            id: rule.id.clone(),
            version: rule.version,
            pot_id: row.pot_id,
            sentences,
            published_at: instant(now.into())?,
            effective_from: instant(rule.effective_from)?,
            effective_to: rule.effective_to.map(instant).transpose()?,
            document: document.clone(),
        };
        drafts::publish(&mut tx, &published).await?;
        let end = End::Published(rule.version);
        drafts::end(&mut tx, (number, end), by.person().uuid(), now).await?;
        let change = ("approve_rule", number, rule.id.as_str());
        let before = before.map(|(before, _)| before);
        trail(&mut tx, by, change, (before, Some(document)), now).await?;
        tx.commit().await?;
        tracing::info!(rule = %rule.id, version = rule.version, "a rule was published");
        Ok(rule.version)
    }
}

fn instant(at: UtcSeconds) -> anyhow::Result<OffsetDateTime> {
    Ok(OffsetDateTime::from_unix_timestamp(at.get())?)
}

/// Locks a draft in a state, for an operator.
async fn open_draft(
    tx: &mut Tx,
    by: &StaffMember,
    (number, state): (i64, &str),
) -> Answer<DraftRow> {
    from_desk(may(tx, by, StaffRole::Operator).await)?;
    let row = drafts::lock(tx, number).await?.filter(|row| row.state == state);
    row.map_or_else(|| no(RuleRefused::Desk(DeskRefused::Unknown)), Ok)
}

/// Locks a submitted draft, for an operator who did not write it and proves a passkey.
async fn decides(
    tx: &mut Tx,
    by: &StaffMember,
    number: i64,
    now: OffsetDateTime,
) -> Answer<DraftRow> {
    from_desk(allowed(tx, by, StaffRole::Operator, now).await)?;
    let row = open_draft(tx, by, (number, "submitted")).await?;
    if row.is_by(by.person().uuid()) { no(RuleRefused::OwnDraft) } else { Ok(row) }
}

async fn new_rule(tx: &mut Tx, (rule, pot): (&str, &str), now: OffsetDateTime) -> Answer<Value> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if rule.is_empty() || rule.len() > 64 || !rule.chars().all(letter) {
        return no(RuleRefused::Name);
    }
    if pots::title(tx, pot).await?.is_none() {
        return no(RuleRefused::Desk(DeskRefused::Unknown));
    }
    Ok(json!({
        "id": rule, "version": 1, "pot": pot, "mode": "first_come", "rate_bps": 0,
        "effective_from": UtcSeconds::from(now),
        "eligibility": { "donor_kinds": ["citizen", "company"] },
    }))
}

pub(crate) async fn trail(
    tx: &mut Tx,
    by: &StaffMember,
    (action, number, rule): (&str, i64, &str),
    (before, after): (Option<Value>, Option<Value>),
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    note(tx, by, (action, format!("rule:{rule}/{number}")), (before, after), now).await
}
