//! What a holder does about a campaign, until it has pages for that.

use std::{fs, path::Path, process::ExitCode};

use actions::NewUpdate;
use anyhow::Context;
use time::OffsetDateTime;
use uuid::Uuid;

use super::verbs::with_verbs;

/// `essaim campaign update SLUG --title … --file …`
pub async fn update(slug: String, title: String, file: &Path) -> anyhow::Result<ExitCode> {
    let body =
        fs::read_to_string(file).with_context(|| format!("lecture de {}", file.display()))?;
    with_verbs(async |actions| {
        let update = NewUpdate { id: Uuid::now_v7(), slug, title, body };
        match actions.publish_update(&update, OffsetDateTime::now_utc()).await? {
            Some(_) => {
                println!("Publiée. Les courriels partent.");
                Ok(ExitCode::SUCCESS)
            }
            None => {
                eprintln!("Aucune campagne à l’adresse « {} ».", update.slug);
                Ok(ExitCode::FAILURE)
            }
        }
    })
    .await
}
