//! Redis may burn: killed or frozen while people read and give, it costs nobody an answer and no
//! cent; there, it joins the processes of a site.

use std::{
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use axum::body::Bytes;
use essaim::{
    config,
    ephemeral::{Ephemeral, Moved},
};
use reqwest::{Response, StatusCode};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    person::{Person, client, pays},
    process::Process,
    street::{Street, free_port, until},
    town::{BUS, INSTANCE},
};

/// The longest a setting may have us wait for Redis: what would be slow is then very slow.
const PATIENCE: Duration = Duration::from_secs(1);

struct Redis {
    port: u16,
    child: Child,
}

impl Redis {
    async fn start() -> Self {
        let port = free_port();
        let redis = Self { port, child: launch(port) };
        redis.answers().await;
        redis
    }

    async fn answers(&self) {
        until("Redis", async || self.asked::<String>(&["PING"]).await).await;
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    async fn restart(&mut self) {
        self.child = launch(self.port);
        self.answers().await;
    }

    async fn asked<T: redis::FromRedisValue>(&self, words: &[&str]) -> Result<T, String> {
        let answer = async {
            let client = redis::Client::open(self.url())?;
            let mut connection = client.get_multiplexed_async_connection().await?;
            redis::cmd(words[0]).arg(&words[1..]).query_async(&mut connection).await
        };
        answer.await.map_err(|error: redis::RedisError| error.to_string())
    }

    /// Until so many processes listen to the news, and something is kept.
    async fn is_used_by(&self, processes: usize) {
        let channel = format!("essaim:{INSTANCE}:moved");
        until("the processes use Redis", async || {
            let listening: (String, usize) = self.asked(&["PUBSUB", "NUMSUB", &channel]).await?;
            let kept: usize = self.asked(&["DBSIZE"]).await?;
            let used = listening.1 == processes && kept > 0;
            if used { Ok(()) } else { Err(format!("{listening:?}, {kept} entries")) }
        })
        .await;
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn launch(port: u16) -> Child {
    Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--dir", "/tmp"])
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is installed")
}

fn shared(redis: &Redis) -> Ephemeral {
    let settings = config::Redis { url: Some(redis.url().into()), timeout: PATIENCE };
    Ephemeral::new(&settings, INSTANCE).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_share_fragments_news_and_the_guard_and_do_without() {
    let mut redis = Redis::start().await;
    let (one, other) = (shared(&redis), shared(&redis));
    let minute = Duration::from_secs(60);
    let make = |text: &'static str| async move { Ok::<_, ()>(Bytes::from(text)) };
    assert_eq!(one.fragment("k", minute, make("one")).await.unwrap(), "one");
    assert_eq!(other.fragment("k", minute, make("other")).await.unwrap(), "one");
    assert!(one.has_room("visitor", 1, minute).await);
    assert!(!other.has_room("visitor", 1, minute).await, "counted together");
    let stop = CancellationToken::new();
    let _stopped = stop.clone().drop_guard();
    tokio::spawn({
        let other = other.clone();
        async move { other.hear_the_others(stop).await }
    });
    redis.is_used_by(1).await;
    let mut news = other.listen();
    one.announce(Moved::Campaign(BUS.into()));
    let heard = tokio::time::timeout(Duration::from_secs(60), news.recv()).await;
    assert_eq!(heard, Ok(Ok(Moved::Campaign(BUS.into()))));

    redis.kill();
    assert_eq!(one.fragment("l", minute, make("one")).await.unwrap(), "one");
    assert_eq!(other.fragment("l", minute, make("other")).await.unwrap(), "other");
    assert!(one.has_room("guest", 1, minute).await);
    assert!(other.has_room("guest", 1, minute).await, "each counts for itself");
    redis.restart().await;
    // The one that listens comes back by itself; the one that asks does when somebody asks.
    until("the news again", async || {
        one.announce(Moved::Pot);
        let heard = tokio::time::timeout(PATIENCE, news.recv()).await;
        if heard == Ok(Ok(Moved::Pot)) { Ok(()) } else { Err(format!("{heard:?}")) }
    })
    .await;
}

/// A site of two processes beside a Redis.
struct Pair {
    street: Street,
    redis: Redis,
    other_site: String,
    processes: [Process; 2],
}

impl Pair {
    async fn open() -> Self {
        let (street, redis) = (Street::open(None).await, Redis::start().await);
        let listen = format!("127.0.0.1:{}", free_port());
        let millis = PATIENCE.as_millis().to_string();
        let url = redis.url();
        let with_redis =
            [("ESSAIM_REDIS_URL", &*url), ("ESSAIM_REDIS_TIMEOUT_MILLISECONDS", &*millis)];
        let elsewhere = [with_redis[0], with_redis[1], ("ESSAIM_LISTEN", &*listen)];
        let processes = [
            street.start(&["serve", "--with-workers"], &with_redis),
            street.start(&["serve"], &elsewhere),
        ];
        let pair = Self { street, redis, other_site: format!("http://{listen}"), processes };
        for site in pair.sites() {
            let mut visitor = pair.visitor(site, 0);
            until("both sites", async || visitor.opens("/").await.map(drop)).await;
        }
        pair.redis.is_used_by(2).await;
        pair
    }

    fn sites(&self) -> [&str; 2] {
        [&self.street.site, &self.other_site]
    }

    fn visitor(&self, site: &str, number: usize) -> Person {
        Person::new(&self.street.client, site, number)
    }

    /// Somebody gives through one of the processes; no second try.
    async fn gives(&self, site: &str, number: usize) {
        let mut person = self.visitor(site, number);
        let form = person.fills(BUS, 20).await.unwrap();
        let answer = person.sends(&form).await.unwrap();
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.status);
        pays(&self.street.client, &answer.location.unwrap()).await;
    }

    /// Everything is recorded, shown and sound, and nobody died on the way.
    async fn ends_with(mut self, gifts: i64) {
        until("rest", async || self.street.rests().await).await;
        let totals = self.street.town.totals("demo-01").await;
        assert_eq!((totals.gifts, totals.raised_cents), (gifts, gifts * 2_000));
        self.street.is_sound().await;
        for process in &mut self.processes {
            assert!(process.ended().is_none(), "{}", process.last_words());
        }
    }
}

/// The live figures of a campaign, as a browser hears them.
struct Figures(Response, String);

impl Figures {
    async fn of(site: &str) -> Self {
        let address = format!("{site}/campagnes/{BUS}/flux");
        Self(client().get(address).send().await.unwrap(), String::new())
    }

    /// The next figures: what was given.
    async fn next(&mut self) -> String {
        loop {
            if let Some((event, rest)) = self.1.split_once("\n\n") {
                let data = event.strip_prefix("data: ").map(str::to_owned);
                self.1 = rest.to_owned();
                // What is no data keeps the line alive.
                let Some(data) = data else { continue };
                let figures: Value = serde_json::from_str(&data).unwrap();
                return figures["dons"].as_str().unwrap().to_owned();
            }
            let chunk = self.0.chunk().await.unwrap().expect("the stream goes on");
            self.1 += std::str::from_utf8(&chunk).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gift_taken_by_one_process_is_seen_live_on_the_other() {
    let pair = Pair::open().await;
    let [one, other] = pair.sites();
    let mut figures = Figures::of(other).await;
    assert_eq!(figures.next().await, "0\u{a0}€");
    pair.gives(one, 1).await;
    assert_eq!(figures.next().await, "20\u{a0}€");
    let mut readers = [one, other].map(|site| pair.visitor(site, 0));
    let path = format!("/campagnes/{BUS}");
    until("both show the same page", async || {
        let [one, other] = &mut readers;
        let pages = [one.opens(&path).await?.body, other.opens(&path).await?.body];
        let same = pages[0] == pages[1] && pages[0].contains("20\u{a0}€");
        if same { Ok(()) } else { Err("they differ".to_owned()) }
    })
    .await;
    drop(figures);
    pair.ends_with(1).await;
}

/// People who read, without a pause, until told that it is over. Each answer must be a page.
#[derive(Default)]
struct Crowd {
    answers: AtomicUsize,
    over: AtomicBool,
}

impl Crowd {
    async fn reads(&self, mut reader: Person) {
        let campaign = format!("/campagnes/{BUS}");
        for path in ["/", "/campagnes", &campaign, "/transparence"].iter().cycle() {
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            let answer = reader.opens(path).await.unwrap();
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            self.answers.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Until so many more were answered.
    async fn goes_on(&self, more: usize) {
        let wanted = self.answers.load(Ordering::Relaxed) + more;
        until("the crowd reads", async || {
            let seen = self.answers.load(Ordering::Relaxed);
            if seen >= wanted { Ok(()) } else { Err(format!("{seen} of {wanted}")) }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_killed_under_load_shows_no_error_and_moves_no_cent() {
    let mut pair = Pair::open().await;
    let sites = pair.sites().map(str::to_owned);
    let crowd = Crowd::default();
    let readers = [0, 1, 0, 1].map(|at: usize| pair.visitor(&sites[at], 10 + at));
    let story = async {
        crowd.goes_on(20).await;
        pair.redis.kill();
        tokio::join!(pair.gives(&sites[0], 1), pair.gives(&sites[1], 2));
        crowd.goes_on(40).await;
        pair.redis.restart().await;
        pair.redis.is_used_by(2).await;
        pair.gives(&sites[1], 3).await;
        crowd.over.store(true, Ordering::Relaxed);
    };
    let [a, b, c, d] = readers.map(|reader| crowd.reads(reader));
    tokio::join!(story, a, b, c, d);
    pair.ends_with(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_redis_slows_a_few_answers_by_its_time_out_and_then_none() {
    const ASKED: u32 = 24;
    let pair = Pair::open().await;
    let [one, other] = pair.sites();
    pair.redis.signal(Signal::STOP);
    let begun = Instant::now();
    let mut reader = pair.visitor(other, 0);
    for number in 0..ASKED {
        // Each address is another page, that only Redis could have: it is asked each time.
        let answer = reader.opens(&format!("/campagnes?page={}", number + 1)).await.unwrap();
        assert!(answer.status == StatusCode::OK, "{}", answer.status);
    }
    let took = begun.elapsed();
    pair.gives(one, 1).await;
    let slow = PATIENCE * ASKED;
    assert!(took < slow / 2, "{took:?}; who waits each time takes more than {slow:?}");
    pair.redis.signal(Signal::CONT);
    pair.redis.is_used_by(2).await;
    pair.ends_with(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_full_or_emptied_costs_nobody_an_answer_and_no_cent() {
    let pair = Pair::open().await;
    let [one, other] = pair.sites();
    let full: String = pair.redis.asked(&["CONFIG", "SET", "maxmemory", "1mb"]).await.unwrap();
    assert_eq!(full, "OK");
    let room: Result<String, String> = pair.redis.asked(&["SET", "k", "v"]).await;
    assert!(room.is_err_and(|why| why.contains("maxmemory")), "it takes nothing more");
    let crowd = Crowd::default();
    let readers = [one, other].map(|site| pair.visitor(site, 0));
    let story = async {
        crowd.goes_on(20).await;
        pair.gives(one, 1).await;
        let wide: String = pair.redis.asked(&["CONFIG", "SET", "maxmemory", "0"]).await.unwrap();
        assert_eq!(wide, "OK");
        for giver in 2..5 {
            let emptied: String = pair.redis.asked(&["FLUSHALL"]).await.unwrap();
            assert_eq!(emptied, "OK");
            pair.gives(other, giver).await;
            crowd.goes_on(10).await;
        }
        crowd.over.store(true, Ordering::Relaxed);
    };
    let [a, b] = readers.map(|reader| crowd.reads(reader));
    tokio::join!(story, a, b);
    pair.ends_with(4).await;
}
