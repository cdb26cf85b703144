//! A living marketplace on one machine: private PostgreSQL, payment sandbox, mailbox, and a past of
//! sixty days made through the same verbs while the site answers.

pub mod accounts;
pub mod catalogue;
mod history;
mod people;
mod progress;
pub mod signature;

use std::{path::PathBuf, sync::Arc, time::Duration};

use actions::{Actions, House, Mode, Parts};
use anyhow::Context;
use domain::people::EmailAddress;
use futures_util::FutureExt;
use payments::{StripeConfig, StripeGateway, sandbox};
use secrecy::SecretString;
use serde_json::json;
use store::{Reader, Writer, migrate, private::PrivatePostgres};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    boot::{self, Clock, Essaim, Outside},
    config::{Config, Purpose, Sources},
};

/// What the person asked for.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Seed of the past.
    pub seed: u64,
    /// Where everything is kept.
    pub state: PathBuf,
    /// Port of the site; the sandbox takes the next one.
    pub port: u16,
}

/// Where a demonstration is kept when nobody says: beside us, or, for root, where the user that
/// runs PostgreSQL can pass.
#[must_use]
pub fn default_state() -> PathBuf {
    use std::os::unix::fs::MetadataExt;
    let root = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    PathBuf::from(if root { "/var/tmp/essaim-demo" } else { ".essaim/demo" })
}

/// Secrets of the demonstration: they open nothing but its own sandbox.
const SECRET_KEY: &str = "sk_test_demonstration";
const WEBHOOK_SECRET: &str = "whsec_demonstration";
/// Times the past goes on after it stumbled, each after a longer wait.
const STUMBLES: u64 = 20;
/// Where the past is kept as played.
const PLAYED: &str = "demo_history";
/// Connections that play the past beside those of the site.
const CONNECTIONS: usize = 14;

/// Runs the demonstration until asked to stop.
///
/// # Errors
/// When something it needs is missing; the text is for the person at the terminal.
pub async fn run(settings: Settings, stop: CancellationToken) -> anyhow::Result<()> {
    std::fs::create_dir_all(&settings.state)
        .with_context(|| format!("création de {}", settings.state.display()))?;
    let addresses = Addresses::new(&settings);
    let site = TcpListener::bind(("127.0.0.1", settings.port))
        .await
        .with_context(|| format!("le port {} est pris : essayez --port", settings.port))?;
    let till = TcpListener::bind(("127.0.0.1", settings.port + 1))
        .await
        .with_context(|| format!("le port {} est pris : essayez --port", settings.port + 1))?;
    let server = PrivatePostgres::start(settings.state.join("pg"), socket_dir(&settings)).await?;
    let ended = tokio::select! {
        ended = live(&settings, &addresses, &server, (site, till), stop.clone()) => ended,
        broken = server.ended() => Err(broken.into()),
    };
    stop.cancel();
    server.stop().await;
    ended
}

/// Addresses people open.
struct Addresses {
    site: String,
    till: String,
    mailbox: String,
}

impl Addresses {
    fn new(settings: &Settings) -> Self {
        let site = format!("http://localhost:{}", settings.port);
        let till = format!("http://localhost:{}", settings.port + 1);
        let mailbox = format!("{site}/courriels");
        Self { site, till, mailbox }
    }

    fn write(&self, settings: &Settings) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(&json!({
            "site": self.site,
            "sandbox": self.till,
            "mailbox": self.mailbox,
            "seed": settings.seed,
        }))?;
        std::fs::write(settings.state.join("demo.json"), text)?;
        Ok(())
    }
}

/// The socket's path must be short, whatever the state folder's is.
fn socket_dir(settings: &Settings) -> PathBuf {
    let beside = settings.state.join("run");
    if beside.as_os_str().len() < 70 {
        return beside;
    }
    std::env::temp_dir().join(format!("essaim-{}", settings.port))
}

async fn live(
    settings: &Settings,
    addresses: &Addresses,
    server: &store::private::Running,
    (site, till): (TcpListener, TcpListener),
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let url = server.database("essaim").await?;
    migrate::migrate(&url).await?;
    let sandbox = open_sandbox(settings, addresses)?;
    let config = configuration(settings, addresses)?;
    let outside = outside(&config)?;
    let past = past(&config, &url, &outside, &sandbox)?;
    let now = OffsetDateTime::now_utc();
    let to_play = found(&past, now).await?;
    let essaim = Essaim::wire(config, &url, outside, stop.clone())?;
    addresses.write(settings)?;
    welcome(addresses);
    let playing = async {
        if let Some(day) = to_play {
            play_patiently(&past, settings.seed, day).await?;
        }
        // The calendar looks at the whole past: it begins when the past is there.
        essaim.keep_calendar().await;
        anyhow::Ok(())
    };
    let ended = tokio::select! {
        // A past that cannot be played ends the demonstration, with its reason: half of it, in
        // silence, would look like all of it.
        played = async {
            let (serve, work) = (essaim.serve(site), essaim.work());
            tokio::try_join!(serve.map(anyhow::Ok), work.map(anyhow::Ok), playing).map(|_| ())
        } => played,
        ended = sandbox.serve(till, stop.clone()) => ended,
    };
    past.close();
    essaim.close();
    ended
}

fn open_sandbox(settings: &Settings, addresses: &Addresses) -> anyhow::Result<sandbox::Sandbox> {
    let staged = catalogue::campaigns(OffsetDateTime::now_utc())?;
    let mut accounts: Vec<String> =
        staged.into_iter().filter_map(|one| one.new.holder.provider_account).collect();
    accounts.sort();
    accounts.dedup();
    Ok(sandbox::Sandbox::new(sandbox::SandboxConfig {
        accounts,
        state_file: Some(settings.state.join("sandbox.jsonl")),
        webhook: Some(sandbox::WebhookTarget {
            url: format!("{}/webhooks/stripe", addresses.site),
            secret: WEBHOOK_SECRET.to_owned().into(),
        }),
        secret_key: SECRET_KEY.to_owned().into(),
        public_url: addresses.till.clone(),
    })?)
}

fn configuration(settings: &Settings, addresses: &Addresses) -> anyhow::Result<Config> {
    let state = settings.state.display().to_string();
    let sources = Sources::of_process()?
        .with("ESSAIM_ENV", "demo")
        .with("ESSAIM_INSTANCE", "essaim-demo")
        .with("ESSAIM_BASE_URL", addresses.site.clone())
        .with("ESSAIM_LISTEN", format!("127.0.0.1:{}", settings.port))
        .with("ESSAIM_STATE_DIR", state)
        .with("ESSAIM_STRIPE_BASE_URL", addresses.till.clone())
        .with("ESSAIM_STRIPE_CHECKOUT_URL", addresses.till.clone())
        .with("ESSAIM_STRIPE_SECRET_KEY", SECRET_KEY)
        .with("ESSAIM_STRIPE_WEBHOOK_SECRETS", WEBHOOK_SECRET)
        .with("ESSAIM_MAIL_WAY", "files");
    Ok(Config::read(&sources, Purpose::Serving)?)
}

fn outside(config: &Config) -> anyhow::Result<Outside> {
    let gateway = StripeGateway::new(StripeConfig {
        base_url: Some(config.stripe.base_url.clone()),
        secret_key: SecretString::from(SECRET_KEY),
        timeout: config.stripe.timeout,
    })?;
    Ok(Outside { gateway: Arc::new(gateway), post: boot::post(config)?, clock: Clock::system() })
}

/// The verbs that play the past: the sandbox is called in process, letters are kept unsent.
struct Past {
    actions: Actions,
    sandbox: sandbox::Sandbox,
    writer: Writer,
    reader: Reader,
}

impl Past {
    fn close(&self) {
        self.writer.close();
        self.reader.close();
    }
}

fn past(
    config: &Config,
    url: &str,
    outside: &Outside,
    sandbox: &sandbox::Sandbox,
) -> anyhow::Result<Past> {
    let writer = Writer::of_past(url, CONNECTIONS)?;
    let reader = Reader::new(url, CONNECTIONS)?;
    // Its own clock and its own events: the sender of webhooks tells only of the present.
    let by_hand = sandbox.by_hand();
    let house = House { mode: Mode::History, ..boot::house(config)? };
    let actions = Actions::new(Parts {
        writer: writer.clone(),
        reader: reader.clone(),
        gateway: Arc::new(by_hand.gateway()),
        post: outside.post.clone(),
        documents: Arc::new(boot::Documents::new()),
        tax: Arc::new(tax::Parameters::french().clone()),
        announce: Arc::new(actions::Silence),
        house,
    });
    Ok(Past { actions, sandbox: by_hand, writer, reader })
}

/// Founds the fund and publishes the campaigns, once. Answers the day from which the past is still
/// to be played, or nothing when it was: a past that was interrupted goes on from the same day.
async fn found(past: &Past, now: OffsetDateTime) -> anyhow::Result<Option<OffsetDateTime>> {
    let actions = &past.actions;
    match actions.setting(PLAYED).await? {
        Some(state) => {
            let founded = state["founded"].as_i64().unwrap_or(now.unix_timestamp());
            let open = state["played"] != true;
            Ok(open.then(|| OffsetDateTime::from_unix_timestamp(founded)).transpose()?)
        }
        None => {
            let fund = catalogue::fund(now)?;
            actions.open_pots(&fund.pots, now).await?;
            let staged = catalogue::campaigns(now)?;
            let new: Vec<_> = staged.into_iter().map(|one| one.new).collect();
            actions.publish_campaigns(&new).await?;
            signature::entrust(actions, &new, now).await?;
            accounts::open(actions, &new, now).await?;
            actions.set_matching(&fund.settings, now).await?;
            let founded = json!({ "founded": now.unix_timestamp(), "played": false });
            actions.set_setting(PLAYED, &founded, now).await?;
            Ok(Some(OffsetDateTime::from_unix_timestamp(now.unix_timestamp())?))
        }
    }
}

/// Plays the past, and goes on where it was when the database was too busy for a moment: visitors
/// give meanwhile, to the same campaigns.
async fn play_patiently(past: &Past, seed: u64, day: OffsetDateTime) -> anyhow::Result<()> {
    for stumble in 1..=STUMBLES {
        let Err(error) = play(past, seed, day).await else { return Ok(()) };
        tracing::warn!(error = format!("{error:#}"), "the past stumbled and goes on");
        tokio::time::sleep(Duration::from_secs(stumble)).await;
    }
    play(past, seed, day).await
}

async fn play(past: &Past, seed: u64, now: OffsetDateTime) -> anyhow::Result<()> {
    let staged = catalogue::campaigns(now)?;
    let plan = history::plan(&past.actions, &staged, seed, now).await?;
    let player = history::Player {
        actions: past.actions.clone(),
        sandbox: past.sandbox.clone(),
        pool: past.writer.pool(),
    };
    let bar = progress::Bar::new(plan.gifts);
    player.play(plan, |done, total| bar.tell(done, total)).await?;
    bar.done();
    let played = json!({ "founded": now.unix_timestamp(), "played": true });
    past.actions.set_setting(PLAYED, &played, now).await
}

fn welcome(addresses: &Addresses) {
    println!();
    println!("  Essaim, démonstration : personnes, structures et montants fictifs");
    println!();
    println!("  Le site          {}", addresses.site);
    println!("  Les courriels    {}", addresses.mailbox);
    println!("  La banque d’essai {}/_sandbox/", addresses.till);
    println!();
    println!("  Comptes prêts, en un clic sur la page des courriels :");
    for (email, _, role) in accounts::ACCOUNTS {
        println!("    {email:<24}{role}");
    }
    println!();
    println!("  Ctrl-C pour arrêter. Un second départ reprend où l’on en était.");
    println!();
}

fn fallback_address() -> EmailAddress {
    "camille.lestrade@exemple.fr".parse().expect("a constant address that is valid")
}
