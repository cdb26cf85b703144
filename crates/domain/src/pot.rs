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

coded!(
    /// How far a promised sum is. Only what is received or guaranteed answers gifts.
    InstalmentState {
        /// Written in an agreement.
        Promised = "promised",
        /// Asked for.
        Called = "called",
        /// Not here yet, and sure to come: it answers gifts.
        Guaranteed = "guaranteed",
        /// On the account: it answers gifts.
        Received = "received",
        /// It answered gifts, and all of it was taken back.
        Withdrawn = "withdrawn",
        /// It will not come.
        Cancelled = "cancelled",
    }
);

impl Origin {
    /// Public money carries co-funding ceilings.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Eu | Self::State | Self::LocalAuthority)
    }
}
