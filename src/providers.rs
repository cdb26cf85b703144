//! The identity providers that the settings name, ready to be asked.

use identity::oidc::{Provider, Providers, Settings};

use crate::config::Config;

/// Opens them. Nothing is asked of anybody yet.
///
/// # Errors
/// When an address is none.
pub fn open(config: &Config) -> anyhow::Result<Providers> {
    let open = config.providers.iter().map(|one| {
        Provider::new(Settings {
            kind: one.kind,
            issuer: one.issuer.clone(),
            client_id: one.client_id.clone(),
            client_secret: one.client_secret.clone(),
            redirect_url: format!("{}/connexion/{}/retour", config.base_url, one.kind.code()),
            signed_out_url: format!("{}/", config.base_url),
            second_factor: one.second_factor,
            timeout: one.timeout,
        })
    });
    Ok(Providers::new(open.collect::<Result<_, _>>()?))
}
