//! What the sandbox remembers between two runs: one JSON line for each change, appended.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

use super::world::{Record, World};

#[derive(Debug)]
pub struct StateFile {
    file: File,
}

impl StateFile {
    /// Reads what is there into `world`. A last line that was cut off is dropped, whole: its change
    /// was never answered.
    pub fn open(path: &Path, world: &mut World) -> std::io::Result<Self> {
        let mut options = OpenOptions::new();
        let mut file = options.read(true).write(true).create(true).truncate(false).open(path)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        for line in text[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let records: Vec<Record> = serde_json::from_slice(line)?;
            for record in records {
                world.put(record, false);
            }
        }
        let length = u64::try_from(whole).map_err(std::io::Error::other)?;
        file.set_len(length)?;
        file.seek(SeekFrom::Start(length))?;
        world.forget_told();
        Ok(Self { file })
    }

    /// Appends one change: all of it is on one line, so that it is there whole or not at all.
    pub fn append(&mut self, records: &[Record]) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(records)?;
        line.push(b'\n');
        self.file.write_all(&line)
    }
}
