//! The mailbox of the demonstration: nothing there leaves the machine.

use domain::UtcSeconds;
use serde::Serialize;

use super::{Page, samples};

/// All letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DemoMailbox {
    /// Newest first.
    pub letters: Vec<LetterLine>,
    /// How many in all.
    pub total: u64,
    /// The address the list is narrowed to, if it is (`a`).
    pub to: String,
    /// Path of older letters.
    pub older: Option<String>,
    /// Ready accounts: one click is one of them.
    pub accounts: Vec<DemoAccount>,
}

/// A ready account of the demonstration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DemoAccount {
    /// Its address.
    pub email: String,
    /// What it may do, in words.
    pub words: String,
}

/// A letter in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LetterLine {
    /// Path of its page.
    pub path: String,
    /// To whom.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// When it was sent.
    pub at: UtcSeconds,
    /// How many attachments.
    pub attachments: u32,
}

/// One letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DemoLetter {
    /// Path of the list.
    pub mailbox_path: String,
    /// From whom.
    pub from: String,
    /// To whom.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// When it was sent.
    pub at: UtcSeconds,
    /// The text part.
    pub text: String,
    /// Path of the HTML part alone (a page of its own, with its own content policy).
    pub html_path: Option<String>,
    /// Attachments.
    pub attachments: Vec<Attachment>,
    /// Headers worth reading: name and value.
    pub headers: Vec<(String, String)>,
}

/// An attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
}

impl Page for DemoMailbox {
    const TEMPLATE: &'static str = "demo_mailbox";

    fn title(&self) -> String {
        String::from("Courriels de la démonstration")
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::mailboxes()
    }
}

impl Page for DemoLetter {
    const TEMPLATE: &'static str = "demo_letter";

    fn title(&self) -> String {
        self.subject.clone()
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::demo_letters()
    }
}
