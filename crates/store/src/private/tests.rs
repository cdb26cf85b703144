//! With a real PostgreSQL. As root the server runs as `postgres`; else as who runs the tests.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::{MetadataExt, PermissionsExt},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::*;

const HOLD: &str = "ESSAIM_TEST_HOLD_SERVER";
const FREE: &str = "ESSAIM_TEST_UNTIED";

/// A folder that other users may enter, as root's server must.
fn open_dir() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

fn settings(dir: &Path) -> Settings {
    let disposable = true;
    Settings { disposable, ..Settings::new(dir.join("data"), dir.join("run")) }
}

async fn answer(url: &str, question: &str) -> String {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.query_one(question, &[]).await.unwrap().get(0)
}

fn runs(pid: u32) -> bool {
    running_file::is_alive(Pid::from_raw(pid.cast_signed()).unwrap())
}

fn wait_until_gone(pid: u32) {
    let began = Instant::now();
    while runs(pid) {
        assert!(began.elapsed() < Duration::from_secs(20), "process {pid} is still there");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// True for root; else says on the terminal what was left out.
fn root_or_say(what: &str) -> bool {
    if !is_root() {
        eprintln!("*** NOT TESTED, needs root: {what} ***");
    }
    is_root()
}

/// Run again by other tests as a process of its own, it holds its server until it is killed.
#[tokio::test]
async fn a_server_answers_and_stops_when_told() {
    let held = std::env::var_os(HOLD).map(PathBuf::from);
    let dir = open_dir();
    let mut settings = settings(held.as_deref().unwrap_or(dir.path()));
    settings.tied = std::env::var_os(FREE).is_none();
    let running = PrivatePostgres::start_with(settings).await.unwrap();
    let url = running.database("essaim").await.unwrap();
    assert_eq!(answer(&url, "SELECT current_database()::text").await, "essaim");
    assert_eq!(running.database("essaim").await.unwrap(), url, "asked twice, made once");
    assert_eq!(answer(&url, "SELECT current_setting('listen_addresses')").await, "");
    if held.is_some() {
        println!("\nready {}", running.pid());
        std::future::pending::<()>().await;
    }
    let (pid, data) = (running.pid(), dir.path().join("data"));
    let owner = fs::metadata(&data).unwrap();
    assert_eq!(owner.mode() & 0o777, 0o700);
    let me = rustix::process::geteuid().as_raw();
    assert_eq!(owner.uid() == me, !is_root(), "root's server is not root's");
    running.stop().await;
    assert!(!runs(pid));
    assert!(!data.join("postmaster.pid").exists(), "it ended in good order");
}

/// This test program, as another process that holds a server in `dir`.
fn hold_server(dir: &Path, mut command: Command) -> (Child, u32) {
    let name = "private::tests::a_server_answers_and_stops_when_told";
    command.args(["--exact", name, "--nocapture"]).env(HOLD, dir).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let pid = lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("ready ").and_then(|pid| pid.parse().ok()));
    (child, pid.expect("the other process says that its server is ready"))
}

fn this_program() -> Command {
    Command::new(std::env::current_exe().unwrap())
}

#[tokio::test]
async fn killed_with_9_we_leave_no_server_behind() {
    let dir = open_dir();
    let (mut holder, pid) = hold_server(dir.path(), this_program());
    assert!(runs(pid));
    holder.kill().unwrap();
    holder.wait().unwrap();
    // The next start does not take the dying one for a living one.
    let running = PrivatePostgres::start_with(settings(dir.path())).await.unwrap();
    assert!(!running.was_adopted());
    wait_until_gone(pid);
    let there = answer(&running.url("essaim"), "SELECT current_database()::text").await;
    assert_eq!(there, "essaim", "what was there is still there");
}

#[tokio::test]
async fn without_setpriv_the_next_start_takes_the_survivor_over_and_stops_it() {
    let dir = open_dir();
    let mut program = this_program();
    program.env(FREE, "1");
    let (mut holder, pid) = hold_server(dir.path(), program);
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert!(runs(pid), "it survived");
    let running = PrivatePostgres::start_with(settings(dir.path())).await.unwrap();
    assert!(running.was_adopted());
    assert_eq!(running.pid(), pid);
    let there = answer(&running.url("essaim"), "SELECT current_database()::text").await;
    assert_eq!(there, "essaim");
    drop(running);
    assert!(!runs(pid), "dropping stops it");
}

#[tokio::test]
async fn a_server_that_was_killed_itself_is_reported_and_starts_again() {
    let dir = open_dir();
    let running = PrivatePostgres::start_with(settings(dir.path())).await.unwrap();
    running.database("essaim").await.unwrap();
    kill_process(Pid::from_raw(running.pid().cast_signed()).unwrap(), Signal::KILL).unwrap();
    let why = running.ended().await;
    assert!(matches!(why, PrivateError::Ended { .. }), "{why}");
    drop(running);
    let again = PrivatePostgres::start_with(settings(dir.path())).await.unwrap();
    let there = answer(&again.url("essaim"), "SELECT current_database()::text").await;
    assert_eq!(there, "essaim");
}

#[tokio::test]
async fn an_ordinary_user_needs_no_root() {
    if !root_or_say("becoming nobody (but the other tests have just run as an ordinary user)") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).unwrap();
    // Built under root's home it would be out of nobody's reach.
    let program = dir.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut nobody = Command::new("setpriv");
    nobody.args(["--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--"]);
    nobody.arg(program).env("TMPDIR", dir.path());
    let (mut holder, pid) = hold_server(dir.path(), nobody);
    let server = fs::metadata(format!("/proc/{pid}")).unwrap().uid();
    let user = fs::read_to_string("/etc/passwd").unwrap();
    assert!(user.lines().any(|line| line.starts_with(&format!("nobody:x:{server}:"))));
    holder.kill().unwrap();
    holder.wait().unwrap();
    wait_until_gone(pid);
}

#[tokio::test]
async fn a_folder_out_of_reach_of_the_servers_user_is_named() {
    if !root_or_say("a folder that only root may enter") {
        return;
    }
    let dir = open_dir();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let error = PrivatePostgres::start_with(settings(dir.path())).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("postgres") && text.contains(dir.path().to_str().unwrap()), "{text}");
}

#[tokio::test]
async fn no_postgresql_is_said_before_anything_is_made() {
    let dir = open_dir();
    let empty = Search { named: None, path: vec![], versioned: Some(dir.path().join("nothing")) };
    let settings = Settings { search: empty, ..settings(dir.path()) };
    let error = PrivatePostgres::start_with(settings).await.unwrap_err();
    assert!(matches!(error, PrivateError::Missing), "{error}");
    assert!(!dir.path().join("data").exists());
}

#[tokio::test]
async fn another_major_version_is_refused_and_both_are_named() {
    let dir = open_dir();
    let settings = settings(dir.path());
    fs::create_dir(&settings.data_dir).unwrap();
    fs::write(settings.data_dir.join("PG_VERSION"), "12\n").unwrap();
    let installed = settings.search.find(None).unwrap().major;
    let text = PrivatePostgres::start_with(settings).await.unwrap_err().to_string();
    assert!(text.contains("PostgreSQL 12") && text.contains("postgresql-12"), "{text}");
    assert!(text.contains(&format!("PostgreSQL {installed}")), "{text}");
}

#[tokio::test]
async fn two_of_us_do_not_share_one_server() {
    let dir = open_dir();
    let first = PrivatePostgres::start_with(settings(dir.path())).await.unwrap();
    let error = PrivatePostgres::start_with(settings(dir.path())).await.unwrap_err();
    assert!(matches!(error, PrivateError::InUse(_)), "{error}");
    assert!(runs(first.pid()), "the first is not disturbed");
}

#[tokio::test]
async fn odd_socket_folders_work_and_long_ones_are_refused() {
    let dir = open_dir();
    let odd = dir.path().join("l'été, \"ici\" 100%");
    let settings = Settings { socket_dir: odd, ..settings(dir.path()) };
    let running = PrivatePostgres::start_with(settings.clone()).await.unwrap();
    let url = running.database("essaim").await.unwrap();
    assert_eq!(answer(&url, "SELECT 'là'::text").await, "là");
    running.stop().await;
    let long = Settings { socket_dir: dir.path().join("x".repeat(90)), ..settings };
    let error = PrivatePostgres::start_with(long).await.unwrap_err();
    assert!(matches!(error, PrivateError::TooLong(_)), "{error}");
}

/// A small disk of its own; taken away at the end.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount(size: &str) -> Option<Self> {
        let dir = open_dir();
        let options = format!("size={size},mode=755");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(dir.path());
        if mount.status().is_ok_and(|status| status.success()) {
            return Some(Self(dir));
        }
        eprintln!("*** NOT TESTED, may not mount here: a full disk ***");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0.path()).status());
    }
}

#[tokio::test]
async fn a_full_disk_is_named_and_a_freed_one_serves() {
    if !root_or_say("a full disk") {
        return;
    }
    let Some(tiny) = SmallDisk::mount("8m") else { return };
    let error = PrivatePostgres::start_with(settings(tiny.0.path())).await.unwrap_err();
    assert!(matches!(error, PrivateError::DiskFull(_)), "{error}");
    assert!(error.to_string().contains("est plein"), "{error}");

    let Some(small) = SmallDisk::mount("100m") else { return };
    let running = PrivatePostgres::start_with(settings(small.0.path())).await.unwrap();
    running.database("essaim").await.unwrap();
    running.stop().await;
    let filler = small.0.path().join("filler");
    let mut dd = Command::new("dd");
    dd.args(["if=/dev/zero", "bs=4k"]).arg(format!("of={}", filler.display()));
    assert!(!dd.stderr(Stdio::null()).status().unwrap().success(), "the disk is full");
    let error = PrivatePostgres::start_with(settings(small.0.path())).await.unwrap_err();
    assert!(matches!(error, PrivateError::DiskFull(_)), "{error}");

    fs::remove_file(filler).unwrap();
    let running = PrivatePostgres::start_with(settings(small.0.path())).await.unwrap();
    let there = answer(&running.url("essaim"), "SELECT current_database()::text").await;
    assert_eq!(there, "essaim", "nothing was lost");
}
