//! The town that is measured: a careful PostgreSQL, a large marketplace, the payments' side.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use actions::{Actions, Mode, Parts, Silence};
use anyhow::Context;
use essaim::{
    boot,
    config::{Config, Purpose, Sources},
    demo::{catalogue, signature},
};
use payments::sandbox::{Sandbox, SandboxConfig};
use store::{
    Reader, Writer,
    private::{PrivatePostgres, Running},
};
use testkit::{gauge, load};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::Sizes;

pub const WEBHOOK_SECRET: &str = "whsec_figures";
const SECRET_KEY: &str = "sk_test_figures";
/// The demonstration's pots hold too little for a million gifts.
const RICHER: i64 = 1_000;
/// Connections of the verbs that begin gifts in this process.
const CONNECTIONS: usize = 8;

/// A folder that PostgreSQL's user may pass; gone in the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> anyhow::Result<Self> {
        let path = PathBuf::from(format!("/var/tmp/essaim-figures-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays behind is a nuisance, no wrong figure.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The database server, with its statements counted where that is possible.
pub struct Server {
    running: Running,
    pub url: String,
    pub counts: bool,
}

impl Server {
    pub async fn start(folder: &Folder) -> anyhow::Result<Self> {
        let places = || (folder.at("pg"), folder.at("run"));
        let (data, sockets) = places();
        let first = PrivatePostgres::start(data, sockets).await?;
        let counts = gauge::count_statements(&first.url("postgres")).await?;
        first.stop().await;
        let (data, sockets) = places();
        let running = PrivatePostgres::start(data, sockets).await?;
        let url = running.database("essaim").await?;
        store::migrate::migrate(&url).await?;
        Ok(Self { running, url, counts })
    }

    pub async fn stop(self) {
        self.running.stop().await;
    }
}

/// Sandbox and verbs, in this process; the house itself runs in processes of its own.
pub struct Town {
    pub sandbox: Sandbox,
    /// As the website begins gifts.
    pub live: Actions,
    /// Without the brake that asks for a confirmation after sixty gifts to one campaign.
    pub unbraked: Actions,
    pub site: String,
    pub variables: Vec<(&'static str, String)>,
    pools: (Writer, Reader),
    stop: CancellationToken,
}

impl Town {
    /// Publishes, loads, opens the payments' side.
    pub async fn build(folder: &Folder, server: &Server, sizes: &Sizes) -> anyhow::Result<Self> {
        let till = TcpListener::bind("127.0.0.1:0").await?;
        let till_url = format!("http://{}", till.local_addr()?);
        let port = free_port().await?;
        let site = format!("http://127.0.0.1:{port}");
        let variables = variables(folder, &server.url, (&site, &till_url));
        let sandbox = Sandbox::new(SandboxConfig {
            accounts: (1..=sizes.campaigns).map(load::account).collect(),
            state_file: None,
            webhook: None,
            secret_key: SECRET_KEY.to_owned().into(),
            public_url: till_url,
        })?;
        let writer = Writer::new(&server.url, CONNECTIONS)?;
        let reader = Reader::new(&server.url, CONNECTIONS)?;
        let verbs = |mode| verbs(&variables, (&writer, &reader), &sandbox, mode);
        let (live, unbraked) = (verbs(Mode::Live)?, verbs(Mode::History)?);
        open(&live, &server.url, sizes).await?;
        let stop = CancellationToken::new();
        let (served, until) = (sandbox.clone(), stop.clone());
        tokio::spawn(async move { served.serve(till, until).await });
        Ok(Self { sandbox, live, unbraked, site, variables, pools: (writer, reader), stop })
    }

    pub fn close(self) {
        self.stop.cancel();
        self.pools.0.close();
        self.pools.1.close();
    }
}

/// Free a moment ago: nobody else here asks for one meanwhile.
pub async fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port())
}

/// The settings of the house, as an operator would write them.
fn variables(
    folder: &Folder,
    database: &str,
    (site, till): (&str, &str),
) -> Vec<(&'static str, String)> {
    let listen = site.trim_start_matches("http://");
    let text = |path: &Path| path.display().to_string();
    vec![
        ("ESSAIM_ENV", "demo".to_owned()),
        ("ESSAIM_INSTANCE", "essaim-figures".to_owned()),
        ("ESSAIM_BASE_URL", site.to_owned()),
        ("ESSAIM_LISTEN", listen.to_owned()),
        ("ESSAIM_STATE_DIR", text(&folder.at("state"))),
        ("ESSAIM_DATABASE_URL", database.to_owned()),
        ("ESSAIM_STRIPE_BASE_URL", till.to_owned()),
        ("ESSAIM_STRIPE_CHECKOUT_URL", till.to_owned()),
        ("ESSAIM_STRIPE_SECRET_KEY", SECRET_KEY.to_owned()),
        ("ESSAIM_STRIPE_WEBHOOK_SECRETS", WEBHOOK_SECRET.to_owned()),
        ("ESSAIM_TRUSTED_PROXIES", "127.0.0.1/32".to_owned()),
        ("ESSAIM_MAIL_WAY", "files".to_owned()),
        ("ESSAIM_LOG_FORMAT", "json".to_owned()),
        // The searches of a whole country come from few addresses here.
        ("ESSAIM_LIMITS_SEARCHES_PER_MINUTE", "1000000".to_owned()),
    ]
}

fn verbs(
    variables: &[(&'static str, String)],
    (writer, reader): (&Writer, &Reader),
    sandbox: &Sandbox,
    mode: Mode,
) -> anyhow::Result<Actions> {
    let sources = variables
        .iter()
        .fold(Sources::default(), |all, (name, value)| all.with(name, value.clone()));
    let config = Config::read(&sources, Purpose::Serving)?;
    let house = actions::House { mode, ..boot::house(&config)? };
    Ok(Actions::new(Parts {
        writer: writer.clone(),
        reader: reader.clone(),
        gateway: Arc::new(sandbox.gateway()),
        post: boot::post(&config)?,
        documents: Arc::new(boot::Documents::new()),
        tax: Arc::new(tax::Parameters::french().clone()),
        announce: Arc::new(Silence),
        house,
    }))
}

/// The demonstration's campaigns and pots, richer, then the load.
async fn open(actions: &Actions, url: &str, sizes: &Sizes) -> anyhow::Result<()> {
    let now = OffsetDateTime::now_utc();
    let mut fund = catalogue::fund(now)?;
    for tranche in fund.pots.iter_mut().flat_map(|pot| &mut pot.tranches) {
        tranche.amount_cents *= RICHER;
    }
    actions.open_pots(&fund.pots, now).await?;
    let staged = catalogue::campaigns(now)?;
    let new: Vec<_> = staged.into_iter().map(|one| one.new).collect();
    actions.publish_campaigns(&new).await?;
    signature::entrust(actions, &new, now).await?;
    actions.set_matching(&fund.settings, now).await?;
    load::load(url, sizes.campaigns, sizes.gifts).await.context("the load")
}
