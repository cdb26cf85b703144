//! A ledger replayed, under its own rules or under others: what changes is lent, the rest is read
//! where it is.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use super::{
    Reason, Replayed, Stop,
    events::Event,
    input::{Ledger, PotInput, Problem},
    state::State,
};
use crate::rules::RuleSet;

/// A ledger with what may be other than in its file.
#[derive(Clone, Copy)]
pub(crate) struct Under<'l> {
    pub past: &'l Ledger,
    pub pots: &'l [PotInput],
    pub rule_sets: &'l [RuleSet],
    /// One event that another stands for, by its place.
    pub instead: Option<(usize, &'l Event)>,
}

/// How far replays are, for who waits. Several threads may count on it.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    whole: AtomicU64,
    stopped: AtomicBool,
}

/// The code of a replay that nobody waits for any more.
pub(crate) const STOPPED: &str = "stopped";

impl Progress {
    /// What will be done in all, in events.
    pub(crate) fn expect(&self, whole: usize) {
        self.whole.store(u64::try_from(whole).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn add(&self, done: usize) {
        self.done.fetch_add(u64::try_from(done).unwrap_or(0), Ordering::Relaxed);
    }

    /// Ends every replay that is counted here, at its next step.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// True at each step of a long work that nobody waits for any more.
    pub(crate) fn ends_at(&self, step: usize) -> bool {
        step.is_multiple_of(STEP) && self.stopped.load(Ordering::Relaxed)
    }

    /// How much is done, in hundredths: 0 before the first event.
    #[must_use]
    pub fn hundredths(&self) -> u64 {
        let done = self.done.load(Ordering::Relaxed).saturating_mul(100);
        done.checked_div(self.whole.load(Ordering::Relaxed)).unwrap_or(0).min(100)
    }
}

/// So many events pass before progress is told.
const STEP: usize = 4_096;

enum Failed {
    Case(&'static str),
    Overflow(usize),
}

impl<'l> Under<'l> {
    /// A ledger as it is.
    pub(crate) fn its_own(past: &'l Ledger) -> Self {
        Self { past, pots: &past.pots, rule_sets: &past.rule_sets, instead: None }
    }

    /// What other rules and pots may not be; the rest was checked when the ledger was read.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        super::input::check_pots(self.pots)?;
        super::input::check_rules(self.rule_sets, self.pots)
    }

    /// Replays it, to its last event.
    ///
    /// # Errors
    /// The code of the refusal of the whole ledger.
    pub(crate) fn replay(self, progress: &Progress) -> Result<Replayed<'l>, &'static str> {
        // An event whose numbers overflow may have begun to change the state: everything is
        // replayed without it. Under the bounds of the edge this never happens.
        let mut without = BTreeSet::new();
        loop {
            match self.attempt(&without, progress) {
                Ok(state) => return Ok(Replayed(state)),
                Err(Failed::Case(code)) => return Err(code),
                Err(Failed::Overflow(event)) if without.insert(event) => {}
                Err(Failed::Overflow(_)) => return Err("overflow"),
            }
        }
    }

    fn attempt(self, without: &BTreeSet<usize>, progress: &Progress) -> Result<State<'l>, Failed> {
        let mut state = State::new(self);
        for (place, event) in self.past.events.iter().enumerate() {
            let event = match self.instead {
                Some((other, instead)) if other == place => instead,
                _ => event,
            };
            if progress.ends_at(place) {
                return Err(Failed::Case(STOPPED));
            }
            if place.is_multiple_of(STEP) {
                progress.add(STEP.min(self.past.events.len().saturating_sub(place)));
            }
            if without.contains(&place) {
                state.reject(&event.id, Reason::Overflow);
                continue;
            }
            match state.arrive(event) {
                Ok(()) => {}
                Err(Stop::Refused(reason)) => state.reject(&event.id, reason),
                Err(Stop::Case(code)) => return Err(Failed::Case(code)),
                Err(Stop::Overflow) => return Err(Failed::Overflow(place)),
            }
        }
        debug_assert!(state.adds_up(), "a counter is not the sum of what is held");
        Ok(state)
    }
}
