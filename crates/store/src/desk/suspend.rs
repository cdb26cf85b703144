//! People who may not come in, organisations whose campaigns take no gifts, letters that are tried
//! again, differences that somebody explained.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::{OrganisationId, PersonId};
use time::OffsetDateTime;

use crate::{
    schema::{campaigns, discrepancies, organisations, people},
    session::{Reads, Tx},
};

/// Suspends a person since an instant for a reason, or lifts that.
///
/// # Errors
/// When the database refuses.
pub async fn person(
    tx: &mut Tx,
    id: PersonId,
    since: Option<(OffsetDateTime, &str)>,
) -> QueryResult<()> {
    diesel::update(people::table.find(id.uuid()))
        .set((
            people::suspended_at.eq(since.map(|(at, _)| at)),
            people::suspended_for.eq(since.map(|(_, why)| why)),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Suspends an organisation and its open campaigns, or lifts that; says which campaigns.
///
/// # Errors
/// When the database refuses.
pub async fn organisation(
    tx: &mut Tx,
    id: &OrganisationId,
    since: Option<(OffsetDateTime, &str)>,
) -> QueryResult<Vec<String>> {
    diesel::update(organisations::table.find(id.as_str()))
        .set((
            organisations::suspended_at.eq(since.map(|(at, _)| at)),
            organisations::suspended_for.eq(since.map(|(_, why)| why)),
        ))
        .execute(tx.conn())
        .await?;
    let (from, to) =
        if since.is_some() { ("published", "suspended") } else { ("suspended", "published") };
    let theirs = campaigns::table
        .filter(campaigns::holder_id.eq(id.as_str()))
        .filter(campaigns::status.eq(from));
    diesel::update(theirs)
        .set(campaigns::status.eq(to))
        .returning(campaigns::slug)
        .get_results(tx.conn())
        .await
}

/// Letters to a person are tried again; false when none came back.
///
/// # Errors
/// When the database refuses.
pub async fn write_again(tx: &mut Tx, id: PersonId) -> QueryResult<bool> {
    let bounced = people::table.find(id.uuid()).filter(people::bounced_at.is_not_null());
    let changed = diesel::update(bounced)
        .set(people::bounced_at.eq(None::<OffsetDateTime>))
        .execute(tx.conn())
        .await?;
    Ok(changed > 0)
}

/// Closes a discrepancy with what a person found out; false when it is not open.
///
/// # Errors
/// When the database refuses.
pub async fn close_discrepancy(
    tx: &mut Tx,
    (number, why): (i64, &str),
    now: OffsetDateTime,
) -> QueryResult<bool> {
    let open = discrepancies::table.find(number).filter(discrepancies::closed_at.is_null());
    let changed = diesel::update(open)
        .set((discrepancies::closed_at.eq(now), discrepancies::closed_for.eq(why)))
        .execute(tx.conn())
        .await?;
    Ok(changed > 0)
}
