//! Time is an argument: whether a job is due is asked of this clock. Leases are not: they live by
//! the database's clock, the only one all processes share.

use std::{fmt, sync::Arc};

use time::OffsetDateTime;

/// Says what time it is, in UTC.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> OffsetDateTime + Send + Sync>);

impl Clock {
    /// A clock of the caller's, for instance one that tests turn.
    pub fn new(read: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// The clock of this machine.
    #[must_use]
    pub fn system() -> Self {
        Self::new(OffsetDateTime::now_utc)
    }

    /// A clock that stands still.
    #[must_use]
    pub fn fixed(now: OffsetDateTime) -> Self {
        Self::new(move || now)
    }

    /// The time, in UTC.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}
