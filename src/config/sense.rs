//! Boot refuses nonsense: settings that are each well written and together make no sense.

use std::time::Duration;

use secrecy::ExposeSecret;
use time::OffsetDateTime;

use super::{Config, Environment, MailWay, Problem, SmtpSecurity, source::Settings};

const STRIPE: &str = "https://api.stripe.com";

/// Answers of an identity provider that one request waits for at most: what it says of itself, its
/// keys, tokens, claims; both first ones again when keys change.
const PROVIDER_CALLS: i64 = 6;

/// What production must say for itself; the capital and the register may be absent by law.
const OPERATOR: [&str; 9] = [
    "operator.name",
    "operator.siren",
    "operator.address_line",
    "operator.phone",
    "operator.email",
    "operator.publication_director",
    "operator.host_name",
    "operator.host_address",
    "operator.data_protection_email",
];

pub(super) fn check(config: &Config, settings: &mut Settings) {
    payments(config, settings);
    if config.env == Environment::Production {
        production(config, settings);
    }
    if config.jobs.lease <= config.jobs.time_limit {
        let limit = i64::try_from(config.jobs.time_limit.as_secs()).unwrap_or(i64::MAX);
        settings.fault("jobs.lease_seconds", Problem::LeaseTooShort(limit));
    }
    if config.limits.request <= config.stripe.timeout {
        let call = i64::try_from(config.stripe.timeout.as_secs()).unwrap_or(i64::MAX);
        settings.fault("limits.request_seconds", Problem::RequestTooShort(call));
    }
    for provider in &config.providers {
        let call = i64::try_from(provider.timeout.as_secs()).unwrap_or(i64::MAX);
        let most = call.saturating_mul(PROVIDER_CALLS);
        if config.limits.request.as_secs() <= most.unsigned_abs() {
            settings.fault("limits.request_seconds", Problem::RequestTooShort(most));
        }
    }
    if config.giving.guest_min > config.giving.guest_max
        || config.giving.account_min > config.giving.guest_max
    {
        settings.fault("giving.guest_min_cents", Problem::MinAboveMax);
    }
    if config.redis.timeout > Duration::from_secs(1) {
        settings.fault("redis.timeout_milliseconds", Problem::OutOfBounds(10, 1_000));
    }
}

fn payments(config: &Config, settings: &mut Settings) {
    if config.stripe.base_url.is_empty() {
        settings.fault("stripe.base_url", Problem::Missing);
    }
    let key = config.stripe.secret_key.expose_secret();
    if key.is_empty() {
        settings.fault("stripe.secret_key", Problem::Missing);
    }
    let secrets = &config.stripe.webhook_secrets;
    if secrets.is_empty() {
        settings.fault("stripe.webhook_secrets", Problem::Missing);
    } else if !secrets.iter().all(|secret| secret.expose_secret().starts_with("whsec_")) {
        settings.fault("stripe.webhook_secrets", Problem::Expected("des secrets whsec_…"));
    }
    let live = key.starts_with("sk_live_") || key.starts_with("rk_live_");
    match config.env {
        Environment::Production if !key.is_empty() && !live => {
            settings.fault("stripe.secret_key", Problem::TestKeyInProduction);
        }
        Environment::Development | Environment::Demo if live => {
            settings.fault("stripe.secret_key", Problem::LiveKeyOutsideProduction);
        }
        _ => {}
    }
    if config.env == Environment::Demo && config.stripe.base_url == STRIPE {
        settings.fault("stripe.base_url", Problem::RealProviderInDemo);
    }
}

fn production(config: &Config, settings: &mut Settings) {
    if !config.is_https() {
        settings.fault("base_url", Problem::NotHttps);
    }
    if config.media_url.as_ref().is_some_and(|url| !url.starts_with("https://")) {
        settings.fault("media_url", Problem::NotHttps);
    }
    if !config.stripe.checkout_url.starts_with("https://") {
        settings.fault("stripe.checkout_url", Problem::NotHttps);
    }
    if !config.stripe.base_url.is_empty() && config.stripe.base_url != STRIPE {
        settings.fault("stripe.base_url", Problem::SandboxInProduction);
    }
    if config.database.url.is_none() {
        settings.fault("database.url", Problem::Missing);
    }
    if config.limits.key.as_ref().is_none_or(|key| key.expose_secret().len() < 32) {
        settings.fault("limits.key", Problem::Expected("un secret d’au moins 32 caractères"));
    }
    match &config.mail.way {
        MailWay::Files(_) => settings.fault("mail.way", Problem::MailToFilesInProduction),
        MailWay::Smtp(smtp) => {
            let local = matches!(smtp.host.as_str(), "localhost" | "127.0.0.1" | "::1");
            if smtp.security == SmtpSecurity::Clear && !local {
                settings.fault("mail.smtp_security", Problem::MailInClear);
            }
        }
    }
    for path in ["instance", "mail.from_address"].into_iter().chain(OPERATOR) {
        if settings.is_default(path) || settings.text(path).is_empty() {
            settings.fault(path, Problem::FictionalOperator);
        }
    }
    if config.security.expires <= OffsetDateTime::now_utc() {
        settings.fault("security.expires", Problem::Past);
    }
}
