//! docs/asvs.csv says where each requirement of OWASP's ASVS 5.0 is met, and where it is not yet:
//! what it names must exist.

use std::{collections::BTreeSet, fs, path::Path};

const COLUMNS: [&str; 6] = ["requirement", "level", "asked", "status", "evidence", "remark"];
const PROVEN: [&str; 2] = ["met", "partly"];
const UNPROVEN: [&str; 2] = ["not yet", "not applicable"];

fn read(path: &str) -> Option<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).ok()
}

/// Every cell stands between quotes, and none holds any.
fn cells(line: &str) -> Vec<&str> {
    let inner = line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.map(|cells| cells.split("\",\"").collect()).unwrap_or_default()
}

/// `path` or `path::test` that is not there.
fn missing(evidence: &str) -> bool {
    let (path, test) = evidence.split_once("::").unwrap_or((evidence, ""));
    !read(path).is_some_and(|text| test.is_empty() || text.contains(&format!("fn {test}(")))
}

#[test]
fn every_requirement_names_its_proof_or_says_that_it_has_none() {
    let table = read("docs/asvs.csv").expect("the table");
    let mut lines = table.lines();
    assert_eq!(lines.next().map(cells).as_deref(), Some(&COLUMNS[..]));
    let (mut seen, mut faults) = (BTreeSet::new(), Vec::new());
    for line in lines {
        let row = cells(line);
        let [requirement, level, asked, status, evidence, remark] = row[..] else {
            faults.push(format!("six cells between quotes: {line}"));
            continue;
        };
        let proven = PROVEN.contains(&status);
        let known = (proven || UNPROVEN.contains(&status))
            && matches!(level, "1" | "2" | "3")
            && requirement.split('.').filter(|part| part.parse::<u8>().is_ok()).count() == 3
            && seen.insert(requirement.to_owned());
        if !known || asked.is_empty() {
            faults.push(format!("{requirement}: twice, or of another shape"));
        }
        if proven && evidence.is_empty() {
            faults.push(format!("{requirement}: {status}, and nothing shows it"));
        }
        if status == "partly" && remark.is_empty() {
            faults.push(format!("{requirement}: say what is missing"));
        }
        let lost = evidence.split_whitespace().filter(|one| missing(one));
        faults.extend(lost.map(|one| format!("{requirement}: {one} is not there")));
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    assert!(seen.len() > 100, "chapters are missing: {} rows", seen.len());
}
