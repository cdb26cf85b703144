//! A PostgreSQL of our own, for a person who has typed one command and has no database: found,
//! created, started, watched and stopped. Nothing of it is on the network: its socket lies in a
//! folder that only its user may enter.
//!
//! It ends with us on every path: when [`Running`] is stopped or dropped, and, where `setpriv` is
//! there, when we are killed. Where it is not, the next start takes the survivor over.

mod binaries;
mod error;
mod place;
mod running_file;
mod server;
#[cfg(test)]
mod tests;

use std::{
    fmt::Write as _,
    fs::File,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
};

use tokio::sync::{oneshot, watch};
use tokio_postgres::NoTls;

pub use binaries::{OLDEST, Search};
pub use error::PrivateError;
use server::{Launch, Server};

/// The user of the database, who owns everything in it.
const USER: &str = "essaim";

/// A Unix socket path has about 107 bytes; PostgreSQL adds `/.s.PGSQL.5432` and its lock file.
const LONGEST_SOCKET_DIR: usize = 80;

/// Where the private server lives and how it behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Its files. Beside it we keep a lock and a log, with the same name.
    pub data_dir: PathBuf,
    /// Its socket; at most 80 bytes long.
    pub socket_dir: PathBuf,
    /// Where its programs may be.
    pub search: Search,
    /// Nothing in it is worth a flush to the disk: tests only.
    pub disposable: bool,
    /// The kernel stops it when we die, where `setpriv` is there.
    pub tied: bool,
}

impl Settings {
    /// A careful server in these two folders, which are made when missing.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>, socket_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            socket_dir: socket_dir.into(),
            search: Search::from_environment(),
            disposable: false,
            tied: true,
        }
    }
}

/// The supervisor.
pub struct PrivatePostgres;

/// A server that is ready. Stop it after the pools are closed; dropping stops it too, and waits.
#[derive(Debug)]
pub struct Running {
    socket_dir: PathBuf,
    data_dir: PathBuf,
    pid: u32,
    adopted: bool,
    orders: Option<mpsc::Sender<()>>,
    ended: watch::Receiver<bool>,
    watcher: Option<thread::JoinHandle<()>>,
}

/// What the thread that owns the server tells when it is ready.
struct Ready {
    socket_dir: PathBuf,
    pid: u32,
    adopted: bool,
}

impl PrivatePostgres {
    /// Starts, or takes over, the private server of these folders.
    ///
    /// # Errors
    /// [`PrivateError`], whose text is for the person at the terminal.
    pub async fn start(
        data_dir: impl Into<PathBuf>,
        socket_dir: impl Into<PathBuf>,
    ) -> Result<Running, PrivateError> {
        Self::start_with(Settings::new(data_dir, socket_dir)).await
    }

    /// As [`PrivatePostgres::start`], with all its settings.
    ///
    /// # Errors
    /// [`PrivateError`], whose text is for the person at the terminal.
    pub async fn start_with(settings: Settings) -> Result<Running, PrivateError> {
        let (orders, to_do) = mpsc::channel();
        let (tell_ready, ready) = oneshot::channel();
        let (tell_ended, ended) = watch::channel(false);
        let data_dir = settings.data_dir.clone();
        // A thread of its own, that lives as long as the server: see `Server::watch`.
        let watcher = thread::Builder::new()
            .name("private-postgres".to_owned())
            .spawn(move || {
                match begin(settings) {
                    Err(error) => drop(tell_ready.send(Err(error))),
                    Ok((mut server, ready, lock)) => {
                        // When nobody waits any more, the sender of orders is gone as well.
                        drop(tell_ready.send(Ok(ready)));
                        if !server.watch(&to_do) {
                            tracing::error!("the private PostgreSQL stopped by itself");
                        }
                        drop(lock);
                    }
                }
                tell_ended.send_replace(true);
            })
            .map_err(|cause| PrivateError::file(&data_dir, cause))?;
        let nothing_said = |_| PrivateError::Ended { log: String::new() };
        let ready = ready.await.map_err(nothing_said)??;
        Ok(Running {
            socket_dir: ready.socket_dir,
            data_dir,
            pid: ready.pid,
            adopted: ready.adopted,
            orders: Some(orders),
            ended,
            watcher: Some(watcher),
        })
    }
}

fn begin(settings: Settings) -> Result<(Server, Ready, File), PrivateError> {
    let settings = Settings {
        data_dir: absolute(&settings.data_dir)?,
        socket_dir: absolute(&settings.socket_dir)?,
        ..settings
    };
    if settings.socket_dir.as_os_str().len() > LONGEST_SOCKET_DIR {
        return Err(PrivateError::TooLong(settings.socket_dir));
    }
    let lock = place::lock(&settings.data_dir)?;
    let written = place::written_by(&settings.data_dir)?;
    let binaries = settings.search.find(written)?;
    if let Some(written) = written.filter(|written| *written != binaries.major) {
        let (dir, installed) = (settings.data_dir, binaries.major);
        return Err(PrivateError::OtherMajor { dir, written, installed });
    }
    let account = place::account()?;
    place::own_folder(&settings.data_dir, account.as_ref())?;
    place::own_folder(&settings.socket_dir, account.as_ref())?;
    let launch = Launch { settings: &settings, binaries: &binaries, account: account.as_ref() };
    if written.is_none() {
        launch.make_cluster()?;
    }
    let (server, socket_dir, adopted) = match launch.adopt() {
        Some((server, socket_dir)) => (server, socket_dir, true),
        None => (launch.start()?, settings.socket_dir.clone(), false),
    };
    let pid = server.pid().as_raw_nonzero().get().unsigned_abs();
    Ok((server, Ready { socket_dir, pid, adopted }, lock))
}

fn absolute(path: &Path) -> Result<PathBuf, PrivateError> {
    std::path::absolute(path).map_err(|cause| PrivateError::file(path, cause))
}

impl Running {
    /// The address of a database in this server.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        url(&self.socket_dir, database)
    }

    /// The server's process number.
    #[must_use]
    pub const fn pid(&self) -> u32 {
        self.pid
    }

    /// It was running already, left by a process that was killed.
    #[must_use]
    pub const fn was_adopted(&self) -> bool {
        self.adopted
    }

    /// Creates a database unless it is there; answers its address.
    ///
    /// # Errors
    /// When the server does not answer, or has no room left.
    pub async fn database(&self, name: &str) -> Result<String, PrivateError> {
        create_database(&self.url("postgres"), name).await.map_err(|cause| {
            let full = Some(&tokio_postgres::error::SqlState::DISK_FULL);
            if cause.code() == full {
                return PrivateError::DiskFull(self.data_dir.clone());
            }
            PrivateError::NoDatabase { name: name.to_owned(), cause }
        })?;
        Ok(self.url(name))
    }

    /// Resolves when the server ended without being told to, with the reason.
    pub async fn ended(&self) -> PrivateError {
        let mut ended = self.ended.clone();
        // The sender only goes after it has said so.
        drop(ended.wait_for(|ended| *ended).await);
        server::why_it_ended(&self.data_dir)
    }

    /// Leaves the server to itself: with `tied` unset it goes on when we end. For a server that
    /// several test processes share; whoever starts it must see to its end.
    pub fn leave(mut self) {
        // Neither the order to stop nor its absence reaches the watcher any more.
        std::mem::forget(self.orders.take());
        self.watcher = None;
    }

    /// Stops the server and waits until it is gone. Close the pools first: it waits for nobody.
    pub async fn stop(mut self) {
        self.orders = None;
        let mut ended = self.ended.clone();
        // An error means that the watcher is gone, and the server with it.
        drop(ended.wait_for(|ended| *ended).await);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(watcher) = self.watcher.take() {
            // Its panic, if any, was reported by the thread itself.
            drop(watcher.join());
        }
    }
}

async fn create_database(url: &str, name: &str) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let talking = tokio::spawn(connection);
    let quoted = name.replace('"', "\"\"");
    let there = client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await?;
    if there.is_none() {
        client.batch_execute(&format!("CREATE DATABASE \"{quoted}\"")).await?;
    }
    drop(client);
    // The connection ends with its client; an error at the end no longer matters.
    drop(talking.await);
    Ok(())
}

/// The address of a database behind a socket folder, its slashes and all else percent-encoded.
#[must_use]
pub fn url(socket_dir: &Path, database: &str) -> String {
    use std::os::unix::ffi::OsStrExt;
    let host = percent_encoded(socket_dir.as_os_str().as_bytes());
    format!("postgres://{USER}@{host}/{}", percent_encoded(database.as_bytes()))
}

fn percent_encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}
