//! `/campagnes/{slug}/don`, and the page after a refused payment.

use domain::{Cents, UtcSeconds, gift::PaymentMethod};
use serde::Serialize;

use super::{
    Page, Preview,
    campaign::{CampaignState, Progress},
    samples,
};
pub use crate::faults::{Field, GiveFault};
use crate::layout::Nav;

/// The choice of an amount, with the server's answer to each preset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Amounts {
    /// Up to four presets, in order, each a whole number of euros: the field `montant` holds the
    /// euros (`20`), or `libre`.
    pub presets: Vec<Preview>,
    /// The preset that is chosen, in cents; nothing for the free amount.
    pub chosen: Option<Cents>,
    /// The free amount as typed (`montant-libre`).
    pub free: String,
    /// The answer to the free amount, when there is one.
    pub free_preview: Option<Preview>,
    /// Smallest gift.
    pub min: Cents,
    /// Largest gift.
    pub max: Cents,
    /// When the previews were computed.
    pub at: UtcSeconds,
}

impl Amounts {
    /// The preview of the chosen amount.
    #[must_use]
    pub fn chosen_preview(&self) -> Option<&Preview> {
        match self.chosen {
            Some(cents) => self.presets.iter().find(|preview| preview.amount == cents),
            None => self.free_preview.as_ref(),
        }
    }
}

/// The form. It keeps what was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Give {
    /// Address of the campaign.
    pub slug: String,
    /// Its title.
    pub campaign: String,
    /// Who carries it.
    pub holder: String,
    /// Name of the département.
    pub departement_name: String,
    /// What it has gathered.
    pub progress: Progress,
    /// The amount.
    pub amounts: Amounts,
    /// What was typed.
    pub typed: Typed,
    /// What must be corrected; the first is named first.
    pub faults: Vec<GiveFault>,
    /// A word before the form.
    pub notice: Option<GiveNotice>,
    /// The one-time key of this form (`intention`): a double click is one gift.
    pub intention: String,
    /// False when the organisation cannot issue a tax receipt: the question is not asked.
    pub receipts: bool,
    /// Where the campaign stands: anything but `Collecting` hides the form and says why.
    pub state: CampaignState,
    /// The methods offered, in order.
    pub methods: Vec<PaymentMethod>,
}

/// What was typed, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Typed {
    /// `courriel`
    pub email: String,
    /// `recu`: `oui`, `non`, or nothing yet.
    pub receipt: Option<bool>,
    /// `prenom`
    pub first_name: String,
    /// `nom`
    pub last_name: String,
    /// `adresse`
    pub street: String,
    /// `cp`
    pub postcode: String,
    /// `ville`
    pub city: String,
    /// `public`: `oui` to show the name on the page of the project. Off by default.
    pub shown: bool,
    /// `moyen`
    pub method: Option<PaymentMethod>,
    /// `nouvelles`
    pub news: bool,
}

/// A word before the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum GiveNotice {
    /// The same gift was made a short while ago: the form asks "encore une fois ?" and sends
    /// `encore=1`.
    Again {
        /// Its amount.
        amount: Cents,
        /// When.
        at: UtcSeconds,
    },
    /// The pots have less than the page said.
    MatchChanged {
        /// What was shown.
        was: Cents,
        /// What it is now.
        now: Cents,
    },
    /// The payment service does not answer: nothing was taken.
    ProviderDown,
    /// The payment service refused to open the payment.
    ProviderRefused,
    /// Too many tries from here: wait.
    TooMany {
        /// Minutes to wait.
        minutes: u32,
    },
    /// A letter was sent to confirm the address before the payment opens.
    ConfirmEmail {
        /// The address.
        email: String,
    },
    /// The link of that letter is too old or was used.
    ConfirmExpired,
    /// The form was too old or came from elsewhere: nothing was sent.
    FormExpired,
}

/// The payment was refused or given up: `/dons/{jeton}` before any capture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentRefused {
    /// Address of the campaign.
    pub slug: String,
    /// Its title.
    pub campaign: String,
    /// The gift.
    pub amount: Cents,
    /// What happened.
    pub why: RefusedWhy,
    /// The match still reserved, and until when.
    pub reserved: Option<Reserved>,
    /// The payment page that is still open, if it is.
    pub retry_url: Option<String>,
}

/// Why there is no payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusedWhy {
    /// The bank refused.
    Declined,
    /// The donor left the payment page.
    Abandoned,
    /// The payment page expired.
    Expired,
    /// The debit failed.
    DebitFailed,
}

/// A match kept for a donor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Reserved {
    /// How much.
    pub matched: Cents,
    /// Until when.
    pub until: UtcSeconds,
}

impl Page for Give {
    const TEMPLATE: &'static str = "give";

    fn title(&self) -> String {
        let prefix = if self.faults.is_empty() { "" } else { "Erreur : " };
        format!("{prefix}Donner à « {} »", self.campaign)
    }

    fn nav(&self) -> Nav {
        Nav::Campaigns
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::gives()
    }
}

impl Page for PaymentRefused {
    const TEMPLATE: &'static str = "payment_refused";

    fn title(&self) -> String {
        String::from(match self.why {
            RefusedWhy::Declined => "Paiement refusé",
            RefusedWhy::Abandoned => "Paiement interrompu",
            RefusedWhy::Expired => "Paiement expiré",
            RefusedWhy::DebitFailed => "Prélèvement refusé",
        })
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::payments_refused()
    }
}
