#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::Untyped,
};

/// A statement whose text is the same each time it is asked, whatever it binds.
#[derive(Clone, Copy, Debug)]
#[must_use = "nothing happens before it is executed or loaded"]
pub struct Kept<Q>(Q);

/// Says of a statement that its text is constant.
pub trait Keep: Sized {
    /// The same statement, prepared once per connection and found again by its text.
    fn kept(self) -> Kept<Self> {
        Kept(self)
    }
}

impl<Q: Query<SqlType = Untyped>> Keep for Q {}

impl<Q> Query for Kept<Q> {
    type SqlType = Untyped;
}

impl<Q> QueryId for Kept<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Kept<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &Pg) -> QueryResult<bool> {
        Ok(true)
    }
}
