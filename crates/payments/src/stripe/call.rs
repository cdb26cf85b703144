//! One call: its tries, and what its failure means.
//!
//! `async-stripe` either keeps our idempotency key and tries once, or tries again under a key it invents;
//! so the loop is here, and every try carries the key that comes from our row.

use std::time::{Duration, Instant};

use rand::Rng;
use serde::de::DeserializeOwned;
use stripe::{ApiErrorsType, IdempotencyKey, RequestStrategy, StripeError, StripeRequest};

use super::StripeGateway;
use crate::gateway::GatewayError;

const TRIES: u32 = 4;
/// Tries and pauses together.
const BUDGET: Duration = Duration::from_secs(8);
/// A try with less time than this would only add a doubt.
const SHORTEST_TRY: Duration = Duration::from_millis(200);
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The code of a key that came back with other parameters.
pub(super) const REUSED_KEY: &str = "idempotency_error";

/// What one failed try means.
#[derive(Debug)]
enum Failure {
    /// The provider said no. `early` when it did not look at the request itself.
    Refused { code: String, message: String, early: bool },
    /// It certainly was not done.
    NotDone(String),
    /// It may have been done.
    Doubtful(String),
    /// We asked nonsense.
    Ours(String),
}

impl StripeGateway {
    /// Reads. What fails without a refusal is `Unavailable`: nothing can have changed.
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        request: &(impl StripeRequest + Sync),
    ) -> Result<T, GatewayError> {
        self.call(request, None).await.map_err(|error| match error {
            GatewayError::Unknown(text) => GatewayError::Unavailable(text),
            other => other,
        })
    }

    /// Writes. Once a try may have been carried out, no later failure makes it certain that it was not.
    pub(super) async fn write<T: DeserializeOwned>(
        &self,
        request: &(impl StripeRequest + Sync),
        key: Option<&str>,
    ) -> Result<T, GatewayError> {
        let key = key.map(IdempotencyKey::new).transpose().map_err(anyhow::Error::from)?;
        self.call(request, key).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        request: &(impl StripeRequest + Sync),
        key: Option<IdempotencyKey>,
    ) -> Result<T, GatewayError> {
        let started = Instant::now();
        let mut doubt = None;
        let mut last = String::new();
        for attempt in 0..TRIES {
            if attempt > 0 {
                let pause = pause(attempt);
                if started.elapsed() + pause + SHORTEST_TRY > BUDGET {
                    break;
                }
                tokio::time::sleep(pause).await;
            }
            let timeout = self.timeout.min(BUDGET.saturating_sub(started.elapsed()));
            match self.once(request, key.clone(), timeout).await {
                Ok(answer) => return read_answer(&answer),
                Err(Failure::Refused { code, message, early }) if doubt.is_none() || !early => {
                    return Err(GatewayError::Refused { code, message });
                }
                Err(Failure::Refused { code, .. }) => {
                    last = code;
                    break;
                }
                Err(Failure::Ours(text)) => {
                    return Err(GatewayError::Broken(anyhow::anyhow!(text)));
                }
                Err(Failure::NotDone(text)) => last = text,
                Err(Failure::Doubtful(text)) => {
                    last.clone_from(&text);
                    doubt.get_or_insert(text);
                }
            }
            tracing::warn!(attempt, why = %last, "the payment provider did not answer well");
        }
        Err(match doubt {
            Some(first) if first == last => GatewayError::Unknown(first),
            Some(first) => GatewayError::Unknown(format!("{first}; then {last}")),
            None => GatewayError::Unavailable(last),
        })
    }

    async fn once(
        &self,
        request: &(impl StripeRequest + Sync),
        key: Option<IdempotencyKey>,
        timeout: Duration,
    ) -> Result<miniserde::json::Value, Failure> {
        let strategy = key.map_or(RequestStrategy::Once, RequestStrategy::Idempotent);
        request
            .build()
            .customize::<miniserde::json::Value>()
            .request_strategy(strategy)
            .timeout(timeout)
            .send(&self.client)
            .await
            .map_err(failure)
    }
}

/// Doubles each time, and half of it is chance, so that many callers do not come back together.
fn pause(attempt: u32) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
    longest.mul_f64(rand::rng().random_range(0.5..=1.0))
}

/// The client gives `miniserde`; our structs are `serde`. The detour by text costs microseconds.
fn read_answer<T: DeserializeOwned>(answer: &miniserde::json::Value) -> Result<T, GatewayError> {
    serde_json::from_str(&miniserde::json::to_string(answer))
        .map_err(|error| GatewayError::Unknown(format!("the answer cannot be read: {error}")))
}

fn failure(error: StripeError) -> Failure {
    match error {
        StripeError::Stripe(error, status) => refusal(&error, status),
        // hyper's own words for a connection that was never made; the type does not reach us.
        StripeError::ClientError(text) if text.starts_with("client error (Connect)") => {
            Failure::NotDone(text)
        }
        StripeError::ClientError(text) => Failure::Doubtful(text),
        // Also what a proxy's HTML page becomes, whatever its status.
        StripeError::JSONDeserialize(text) => Failure::Doubtful(text),
        StripeError::Timeout => Failure::Doubtful("no answer in time".to_owned()),
        StripeError::ConfigError(text) => Failure::Ours(text),
    }
}

fn refusal(error: &stripe::ApiErrors, status: u16) -> Failure {
    let code = match (&error.type_, &error.code) {
        (ApiErrorsType::IdempotencyError, _) => REUSED_KEY.to_owned(),
        (_, Some(code)) => code.as_str().to_owned(),
        (kind, None) => kind.as_str().to_owned(),
    };
    match status {
        429 => Failure::NotDone(format!("HTTP 429 {code}")),
        // 409: a call with the same key is under way, and may succeed.
        409 | 424 => Failure::Doubtful(format!("HTTP {status} {code}")),
        400..=499 => {
            let message = match (code.as_str(), &error.message, &error.decline_code) {
                // Stripe repeats the address in it.
                ("email_invalid", _, _) => "the e-mail address is not one".to_owned(),
                (_, Some(message), Some(decline)) => format!("{message} ({decline})"),
                (_, Some(message), None) => message.clone(),
                (_, None, decline) => decline.clone().unwrap_or_default(),
            };
            Failure::Refused { code, message, early: matches!(status, 401 | 403) }
        }
        _ => Failure::Doubtful(format!("HTTP {status} {code}")),
    }
}

/// Ids end up in a path.
pub(super) fn checked(id: &str) -> Result<&str, GatewayError> {
    if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Ok(id);
    }
    Err(GatewayError::Broken(anyhow::anyhow!("not an id of the payment provider")))
}
