//! The settings: read once, typed, checked before a port opens.
//!
//! `deploy/essaim.defaults.toml` holds and explains all of them. Secrets are of a type that does
//! not print.

mod fault;
mod network;
mod providers;
mod read;
mod sense;
mod source;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use actions::ProviderKind;
use domain::Cents;
use secrecy::SecretString;
use time::OffsetDateTime;

pub use fault::{Fault, Faults, Problem};
pub use network::Network;
pub use source::{DEFAULTS, Sources};

use source::Settings;

/// What this installation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// On someone's desk.
    Development,
    /// Invented people and money.
    Demo,
    /// Real people and money.
    Production,
}

/// What the settings are read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Website and workers: everything must make sense together.
    Serving,
    /// A command that touches the database only.
    Database,
}

/// All settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// What this installation is for.
    pub env: Environment,
    /// Its name at the payment provider.
    pub instance: String,
    /// Public address, without a slash at the end.
    pub base_url: String,
    /// Where the site listens.
    pub listen: SocketAddr,
    /// Files of this installation.
    pub state_dir: PathBuf,
    /// Directives of the log.
    pub log: String,
    /// Logs as JSON.
    pub log_json: bool,
    /// Whose forwarded headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// A second host for media.
    pub media_url: Option<String>,
    /// What /metrics asks for.
    pub metrics_token: Option<SecretString>,
    /// PostgreSQL.
    pub database: Database,
    /// Redis.
    pub redis: Redis,
    /// The payment provider.
    pub stripe: Stripe,
    /// Letters.
    pub mail: Mail,
    /// Who runs the site.
    pub operator: Operator,
    /// Giving.
    pub giving: Giving,
    /// Limits of requests.
    pub limits: Limits,
    /// Workers.
    pub jobs: Jobs,
    /// For security.txt.
    pub security: Security,
    /// Identity providers that are open.
    pub providers: Vec<IdentityProvider>,
}

/// PostgreSQL.
#[derive(Clone, Debug)]
pub struct Database {
    /// Where it is; without one, a private PostgreSQL is started.
    pub url: Option<SecretString>,
    /// Folder of the server's programs.
    pub postgres_bin: Option<PathBuf>,
    /// Connections for pages.
    pub connections: usize,
    /// Connections for webhooks.
    pub webhook_connections: usize,
    /// Connections for workers.
    pub worker_connections: usize,
    /// How long a page waits for one.
    pub wait: Duration,
}

/// Redis, which may be absent and may burn.
#[derive(Clone, Debug)]
pub struct Redis {
    /// Where it is.
    pub url: Option<SecretString>,
    /// Patience.
    pub timeout: Duration,
}

/// The payment provider.
#[derive(Clone, Debug)]
pub struct Stripe {
    /// Address of its API, or of the sandbox; without a slash at the end.
    pub base_url: String,
    /// Secret key.
    pub secret_key: SecretString,
    /// Secrets of webhook signatures, several during rotation.
    pub webhook_secrets: Vec<SecretString>,
    /// Origin of the payment page.
    pub checkout_url: String,
    /// Patience for one call.
    pub timeout: Duration,
}

/// How letters leave.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Files or a server.
    pub way: MailWay,
    /// Name of the sender.
    pub from_name: String,
    /// Address of the sender.
    pub from_address: String,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// Signing.
    pub dkim: Option<Dkim>,
}

/// Files or a server.
#[derive(Clone, Debug)]
pub enum MailWay {
    /// A folder.
    Files(PathBuf),
    /// A server.
    Smtp(Smtp),
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Encryption.
    pub security: SmtpSecurity,
    /// User and password.
    pub login: Option<(String, SecretString)>,
}

/// Encryption on the way to a mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// STARTTLS, required.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// None.
    Clear,
}

/// DKIM.
#[derive(Clone, Debug)]
pub struct Dkim {
    /// Signing domain.
    pub domain: String,
    /// Selector.
    pub selector: String,
    /// Where the key is.
    pub key_file: PathBuf,
}

/// Who runs the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Name.
    pub name: String,
    /// Legal form.
    pub legal_form: String,
    /// Capital, when the form has one.
    pub capital: Option<String>,
    /// SIREN.
    pub siren: String,
    /// Number and street.
    pub address_line: String,
    /// Postcode.
    pub postcode: String,
    /// City.
    pub city: String,
    /// Telephone.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// Number in the register of intermediaries.
    pub orias: Option<String>,
    /// Publication director.
    pub publication_director: String,
    /// Host of the site.
    pub host_name: String,
    /// Its address.
    pub host_address: String,
    /// Its telephone.
    pub host_phone: String,
    /// Data protection contact.
    pub data_protection_email: String,
}

/// Giving.
#[derive(Clone, Copy, Debug)]
pub struct Giving {
    /// False stops all giving.
    pub open: bool,
    /// Smallest gift of a guest.
    pub guest_min: Cents,
    /// Largest gift of a guest.
    pub guest_max: Cents,
    /// Smallest gift with an account.
    pub account_min: Cents,
    /// A debit under way keeps its match this many days.
    pub debit_extension_days: i64,
    /// Days during which a donor may ask for the money back.
    pub refund_days: i64,
}

/// Limits of requests.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Hides what limits are counted by.
    pub key: Option<SecretString>,
    /// Largest form, in bytes.
    pub form_bytes: usize,
    /// Largest webhook, in bytes.
    pub webhook_bytes: usize,
    /// Longest request.
    pub request: Duration,
    /// Unsafe requests in a bucket.
    pub unsafe_requests: u32,
    /// Time that empties the bucket.
    pub unsafe_period: Duration,
    /// Searches per address and minute.
    pub searches_per_minute: u32,
    /// Live streams open at once.
    pub live_streams: usize,
    /// Networks many people share.
    pub shared_networks: Vec<Network>,
}

/// Workers.
#[derive(Clone, Copy, Debug)]
pub struct Jobs {
    /// Length of a lease.
    pub lease: Duration,
    /// Longest run of a job.
    pub time_limit: Duration,
    /// Jobs at work at once.
    pub parallel: usize,
    /// Grace when asked to stop.
    pub stop: Duration,
}

/// For security.txt.
#[derive(Clone, Debug)]
pub struct Security {
    /// Where to write.
    pub contact: String,
    /// Until when the file is true.
    pub expires: OffsetDateTime,
}

/// An identity provider.
#[derive(Clone, Debug)]
pub struct IdentityProvider {
    /// Which.
    pub kind: ProviderKind,
    /// Its issuer, exactly as it writes it itself.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: SecretString,
    /// Only who proved two factors there comes in.
    pub second_factor: bool,
    /// Patience for one answer.
    pub timeout: Duration,
}

impl Config {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn read(sources: &Sources, purpose: Purpose) -> Result<Self, Faults> {
        let mut settings = Settings::fold(sources);
        let config = read::typed(&mut settings);
        if purpose == Purpose::Serving {
            sense::check(&config, &mut settings);
        }
        if settings.faults.is_empty() { Ok(config) } else { Err(Faults(settings.faults)) }
    }

    /// True when the site is reached by https, hence when cookies may carry `__Host-`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https://")
    }

    /// The host of the public address, with its port if it has one.
    #[must_use]
    pub fn host(&self) -> &str {
        self.base_url.split_once("://").map_or("", |(_, host)| host)
    }
}

#[cfg(test)]
mod tests;
