//! How a verb stops: two species, never mixed.

use store::{QueryError, Unavailable};

/// Why a verb did not go through.
#[derive(Debug)]
pub enum Stop<R> {
    /// The rules said no: the person hears why, with a way out.
    Refused(R),
    /// The database cannot be reached now: nothing was taken.
    Unavailable(Unavailable),
    /// Something failed: we hear of it.
    Broken(anyhow::Error),
}

impl<R> From<QueryError> for Stop<R> {
    fn from(error: QueryError) -> Self {
        Self::Broken(error.into())
    }
}

impl<R> From<Unavailable> for Stop<R> {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error)
    }
}

impl<R> From<anyhow::Error> for Stop<R> {
    fn from(error: anyhow::Error) -> Self {
        error.downcast().map_or_else(Self::Broken, Self::Unavailable)
    }
}

impl<R> From<serde_json::Error> for Stop<R> {
    fn from(error: serde_json::Error) -> Self {
        Self::Broken(error.into())
    }
}
