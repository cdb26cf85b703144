//! The server itself: how it is made, started, watched and stopped.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{
    PrivateError, Settings,
    binaries::{Binaries, system_program},
    place::{Account, beside, own_folder},
    running_file::{self, RunningFile},
};

/// Long enough for the recovery of a small database on a slow disk.
const PATIENCE: Duration = Duration::from_secs(60);
/// In bytes; with less PostgreSQL cannot even note that it starts.
const LEAST_ROOM: u64 = 256 * 1024;
const GLANCE: Duration = Duration::from_millis(20);

/// In the server's own list of options: whether it ends with the process that started it.
const TIED: &str = "cluster_name=essaim-tied";
const FREE: &str = "cluster_name=essaim-free";

/// A server that is ready, ours to stop.
pub(super) enum Server {
    Started { child: Child, pid: Pid },
    Adopted { pid: Pid, data_dir: PathBuf },
}

/// What it takes to run one of the programs.
pub(super) struct Launch<'a> {
    pub settings: &'a Settings,
    pub binaries: &'a Binaries,
    pub account: Option<&'a Account>,
}

impl Launch<'_> {
    /// A program with nothing of our environment, in a process group of its own: a Ctrl-C in the
    /// terminal is for us, and we stop the server in our own time.
    fn command(&self, program: &Path) -> Command {
        let tie = self.tie();
        let mut command = match &tie {
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", "INT", "--"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.env_clear().env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        command.current_dir("/").stdin(Stdio::null()).process_group(0);
        if let Some(account) = self.account {
            command.uid(account.uid).gid(account.gid);
        }
        command
    }

    /// With it the kernel stops the server when we die, however we die.
    fn tie(&self) -> Option<PathBuf> {
        self.settings.tied.then(|| system_program("setpriv")).flatten()
    }

    /// Makes the cluster beside its place and moves it there whole, so that an interrupted start
    /// leaves nothing that looks like a cluster.
    pub(super) fn make_cluster(&self) -> Result<(), PrivateError> {
        let data_dir = &self.settings.data_dir;
        let making = beside(data_dir, "making");
        let failed = |cause| PrivateError::file(&making, cause);
        if making.exists() {
            fs::remove_dir_all(&making).map_err(failed)?;
        }
        own_folder(&making, self.account)?;
        let mut command = self.command(&self.binaries.initdb);
        command.args(["-U", "essaim", "-E", "UTF8", "--locale=C.UTF-8", "-k", "-A", "trust", "-D"]);
        command.arg(&making);
        if self.settings.disposable {
            command.arg("--no-sync");
        }
        let output =
            command.output().map_err(|cause| PrivateError::file(&self.binaries.initdb, cause))?;
        if !output.status.success() {
            let log = String::from_utf8_lossy(&output.stderr).into_owned();
            // What does not fit any more is of no use to the next try either.
            drop(fs::remove_dir_all(&making));
            return Err(self.failed("initdb", &log));
        }
        fs::rename(&making, data_dir).map_err(failed)
    }

    fn failed(&self, step: &'static str, log: &str) -> PrivateError {
        if is_disk_full(log, &self.settings.data_dir) {
            return PrivateError::DiskFull(self.settings.data_dir.clone());
        }
        PrivateError::Failed { step, log: last_lines(log) }
    }

    /// Starts the server and waits until it is ready.
    pub(super) fn start(&self) -> Result<Server, PrivateError> {
        let settings = self.settings;
        let log_path = beside(&settings.data_dir, "log");
        let failed = |cause| PrivateError::file(&log_path, cause);
        let log = File::create(&log_path).map_err(failed)?;
        let mut command = self.command(&self.binaries.postgres);
        command.stdout(log.try_clone().map_err(failed)?).stderr(log);
        command.arg("-D").arg(&settings.data_dir);
        let sockets = settings.socket_dir.display().to_string().replace('"', "\"\"");
        let mut options = vec![
            "listen_addresses=".to_owned(),
            format!("unix_socket_directories=\"{sockets}\""),
            "unix_socket_permissions=0700".to_owned(),
            "port=5432".to_owned(),
            "timezone=UTC".to_owned(),
            "log_timezone=UTC".to_owned(),
            "jit=off".to_owned(),
            if self.tie().is_some() { TIED } else { FREE }.to_owned(),
        ];
        if settings.disposable {
            let no_care = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];
            options.extend(no_care.map(str::to_owned));
            options.push("max_connections=300".to_owned());
        }
        for option in options {
            command.arg("-c").arg(option);
        }
        let child =
            command.spawn().map_err(|cause| PrivateError::file(&self.binaries.postgres, cause))?;
        self.wait_until_ready(child, &log_path)
    }

    fn wait_until_ready(&self, mut child: Child, log: &Path) -> Result<Server, PrivateError> {
        let pid = Pid::from_child(&child);
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Ok(Some(_)) = child.try_wait() {
                let log = fs::read_to_string(log).unwrap_or_default();
                return Err(self.failed("postgres", &log));
            }
            match RunningFile::read(&self.settings.data_dir) {
                Some(file) if file.ready && file.pid == pid => {
                    return Ok(Server::Started { child, pid });
                }
                _ => std::thread::sleep(GLANCE),
            }
        }
        Server::Started { child, pid }.stop();
        Err(PrivateError::Silent { seconds: PATIENCE.as_secs(), log: log.to_owned() })
    }

    /// A server that outlived the process that started it: taken over when it is free, waited for
    /// when the kernel has told it to end with that process. With the folder where its socket is.
    pub(super) fn adopt(&self) -> Option<(Server, PathBuf)> {
        let data_dir = &self.settings.data_dir;
        let began = Instant::now();
        while let Some(file) = RunningFile::read(data_dir).filter(|file| file.is_alive(data_dir)) {
            // One that was told to end and has not, after a while, never heard of it.
            let ending = is_tied(data_dir) && began.elapsed() < PATIENCE / 4;
            if file.ready && !ending {
                let server = Server::Adopted { pid: file.pid, data_dir: data_dir.clone() };
                return Some((server, file.socket_dir));
            }
            if began.elapsed() > PATIENCE {
                return None;
            }
            std::thread::sleep(GLANCE);
        }
        running_file::remove_stale(data_dir);
        None
    }
}

/// PostgreSQL notes its options in its folder at each start.
fn is_tied(data_dir: &Path) -> bool {
    fs::read_to_string(data_dir.join("postmaster.opts")).is_ok_and(|text| text.contains(TIED))
}

impl Server {
    pub(super) const fn pid(&self) -> Pid {
        match self {
            Self::Started { pid, .. } | Self::Adopted { pid, .. } => *pid,
        }
    }

    /// Whether it still runs. Its number is not given to another before a child was waited for.
    fn runs(&mut self) -> bool {
        match self {
            Self::Started { child, .. } => matches!(child.try_wait(), Ok(None)),
            Self::Adopted { pid, data_dir } => {
                running_file::is_alive(*pid) && running_file::works_in(*pid, data_dir)
            }
        }
    }

    /// Fast: connections are cut, what was committed is written. Harder when it does not obey.
    pub(super) fn stop(&mut self) {
        let steps = [(Signal::INT, 30), (Signal::QUIT, 5), (Signal::KILL, 5)];
        for (signal, seconds) in steps {
            let asked = Instant::now();
            if self.runs() {
                // Gone in between: the next look says so.
                let _ = kill_process(self.pid(), signal);
            }
            while asked.elapsed() < Duration::from_secs(seconds) {
                if !self.runs() {
                    return;
                }
                std::thread::sleep(GLANCE);
            }
            tracing::warn!(?signal, "PostgreSQL does not stop, trying harder");
        }
    }

    /// Stays with the server until it ends or `orders` says stop (or nobody is left to say it).
    /// The kernel ties the server to *this thread*, so the thread must live as long as it.
    /// Answers whether it was told to stop.
    pub(super) fn watch(&mut self, orders: &Receiver<()>) -> bool {
        loop {
            match orders.recv_timeout(Duration::from_millis(100)) {
                Err(RecvTimeoutError::Timeout) if self.runs() => {}
                Err(RecvTimeoutError::Timeout) => return false,
                Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                    self.stop();
                    return true;
                }
            }
        }
    }
}

/// Why a server that nobody stopped is gone.
pub(super) fn why_it_ended(data_dir: &Path) -> PrivateError {
    let log = fs::read_to_string(beside(data_dir, "log")).unwrap_or_default();
    if is_disk_full(&log, data_dir) {
        return PrivateError::DiskFull(data_dir.to_owned());
    }
    PrivateError::Ended { log: last_lines(&log) }
}

/// The log may be silent about it, since it has no room either: then the disk itself is asked.
fn is_disk_full(log: &str, data_dir: &Path) -> bool {
    let no_room = rustix::fs::statvfs(data_dir)
        .is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < LEAST_ROOM);
    no_room || log.contains("No space left on device") || log.contains("Disk quota exceeded")
}

fn last_lines(log: &str) -> String {
    let lines: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}
