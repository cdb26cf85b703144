//! Where the fund's money comes from.

use serde::{Deserialize, Serialize};

/// The origin of a contribution. It follows each cent: ceilings and legal vehicles depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// European Union funds; public as well.
    Eu,
    /// State credits.
    State,
    /// Communes, départements, régions and their groups.
    LocalAuthority,
    /// Telecom operators.
    Operator,
    /// Companies.
    Company,
    /// Foundations.
    Foundation,
    /// Gifts of citizens to the fund itself.
    Citizen,
}

impl Origin {
    /// Public money carries co-funding ceilings.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Eu | Self::State | Self::LocalAuthority)
    }

    /// The code used in files and in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Eu => "eu",
            Self::State => "state",
            Self::LocalAuthority => "local_authority",
            Self::Operator => "operator",
            Self::Company => "company",
            Self::Foundation => "foundation",
            Self::Citizen => "citizen",
        }
    }
}
