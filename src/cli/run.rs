//! The long-running commands, and what they share: settings, database, a stop.

use std::{future::Future, process::ExitCode};

use anyhow::Context;
use time::OffsetDateTime;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use crate::{
    boot::{Essaim, Outside},
    config::{Config, Purpose, Sources},
    database::Database,
    demo, logs,
};

/// Runs a command on a runtime of its own.
pub fn in_runtime(
    command: impl Future<Output = anyhow::Result<ExitCode>>,
) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(command)
}

/// Reads the settings and starts the logs.
pub fn settings(purpose: Purpose) -> anyhow::Result<Config> {
    let config = Config::read(&Sources::of_process()?, purpose)?;
    logs::start(&config.log, config.log_json);
    Ok(config)
}

/// Cancelled by Ctrl-C or by a polite kill.
fn stop_on_signals() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let (mut interrupted, mut ended) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let told = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = ended.recv() => {}
        }
        tracing::info!("asked to stop");
        told.cancel();
    });
    Ok(stop)
}

/// What a process of the house does.
#[derive(Clone, Copy)]
enum Part {
    Site,
    Workers,
    Both,
}

/// `essaim serve`
pub async fn serve(with_workers: bool) -> anyhow::Result<ExitCode> {
    run(if with_workers { Part::Both } else { Part::Site }).await
}

/// `essaim work`
pub async fn work() -> anyhow::Result<ExitCode> {
    run(Part::Workers).await
}

async fn run(part: Part) -> anyhow::Result<ExitCode> {
    let config = settings(Purpose::Serving)?;
    let stop = stop_on_signals()?;
    let outside = Outside::real(&config)?;
    let database = Database::open(&config).await?;
    let ended = live(part, config, (&database, outside), stop.clone()).await;
    stop.cancel();
    database.close().await;
    ended.map(|()| ExitCode::SUCCESS)
}

async fn live(
    part: Part,
    config: Config,
    (database, outside): (&Database, Outside),
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let listen = config.listen;
    store::migrate::migrate(&database.url).await?;
    let essaim = Essaim::wire(config, &database.url, outside, stop)?;
    let serving = async {
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("cannot listen on {listen}"))?;
        tracing::info!(%listen, "the site is open");
        essaim.serve(listener).await;
        anyhow::Ok(())
    };
    let living = async {
        match part {
            Part::Site => serving.await?,
            Part::Workers => {
                tokio::join!(essaim.work(), essaim.keep_calendar());
            }
            Part::Both => tokio::join!(serving, essaim.work(), essaim.keep_calendar()).0?,
        }
        anyhow::Ok(())
    };
    let ended = tokio::select! {
        ended = living => ended,
        broken = database.ended() => Err(broken),
    };
    essaim.close();
    ended
}

/// `essaim demo`
pub async fn demo(settings: demo::Settings) -> anyhow::Result<ExitCode> {
    logs::start(&std::env::var("ESSAIM_LOG").unwrap_or_else(|_| "warn".to_owned()), false);
    demo::run(settings, stop_on_signals()?).await?;
    Ok(ExitCode::SUCCESS)
}

/// `essaim migrate`
pub async fn migrate() -> anyhow::Result<ExitCode> {
    let config = settings(Purpose::Database)?;
    let database = Database::join(&config).await?;
    let migrated = store::migrate::migrate(&database.url).await;
    database.close().await;
    migrated?;
    println!("La base est au schéma de cette version.");
    Ok(ExitCode::SUCCESS)
}

/// `essaim check`: reads only; 1 on a breach.
pub async fn check() -> anyhow::Result<ExitCode> {
    let config = settings(Purpose::Database)?;
    let database = Database::join(&config).await?;
    let reader = store::Reader::new(&database.url, 1)?;
    let audited = async {
        let mut db = reader.get().await?;
        store::audit::breaches(&mut db, OffsetDateTime::now_utc()).await
    };
    let breaches = audited.await;
    reader.close();
    database.close().await;
    let breaches = breaches?;
    for breach in &breaches {
        println!("{} {} : {}", breach.invariant, breach.subject, breach.found);
    }
    if breaches.is_empty() {
        println!("Les comptes sont justes.");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} écarts", breaches.len());
    Ok(ExitCode::FAILURE)
}
