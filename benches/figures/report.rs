//! What was measured: a table for people, JSON for machines.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::ensure;
use serde_json::{Value, json};

/// What a figure ought to be.
#[derive(Clone, Copy)]
pub enum Aim {
    /// At least so many times its yardstick.
    Share(f64),
    /// At least.
    AtLeast(f64),
    /// Below.
    Below(f64),
}

/// One thing measured.
pub struct Figure {
    key: String,
    label: String,
    unit: &'static str,
    value: f64,
    yardstick: Option<f64>,
    aim: Option<Aim>,
}

/// All that was measured.
#[derive(Default)]
pub struct Report {
    figures: Vec<Figure>,
    facts: BTreeMap<String, Value>,
}

impl Figure {
    fn ratio(&self) -> Option<f64> {
        self.yardstick.map(|yardstick| self.value / yardstick)
    }

    fn is_reached(&self) -> Option<bool> {
        self.aim.map(|aim| match aim {
            Aim::Share(share) => self.ratio().is_some_and(|ratio| ratio >= share),
            Aim::AtLeast(least) => self.value >= least,
            Aim::Below(bound) => self.value < bound,
        })
    }
}

impl Report {
    /// Notes a figure and tells it.
    pub fn note(
        &mut self,
        key: &str,
        label: &str,
        (value, unit): (f64, &'static str),
    ) -> &mut Self {
        println!("  {label} : {value:.1} {unit}");
        self.figures.push(Figure {
            key: key.to_owned(),
            label: label.to_owned(),
            unit,
            value,
            yardstick: None,
            aim: None,
        });
        self
    }

    /// What stands beside the last figure.
    pub fn beside(&mut self, yardstick: f64) -> &mut Self {
        if let Some(figure) = self.figures.last_mut() {
            figure.yardstick = Some(yardstick);
        }
        self
    }

    /// What the last figure ought to be.
    pub fn aim(&mut self, aim: Aim) {
        if let Some(figure) = self.figures.last_mut() {
            figure.aim = Some(aim);
        }
    }

    /// Something worth keeping with the figures.
    pub fn fact(&mut self, name: &str, value: Value) {
        self.facts.insert(name.to_owned(), value);
    }

    /// Prints the table.
    pub fn print(&self) {
        let columns = ["mesure", "valeur", "unité", "étalon", "rapport", "visée", "atteinte"];
        let rows: Vec<[String; 7]> = self.figures.iter().map(row).collect();
        let mut widths = columns.map(|title| title.chars().count());
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        let line = |cells: &[String; 7]| {
            let padded = cells.iter().zip(widths).enumerate().map(|(place, (cell, width))| {
                if place == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            });
            println!("{}", padded.collect::<Vec<_>>().join("  ").trim_end());
        };
        println!();
        line(&columns.map(str::to_owned));
        for row in &rows {
            line(row);
        }
    }

    /// Writes the JSON; refuses a figure that is none.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        for figure in &self.figures {
            let is_one = |value: f64| value.is_finite() && value > 0.0;
            let sound = is_one(figure.value) && figure.yardstick.is_none_or(is_one);
            ensure!(sound, "{} is {} beside {:?}", figure.key, figure.value, figure.yardstick);
        }
        let figures: BTreeMap<&str, Value> = self
            .figures
            .iter()
            .map(|figure| {
                let told = json!({
                    "label": figure.label,
                    "value": figure.value,
                    "unit": figure.unit,
                    "yardstick": figure.yardstick,
                    "ratio": figure.ratio(),
                    "aim_reached": figure.is_reached(),
                });
                (figure.key.as_str(), told)
            })
            .collect();
        let all = json!({ "facts": self.facts, "figures": figures });
        Ok(fs::write(path, serde_json::to_string_pretty(&all)? + "\n")?)
    }
}

fn row(figure: &Figure) -> [String; 7] {
    let aim = match figure.aim {
        Some(Aim::Share(share)) => format!("≥ {share:.2} ×"),
        Some(Aim::AtLeast(least)) => format!("≥ {least}"),
        Some(Aim::Below(bound)) => format!("< {bound}"),
        None => String::new(),
    };
    let reached = match figure.is_reached() {
        Some(true) => "oui",
        Some(false) => "non",
        None => "",
    };
    [
        figure.label.clone(),
        format!("{:.1}", figure.value),
        figure.unit.to_owned(),
        figure.yardstick.map(|yardstick| format!("{yardstick:.1}")).unwrap_or_default(),
        figure.ratio().map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
        aim,
        reached.to_owned(),
    ]
}
