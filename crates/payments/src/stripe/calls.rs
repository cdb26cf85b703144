//! One call, tried a bounded number of times under one key.
//!
//! The client's own strategies either keep our key and try once, or retry under a key of their own;
//! hence this loop. It does not see the headers `Retry-After` and `Stripe-Should-Retry`, which the
//! client does not give: pauses are ours, doubled each time, of random length.

use std::time::{Duration, Instant};

use miniserde::Deserialize;
use rand::Rng;
use stripe::{ApiErrorsType, Client, IdempotencyKey, RequestStrategy, StripeError, StripeRequest};
use stripe_client_core::CustomizableStripeRequest;

use crate::gateway::GatewayError;

/// Attempts of one call.
const ATTEMPTS: u32 = 4;
/// The longest first pause.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// Makes calls.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub client: Client,
    /// For all attempts together.
    pub timeout: Duration,
}

/// The code of a key that came back with other parameters: something was done under it before.
pub(super) const REUSED_KEY: &str = "idempotency_error";

/// What one failed attempt means.
enum Failed {
    /// The provider said no.
    Refused { code: String, message: String },
    /// Worth another try; `done` when it may have been done.
    Again { done: bool, why: String },
    /// A mistake of ours.
    Broken(String),
}

impl Caller {
    /// A call that changes something, under our key.
    pub(super) async fn write<R>(&self, request: &R, key: &str) -> Result<R::Output, GatewayError>
    where
        R: StripeRequest + Sync,
        R::Output: Deserialize + Send,
    {
        let key = IdempotencyKey::new(key).map_err(|error| GatewayError::Broken(error.into()))?;
        let strategy = || RequestStrategy::Idempotent(key.clone());
        self.send(|| request.customize().request_strategy(strategy()), true).await
    }

    /// A call that changes nothing.
    pub(super) async fn read<R>(&self, request: &R) -> Result<R::Output, GatewayError>
    where
        R: StripeRequest + Sync,
        R::Output: Deserialize + Send,
    {
        self.send(|| request.customize(), false).await
    }

    /// A call that changes nothing, its answer as plain JSON.
    pub(super) async fn read_plain(
        &self,
        request: &(impl StripeRequest + Sync),
    ) -> Result<miniserde::json::Value, GatewayError> {
        self.send(|| request.build().customize(), false).await
    }

    async fn send<T: Deserialize + Send>(
        &self,
        request: impl Fn() -> CustomizableStripeRequest<T> + Send + Sync,
        writes: bool,
    ) -> Result<T, GatewayError> {
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut maybe_done = false;
        for attempt in 1..=ATTEMPTS {
            let left = self.timeout.saturating_sub(begun.elapsed());
            // Half of what is left: one silent attempt must leave time for another.
            let patience = if attempt == ATTEMPTS { left } else { left / 2 };
            let sent = request().timeout(patience).send(&self.client).await;
            let failed = match sent {
                Ok(answer) => return Ok(answer),
                Err(error) => judge(&error),
            };
            let last = attempt == ATTEMPTS || begun.elapsed() + pause >= self.timeout;
            let why = match failed {
                Failed::Refused { code, message } => {
                    return Err(GatewayError::Refused { code, message });
                }
                Failed::Broken(why) => return Err(GatewayError::Broken(anyhow::anyhow!(why))),
                Failed::Again { done, why } => {
                    maybe_done |= done;
                    why
                }
            };
            if last {
                return Err(if writes && maybe_done {
                    GatewayError::Unknown(why)
                } else {
                    GatewayError::Unavailable(why)
                });
            }
            tracing::debug!(attempt, why, "a call to the provider is tried again");
            let random = rand::rng().random_range(Duration::ZERO..=pause);
            tokio::time::sleep(random).await;
            pause *= 2;
        }
        Err(GatewayError::Unavailable("no attempt was made".to_owned()))
    }
}

fn judge(error: &StripeError) -> Failed {
    let again = |done, why: String| Failed::Again { done, why };
    match error {
        StripeError::Stripe(api, status) => {
            let code = api.code.as_ref().map_or(api.type_.as_str(), |code| code.as_str());
            let message = match code {
                // The provider repeats the address.
                "email_invalid" => "not an e-mail address".to_owned(),
                _ => api.message.clone().unwrap_or_default(),
            };
            let why = format!("{status}: {message}");
            match status {
                429 => again(false, why),
                // The key is not believed: that says nothing about this gift or this refund.
                401 | 403 => Failed::Broken(why),
                400..=499 if api.type_ == ApiErrorsType::IdempotencyError => {
                    Failed::Refused { code: REUSED_KEY.to_owned(), message }
                }
                // 409: another call under the same key is under way. 424: somebody behind the
                // provider failed.
                400..=499 if !matches!(status, 409 | 424) => {
                    Failed::Refused { code: code.to_owned(), message }
                }
                _ => again(true, why),
            }
        }
        // The client keeps only the text of what went wrong; its first words say where.
        StripeError::ClientError(why) => again(!why.contains("(Connect)"), why.clone()),
        StripeError::Timeout => again(true, "no answer in time".to_owned()),
        // Also what the HTML page of a proxy becomes, whatever its status.
        StripeError::JSONDeserialize(why) => again(true, why.clone()),
        StripeError::ConfigError(why) => Failed::Broken(why.clone()),
    }
}
