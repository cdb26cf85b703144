//! Ready accounts, one for each role: anybody may sign in with them, the letters are in the
//! mailbox of the demonstration.

use actions::{Actions, NewCampaign};
use anyhow::Context;
use domain::{ids::OrganisationId, role::Role};
use time::OffsetDateTime;

/// The project whose holder they act for.
const PROJECT: &str = "le-bus-des-demarches-de-la-creuse";

/// Each address, its role and what the role is called.
pub const ACCOUNTS: [(&str, Role, &str); 4] = [
    ("responsable@exemple.fr", Role::Owner, "responsable"),
    ("redaction@exemple.fr", Role::Editor, "rédaction"),
    ("finances@exemple.fr", Role::Finance, "finances"),
    ("lecture@exemple.fr", Role::Reader, "lecture"),
];

/// Opens them for the holder of one project.
///
/// # Errors
/// When the database refuses.
pub async fn open(
    actions: &Actions,
    campaigns: &[NewCampaign],
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let project = campaigns.iter().find(|one| one.campaign.slug == PROJECT);
    let holder =
        OrganisationId::new(project.context("the project of the accounts")?.holder.id.clone());
    for (email, role, _) in ACCOUNTS {
        actions.entrust_organisation(&holder, (&email.parse()?, role), now).await?;
    }
    Ok(())
}
