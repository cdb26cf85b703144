//! What somebody does about themselves, on the trail. It outlives addresses: none stands there.

use domain::ids::PersonId;
use serde_json::Value;
use store::{
    Tx,
    trail::{self, Change},
};
use time::OffsetDateTime;

/// Notes it in the transaction that does it.
pub(crate) async fn note_oneself(
    tx: &mut Tx,
    person: PersonId,
    (action, after): (&str, Option<&Value>),
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let subject = format!("person:{person}");
    let change = Change { actor: Some(person), action, subject: &subject, before: None, after };
    Ok(trail::note(tx, change, now).await?)
}
