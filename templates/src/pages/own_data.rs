//! One's own data: another address, being forgotten. `/mon-espace/adresse`,
//! `/mon-espace/effacement`.

use domain::UtcSeconds;
use serde::Serialize;

use super::{Page, doors::OwnMembership, samples};
use crate::layout::Nav;

/// Which address instead?
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangeAddress {
    /// The address one has.
    pub email: String,
    /// The other one, as typed.
    pub typed: String,
    /// A change that waits for answers.
    pub waiting: Option<WaitingChange>,
    /// What went wrong.
    pub notice: Option<AddressFault>,
}

/// A change that waits for the answers of both addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaitingChange {
    /// The address to come.
    pub email: String,
    /// Until when both may answer.
    pub until: UtcSeconds,
    /// The new one said yes.
    pub new_said: bool,
    /// The old one said yes.
    pub old_said: bool,
}

/// Why no letter went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressFault {
    /// The address is not one.
    NotAnAddress,
    /// It is the one they have.
    Same,
    /// Too many letters asked for.
    TooMany,
    /// The form was open too long, or came from elsewhere.
    FormExpired,
}

/// The link of one of both letters: its buttons answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnswerAddress {
    /// Where the buttons post.
    pub action: String,
    /// True for the letter to the old address, which may also stop it.
    pub old: bool,
    /// What became of it, once answered.
    pub outcome: Option<AddressOutcome>,
}

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressOutcome {
    /// The other address has not answered yet.
    Waiting,
    /// The address has changed.
    Done,
    /// The team must carry it out.
    ByHand,
    /// It was stopped.
    Stopped,
    /// The link belongs to another session.
    OtherSession,
    /// Unknown, done, stopped or too old.
    Over,
    /// The form was open too long, or came from elsewhere.
    FormExpired,
}

/// What is forgotten, what is kept, and the button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Erasure {
    /// The address that will be forgotten.
    pub email: String,
    /// Last day on which receipts are kept, when there is any.
    pub receipts_until: Option<UtcSeconds>,
    /// Years for which the books are kept.
    pub books_years: u32,
    /// A gift is under way: the address waits for it.
    pub under_way: bool,
    /// For so many days at most.
    pub held_days: u32,
    /// Organisations that would be left without an owner.
    pub alone_in: Vec<OwnMembership>,
    /// They work for the platform: the role goes first.
    pub works_here: bool,
    /// The form was open too long, or came from elsewhere.
    pub form_expired: bool,
}

/// It is noted; nobody is signed in any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// A gift is under way: the address waits for it.
    pub under_way: bool,
    /// For so many days at most.
    pub held_days: u32,
}

macro_rules! own_page {
    ($page:ty, $template:literal, $title:literal, $samples:path) => {
        impl Page for $page {
            const TEMPLATE: &'static str = $template;

            fn title(&self) -> String {
                String::from($title)
            }

            fn nav(&self) -> Nav {
                Nav::Space
            }

            fn samples() -> Vec<(&'static str, Self)> {
                $samples()
            }
        }
    };
}

own_page!(ChangeAddress, "change_address", "Changer d’adresse", samples::changes_of_address);
own_page!(AnswerAddress, "answer_address", "Changement d’adresse", samples::answers_of_address);
own_page!(Erasure, "erasure", "Effacer mes données", samples::erasures);
own_page!(Erased, "erased", "C’est noté", samples::erased);
