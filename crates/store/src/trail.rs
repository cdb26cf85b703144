//! Who changed what about access.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::PersonId;
use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    schema::trail,
    session::{Reads, Tx},
};

/// A change to note.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Who made it; nobody for who works on the machine itself.
    pub actor: Option<PersonId>,
    /// What was done, as a code.
    pub action: &'a str,
    /// To what.
    pub subject: &'a str,
    /// What was before.
    pub before: Option<&'a Value>,
    /// What is now.
    pub after: Option<&'a Value>,
}

/// Notes a change in the transaction that makes it.
///
/// # Errors
/// When the database refuses.
pub async fn note(tx: &mut Tx, change: Change<'_>, now: OffsetDateTime) -> QueryResult<()> {
    diesel::insert_into(trail::table)
        .values((
            trail::at.eq(now),
            trail::actor_id.eq(change.actor.map(|actor| actor.uuid())),
            trail::action.eq(change.action),
            trail::subject.eq(change.subject),
            trail::before.eq(change.before),
            trail::after.eq(change.after),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The actions noted about something, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn actions_on(db: &mut impl Reads, subject: &str) -> QueryResult<Vec<String>> {
    trail::table
        .filter(trail::subject.eq(subject))
        .order(trail::id)
        .select(trail::action)
        .load(db.conn())
        .await
}
