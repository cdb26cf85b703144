//! Rows of files that a spreadsheet opens (RFC 4180).

/// One row. A cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP,
/// CSV injection).
#[must_use]
pub fn row<T: AsRef<str>>(cells: &[T]) -> Vec<u8> {
    let mut written = Vec::new();
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(&mut written);
    let record = cells.iter().map(|cell| harmless(cell.as_ref()));
    writer.write_record(record).expect("memory takes every byte");
    drop(writer);
    written
}

fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_nor_two_cells() {
        let written = row(&["=1+1", "a;b, \"c\"", "à\nb", ""]);
        assert_eq!(String::from_utf8(written).unwrap(), "'=1+1,\"a;b, \"\"c\"\"\",\"à\nb\",\r\n");
    }
}
