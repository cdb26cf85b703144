//! Campaigns: what they are and the life they lead (decision 19).

use crate::coded;

coded!(
    /// The pathway a project serves.
    Category {
        /// People in digital emergency: a right is at stake now.
        Urgence = "urgence",
        /// Learning to cope.
        Inclusion = "inclusion",
        /// Going on alone.
        Autonomie = "autonomie",
    }
);

coded!(
    /// How far a project is.
    Stage {
        /// Seed.
        Amorcage = "amorcage",
        /// Prototype.
        Prototypage = "prototypage",
        /// A proven model spreads.
        Essaimage = "essaimage",
    }
);

coded!(
    /// The life of a campaign (decision 19).
    CampaignStatus {
        /// Being written.
        Draft = "draft",
        /// Waiting for the operator.
        Submitted = "submitted",
        /// The operator asked for changes.
        ChangesRequested = "changes_requested",
        /// Accepted, not yet public.
        Accepted = "accepted",
        /// Public.
        Published = "published",
        /// Public, giving stopped by the operator.
        Suspended = "suspended",
        /// Closed with its minimum reached, or not all-or-nothing.
        Succeeded = "succeeded",
        /// Closed without its all-or-nothing minimum.
        Failed = "failed",
        /// Doing what was promised.
        Delivering = "delivering",
        /// Done.
        Completed = "completed",
        /// Given up.
        Abandoned = "abandoned",
    }
);

impl CampaignStatus {
    /// True while the page is public.
    #[must_use]
    pub const fn is_public(self) -> bool {
        !matches!(
            self,
            Self::Draft
                | Self::Submitted
                | Self::ChangesRequested
                | Self::Accepted
                | Self::Abandoned
        )
    }

    /// True when giving is possible, dates aside.
    #[must_use]
    pub const fn takes_gifts(self) -> bool {
        matches!(self, Self::Published)
    }
}
