//! What every verb has at hand, built once at boot.

use std::sync::Arc;

use documents::Documents;
use domain::gift::AmountBounds;
use identity::oidc::Providers;
use mail::Post;
use payments::Gateway;
use secrecy::SecretString;
use store::{Reader, Unavailable, Writer};

use crate::{announce::Announce, rounds::Ballots};

/// Settings of this house.
#[derive(Clone, Debug)]
pub struct House {
    /// Where visitors find us, without a final slash.
    pub base_url: String,
    /// Our name in the provider's metadata: events of another instance are not ours.
    pub instance: String,
    /// Nothing is real: anybody may be one of its ready accounts.
    pub demonstration: bool,
    /// Real money.
    pub livemode: bool,
    /// Secrets of the webhook, the newest first; several during a rotation.
    pub webhook_secrets: Vec<SecretString>,
    /// Smallest and largest gift of a guest.
    pub bounds: AmountBounds,
    /// Days in which a donor may ask for the money back.
    pub refund_days: i64,
    /// Days a debit under way keeps its match (decision 16).
    pub debit_days: i64,
    /// Key that hides what limits are counted by.
    pub limits_key: SecretString,
    /// Identity providers that are open here.
    pub providers: Arc<Providers>,
    /// Whether letters go out.
    pub mode: Mode,
}

/// Principal or past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Letters are sent, receipts drawn.
    Live,
    /// The demonstration's past: letters are kept unsent and receipts drawn at first reading.
    History,
}

/// The pieces a house is made of.
pub struct Parts {
    /// Pool that writes.
    pub writer: Writer,
    /// Pool that reads.
    pub reader: Reader,
    /// The payment provider.
    pub gateway: Arc<dyn Gateway>,
    /// Letters out.
    pub post: Arc<dyn Post>,
    /// PDF and images.
    pub documents: Arc<Documents>,
    /// Dated parameters of the tax rules.
    pub tax: Arc<tax::Parameters>,
    /// Who hears of live figures.
    pub announce: Arc<dyn Announce>,
    /// Settings.
    pub house: House,
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Actions(Arc<Parts>, Arc<Ballots>);

impl Actions {
    /// Builds the house.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts), Arc::default())
    }

    /// Settings.
    #[must_use]
    pub fn house(&self) -> &House {
        &self.0.house
    }

    pub(crate) fn ballots(&self) -> &Ballots {
        &self.1
    }

    pub(crate) fn reader(&self) -> &Reader {
        &self.0.reader
    }

    pub(crate) fn gateway(&self) -> &dyn Gateway {
        self.0.gateway.as_ref()
    }

    pub(crate) fn post(&self) -> &dyn Post {
        self.0.post.as_ref()
    }

    pub(crate) fn documents(&self) -> Arc<Documents> {
        Arc::clone(&self.0.documents)
    }

    pub(crate) fn tax(&self) -> &tax::Parameters {
        &self.0.tax
    }

    pub(crate) fn announce(&self) -> &dyn Announce {
        self.0.announce.as_ref()
    }

    pub(crate) fn is_history(&self) -> bool {
        self.house().mode == Mode::History
    }

    /// Begins a transaction.
    pub(crate) async fn begin(&self) -> Result<store::Tx, Unavailable> {
        self.0.writer.begin().await
    }

    /// An absolute address of ours.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.house().base_url)
    }
}
