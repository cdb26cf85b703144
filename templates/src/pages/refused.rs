//! When something cannot be done: 404, 409, 422, 500, 503.

use serde::Serialize;

use super::{Page, samples};

/// 404
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NotFound {}

/// 500. It tells a paying donor not to pay twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServerError {
    /// The number of the request, to quote.
    pub request: Option<String>,
}

/// 503
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Unavailable {
    /// The site is being prepared or repaired.
    Maintenance,
    /// Giving is stopped by the operator.
    GivingStopped,
    /// Too much to do: come back in a moment.
    Busy,
}

/// A request refused, with a way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Why.
    pub why: RefusedReason,
    /// A way out: a path and what it leads to.
    pub way_out: Option<(String, String)>,
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RefusedReason {
    /// 400: the request makes no sense.
    BadRequest,
    /// 403: the form came from elsewhere, or is too old.
    FormExpired,
    /// 405: this address does not take this method.
    WrongMethod,
    /// 409: it was done already.
    AlreadyDone,
    /// 409: the campaign takes no gift any more.
    CampaignClosed {
        /// Its title.
        campaign: String,
    },
    /// 410: the reservation is over.
    ReservationOver,
    /// 413: too large.
    TooLarge,
    /// 422: a value is not understood.
    NotUnderstood {
        /// What was wrong, a sentence; nothing when it is not known.
        detail: Option<String>,
    },
    /// 429: too many requests.
    TooMany {
        /// Minutes to wait.
        minutes: u32,
    },
    /// 409: the money cannot be paid back on this page any more.
    RefundOver,
    /// 403: one's role in an organisation does not go so far.
    NotAllowed,
    /// 410: the link of a receipt is over.
    ReceiptLinkOver,
}

impl Page for NotFound {
    const TEMPLATE: &'static str = "not_found";

    fn title(&self) -> String {
        String::from("Cette page n’existe pas")
    }

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("default", Self {})]
    }
}

impl Page for ServerError {
    const TEMPLATE: &'static str = "server_error";

    fn title(&self) -> String {
        String::from("Le service a rencontré un incident")
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let request = Some(String::from("0193-7f3c-91e2"));
        vec![("default", Self { request: None }), ("with_number", Self { request })]
    }
}

impl Page for Unavailable {
    const TEMPLATE: &'static str = "unavailable";

    fn title(&self) -> String {
        String::from(match self {
            Self::Maintenance => "Le service revient bientôt",
            Self::GivingStopped => "Les dons sont suspendus",
            Self::Busy => "Beaucoup de monde en ce moment",
        })
    }

    fn samples() -> Vec<(&'static str, Self)> {
        vec![
            ("maintenance", Self::Maintenance),
            ("giving_stopped", Self::GivingStopped),
            ("busy", Self::Busy),
        ]
    }
}

impl Page for Refused {
    const TEMPLATE: &'static str = "refused";

    fn title(&self) -> String {
        String::from(match self.why {
            RefusedReason::BadRequest | RefusedReason::NotUnderstood { .. } => {
                "Demande non comprise"
            }
            RefusedReason::FormExpired => "Formulaire expiré",
            RefusedReason::WrongMethod => "Demande impossible à cette adresse",
            RefusedReason::AlreadyDone => "C’est déjà fait",
            RefusedReason::CampaignClosed { .. } => "Cette campagne est terminée",
            RefusedReason::ReservationOver => "Réservation terminée",
            RefusedReason::TooLarge => "Envoi trop volumineux",
            RefusedReason::TooMany { .. } => "Trop d’essais",
            RefusedReason::RefundOver => "Remboursement impossible ici",
            RefusedReason::NotAllowed => "Réservé à d’autres membres",
            RefusedReason::ReceiptLinkOver => "Ce lien a expiré",
        })
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::refusals()
    }
}
