//! What every handler has at hand, built once at boot.

use std::{ops::Deref, sync::Arc};

use actions::Actions;
use metrics_exporter_prometheus::PrometheusHandle;
use moka::future::Cache;
use store::pages::list::Listed;
use templates::Templates;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::{
    boot::{Clock, Documents, Mailbox},
    config::Config,
    ephemeral::Ephemeral,
};

/// The site. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Parts>);

/// What a site is made of.
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// The verbs.
    pub actions: Actions,
    /// The verbs of the provider's doorbell, with connections of their own: a crowd on the pages
    /// never holds up a payment (reliability F6).
    pub webhook_actions: Actions,
    /// The database, to read.
    pub reader: store::Reader,
    /// What people read.
    pub templates: Templates,
    /// Facts of the site that surround every page.
    pub layout: Arc<templates::Site>,
    /// What Redis may lose.
    pub ephemeral: Ephemeral,
    /// The clock, which tests turn.
    pub clock: Clock,
    /// Draws share images.
    pub documents: Arc<Documents>,
    /// The demonstration's mailbox.
    pub mailbox: Option<Mailbox>,
    /// Lists of campaigns by search, kept for a second.
    pub lists: Cache<String, Arc<Vec<Listed>>>,
    /// Where metrics are read.
    pub metrics: PrometheusHandle,
    /// Places for visitors who watch live figures.
    pub streams: Arc<Semaphore>,
    /// Cancelled when we are asked to stop: live streams end, readiness says no.
    pub stop: CancellationToken,
}

impl Site {
    /// Builds the site.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The time, in UTC.
    #[must_use]
    pub fn now(&self) -> time::OffsetDateTime {
        self.clock.now()
    }
}

impl Deref for Site {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
