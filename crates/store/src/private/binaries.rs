//! Where PostgreSQL's programs are. Debian does not put `initdb` on the path.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::PrivateError;

/// The oldest major version that serves.
pub const OLDEST: u32 = 15;

/// Where to look, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The only place, when named.
    pub named: Option<PathBuf>,
    /// The folders of `PATH`.
    pub path: Vec<PathBuf>,
    /// The folder that holds one folder per major version, as on Debian; the newest first.
    pub versioned: Option<PathBuf>,
}

impl Search {
    /// `ESSAIM_DATABASE_POSTGRES_BIN`, then `PATH`, then Debian's folder.
    #[must_use]
    pub fn from_environment() -> Self {
        let named =
            std::env::var_os("ESSAIM_DATABASE_POSTGRES_BIN").filter(|value| !value.is_empty());
        let path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect());
        Self {
            named: named.map(PathBuf::from),
            path: path.unwrap_or_default(),
            versioned: Some(PathBuf::from("/usr/lib/postgresql")),
        }
    }

    /// The programs to use: those of the cluster's own version if they are there, else the first.
    pub(super) fn find(&self, written: Option<u32>) -> Result<Binaries, PrivateError> {
        let found: Vec<Binaries> = self.places().iter().filter_map(|dir| probe(dir)).collect();
        let Some(first) = found.first() else {
            return Err(self.named.clone().map_or(PrivateError::Missing, PrivateError::NotThere));
        };
        if let Some(same) = found.iter().find(|one| Some(one.major) == written) {
            return Ok(same.clone());
        }
        let new_enough = found.iter().find(|one| one.major >= OLDEST);
        new_enough.cloned().ok_or(PrivateError::TooOld { found: first.major, needed: OLDEST })
    }

    fn places(&self) -> Vec<PathBuf> {
        if let Some(named) = &self.named {
            return vec![named.clone()];
        }
        let mut places = self.path.clone();
        places.extend(self.versioned.as_deref().map(newest_first).unwrap_or_default());
        places
    }
}

/// PostgreSQL's programs of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binaries {
    pub initdb: PathBuf,
    pub postgres: PathBuf,
    pub major: u32,
}

fn newest_first(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut majors: Vec<u32> = entries
        .filter_map(|entry| entry.file_name().to_str().and_then(|name| name.parse().ok()))
        .collect();
    majors.sort_unstable_by(|a, b| b.cmp(a));
    majors.into_iter().map(|major| dir.join(major.to_string()).join("bin")).collect()
}

/// Links are followed: PostgreSQL finds its own files from where it really is.
fn probe(dir: &Path) -> Option<Binaries> {
    let initdb = fs::canonicalize(dir.join("initdb")).ok()?;
    let postgres = fs::canonicalize(dir.join("postgres")).ok()?;
    let answer = Command::new(&postgres).arg("--version").output().ok()?;
    let major = major_of(&String::from_utf8_lossy(&answer.stdout))?;
    Some(Binaries { initdb, postgres, major })
}

/// "postgres (PostgreSQL) 15.18 (Debian…)" is 15; so is "15devel".
fn major_of(answer: &str) -> Option<u32> {
    let version = answer.split_once("(PostgreSQL)")?.1.trim_start();
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// A program of the system, on the path or in its usual folders.
pub(super) fn system_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_else(|| OsString::from("/usr/bin"));
    let usual = ["/usr/bin", "/bin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(usual).map(|dir| dir.join(name)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_the_answer() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(major_of(debian), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 19devel"), Some(19));
        assert_eq!(major_of("mysqld 8"), None);
    }

    #[test]
    fn nothing_found_names_the_package_and_the_variables() {
        let empty = tempfile::tempdir().unwrap();
        let search = Search {
            named: None,
            path: vec![empty.path().to_owned()],
            versioned: Some(empty.path().to_owned()),
        };
        let text = search.find(None).unwrap_err().to_string();
        assert!(text.contains("paquet « postgresql »"), "{text}");
        assert!(
            text.contains("DATABASE_URL") && text.contains("ESSAIM_DATABASE_POSTGRES_BIN"),
            "{text}"
        );

        let named = Search { named: Some(empty.path().to_owned()), ..Search::from_environment() };
        let text = named.find(None).unwrap_err().to_string();
        assert!(text.contains(empty.path().to_str().unwrap()), "{text}");
    }

    #[test]
    fn the_newest_comes_first_unless_the_cluster_is_older() {
        let root = tempfile::tempdir().unwrap();
        for (major, says) in [("9", "9.6"), ("16", "16.2"), ("17", "17.1")] {
            let bin = root.path().join(major).join("bin");
            fs::create_dir_all(&bin).unwrap();
            for program in ["initdb", "postgres"] {
                let file = bin.join(program);
                fs::write(&file, format!("#!/bin/sh\necho 'x (PostgreSQL) {says}'\n")).unwrap();
                let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
                fs::set_permissions(&file, mode).unwrap();
            }
        }
        let versioned = Some(root.path().to_owned());
        let search = Search { named: None, path: vec![], versioned };
        assert_eq!(search.find(None).unwrap().major, 17);
        assert_eq!(search.find(Some(16)).unwrap().major, 16);
        assert_eq!(search.find(Some(18)).unwrap().major, 17);
        let old = Search { named: Some(root.path().join("9/bin")), ..Search::default() };
        let text = old.find(None).unwrap_err().to_string();
        assert!(text.contains("PostgreSQL 9 est trop ancien"), "{text}");
    }
}
