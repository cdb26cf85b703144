//! All wiring, once: pools, pipes, verbs, website, workers.

use std::{
    fs,
    io::{ErrorKind, Write},
    path::Path,
    sync::{Arc, OnceLock},
    thread,
    time::Duration,
};

use actions::{Actions, Announce, House, Mode, Parts};
use anyhow::Context;
use domain::{gift::AmountBounds, ids::CampaignId};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use moka::future::Cache;
use secrecy::{ExposeSecret, SecretString};
use store::{Reader, Writer};
use templates::{Templates, layout};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;

use crate::{
    config::{Config, Environment, MailWay},
    ephemeral::{Ephemeral, Moved},
    providers,
    web::{
        listen,
        router::router,
        state::{self, Site},
    },
};

pub use documents::{Documents, ShareData, words};
pub use jobs::Clock;
pub use mail::{Mail, Mailbox, Post};
pub use payments::{Gateway, UnverifiedEvent};

const COUNTED_EVERY: Duration = Duration::from_secs(15);
const FOLDED_EVERY: Duration = Duration::from_secs(5);

/// What talks to the outside world, and the time: the demonstration and the tests bring their own.
#[derive(Clone)]
pub struct Outside {
    /// The payment provider.
    pub gateway: Arc<dyn Gateway>,
    /// Letters out.
    pub post: Arc<dyn Post>,
    /// The clock.
    pub clock: Clock,
}

/// The house, wired and at rest.
pub struct Essaim {
    /// The website.
    pub site: Site,
    /// The verbs of the workers, with their own connections.
    pub actions: Actions,
    database_url: String,
    jobs: jobs::Pool,
    pools: Vec<(Writer, Reader)>,
}

impl Essaim {
    /// Wires the house. Nothing listens yet and nothing has been asked of anybody.
    ///
    /// # Errors
    /// When an address cannot be understood or a template does not parse.
    pub fn wire(
        config: Config,
        database_url: &str,
        outside: Outside,
        stop: CancellationToken,
    ) -> anyhow::Result<Self> {
        let ephemeral = Ephemeral::new(&config.redis, &config.instance)?;
        let documents = Arc::new(Documents::new());
        let house = house(&config)?;
        let open = |connections: usize| -> anyhow::Result<(Writer, Reader)> {
            Ok((Writer::new(database_url, connections)?, Reader::new(database_url, connections)?))
        };
        let database = &config.database;
        let pools = vec![
            open(database.connections)?,
            open(database.webhook_connections)?,
            open(database.worker_connections)?,
        ];
        let verbs = |(writer, reader): &(Writer, Reader)| {
            Actions::new(Parts {
                writer: writer.clone(),
                reader: reader.clone(),
                gateway: outside.gateway.clone(),
                post: outside.post.clone(),
                documents: documents.clone(),
                tax: Arc::new(tax::Parameters::french().clone()),
                announce: Arc::new(Announcer(ephemeral.clone())),
                house: house.clone(),
            })
        };
        let [pages, webhooks, workers] = [0, 1, 2].map(|which| &pools[which]);
        let (for_pages, for_webhooks, for_workers) =
            (verbs(pages), verbs(webhooks), verbs(workers));
        let site = state::Parts {
            actions: for_pages,
            webhook_actions: for_webhooks,
            reader: pages.1.clone(),
            templates: templates(&config)?,
            layout: Arc::new(layout(&config)),
            ephemeral: ephemeral.clone(),
            clock: outside.clock,
            mailbox: mailbox(&config),
            documents: documents.clone(),
            lists: Cache::builder().max_capacity(64).time_to_live(Duration::from_secs(1)).build(),
            metrics: recorder()?,
            streams: Arc::new(Semaphore::new(config.limits.live_streams)),
            stop,
            config,
        };
        Ok(Self {
            site: Site::new(site),
            actions: for_workers,
            database_url: database_url.to_owned(),
            jobs: workers.0.pool(),
            pools,
        })
    }

    /// Serves the website on a listener until asked to stop.
    pub async fn serve(&self, listener: TcpListener) {
        // The first answer must not wait for the tables of communes to be unpacked.
        drop(tokio::task::spawn_blocking(domain::place::prepare));
        let stop = self.site.stop.clone();
        let grace = self.site.config.jobs.stop;
        let hearing = tokio::spawn({
            let (ephemeral, stop) = (self.site.ephemeral.clone(), stop.clone());
            async move { ephemeral.hear_the_others(stop).await }
        });
        listen::serve(listener, router(self.site.clone()), stop, grace).await;
        hearing.abort();
    }

    /// Does the jobs until asked to stop; one under way is finished or given back.
    pub async fn work(&self) {
        let jobs = self.site.config.jobs;
        let settings = workers::Settings {
            at_once: jobs.parallel,
            lease: jobs.lease,
            time_limit: jobs.time_limit,
            grace: jobs.stop,
            listen: Some(self.database_url.clone()),
            clock: self.site.clock.clone(),
        };
        let stop = self.site.stop.clone();
        let counting = tokio::spawn(count_jobs(self.jobs.clone(), stop.clone()));
        workers::run(self.actions.clone(), self.jobs.clone(), settings, stop).await;
        counting.abort();
    }

    /// Promises what the calendar says, until asked to stop.
    pub async fn keep_calendar(&self) {
        let (clock, stop) = (self.site.clock.clone(), self.site.stop.clone());
        workers::keep_calendar(self.jobs.clone(), clock, stop).await;
    }

    /// Lets every connection go; before a private PostgreSQL is stopped.
    pub fn close(&self) {
        for (writer, reader) in &self.pools {
            writer.close();
            reader.close();
        }
    }
}

/// How long the queue is, for who watches the metrics; a parked job wants a person.
async fn count_jobs(pool: jobs::Pool, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match counts(&pool).await {
            Ok(counts) => {
                for count in counts {
                    let waiting = u32::try_from(count.jobs).unwrap_or(u32::MAX);
                    metrics::gauge!("essaim_jobs", "kind" => count.kind, "state" => count.state)
                        .set(f64::from(waiting));
                }
            }
            Err(error) => tracing::debug!(%error, "the queue could not be counted"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(COUNTED_EVERY) => {}
        }
    }
}

async fn counts(pool: &jobs::Pool) -> anyhow::Result<Vec<jobs::admin::Count>> {
    Ok(jobs::admin::counts(&mut *pool.get().await?).await?)
}

/// Tells the live figures what the verbs announce.
struct Announcer(Ephemeral);

impl Announce for Announcer {
    fn campaign_changed(&self, _: &CampaignId, slug: &str) {
        self.0.announce(Moved::Campaign(slug.to_owned()));
    }
}

/// The settings that the verbs know.
///
/// # Errors
/// When the key of limits can be neither read nor made.
pub fn house(config: &Config) -> anyhow::Result<House> {
    let giving = config.giving;
    Ok(House {
        base_url: config.base_url.clone(),
        instance: config.instance.clone(),
        demonstration: config.env == Environment::Demo,
        livemode: config.env == Environment::Production,
        webhook_secrets: config.stripe.webhook_secrets.clone(),
        bounds: AmountBounds { min: giving.guest_min, max: giving.guest_max },
        refund_days: giving.refund_days,
        debit_days: giving.debit_extension_days,
        limits_key: limits_key(config)?,
        providers: Arc::new(providers::open(config)?),
        mode: Mode::Live,
    })
}

/// The key under which limits are counted: from the settings, else made once and kept.
fn limits_key(config: &Config) -> anyhow::Result<SecretString> {
    if let Some(key) = &config.limits.key {
        return Ok(key.clone());
    }
    let path = config.state_dir.join("limits.key");
    fs::create_dir_all(&config.state_dir)?;
    let key = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
    let kept = match keep_private(&path, &key) {
        Ok(()) => Ok(key),
        // Made before, by us or by a process that starts beside us.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => fs::read_to_string(&path),
        Err(error) => Err(error),
    };
    let kept = kept.with_context(|| format!("the key {}", path.display()))?;
    anyhow::ensure!(kept.len() >= 32, "the key {} is too short", path.display());
    Ok(kept.into())
}

fn keep_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

fn templates(config: &Config) -> anyhow::Result<Templates> {
    Ok(match config.env {
        Environment::Development => Templates::reloading()?,
        Environment::Demo | Environment::Production => Templates::new()?,
    })
}

fn mailbox(config: &Config) -> Option<Mailbox> {
    match &config.mail.way {
        MailWay::Files(folder) if config.env != Environment::Production => {
            Some(Mailbox::new(folder))
        }
        _ => None,
    }
}

/// Facts of the site that surround every page.
fn layout(config: &Config) -> layout::Site {
    let operator = config.operator.clone();
    let address = domain::people::PostalAddress {
        line: operator.address_line,
        postcode: operator.postcode,
        city: operator.city,
        country: "FR".to_owned(),
    };
    let legal_form = match operator.capital {
        Some(capital) => format!("{}, {capital}", operator.legal_form),
        None => operator.legal_form,
    };
    let host = [operator.host_name, operator.host_address, operator.host_phone];
    layout::Site {
        base_url: config.base_url.clone(),
        demo: config.env == Environment::Demo,
        mailbox: mailbox(config).map(|_| "/courriels".to_owned()),
        operator: layout::Operator {
            name: operator.name,
            legal_form,
            address,
            siren: Some(operator.siren),
            orias: operator.orias,
            publication_director: operator.publication_director,
            host: host.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "),
            contact_email: operator.email.clone(),
            accessibility_email: operator.email,
            privacy_email: operator.data_protection_email,
            phone: Some(operator.phone).filter(|phone| !phone.is_empty()),
            payment_provider: "Stripe".to_owned(),
        },
    }
}

/// One recorder per process, however many houses are wired in it.
fn recorder() -> anyhow::Result<PrometheusHandle> {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = RECORDER.get() {
        return Ok(handle.clone());
    }
    let handle = PrometheusBuilder::new().build_recorder();
    let known = RECORDER.get_or_init(|| handle.handle()).clone();
    // A recorder that somebody else installed stays; then ours counts nothing, which harms nobody.
    let _ = metrics::set_global_recorder(handle);
    let folded = known.clone();
    // Observations pile up until they are folded, and perhaps nobody ever reads /metrics.
    thread::Builder::new().name("metrics".to_owned()).spawn(move || {
        loop {
            thread::sleep(FOLDED_EVERY);
            folded.run_upkeep();
        }
    })?;
    Ok(known)
}

impl Outside {
    /// The real world, as the settings say.
    ///
    /// # Errors
    /// When the settings of provider or mail make no sense together.
    pub fn real(config: &Config) -> anyhow::Result<Self> {
        let gateway = payments::StripeGateway::new(payments::StripeConfig {
            base_url: Some(config.stripe.base_url.clone()),
            secret_key: config.stripe.secret_key.clone(),
            timeout: config.stripe.timeout,
        })?;
        Ok(Self { gateway: Arc::new(gateway), post: post(config)?, clock: Clock::system() })
    }
}

/// How letters leave, as the settings say.
///
/// # Errors
/// When the settings of mail make no sense together, or the signing key cannot be read.
pub fn post(config: &Config) -> anyhow::Result<Arc<dyn Post>> {
    let settings = &config.mail;
    let delivery = match &settings.way {
        MailWay::Files(folder) => mail::Delivery::Files { folder: folder.clone() },
        MailWay::Smtp(smtp) => mail::Delivery::Smtp(smtp_settings(smtp)),
    };
    let dkim = settings.dkim.as_ref().map(|dkim| {
        let key = fs::read_to_string(&dkim.key_file)
            .with_context(|| format!("cannot read {}", dkim.key_file.display()))?;
        anyhow::Ok(mail::DkimConfig {
            selector: dkim.selector.clone(),
            domain: dkim.domain.clone(),
            key_pem: key.into(),
        })
    });
    let mail = mail::Config {
        from: settings.from_address.parse()?,
        from_name: settings.from_name.clone(),
        reply_to: settings.reply_to.as_deref().map(str::parse).transpose()?,
        delivery,
        dkim: dkim.transpose()?,
    };
    let letters = Arc::new(templates::letters::Letters::embedded()?);
    let demo = config.env == Environment::Demo;
    Ok(Arc::from(mail.open(letters, &config.base_url, demo)?))
}

fn smtp_settings(smtp: &crate::config::Smtp) -> mail::SmtpConfig {
    use crate::config::SmtpSecurity;
    mail::SmtpConfig {
        host: smtp.host.clone(),
        port: smtp.port,
        security: match smtp.security {
            SmtpSecurity::StartTls => mail::Security::Starttls,
            SmtpSecurity::Tls => mail::Security::Implicit,
            SmtpSecurity::Clear => mail::Security::Plain,
        },
        username: smtp.login.as_ref().map(|(user, _)| user.clone()),
        password: smtp.login.as_ref().map(|(_, password)| password.expose_secret().into()),
        root_pem: None,
        connections: 4,
        connect_seconds: 10,
        step_seconds: 30,
    }
}
