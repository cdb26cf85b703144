//! One module per page: the struct is the contract between a handler and what a visitor reads.
//!
//! Fields are raw (cents, UTC seconds, codes); the templates write them in French. A page names its
//! template, its title, and a sample of every state it can be in: the samples are what the tests
//! and `examples/write_samples.rs` draw.

pub mod agreements;
pub mod amounts;
pub mod campaign;
pub mod campaigns;
pub mod card;
pub mod confirm_gift;
pub mod demo_mail;
pub mod desk;
pub mod doors;
pub mod follow;
pub mod fund;
pub mod gallery;
pub mod gift;
pub mod give;
pub mod home;
pub mod identities;
pub mod information;
pub mod lookup;
pub mod need;
pub mod organisation;
pub mod own_data;
pub mod pots;
pub mod receipt;
pub mod refused;
pub mod rehearsal;
pub mod rule_form;
pub mod rules;
mod samples;
pub mod seals;
pub mod trail;
pub mod transparency;
pub mod verify;

use serde::Serialize;

use crate::layout::Nav;

pub use agreements::{AgreementPage, NewAgreementPage, NewOrderPage, OrderPage, Statement};
pub use amounts::{AwardLine, Preview, RuleLine, RuleNotApplied, WhyNot};
pub use campaign::Campaign;
pub use campaigns::Campaigns;
pub use card::CampaignCard;
pub use confirm_gift::ConfirmGift;
pub use demo_mail::{DemoLetter, DemoMailbox};
pub use desk::{Desk, Team};
pub use doors::{Passkeys, Sessions, SignIn, SignInLink, SignInSent, Space};
pub use follow::Follow;
pub use fund::{Fund, RuleBook, RuleEditor};
pub use gift::Gift;
pub use give::{Amounts, Give, GiveFault, PaymentRefused};
pub use home::Home;
pub use identities::{Identities, Onward};
pub use information::{Accessibility, Help, LegalNotices, Privacy, Terms};
pub use lookup::{LookUp, OrganisationCard, PersonCard};
pub use need::{NeedPage, Needs};
pub use organisation::{Members, Organisation};
pub use own_data::{AnswerAddress, ChangeAddress, Erased, Erasure};
pub use pots::{PotPage, Pots};
pub use receipt::ReceiptPage;
pub use refused::{NotFound, Refused, ServerError, Unavailable};
pub use rehearsal::RehearsalPage;
pub use rules::Rules;
pub use seals::{Ledgers, SealDay};
pub use trail::{SettingsPage, Trail};
pub use transparency::Transparency;
pub use verify::{VerifyMatch, VerifyReceipt};

/// What a handler fills and a template draws.
pub trait Page: Serialize + Sized {
    /// The name of its template in `pages/`, without `.hbs`.
    const TEMPLATE: &'static str;

    /// The title of the window, without the name of the site.
    fn title(&self) -> String;

    /// One sentence for search engines and shared links.
    fn description(&self) -> String {
        String::from(
            "Donnez à un projet de médiation numérique : le Fonds de solidarités numériques \
             complète votre don selon des règles publiques.",
        )
    }

    /// The entry of the main menu that is marked as current.
    fn nav(&self) -> Nav {
        Nav::None
    }

    /// False for private pages and states that search engines must not keep.
    fn indexed(&self) -> bool {
        false
    }

    /// Path of the image shown with a shared link, from the root of the site.
    fn share_image(&self) -> Option<String> {
        None
    }

    /// Linked data (schema.org), given the address of the site without its final slash.
    fn linked_data(&self, base_url: &str) -> Option<serde_json::Value> {
        let _ = base_url;
        None
    }

    /// One of each state, by name: drawn by the tests.
    fn samples() -> Vec<(&'static str, Self)>;
}
