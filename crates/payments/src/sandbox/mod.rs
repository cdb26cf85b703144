//! A payment provider of our own, that speaks the part of Stripe's API we use: a gift can be given,
//! refused, taken back and contested without real money and without a network.
//!
//! [`Sandbox::gateway`] answers in process; [`Sandbox::serve`] answers over HTTP, to the same code
//! that talks to Stripe, with a payment page and signed webhooks.
//!
//! ```
//! use payments::sandbox::{Sandbox, SandboxConfig};
//!
//! let sandbox = Sandbox::new(SandboxConfig {
//!     accounts: vec!["acct_bus".into()],
//!     state_file: None,
//!     webhook: None,
//!     secret_key: "sk_test_example".to_owned().into(),
//!     public_url: "http://localhost:8081".into(),
//! })?;
//! let gateway = sandbox.gateway();
//! assert!(sandbox.take_events().is_empty());
//! # let _ = gateway;
//! # Ok::<(), payments::sandbox::SandboxError>(())
//! ```

mod direct;
mod http;
mod money_back;
mod money_in;
mod objects;
mod outgoing;
mod refusal;
mod shapes;
mod state_file;
mod world;

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;
use tokio::sync::Notify;

use crate::event::SUBSCRIBED;

pub use direct::SandboxGateway;
pub use http::faults::{CallFault, EventFault, FaultScript, When};
pub use outgoing::sign;
pub use refusal::Refusal;
pub use shapes::{API_VERSION, fingerprint};

use self::{
    http::faults::Faults,
    money_in::Try,
    shapes::View,
    state_file::StateFile,
    world::{Moment, World},
};

/// The test card that is always accepted.
pub const GOOD_CARD: &str = "4242 4242 4242 4242";
/// The test account that debits are taken from.
const TEST_IBAN: &str = "FR1420041010050500013M02606";

/// Where signed events are sent.
#[derive(Clone, Debug)]
pub struct WebhookTarget {
    /// The address.
    pub url: String,
    /// The secret both sides know, `whsec_…`.
    pub secret: SecretString,
}

/// How a sandbox is set up.
#[derive(Clone, Debug)]
pub struct SandboxConfig {
    /// Connected accounts, all with charges enabled.
    pub accounts: Vec<String>,
    /// Where it remembers between two runs; nowhere: in memory.
    pub state_file: Option<PathBuf>,
    /// Where events are sent by [`Sandbox::serve`].
    pub webhook: Option<WebhookTarget>,
    /// The API key callers must show, `sk_test_…`.
    pub secret_key: SecretString,
    /// Where its own pages are, without a final slash.
    pub public_url: String,
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The key is for real money, or no key at all.
    #[error("the sandbox takes test keys only (sk_test_…)")]
    NotATestKey,
    /// The state file cannot be read.
    #[error("the sandbox's state file: {0}")]
    StateFile(#[from] std::io::Error),
}

/// What the donor does on the payment page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Pays with [`GOOD_CARD`]; on a page for debits, starts the debit.
    Pay,
    /// Pays with another card; each number has its own fingerprint.
    PayWith(String),
    /// Pays and shows who they are to their bank.
    PayAuthenticated,
    /// The bank refuses; the page stays open.
    Decline,
    /// The bank refuses this card, with the provider's reason.
    DeclineWith(String, String),
    /// The donor goes away; the page closes in its own time.
    Abandon,
    /// A debit starts; [`Sandbox::settle_debit`] ends it.
    SepaProcessing,
}

#[derive(Debug)]
struct Shared {
    config: SandboxConfig,
    engine: Mutex<Engine>,
    faults: Mutex<Faults>,
    /// Idempotency keys of calls under way.
    in_use: Mutex<HashSet<String>>,
    /// Calls answered, for `Request-Id`.
    calls: AtomicU64,
    news: Notify,
}

#[derive(Debug)]
struct Engine {
    world: World,
    file: Option<StateFile>,
}

/// The provider. Clones are the same provider.
#[derive(Clone, Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
    clock: Arc<Mutex<Option<OffsetDateTime>>>,
    by_hand: bool,
}

impl Sandbox {
    /// Starts one, with what its state file remembers.
    ///
    /// # Errors
    /// When the key is not a test key, or the state file cannot be read.
    pub fn new(config: SandboxConfig) -> Result<Self, SandboxError> {
        if !config.secret_key.expose_secret().starts_with("sk_test_") {
            return Err(SandboxError::NotATestKey);
        }
        let accounts = config.accounts.iter().cloned().collect();
        let mut world = World { accounts, ..World::default() };
        let path = config.state_file.as_deref();
        let file = path.map(|path| StateFile::open(path, &mut world)).transpose()?;
        let shared = Shared {
            config,
            engine: Mutex::new(Engine { world, file }),
            faults: Mutex::default(),
            in_use: Mutex::default(),
            calls: AtomicU64::new(0),
            news: Notify::new(),
        };
        Ok(Self { shared: Arc::new(shared), clock: Arc::default(), by_hand: false })
    }

    /// The same provider with a clock of its own; what is done through it is told by
    /// [`Self::take_events`] and never by the webhook sender. For a history made in one go.
    #[must_use]
    pub fn by_hand(&self) -> Self {
        let clock = Arc::new(Mutex::new(*lock(&self.clock)));
        Self { shared: Arc::clone(&self.shared), clock, by_hand: true }
    }

    /// Turns the clock; none: the system's. What is due by then happens.
    pub fn set_now(&self, now: Option<OffsetDateTime>) {
        *lock(&self.clock) = now;
        self.sweep();
    }

    /// The time here.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        lock(&self.clock).unwrap_or_else(OffsetDateTime::now_utc)
    }

    /// Opens a connected account with charges enabled; nothing when it is open already. The list of
    /// accounts is configuration: the state file does not keep it.
    pub fn add_account(&self, id: &str) {
        lock(&self.shared.engine).world.accounts.insert(id.to_owned());
    }

    /// The provider without HTTP.
    #[must_use]
    pub fn gateway(&self) -> SandboxGateway {
        SandboxGateway(self.clone())
    }

    /// The donor acts on the payment page.
    ///
    /// # Errors
    /// When there is no such page or it is no longer open. A declined card is not an error.
    pub fn pay(&self, session_id: &str, outcome: &Outcome) -> Result<(), Refusal> {
        let card = |number, declined, three_d_secure| Try { number, three_d_secure, declined };
        let how = match outcome {
            Outcome::Pay => card(GOOD_CARD, None, false),
            Outcome::PayWith(number) => card(number, None, false),
            Outcome::PayAuthenticated => card("4000 0027 6000 3184", None, true),
            Outcome::Decline => card("4000 0000 0000 0002", Some("generic_decline"), false),
            Outcome::DeclineWith(number, code) => card(number, Some(code), false),
            Outcome::SepaProcessing => card(TEST_IBAN, None, false),
            Outcome::Abandon => return self.look(|world| world.session(session_id).map(drop)),
        };
        self.change(|world, at| {
            let debit = world.session(session_id)?.means() == objects::Means::SepaDebit;
            if debit && how.declined.is_none() {
                return world.pay(at, session_id, &Try { number: TEST_IBAN, ..how });
            }
            if outcome == &Outcome::SepaProcessing {
                let message = "This page takes cards only.";
                return Err(Refusal::invalid(Some("payment_method_unexpected_state"), message));
            }
            world.pay(at, session_id, &how)
        })
    }

    /// The donor's bank answers a debit: it pays, or it does not.
    ///
    /// # Errors
    /// When the page has no debit under way.
    pub fn settle_debit(&self, session_id: &str, paid: bool) -> Result<(), Refusal> {
        self.change(|world, at| world.settle_debit(at, session_id, paid))
    }

    /// A refund arrives (a SEPA one does after three days by itself), or comes back.
    ///
    /// # Errors
    /// When there is no such refund or it is final.
    pub fn settle_refund(&self, refund_id: &str, arrives: bool) -> Result<(), Refusal> {
        self.change(|world, at| world.settle_refund(at, refund_id, arrives))
    }

    /// The donor's bank contests a payment; answers the dispute's id.
    ///
    /// # Errors
    /// When the payment is not captured, already contested or all refunded.
    pub fn open_dispute(&self, payment_intent: &str) -> Result<String, Refusal> {
        self.change(|world, at| world.open_dispute(at, payment_intent, false)).map(|one| one.id)
    }

    /// The donor's bank asks about a payment; no money moves. Lost, it becomes a dispute.
    ///
    /// # Errors
    /// As [`Self::open_dispute`].
    pub fn open_inquiry(&self, payment_intent: &str) -> Result<String, Refusal> {
        self.change(|world, at| world.open_dispute(at, payment_intent, true)).map(|one| one.id)
    }

    /// The bank decides a dispute.
    ///
    /// # Errors
    /// When there is no such dispute or it is closed.
    pub fn end_dispute(&self, dispute_id: &str, won: bool) -> Result<(), Refusal> {
        self.change(|world, at| world.end_dispute(at, dispute_id, won))
    }

    /// Events not told yet, oldest first, as webhooks would carry them; they count as told. Only of
    /// the types in [`SUBSCRIBED`]: of others the list of events tells. A handle of
    /// [`Self::by_hand`] takes its own, any other those of the webhook sender.
    #[must_use]
    pub fn take_events(&self) -> Vec<(String, Vec<u8>)> {
        let taken = self.change(|world, _| {
            let queue = if self.by_hand { &mut world.held } else { &mut world.outbox };
            let ids: Vec<String> = std::mem::take(queue).into();
            let told = ids.iter().filter(|id| world.events.get(*id).is_some_and(is_told));
            let bodies = told.filter_map(|id| self.event_body(world, id)).collect();
            for id in &ids {
                world.told(id);
            }
            Ok(bodies)
        });
        taken.unwrap_or_default()
    }

    /// The header a webhook carries for this body, signed with the configured secret.
    #[must_use]
    pub fn sign(&self, body: &[u8], now: OffsetDateTime) -> String {
        let secret = self.shared.config.webhook.as_ref().map(|target| &target.secret);
        secret.map(|secret| sign(secret, body, now)).unwrap_or_default()
    }

    /// What is due by the clock happens: pages close, SEPA refunds arrive.
    pub fn sweep(&self) {
        let swept = self.change(|_, _| Ok(()));
        debug_assert!(swept.is_ok(), "nothing is asked");
    }

    /// For the sender: events nobody has been told of, with their type. They count as told once
    /// [`Self::told`], so that a crash between the two tells twice, never not.
    fn take_parcels(&self) -> Vec<(String, String, Vec<u8>)> {
        let mut engine = lock(&self.shared.engine);
        let ids = std::mem::take(&mut engine.world.outbox);
        let world = &engine.world;
        let parcel = |id: &String| {
            let event = world.events.get(id).filter(|event| is_told(event))?;
            self.event_body(world, id).map(|(id, body)| (id, event.kind.clone(), body))
        };
        ids.iter().filter_map(parcel).collect()
    }

    fn told(&self, event_id: &str) {
        let told = self.change(|world, _| {
            world.told(event_id);
            Ok(())
        });
        if let Err(error) = told {
            tracing::warn!(event.id = event_id, %error, "an event will be told again");
        }
    }

    fn event_body(&self, world: &World, id: &str) -> Option<(String, Vec<u8>)> {
        let event = world.events.get(id)?;
        let json = shapes::event(event, world, self.view());
        Some((id.to_owned(), json.to_string().into_bytes()))
    }

    /// How objects look from outside, now.
    fn view(&self) -> View<'_> {
        let now = self.now().unix_timestamp();
        View { public_url: &self.shared.config.public_url, now }
    }

    fn request_id(&self) -> String {
        format!("req_{:014}", self.shared.calls.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// From now on, this goes wrong; a new script replaces the old.
    pub fn set_faults(&self, script: FaultScript) {
        lock(&self.shared.faults).play(script);
    }

    fn moment(&self) -> Moment {
        Moment { now: self.now().unix_timestamp(), by_hand: self.by_hand }
    }

    /// Changes the world, writes down what changed, and wakes the sender.
    fn change<T>(
        &self,
        act: impl FnOnce(&mut World, Moment) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let at = self.moment();
        let mut engine = lock(&self.shared.engine);
        engine.world.sweep(at);
        let result = act(&mut engine.world, at);
        let log = engine.world.take_log();
        if log.is_empty() {
            return result;
        }
        if let Some(file) = &mut engine.file {
            file.append(&log).map_err(|error| {
                tracing::error!(%error, "the sandbox cannot write its state file");
                let message = "An unknown error occurred".to_owned();
                Refusal { status: 500, kind: "api_error", code: None, message, param: None }
            })?;
        }
        drop(engine);
        self.shared.news.notify_one();
        result
    }

    fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        self.sweep();
        look(&lock(&self.shared.engine).world)
    }
}

/// A webhook endpoint is told of the types it subscribed to; of others only the list tells.
fn is_told(event: &objects::Happening) -> bool {
    SUBSCRIBED.contains(&event.kind.as_str())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
