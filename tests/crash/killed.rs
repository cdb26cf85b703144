//! People give while the site, the workers and PostgreSQL are killed at random moments. The seed is
//! printed; `ESSAIM_SEED=n cargo test --test crash killed` kills at the same moments again.

use std::{collections::BTreeMap, os::unix::fs::PermissionsExt, path::PathBuf, time::Duration};

use domain::ids::GiftId;
use futures_util::{StreamExt, stream};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reqwest::StatusCode;
use rustix::process::{Pid, Signal, kill_process};
use store::private::{PrivatePostgres, Running, Settings};
use tempfile::TempDir;
use tokio::time::sleep;
use uuid::Uuid;

use crate::{
    person::pays,
    process::Process,
    street::{LEASE, Street, until},
    town::BUS,
};

const GIVERS: usize = 24;
/// Of them, every so many-th wants the money back.
const REGRETS: usize = 4;
const AT_ONCE: usize = 3;
const KILLS: usize = 9;
/// What the pot that answers first has left, in cents.
const LEFT: i64 = 10_000;
const SLUGS: [&str; 2] = [BUS, "le-morvan-se-parle-l-entraide-numerique-entre-voisins"];

/// PostgreSQL with all its care for the disk: what it confirmed must survive it.
struct Database {
    running: Option<Running>,
    folder: TempDir,
}

impl Database {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Root's PostgreSQL runs as another user, who must be able to pass.
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let mut database = Self { running: None, folder };
        database.restart().await;
        database
    }

    async fn restart(&mut self) {
        let place = |name: &str| -> PathBuf { self.folder.path().join(name) };
        let settings = Settings::new(place("data"), place("run"));
        self.running = Some(PrivatePostgres::start_with(settings).await.unwrap());
    }

    /// The address of a database in it, with our tables.
    async fn url(&self) -> String {
        let url = self.running.as_ref().unwrap().database("essaim").await.unwrap();
        store::migrate::migrate(&url).await.unwrap();
        url
    }

    /// As `kill -9` of the server's first process.
    async fn kill(&mut self) {
        let running = self.running.take().unwrap();
        let pid = Pid::from_raw(running.pid().cast_signed()).unwrap();
        kill_process(pid, Signal::KILL).unwrap();
        running.ended().await;
    }
}

/// What is killed.
struct Town<'a> {
    street: &'a Street,
    database: Database,
    /// The site and two workers, by what they were started with.
    house: Vec<(&'static str, Process)>,
}

impl<'a> Town<'a> {
    fn open(street: &'a Street, database: Database) -> Self {
        let house = ["serve", "work", "work"].map(|part| (part, street.start(&[part], &[])));
        Self { street, database, house: house.into() }
    }

    /// As a supervisor does: who ended, however it ended, is started again.
    fn revive(&mut self) {
        for (part, process) in &mut self.house {
            if process.ended().is_some() {
                *process = self.street.start(&[*part], &[]);
            }
        }
    }

    async fn kill_at_random(&mut self, chance: &mut ChaCha8Rng) {
        for _ in 0..KILLS {
            let moment = Duration::from_millis(chance.random_range(50..1_000));
            let victim = chance.random_range(0..=self.house.len());
            sleep(moment).await;
            match self.house.get_mut(victim) {
                Some((_, process)) => process.kill(),
                None => {
                    self.database.kill().await;
                    self.database.restart().await;
                }
            }
            self.revive();
        }
    }
}

/// One person: fills, pays, perhaps regrets; tries again whenever something is away.
async fn gives(street: &Street, number: usize) {
    let mut person = street.person(number);
    let slug = SLUGS[number % SLUGS.len()];
    let euros = i64::try_from(10 + number).unwrap();
    let form = until("the giving form", async || person.fills(slug, euros).await).await;
    let checkout = until("the payment page", async || {
        let answer = person.sends(&form).await?;
        // Who clicks all the time while nothing answers is told to wait a moment.
        let again =
            answer.status.is_server_error() || answer.status == StatusCode::TOO_MANY_REQUESTS;
        assert!(again || answer.status == StatusCode::SEE_OTHER, "{}", answer.status);
        answer.location.ok_or_else(|| answer.status.to_string())
    })
    .await;
    let own_page = pays(&street.client, &checkout).await;
    if number.is_multiple_of(REGRETS) {
        until("the money asked back", async || person.wants_back(&own_page).await).await;
    }
}

/// Gift by gift, what the provider took and gave back.
async fn at_the_provider(street: &Street) -> BTreeMap<Uuid, (i64, i64)> {
    let (mut gifts, mut gift_of) = (BTreeMap::new(), BTreeMap::new());
    for intent in street.listed("payment_intents").await {
        let gift: Uuid = intent["metadata"]["gift"].as_str().unwrap().parse().unwrap();
        let received = intent["amount_received"].as_i64().unwrap();
        assert!(gifts.insert(gift, (received, 0)).is_none(), "{gift} was paid twice");
        gift_of.insert(intent["id"].as_str().unwrap().to_owned(), gift);
    }
    for refund in street.listed("refunds").await {
        assert_eq!(refund["status"], "succeeded");
        let gift = gift_of[refund["payment_intent"].as_str().unwrap()];
        gifts.get_mut(&gift).unwrap().1 += refund["amount"].as_i64().unwrap();
    }
    gifts
}

/// Provider, rows, totals and books say the same.
async fn agree(street: &Street, givers: usize) {
    let theirs = at_the_provider(street).await;
    let mut raised = 0;
    for (gift, (taken, back)) in &theirs {
        let row = street.town.gift(GiftId::new(*gift)).await;
        assert_eq!((row.captured_cents, row.refunded_cents), (*taken, *back), "{row:?}");
        raised += taken - back;
    }
    assert_eq!(theirs.len(), givers);
    let refunded = theirs.values().filter(|(taken, back)| *taken == *back).count();
    assert_eq!(refunded, givers.div_ceil(REGRETS));
    let shown = [street.town.totals("demo-01").await, street.town.totals("demo-10").await];
    assert_eq!(shown.iter().map(|totals| totals.raised_cents).sum::<i64>(), raised);
    street.is_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_under_load_nothing_is_lost_and_nothing_is_doubled() {
    let seed = std::env::var("ESSAIM_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(2026);
    println!("to kill at the same moments again: ESSAIM_SEED={seed}");
    let database = Database::start().await;
    let street = Street::open(Some(database.url().await)).await;
    // They ask for more than twice what the first pot has left.
    let mut tx = street.town.writer.begin().await.unwrap();
    testkit::probe::shrink_tranche(&mut tx, ("socle", "etat_socle"), LEFT).await.unwrap();
    tx.commit().await.unwrap();
    let mut town = Town::open(&street, database);
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let givers = stream::iter(0..GIVERS).for_each_concurrent(AT_ONCE, |n| gives(&street, n));
    tokio::join!(givers, town.kill_at_random(&mut chance));
    until("rest", async || {
        town.revive();
        street.rests().await
    })
    .await;
    agree(&street, GIVERS).await;
    let committed = -street.town.balance("match_committed:socle/etat_socle").await;
    assert!((1..=LEFT).contains(&committed), "{committed} of {LEFT} cents");
    drop(town);
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_freeze_longer_than_their_lease_change_nothing_when_they_go_on() {
    const GIVERS: usize = 8;
    let street = Street::open(None).await;
    let _site = street.start(&["serve"], &[]);
    let workers = ["work", "work"].map(|part| street.start(&[part], &[]));
    let givers = stream::iter(0..GIVERS).for_each_concurrent(AT_ONCE, |n| gives(&street, n));
    // One after the other, so that there is always one to take over what the other holds.
    let frost = async {
        for worker in &workers {
            worker.freezes_for(LEASE + Duration::from_secs(2)).await;
        }
    };
    tokio::join!(givers, frost);
    until("rest", async || street.rests().await).await;
    agree(&street, GIVERS).await;
}
