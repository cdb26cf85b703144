//! What the operator of the platform does for an organisation, until there are pages for that.

use std::{fs, path::Path, process::ExitCode};

use actions::{SignatureRefused, Stop};
use anyhow::Context;
use domain::{ids::OrganisationId, people::EmailAddress, role::Role};
use store::QueryError;
use time::OffsetDateTime;

use super::verbs::with_verbs;

/// `essaim organisation member ID EMAIL --role …`
pub async fn member(id: String, email: String, role: String) -> anyhow::Result<ExitCode> {
    let Ok(address) = email.parse::<EmailAddress>() else {
        return Ok(no(&format!("« {email} » n’est pas une adresse électronique.")));
    };
    let Some(role) = Role::from_code(&role) else {
        let codes: Vec<&str> = Role::ALL.iter().map(|role| role.code()).collect();
        return Ok(no(&format!("Un rôle est l’un de : {}.", codes.join(", "))));
    };
    let organisation = OrganisationId::new(id);
    with_verbs(async |actions| {
        let now = OffsetDateTime::now_utc();
        match actions.entrust_organisation(&organisation, (&address, role), now).await {
            Ok(()) => {
                println!("C’est fait. La personne se connecte avec cette adresse.");
                Ok(ExitCode::SUCCESS)
            }
            Err(error) if is_unknown(&error) => Ok(unknown(&organisation)),
            Err(error) => Err(error),
        }
    })
    .await
}

/// `essaim organisation signature ID FILE`
pub async fn signature(id: String, file: &Path) -> anyhow::Result<ExitCode> {
    let svg = fs::read_to_string(file).with_context(|| format!("lecture de {}", file.display()))?;
    let organisation = OrganisationId::new(id);
    with_verbs(async |actions| {
        match actions.keep_signature(&organisation, &svg, OffsetDateTime::now_utc()).await {
            Ok(()) => {
                println!("Gardée. Les reçus qui l’attendaient partent.");
                Ok(ExitCode::SUCCESS)
            }
            Err(Stop::Refused(SignatureRefused::NotPrintable)) => {
                Ok(no("Ce fichier n’est pas un dessin SVG qui s’imprime."))
            }
            Err(Stop::Refused(SignatureRefused::TooLarge)) => Ok(no("Ce dessin dépasse 64 Kio.")),
            Err(Stop::Broken(error)) if is_unknown(&error) => Ok(unknown(&organisation)),
            Err(stop) => Err(anyhow::anyhow!("{stop:?}")),
        }
    })
    .await
}

fn is_unknown(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<QueryError>(), Some(QueryError::NotFound))
}

fn unknown(organisation: &OrganisationId) -> ExitCode {
    no(&format!("Aucune structure « {organisation} »."))
}

fn no(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}
