//! A town whose house is made of processes: the site and its workers, killed and started again
//! while database, provider and mail server stand in the test.

use std::{net::TcpListener, path::PathBuf, time::Duration};

use rand::Rng;
use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;
use testkit::probe;
use tokio::time::{Instant, sleep};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    person::{Person, client},
    process::{Process, Settings, run},
    smtp::MailServer,
    town::{INSTANCE, Place, SANDBOX_KEY, Town, WEBHOOK_SECRET},
};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// Who has a job and is silent for so long loses it to another.
pub const LEASE: Duration = Duration::from_secs(10);
/// Between two looks.
const GLANCE: Duration = Duration::from_millis(200);

pub struct Street {
    pub town: Town,
    pub letters: MailServer,
    pub site: String,
    till: String,
    pub client: Client,
    settings: Settings,
    folder: TempDir,
    _till_stands: DropGuard,
}

impl Street {
    /// Founds a town, on its own database or a given one, whose provider answers over HTTP.
    pub async fn open(database: Option<String>) -> Self {
        let (port, till_port) = (free_port(), free_port());
        let site = format!("http://127.0.0.1:{port}");
        let till = format!("http://127.0.0.1:{till_port}");
        let place = Place { site: site.clone(), till: till.clone(), database };
        let town = Town::at(place).await;
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", till_port)).await.unwrap();
        let stop = CancellationToken::new();
        let (sandbox, stopped) = (town.sandbox.clone(), stop.clone());
        tokio::spawn(async move { sandbox.serve(listener, stopped).await.unwrap() });
        let letters = MailServer::open().await;
        let folder = tempfile::tempdir().unwrap();
        let settings = [
            ("ENV", "demo"),
            ("INSTANCE", INSTANCE),
            ("BASE_URL", &site),
            ("LISTEN", &format!("127.0.0.1:{port}")),
            ("STATE_DIR", folder.path().to_str().unwrap()),
            ("TRUSTED_PROXIES", "127.0.0.1"),
            ("DATABASE_URL", &town.url),
            ("DATABASE_CONNECTIONS", "6"),
            ("DATABASE_WEBHOOK_CONNECTIONS", "3"),
            ("DATABASE_WORKER_CONNECTIONS", "8"),
            ("STRIPE_BASE_URL", &till),
            ("STRIPE_CHECKOUT_URL", &till),
            ("STRIPE_SECRET_KEY", SANDBOX_KEY),
            ("STRIPE_WEBHOOK_SECRETS", WEBHOOK_SECRET),
            ("MAIL_WAY", "smtp"),
            ("MAIL_SMTP_HOST", "127.0.0.1"),
            ("MAIL_SMTP_PORT", &letters.port.to_string()),
            ("MAIL_SMTP_SECURITY", "none"),
            ("LIMITS_KEY", "a key that all processes of this town share"),
            // Who died is not waited for as long as in a real town.
            ("JOBS_LEASE_SECONDS", &LEASE.as_secs().to_string()),
            ("JOBS_TIME_LIMIT_SECONDS", "9"),
        ];
        let settings = settings.map(|(name, value)| (format!("ESSAIM_{name}"), value.to_owned()));
        let settings = settings.into();
        let (client, _till_stands) = (client(), stop.drop_guard());
        Self { town, letters, site, till, client, settings, folder, _till_stands }
    }

    /// Starts a process of the house, with settings of its own.
    pub fn start(&self, arguments: &[&str], own: &[(&str, &str)]) -> Process {
        let mut settings = self.settings.clone();
        settings.extend(own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Process::start(arguments, &settings, &self.folder())
    }

    fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Somebody who comes to the site.
    pub fn person(&self, number: usize) -> Person {
        Person::new(&self.client, &self.site, number)
    }

    /// What happened so far.
    pub async fn facts(&self) -> Result<Vec<String>, String> {
        let mut db = self.town.reader.get().await.map_err(|error| error.to_string())?;
        Ok(probe::facts(&mut db).await.unwrap())
    }

    /// Nothing waits for anybody: neither at the provider, who has told us all, nor in the house.
    /// Asked in this order, since what is told comes to wait in the house.
    pub async fn rests(&self) -> Result<(), String> {
        let mut pending = Vec::new();
        let mut db = self.town.reader.get().await.map_err(|error| error.to_string())?;
        for event in self.listed("events").await {
            let (id, kind) = (event["id"].as_str().unwrap(), event["type"].as_str().unwrap());
            let told = payments::event::SUBSCRIBED.contains(&kind);
            if told && store::inbox::read(&mut db, id).await.is_err() {
                pending.push(format!("{kind} is not told yet"));
            }
        }
        pending.extend(probe::pending(&mut db).await.unwrap());
        if pending.is_empty() { Ok(()) } else { Err(format!("{pending:#?}")) }
    }

    /// Everything of a kind that the provider has: what it says itself, through its own door.
    pub async fn listed(&self, kind: &str) -> Vec<Value> {
        let mut all = Vec::<Value>::new();
        loop {
            let mut address = format!("{}/v1/{kind}?limit=100", self.till);
            if let Some(last) = all.last() {
                address += &format!("&starting_after={}", last["id"].as_str().unwrap());
            }
            let answer = self.client.get(address).bearer_auth(SANDBOX_KEY).send().await.unwrap();
            let mut page: Value = answer.json().await.unwrap();
            let Value::Array(found) = page["data"].take() else { panic!("no list: {page}") };
            all.extend(found);
            if page["has_more"] != true {
                return all;
            }
        }
    }

    /// A command of the operator's: its code, and what it said.
    pub async fn runs(&self, arguments: &'static [&'static str]) -> (i32, String) {
        run(arguments, &self.settings).await
    }

    /// The operator's own audit, as a process.
    pub async fn is_sound(&self) {
        let (code, said) = self.runs(&["check"]).await;
        assert_eq!(code, 0, "essaim check: {said}");
    }
}

/// Looks again and again until there is an answer; says what was awaited when there is none.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Result<T, String>) -> T {
    let begun = Instant::now();
    loop {
        match look().await {
            Ok(found) => return found,
            Err(seen) if begun.elapsed() > PATIENCE => panic!("{what}: not in time; {seen}"),
            Err(_) => sleep(GLANCE).await,
        }
    }
}

/// A port that nobody listens on, and that the kernel gives to no outgoing connection.
pub fn free_port() -> u16 {
    loop {
        let port = rand::rng().random_range(20_000..32_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
