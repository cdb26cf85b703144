//! Pages of text. What depends on the operator comes from the layout.

use domain::Cents;
use serde::Serialize;

use super::Page;
use crate::layout::Nav;

/// `/aide`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Help {
    /// Smallest gift.
    pub min: Cents,
    /// Largest gift.
    pub max: Cents,
    /// Days in which a gift can be paid back on demand.
    pub refund_days: u32,
    /// Minutes for which the match is kept during payment.
    pub reserved_minutes: u32,
}

/// `/conditions`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// Smallest gift.
    pub min: Cents,
    /// Largest gift.
    pub max: Cents,
    /// Days in which a gift can be paid back on demand.
    pub refund_days: u32,
    /// Minutes for which the match is kept during payment.
    pub reserved_minutes: u32,
}

/// `/donnees-personnelles`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Privacy {}

/// `/accessibilite`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Accessibility {}

/// `/mentions-legales`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LegalNotices {}

macro_rules! text_page {
    ($page:ty, $template:literal, $title:literal, $sample:expr) => {
        impl Page for $page {
            const TEMPLATE: &'static str = $template;

            fn title(&self) -> String {
                String::from($title)
            }

            fn nav(&self) -> Nav {
                Nav::Help
            }

            fn indexed(&self) -> bool {
                true
            }

            fn samples() -> Vec<(&'static str, Self)> {
                vec![("default", $sample)]
            }
        }
    };
}

const MIN: Cents = Cents::new(500);
const MAX: Cents = Cents::new(1_000_000);

text_page!(
    Help,
    "help",
    "Questions fréquentes",
    Self { min: MIN, max: MAX, refund_days: 14, reserved_minutes: 30 }
);
text_page!(
    Terms,
    "terms",
    "Conditions d’utilisation",
    Self { min: MIN, max: MAX, refund_days: 14, reserved_minutes: 30 }
);
text_page!(Privacy, "privacy", "Vos données personnelles", Self {});
text_page!(Accessibility, "accessibility", "Accessibilité : non conforme", Self {});
text_page!(LegalNotices, "legal_notices", "Mentions légales", Self {});
