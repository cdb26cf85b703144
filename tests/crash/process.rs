//! A process of the built program, that ends with the test however the test ends.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::sleep;

/// What a process is told by its environment; nothing else of ours reaches it.
pub type Settings = BTreeMap<String, String>;

pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `essaim` with these arguments; what it says is added to a log in `folder`.
    pub fn start(arguments: &[&str], settings: &Settings, folder: &Path) -> Self {
        let log = folder.join(format!("{}.log", arguments.join("-")));
        let file = File::options().create(true).append(true).open(&log).unwrap();
        let child = essaim(arguments, settings)
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        Self { child, log }
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// As `kill -9`.
    pub fn kill(&mut self) {
        // Gone by itself: then there is nobody to kill.
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    /// It stands still, as on a machine that is out of breath, then goes on.
    pub async fn freezes_for(&self, time: Duration) {
        let signal = |signal| kill_process(Pid::from_child(&self.child), signal).unwrap();
        signal(Signal::STOP);
        sleep(time).await;
        signal(Signal::CONT);
    }

    /// The end of what it said, for who must find out why.
    pub fn last_words(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command of `essaim` to its end: its code and what it said.
pub async fn run(arguments: &'static [&'static str], settings: &Settings) -> (i32, String) {
    let mut command = essaim(arguments, settings);
    let ended = tokio::task::spawn_blocking(move || command.output().unwrap());
    let ended = ended.await.unwrap();
    let said = [ended.stdout, ended.stderr].concat();
    (ended.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
}

fn essaim(arguments: &[&str], settings: &Settings) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_essaim"));
    command.args(arguments).env_clear().envs(settings).stdin(Stdio::null());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}
