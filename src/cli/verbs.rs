//! The verbs for a command: they promise jobs, the workers of the house keep the promises. Nothing
//! here calls the payment provider or sends a letter.

use std::{future::Future, process::ExitCode, sync::Arc};

use actions::{Actions, Parts, Silence};
use async_trait::async_trait;
use domain::ids::GiftId;
use payments::{
    Checkout, CheckoutRequest, EventPage, Gateway, GatewayError, PaymentObject, ProviderRef,
    RefundObject, RefundRequest,
};
use store::{Reader, Writer};
use time::OffsetDateTime;

use super::run::settings;
use crate::{
    boot::{self, Documents},
    config::Purpose,
    database::Database,
};

/// Runs a command with the verbs, then lets the database go.
pub async fn with_verbs<F: Future<Output = anyhow::Result<ExitCode>>>(
    command: impl FnOnce(Actions) -> F,
) -> anyhow::Result<ExitCode> {
    let config = settings(Purpose::Database)?;
    let database = Database::join(&config).await?;
    let (writer, reader) = (Writer::new(&database.url, 2)?, Reader::new(&database.url, 2)?);
    let actions = Actions::new(Parts {
        writer: writer.clone(),
        reader: reader.clone(),
        gateway: Arc::new(Nowhere),
        post: boot::post(&config)?,
        documents: Arc::new(Documents::new()),
        tax: Arc::new(tax::Parameters::french().clone()),
        announce: Arc::new(Silence),
        house: boot::house(&config)?,
    });
    let done = command(actions).await;
    writer.close();
    reader.close();
    database.close().await;
    done
}

/// Runs a command with one connection to the queue, then lets the database go.
pub async fn with_queue<F: Future<Output = anyhow::Result<ExitCode>>>(
    command: impl FnOnce(jobs::Pool) -> F,
) -> anyhow::Result<ExitCode> {
    let config = settings(Purpose::Database)?;
    let database = Database::join(&config).await?;
    let writer = Writer::new(&database.url, 1)?;
    let done = command(writer.pool()).await;
    writer.close();
    database.close().await;
    done
}

/// A provider that cannot be reached from here.
struct Nowhere;

fn unreachable() -> GatewayError {
    GatewayError::Unavailable("a command never calls the provider".to_owned())
}

#[async_trait]
impl Gateway for Nowhere {
    async fn open_checkout(&self, _: &CheckoutRequest) -> Result<Checkout, GatewayError> {
        Err(unreachable())
    }

    async fn expire_checkout(&self, _: &str) -> Result<(), GatewayError> {
        Err(unreachable())
    }

    async fn payment(&self, _: &ProviderRef) -> Result<PaymentObject, GatewayError> {
        Err(unreachable())
    }

    async fn find_by_gift(&self, _: GiftId) -> Result<Option<PaymentObject>, GatewayError> {
        Err(unreachable())
    }

    async fn refund(&self, _: &RefundRequest) -> Result<RefundObject, GatewayError> {
        Err(unreachable())
    }

    async fn events_since(
        &self,
        _: OffsetDateTime,
        _: Option<&str>,
    ) -> Result<EventPage, GatewayError> {
        Err(unreachable())
    }
}
