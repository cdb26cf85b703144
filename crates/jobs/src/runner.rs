//! Claims what is due, runs it, keeps its lease alive, and says how it ended.

use std::{
    collections::{BTreeMap, HashMap},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::anyhow;
use futures_util::FutureExt;
use tokio::{
    sync::Notify,
    task::{AbortHandle, JoinSet},
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    Backoff, Broken, Claim, Clock, Kinds, LeaseLost, Outcome, Pool, claim_due, lease::extend,
    recover_expired, wake,
};

/// How a runner works.
#[derive(Clone, Debug)]
pub struct Options {
    /// Jobs under way at once.
    pub workers: usize,
    /// At most so many of one kind at once; kinds not named have no bound of their own.
    pub at_once: BTreeMap<String, usize>,
    /// A job whose holder is not heard of for so long is taken over.
    pub lease: Duration,
    /// How often leases are lengthened and lost ones recovered; a third of the lease or less.
    pub heartbeat: Duration,
    /// How often to look without being woken.
    pub poll: Duration,
    /// A handler that takes longer has failed.
    pub time_limit: Duration,
    /// At the end, how long handlers may go on before their jobs are given back.
    pub grace: Duration,
    /// How long failed jobs wait.
    pub backoff: Backoff,
    /// What says whether a job is due.
    pub clock: Clock,
    /// The database's address, to be woken by it; `None`: polling only.
    pub listen: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            workers: 4,
            at_once: BTreeMap::new(),
            lease: Duration::from_secs(60),
            heartbeat: Duration::from_secs(15),
            poll: Duration::from_secs(1),
            time_limit: Duration::from_secs(50),
            grace: Duration::from_secs(10),
            backoff: Backoff::default(),
            clock: Clock::system(),
            listen: None,
        }
    }
}

/// What is in our hands: token to job number, kind and the handle that stops it.
#[derive(Clone, Default)]
struct Held(Arc<Mutex<HashMap<Uuid, InHand>>>);

struct InHand {
    claim: Claim,
    stop: AbortHandle,
}

/// Runs jobs until told to stop.
pub struct Runner {
    pool: Pool,
    options: Options,
}

impl Runner {
    /// A runner that takes its connections from `pool`: at most one per worker, and two more.
    #[must_use]
    pub const fn new(pool: Pool, options: Options) -> Self {
        Self { pool, options }
    }

    /// Runs jobs until `shutdown`; then claims nothing more, lets handlers go on for the grace, and
    /// gives back what is unfinished. A database that goes away is waited for.
    pub async fn run<H, F>(&self, handler: H, shutdown: CancellationToken)
    where
        H: Fn(Claim) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Outcome, Broken>> + Send + 'static,
    {
        let bell = Arc::new(Notify::new());
        let held = Held::default();
        let over = CancellationToken::new();
        let _stop_helpers = over.clone().drop_guard();
        let mut helpers = JoinSet::new();
        if let Some(url) = self.options.listen.clone() {
            helpers.spawn(wake::listen(url, Arc::clone(&bell), over.clone()));
        }
        helpers.spawn(beat(
            self.pool.clone(),
            self.options.clone(),
            held.clone(),
            Arc::clone(&bell),
        ));

        let handler = Arc::new(handler);
        let mut tasks = JoinSet::new();
        while !shutdown.is_cancelled() {
            // The bell keeps its ring: one that comes while we look is heard right after.
            if let Err(error) = self.fill(&mut tasks, &held, &handler).await {
                tracing::warn!(error = format!("{error:#}"), "cannot look for jobs, waiting");
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = bell.notified() => {}
                Some(_) = tasks.join_next() => {}
                () = tokio::time::sleep(self.options.poll) => {}
            }
        }
        self.wind_down(tasks, &held).await;
    }

    async fn fill<H, F>(
        &self,
        tasks: &mut JoinSet<()>,
        held: &Held,
        handler: &Arc<H>,
    ) -> anyhow::Result<()>
    where
        H: Fn(Claim) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Outcome, Broken>> + Send + 'static,
    {
        while tasks.try_join_next().is_some() {}
        let options = &self.options;
        let bounded = options.at_once.iter().map(|(kind, most)| {
            (Kinds::Only(kind.clone()), most.saturating_sub(held.of_kind(kind)))
        });
        let rest = Kinds::AllBut(options.at_once.keys().cloned().collect());
        for (kinds, most) in bounded.chain([(rest, usize::MAX)]).collect::<Vec<_>>() {
            let room = options.workers.saturating_sub(tasks.len()).min(most);
            if room == 0 {
                continue;
            }
            let mut conn = self.pool.get().await?;
            let claims = claim_due(&mut conn, &options.clock, options.lease, &kinds, room).await?;
            drop(conn);
            for claim in claims {
                self.start(tasks, held, handler, claim);
            }
        }
        Ok(())
    }

    fn start<H, F>(&self, tasks: &mut JoinSet<()>, held: &Held, handler: &Arc<H>, claim: Claim)
    where
        H: Fn(Claim) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Outcome, Broken>> + Send + 'static,
    {
        let span = tracing::info_span!(
            "job",
            job.id = claim.id,
            job.kind = claim.kind,
            job.attempt = claim.attempt
        );
        let (pool, backoff, limit) =
            (self.pool.clone(), self.options.backoff, self.options.time_limit);
        let (handler, mine, job) = (Arc::clone(handler), held.clone(), claim.clone());
        // Locked until it is noted, so that a task that ends at once is not noted after its end.
        let mut noted = held.lock();
        let stop = tasks.spawn(
            async move {
                let result = attempt(&*handler, &job, limit).await;
                if let Err(lost) = settle(&pool, &job, result, &backoff).await {
                    tracing::warn!(error = %lost, "a job ended without being able to say so");
                }
                mine.lock().remove(&job.token);
            }
            .instrument(span),
        );
        noted.insert(claim.token, InHand { claim, stop });
    }

    async fn wind_down(&self, mut tasks: JoinSet<()>, held: &Held) {
        let all_ended = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(self.options.grace, all_ended).await.is_ok() {
            return;
        }
        tasks.shutdown().await;
        let left: Vec<Claim> = held.lock().drain().map(|(_, in_hand)| in_hand.claim).collect();
        for claim in left {
            match claim.release(&self.pool).await {
                Ok(()) => tracing::info!(job.id = claim.id, "gave a job back while stopping"),
                Err(LeaseLost::Stale(_)) => {}
                Err(error) => tracing::warn!(job.id = claim.id, %error, "its lease will run out"),
            }
        }
    }
}

impl Held {
    /// A panic elsewhere leaves the map whole: each change is one insertion or removal.
    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, InHand>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of_kind(&self, kind: &str) -> usize {
        self.lock().values().filter(|in_hand| in_hand.claim.kind == kind).count()
    }

    fn tokens(&self) -> Vec<(i64, Uuid)> {
        self.lock().values().map(|in_hand| (in_hand.claim.id, in_hand.claim.token)).collect()
    }
}

/// Lengthens our leases, stops work that somebody else has taken over, recovers what others lost.
async fn beat(pool: Pool, options: Options, held: Held, bell: Arc<Notify>) {
    loop {
        match beat_once(&pool, &options, &held).await {
            Ok(true) => bell.notify_one(),
            Ok(false) => {}
            Err(error) => tracing::warn!(error = format!("{error:#}"), "a heartbeat was missed"),
        }
        tokio::time::sleep(options.heartbeat).await;
    }
}

/// Whether jobs wait again.
async fn beat_once(pool: &Pool, options: &Options, held: &Held) -> anyhow::Result<bool> {
    let mut conn = pool.get().await?;
    let tokens = held.tokens();
    if !tokens.is_empty() {
        for token in extend(&mut conn, &tokens, options.lease).await? {
            if let Some(lost) = held.lock().remove(&token) {
                lost.stop.abort();
                tracing::warn!(job.id = lost.claim.id, "another took this job over: stopping ours");
            }
        }
    }
    let recovered = recover_expired(&mut conn).await?;
    if recovered.waiting > 0 {
        tracing::warn!(jobs = recovered.waiting, "took over jobs whose holder went silent");
    }
    if recovered.parked > 0 {
        tracing::error!(jobs = recovered.parked, "parked jobs that silenced each of their holders");
    }
    Ok(recovered.waiting > 0)
}

/// Runs the handler once; a panic or too long a time is a failure like another.
pub(crate) async fn attempt<H, F>(
    handler: &H,
    claim: &Claim,
    limit: Duration,
) -> Result<Outcome, Broken>
where
    H: Fn(Claim) -> F,
    F: Future<Output = Result<Outcome, Broken>>,
{
    let work = AssertUnwindSafe(async { handler(claim.clone()).await }).catch_unwind();
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(Broken::new(anyhow!("panicked: {}", panic_text(&*panic)))),
        Err(_) => Err(Broken::new(anyhow!("took longer than {} s", limit.as_secs_f32()))),
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}

/// Where a run left its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    Done,
    Waiting,
    Parked,
}

/// Writes down how a run ended.
pub(crate) async fn settle(
    pool: &Pool,
    claim: &Claim,
    result: Result<Outcome, Broken>,
    backoff: &Backoff,
) -> Result<Settled, LeaseLost> {
    match result {
        Ok(Outcome::Done) if claim.is_ended() => Ok(Settled::Done),
        Ok(Outcome::Done) => {
            let unavailable = |error| LeaseLost::Unavailable(format!("{error}"));
            let mut conn = pool.get().await.map_err(unavailable)?;
            match claim.done(&mut conn).await {
                // Somebody else ended it: then it is done.
                Ok(()) | Err(LeaseLost::Stale(_)) => Ok(Settled::Done),
                Err(error) => Err(error),
            }
        }
        Ok(Outcome::Later(delay)) => claim.later(pool, delay).await.map(|()| Settled::Waiting),
        Ok(Outcome::Park(reason)) => {
            tracing::error!(reason, "parked a job: a person must look");
            claim.park(pool, &reason).await.map(|()| Settled::Parked)
        }
        Err(broken) => {
            let (text, failures) = (broken.text(), u32::try_from(claim.attempt).unwrap_or(1));
            let delay = broken.asked_delay().unwrap_or_else(|| backoff.delay(failures));
            claim.retry(pool, &text, delay).await?;
            if claim.is_last_attempt() {
                tracing::error!(error = text, "parked a job after its last attempt");
                return Ok(Settled::Parked);
            }
            tracing::warn!(error = text, ?delay, "a job failed and will be tried again");
            Ok(Settled::Waiting)
        }
    }
}
