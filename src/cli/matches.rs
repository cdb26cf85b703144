//! The verbs of the matching engine: a file in, JSON out. 2 and nothing on standard output when a
//! file cannot be used, 1 when what was asked for does not hold.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use domain::{Cents, UtcSeconds, ids::GiftId};
use matching::simulate::{Amounts, Asked, Candidate, NotSimulated, Past, Progress, Synthetic};
use serde_json::{Value, json};
use store::{Reader, matches};

use super::{
    rules::{print, unusable},
    run::settings,
};
use crate::{config::Purpose, database::Database};

/// Bytes that are printed at once.
const AT_ONCE: usize = 1 << 16;

fn read(file: &Path) -> Result<String, ExitCode> {
    fs::read_to_string(file).map_err(|error| unusable(file, &error.to_string()))
}

/// The code of an answer that was printed.
fn verdict(answer: &Value, holds: bool) -> ExitCode {
    let printed = print(answer);
    if holds { printed } else { ExitCode::FAILURE }
}

/// `essaim match evaluate FILE`: a worked case or an export, recomputed to the cent.
pub fn evaluate(file: &Path) -> Result<ExitCode, ExitCode> {
    let mut out = BufWriter::with_capacity(AT_ONCE, io::stdout().lock());
    let written = matching::evaluate_to(read(file)?, &mut out)
        .map_err(|error| unusable(file, &error.to_string()))?;
    let written = written.and_then(|()| writeln!(out)).and_then(|()| out.flush());
    Ok(if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `essaim match check RULES`: what keeps rules from being published.
pub fn check(rules: &Path, case: Option<&Path>) -> Result<ExitCode, ExitCode> {
    let text = read(rules)?;
    let case = case.map(|path| read(path).map(|text| (path, text))).transpose()?;
    // A problem of the case is told under its own name.
    if let Some((path, text)) = &case {
        matching::evaluate_to(text.clone(), io::sink())
            .map_err(|error| unusable(path, &error.to_string()))?
            .map_err(|error| unusable(path, &error.to_string()))?;
    }
    let review = matching::review(&text, case.as_ref().map(|(_, text)| text.as_str()))
        .map_err(|error| unusable(rules, &error.to_string()))?;
    Ok(verdict(&json!(review), !review.refuses()))
}

/// `essaim match seal FILE`: seals, roots and paths, all counted again.
pub fn seal(file: &Path) -> Result<ExitCode, ExitCode> {
    let checked =
        matching::check_seals(&read(file)?).map_err(|error| unusable(file, &error.to_string()))?;
    Ok(verdict(&json!(checked), checked.breaches.is_empty()))
}

/// What a rehearsal is asked.
#[derive(Debug, Args)]
pub struct Rehearsal {
    /// Le passé : un cas de genre « ledger », ou l’export d’un fonds
    #[arg(long)]
    case: PathBuf,
    /// Un règlement à essayer, autant de fois que de règlements
    #[arg(long, required = true)]
    rules: Vec<PathBuf>,
    /// Dit aussi ce que changerait un peu plus d’argent, ou un réglage un peu différent
    #[arg(long)]
    marginal: bool,
    /// Ajoute tant de dons inventés, tirés de ceux du passé
    #[arg(long, default_value_t = 0)]
    synthetic: u32,
    /// Graine des dons inventés
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Ils font une année à eux seuls, à partir de cet instant UTC, sans les dons du passé
    #[arg(long, requires = "synthetic")]
    year: Option<UtcSeconds>,
    /// Montants des dons inventés : un fichier JSON, [[centimes, poids], …]
    #[arg(long)]
    amounts: Option<PathBuf>,
}

fn amounts(file: &Path) -> Result<Amounts, ExitCode> {
    let table: Vec<(i64, u32)> =
        serde_json::from_str(&read(file)?).map_err(|error| unusable(file, &error.to_string()))?;
    if table.is_empty() || table.iter().any(|(amount, weight)| *amount < 1 || *weight == 0) {
        return Err(unusable(file, "amounts and weights are above 0"));
    }
    Ok(table.into_iter().map(|(amount, weight)| (Cents::new(amount), weight)).collect())
}

/// `essaim match simulate`
pub fn simulate(asked: &Rehearsal) -> Result<ExitCode, ExitCode> {
    let mut candidates = Vec::new();
    for file in &asked.rules {
        let name = file.display().to_string();
        let candidate = Candidate::read(&name, &read(file)?);
        candidates.push(candidate.map_err(|error| unusable(file, &error.to_string()))?);
    }
    let amounts = asked.amounts.as_deref().map(amounts).transpose()?;
    let synthetic =
        Synthetic { gifts: asked.synthetic, seed: asked.seed, amounts, year: asked.year };
    let synthetic = (asked.synthetic > 0).then_some(synthetic);
    let asked_for = Asked { candidates, synthetic, marginal: asked.marginal };
    // The text is gone before the first replay.
    let past = read(&asked.case).map(|case| Past::read(&case))?;
    match past.and_then(|past| past.rehearse(&asked_for, &Progress::default())) {
        Ok(report) => Ok(print(&report)),
        Err(NotSimulated::Candidate { name, problem }) => {
            Err(unusable(Path::new(&name), &problem.to_string()))
        }
        Err(error @ NotSimulated::Format(_)) => Err(unusable(&asked.case, &error.to_string())),
        Err(error) => {
            eprintln!("{} : {error}", asked.case.display());
            Err(ExitCode::FAILURE)
        }
    }
}

/// `essaim match explain GIFT`: every decision about a gift, oldest first, each with its digest.
pub async fn explain(gift: GiftId) -> anyhow::Result<ExitCode> {
    let config = settings(Purpose::Database)?;
    let database = Database::join(&config).await?;
    let reader = Reader::new(&database.url, 1)?;
    let decisions = matches::decisions_of(&mut reader.get().await?, gift).await;
    reader.close();
    database.close().await;
    let decisions = decisions?;
    if decisions.is_empty() {
        eprintln!("Aucune décision sur ce don.");
        return Ok(ExitCode::FAILURE);
    }
    let mut rows = Vec::new();
    let mut all_hold = true;
    for decision in decisions {
        let counted = matching::seal::leaf(&decision.explanation)?;
        let holds = counted.bytes().as_slice() == decision.digest.as_slice();
        all_hold &= holds;
        rows.push(json!({
            "event": decision.event,
            "at": domain::UtcSeconds::from(decision.at),
            "recorded_at": domain::UtcSeconds::from(decision.recorded_at),
            "digest": counted,
            "digest_holds": holds,
            "explanation": decision.explanation,
        }));
    }
    Ok(verdict(&json!({"gift": gift.to_string(), "decisions": rows}), all_hold))
}
