//! Places where a process may be killed in a test, to prove that nothing is lost.

/// Aborts the process when the environment names this point; nothing in a release build.
pub(crate) fn crash_point(name: &str) {
    #[cfg(debug_assertions)]
    if std::env::var("ESSAIM_CRASH_AT").is_ok_and(|at| at == name) {
        tracing::error!(crash_point = name, "aborting as asked");
        std::process::abort();
    }
    #[cfg(not(debug_assertions))]
    let _ = name;
}
