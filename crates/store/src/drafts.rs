//! Rules before they hold.

use std::collections::BTreeMap;

use diesel::{prelude::*, sql_types::Text};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    campaigns::CampaignRow,
    people::Organisation,
    rules::RuleSetRow,
    schema::{campaigns, organisations, people, rule_drafts, rule_sets},
    session::{Reads, Tx},
};

/// A rule that is being written.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = rule_drafts, check_for_backend(diesel::pg::Pg))]
pub struct DraftRow {
    /// Its number.
    pub number: i64,
    /// The rule it is a version of.
    pub rule_set_id: String,
    /// The pot it gives from.
    pub pot_id: String,
    /// The rule as the matching rules read it.
    pub document: Value,
    /// State code.
    pub state: String,
    /// Who began it.
    pub begun_by: Uuid,
    /// When.
    pub begun_at: OffsetDateTime,
    /// Who changed it last.
    pub changed_by: Uuid,
    /// When.
    pub changed_at: OffsetDateTime,
    /// Who submitted it.
    pub submitted_by: Option<Uuid>,
    /// When.
    pub submitted_at: Option<OffsetDateTime>,
    /// Who approved, refused or withdrew it.
    pub decided_by: Option<Uuid>,
    /// When.
    pub decided_at: Option<OffsetDateTime>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// The version that it became.
    pub version: Option<i64>,
}

impl DraftRow {
    /// It may still become a version.
    #[must_use]
    pub fn is_open(&self) -> bool {
        ["draft", "submitted"].contains(&self.state.as_str())
    }

    /// Wrote some of it, or submitted it: approval is for somebody else.
    #[must_use]
    pub fn is_by(&self, person: Uuid) -> bool {
        [Some(self.begun_by), Some(self.changed_by), self.submitted_by].contains(&Some(person))
    }
}

/// Begins a draft; says its number. Nothing when one of that rule is open already.
///
/// # Errors
/// When the database refuses.
pub async fn begin(
    tx: &mut Tx,
    (rule, pot, document): (&str, &str, &Value),
    by: Uuid,
    now: OffsetDateTime,
) -> QueryResult<Option<i64>> {
    diesel::insert_into(rule_drafts::table)
        .values((
            rule_drafts::rule_set_id.eq(rule),
            rule_drafts::pot_id.eq(pot),
            rule_drafts::document.eq(document),
            rule_drafts::state.eq("draft"),
            rule_drafts::begun_by.eq(by),
            rule_drafts::begun_at.eq(now),
            rule_drafts::changed_by.eq(by),
            rule_drafts::changed_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .returning(rule_drafts::number)
        .get_result(tx.conn())
        .await
        .optional()
}

/// Drafts, the newest first, at most `limit`.
///
/// # Errors
/// When the database refuses.
pub async fn all(db: &mut impl Reads, limit: i64) -> QueryResult<Vec<DraftRow>> {
    rule_drafts::table
        .order(rule_drafts::number.desc())
        .limit(limit)
        .select(DraftRow::as_select())
        .load(db.conn())
        .await
}

/// A draft.
///
/// # Errors
/// When the database refuses.
pub async fn read(db: &mut impl Reads, number: i64) -> QueryResult<Option<DraftRow>> {
    let found = rule_drafts::table.find(number).select(DraftRow::as_select());
    found.first(db.conn()).await.optional()
}

/// Locks a draft until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &mut Tx, number: i64) -> QueryResult<Option<DraftRow>> {
    let found = rule_drafts::table.find(number).select(DraftRow::as_select());
    found.for_update().first(tx.conn()).await.optional()
}

/// Writes what a locked draft says now.
///
/// # Errors
/// When the database refuses.
pub async fn change(
    tx: &mut Tx,
    (number, document): (i64, &Value),
    by: Uuid,
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::update(rule_drafts::table.find(number))
        .set((
            rule_drafts::document.eq(document),
            rule_drafts::changed_by.eq(by),
            rule_drafts::changed_at.eq(now),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Submits a locked draft.
///
/// # Errors
/// When the database refuses.
pub async fn submit(tx: &mut Tx, number: i64, by: Uuid, now: OffsetDateTime) -> QueryResult<()> {
    diesel::update(rule_drafts::table.find(number))
        .set((
            rule_drafts::state.eq("submitted"),
            rule_drafts::submitted_by.eq(by),
            rule_drafts::submitted_at.eq(now),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// How a draft ends, or begins again.
#[derive(Clone, Copy, Debug)]
pub enum End<'a> {
    /// It became this version.
    Published(i64),
    /// Somebody refused it, and said why.
    Refused(&'a str),
    /// Its authors gave it up.
    Withdrawn,
}

/// Ends a locked draft.
///
/// # Errors
/// When the database refuses.
pub async fn end(
    tx: &mut Tx,
    (number, end): (i64, End<'_>),
    by: Uuid,
    now: OffsetDateTime,
) -> QueryResult<()> {
    let (state, reason, version) = match end {
        End::Published(version) => ("published", None, Some(version)),
        End::Refused(reason) => ("refused", Some(reason), None),
        End::Withdrawn => ("withdrawn", None, None),
    };
    diesel::update(rule_drafts::table.find(number))
        .set((
            rule_drafts::state.eq(state),
            rule_drafts::decided_by.eq(by),
            rule_drafts::decided_at.eq(now),
            rule_drafts::reason.eq(reason),
            rule_drafts::version.eq(version),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Publishes a version of a rule: from here on it never changes.
///
/// # Errors
/// When it is there already, would hold before it is published, or the database refuses.
pub async fn publish(tx: &mut Tx, row: &RuleSetRow) -> QueryResult<()> {
    diesel::insert_into(rule_sets::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// No two people publish at once: versions are counted one after the other.
///
/// # Errors
/// When the database refuses.
pub async fn lock_rules(tx: &mut Tx) -> QueryResult<()> {
    let lock = "LOCK TABLE rule_sets IN SHARE ROW EXCLUSIVE MODE";
    diesel::sql_query(lock).execute(tx.conn()).await?;
    Ok(())
}

/// Addresses of the people of a draft, by id.
///
/// # Errors
/// When the database refuses.
pub async fn names(db: &mut impl Reads, ids: &[Uuid]) -> QueryResult<Vec<(Uuid, String)>> {
    people::table
        .filter(people::id.eq_any(ids))
        .select((people::id, people::email))
        .load(db.conn())
        .await
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    code: String,
}

/// Kinds of holder that exist.
///
/// # Errors
/// When the database refuses.
pub async fn holder_kinds(db: &mut impl Reads) -> QueryResult<Vec<String>> {
    let names: Vec<Name> =
        diesel::sql_query("SELECT DISTINCT kind AS code FROM organisations ORDER BY kind")
            .load(db.conn())
            .await?;
    Ok(names.into_iter().map(|name| name.code).collect())
}

/// Campaigns that may still receive, with their holders.
///
/// # Errors
/// When the database refuses.
pub async fn published_with_holders(
    db: &mut impl Reads,
) -> QueryResult<Vec<(CampaignRow, Organisation)>> {
    campaigns::table
        .inner_join(organisations::table.on(organisations::id.eq(campaigns::holder_id)))
        .filter(campaigns::status.eq("published"))
        .order(campaigns::id)
        .select((CampaignRow::as_select(), Organisation::as_select()))
        .load(db.conn())
        .await
}

/// Campaigns that take gifts at an instant: address and title, by title, at most `limit`.
///
/// # Errors
/// When the database refuses.
pub async fn open_campaigns(
    db: &mut impl Reads,
    at: OffsetDateTime,
    limit: i64,
) -> QueryResult<Vec<(String, String)>> {
    campaigns::table
        .filter(campaigns::status.eq("published"))
        .filter(campaigns::starts_at.le(at).and(campaigns::ends_at.gt(at)))
        .order((campaigns::title, campaigns::id))
        .limit(limit)
        .select((campaigns::slug, campaigns::title))
        .load(db.conn())
        .await
}

/// The title of each campaign, by id.
///
/// # Errors
/// When the database refuses.
pub async fn titles(db: &mut impl Reads) -> QueryResult<BTreeMap<String, String>> {
    let rows: Vec<(String, String)> =
        campaigns::table.select((campaigns::id, campaigns::title)).load(db.conn()).await?;
    Ok(rows.into_iter().collect())
}
