//! A letter with its recipient: what a [`Post`](crate::Post) sends.

use domain::{
    UtcSeconds,
    ids::LetterId,
    people::{EmailAddress, PersonName},
};

use crate::Letter;

/// A file that travels with a letter.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    filename: String,
    content_type: String,
    bytes: Vec<u8>,
}

impl std::fmt::Debug for Attachment {
    /// Never prints the bytes: a receipt carries a name and an address.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attachment({}, {} bytes)", self.content_type, self.bytes.len())
    }
}

impl Attachment {
    /// A file, `recu-ORG-2026-000001.pdf`, of a type, `application/pdf`.
    ///
    /// # Errors
    /// When the name or the type could break out of its header.
    pub fn new(
        filename: impl Into<String>,
        content_type: impl Into<String>,
        bytes: Vec<u8>,
    ) -> Result<Self, MessageRefused> {
        let (filename, content_type) = (filename.into(), content_type.into());
        one_line("filename", &filename)?;
        one_line("content type", &content_type)?;
        if filename.is_empty() || filename.contains(['"', '\\', '/']) {
            return Err(MessageRefused::Filename);
        }
        if lettre::message::header::ContentType::parse(&content_type).is_err() {
            return Err(MessageRefused::ContentType);
        }
        Ok(Self { filename, content_type, bytes })
    }

    /// A PDF file.
    ///
    /// # Errors
    /// When the name could break out of its header.
    pub fn pdf(filename: impl Into<String>, bytes: Vec<u8>) -> Result<Self, MessageRefused> {
        Self::new(filename, "application/pdf", bytes)
    }

    /// Its name.
    #[must_use]
    pub fn filename(&self) -> &str {
        &self.filename
    }

    /// Its type.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Why a message cannot be made: a mistake of the caller, that trying again does not mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageRefused {
    /// A line break or another control character where one line is asked.
    #[error("a control character in the {0}")]
    ControlCharacter(&'static str),
    /// An empty file name, or one with a quote, a slash or a backslash.
    #[error("not a file name")]
    Filename,
    /// Not a media type.
    #[error("not a media type")]
    ContentType,
    /// News and milestones must say how to stop them.
    #[error("a letter of this kind needs an unsubscribe address")]
    NoUnsubscribe,
    /// The unsubscribe address is not absolute `http` or `https`.
    #[error("the unsubscribe address is not absolute")]
    UnsubscribeUrl,
}

/// A letter to one recipient. Its id is its Message-ID: sent twice, it is the same message.
#[derive(Clone)]
pub struct Message {
    id: LetterId,
    written_at: UtcSeconds,
    to: EmailAddress,
    to_name: PersonName,
    letter: Letter,
    attachments: Vec<Attachment>,
    unsubscribe_url: Option<String>,
}

impl std::fmt::Debug for Message {
    /// Never prints the recipient nor the words.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Message({}, {})", self.letter.kind(), self.id)
    }
}

impl Message {
    /// A letter, `written_at` the time of its row, which becomes its Date.
    ///
    /// The greeting uses the first name; an empty name is greeted without one.
    ///
    /// # Errors
    /// When the name carries a line break or a control character.
    pub fn new(
        id: LetterId,
        written_at: UtcSeconds,
        to: EmailAddress,
        to_name: PersonName,
        letter: Letter,
    ) -> Result<Self, MessageRefused> {
        one_line("first name", &to_name.first)?;
        one_line("last name", &to_name.last)?;
        Ok(Self { id, written_at, to, to_name, letter, attachments: vec![], unsubscribe_url: None })
    }

    /// With one more file.
    #[must_use]
    pub fn attach(mut self, attachment: Attachment) -> Self {
        self.attachments.push(attachment);
        self
    }

    /// With the address that stops letters of this kind: it accepts the one-click POST of RFC 8058,
    /// and a GET shows a page with a button. Ignored by a service letter, which has none.
    ///
    /// # Errors
    /// When the address is not absolute, or could break out of its header.
    pub fn unsubscribe(mut self, url: impl Into<String>) -> Result<Self, MessageRefused> {
        let url = url.into();
        let absolute = url.starts_with("https://") || url.starts_with("http://");
        let plain = url.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | ','));
        if !absolute || !plain {
            return Err(MessageRefused::UnsubscribeUrl);
        }
        self.unsubscribe_url = Some(url);
        Ok(self)
    }

    /// The id of the letter.
    #[must_use]
    pub const fn id(&self) -> LetterId {
        self.id
    }

    /// When the letter was queued.
    #[must_use]
    pub const fn written_at(&self) -> UtcSeconds {
        self.written_at
    }

    /// The recipient.
    #[must_use]
    pub const fn to(&self) -> &EmailAddress {
        &self.to
    }

    /// The recipient's name.
    #[must_use]
    pub const fn to_name(&self) -> &PersonName {
        &self.to_name
    }

    /// The letter.
    #[must_use]
    pub const fn letter(&self) -> &Letter {
        &self.letter
    }

    /// The files.
    #[must_use]
    pub fn attachments(&self) -> &[Attachment] {
        &self.attachments
    }

    /// The unsubscribe address due to this letter: none for a service letter.
    ///
    /// # Errors
    /// When one is due and none was given.
    pub fn unsubscribe_url(&self) -> Result<Option<&str>, MessageRefused> {
        if self.letter.is_service() {
            return Ok(None);
        }
        self.unsubscribe_url.as_deref().map(Some).ok_or(MessageRefused::NoUnsubscribe)
    }
}

fn one_line(what: &'static str, text: &str) -> Result<(), MessageRefused> {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if text.contains(breaks) { Err(MessageRefused::ControlCharacter(what)) } else { Ok(()) }
}
