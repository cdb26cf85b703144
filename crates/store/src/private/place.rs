//! Folders, and the user they belong to. PostgreSQL refuses to run as root.

use std::{
    fs::{self, DirBuilder, File, TryLockError},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::PrivateError;

/// A user of the machine that the server runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

/// Whom to become: root becomes `postgres`, else `nobody`; anybody else stays who they are.
pub(super) fn account() -> Result<Option<Account>, PrivateError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")
        .map_err(|cause| PrivateError::file("/etc/passwd", cause))?;
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| user_in(&users, name))
        .map(Some)
        .ok_or(PrivateError::NobodyToRunAs)
}

fn user_in(users: &str, name: &str) -> Option<Account> {
    users.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let (uid, gid) = (fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?);
        (fields.first() == Some(&name)).then(|| Account { name: name.to_owned(), uid, gid })
    })
}

/// A folder that only the server's user (and root) may enter; made when missing. A folder that
/// belongs to somebody else, or a link put in its place, is refused, never taken over.
pub(super) fn own_folder(dir: &Path, account: Option<&Account>) -> Result<(), PrivateError> {
    let failed = |cause| PrivateError::file(dir, cause);
    if let Some(parent) = dir.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    match DirBuilder::new().mode(0o700).create(dir) {
        Err(cause) if cause.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(failed(cause));
        }
        _ => {}
    }
    let found = fs::symlink_metadata(dir).map_err(failed)?;
    let me = rustix::process::geteuid().as_raw();
    let owner = account.map_or(me, |account| account.uid);
    if !found.is_dir() || (found.uid() != owner && found.uid() != me) {
        return Err(PrivateError::NotOurs(dir.to_owned()));
    }
    fs::set_permissions(dir, PermissionsExt::from_mode(0o700)).map_err(failed)?;
    if let Some(account) = account {
        std::os::unix::fs::lchown(dir, Some(account.uid), Some(account.gid)).map_err(failed)?;
        within_reach(dir, account)?;
    }
    Ok(())
}

/// Every folder above must let the server's user pass.
fn within_reach(dir: &Path, account: &Account) -> Result<(), PrivateError> {
    let real = fs::canonicalize(dir).map_err(|cause| PrivateError::file(dir, cause))?;
    for above in real.ancestors().skip(1) {
        let found = fs::metadata(above).map_err(|cause| PrivateError::file(above, cause))?;
        let may_pass = match (found.uid() == account.uid, found.gid() == account.gid) {
            (true, _) => found.mode() & 0o100,
            (false, true) => found.mode() & 0o010,
            (false, false) => found.mode() & 0o001,
        };
        if may_pass == 0 {
            let user = account.name.clone();
            return Err(PrivateError::OutOfReach { dir: above.to_owned(), user });
        }
    }
    Ok(())
}

/// Held as long as we serve from a data folder; the kernel gives it back even after kill -9.
pub(super) fn lock(data_dir: &Path) -> Result<File, PrivateError> {
    let path = beside(data_dir, "lock");
    let failed = |cause| PrivateError::file(&path, cause);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    let file = File::options().create(true).append(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(PrivateError::InUse(data_dir.to_owned())),
        Err(TryLockError::Error(cause)) => Err(failed(cause)),
    }
}

/// A file beside the data folder, with the folder's name and this extension.
pub(super) fn beside(data_dir: &Path, extension: &str) -> PathBuf {
    let mut name = data_dir.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

/// The major version that wrote the files; `None` for an empty or missing folder.
pub(super) fn written_by(data_dir: &Path) -> Result<Option<u32>, PrivateError> {
    let path = data_dir.join("PG_VERSION");
    match fs::read_to_string(&path) {
        Ok(text) => {
            let major = text.trim().parse().ok();
            major.map(Some).ok_or_else(|| PrivateError::NotACluster(data_dir.to_owned()))
        }
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
            match fs::read_dir(data_dir).map(|mut entries| entries.next().is_some()) {
                Ok(true) => Err(PrivateError::NotACluster(data_dir.to_owned())),
                _ => Ok(None),
            }
        }
        Err(cause) if cause.kind() == std::io::ErrorKind::PermissionDenied => {
            Err(PrivateError::NotOurs(data_dir.to_owned()))
        }
        Err(cause) => Err(PrivateError::file(path, cause)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\npostgres:x:101:104::/var/lib:/bin/sh\n";
        let found = user_in(users, "postgres").unwrap();
        assert_eq!((found.uid, found.gid), (101, 104));
        assert_eq!(user_in(users, "post"), None);
    }

    #[test]
    fn a_folder_with_other_files_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(written_by(dir.path()).unwrap(), None);
        fs::write(dir.path().join("photo.jpg"), "x").unwrap();
        assert!(matches!(written_by(dir.path()), Err(PrivateError::NotACluster(_))));
    }

    #[test]
    fn a_link_in_the_place_of_a_folder_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (target, link) = (dir.path().join("target"), dir.path().join("link"));
        fs::create_dir(&target).unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(matches!(own_folder(&link, None), Err(PrivateError::NotOurs(_))));
    }
}
