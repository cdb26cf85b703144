#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod calendar;
mod dispatch;

use std::time::Duration;

use actions::{Actions, Task};
use jobs::{Claim, Clock, Options, Pool, Runner, schedule};
use tokio_util::sync::CancellationToken;

pub use calendar::calendar;
pub use dispatch::handle;

/// Heartbeats in a lease: two may be missed before a job is taken from who still does it.
const BEATS_IN_A_LEASE: u32 = 4;

/// How workers run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Jobs at once.
    pub at_once: usize,
    /// A job whose holder is not heard of for so long is taken over.
    pub lease: Duration,
    /// A job that takes longer has failed.
    pub time_limit: Duration,
    /// At the end, how long jobs may go on before they are given back.
    pub grace: Duration,
    /// Address of the database, to be woken by it; polling only when absent.
    pub listen: Option<String>,
    /// What time it is.
    pub clock: Clock,
}

/// Runs jobs until told to stop; a job under way is finished or given back.
pub async fn run(actions: Actions, pool: Pool, settings: Settings, shutdown: CancellationToken) {
    let options = Options {
        workers: settings.at_once,
        lease: settings.lease,
        heartbeat: settings.lease / BEATS_IN_A_LEASE,
        time_limit: settings.time_limit,
        grace: settings.grace,
        // Who plays the demonstration's past does its jobs.
        // A rehearsal takes every core and the memory of a million gifts.
        at_once: Task::past_kinds()
            .into_iter()
            .map(|kind| (kind, 0))
            .chain([("rehearse".to_owned(), 1)])
            .collect(),
        clock: settings.clock.clone(),
        listen: settings.listen,
        ..Options::default()
    };
    let runner = Runner::new(pool, options);
    let clock = settings.clock;
    let handler = move |claim: Claim| {
        let (actions, clock) = (actions.clone(), clock.clone());
        async move { handle(&actions, claim, clock.now()).await }
    };
    runner.run(handler, shutdown).await;
}

/// Promises what the calendar says, until told to stop.
pub async fn keep_calendar(pool: Pool, clock: Clock, shutdown: CancellationToken) {
    schedule::run(pool, calendar(), clock, Duration::from_secs(5), shutdown).await;
}
