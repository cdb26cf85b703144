//! Three layers of settings folded into one table, and a reader that keeps every fault.

use std::{collections::BTreeMap, str::FromStr};

use toml::{Table, Value};

use super::fault::{Fault, Faults, Problem};

/// Every setting with its default, documented.
pub const DEFAULTS: &str = include_str!("../../deploy/essaim.defaults.toml");

/// Variables read elsewhere: the file below, the crash points of the tests.
const NOT_SETTINGS: &[&str] = &["ESSAIM_CONFIG", "ESSAIM_CRASH_AT"];

/// Where settings come from besides the defaults.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Content of the file named by `ESSAIM_CONFIG`.
    pub file: Option<String>,
    /// Environment variables, all of them.
    pub variables: BTreeMap<String, String>,
}

impl Sources {
    /// Reads the environment of this process and the file it names.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn of_process() -> Result<Self, Faults> {
        let variables: BTreeMap<String, String> = std::env::vars().collect();
        let file = match variables.get("ESSAIM_CONFIG").filter(|path| !path.is_empty()) {
            None => None,
            Some(path) => Some(std::fs::read_to_string(path).map_err(|error| {
                let problem = Problem::Unreadable(error.to_string());
                Faults(vec![Fault { setting: "ESSAIM_CONFIG".into(), problem }])
            })?),
        };
        Ok(Self { file, variables })
    }

    /// Sets one variable, over what the environment says.
    #[must_use]
    pub fn with(mut self, variable: &str, value: impl Into<String>) -> Self {
        self.variables.insert(variable.into(), value.into());
        self
    }
}

/// Reads typed settings out of the folded table and keeps every fault on the way.
pub(super) struct Settings {
    table: Table,
    defaults: Table,
    /// What is wrong so far.
    pub faults: Vec<Fault>,
}

impl Settings {
    pub fn fold(sources: &Sources) -> Self {
        let defaults: Table = DEFAULTS.parse().expect("the embedded defaults are tested");
        let mut settings = Self { table: defaults.clone(), defaults, faults: Vec::new() };
        if let Some(file) = &sources.file {
            match file.parse::<Table>() {
                Ok(layer) => settings.overlay(layer),
                Err(error) => {
                    let problem = Problem::Unreadable(error.message().to_owned());
                    settings.fault("ESSAIM_CONFIG", problem);
                }
            }
        }
        settings.overlay_variables(&sources.variables);
        settings
    }

    fn overlay(&mut self, layer: Table) {
        for (path, value) in leaves("", &layer) {
            match lookup(&self.defaults, &path) {
                None => self.fault(&path, Problem::Unknown),
                Some(default) if !same_kind(default, &value) => {
                    let expected = kind(default);
                    self.fault(&path, Problem::Expected(expected));
                }
                Some(_) => put(&mut self.table, &path, value),
            }
        }
    }

    fn overlay_variables(&mut self, variables: &BTreeMap<String, String>) {
        let paths: BTreeMap<String, (String, Value)> = leaves("", &self.defaults)
            .into_iter()
            .map(|(path, default)| (variable_of(&path), (path, default)))
            .collect();
        for (twin, ours) in
            [("DATABASE_URL", "ESSAIM_DATABASE_URL"), ("REDIS_URL", "ESSAIM_REDIS_URL")]
        {
            if let (Some(value), None) = (variables.get(twin), variables.get(ours)) {
                let (path, _) = &paths[ours];
                put(&mut self.table, path, Value::String(value.clone()));
            }
        }
        for (name, text) in variables.iter().filter(|(name, _)| name.starts_with("ESSAIM_")) {
            match paths.get(name) {
                None if NOT_SETTINGS.contains(&name.as_str()) => {}
                None => self.fault(name, Problem::Unknown),
                Some((path, default)) => match parse_like(default, text) {
                    Some(value) => put(&mut self.table, path, value),
                    None => self.fault(path, Problem::Expected(kind(default))),
                },
            }
        }
    }

    pub fn fault(&mut self, setting: &str, problem: Problem) {
        self.faults.push(Fault { setting: setting.into(), problem });
    }

    /// A text, perhaps empty.
    pub fn text(&self, path: &str) -> String {
        lookup(&self.table, path).and_then(Value::as_str).unwrap_or_default().trim().to_owned()
    }

    /// A text, or nothing when it is empty.
    pub fn optional(&self, path: &str) -> Option<String> {
        Some(self.text(path)).filter(|text| !text.is_empty())
    }

    pub fn flag(&self, path: &str) -> bool {
        lookup(&self.table, path).and_then(Value::as_bool).unwrap_or_default()
    }

    /// A number within its bounds; outside, the lowest and a fault.
    pub fn number<N: TryFrom<i64> + Default>(&mut self, path: &str, low: i64, high: i64) -> N {
        let number = lookup(&self.table, path).and_then(Value::as_integer).unwrap_or_default();
        if !(low..=high).contains(&number) {
            self.fault(path, Problem::OutOfBounds(low, high));
            return N::default();
        }
        N::try_from(number).unwrap_or_default()
    }

    /// A value that has its own way of being read.
    pub fn parsed<T: FromStr>(&mut self, path: &str, expected: &'static str) -> Option<T> {
        let value = self.text(path).parse().ok();
        if value.is_none() {
            self.fault(path, Problem::Expected(expected));
        }
        value
    }

    /// A list of values, each with its own way of being read.
    pub fn list<T: FromStr>(&mut self, path: &str, expected: &'static str) -> Vec<T> {
        let texts: Vec<String> = lookup(&self.table, path)
            .and_then(Value::as_array)
            .map(|list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default();
        let values: Vec<T> = texts.iter().filter_map(|text| text.trim().parse().ok()).collect();
        if values.len() != texts.len() {
            self.fault(path, Problem::Expected(expected));
        }
        values
    }

    /// True while a setting still has its default.
    pub fn is_default(&self, path: &str) -> bool {
        lookup(&self.table, path) == lookup(&self.defaults, path)
    }
}

fn variable_of(path: &str) -> String {
    format!("ESSAIM_{}", path.replace('.', "_").to_uppercase())
}

fn leaves(prefix: &str, table: &Table) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (key, value) in table {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            Value::Table(inner) => found.extend(leaves(&path, inner)),
            other => found.push((path, other.clone())),
        }
    }
    found
}

fn lookup<'a>(table: &'a Table, path: &str) -> Option<&'a Value> {
    match path.split_once('.') {
        None => table.get(path).filter(|value| !value.is_table()),
        Some((section, key)) => table.get(section)?.as_table()?.get(key),
    }
}

fn put(table: &mut Table, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            table.insert(path.into(), value);
        }
        Some((section, key)) => {
            if let Some(inner) = table.get_mut(section).and_then(Value::as_table_mut) {
                inner.insert(key.into(), value);
            }
        }
    }
}

fn same_kind(default: &Value, value: &Value) -> bool {
    match (default, value) {
        (Value::Array(_), Value::Array(list)) => list.iter().all(Value::is_str),
        _ => default.same_type(value),
    }
}

fn parse_like(default: &Value, text: &str) -> Option<Value> {
    let text = text.trim();
    match default {
        Value::Boolean(_) => text.parse().ok().map(Value::Boolean),
        Value::Integer(_) => text.parse().ok().map(Value::Integer),
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Some(Value::Array(items.map(|item| Value::String(item.into())).collect()))
        }
        _ => Some(Value::String(text.into())),
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Boolean(_) => "true ou false",
        Value::Integer(_) => "un nombre entier",
        Value::Array(_) => "une liste",
        _ => "un texte",
    }
}
