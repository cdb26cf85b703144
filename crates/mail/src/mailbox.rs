//! The folder of a [`FilePost`](crate::FilePost), read back: the demonstration's mailbox.

use std::{
    io,
    path::{Path, PathBuf},
};

use domain::{UtcSeconds, ids::LetterId};
use mail_parser::{Address, MessageParser, MimeHeaders};
use serde::Serialize;
use uuid::Uuid;

/// A file of a received letter, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attached {
    /// Its name.
    pub filename: String,
    /// Its type.
    pub content_type: String,
    /// Its size in bytes.
    pub size: usize,
}

/// A received letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mail {
    /// The id of the letter.
    pub id: LetterId,
    /// `Name <address>`, or the address.
    pub from: String,
    /// `Name <address>`, or the address.
    pub to: String,
    /// The address alone.
    pub to_address: String,
    /// The subject.
    pub subject: String,
    /// When the letter was queued.
    pub date: UtcSeconds,
    /// The plain text part.
    pub text: String,
    /// The HTML part: a whole document, to be shown in a sandboxed frame.
    pub html: String,
    /// The address in List-Unsubscribe.
    pub unsubscribe_url: Option<String>,
    /// The files, in order.
    pub attachments: Vec<Attached>,
}

/// A folder of letters.
#[derive(Clone, Debug)]
pub struct Mailbox {
    folder: PathBuf,
}

impl Mailbox {
    /// The letters of a folder, which may not exist yet.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Newest first, at most `limit`. Files that are not letters of ours are left out.
    ///
    /// # Errors
    /// When the folder exists and cannot be read.
    pub fn list(&self, limit: usize) -> io::Result<Vec<Mail>> {
        let mut names = self.names()?;
        names.sort_unstable_by(|a, b| b.cmp(a));
        let mut mails = Vec::new();
        for (_, id, path) in names.into_iter().take(limit) {
            mails.extend(read(id, &path)?);
        }
        Ok(mails)
    }

    /// How many letters there are.
    ///
    /// # Errors
    /// When the folder exists and cannot be read.
    pub fn count(&self) -> io::Result<usize> {
        self.names().map(|names| names.len())
    }

    /// One letter.
    ///
    /// # Errors
    /// When the folder or the file cannot be read.
    pub fn get(&self, id: LetterId) -> io::Result<Option<Mail>> {
        self.path_of(id)?.map_or(Ok(None), |path| read(id, &path))
    }

    /// A letter as it would have travelled.
    ///
    /// # Errors
    /// When the folder or the file cannot be read.
    pub fn raw(&self, id: LetterId) -> io::Result<Option<Vec<u8>>> {
        self.path_of(id)?.map(std::fs::read).transpose()
    }

    /// A file of a letter with its bytes, by its place in [`Mail::attachments`].
    ///
    /// # Errors
    /// When the folder or the file cannot be read.
    pub fn attachment(
        &self,
        id: LetterId,
        place: usize,
    ) -> io::Result<Option<(Attached, Vec<u8>)>> {
        let Some(bytes) = self.raw(id)? else { return Ok(None) };
        let parsed = MessageParser::default().parse(&bytes);
        Ok(parsed.and_then(|message| {
            let part = message.attachment(u32::try_from(place).ok()?)?;
            Some((attached(part), part.contents().to_vec()))
        }))
    }

    /// The letters as JSON, newest first.
    ///
    /// # Errors
    /// When the folder exists and cannot be read.
    pub fn json(&self, limit: usize) -> io::Result<serde_json::Value> {
        Ok(serde_json::json!({ "count": self.count()?, "letters": self.list(limit)? }))
    }

    fn path_of(&self, id: LetterId) -> io::Result<Option<PathBuf>> {
        Ok(self.names()?.into_iter().find(|(_, one, _)| *one == id).map(|(.., path)| path))
    }

    /// Sorts by the time in the name, then by id: those of version 7 keep the order in which
    /// letters of the same second were written.
    fn names(&self) -> io::Result<Vec<(String, LetterId, PathBuf)>> {
        let entries = match std::fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let Some((time, id)) = name.to_str().and_then(split_name) else { continue };
            names.push((time.to_owned(), id, entry.path()));
        }
        Ok(names)
    }
}

/// `20261124T093015Z-{id}.eml`: sorts by time, and the same letter has the same name.
pub(crate) fn file_name(written_at: UtcSeconds, id: LetterId) -> String {
    let time: String = written_at.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
    format!("{time}-{id}.eml")
}

fn split_name(name: &str) -> Option<(&str, LetterId)> {
    let (time, id) = name.strip_suffix(".eml")?.split_once('-')?;
    Some((time, LetterId::new(Uuid::parse_str(id).ok()?))).filter(|_| time.ends_with('Z'))
}

fn read(id: LetterId, path: &Path) -> io::Result<Option<Mail>> {
    let bytes = match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        bytes => bytes?,
    };
    let Some(message) = MessageParser::default().parse(&bytes) else { return Ok(None) };
    let unsubscribe = message
        .header_raw("List-Unsubscribe")
        .map(|raw| raw.trim().trim_start_matches('<').trim_end_matches('>').to_owned());
    Ok(Some(Mail {
        id,
        from: people(message.from()).0,
        to: people(message.to()).0,
        to_address: people(message.to()).1,
        subject: message.subject().unwrap_or_default().to_owned(),
        date: UtcSeconds::new(message.date().map_or(0, mail_parser::DateTime::to_timestamp)),
        text: message.body_text(0).unwrap_or_default().replace("\r\n", "\n"),
        html: message.body_html(0).unwrap_or_default().replace("\r\n", "\n"),
        unsubscribe_url: unsubscribe,
        attachments: message.attachments().map(attached).collect(),
    }))
}

fn people(address: Option<&Address<'_>>) -> (String, String) {
    let Some(person) = address.and_then(Address::first) else { return Default::default() };
    let address = person.address().unwrap_or_default().to_owned();
    let shown = person.name().map(|name| format!("{name} <{address}>"));
    (shown.unwrap_or_else(|| address.clone()), address)
}

fn attached(part: &mail_parser::MessagePart<'_>) -> Attached {
    let content_type = part.content_type().map_or_else(String::new, |full| {
        format!("{}/{}", full.ctype(), full.subtype().unwrap_or_default())
    });
    Attached {
        filename: part.attachment_name().unwrap_or_default().to_owned(),
        content_type,
        size: part.contents().len(),
    }
}
