//! Who works for the platform, until there is somebody to say so on the site: the first
//! administrator.

use std::process::ExitCode;

use domain::{people::EmailAddress, role::StaffRole};
use time::OffsetDateTime;

use super::verbs::with_verbs;

/// `essaim staff appoint EMAIL ROLE`
pub async fn appoint(email: String, role: String) -> anyhow::Result<ExitCode> {
    let Ok(address) = email.parse::<EmailAddress>() else {
        eprintln!("« {email} » n’est pas une adresse électronique.");
        return Ok(ExitCode::FAILURE);
    };
    let Some(role) = StaffRole::from_code(&role) else {
        let codes: Vec<&str> = StaffRole::ALL.iter().map(|role| role.code()).collect();
        eprintln!("Un rôle est l’un de : {}.", codes.join(", "));
        return Ok(ExitCode::FAILURE);
    };
    with_verbs(async |actions| {
        actions.entrust_platform((&address, role), OffsetDateTime::now_utc()).await?;
        println!("C’est fait. La personne se connecte avec cette adresse et ajoute une clé.");
        Ok(ExitCode::SUCCESS)
    })
    .await
}
