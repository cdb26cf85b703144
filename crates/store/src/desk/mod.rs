//! What the platform's desk shows, and does.

pub mod find;
pub mod merge;
pub mod suspend;

use diesel::{
    prelude::*,
    sql_types::{Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::session::Reads;

/// A recovery that waits for a second administrator.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct OpenRecovery {
    /// Address of who lost their passkeys.
    #[diesel(sql_type = Text)]
    pub email: String,
    /// The first administrator.
    #[diesel(sql_type = SqlUuid)]
    pub asked_by: Uuid,
    /// Their address.
    #[diesel(sql_type = Text)]
    pub by: String,
    /// How one knows that it is them.
    #[diesel(sql_type = Text)]
    pub reason: String,
    /// Until when another may confirm.
    #[diesel(sql_type = Timestamptz)]
    pub ends_at: OffsetDateTime,
}

/// Recoveries that wait for a second administrator, the oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn recoveries(
    db: &mut impl Reads,
    now: OffsetDateTime,
) -> QueryResult<Vec<OpenRecovery>> {
    diesel::sql_query(
        "SELECT p.email, r.asked_by, a.email AS by, r.reason, r.ends_at FROM recoveries r
         JOIN people p ON p.id = r.person_id JOIN people a ON a.id = r.asked_by
         WHERE r.ended_at IS NULL AND r.ends_at > $1 ORDER BY r.asked_at",
    )
    .bind::<Timestamptz, _>(now)
    .load(db.conn())
    .await
}
