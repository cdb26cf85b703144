//! `/dons/confirmer/{jeton}`: what is about to be paid, and one button. A letter brought the donor
//! here: past a threshold of failed payments, an address is confirmed before a payment opens.

use domain::{gift::PaymentMethod, people::PostalAddress};
use serde::Serialize;

use super::{Page, Preview, give::GiveNotice, samples};
use crate::layout::Nav;

/// The page behind the link of the letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfirmGift {
    /// The gift that waits; nothing when the link is unknown, too old or was used.
    pub waiting: Option<WaitingGift>,
    /// A word before the button, when it was pressed in vain.
    pub notice: Option<GiveNotice>,
}

/// A gift that waits for its donor, as it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaitingGift {
    /// Where the button posts: the address of this page.
    pub action: String,
    /// Address of the campaign.
    pub slug: String,
    /// Its title.
    pub campaign: String,
    /// Who carries it.
    pub holder: String,
    /// Name of the département.
    pub departement_name: String,
    /// The gift and its match, computed now: it is kept from the moment the payment opens.
    pub preview: Preview,
    /// How it is paid.
    pub method: PaymentMethod,
    /// E-mail address.
    pub email: String,
    /// Whose name the receipt carries; nothing when none is wanted.
    pub receipt: Option<ReceiptName>,
}

/// The name and address of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptName {
    /// First and last name.
    pub name: String,
    /// Where the donor lives.
    pub address: PostalAddress,
}

impl Page for ConfirmGift {
    const TEMPLATE: &'static str = "confirm_gift";

    fn title(&self) -> String {
        match &self.waiting {
            Some(gift) => format!("Confirmer votre don à « {} »", gift.campaign),
            None => String::from("Lien expiré"),
        }
    }

    fn nav(&self) -> Nav {
        Nav::Campaigns
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::gifts_to_confirm()
    }
}
