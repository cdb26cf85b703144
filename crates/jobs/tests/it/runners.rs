//! Several runners, heartbeats, bounds and the end of the day.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use jobs::{Claim, NewJob, Options, Outcome, Runner};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::{LONG, Queue, job};

fn quick() -> Options {
    let poll = Duration::from_millis(20);
    Options { poll, lease: Duration::from_millis(600), heartbeat: poll * 5, ..Options::default() }
}

fn run<H, F>(
    queue: &Queue,
    options: Options,
    stop: &CancellationToken,
    handler: H,
) -> JoinHandle<()>
where
    H: Fn(Claim) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Outcome, jobs::Broken>> + Send + 'static,
{
    let (runner, stop) = (Runner::new(queue.pool.clone(), options), stop.clone());
    tokio::spawn(async move { runner.run(handler, stop).await })
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runners_at_once_run_each_job_once() {
    let queue = Queue::new().await;
    for _ in 0..60 {
        queue.enqueue(&job("receipt")).await;
    }
    let (ran, mut runs) = mpsc::unbounded_channel();
    let stop = CancellationToken::new();
    let handler = move |claim: Claim| {
        let ran = ran.clone();
        async move {
            tokio::task::yield_now().await;
            ran.send(claim.id).unwrap();
            Ok(Outcome::Done)
        }
    };
    let both = [run(&queue, quick(), &stop, handler.clone()), run(&queue, quick(), &stop, handler)];
    let mut ids = Vec::new();
    while ids.len() < 60 {
        ids.push(runs.recv().await.unwrap());
    }
    stop.cancel();
    for runner in both {
        runner.await.unwrap();
    }
    assert!(runs.try_recv().is_err(), "none was run twice");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 60);
    assert!(queue.states().await.iter().all(|job| *job == ("done".to_owned(), 1, None)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heartbeat_keeps_a_long_job_from_being_taken_over() {
    let queue = Queue::new().await;
    queue.enqueue(&job("long")).await;
    let stop = CancellationToken::new();
    let runs = Arc::new(AtomicUsize::new(0));
    let (ended, mut ends) = mpsc::unbounded_channel();
    let counted = Arc::clone(&runs);
    let handler = move |_| {
        let (runs, ended) = (Arc::clone(&counted), ended.clone());
        async move {
            runs.fetch_add(1, Ordering::SeqCst);
            // Three leases long: it is the length of the job, not a wait for something.
            tokio::time::sleep(quick().lease * 3).await;
            ended.send(()).unwrap();
            Ok(Outcome::Done)
        }
    };
    let both = [run(&queue, quick(), &stop, handler.clone()), run(&queue, quick(), &stop, handler)];
    ends.recv().await.unwrap();
    stop.cancel();
    for runner in both {
        runner.await.unwrap();
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    assert_eq!(queue.states().await, [("done".to_owned(), 1, None)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_was_taken_away_is_stopped() {
    struct Stopped(mpsc::UnboundedSender<&'static str>);
    impl Drop for Stopped {
        fn drop(&mut self) {
            self.0.send("dropped").unwrap();
        }
    }
    let queue = Queue::new().await;
    queue.enqueue(&job("long")).await;
    let stop = CancellationToken::new();
    let (tell, mut told) = mpsc::unbounded_channel();
    let handler = move |_| {
        let tell = tell.clone();
        async move {
            let _told_at_the_end = Stopped(tell.clone());
            tell.send("begun").unwrap();
            std::future::pending().await
        }
    };
    let runner = run(&queue, quick(), &stop, handler);
    assert_eq!(told.recv().await.unwrap(), "begun");
    let id = {
        let mut conn = queue.pool.get().await.unwrap();
        let running = jobs::admin::list(&mut conn, None, 1).await.unwrap();
        jobs::admin::park(&mut conn, running[0].id, "an operator said so").await.unwrap();
        running[0].id
    };
    assert_eq!(told.recv().await.unwrap(), "dropped", "job {id} was not ours any more");
    stop.cancel();
    runner.await.unwrap();
    assert_eq!(queue.states().await[0].0, "parked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_runner_gives_back_what_it_cannot_end() {
    let queue = Queue::new().await;
    queue.enqueue(&job("endless")).await;
    let stop = CancellationToken::new();
    let (begun, mut begins) = mpsc::unbounded_channel();
    let handler = move |_| {
        begun.send(()).unwrap();
        std::future::pending()
    };
    let options = Options { grace: Duration::from_millis(50), lease: LONG, ..quick() };
    let runner = run(&queue, options, &stop, handler);
    begins.recv().await.unwrap();
    stop.cancel();
    runner.await.unwrap();
    assert_eq!(queue.states().await, [("waiting".to_owned(), 0, None)], "as if never begun");
    assert!(queue.claim(LONG).await.is_some(), "another takes it at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_over_its_time_limit_has_failed() {
    let queue = Queue::new().await;
    queue.enqueue(&NewJob { max_attempts: 1, ..job("endless") }).await;
    let stop = CancellationToken::new();
    let (begun, mut begins) = mpsc::unbounded_channel::<()>();
    let handler = move |_| {
        let begun = begun.clone();
        async move {
            let _ends_when_dropped = begun;
            std::future::pending().await
        }
    };
    let options = Options { time_limit: Duration::from_millis(50), ..quick() };
    let runner = run(&queue, options, &stop, handler);
    queue.parked().await;
    stop.cancel();
    runner.await.unwrap();
    assert!(begins.recv().await.is_none(), "the handler was dropped");
    let states = queue.states().await;
    assert_eq!(states, [("parked".into(), 1, Some("took longer than 0.05 s".into()))]);
}

impl Queue {
    /// Returns when a job is parked, as the database says.
    async fn parked(&self) {
        while !self.states().await.iter().any(|job| job.0 == "parked") {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_kind_does_not_take_all_hands() {
    let queue = Queue::new().await;
    for _ in 0..6 {
        queue.enqueue(&job("letter")).await;
    }
    for _ in 0..6 {
        queue.enqueue(&job("payment")).await;
    }
    let stop = CancellationToken::new();
    let payments = watch::Sender::new(0);
    let (ended, mut ends) = mpsc::unbounded_channel();
    let letters = Arc::new(Mutex::new((0, 0)));
    let (paid, seen) = (payments.clone(), Arc::clone(&letters));
    let handler = move |claim: Claim| {
        let (ended, paid, seen) = (ended.clone(), paid.clone(), Arc::clone(&seen));
        async move {
            if claim.kind == "payment" {
                paid.send_modify(|paid| *paid += 1);
                return Ok(Outcome::Done);
            }
            let writing = {
                let mut letters = seen.lock().unwrap();
                *letters = (letters.0 + 1, letters.1.max(letters.0 + 1));
                letters.0
            };
            // A letter takes as long as all the payments: they must not wait behind letters.
            paid.subscribe().wait_for(|paid| *paid == 6).await.unwrap();
            seen.lock().unwrap().0 -= 1;
            ended.send(writing).unwrap();
            Ok(Outcome::Done)
        }
    };
    let at_once = BTreeMap::from([("letter".to_owned(), 1)]);
    let runner = run(&queue, Options { at_once, ..quick() }, &stop, handler);
    for _ in 0..6 {
        assert_eq!(ends.recv().await.unwrap(), 1, "one letter at a time");
    }
    stop.cancel();
    runner.await.unwrap();
    assert_eq!(*letters.lock().unwrap(), (0, 1));
    assert!(queue.states().await.iter().all(|job| job.0 == "done"));
}
