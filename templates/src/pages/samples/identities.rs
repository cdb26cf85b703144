use super::{DAY, NOW, text};
use crate::pages::{
    Identities, Onward,
    identities::{IdentityNotice, OwnIdentity, ProviderName},
};

const BOTH: [ProviderName; 2] = [ProviderName::ProConnect, ProviderName::FranceConnect];

pub fn identities() -> Vec<(&'static str, Identities)> {
    let identity = |provider, siret: Option<&str>| OwnIdentity {
        id: text("0193-7f3c"),
        provider,
        siret: siret.map(text),
        first_seen_at: NOW.plus_seconds(-30 * DAY),
        last_seen_at: NOW,
    };
    let own = vec![
        identity(ProviderName::ProConnect, Some("73282932000074")),
        identity(ProviderName::FranceConnect, None),
    ];
    let page = |identities, notice| Identities { identities, providers: BOTH.to_vec(), notice };
    let told = IdentityNotice::ALL.map(|one| (one.code(), page(own.clone(), Some(one))));
    let shut = Identities { identities: Vec::new(), providers: Vec::new(), notice: None };
    [("none", page(Vec::new(), None)), ("own", page(own.clone(), None)), ("shut", shut)]
        .into_iter()
        .chain(told)
        .collect()
}

pub fn onwards() -> Vec<(&'static str, Onward)> {
    let page = |signed_out| Onward {
        provider: ProviderName::ProConnect,
        url: text("https://proconnect.exemple.fr/api/v2/authorize?client_id=essaim&state=x"),
        signed_out,
    };
    vec![("in", page(false)), ("out", page(true))]
}
