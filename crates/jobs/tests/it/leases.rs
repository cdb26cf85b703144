//! What holds when processes die, sleep or come too late.

use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use jobs::{Broken, LeaseLost, NewJob, Outcome, drain};
use std::time::Duration;

use crate::{LONG, NOON, Queue, job, keyed};

/// A lease that is over when it begins: its holder is a process that dies at once.
const DEAD: Duration = Duration::ZERO;

#[tokio::test]
async fn a_job_promised_in_a_transaction_that_fails_was_never_promised() {
    let queue = Queue::new().await;
    let mut conn = queue.pool.get().await.unwrap();
    let failed = conn
        .transaction(async |conn| {
            jobs::enqueue(conn, &job("receipt")).await?;
            conn.batch_execute("SELECT 1 / 0").await
        })
        .await;
    assert!(failed.is_err());
    assert!(queue.states().await.is_empty());
}

#[tokio::test]
async fn a_claim_says_what_was_promised_and_is_nobody_elses() {
    let queue = Queue::new().await;
    queue.enqueue(&keyed("a")).await;
    let claim = queue.claim(LONG).await.unwrap();
    assert_eq!((claim.kind.as_str(), claim.key.as_deref()), ("receipt", Some("a")));
    assert_eq!(claim.payload, serde_json::json!({ "gift": 7 }));
    assert_eq!((claim.attempt, claim.max_attempts, claim.run_at), (1, 3, None));
    assert_eq!(claim.now(), NOON);
    queue.recover().await;
    assert!(queue.claim(LONG).await.is_none(), "its lease lives");
    queue.finish(&claim).await.unwrap();
    assert!(matches!(queue.finish(&claim).await, Err(LeaseLost::Stale(_))), "finished once");
    assert_eq!(queue.states().await, [("done".to_owned(), 1, None)]);
}

#[tokio::test]
async fn a_dead_holders_job_is_taken_over_and_counted() {
    let queue = Queue::new().await;
    queue.enqueue(&job("receipt")).await;
    queue.claim(DEAD).await.unwrap();
    queue.recover().await;
    let again = queue.claim(LONG).await.unwrap();
    assert_eq!(again.attempt, 2, "the attempt was counted when it began");
}

#[tokio::test]
async fn who_comes_back_from_a_pause_can_finish_nothing_and_its_transaction_is_undone() {
    let queue = Queue::new().await;
    queue.enqueue(&job("receipt")).await;
    let paused = queue.claim(DEAD).await.unwrap();
    queue.recover().await;
    let successor = queue.claim(LONG).await.unwrap();
    let mut conn = queue.pool.get().await.unwrap();
    conn.batch_execute("CREATE TABLE effects (who text)").await.unwrap();
    for (claim, who) in [(&paused, "paused"), (&successor, "successor")] {
        let ended: Result<(), LeaseLost> = conn
            .transaction(async |conn| {
                conn.batch_execute(&format!("INSERT INTO effects VALUES ('{who}')")).await?;
                claim.done(conn).await
            })
            .await;
        assert_eq!(ended.is_ok(), who == "successor", "{who}: {ended:?}");
    }
    assert_eq!(effects(&queue).await, ["successor"]);
    assert!(matches!(paused.retry(&queue.pool, "late", LONG).await, Err(LeaseLost::Stale(_))));
    assert!(matches!(paused.park(&queue.pool, "late").await, Err(LeaseLost::Stale(_))));
    assert_eq!(queue.states().await[0].0, "done");
}

async fn effects(queue: &Queue) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Effect {
        #[diesel(sql_type = diesel::sql_types::Text)]
        who: String,
    }
    let mut conn = queue.pool.get().await.unwrap();
    let all: Vec<Effect> =
        diesel::sql_query("SELECT who FROM effects").load(&mut *conn).await.unwrap();
    all.into_iter().map(|effect| effect.who).collect()
}

#[tokio::test]
async fn a_job_that_kills_each_process_is_parked_and_others_go_on() {
    let queue = Queue::new().await;
    queue.enqueue(&job("poison")).await;
    for attempt in 1..=3 {
        assert_eq!(queue.claim(DEAD).await.unwrap().attempt, attempt);
        queue.recover().await;
    }
    queue.enqueue(&job("receipt")).await;
    let drained = drain(&queue.pool, NOON, |_| async { Ok(Outcome::Done) }).await.unwrap();
    assert_eq!((drained.done, drained.parked), (1, 0));
    let states = queue.states().await;
    assert_eq!((states[0].0.as_str(), states[0].1), ("parked", 3));
    assert!(states[0].2.as_ref().unwrap().contains("attempt 3 of 3 ran out"), "{states:?}");
    assert_eq!(states[1].0, "done");
}

#[tokio::test]
async fn a_failing_job_waits_longer_each_time_and_is_parked_with_its_error() {
    let queue = Queue::new().await;
    queue.enqueue(&job("receipt")).await;
    let failing = |_| async { Err(Broken::new(anyhow::anyhow!("the printer burns"))) };
    let mut now = NOON;
    for wait in [2, 8] {
        let drained = drain(&queue.pool, now, failing).await.unwrap();
        assert_eq!((drained.waiting, drained.parked), (1, 0));
        let early = now + Duration::from_millis(wait * 500 - 1);
        assert_eq!(drain(&queue.pool, early, failing).await.unwrap().waiting, 0, "too early");
        now += Duration::from_secs(wait);
    }
    assert_eq!(drain(&queue.pool, now, failing).await.unwrap().parked, 1);
    let parked = ("parked".to_owned(), 3, Some("the printer burns".to_owned()));
    assert_eq!(queue.states().await, [parked]);
}

#[tokio::test]
async fn a_panic_is_a_failure_and_a_wish_to_wait_is_not() {
    let queue = Queue::new().await;
    queue.enqueue(&NewJob { max_attempts: 1, ..job("panics") }).await;
    queue.enqueue(&NewJob { max_attempts: 1, ..job("waits") }).await;
    queue.enqueue(&job("asks")).await;
    let handler = |claim: jobs::Claim| async move {
        match claim.kind.as_str() {
            "panics" => panic!("a mistake of ours"),
            "waits" => Ok(Outcome::Later(LONG)),
            _ => Ok(Outcome::Park("a person must look".to_owned())),
        }
    };
    let drained = drain(&queue.pool, NOON, handler).await.unwrap();
    assert_eq!((drained.done, drained.waiting, drained.parked), (0, 1, 2));
    let states = queue.states().await;
    assert_eq!(states[0], ("parked".into(), 1, Some("panicked: a mistake of ours".into())));
    assert_eq!(states[1], ("waiting".into(), 0, None));
    assert_eq!(states[2], ("parked".into(), 1, Some("a person must look".into())));
}
