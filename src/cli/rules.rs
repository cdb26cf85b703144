//! A pure computation: a file in, JSON out, exit 2 and nothing on standard output when the
//! file cannot be used.

use std::{fs, io::Write, path::Path, process::ExitCode};

use serde_json::Value;

const UNUSABLE: u8 = 2;

/// `essaim tax evaluate FILE`, and with `--check`
pub fn evaluate_tax(file: &Path, params: Option<&Path>, check: bool) -> ExitCode {
    let other = match params.map(|path| (path, fs::read_to_string(path))) {
        None => None,
        Some((path, Err(error))) => return unusable(path, &error.to_string()),
        Some((path, Ok(text))) => match tax::Parameters::parse(&text) {
            Ok(parameters) => Some(parameters),
            Err(error) => return unusable(path, &error.to_string()),
        },
    };
    let parameters = other.as_ref().unwrap_or_else(|| tax::Parameters::french());
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => return unusable(file, &error.to_string()),
    };
    if check {
        return check_tax(file, &text, parameters);
    }
    match tax::cases::evaluate(&text, parameters) {
        Ok(answer) => print(&answer),
        Err(error) => unusable(file, &error.to_string()),
    }
}

fn check_tax(file: &Path, text: &str, parameters: &tax::Parameters) -> ExitCode {
    let report = match tax::cases::check(text, parameters) {
        Ok(report) => report,
        Err(error) => return unusable(file, &error.to_string()),
    };
    let shown = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
    for difference in &report.differences {
        let (expected, found) = (shown(&difference.expected), shown(&difference.found));
        println!("{} {} : {expected} ≠ {found}", difference.case, difference.path);
    }
    let differing = report.differences.len();
    println!("{} cas, {differing} différences", report.cases);
    if report.is_equal() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Writes an answer on standard output; a reader who went away is a failure.
pub fn print(answer: &Value) -> ExitCode {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{answer}").and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Says what is wrong with a file, on standard error only.
pub fn unusable(file: &Path, error: &str) -> ExitCode {
    eprintln!("{} : {error}", file.display());
    ExitCode::from(UNUSABLE)
}
