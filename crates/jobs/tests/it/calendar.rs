//! Recurring entries.

use std::time::Duration;

use jobs::schedule::{Entry, When, tick};
use time::OffsetDateTime;

use crate::{NOON, Queue};

fn entry(name: &str, when: When) -> Entry {
    let payload = serde_json::json!({});
    Entry { name: name.into(), when, kind: "sweep".into(), payload, max_attempts: 5 }
}

async fn ticked(queue: &Queue, entries: &[Entry], now: OffsetDateTime) -> usize {
    let mut conn = queue.pool.get().await.unwrap();
    tick(&mut conn, entries, now).await.unwrap()
}

fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

#[tokio::test]
async fn many_processes_enqueue_each_occurrence_once_even_when_it_is_long_done() {
    let queue = Queue::new().await;
    let entries = [entry("sweep", When::EverySeconds(600))];
    assert_eq!(ticked(&queue, &entries, NOON).await, 0, "seen first: it waits for its turn");
    let now = NOON + minutes(10);
    let ticks: Vec<usize> =
        futures_util::future::join_all((0..8).map(|_| ticked(&queue, &entries, now))).await;
    assert_eq!(ticks.iter().sum::<usize>(), 1);
    let claim = {
        let mut conn = queue.pool.get().await.unwrap();
        let (clock, all) = (jobs::Clock::fixed(now), jobs::Kinds::AllBut(vec![]));
        let mut claims = jobs::claim_due(&mut conn, &clock, crate::LONG, &all, 9).await.unwrap();
        claims.pop().unwrap()
    };
    assert_eq!(claim.run_at, Some(now), "it knows its occurrence");
    queue.finish(&claim).await.unwrap();
    assert_eq!(ticked(&queue, &entries, now + minutes(9)).await, 0, "done is not undone");
    assert_eq!(ticked(&queue, &entries, now - minutes(60)).await, 0, "nor by a slow clock");
    assert_eq!(ticked(&queue, &entries, now + minutes(10)).await, 1);
}

#[tokio::test]
async fn after_a_silence_only_the_latest_occurrence_is_made_up_for() {
    let queue = Queue::new().await;
    let entries = [entry("night", When::Daily { hour: 3, minute: 0 })];
    ticked(&queue, &entries, NOON).await;
    assert_eq!(ticked(&queue, &entries, NOON + minutes(14 * 60)).await, 1, "03:00 in Paris");
    assert_eq!(ticked(&queue, &entries, NOON + minutes(5 * 24 * 60)).await, 1);
    assert_eq!(queue.states().await.len(), 2);
}
