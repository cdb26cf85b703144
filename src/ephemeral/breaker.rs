//! A breaker: a neighbour that fails is left alone for a while.

use std::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// Failures in a row that open the breaker.
const FAILURES: u32 = 3;
/// How long the neighbour is then left alone.
pub(super) const REST: Duration = Duration::from_secs(5);

/// Leaves a failing neighbour alone for a while, so that its slowness is not everyone's. After that
/// while one caller tries; the others go on without until it has had an answer.
pub(super) struct Breaker {
    start: Instant,
    failures: AtomicU32,
    /// In milliseconds from the start; zero while the neighbour answers.
    next_try_at: AtomicU64,
}

impl Breaker {
    pub fn new() -> Self {
        let (failures, next_try_at) = Default::default();
        Self { start: Instant::now(), failures, next_try_at }
    }

    /// Never zero.
    fn millis(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX).max(1)
    }

    fn after_a_rest(&self) -> u64 {
        self.millis().saturating_add(u64::try_from(REST.as_millis()).unwrap_or(u64::MAX))
    }

    /// Whether this caller may ask.
    pub fn lets_through(&self) -> bool {
        let at = self.next_try_at.load(Ordering::Relaxed);
        let first = |at| {
            let next = self.after_a_rest();
            self.next_try_at.compare_exchange(at, next, Ordering::Relaxed, Ordering::Relaxed)
        };
        at == 0 || (at <= self.millis() && first(at).is_ok())
    }

    pub fn worked(&self) {
        self.failures.store(0, Ordering::Relaxed);
        self.next_try_at.store(0, Ordering::Relaxed);
    }

    /// True when this failure opens the breaker.
    pub fn failed(&self) -> bool {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if failures >= FAILURES {
            self.next_try_at.store(self.after_a_rest(), Ordering::Relaxed);
        }
        failures == FAILURES
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
        assert!(breaker.lets_through());
        assert!(breaker.failed());
        assert!(!breaker.lets_through());
    }

    #[test]
    fn after_a_rest_one_caller_tries_and_its_failure_costs_no_other() {
        let breaker = Breaker::new();
        for _ in 0..FAILURES {
            breaker.failed();
        }
        breaker.next_try_at.store(1, Ordering::Relaxed);
        assert!(breaker.lets_through(), "one tries");
        assert!(!breaker.lets_through(), "and the others do not wait with it");
        assert!(!breaker.failed(), "it was open before");
        assert!(!breaker.lets_through());
        breaker.worked();
        assert!(breaker.lets_through() && breaker.lets_through());
    }
}
