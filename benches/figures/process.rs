//! Programs that run beside us: the house itself, a static server, and those that ask.

use std::{
    fs::{self, File},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use tokio::{
    net::TcpStream,
    process::{Child, Command},
    time::sleep,
};

/// Longest start that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(1);

/// A server of somebody's, stopped with us.
pub struct Beside {
    child: Child,
    name: String,
}

impl Beside {
    /// The house, as deployed: `serve` or `work`, its log in a file.
    pub fn essaim(
        command: &str,
        variables: &[(&'static str, String)],
        log: &Path,
    ) -> anyhow::Result<Self> {
        let log = File::options().create(true).append(true).open(log)?;
        let mut essaim = Command::new(env!("CARGO_BIN_EXE_essaim"));
        essaim.arg(command).env_clear().envs(variables.iter().cloned());
        essaim.stdout(log.try_clone()?).stderr(log);
        Self::start(essaim, command)
    }

    pub fn start(mut command: Command, name: &str) -> anyhow::Result<Self> {
        command.stdin(Stdio::null()).kill_on_drop(true);
        let child = command.spawn().with_context(|| format!("starting {name}"))?;
        Ok(Self { child, name: name.to_owned() })
    }

    /// Waits until it accepts a connection; answers how long that took.
    pub async fn accepts(&mut self, address: &str) -> anyhow::Result<Duration> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if TcpStream::connect(address).await.is_ok() {
                return Ok(began.elapsed());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended: {status}", self.name);
            }
            sleep(GLANCE).await;
        }
        bail!("{} does not listen on {address}", self.name)
    }

    /// Resident memory, in MB of a million bytes.
    pub fn resident_mb(&self) -> anyhow::Result<f64> {
        let pid = self.child.id().context("it runs")?;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()).context("VmRSS")?;
        Ok(kilobytes.parse::<f64>()? * 1_024.0 / 1e6)
    }

    /// Asks it to end, and waits.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        if let Some(pid) = self.child.id() {
            Command::new("kill").arg(pid.to_string()).status().await?;
        }
        self.child.wait().await?;
        Ok(())
    }
}

/// Runs a program to its end; answers what it printed.
pub async fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.stdin(Stdio::null()).output().await.context("starting a program")?;
    let (said, complaint) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{:?}: {said}{complaint}", command.as_std());
    Ok(said.into_owned())
}
