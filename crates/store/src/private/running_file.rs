//! `postmaster.pid`: what PostgreSQL itself writes about the server of a data folder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rustix::process::{Pid, test_kill_process};

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RunningFile {
    pub pid: Pid,
    pub socket_dir: PathBuf,
    pub ready: bool,
}

impl RunningFile {
    /// `None` when there is no such file, or it is half written.
    pub(super) fn read(data_dir: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(data_dir.join("postmaster.pid")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        Some(Self {
            pid: Pid::from_raw(lines.first()?.parse().ok()?)?,
            socket_dir: PathBuf::from(lines.get(4)?),
            ready: lines.get(7) == Some(&"ready"),
        })
    }

    /// Whether that number still is a server in this folder, and not some later process.
    pub(super) fn is_alive(&self, data_dir: &Path) -> bool {
        is_alive(self.pid) && works_in(self.pid, data_dir)
    }
}

/// Whether there is a process of that number; one that we may not signal counts, one that is dead
/// and only waits for its parent to notice does not.
pub(super) fn is_alive(pid: Pid) -> bool {
    if matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH)) {
        return false;
    }
    let state = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    !state.is_ok_and(|text| text.contains(") Z "))
}

/// Every process of a server has its data folder as working folder. Where that cannot be asked, the
/// answer is yes: better to wait for a stranger than to start a second server on the same files.
pub(super) fn works_in(pid: Pid, data_dir: &Path) -> bool {
    let Ok(real) = fs::canonicalize(data_dir) else { return true };
    folder_of(pid).is_none_or(|folder| folder == real)
}

fn folder_of(pid: Pid) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero())).ok()
}

/// A file left by a server that is gone makes PostgreSQL refuse to start when its number was given
/// to another process since. It is removed only when no process at all works in that folder.
pub(super) fn remove_stale(data_dir: &Path) {
    let Ok(processes) = fs::read_dir("/proc") else { return };
    let in_use = processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw))
        .any(|pid| folder_of(pid).is_some() && works_in(pid, data_dir));
    if !in_use {
        // If it cannot be removed, PostgreSQL says so in its log.
        drop(fs::remove_file(data_dir.join("postmaster.pid")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "4242\n/data\n1764024000\n5432\n/run/essaim\n\n  2621604  3\nready   \n";

    #[test]
    fn the_file_is_read_as_postgresql_writes_it() {
        let file = RunningFile::parse(FILE).unwrap();
        assert_eq!(file.pid.as_raw_nonzero().get(), 4242);
        assert_eq!(file.socket_dir, Path::new("/run/essaim"));
        assert!(file.ready);
        assert!(!RunningFile::parse(&FILE.replace("ready   ", "stopping")).unwrap().ready);
        assert_eq!(RunningFile::parse("4242\n/data\n"), None);
    }

    #[test]
    fn a_process_that_works_elsewhere_is_not_the_server() {
        let dir = tempfile::tempdir().unwrap();
        let me = rustix::process::getpid();
        let file = RunningFile { pid: me, socket_dir: PathBuf::new(), ready: true };
        assert!(!file.is_alive(dir.path()));
        let stale = dir.path().join("postmaster.pid");
        fs::write(&stale, FILE).unwrap();
        remove_stale(dir.path());
        assert!(!stale.exists());
    }
}
