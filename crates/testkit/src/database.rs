//! A database per test, cloned from a migrated template, on one private PostgreSQL per checkout.
//!
//! Test runners start a process per test, or many tests in one: whoever comes first starts the
//! server, the others find it. Each process holds a lock while it lives; a guardian stops the
//! server and removes its files once nobody has held that lock for a while, however they ended.
//! With `ESSAIM_TEST_DATABASE_URL` (a superuser's address) that server is used instead.

use catalogue::pg_database;
use std::{
    fs::{self, File},
    hash::{DefaultHasher, Hasher},
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
    thread,
};

use anyhow::{Context, ensure};
use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    pooled_connection::{AsyncDieselConnectionManager, deadpool::Pool},
};
use store::private::{PrivatePostgres, Settings, url};
use uuid::Uuid;

/// Waits until nobody uses the server, and stops it if nobody came back for ten seconds. Newcomers
/// wait at the lock meanwhile, and find it gone. Stops nothing that another has started since.
const GUARDIAN: &str = r#"
exec 9>>users
while :; do
    flock -x 9 && flock -u 9
    sleep 10
    flock -n -x 9 || continue
    [ "$(head -n 1 data/postmaster.pid 2>/dev/null)" = "$1" ] || exit 0
    kill -INT "$1"
    while kill -0 "$1" 2>/dev/null && [ -e data/postmaster.pid ]; do sleep 0.1; done
    rm -rf data data.log run
    exit 0
done"#;

/// A migrated database of one test's own. Dropped, it is gone.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    url: String,
}

/// The server that all test processes share, and the lock that says that we use it.
struct Cluster {
    address: Address,
    template: String,
    _in_use: File,
}

enum Address {
    Sockets(PathBuf),
    Given(String),
}

impl TestDatabase {
    /// A fresh one.
    ///
    /// # Panics
    /// When there is no PostgreSQL: then tests fail, they are not skipped.
    pub async fn new() -> Self {
        let cluster = cluster();
        let name = format!("test_{}", Uuid::new_v4().simple());
        let make = format!("CREATE DATABASE {name} TEMPLATE {}", cluster.template);
        let url = cluster.address.of(&name);
        run(&cluster.address.of("postgres"), &make).await.expect("a database for a test");
        Self { name, url }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A pool on it, of at most `size` connections.
    ///
    /// # Panics
    /// When the address is not understood.
    #[must_use]
    pub fn pool(&self, size: usize) -> Pool<AsyncPgConnection> {
        let connections = AsyncDieselConnectionManager::new(&self.url);
        Pool::builder(connections).max_size(size).build().expect("a pool needs no connection yet")
    }
}

impl Drop for TestDatabase {
    /// Cuts what is still connected.
    fn drop(&mut self) {
        let drop_it = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let server = cluster().address.of("postgres");
        if let Err(error) = elsewhere(async move { run(&server, &drop_it).await }) {
            eprintln!("{} stays behind: {error:#}", self.name);
        }
    }
}

impl Address {
    fn of(&self, database: &str) -> String {
        match self {
            Self::Sockets(folder) => url(folder, database),
            Self::Given(server) => {
                let (place, options) = server.split_once('?').unwrap_or((server, ""));
                // After "postgres://", a slash begins the name of a database.
                let host_end = place.find("://").map_or(0, |at| at + 3);
                let host = place[host_end..].split('/').next().unwrap_or_default();
                format!("{}{host}/{database}?{options}", &place[..host_end])
            }
        }
    }
}

fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| elsewhere(find_or_start()).expect("a PostgreSQL for tests"))
}

/// On a thread and a runtime of its own: migrations block, a test's runtime may have one thread.
fn elsewhere<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let thread = thread::spawn(|| {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().expect("a runtime");
        runtime.block_on(work)
    });
    thread.join().expect("its panic was printed above")
}

async fn find_or_start() -> anyhow::Result<Cluster> {
    let folder = folder()?;
    let in_use = open(&folder.join("users"))?;
    in_use.lock_shared()?;
    // One of us at a time looks, starts the server and migrates the template.
    let starting = open(&folder.join("starting"))?;
    starting.lock()?;
    let address = match std::env::var("ESSAIM_TEST_DATABASE_URL") {
        Ok(given) if !given.is_empty() => Address::Given(given),
        _ => {
            start_unless_there(&folder).await?;
            Address::Sockets(folder.join("run"))
        }
    };
    let template = format!("template_{:016x}", digest_of_migrations()?);
    make_template(&address, &template).await?;
    Ok(Cluster { address, template, _in_use: in_use })
}

/// One per checkout and user, where a socket's path is short and another user may pass.
fn folder() -> anyhow::Result<PathBuf> {
    let me = fs::metadata("/proc/self").context("asking who we are")?.uid();
    let mut hasher = DefaultHasher::new();
    hasher.write(migrations_folder().as_os_str().as_encoded_bytes());
    let folder = PathBuf::from(format!("/tmp/essaim-tests-{me}-{:016x}", hasher.finish()));
    if let Err(error) = fs::create_dir(&folder)
        && error.kind() != std::io::ErrorKind::AlreadyExists
    {
        return Err(error).context("making a folder for the test server");
    }
    let found = fs::symlink_metadata(&folder)?;
    ensure!(found.is_dir() && found.uid() == me, "{} is not ours", folder.display());
    Ok(folder)
}

fn open(path: &Path) -> std::io::Result<File> {
    File::options().create(true).append(true).open(path)
}

async fn start_unless_there(folder: &Path) -> anyhow::Result<()> {
    let sockets = folder.join("run");
    if AsyncPgConnection::establish(&url(&sockets, "postgres")).await.is_ok() {
        return Ok(());
    }
    // It did not end in good order, and nothing in it was ever flushed: made anew. One that is
    // there all the same, and does not answer, is taken over and stopped first.
    let data = folder.join("data");
    if data.exists() {
        let running = PrivatePostgres::start_with(settings(folder)).await;
        if let Ok(running) = running {
            running.stop().await;
        }
        fs::remove_dir_all(&data).context("removing an old test server")?;
    }
    let running = PrivatePostgres::start_with(settings(folder)).await?;
    guard(folder, running.pid())?;
    running.leave();
    Ok(())
}

fn settings(folder: &Path) -> Settings {
    Settings {
        disposable: true,
        tied: false,
        ..Settings::new(folder.join("data"), folder.join("run"))
    }
}

fn guard(folder: &Path, server: u32) -> anyhow::Result<()> {
    Command::new("sh")
        .args(["-c", GUARDIAN, "guardian", &server.to_string()])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .context("starting the guardian of the test server")?;
    Ok(())
}

fn migrations_folder() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .map(|folder| folder.join("migrations"))
        .find(|folder| folder.is_dir())
        .expect("the workspace has migrations")
}

/// A changed migration is another template. It is the folder as it is now, and the tests were built
/// from it just before.
fn digest_of_migrations() -> anyhow::Result<u64> {
    let mut files = Vec::new();
    for migration in fs::read_dir(migrations_folder())? {
        let migration = migration?.path();
        if migration.is_dir() {
            files.extend(fs::read_dir(migration)?.flatten().map(|file| file.path()));
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        hasher.write(file.as_os_str().as_encoded_bytes());
        hasher.write(&fs::read(&file)?);
    }
    Ok(hasher.finish())
}

/// Made under another name and renamed when whole, so that a half migrated one is never cloned.
async fn make_template(address: &Address, template: &str) -> anyhow::Result<()> {
    let server = address.of("postgres");
    let mut conn = AsyncPgConnection::establish(&server).await.context("the test server")?;
    let known = pg_database::table.filter(pg_database::datname.eq(template)).count();
    if known.get_result::<i64>(&mut conn).await? == 1 {
        return Ok(());
    }
    let making = format!("making_{template}");
    conn.batch_execute(&format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)")).await?;
    conn.batch_execute(&format!("CREATE DATABASE {making}")).await?;
    store::migrate::migrate(&address.of(&making)).await?;
    let rename = format!("ALTER DATABASE {making} RENAME TO {template}");
    conn.batch_execute(&rename).await.context("renaming the template")
}

async fn run(url: &str, sql: &str) -> anyhow::Result<()> {
    let mut conn = AsyncPgConnection::establish(url).await?;
    Ok(conn.batch_execute(sql).await?)
}

#[cfg(test)]
mod tests {
    use diesel::{dsl::sql, select, sql_types::BigInt};

    use super::*;

    #[test]
    fn a_given_address_leads_to_any_database() {
        let given = Address::Given("postgres://me:secret@db:5433/postgres?a=b".to_owned());
        assert_eq!(given.of("x"), "postgres://me:secret@db:5433/x?a=b");
        let bare = Address::Given("postgres://me@db".to_owned());
        assert_eq!(bare.of("x"), "postgres://me@db/x?");
    }

    #[tokio::test]
    async fn two_tests_do_not_meet_and_leave_nothing_behind() {
        let (one, two) = (TestDatabase::new().await, TestDatabase::new().await);
        run(one.url(), "CREATE TABLE mine ()").await.unwrap();
        assert!(run(two.url(), "SELECT FROM mine").await.is_err());
        run(two.url(), "SELECT FROM jobs, campaigns").await.expect("it is migrated");
        let name = one.name.clone();
        let pool = one.pool(1);
        let still_connected = pool.get().await.unwrap();
        drop(one);
        drop(still_connected);
        let mut conn = AsyncPgConnection::establish(two.url()).await.unwrap();
        let left = format!("(SELECT count(*) FROM pg_database WHERE datname = '{name}')");
        assert_eq!(select(sql::<BigInt>(&left)).get_result::<i64>(&mut conn).await.unwrap(), 0);
    }
}

#[allow(missing_docs, reason = "PostgreSQL's own catalogue")]
mod catalogue {
    diesel::table! {
        pg_database (datname) {
            datname -> Text,
        }
    }
}
