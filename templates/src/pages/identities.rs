//! What lets one in beside the letter: `/mon-espace/identites`.

use domain::UtcSeconds;
use serde::Serialize;

use super::{Page, samples};
use crate::layout::Nav;

/// An identity provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderName {
    /// Professionals.
    ProConnect,
    /// Citizens.
    FranceConnect,
}

/// The identities that let one in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identities {
    /// The identities, the oldest first.
    pub identities: Vec<OwnIdentity>,
    /// Providers of which one may be added.
    pub providers: Vec<ProviderName>,
    /// What was done or went wrong.
    pub notice: Option<IdentityNotice>,
}

/// An identity in its owner's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnIdentity {
    /// Its id.
    pub id: String,
    /// Where.
    pub provider: ProviderName,
    /// The establishment one last acted for there, 14 digits.
    pub siret: Option<String>,
    /// Since when.
    pub first_seen_at: UtcSeconds,
    /// When it last let one in.
    pub last_seen_at: UtcSeconds,
}

/// Between us and a provider, for a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Onward {
    /// Which.
    pub provider: ProviderName,
    /// The address there.
    pub url: String,
    /// One is signed out here, and goes to be signed out there.
    pub signed_out: bool,
}

/// What was done to an identity, or went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityNotice {
    /// Added.
    Added,
    /// Removed.
    Removed,
    /// The provider does not answer.
    Away,
    /// Not added: refused there, or what came back does not hold.
    NotProven,
    /// It lets in another person.
    Taken,
    /// Unknown.
    Unknown,
    /// A passkey must be proven first.
    ProveFirst,
    /// Too many attempts.
    TooMany,
    /// The form was open too long.
    FormExpired,
}

impl IdentityNotice {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Added,
        Self::Removed,
        Self::Away,
        Self::NotProven,
        Self::Taken,
        Self::Unknown,
        Self::ProveFirst,
        Self::TooMany,
        Self::FormExpired,
    ];

    /// Its word in an address.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Added => "ajout",
            Self::Removed => "retrait",
            Self::Away => "absent",
            Self::NotProven => "sans-preuve",
            Self::Taken => "pris",
            Self::Unknown => "inconnu",
            Self::ProveFirst => "cle",
            Self::TooMany => "trop",
            Self::FormExpired => "expire",
        }
    }

    /// The one of a word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.code() == code)
    }
}

impl Page for Identities {
    const TEMPLATE: &'static str = "identities";

    fn title(&self) -> String {
        String::from("Mes identités")
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::identities()
    }
}

impl Page for Onward {
    const TEMPLATE: &'static str = "onward";

    fn title(&self) -> String {
        String::from("Un instant")
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::onwards()
    }
}
