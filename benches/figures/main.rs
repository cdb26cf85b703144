//! How fast the house is, each figure beside a yardstick of the same run: `script/bench`.

mod intake;
mod pages;
mod papers;
mod pgbench;
mod process;
mod report;
mod town;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Parser;
use serde_json::json;
use testkit::gauge::Gauge;
use tokio::{process::Command, time::sleep};

use intake::Intake;
use pages::{Asked, Readers};
use process::Beside;
use report::{Aim, Report};
use town::{Folder, Server, Town};

/// Mesure le site sur cette machine, chaque chiffre à côté d’un étalon
#[derive(Parser)]
struct Asks {
    /// Petites tailles : montre que tout se mesure, les chiffres ne valent rien
    #[arg(long)]
    quick: bool,
    /// Où écrire le JSON
    #[arg(long, default_value = "target/bench.json")]
    json: PathBuf,
    /// Ce que cargo ajoute
    #[arg(long, hide = true)]
    bench: bool,
}

/// How much is loaded, given and asked.
struct Sizes {
    campaigns: u32,
    gifts: u32,
    crowd: usize,
    seconds: u64,
    starts: u32,
}

impl Sizes {
    const WHOLE: Self =
        Self { campaigns: 10_000, gifts: 1_000_000, crowd: 2_000, seconds: 15, starts: 5 };
    const QUICK: Self = Self { campaigns: 40, gifts: 400, crowd: 20, seconds: 1, starts: 1 };
}

fn main() -> anyhow::Result<()> {
    let asks = Asks::parse();
    let sizes = if asks.quick { Sizes::QUICK } else { Sizes::WHOLE };
    // Somebody may have installed one before: any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut report = Report::default();
    report.fact("quick", json!(asks.quick));
    report.fact("campaigns", json!(sizes.campaigns));
    report.fact("gifts", json!(sizes.gifts));
    report.fact("cores", json!(std::thread::available_parallelism()?.get()));
    report.fact("load_average_before", json!(load_average()?));
    runtime.block_on(measure(&sizes, &mut report))?;
    report.fact("load_average_after", json!(load_average()?));
    report.print();
    report.write(&asks.json)?;
    println!("\n  {}", asks.json.display());
    Ok(())
}

/// Of the last minute: others may have been at work.
fn load_average() -> anyhow::Result<f64> {
    let text = std::fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').next().context("/proc/loadavg")?.parse()?)
}

async fn measure(sizes: &Sizes, report: &mut Report) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let server = Server::start(&folder).await?;
    let began = Instant::now();
    println!("  Chargement : {} campagnes, {} dons…", sizes.campaigns, sizes.gifts);
    let town = Town::build(&folder, &server, sizes).await?;
    report.note("load", "chargement", (began.elapsed().as_secs_f64(), "s"));
    let mut gauge = Gauge::new(&server.url).await?;
    starts(&folder, &town, sizes, report).await?;
    let log = folder.at("essaim.log");
    let mut site = Beside::essaim("serve", &town.variables, &log)?;
    site.accepts(town.site.trim_start_matches("http://")).await?;
    sleep(Duration::from_secs(2)).await;
    report.note("memory_idle", "mémoire de serve au repos", (site.resident_mb()?, "Mo"));
    report.aim(Aim::Below(80.0));
    let readers = Readers::new(&folder, sizes.seconds)?;
    all_pages(&readers, &town, &mut gauge, report).await?;
    report.note("memory_loaded", "mémoire de serve après les pages", (site.resident_mb()?, "Mo"));
    let work = Beside::essaim("work", &town.variables, &log)?;
    all_gifts((&folder, &server), (&town, &mut gauge), sizes, report).await?;
    report.note("memory_worker", "mémoire de work après les dons", (work.resident_mb()?, "Mo"));
    work.stop().await?;
    site.stop().await?;
    let receipts = gauge.receipts(1_000).await?;
    let receipts =
        receipts.into_iter().map(serde_json::from_value).collect::<Result<Vec<_>, _>>()?;
    let papers = papers::measure(&receipts, Duration::from_secs(sizes.seconds))?;
    report.note("first_receipt", "premier reçu", (papers.first_ms, "ms"));
    report.note("receipts", "reçus PDF sur un cœur", (papers.rate, "/s"));
    report.aim(Aim::AtLeast(150.0));
    drop(gauge);
    town.close();
    server.stop().await;
    Ok(())
}

/// From the start of the process to the first connection, the median of some.
async fn starts(
    folder: &Folder,
    town: &Town,
    sizes: &Sizes,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut took = Vec::new();
    for _ in 0..sizes.starts {
        let mut site = Beside::essaim("serve", &town.variables, &folder.at("essaim.log"))?;
        took.push(site.accepts(town.site.trim_start_matches("http://")).await?);
        site.stop().await?;
    }
    took.sort();
    let median = took[took.len() / 2].as_secs_f64();
    report.note("start", "démarrage jusqu’à la première connexion", (median * 1e3, "ms"));
    report.aim(Aim::Below(500.0));
    Ok(())
}

/// The pages, cached and not, beside the static server.
async fn all_pages(
    readers: &Readers<'_>,
    town: &Town,
    gauge: &mut Gauge,
    report: &mut Report,
) -> anyhow::Result<()> {
    let slugs = gauge.slugs(5_000).await?;
    let campaigns: Vec<String> = slugs.iter().map(|slug| format!("/campagnes/{slug}")).collect();
    let one = &campaigns[..1];
    let list = ["/campagnes".to_owned()];
    for (key, label, paths) in [("page", "page de campagne", one), ("list", "liste", &list[..])] {
        let bytes = pages::fetch(&town.site, &paths[0]).await?;
        for gzip in [false, true] {
            let (key, label) = if gzip {
                (format!("{key}_gzip"), format!("{label} gardée, gzip"))
            } else {
                (format!("{key}_cached"), format!("{label} gardée ({} Ko)", bytes.len() / 1_000))
            };
            let ours = readers.ask(&town.site, paths, gzip).await?;
            let plain = readers.ask_static(&bytes, gzip).await?;
            tell(report, (&key, &label), ours);
            report.beside(plain.rate).aim(Aim::Share(1.0 / 3.0));
            latency(report, (&key, &label), ours);
        }
    }
    let others = [
        ("page_uncached", "pages de campagne, jamais deux fois", campaigns.clone()),
        ("list_filtered", "liste filtrée, triée", filters()),
        ("list_searched", "liste cherchée", searches()),
        ("home", "accueil", vec!["/".to_owned()]),
    ];
    for (key, label, paths) in others {
        let ours = readers.ask(&town.site, &paths, false).await?;
        tell(report, (key, label), ours);
        latency(report, (key, label), ours);
    }
    Ok(())
}

fn tell(report: &mut Report, (key, label): (&str, &str), asked: Asked) {
    report.note(key, label, (asked.rate, "/s"));
}

fn latency(report: &mut Report, (key, label): (&str, &str), asked: Asked) {
    report.note(&format!("{key}_p50"), &format!("{label}, p50"), (asked.p50_ms, "ms"));
    report.note(&format!("{key}_p99"), &format!("{label}, p99"), (asked.p99_ms, "ms"));
}

/// Lists as people narrow them, each with another page.
fn filters() -> Vec<String> {
    let kinds = ["parcours=urgence", "parcours=inclusion&stade=amorcage", "dep=23", "dep=rural"];
    let sorts = ["fin", "manque", "nouveau"];
    let asked = |n: usize| {
        let (kind, sort) = (kinds[n % kinds.len()], sorts[n / kinds.len() % sorts.len()]);
        format!("/campagnes?{kind}&tri={sort}&page={}", 1 + n / 12)
    };
    (0..600).map(asked).collect()
}

/// Searches, each with another page.
fn searches() -> Vec<String> {
    let words = ["bus", "seniors", "creuse", "atelier numérique", "guéret", "réparer ordinateur"];
    let asked = |n: usize| {
        let word = words[n % words.len()].replace(' ', "+").replace('é', "%C3%A9");
        format!("/campagnes?q={word}&page={}", 1 + n / words.len())
    };
    (0..600).map(asked).collect()
}

/// The gifts, spread and on one campaign, beside pgbench.
async fn all_gifts(
    (folder, server): (&Folder, &Server),
    (town, gauge): (&Town, &mut Gauge),
    sizes: &Sizes,
    report: &mut Report,
) -> anyhow::Result<()> {
    let slugs = gauge.slugs(i64::try_from(sizes.crowd)?).await?;
    let hot = slugs.last().context("no campaign")?.clone();
    let number = gauge.number_of(&hot).await?;
    let yardstick = async |campaigns| {
        let spent = (sizes.gifts, sizes.seconds);
        pgbench::measure(folder, &server.url, campaigns, spent).await
    };
    let counted = (&mut *gauge, server.counts);
    let spread = intake::measure(town, counted, &town.live, &slugs, sizes.crowd).await?;
    check(town, report).await?;
    let beside = yardstick((1, sizes.campaigns)).await?;
    tell_intake(report, ("spread", "dons répartis"), &spread, (beside, sizes.crowd));
    let counted = (&mut *gauge, server.counts);
    let hot = intake::measure(town, counted, &town.unbraked, &[hot], sizes.crowd).await?;
    let beside = yardstick((number, number)).await?;
    tell_intake(report, ("hot", "dons à une seule campagne"), &hot, (beside, sizes.crowd));
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "a mean needs no more than fifty bits")]
fn tell_intake(
    report: &mut Report,
    (key, label): (&str, &str),
    intake: &Intake,
    (pgbench, crowd): (f64, usize),
) {
    report.note(&format!("{key}_begun"), &format!("{label} : commencés"), (intake.begun, "/s"));
    report.note(&format!("{key}_rung"), &format!("{label} : webhooks pris"), (intake.rung, "/s"));
    report.note(
        &format!("{key}_captured"),
        &format!("{label} : au grand livre"),
        (intake.captured, "/s"),
    );
    report.beside(pgbench).aim(Aim::Share(0.5));
    report.note(
        &format!("{key}_served"),
        &format!("{label} : lettres et reçus partis"),
        (intake.served, "/s"),
    );
    if !intake.statements.is_empty() {
        let gifts = crowd as f64;
        let calls: i64 = intake.statements.iter().map(|one| one.calls).sum();
        let ms: f64 = intake.statements.iter().map(|one| one.total_ms).sum();
        let (calls, ms) = (calls as f64 / gifts, ms / gifts);
        report.note(
            &format!("{key}_statements"),
            &format!("{label} : requêtes par don"),
            (calls, ""),
        );
        report.note(
            &format!("{key}_database"),
            &format!("{label} : PostgreSQL par don"),
            (ms, "ms"),
        );
        let told = intake.statements.iter().take(60).map(|one| {
            json!({
                "per_gift": one.calls as f64 / gifts,
                "mean_ms": one.total_ms / one.calls as f64,
                "text": one.text.split_whitespace().collect::<Vec<_>>().join(" "),
            })
        });
        report.fact(&format!("{key}_statements"), told.collect());
    }
}

/// The books, loaded and given.
async fn check(town: &Town, report: &mut Report) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut check = Command::new(env!("CARGO_BIN_EXE_essaim"));
    check.arg("check").env_clear().envs(town.variables.iter().cloned());
    let said = process::output(&mut check).await?;
    report.note("check", "essaim check", (began.elapsed().as_secs_f64(), "s"));
    report.fact("check", json!(said.trim()));
    Ok(())
}
