//! The yardstick of the intake: the rows of a captured gift, written in one round trip by pgbench
//! to the same PostgreSQL.

use anyhow::Context;
use tokio::process::Command;

use crate::{process::output, town::Folder};

const SCRIPT: &str = include_str!("captured_gift.sql");
/// As many as there are connections of doorbell and workers.
const CLIENTS: &str = "12";

/// Transactions per second, to the campaigns numbered `low` to `high`.
pub async fn measure(
    folder: &Folder,
    url: &str,
    (low, high): (u32, u32),
    (gifts, seconds): (u32, u64),
) -> anyhow::Result<f64> {
    let script = folder.at("captured_gift.sql");
    std::fs::write(&script, SCRIPT)?;
    let mut pgbench = Command::new("pgbench");
    pgbench.args(["-n", "-M", "simple", "-c", CLIENTS, "-j", "1", "-T", &seconds.to_string()]);
    pgbench.args(["-D", &format!("low={low}"), "-D", &format!("high={high}")]);
    pgbench.args(["-D", &format!("gifts={gifts}"), "-f"]).arg(&script).arg(url);
    let said = output(&mut pgbench).await?;
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let rate = rate.and_then(|rest| rest.split(' ').next());
    Ok(rate.with_context(|| format!("pgbench says no rate: {said}"))?.parse()?)
}
