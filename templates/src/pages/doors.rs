//! Coming in and being there: `/connexion`, `/mon-espace`.

use domain::{
    Cents, UtcSeconds,
    role::{Role, StaffRole},
};
use serde::Serialize;

use super::{Page, identities::ProviderName, samples};
use crate::layout::Nav;

/// Which address?
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignIn {
    /// As typed.
    pub email: String,
    /// The path of ours that was wanted.
    pub next: String,
    /// Identity providers that are open.
    pub providers: Vec<ProviderName>,
    /// What went wrong.
    pub notice: Option<DoorNotice>,
}

/// A letter is on its way: the code, please.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignInSent {
    /// The address as typed.
    pub email: String,
    /// Until when link and code work.
    pub until: UtcSeconds,
    /// The provider whose address the letter proves, the first time.
    pub provider: Option<ProviderName>,
    /// What went wrong.
    pub notice: Option<DoorNotice>,
}

/// The link of the letter: its button lets in, so that a scanner that opens links does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignInLink {
    /// Where the button posts.
    pub action: String,
    /// What went wrong.
    pub notice: Option<DoorNotice>,
}

/// What went wrong at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DoorNotice {
    /// The address is not one.
    NotAnAddress,
    /// The form was open too long, or came from elsewhere.
    FormExpired,
    /// Too many attempts; minutes to wait.
    TooMany {
        /// Minutes to wait.
        minutes: u32,
    },
    /// Not this code; tries left.
    WrongCode {
        /// Tries left.
        left: u32,
    },
    /// The link was asked for in another browser.
    OtherBrowser,
    /// Unknown, used or too old.
    Over,
    /// Who reads the letter is suspended.
    Suspended,
    /// The identity provider does not answer.
    ProviderAway,
    /// The person or the provider said no.
    ProviderDeclined,
    /// What the provider says does not hold.
    ProviderNotProven,
    /// The provider has no address for the person.
    ProviderNoAddress,
    /// The way back from the provider was used, or is too old.
    ProviderOver,
    /// The way back belongs to another browser.
    ProviderOtherBrowser,
}

impl DoorNotice {
    /// What may go wrong with an identity provider.
    pub const OF_PROVIDERS: [Self; 6] = [
        Self::ProviderAway,
        Self::ProviderDeclined,
        Self::ProviderNotProven,
        Self::ProviderNoAddress,
        Self::ProviderOver,
        Self::ProviderOtherBrowser,
    ];
}

/// One's own page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Space {
    /// The address one signed in with.
    pub email: String,
    /// One's gifts, newest first.
    pub gifts: Vec<OwnGift>,
    /// Organisations one acts for.
    pub memberships: Vec<OwnMembership>,
    /// Invitations to answer.
    pub invitations: Vec<OwnInvitation>,
    /// One's role on the platform itself.
    pub platform: Option<StaffRole>,
    /// An invitation could not be answered any more.
    pub over: bool,
    /// Identity providers are open here.
    pub providers: bool,
}

/// An organisation that one acts for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnMembership {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// One's role.
    pub role: Role,
}

/// An invitation to answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnInvitation {
    /// Its id.
    pub id: String,
    /// Name of the organisation.
    pub organisation: String,
    /// The role.
    pub role: Role,
    /// Until when.
    pub until: UtcSeconds,
}

/// A gift in its donor's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnGift {
    /// Its page.
    pub path: String,
    /// Title of the project.
    pub campaign: String,
    /// When it was paid, or asked.
    pub at: UtcSeconds,
    /// What stays of it, in cents.
    pub amount: Cents,
    /// What the fund adds, in cents.
    pub matched: Cents,
    /// Where its money is.
    pub state: OwnGiftState,
}

/// Where the money of a gift is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnGiftState {
    /// Taken.
    Paid,
    /// Under way.
    Pending,
    /// Paid back.
    Refunded,
}

/// What one holds to prove who one is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passkeys {
    /// The keys, the oldest first.
    pub keys: Vec<OwnKey>,
    /// A key was proven a short while ago, or there is none to prove.
    pub strong: bool,
    /// The name in the form, as typed.
    pub name: String,
    /// The path of ours that waits for a proof.
    pub next: String,
    /// The same for who adds a key; empty when nothing waits.
    pub wanted: String,
    /// What was done or went wrong.
    pub notice: Option<KeyNotice>,
}

/// A passkey in its owner's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnKey {
    /// Its id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// Since when.
    pub added_at: UtcSeconds,
    /// When it last proved something.
    pub used_at: Option<UtcSeconds>,
}

/// What was done to a key, or went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyNotice {
    /// Added.
    Added,
    /// Removed.
    Removed,
    /// Proven.
    Proven,
    /// The answer does not hold, or came too late.
    NotProven,
    /// A name of 1 to 60 letters.
    Name,
    /// There are many already.
    TooMany,
    /// Unknown.
    Unknown,
    /// A passkey must be proven first.
    ProveFirst,
    /// No passkeys at this address.
    NotHere,
    /// The door that was knocked at opens with a key only.
    ForStaff,
    /// The form was open too long.
    FormExpired,
}

/// Where one is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sessions {
    /// Each session, this one first.
    pub sessions: Vec<OwnSession>,
    /// So many were just ended.
    pub ended: Option<u64>,
}

/// A session in its owner's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnSession {
    /// Its id.
    pub id: String,
    /// Browser and system.
    pub device: String,
    /// When it began.
    pub began_at: UtcSeconds,
    /// When it was last used.
    pub seen_at: UtcSeconds,
    /// It is the one that asks.
    pub here: bool,
}

impl Page for SignIn {
    const TEMPLATE: &'static str = "sign_in";

    fn title(&self) -> String {
        String::from("Se connecter")
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::sign_ins()
    }
}

impl Page for SignInSent {
    const TEMPLATE: &'static str = "sign_in_sent";

    fn title(&self) -> String {
        String::from("Regardez vos courriels")
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::sent_sign_ins()
    }
}

impl Page for SignInLink {
    const TEMPLATE: &'static str = "sign_in_link";

    fn title(&self) -> String {
        String::from("Entrer")
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::sign_in_links()
    }
}

impl Page for Space {
    const TEMPLATE: &'static str = "space";

    fn title(&self) -> String {
        String::from("Mon espace")
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::spaces()
    }
}

impl Page for Passkeys {
    const TEMPLATE: &'static str = "passkeys";

    fn title(&self) -> String {
        String::from("Mes clés")
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::passkeys()
    }
}

impl Page for Sessions {
    const TEMPLATE: &'static str = "sessions";

    fn title(&self) -> String {
        String::from("Mes connexions")
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::sessions()
    }
}
