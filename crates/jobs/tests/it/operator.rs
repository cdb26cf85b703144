//! Keys, clocks and what an operator does by hand.

use std::{sync::Mutex, time::Duration};

use jobs::{NewJob, Outcome, admin, drain};

use crate::{LONG, NOON, Queue, job, keyed};

#[tokio::test]
async fn the_same_key_twice_is_one_job_at_the_earlier_time() {
    let queue = Queue::new().await;
    let later = NewJob { run_at: Some(NOON + LONG), ..keyed("a") };
    queue.enqueue(&later).await;
    queue.enqueue(&NewJob { run_at: Some(NOON), ..keyed("a") }).await;
    queue.enqueue(&later).await;
    let claim = queue.claim(LONG).await.expect("due at noon, not later");
    assert_eq!(claim.run_at, Some(NOON));
    queue.finish(&claim).await.unwrap();
    assert_eq!(queue.states().await.len(), 1);
    queue.enqueue(&keyed("a")).await;
    assert_eq!(queue.states().await.len(), 2, "a finished job does not stand in the way");
}

#[tokio::test]
async fn news_that_comes_while_a_job_runs_makes_it_run_once_more() {
    let queue = Queue::new().await;
    queue.enqueue(&keyed("a")).await;
    let claim = queue.claim(LONG).await.unwrap();
    queue.enqueue(&keyed("a")).await;
    queue.enqueue(&keyed("a")).await;
    assert!(queue.claim(LONG).await.is_none(), "not beside itself");
    queue.finish(&claim).await.unwrap();
    let again = queue.claim(LONG).await.expect("once more");
    assert_eq!((again.id, again.attempt), (claim.id, 1));
    queue.finish(&again).await.unwrap();
    assert_eq!(queue.states().await, [("done".to_owned(), 1, None)]);
}

#[tokio::test]
async fn news_that_comes_while_a_job_is_being_finished_is_not_lost() {
    let queue = Queue::new().await;
    queue.enqueue(&keyed("a")).await;
    let claim = queue.claim(LONG).await.unwrap();
    let mut conn = queue.pool.get().await.unwrap();
    diesel_async::SimpleAsyncConnection::batch_execute(&mut *conn, "BEGIN").await.unwrap();
    claim.done(&mut conn).await.unwrap();
    let news = keyed("a");
    let (_, ()) = tokio::join!(queue.enqueue(&news), async {
        // The news waits for the row: commit only once PostgreSQL says so.
        wait_until_somebody_waits(&queue).await;
        diesel_async::SimpleAsyncConnection::batch_execute(&mut *conn, "COMMIT").await.unwrap();
    });
    assert!(queue.claim(LONG).await.is_some());
}

async fn wait_until_somebody_waits(queue: &Queue) {
    use diesel::{dsl::sql, select, sql_types::Bool};
    use diesel_async::RunQueryDsl;
    let mut conn = queue.pool.get().await.unwrap();
    let waits = "EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'
        AND datname = current_database())";
    while !select(sql::<Bool>(waits)).get_result::<bool>(&mut *conn).await.unwrap() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_drain_runs_what_is_due_by_the_given_clock_and_what_that_promises() {
    let queue = Queue::new().await;
    let at = |hours: u64| Some(NOON + Duration::from_secs(3_600 * hours));
    for (kind, run_at) in [("two", at(2)), ("one", at(1)), ("three", at(3)), ("now", None)] {
        queue.enqueue(&NewJob { run_at, ..job(kind) }).await;
    }
    let ran = Mutex::new(Vec::new());
    let handler = async |claim: jobs::Claim| {
        if claim.kind == "one" {
            queue.enqueue(&job("promised")).await;
        }
        ran.lock().unwrap().push(claim.kind);
        Ok(Outcome::Done)
    };
    let drained = drain(&queue.pool, at(2).unwrap(), handler).await.unwrap();
    assert_eq!(drained.done, 4);
    assert_eq!(*ran.lock().unwrap(), ["now", "one", "promised", "two"]);
}

#[tokio::test]
async fn a_parked_job_is_listed_counted_and_retried_by_hand() {
    let queue = Queue::new().await;
    queue.enqueue(&keyed("a")).await;
    let claim = queue.claim(LONG).await.unwrap();
    claim.park(&queue.pool, "no such gift").await.unwrap();
    queue.enqueue(&keyed("a")).await;
    queue.enqueue(&job("letter")).await;

    let mut conn = queue.pool.get().await.unwrap();
    let parked = admin::list(&mut conn, Some(admin::State::Parked), 10).await.unwrap();
    assert_eq!(parked.len(), 1, "the same key while parked is not a second job");
    assert_eq!(parked[0].last_error.as_deref(), Some("no such gift"));
    let counts = admin::counts(&mut conn).await.unwrap();
    let counts: Vec<_> = counts.iter().map(|c| (&*c.kind, &*c.state, c.jobs)).collect();
    assert_eq!(counts, [("letter", "waiting", 1), ("receipt", "parked", 1)]);

    assert!(admin::retry(&mut conn, claim.id).await.unwrap());
    assert!(!admin::retry(&mut conn, claim.id + 100).await.unwrap(), "no such job");
    drop(conn);
    let drained = drain(&queue.pool, NOON, |claim| async move {
        assert_eq!(claim.attempt, 1, "all its attempts are before it again");
        Ok(Outcome::Done)
    });
    assert_eq!(drained.await.unwrap().done, 2);
    let mut conn = queue.pool.get().await.unwrap();
    assert!(!admin::retry(&mut conn, claim.id).await.unwrap(), "it is done");
}

#[tokio::test]
async fn an_operator_parks_a_running_job_and_its_holder_cannot_finish_it() {
    let queue = Queue::new().await;
    queue.enqueue(&job("receipt")).await;
    let claim = queue.claim(LONG).await.unwrap();
    let mut conn = queue.pool.get().await.unwrap();
    assert!(admin::park(&mut conn, claim.id, "stop this").await.unwrap());
    assert!(!admin::park(&mut conn, claim.id, "twice").await.unwrap());
    assert!(queue.finish(&claim).await.is_err());
    assert_eq!(queue.states().await, [("parked".into(), 1, Some("stop this".into()))]);
}

#[tokio::test]
async fn the_age_of_the_oldest_due_job_is_counted_from_when_it_was_due() {
    let queue = Queue::new().await;
    let mut conn = queue.pool.get().await.unwrap();
    let now = time::OffsetDateTime::now_utc();
    assert_eq!(admin::oldest_waiting(&mut conn, now).await.unwrap(), None);
    let due = now + Duration::from_secs(100);
    queue.enqueue(&NewJob { run_at: Some(due), ..job("receipt") }).await;
    assert_eq!(admin::oldest_waiting(&mut conn, now).await.unwrap(), None, "not due yet");
    let age = admin::oldest_waiting(&mut conn, due + LONG).await.unwrap().unwrap();
    assert_eq!(age.as_secs(), LONG.as_secs());
}

#[tokio::test]
async fn done_jobs_are_swept_and_no_others() {
    let queue = Queue::new().await;
    queue.enqueue(&job("receipt")).await;
    let claim = queue.claim(LONG).await.unwrap();
    queue.finish(&claim).await.unwrap();
    queue.enqueue(&job("letter")).await;
    let mut conn = queue.pool.get().await.unwrap();
    let now = time::OffsetDateTime::now_utc();
    assert_eq!(admin::sweep(&mut conn, now - LONG).await.unwrap(), 0, "too young");
    assert_eq!(admin::sweep(&mut conn, now + LONG).await.unwrap(), 1);
    assert_eq!(queue.states().await, [("waiting".to_owned(), 0, None)]);
    assert_eq!(admin::expired(&mut conn).await.unwrap(), 0);
}
