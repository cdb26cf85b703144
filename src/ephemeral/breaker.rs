//! A breaker: a neighbour that fails is left alone for a while.

use std::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// Failures in a row that open the breaker.
const FAILURES: u32 = 3;
/// How long the neighbour is then left alone.
pub(super) const REST: Duration = Duration::from_secs(5);

/// Leaves a failing neighbour alone for a while, so that its slowness is not everyone's.
pub(super) struct Breaker {
    start: Instant,
    failures: AtomicU32,
    closed_again_at: AtomicU64,
}

impl Breaker {
    pub fn new() -> Self {
        let (failures, closed_again_at) = Default::default();
        Self { start: Instant::now(), failures, closed_again_at }
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub fn is_open(&self) -> bool {
        self.millis() < self.closed_again_at.load(Ordering::Relaxed)
    }

    pub fn worked(&self) {
        self.failures.store(0, Ordering::Relaxed);
    }

    /// True when this failure opens the breaker.
    pub fn failed(&self) -> bool {
        let opens = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1) >= FAILURES;
        if opens {
            let rest = u64::try_from(REST.as_millis()).unwrap_or(u64::MAX);
            self.closed_again_at.store(self.millis().saturating_add(rest), Ordering::Relaxed);
            self.failures.store(0, Ordering::Relaxed);
        }
        opens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_failures_open_the_breaker_and_a_success_forgets_them() {
        let breaker = Breaker::new();
        assert!(!breaker.failed());
        assert!(!breaker.failed());
        breaker.worked();
        assert!(!breaker.failed());
        assert!(!breaker.failed());
        assert!(!breaker.is_open());
        assert!(breaker.failed());
        assert!(breaker.is_open());
    }
}
