//! What somebody may do, for an organisation or for the platform.

use crate::coded;

coded!(
    /// The role of a member. Each may do what those after it may; editing and money are apart.
    Role {
        /// Everything, and who else is a member.
        Owner = "owner",
        /// Campaigns, news, answers.
        Editor = "editor",
        /// Statements, payouts, receipts.
        Finance = "finance",
        /// Reads.
        Reader = "reader",
    }
);

impl Role {
    /// May say who is a member, and with which role.
    #[must_use]
    pub const fn manages_members(self) -> bool {
        matches!(self, Self::Owner)
    }
}

coded!(
    /// The role of who works for the platform itself. They exclude one another: who lets people in
    /// steers no money, and who steers money is read by somebody else.
    StaffRole {
        /// People, organisations, jobs, settings.
        Administrator = "administrator",
        /// Pots, rules, allocation orders.
        Operator = "operator",
        /// Reads all of it, changes nothing.
        Auditor = "auditor",
    }
);
