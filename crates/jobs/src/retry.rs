//! What a handler answers, and how long a failed job waits.

use std::time::Duration;

use rand::Rng;

/// How a handler ended without failing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done. Usually [`crate::Claim::done`] was already called in the handler's own
    /// transaction; if not, the runner does it.
    Done,
    /// Not yet, and nobody's fault: look again after this delay. The attempt is not counted.
    Later(Duration),
    /// A person must look: the reason, without personal data.
    Park(String),
}

/// Something failed: the job is retried later, and parked after its last attempt.
#[derive(Debug)]
pub struct Broken {
    error: anyhow::Error,
    after: Option<Duration>,
}

impl Broken {
    /// Something failed.
    pub fn new(error: impl Into<anyhow::Error>) -> Self {
        Self { error: error.into(), after: None }
    }

    /// The other side said when to come back: used instead of the usual back-off.
    #[must_use]
    pub const fn after(mut self, delay: Duration) -> Self {
        self.after = Some(delay);
        self
    }

    /// The wait that was asked for.
    #[must_use]
    pub const fn asked_delay(&self) -> Option<Duration> {
        self.after
    }

    /// The whole chain of causes, on one line.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:#}", self.error)
    }
}

impl<E: Into<anyhow::Error>> From<E> for Broken {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

/// How long a failed job waits: growing, bounded, never in step with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The longest wait after the first failure.
    pub first: Duration,
    /// Each failure multiplies the wait by this.
    pub factor: u32,
    /// No wait is longer.
    pub most: Duration,
}

impl Default for Backoff {
    /// 2 s, 8 s, 32 s, about 2 min, about 9 min, then 15 min.
    fn default() -> Self {
        Self { first: Duration::from_secs(2), factor: 4, most: Duration::from_secs(900) }
    }
}

impl Backoff {
    /// The longest wait after that many failures (the first is 1).
    #[must_use]
    pub fn longest(&self, failures: u32) -> Duration {
        let factor = self.factor.saturating_pow(failures.saturating_sub(1));
        self.first.saturating_mul(factor).min(self.most)
    }

    /// A wait between half of [`Backoff::longest`] and all of it.
    #[must_use]
    pub fn delay(&self, failures: u32) -> Duration {
        self.longest(failures).mul_f64(rand::rng().random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_the_bound_and_never_overflow() {
        let backoff = Backoff::default();
        let waits: Vec<u64> = (1..=6).map(|n| backoff.longest(n).as_secs()).collect();
        assert_eq!(waits, [2, 8, 32, 128, 512, 900]);
        assert_eq!(backoff.longest(u32::MAX).as_secs(), 900);
    }

    #[test]
    fn a_wait_stays_between_half_and_all_and_is_not_always_the_same() {
        let backoff = Backoff::default();
        let waits: Vec<Duration> = (0..200).map(|_| backoff.delay(3)).collect();
        assert!(waits.iter().all(|wait| (16.0..=32.0).contains(&wait.as_secs_f64())));
        assert!(waits.iter().any(|wait| *wait != waits[0]));
    }

    #[test]
    fn a_broken_handler_tells_all_its_causes() {
        let cause = std::io::Error::other("the wire is cut");
        let broken = Broken::new(anyhow::Error::new(cause).context("asking the bank"));
        assert_eq!(broken.text(), "asking the bank: the wire is cut");
        assert_eq!(
            broken.after(Duration::from_secs(7)).asked_delay(),
            Some(Duration::from_secs(7))
        );
    }
}
