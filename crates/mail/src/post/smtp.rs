//! SMTP, step by step.
//!
//! lettre's own transport bounds only the TCP connection in time, and does not say whether the text
//! had been handed over when something broke. Both decide what may be done next, so the dialogue is
//! conducted here, over lettre's connection, with a limit on every step.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
    },
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::{sync::Semaphore, time::timeout};

use super::{Post, PostError, Sent};
use crate::{Composer, Message, bounce};

/// A connection idle for longer is closed: servers drop theirs after a few minutes.
const IDLE_SECONDS: u64 = 30;
const QUIT_SECONDS: u64 = 2;

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// Not at all: a server on this machine only.
    Plain,
    /// Upgraded before anything is said, usually on port 587; never falls back to plain.
    Starttls,
    /// From the first byte, usually on port 465.
    Implicit,
}

/// The server that takes our letters.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// The account, when the server asks for one.
    #[serde(default)]
    pub username: Option<String>,
    /// Its password.
    #[serde(default)]
    pub password: Option<SecretString>,
    /// A root certificate in PEM, for a server with a private authority.
    #[serde(default)]
    pub root_pem: Option<String>,
    /// How many letters travel at once.
    #[serde(default = "four")]
    pub connections: usize,
    /// Limit for connecting: TCP, TLS, banner, greeting and sign-in.
    #[serde(default = "ten")]
    pub connect_seconds: u64,
    /// Limit for each later step; the text counts as one.
    #[serde(default = "thirty")]
    pub step_seconds: u64,
}

const fn four() -> usize {
    4
}

const fn ten() -> u64 {
    10
}

const fn thirty() -> u64 {
    30
}

/// Why an SMTP configuration is nonsense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmtpRefused {
    /// Letters name people: they leave this machine encrypted or not at all.
    #[error(
        "smtp: `plain` is only for a server on this machine (localhost); use starttls or implicit"
    )]
    PlainRemote,
    /// One without the other.
    #[error("smtp: username and password go together")]
    HalfCredentials,
    /// Not a certificate.
    #[error("smtp: root_pem is not a certificate in PEM")]
    RootCertificate,
    /// Not a host name.
    #[error("smtp: host is not a name that TLS can check")]
    Host,
    /// None at all.
    #[error("smtp: connections, connect_seconds and step_seconds are at least 1")]
    Zero,
}

struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
}

/// Sends letters through an SMTP server, over a few connections that are used again.
pub struct SmtpPost {
    composer: Composer,
    config: SmtpConfig,
    tls: Option<TlsParameters>,
    from: Address,
    hello: ClientId,
    idle: Mutex<Vec<Idle>>,
    slots: Semaphore,
}

impl std::fmt::Debug for SmtpPost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SmtpPost({}:{})", self.config.host, self.config.port)
    }
}

/// What went wrong at a step.
enum Trouble {
    TooSlow,
    Smtp(Error),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Sender,
    Recipient,
    Text,
}

impl SmtpPost {
    /// A post; opens no connection yet.
    ///
    /// # Errors
    /// When the configuration contradicts itself.
    pub fn new(composer: Composer, config: SmtpConfig) -> Result<Self, SmtpRefused> {
        let local = matches!(config.host.as_str(), "localhost" | "127.0.0.1" | "::1");
        if config.security == Security::Plain && !local {
            return Err(SmtpRefused::PlainRemote);
        }
        if config.username.is_some() != config.password.is_some() {
            return Err(SmtpRefused::HalfCredentials);
        }
        if config.connections == 0 || config.connect_seconds == 0 || config.step_seconds == 0 {
            return Err(SmtpRefused::Zero);
        }
        let tls = (config.security != Security::Plain).then(|| tls(&config)).transpose()?;
        let from = composer.sender().address.as_str().parse().map_err(|_| SmtpRefused::Host)?;
        let hello = ClientId::Domain(composer.sender().domain().to_owned());
        let slots = Semaphore::new(config.connections);
        Ok(Self { composer, config, tls, from, hello, idle: Mutex::default(), slots })
    }

    /// Says goodbye on every idle connection.
    pub async fn close(&self) {
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for one in idle {
            quit(one.connection).await;
        }
    }

    fn take_idle(&self) -> Option<AsyncSmtpConnection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|one| one.since.elapsed().as_secs() < IDLE_SECONDS);
        idle.pop().map(|one| one.connection)
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(Idle { connection, since: Instant::now() });
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, PostError> {
        let limit = Duration::from_secs(self.config.connect_seconds);
        let refused = |trouble| not_connected(&trouble);
        within(limit, self.open(limit)).await.map_err(refused)
    }

    async fn open(&self, limit: Duration) -> Result<AsyncSmtpConnection, Error> {
        let server = (self.config.host.as_str(), self.config.port);
        let implicit = (self.config.security == Security::Implicit).then(|| self.tls.clone());
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            server,
            Some(limit),
            &self.hello,
            implicit.flatten(),
            None,
        )
        .await?;
        if let (Security::Starttls, Some(tls)) = (self.config.security, &self.tls) {
            connection.starttls(tls.clone(), &self.hello).await?;
        }
        if let (Some(name), Some(word)) = (&self.config.username, &self.config.password) {
            let credentials = Credentials::new(name.clone(), word.expose_secret().to_owned());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        Ok(connection)
    }

    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        to: &Address,
        bytes: &[u8],
    ) -> Result<(), (Stage, Trouble)> {
        let limit = Duration::from_secs(self.config.step_seconds);
        let at = |stage| move |trouble| (stage, trouble);
        let sender = connection.command(Mail::new(Some(self.from.clone()), vec![]));
        within(limit, sender).await.map_err(at(Stage::Sender))?;
        let recipient = connection.command(Rcpt::new(to.clone(), vec![]));
        within(limit, recipient).await.map_err(at(Stage::Recipient))?;
        within(limit, connection.command(Data)).await.map_err(at(Stage::Recipient))?;
        within(limit, connection.message(bytes)).await.map_err(at(Stage::Text))?;
        Ok(())
    }
}

#[async_trait]
impl Post for SmtpPost {
    async fn send(&self, message: &Message) -> Result<Sent, PostError> {
        let composed = self.composer.compose(message)?;
        let unfit = |_| PostError::Unfit("the recipient".to_owned());
        let to: Address = message.to().as_str().parse().map_err(unfit)?;
        let closed = |_| PostError::TryLater { code: None, reason: "closing" };
        let _slot = self.slots.acquire().await.map_err(closed)?;
        let (mut connection, used) = match self.take_idle() {
            Some(connection) => (connection, true),
            None => (self.connect().await?, false),
        };
        let mut outcome = self.hand_over(&mut connection, &to, &composed.bytes).await;
        if used && outcome.as_ref().is_err_and(gone_stale) {
            // The server had closed it while it was idle: nothing was said yet.
            connection = self.connect().await?;
            outcome = self.hand_over(&mut connection, &to, &composed.bytes).await;
        }
        match outcome {
            Ok(()) => {
                self.keep(connection);
                Ok(Sent { message_id: composed.message_id })
            }
            Err((stage, trouble)) => {
                if matches!(&trouble, Trouble::Smtp(error) if error.status().is_some()) {
                    quit(connection).await;
                }
                Err(judge(stage, &trouble))
            }
        }
    }
}

fn tls(config: &SmtpConfig) -> Result<TlsParameters, SmtpRefused> {
    let mut builder = TlsParameters::builder(config.host.clone());
    if let Some(pem) = &config.root_pem {
        let refused = |_| SmtpRefused::RootCertificate;
        if !pem.contains("BEGIN CERTIFICATE") {
            return Err(SmtpRefused::RootCertificate);
        }
        builder =
            builder.add_root_certificate(Certificate::from_pem(pem.as_bytes()).map_err(refused)?);
    }
    builder.build().map_err(|_| SmtpRefused::Host)
}

async fn within<T>(
    limit: Duration,
    step: impl Future<Output = Result<T, Error>>,
) -> Result<T, Trouble> {
    match timeout(limit, step).await {
        Ok(outcome) => outcome.map_err(Trouble::Smtp),
        Err(_) => Err(Trouble::TooSlow),
    }
}

async fn quit(mut connection: AsyncSmtpConnection) {
    // A farewell: whether the server hears it changes nothing.
    let _ = timeout(Duration::from_secs(QUIT_SECONDS), connection.quit()).await;
}

fn gone_stale((stage, trouble): &(Stage, Trouble)) -> bool {
    let closing = |error: &Error| code_of(error).is_none_or(|code| code == 421);
    *stage == Stage::Sender && matches!(trouble, Trouble::Smtp(error) if closing(error))
}

fn code_of(error: &Error) -> Option<u16> {
    error.status().map(u16::from)
}

fn not_connected(trouble: &Trouble) -> PostError {
    let (code, reason) = match trouble {
        Trouble::TooSlow => (None, "too slow to connect"),
        Trouble::Smtp(error) if error.is_tls() => (None, "no TLS"),
        Trouble::Smtp(error) if error.is_permanent() => {
            (code_of(error), "refused us before any recipient was named")
        }
        Trouble::Smtp(error) if error.status().is_some() => (code_of(error), "not now"),
        Trouble::Smtp(_) => (None, "no connection"),
    };
    PostError::TryLater { code, reason }
}

fn judge(stage: Stage, trouble: &Trouble) -> PostError {
    let error = match trouble {
        Trouble::Smtp(error) => error,
        Trouble::TooSlow if stage == Stage::Text => return PostError::Unsure,
        Trouble::TooSlow => return PostError::TryLater { code: None, reason: "too slow" },
    };
    let Some(code) = code_of(error) else {
        return match stage {
            Stage::Text => PostError::Unsure,
            _ => PostError::TryLater { code: None, reason: "connection lost" },
        };
    };
    if stage == Stage::Sender || code < 500 {
        return PostError::TryLater { code: Some(code), reason: "not now" };
    }
    let answer = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let named = stage == Stage::Recipient;
    PostError::Refused {
        code,
        enhanced: bounce::Enhanced::leading(&answer),
        bounce: bounce::of_reply(code, &answer, named),
    }
}
