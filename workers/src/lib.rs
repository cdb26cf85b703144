#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod calendar;
mod dispatch;

use std::time::Duration;

use actions::Actions;
use jobs::{Claim, Clock, Options, Pool, Runner, schedule};
use tokio_util::sync::CancellationToken;

pub use calendar::calendar;
pub use dispatch::handle;

/// How workers run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Jobs at once.
    pub at_once: usize,
    /// Address of the database, to be woken by it; polling only when absent.
    pub listen: Option<String>,
    /// What time it is.
    pub clock: Clock,
}

/// Runs jobs and the calendar until told to stop; a job under way is finished or given back.
pub async fn run(actions: Actions, pool: Pool, settings: Settings, shutdown: CancellationToken) {
    let options = Options {
        workers: settings.at_once,
        clock: settings.clock.clone(),
        listen: settings.listen,
        ..Options::default()
    };
    let runner = Runner::new(pool.clone(), options);
    let clock = settings.clock.clone();
    let handler = move |claim: Claim| {
        let (actions, clock) = (actions.clone(), clock.clone());
        async move { handle(&actions, claim, clock.now()).await }
    };
    let recurring = schedule::run(
        pool,
        calendar(),
        settings.clock,
        Duration::from_secs(5),
        shutdown.clone(),
    );
    tokio::join!(runner.run(handler, shutdown), recurring);
}
