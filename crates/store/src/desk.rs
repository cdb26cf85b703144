//! What the platform's desk shows at first.

use diesel::{prelude::*, sql_types::BigInt};
use diesel_async::RunQueryDsl;

use crate::session::Reads;

/// What waits for somebody at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub struct Waiting {
    /// Discrepancies that are open.
    #[diesel(sql_type = BigInt)]
    pub discrepancies: i64,
    /// Recoveries that wait for a second administrator.
    #[diesel(sql_type = BigInt)]
    pub recoveries: i64,
}

/// What waits for somebody at the desk.
///
/// # Errors
/// When the database refuses.
pub async fn waiting(db: &mut impl Reads) -> QueryResult<Waiting> {
    diesel::sql_query(
        "SELECT (SELECT count(*) FROM discrepancies WHERE closed_at IS NULL) AS discrepancies,
             (SELECT count(*) FROM recoveries WHERE ended_at IS NULL) AS recoveries",
    )
    .get_result(db.conn())
    .await
}
