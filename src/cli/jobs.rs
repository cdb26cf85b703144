//! `essaim jobs`: what waits, what runs, what is parked and why.

use std::process::ExitCode;

use anyhow::bail;
use jobs::admin::{self, Listed, State};

use super::verbs::with_queue;

/// `essaim jobs list`
pub async fn list(state: Option<String>, limit: u32) -> anyhow::Result<ExitCode> {
    let state = match state.as_deref().map(|name| (name, State::parse(name))) {
        None => None,
        Some((_, Some(state))) => Some(state),
        Some((name, None)) => bail!("« {name} » : waiting, running, parked ou done"),
    };
    with_queue(async |pool| {
        let found = admin::list(&mut *pool.get().await?, state, i64::from(limit)).await?;
        for job in &found {
            println!("{}", line(job));
        }
        println!("{} tâches", found.len());
        Ok(ExitCode::SUCCESS)
    })
    .await
}

fn line(job: &Listed) -> String {
    let key = job.key.as_deref().unwrap_or(&job.kind);
    let error = job.last_error.as_deref().map(|error| format!("  {error}")).unwrap_or_default();
    format!("{:>8}  {:<8}  {}/{}  {key}{error}", job.id, job.state, job.attempts, job.max_attempts)
}

/// `essaim jobs retry ID`
pub async fn retry(id: i64) -> anyhow::Result<ExitCode> {
    with_queue(async |pool| {
        let done = admin::retry(&mut *pool.get().await?, id).await?;
        Ok(told(done, "La tâche est relancée.", "Cette tâche ne peut pas être relancée."))
    })
    .await
}

/// `essaim jobs park ID --reason …`
pub async fn park(id: i64, reason: &str) -> anyhow::Result<ExitCode> {
    with_queue(async |pool| {
        let done = admin::park(&mut *pool.get().await?, id, reason).await?;
        Ok(told(done, "La tâche est mise de côté.", "Cette tâche ne peut pas être mise de côté."))
    })
    .await
}

fn told(done: bool, yes: &str, no: &str) -> ExitCode {
    if done {
        println!("{yes}");
        ExitCode::SUCCESS
    } else {
        eprintln!("{no}");
        ExitCode::FAILURE
    }
}
