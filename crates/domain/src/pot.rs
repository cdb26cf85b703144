//! Where the fund's money comes from.

use crate::coded;

coded!(
    /// The origin of a contribution. It follows each cent: ceilings and legal vehicles depend on
    /// it.
    Origin {
        /// European Union funds; public as well.
        Eu = "eu",
        /// State credits.
        State = "state",
        /// Communes, départements, régions and their groups.
        LocalAuthority = "local_authority",
        /// Telecom operators.
        Operator = "operator",
        /// Companies.
        Company = "company",
        /// Foundations.
        Foundation = "foundation",
        /// Gifts of citizens to the fund itself.
        Citizen = "citizen",
    }
);

impl Origin {
    /// Public money carries co-funding ceilings.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Eu | Self::State | Self::LocalAuthority)
    }
}
