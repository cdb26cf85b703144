//! Pages of text. What depends on the operator comes from the layout.

use domain::{
    Cents,
    retention::{Kept, Length},
};
use serde::Serialize;
use time::{Date, macros::date};

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Privacy {
    /// What is kept, and how long: the terms of the job that forgets.
    pub kept: Vec<KeptLine>,
}

/// How long one kind of data is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct KeptLine {
    /// Which data.
    pub kept: Kept,
    /// Days, months or years.
    pub count: u32,
    /// Which of them.
    pub unit: KeptUnit,
}

/// In what a term is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptUnit {
    /// Days.
    Day,
    /// Months.
    Month,
    /// Years.
    Year,
    /// To the end of a calendar year.
    EndOfYear,
}

impl Privacy {
    /// The terms that hold on a day.
    #[must_use]
    pub fn on(day: Date) -> Self {
        let line = |kept: &Kept| {
            let (count, unit) = match kept.length(day) {
                Length::Days(days) => (u32::from(days), KeptUnit::Day),
                Length::Months(months) if months > 12 && months % 12 == 0 => {
                    (u32::from(months / 12), KeptUnit::Year)
                }
                Length::Months(months) => (u32::from(months), KeptUnit::Month),
                Length::EndOfYear(years) => (u32::from(years), KeptUnit::EndOfYear),
            };
            KeptLine { kept: *kept, count, unit }
        };
        Self { kept: Kept::ALL.iter().map(line).collect() }
    }
}

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
text_page!(Privacy, "privacy", "Vos données personnelles", Self::on(date!(2026 - 11 - 22)));
text_page!(Accessibility, "accessibility", "Accessibilité : non conforme", Self {});
text_page!(LegalNotices, "legal_notices", "Mentions légales", Self {});
