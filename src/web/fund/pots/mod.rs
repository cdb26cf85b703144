//! The money of the pots: `/fonds/pots` and what is under it.

pub mod agreement;
pub mod document;
pub mod list;
pub mod one;
pub mod order;
pub mod statement;
mod target;

use actions::{DeskRefused, PotRefused, Stop};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::Cents;
use serde::Deserialize;
use templates::{
    earmark_words,
    pages::{pots::PotNotice, rule_form::Fields},
};
use time::{Date, macros::format_description};

use crate::web::{
    error::{Failure, answered},
    forms::Typed,
};

/// The pots.
pub const PATH: &str = "/fonds/pots";

/// The agreements.
const AGREEMENTS: &str = "/fonds/conventions";
/// The allocation orders.
const ORDERS: &str = "/fonds/ordres";

/// What a refusal is for a browser and for a person.
fn told(why: PotRefused) -> (StatusCode, PotNotice) {
    use StatusCode as S;
    match why {
        PotRefused::Desk(DeskRefused::ProveFirst) => (S::FORBIDDEN, PotNotice::ProveFirst),
        PotRefused::Desk(DeskRefused::Reason) => (S::UNPROCESSABLE_ENTITY, PotNotice::Reason),
        PotRefused::Desk(DeskRefused::Unknown) => (S::CONFLICT, PotNotice::Unknown),
        PotRefused::Desk(_) => (S::FORBIDDEN, PotNotice::NotAllowed),
        PotRefused::Name => (S::UNPROCESSABLE_ENTITY, PotNotice::Name),
        PotRefused::Taken => (S::CONFLICT, PotNotice::Taken),
        PotRefused::Answered => (S::CONFLICT, PotNotice::Answered),
        PotRefused::Siren => (S::UNPROCESSABLE_ENTITY, PotNotice::Siren),
        PotRefused::Codes { field, codes } => {
            let field = earmark_words::key(field).to_owned();
            (S::UNPROCESSABLE_ENTITY, PotNotice::Codes { field, codes: codes.join(", ") })
        }
        PotRefused::Amount => (S::UNPROCESSABLE_ENTITY, PotNotice::Amount),
        PotRefused::Dates => (S::UNPROCESSABLE_ENTITY, PotNotice::Dates),
        PotRefused::OverPromised { left } => (S::CONFLICT, PotNotice::OverPromised { left }),
        PotRefused::UnknownTranche => (S::CONFLICT, PotNotice::UnknownTranche),
        PotRefused::ExceedsTranche { held } => (S::CONFLICT, PotNotice::ExceedsTranche { held }),
        PotRefused::NotSameMoney => (S::CONFLICT, PotNotice::NotSameMoney),
        PotRefused::SignatureMissing => (S::CONFLICT, PotNotice::SignatureMissing),
        PotRefused::ExceedsLeft { left } => (S::CONFLICT, PotNotice::ExceedsLeft { left }),
        PotRefused::SameSigner => (S::FORBIDDEN, PotNotice::SameSigner),
        PotRefused::Lapsed => (S::CONFLICT, PotNotice::Lapsed),
        PotRefused::NotPdf => (S::UNPROCESSABLE_ENTITY, PotNotice::NotPdf),
        PotRefused::TooLarge => (S::PAYLOAD_TOO_LARGE, PotNotice::TooLarge),
    }
}

/// Fields that a form of these pages may have; those of a target besides.
const FIELDS: [&str; 14] = [
    "geste",
    "pot",
    "nom",
    "tranche",
    "montant",
    "raison",
    "rang",
    "contributeur",
    "origine",
    "siren",
    "signee",
    "fin",
    "promesse",
    "echeance",
];

/// A form as it comes: every field is one that these pages have.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Fields")]
pub struct Sent(pub Fields);

impl TryFrom<Fields> for Sent {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let unknown =
            fields.keys().find(|name| !FIELDS.contains(&name.as_str()) && !target::is_field(name));
        unknown.map_or(Ok(()), |name| Err(format!("unknown field `{name}`")))?;
        Ok(Self(fields))
    }
}

impl Sent {
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map(|text| text.trim()).unwrap_or_default()
    }

    /// An amount; zero for what is none, which every gesture refuses.
    fn cents(&self, name: &str) -> Cents {
        Cents::parse_euros(self.get(name)).unwrap_or(Cents::ZERO)
    }

    /// A day; none where nothing was typed.
    fn day(&self, name: &str) -> Result<Option<Date>, Stop<PotRefused>> {
        let typed = self.get(name);
        if typed.is_empty() {
            return Ok(None);
        }
        let day = Date::parse(typed, format_description!("[year]-[month]-[day]"));
        day.map(Some).map_err(|_| Stop::Refused(PotRefused::Dates))
    }

    /// An instalment; zero for none.
    fn rank(&self) -> i32 {
        self.get("rang").parse().unwrap_or_default()
    }
}

/// Does what a form of this visit asks; else gives back what was typed, and why.
async fn made(
    typed: Typed<Sent>,
    gesture: impl AsyncFnOnce(&Sent) -> Result<String, Stop<PotRefused>>,
) -> Result<Result<Response, (Sent, (StatusCode, PotNotice))>, Failure> {
    let sent = match typed.of_this_visit() {
        Ok((sent, _)) => sent,
        Err(sent) => return Ok(Err((sent, (StatusCode::FORBIDDEN, PotNotice::FormExpired)))),
    };
    Ok(match answered(gesture(&sent).await)? {
        Ok(to) => Ok(Redirect::to(&to).into_response()),
        Err(why) => Err((sent, told(why))),
    })
}

fn unknown<T>() -> Result<T, Stop<PotRefused>> {
    Err(Stop::Refused(PotRefused::Desk(DeskRefused::Unknown)))
}
