//! Ready accounts, one for each role: one click on the page of letters is one of them.

use actions::{Actions, NewCampaign};
use anyhow::Context;
use domain::{
    ids::OrganisationId,
    role::{Role, StaffRole},
};
use time::OffsetDateTime;

/// The project whose holder they act for.
const PROJECT: &str = "le-bus-des-demarches-de-la-creuse";

/// What a ready account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Acts for the holder of the project.
    Holder(Role),
    /// Works for the platform.
    Platform(StaffRole),
}

/// Each address, its part, and what that is called.
pub const ACCOUNTS: [(&str, Part, &str); 9] = [
    ("responsable@exemple.fr", Part::Holder(Role::Owner), "Responsable d’une structure"),
    ("redaction@exemple.fr", Part::Holder(Role::Editor), "Rédaction, même structure"),
    ("finances@exemple.fr", Part::Holder(Role::Finance), "Finances, même structure"),
    ("lecture@exemple.fr", Part::Holder(Role::Reader), "Lecture, même structure"),
    ("fonds@exemple.fr", Part::Platform(StaffRole::Operator), "Pilotage du fonds"),
    ("fonds2@exemple.fr", Part::Platform(StaffRole::Operator), "Pilotage, seconde personne"),
    ("admin@exemple.fr", Part::Platform(StaffRole::Administrator), "Administration"),
    (
        "admin2@exemple.fr",
        Part::Platform(StaffRole::Administrator),
        "Administration, seconde personne",
    ),
    ("controle@exemple.fr", Part::Platform(StaffRole::Auditor), "Contrôle"),
];

/// Opens them, for the holder of one project and for the platform.
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
    for (email, part, _) in ACCOUNTS {
        let email = email.parse()?;
        match part {
            Part::Holder(role) => {
                actions.entrust_organisation(&holder, (&email, role), now).await?;
            }
            Part::Platform(role) => actions.entrust_platform((&email, role), now).await?,
        }
    }
    Ok(())
}
