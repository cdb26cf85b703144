//! From a message to the bytes that travel.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use domain::people::EmailAddress;
use lettre::{
    Address, Message as Mime,
    message::{
        Attachment as MimeAttachment, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use templates::letters::Letters;

use crate::{Attachment, DkimSigner, Envelope, Message, PostError, Rendered, render};

/// Who writes: the same for every letter of the house.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The address in From.
    pub address: EmailAddress,
    /// The name in From.
    pub name: String,
    /// Where answers go, when not to `address`.
    pub reply_to: Option<EmailAddress>,
    /// Address of the site, absolute, without a slash at its end.
    pub site_url: String,
    /// True in a demonstration.
    pub demo: bool,
}

impl Sender {
    /// The domain of our Message-IDs: that of the address in From.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.address.as_str().rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// Writes messages: renders, builds the MIME tree, signs. Cheap to clone.
#[derive(Clone)]
pub struct Composer {
    letters: Arc<Letters>,
    sender: Arc<Sender>,
    signer: Option<Arc<DkimSigner>>,
}

impl fmt::Debug for Composer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composer").field("signed", &self.signer.is_some()).finish_non_exhaustive()
    }
}

/// A message as it travels.
#[derive(Clone, PartialEq, Eq)]
pub struct Composed {
    /// `<{letter id}@{domain}>`.
    pub message_id: String,
    /// The subject.
    pub subject: String,
    /// The plain text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The whole message, with CR LF line ends.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Composed {
    /// Never prints the words: they name people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Composed({}, {} bytes)", self.message_id, self.bytes.len())
    }
}

impl Composer {
    /// With the templates and the sender; unsigned.
    #[must_use]
    pub fn new(letters: Arc<Letters>, sender: Sender) -> Self {
        Self { letters, sender: Arc::new(sender), signer: None }
    }

    /// Signs every message.
    #[must_use]
    pub fn signed_by(mut self, signer: DkimSigner) -> Self {
        self.signer = Some(Arc::new(signer));
        self
    }

    /// Who writes.
    #[must_use]
    pub fn sender(&self) -> &Sender {
        &self.sender
    }

    /// Writes a message.
    ///
    /// # Errors
    /// [`PostError::Unfit`] when a template, a name or an attachment cannot be written.
    pub fn compose(&self, message: &Message) -> Result<Composed, PostError> {
        let unsubscribe = message.unsubscribe_url().map_err(unfit)?;
        let envelope = Envelope {
            first_name: message.to_name().first.clone(),
            site_url: self.sender.site_url.clone(),
            unsubscribe_url: unsubscribe.map(ToOwned::to_owned),
            demo: self.sender.demo,
        };
        let written = render(&self.letters, message.letter(), &envelope).map_err(unfit)?;
        let message_id = format!("<{}@{}>", message.id(), self.sender.domain());
        let seconds = u64::try_from(message.written_at().get()).unwrap_or(0);
        let mut builder = Mime::builder()
            .from(mailbox(&self.sender.name, &self.sender.address)?)
            .to(mailbox(&message.to_name().full(), message.to())?)
            .subject(written.subject.clone())
            .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            .message_id(Some(message_id.clone()));
        if let Some(reply_to) = &self.sender.reply_to {
            builder = builder.reply_to(mailbox("", reply_to)?);
        }
        let alternative =
            MultiPart::alternative_plain_html(written.text.clone(), written.html.clone());
        let body = with_attachments(alternative, message.attachments())?;
        let mut mime = builder.multipart(body).map_err(unfit)?;
        for (name, value) in house_headers(unsubscribe) {
            mime.headers_mut().insert_raw(HeaderValue::dangerous_new_pre_encoded(
                HeaderName::new_from_ascii_str(name),
                value.clone(),
                value,
            ));
        }
        if let Some(signer) = &self.signer {
            signer.sign(&mut mime, unsubscribe.is_some());
        }
        let bytes = mime.formatted();
        let Rendered { subject, text, html } = written;
        Ok(Composed { message_id, subject, text, html, bytes })
    }
}

/// Headers that lettre has no type for. The unsubscribe address was checked to be plain ASCII
/// without brackets by [`Message::unsubscribe`].
fn house_headers(unsubscribe: Option<&str>) -> Vec<(&'static str, String)> {
    // RFC 3834: an out-of-office reply is not wanted.
    let mut headers = vec![("Auto-Submitted", "auto-generated".to_owned())];
    if let Some(url) = unsubscribe {
        headers.push(("List-Unsubscribe", format!("<{url}>")));
        headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    }
    headers
}

fn mailbox(name: &str, address: &EmailAddress) -> Result<Mailbox, PostError> {
    let address: Address = address.as_str().parse().map_err(|_| unfit("an address"))?;
    Ok(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), address))
}

fn with_attachments(body: MultiPart, files: &[Attachment]) -> Result<MultiPart, PostError> {
    if files.is_empty() {
        return Ok(body);
    }
    files.iter().try_fold(MultiPart::mixed().multipart(body), |mixed, file| {
        let content_type = ContentType::parse(file.content_type()).map_err(unfit)?;
        let part: SinglePart = MimeAttachment::new(file.filename().to_owned())
            .body(file.bytes().to_vec(), content_type);
        Ok(mixed.singlepart(part))
    })
}

fn unfit(error: impl fmt::Display) -> PostError {
    PostError::Unfit(error.to_string())
}
