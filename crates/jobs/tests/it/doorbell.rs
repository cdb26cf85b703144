//! Woken by the commit, and by nothing before it.

use std::time::{Duration, Instant};

use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use jobs::{Options, Outcome, Runner};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{LONG, Queue, job};

/// Polls so rarely that only the bell can wake it in time.
fn only_the_bell(queue: &Queue) -> Options {
    Options { poll: LONG, listen: Some(queue.database.url().to_owned()), ..Options::default() }
}

async fn wait_until_it_listens(queue: &Queue, known: i64) -> i64 {
    use diesel::{dsl::sql, select, sql_types::BigInt};
    let mut conn = queue.pool.get().await.unwrap();
    let pid = "coalesce((SELECT max(pid)::bigint FROM pg_stat_activity
        WHERE datname = current_database() AND query = 'LISTEN jobs' AND state = 'idle'), 0)";
    loop {
        let pid = select(sql::<BigInt>(pid)).get_result::<i64>(&mut *conn).await.unwrap();
        if pid != 0 && pid != known {
            return pid;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_wakes_the_runner_at_once_also_after_the_line_was_cut() {
    let queue = Queue::new().await;
    let (started, mut starts) = mpsc::unbounded_channel();
    let stop = CancellationToken::new();
    let runner = Runner::new(queue.pool.clone(), only_the_bell(&queue));
    let stopped = stop.clone();
    let running = tokio::spawn(async move {
        let handler = move |claim: jobs::Claim| {
            started.send((claim.kind, Instant::now())).unwrap();
            async { Ok(Outcome::Done) }
        };
        runner.run(handler, stopped).await;
    });

    let listener = wait_until_it_listens(&queue, 0).await;
    let mut conn = queue.pool.get().await.unwrap();
    conn.batch_execute("BEGIN").await.unwrap();
    jobs::enqueue(&mut conn, &job("first")).await.unwrap();
    assert!(starts.try_recv().is_err(), "not before the commit");
    let committed = Instant::now();
    conn.batch_execute("COMMIT").await.unwrap();
    let (kind, at) = starts.recv().await.unwrap();
    assert_eq!(kind, "first");
    let waited = at.duration_since(committed);
    assert!(waited < Duration::from_millis(200), "woken after {waited:?}");

    let cut = format!("SELECT pg_terminate_backend({listener})");
    diesel::sql_query(cut).execute(&mut *conn).await.unwrap();
    queue.enqueue(&job("while it was deaf")).await;
    assert_eq!(starts.recv().await.unwrap().0, "while it was deaf");
    wait_until_it_listens(&queue, listener).await;
    queue.enqueue(&job("again")).await;
    assert_eq!(starts.recv().await.unwrap().0, "again");
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_bell_polling_finds_the_job() {
    let queue = Queue::new().await;
    let (started, mut starts) = mpsc::unbounded_channel();
    let stop = CancellationToken::new();
    let options = Options { poll: Duration::from_millis(20), ..Options::default() };
    let runner = Runner::new(queue.pool.clone(), options);
    let stopped = stop.clone();
    let running = tokio::spawn(async move {
        let handler = move |claim: jobs::Claim| {
            started.send(claim.kind).unwrap();
            async { Ok(Outcome::Done) }
        };
        runner.run(handler, stopped).await;
    });
    queue.enqueue(&job("found")).await;
    assert_eq!(starts.recv().await.unwrap(), "found");
    stop.cancel();
    running.await.unwrap();
    assert_eq!(queue.states().await[0].0, "done", "the end waits for what is under way");
}
