//! Published rule sets. They never change, so a pool reads each of them once.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use matching::{RuleSet, line::RuleRef};
use serde_json::Value;
use time::OffsetDateTime;

use crate::{schema::rule_sets, session::Reads};

/// A published rule set as its row says.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = rule_sets, check_for_backend(diesel::pg::Pg))]
pub struct RuleSetRow {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: i64,
    /// Of which pot.
    pub pot_id: String,
    /// The rule set as the matching rules read it.
    pub document: Value,
    /// In French, for people.
    pub sentences: Value,
    /// When it was published.
    pub published_at: OffsetDateTime,
    /// From when it holds.
    pub effective_from: OffsetDateTime,
    /// Until when.
    pub effective_to: Option<OffsetDateTime>,
}

/// A published rule set, read.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its row.
    pub row: RuleSetRow,
    /// What it says to the engine.
    pub rules: RuleSet,
}

impl Published {
    /// The one that a line names.
    #[must_use]
    pub fn named<'a>(all: &'a [Self], name: &RuleRef) -> Option<&'a Self> {
        all.iter().find(|one| one.row.id == name.id && one.row.version == name.version)
    }

    fn read(row: RuleSetRow) -> anyhow::Result<Self> {
        let rules = serde_json::from_value(row.document.clone())
            .context("a stored rule set cannot be read")?;
        Ok(Self { row, rules })
    }
}

/// True when a version holds at an instant and no later one of its rule does.
#[must_use]
pub fn is_current(all: &[Published], one: &Published, at: OffsetDateTime) -> bool {
    let holds =
        |row: &RuleSetRow| row.effective_from <= at && row.effective_to.is_none_or(|end| at < end);
    let newer =
        |other: &Published| other.row.id == one.row.id && other.row.version > one.row.version;
    holds(&one.row) && !all.iter().any(|other| newer(other) && holds(&other.row))
}

/// What tells a published rule set from any other: id, version, when it was published.
type Name = (String, i64, OffsetDateTime);

/// The rule sets that a pool has read.
#[derive(Debug, Default)]
pub struct RuleBook(Mutex<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    names: Vec<Name>,
    all: Arc<[Published]>,
}

impl RuleBook {
    /// What was read before, if it is just what the names say.
    fn get(&self, names: &[Name]) -> Option<Arc<[Published]>> {
        let shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (shelf.names == names).then(|| Arc::clone(&shelf.all))
    }

    fn put(&self, names: Vec<Name>, all: &Arc<[Published]>) {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *shelf = Shelf { names, all: Arc::clone(all) };
    }
}

/// Every published rule set, by pot, id and version.
///
/// # Errors
/// When a stored one cannot be read, or the database refuses.
pub async fn published(db: &mut impl Reads) -> anyhow::Result<Arc<[Published]>> {
    let order = (rule_sets::pot_id, rule_sets::id, rule_sets::version);
    let names: Vec<Name> = rule_sets::table
        .order(order)
        .select((rule_sets::id, rule_sets::version, rule_sets::published_at))
        .load(db.conn())
        .await?;
    if let Some(known) = db.rule_book().get(&names) {
        return Ok(known);
    }
    let rows: Vec<RuleSetRow> =
        rule_sets::table.order(order).select(RuleSetRow::as_select()).load(db.conn()).await?;
    let names = rows.iter().map(|row| (row.id.clone(), row.version, row.published_at)).collect();
    let all: Arc<[Published]> =
        rows.into_iter().map(Published::read).collect::<anyhow::Result<_>>()?;
    db.rule_book().put(names, &all);
    Ok(all)
}
