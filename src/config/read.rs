//! From the folded table to typed settings.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use domain::Cents;
use secrecy::SecretString;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    Config, Database, Dkim, Environment, Giving, Jobs, Limits, Mail, MailWay, Operator, Problem,
    Redis, Security, Smtp, SmtpSecurity, Stripe, providers, source::Settings,
};

/// Reads every setting; what is wrong is kept in `settings.faults`.
pub(super) fn typed(settings: &mut Settings) -> Config {
    let env = match settings.text("env").as_str() {
        "development" => Environment::Development,
        "demo" => Environment::Demo,
        "production" => Environment::Production,
        _ => {
            settings.fault("env", Problem::Expected("development, demo ou production"));
            Environment::Development
        }
    };
    let state_dir = PathBuf::from(settings.text("state_dir"));
    Config {
        env,
        instance: instance(settings),
        base_url: origin(settings, "base_url"),
        listen: settings
            .parsed("listen", "une adresse et un port, 127.0.0.1:8080")
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0))),
        log: settings.text("log"),
        log_json: one_of(settings, "log_format", ["text", "json"], "text ou json") == 1,
        trusted_proxies: settings.list("trusted_proxies", "des adresses ou des réseaux"),
        media_url: optional_origin(settings, "media_url"),
        metrics_token: settings.optional("metrics_token").map(SecretString::from),
        database: database(settings),
        redis: Redis {
            url: settings.optional("redis.url").map(SecretString::from),
            timeout: millis(settings, "redis.timeout_milliseconds", 10, 5_000),
        },
        stripe: Stripe {
            base_url: optional_origin(settings, "stripe.base_url").unwrap_or_default(),
            secret_key: settings.text("stripe.secret_key").into(),
            webhook_secrets: settings
                .list::<String>("stripe.webhook_secrets", "des secrets")
                .into_iter()
                .map(SecretString::from)
                .collect(),
            checkout_url: origin(settings, "stripe.checkout_url"),
            timeout: seconds(settings, "stripe.timeout_seconds", 1, 120),
        },
        mail: mail(settings, &state_dir),
        operator: operator(settings),
        giving: giving(settings),
        limits: limits(settings),
        jobs: jobs(settings),
        security: Security {
            contact: settings.text("security.contact"),
            expires: expiry(settings),
        },
        providers: providers::open(settings, env),
        state_dir,
    }
}

fn instance(settings: &mut Settings) -> String {
    let name = settings.text("instance");
    let fine = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if name.is_empty() || name.len() > 40 || !name.chars().all(fine) {
        settings.fault("instance", Problem::Expected("1 à 40 lettres, chiffres ou tirets"));
    }
    name
}

fn origin(settings: &mut Settings, path: &str) -> String {
    optional_origin(settings, path).unwrap_or_else(|| {
        settings.fault(path, Problem::Missing);
        String::new()
    })
}

/// An address without path, query or user; a slash at the end is dropped.
fn optional_origin(settings: &mut Settings, path: &str) -> Option<String> {
    let text = settings.optional(path)?;
    let text = text.trim_end_matches('/').to_owned();
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    if !host.is_some_and(|host| !host.is_empty() && host.chars().all(host_char)) {
        settings.fault(path, Problem::Expected("une adresse http(s) sans chemin"));
    }
    Some(text)
}

fn one_of<const N: usize>(
    settings: &mut Settings,
    path: &str,
    words: [&str; N],
    expected: &'static str,
) -> usize {
    let text = settings.text(path);
    words.iter().position(|word| *word == text).unwrap_or_else(|| {
        settings.fault(path, Problem::Expected(expected));
        0
    })
}

pub(super) fn seconds(settings: &mut Settings, path: &str, low: i64, high: i64) -> Duration {
    Duration::from_secs(settings.number(path, low, high))
}

fn millis(settings: &mut Settings, path: &str, low: i64, high: i64) -> Duration {
    Duration::from_millis(settings.number(path, low, high))
}

fn database(settings: &mut Settings) -> Database {
    if let Some(url) = settings.optional("database.url")
        && !(url.starts_with("postgres://") || url.starts_with("postgresql://"))
    {
        settings.fault("database.url", Problem::Expected("une adresse postgres://"));
    }
    Database {
        url: settings.optional("database.url").map(SecretString::from),
        postgres_bin: settings.optional("database.postgres_bin").map(PathBuf::from),
        connections: settings.number("database.connections", 1, 500),
        webhook_connections: settings.number("database.webhook_connections", 1, 100),
        worker_connections: settings.number("database.worker_connections", 2, 100),
        wait: seconds(settings, "database.wait_seconds", 1, 60),
    }
}

fn mail(settings: &mut Settings, state_dir: &std::path::Path) -> Mail {
    let expected = "files ou smtp";
    let way = if one_of(settings, "mail.way", ["files", "smtp"], expected) == 0 {
        let folder = settings.optional("mail.folder").map(PathBuf::from);
        MailWay::Files(folder.unwrap_or_else(|| state_dir.join("courriels")))
    } else {
        MailWay::Smtp(smtp(settings))
    };
    for path in ["mail.from_address", "mail.reply_to"] {
        let text = settings.text(path);
        let may_be_empty = path == "mail.reply_to" && text.is_empty();
        if !may_be_empty && text.parse::<domain::people::EmailAddress>().is_err() {
            settings.fault(path, Problem::Expected("une adresse électronique"));
        }
    }
    Mail {
        way,
        from_name: settings.text("mail.from_name"),
        from_address: settings.text("mail.from_address"),
        reply_to: settings.optional("mail.reply_to"),
        dkim: dkim(settings),
    }
}

fn smtp(settings: &mut Settings) -> Smtp {
    if settings.text("mail.smtp_host").is_empty() {
        settings.fault("mail.smtp_host", Problem::Missing);
    }
    let words = ["starttls", "tls", "none"];
    let user = settings.optional("mail.smtp_user");
    let password = SecretString::from(settings.text("mail.smtp_password"));
    Smtp {
        host: settings.text("mail.smtp_host"),
        port: settings.number("mail.smtp_port", 1, 65_535),
        security: match one_of(settings, "mail.smtp_security", words, "starttls, tls ou none") {
            0 => SmtpSecurity::StartTls,
            1 => SmtpSecurity::Tls,
            _ => SmtpSecurity::Clear,
        },
        login: user.map(|user| (user, password)),
    }
}

fn dkim(settings: &mut Settings) -> Option<Dkim> {
    let parts = ["domain", "selector", "key_file"]
        .map(|part| settings.optional(&format!("mail.dkim_{part}")));
    match parts {
        [None, None, None] => None,
        [Some(domain), Some(selector), Some(key_file)] => {
            Some(Dkim { domain, selector, key_file: key_file.into() })
        }
        _ => {
            settings.fault("mail.dkim_domain", Problem::HalfDkim);
            None
        }
    }
}

fn operator(settings: &Settings) -> Operator {
    let text = |key: &str| settings.text(&format!("operator.{key}"));
    Operator {
        name: text("name"),
        legal_form: text("legal_form"),
        capital: settings.optional("operator.capital"),
        siren: text("siren"),
        address_line: text("address_line"),
        postcode: text("postcode"),
        city: text("city"),
        phone: text("phone"),
        email: text("email"),
        orias: settings.optional("operator.orias"),
        publication_director: text("publication_director"),
        host_name: text("host_name"),
        host_address: text("host_address"),
        host_phone: text("host_phone"),
        data_protection_email: text("data_protection_email"),
    }
}

fn giving(settings: &mut Settings) -> Giving {
    let mut cents =
        |key: &str| Cents::new(settings.number(&format!("giving.{key}"), 1, 100_000_000));
    let (guest_min, guest_max) = (cents("guest_min_cents"), cents("guest_max_cents"));
    let account_min = cents("account_min_cents");
    Giving {
        open: settings.flag("giving.open"),
        guest_min,
        guest_max,
        account_min,
        debit_extension_days: settings.number("giving.debit_extension_days", 1, 90),
        refund_days: settings.number("giving.refund_days", 0, 365),
    }
}

fn limits(settings: &mut Settings) -> Limits {
    Limits {
        key: settings.optional("limits.key").map(SecretString::from),
        form_bytes: settings.number("limits.form_bytes", 1_024, 10_000_000),
        webhook_bytes: settings.number("limits.webhook_bytes", 65_536, 10_000_000),
        request: seconds(settings, "limits.request_seconds", 1, 120),
        unsafe_requests: settings.number("limits.unsafe_requests", 1, 100_000),
        unsafe_period: seconds(settings, "limits.unsafe_seconds", 1, 3_600),
        searches_per_minute: settings.number("limits.searches_per_minute", 1, 1_000_000),
        live_streams: settings.number("limits.live_streams", 1, 1_000_000),
        shared_networks: settings.list("limits.shared_networks", "des adresses ou des réseaux"),
    }
}

fn jobs(settings: &mut Settings) -> Jobs {
    Jobs {
        lease: seconds(settings, "jobs.lease_seconds", 5, 3_600),
        time_limit: seconds(settings, "jobs.time_limit_seconds", 1, 3_600),
        parallel: settings.number("jobs.parallel", 1, 64),
        stop: seconds(settings, "jobs.stop_seconds", 1, 600),
    }
}

fn expiry(settings: &mut Settings) -> OffsetDateTime {
    let text = settings.text("security.expires");
    OffsetDateTime::parse(&text, &Rfc3339).unwrap_or_else(|_| {
        settings.fault("security.expires", Problem::Expected("une date 2027-06-30T00:00:00Z"));
        OffsetDateTime::UNIX_EPOCH
    })
}
