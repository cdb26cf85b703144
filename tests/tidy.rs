//! The rules of the house, as tests: docs/ARCHITECTURE.md says why, these say where.
//!
//! Each failure names the places and how to mend them. A new exception is a line in a list below,
//! so that it is a decision somebody sees.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use serde_json::Value;

/// Which of our packages leans on which. `testkit` may help the tests of any.
const ARROWS: [(&str, &str); 16] = [
    ("domain", ""),
    ("sql", ""),
    ("jobs", "sql"),
    ("ledger", "domain"),
    ("matching", "domain"),
    ("tax", "domain"),
    ("templates", "domain"),
    ("payments", "domain"),
    ("documents", "domain"),
    ("identity", ""),
    ("mail", "domain templates"),
    ("store", "domain ledger matching sql tax"),
    ("actions", "documents domain identity jobs ledger mail matching payments store tax templates"),
    ("workers", "actions domain jobs"),
    ("testkit", "actions documents domain jobs mail payments store"),
    (
        "essaim",
        "actions documents domain identity jobs mail matching payments store tax templates workers",
    ),
];

/// Licences that the AGPL can live with.
const LICENCES: &str = "MIT Apache-2.0 BSD-2-Clause BSD-3-Clause ISC Zlib 0BSD CC0-1.0 BSL-1.0 \
                        Unlicense Unicode-3.0 CDLA-Permissive-2.0 MPL-2.0 AGPL-3.0-or-later";

/// The exact packages: what they compute must be the same everywhere, always.
const EXACT: [&str; 4] = ["crates/domain", "crates/ledger", "crates/matching", "crates/tax"];

/// Templates that may write text as it is, because it is HTML that we have already cleaned.
const UNESCAPED: [&str; 1] = ["templates/letters/update/body.html.hbs"];

static ROOT: LazyLock<PathBuf> = LazyLock::new(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));

/// Every file that is, or is about to be, in the repository, by its path.
static FILES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let listing = run("git", &["ls-files", "--cached", "--others", "--exclude-standard"]);
    listing.lines().map(str::to_owned).filter(|path| ROOT.join(path).is_file()).collect()
});

static METADATA: LazyLock<Value> = LazyLock::new(|| {
    let version = run("rustc", &["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc has one");
    let fixed = ["metadata", "--offline", "--format-version", "1", "--filter-platform"];
    let json = run(env!("CARGO"), &[&fixed[..], &[host]].concat());
    serde_json::from_str(&json).expect("cargo writes JSON")
});

fn run(program: &str, arguments: &[&str]) -> String {
    let output =
        Command::new(program).args(arguments).current_dir(&*ROOT).output().expect("it starts");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {complaint}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn read(path: &str) -> String {
    fs::read_to_string(ROOT.join(path)).unwrap_or_default()
}

fn ends_with(path: &str, extensions: &[&str]) -> bool {
    let extension = Path::new(path).extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| extensions.contains(&extension))
}

fn rust_files() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(String::as_str).filter(|path| ends_with(path, &["rs"]))
}

/// Lines of some files that break a rule, as `path:line: text`.
fn offenders<'a>(
    files: impl Iterator<Item = &'a str>,
    breaks: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut found = Vec::new();
    for path in files {
        for (number, line) in read(path).lines().enumerate() {
            if breaks(line) {
                let shown: String = line.trim().chars().take(90).collect();
                found.push(format!("{path}:{}: {shown}", number + 1));
            }
        }
    }
    found
}

fn nothing(found: &[String], how_to_mend: &str) {
    assert!(found.is_empty(), "\n{}\n\n{how_to_mend}\n", found.join("\n"));
}

fn has_any(line: &str, words: &[&str]) -> bool {
    words.iter().any(|word| line.contains(word))
}

fn packages() -> &'static [Value] {
    METADATA["packages"].as_array().expect("a list")
}

fn ours() -> impl Iterator<Item = &'static Value> {
    packages().iter().filter(|package| package["source"].is_null())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn short(name: &str) -> &str {
    name.strip_prefix("essaim-").unwrap_or(name)
}

/// What one of our packages leans on, among ours (`in_tests`) and beside the tests.
fn leans_on(package: &'static Value, in_tests: bool) -> BTreeSet<&'static str> {
    let names: BTreeSet<&str> = ours().map(|package| text(&package["name"])).collect();
    let dependencies = package["dependencies"].as_array().expect("a list").iter();
    dependencies
        .filter(|dependency| (dependency["kind"] == "dev") == in_tests)
        .map(|dependency| text(&dependency["name"]))
        .filter(|name| names.contains(name))
        .map(short)
        .collect()
}

#[test]
fn packages_lean_only_on_those_they_may() {
    let mut listed: BTreeMap<&str, BTreeSet<&str>> =
        ARROWS.iter().map(|(from, to)| (*from, to.split_whitespace().collect())).collect();
    for package in ours() {
        let name = short(text(&package["name"]));
        let allowed = listed.remove(name).unwrap_or_else(|| panic!("add {name} to ARROWS"));
        assert_eq!(
            leans_on(package, false),
            allowed,
            "{name} leans on the left; ARROWS allows the right. A new arrow points down the \
             drawing of docs/ARCHITECTURE.md, or the code belongs elsewhere."
        );
        let mut in_tests = leans_on(package, true);
        in_tests.remove("testkit");
        assert!(
            in_tests.is_subset(&allowed),
            "{name}: its tests lean on {in_tests:?}; use testkit"
        );
    }
    assert!(listed.is_empty(), "remove from ARROWS: {listed:?}");
}

#[test]
fn pages_do_not_know_how_anything_is_done() {
    let pages = rust_files().filter(|path| path.starts_with("src/web/"));
    let others = "jobs payments mail documents identity matching tax ledger";
    let found = offenders(pages, |line| {
        let import = line.trim_start().strip_prefix("use ").unwrap_or_default();
        others.split(' ').any(|other| import.starts_with(&format!("{other}::")))
    });
    nothing(&found, "Ask `actions` or read the `store`; pipes are wired at boot.");
}

/// Whether a licence expression can be met from our list: each part of an AND needs one side of its
/// OR. Parentheses are not read, which can refuse too much, never too little.
fn permitted(expression: &str) -> bool {
    let alternatives = expression.replace('/', " OR ").replace(['(', ')'], "");
    alternatives.split(" AND ").all(|part| {
        part.split(" OR ").any(|licence| {
            // An exception (`WITH`) only ever permits more.
            let licence = licence.split(" WITH ").next().unwrap_or_default().trim();
            LICENCES.split_whitespace().any(|known| known == licence)
        })
    })
}

#[test]
fn licence_expressions_are_understood() {
    assert!(permitted("MIT/Apache-2.0") && permitted("GPL-3.0-only OR MIT"));
    assert!(permitted("(MIT OR Apache-2.0) AND Unicode-3.0"));
    assert!(permitted("Apache-2.0 WITH LLVM-exception"));
    assert!(!permitted("MIT AND GPL-2.0-only") && !permitted("SSPL-1.0") && !permitted(""));
}

#[test]
fn every_dependency_has_a_licence_we_can_live_with() {
    let refused = packages().iter().filter(|package| !permitted(text(&package["license"])));
    let named = |package: &Value| format!("{}: {}", package["name"], package["license"]);
    let found: Vec<String> = refused.map(named).collect();
    nothing(&found, "Do without it, or add its licence to LICENCES after reading it.");
}

#[test]
fn some_packages_stay_out() {
    let banned = ["aws-lc-sys", "aws-lc-rs", "openssl-sys", "native-tls"];
    let mut found: Vec<String> = packages()
        .iter()
        .map(|package| text(&package["name"]).to_owned())
        .filter(|name| banned.contains(&name.as_str()))
        .collect();
    for package in ours() {
        let mut dependencies = package["dependencies"].as_array().expect("a list").iter();
        if dependencies.any(|dependency| dependency["name"] == "chrono") {
            found.push(format!("{} → chrono", text(&package["name"])));
        }
    }
    nothing(
        &found,
        "TLS is rustls with ring: find who switches the other on (`cargo tree -i NAME`) and take \
         the feature away. Dates are `time`, civil reckoning is `jiff`.",
    );
}

#[test]
fn rust_fits_on_a_screen() {
    let mut found = offenders(rust_files(), |line| line.chars().count() > 100);
    for path in rust_files().filter(|path| *path != "crates/store/src/schema.rs") {
        let lines = read(path).lines().count();
        if lines > 400 {
            found.push(format!("{path}: {lines} lines"));
        }
    }
    nothing(
        &found,
        "Break lines over 100 columns; a file over 400 lines holds two things: split it.",
    );
}

#[test]
fn names_say_what_a_file_holds() {
    let vague = "utils util helpers helper common misc manager";
    let is_vague = |path: &&str| {
        let mut names = path.split('/').filter_map(|part| part.split('.').next());
        names.any(|name| vague.split(' ').any(|word| word == name))
    };
    let found: Vec<String> = rust_files().filter(is_vague).map(str::to_owned).collect();
    nothing(&found, "Name a file after the noun, the rule or the verb in it.");
}

#[test]
fn sql_stays_in_store_and_jobs() {
    let homes = ["crates/store/", "crates/jobs/", "crates/testkit/", "tests/"];
    let elsewhere = rust_files().filter(|path| {
        !homes.iter().any(|home| path.starts_with(home)) && !path.contains("/tests/")
    });
    let sql = ["sql_query(", "\"SELECT ", "\"INSERT INTO ", "\"UPDATE ", "\"DELETE FROM "];
    let found = offenders(elsewhere, |line| has_any(line, &sql));
    nothing(&found, "Write the query in crates/store/src, in the file of its noun, and call it.");
}

#[test]
fn nouns_and_rules_have_no_clock() {
    let sources = rust_files()
        .filter(|path| EXACT.iter().any(|home| path.starts_with(&format!("{home}/src/"))));
    let clocks = "now_utc() now_local() SystemTime::now Instant::now Timestamp::now Zoned::now";
    let found = offenders(sources, |line| clocks.split(' ').any(|clock| line.contains(clock)));
    nothing(&found, "Time is an argument: let the caller pass `now`.");
}

#[test]
fn every_package_introduces_itself() {
    let mut found = Vec::new();
    for manifest in FILES.iter().filter(|path| path.ends_with("/Cargo.toml")) {
        let home = manifest.trim_end_matches("/Cargo.toml");
        if read(&format!("{home}/README.md")).trim().is_empty() {
            found.push(format!("{home}/README.md: missing"));
        }
        let source = read(&format!("{home}/src/lib.rs"));
        for line in ["#![doc = include_str!(\"../README.md\")]", "#![warn(missing_docs)]"] {
            if !source.contains(line) {
                found.push(format!("{home}/src/lib.rs: no {line}"));
            }
        }
        let exact = ["float_arithmetic", "as_conversions", "arithmetic_side_effects"];
        if EXACT.contains(&home) && !exact.iter().all(|lint| source.contains(lint)) {
            found.push(format!("{home}/src/lib.rs: deny {exact:?}"));
        }
    }
    nothing(&found, "One page a package: what it holds, what it must never know, an example.");
}

#[test]
fn every_migration_can_be_undone() {
    let folders: BTreeSet<&str> = FILES
        .iter()
        .filter_map(|path| path.strip_prefix("migrations/")?.split_once('/'))
        .map(|(folder, _)| folder)
        .collect();
    assert!(!folders.is_empty(), "no migrations found");
    let mut found = Vec::new();
    for folder in folders {
        for half in ["up.sql", "down.sql"] {
            if read(&format!("migrations/{folder}/{half}")).trim().is_empty() {
                found.push(format!("migrations/{folder}/{half}"));
            }
        }
        if !folder.starts_with(|first: char| first.is_ascii_digit()) {
            found.push(format!("migrations/{folder}: begins with no number"));
        }
    }
    nothing(
        &found,
        "A migration is a numbered folder with an up.sql and the down.sql that undoes it.",
    );
}

/// Files a person writes: not lock files, licences of others, nor anything that is not text.
fn written() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(String::as_str).filter(|path| {
        let name = path.rsplit('/').next().unwrap_or_default();
        let generated = ["Cargo.lock", "package-lock.json", "LICENSE", "OFL.txt"];
        !generated.contains(&name) && !ends_with(path, &["woff2", "ttf", "otf", "png", "gz", "pdf"])
    })
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("#[ig", "nore")];
    // A test may look for the word in what it reads.
    let quoted = format!("\"{}\"", marks[0]);
    let found = offenders(written(), |line| has_any(line, &marks) && !line.contains(&quoted));
    nothing(&found, "Do it, open an issue, or delete it; a test that never runs proves nothing.");
}

#[test]
fn the_project_stands_alone() {
    let places = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    let neighbour = concat!("sha", "red/");
    let from_outside = |line: &str| {
        line.split(neighbour).collect::<Vec<_>>().windows(2).any(|pair| {
            !pair[0].ends_with(|before: char| before.is_alphanumeric() || "-_".contains(before))
        })
    };
    let files = written().filter(|path| *path != ".ci/run");
    let found = offenders(files, |line| has_any(line, &places) || from_outside(line));
    nothing(&found, "Copy what is needed into the repository; name no folder of one machine.");
}

#[test]
fn people_read_no_em_dash() {
    let words = FILES.iter().map(String::as_str).filter(|path| {
        path.starts_with("templates/")
            && ends_with(path, &["hbs", "typ", "ftl", "html", "txt", "md"])
    });
    let found = offenders(words, |line| line.contains('\u{2014}'));
    nothing(&found, "Use a comma, a colon or a new sentence.");
}

#[test]
fn templates_escape_what_they_write() {
    let templates = FILES.iter().map(String::as_str).filter(|path| ends_with(path, &["hbs"]));
    let raw = |line: &str| has_any(line, &["{{{", "{{&"]);
    let found: Vec<String> = offenders(templates, raw)
        .into_iter()
        .filter(|place| !UNESCAPED.iter().any(|path| place.starts_with(&format!("{path}:"))))
        .collect();
    nothing(
        &found,
        "Write {{…}}; only HTML that we cleaned may stand as it is: then list the template.",
    );
    let needless = UNESCAPED.iter().filter(|path| !read(path).lines().any(raw));
    let found: Vec<String> = needless.map(|path| (*path).to_owned()).collect();
    nothing(&found, "Remove from UNESCAPED.");
}

#[test]
fn documents_name_places_that_exist() {
    let rooms = "src/ crates/ templates/ workers/ migrations/ tests/ demo/ deploy/ docs/ script/";
    let mut found = Vec::new();
    for page in FILES.iter().filter(|path| ends_with(path, &["md"])) {
        let text = read(page);
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        let links = links.filter(|link| !link.contains(':'));
        let named = text.split('`').skip(1).step_by(2).filter(|word| {
            !word.contains(char::is_whitespace)
                && rooms.split(' ').any(|room| word.starts_with(room))
        });
        let home = ROOT.join(page).parent().map(Path::to_path_buf).unwrap_or_default();
        for place in links.chain(named) {
            if !home.join(place).exists() && !ROOT.join(place).exists() {
                found.push(format!("{page}: {place}"));
            }
        }
    }
    nothing(&found, "The page or the code is wrong: mend the one that is.");
}
