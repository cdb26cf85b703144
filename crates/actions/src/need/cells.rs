//! A file of rows, each cell with its line and column.

use csv::ReaderBuilder;
use templates::pages::need::{Fault, Wrong};

/// Cells of one row.
const WIDEST: usize = 2_000;

/// A row that is not empty.
pub(super) struct Row {
    line: u64,
    record: csv::StringRecord,
}

/// A cell, without the spaces around it; one that is not there is empty.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub line: u64,
    /// From 0.
    pub column: usize,
    pub text: &'a str,
}

impl Cell<'_> {
    pub fn fault(&self, wrong: Wrong) -> Fault {
        let column = u64::try_from(self.column).unwrap_or_default().saturating_add(1);
        let typed = self.text.chars().take(60).collect();
        Fault { line: Some(self.line), column: Some(column), typed, wrong }
    }
}

impl Row {
    pub fn cell(&self, column: usize) -> Cell<'_> {
        let text = self.record.get(column).unwrap_or_default().trim();
        Cell { line: self.line, column, text }
    }

    /// Cells up to the last that is not empty.
    pub fn len(&self) -> usize {
        let full = (1..).zip(self.record.iter()).filter(|(_, cell)| !cell.trim().is_empty());
        full.map(|(place, _)| place).last().unwrap_or_default()
    }

    pub fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        (0..self.len()).map(|column| self.cell(column))
    }
}

/// The rows of a file in UTF-8, its cells parted by semicolons, commas or tabs: by what its first
/// line has first.
pub(super) fn rows(file: &[u8]) -> Result<Vec<Row>, Fault> {
    let mut rows = Vec::new();
    each_row(file, |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

/// The same, a row at a time.
pub(super) fn each_row(
    file: &[u8],
    mut row: impl FnMut(Row) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let separators = file.iter().find(|byte| [b';', b',', b'\t', b'\n'].contains(byte));
    let separator = separators.copied().filter(|byte| *byte != b'\n').unwrap_or(b';');
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(file);
    let mut any = false;
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map(|at| line_of(file, at));
            Fault { line, ..Fault::of_file(Wrong::NotText) }
        })?;
        let line = record.position().map_or(1, |at| line_of(file, at));
        let found = Row { line, record };
        if found.record.len() > WIDEST {
            return Err(found.cell(WIDEST).fault(Wrong::TooMany { most: WIDEST }));
        }
        if found.len() > 0 {
            any = true;
            row(found)?;
        }
    }
    if any { Ok(()) } else { Err(Fault::of_file(Wrong::Empty)) }
}

/// The line on which a row begins: empty lines before it are those of nobody.
fn line_of(file: &[u8], at: &csv::Position) -> u64 {
    let before = usize::try_from(at.byte()).unwrap_or(usize::MAX);
    let gap = file.get(before..).unwrap_or_default().iter();
    let gap = gap.take_while(|byte| [b'\r', b'\n'].contains(byte));
    let lines = gap.filter(|byte| **byte == b'\n').count();
    at.line().saturating_add(u64::try_from(lines).unwrap_or_default())
}
