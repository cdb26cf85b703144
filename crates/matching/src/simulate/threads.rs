//! Replays side by side: each is a pure function of what it is lent, so that threads change
//! nothing but the time.

use std::{
    num::NonZero,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// What a function gives for each row, in the order of the rows; as many threads as cores.
pub(super) fn each<T: Sync, R: Send>(rows: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::new());
    let keep = |place, result| match done.lock() {
        Ok(mut done) => done.push((place, result)),
        Err(poisoned) => poisoned.into_inner().push((place, result)),
    };
    thread::scope(|scope| {
        for _ in 0..cores.min(rows.len()) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(row) = rows.get(place) else { break };
                    keep(place, work(row));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}
