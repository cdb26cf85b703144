//! Identity providers: open when they are named, all or nothing.

use actions::ProviderKind;

use super::{Environment, IdentityProvider, Problem, read, source::Settings};

/// Those that are named.
pub(super) fn open(settings: &mut Settings, env: Environment) -> Vec<IdentityProvider> {
    ProviderKind::ALL.into_iter().filter_map(|kind| provider(settings, kind, env)).collect()
}

fn provider(
    settings: &mut Settings,
    kind: ProviderKind,
    env: Environment,
) -> Option<IdentityProvider> {
    let path = |key: &str| format!("{}.{key}", kind.code());
    let timeout = read::seconds(settings, &path("timeout_seconds"), 1, 10);
    let named = ["issuer", "client_id", "client_secret"].map(|key| settings.optional(&path(key)));
    match named {
        [None, None, None] => None,
        [Some(issuer), Some(client_id), Some(client_secret)] => {
            check(settings, &path("issuer"), &issuer, env);
            Some(IdentityProvider {
                kind,
                issuer,
                client_id,
                client_secret: client_secret.into(),
                second_factor: settings.flag(&path("second_factor")),
                timeout,
            })
        }
        _ => {
            settings.fault(&path("issuer"), Problem::HalfProvider);
            None
        }
    }
}

/// What comes from there lets people in: nobody may speak in its place.
fn check(settings: &mut Settings, path: &str, issuer: &str, env: Environment) {
    let fine = |c: char| c.is_ascii_alphanumeric() || ".-:/_~[]".contains(c);
    let plain = issuer.strip_prefix("http://");
    let host = plain.or_else(|| issuer.strip_prefix("https://")).unwrap_or_default();
    if host.is_empty() || host.starts_with('/') || !host.chars().all(fine) {
        settings.fault(path, Problem::Expected("l’adresse https://… du fournisseur"));
        return;
    }
    let here = |host: &str| {
        let name = host.split(['/', ':']).next().unwrap_or_default();
        matches!(name, "localhost" | "127.0.0.1")
    };
    if plain.is_some_and(|host| env == Environment::Production || !here(host)) {
        settings.fault(path, Problem::NotHttps);
    }
}
