//! `/mon-espace`: one's own gifts, the organisations one acts for, the invitations to answer.

use actions::{Present, Stop};
use axum::{extract::State, http::StatusCode, response::Response};
use domain::{Cents, people::EmailAddress, role::Role};
use serde::Deserialize;
use store::{
    members::{self, InvitationRow, SeatRow},
    pages::own::{self, OwnRow},
    people,
};
use templates::pages::{
    Space,
    doors::{OwnGift, OwnGiftState, OwnInvitation, OwnSeat},
};
use uuid::Uuid;

use super::{SPACE, see, signed_in::SignedIn};
use crate::web::{
    error::{Failure, stopped},
    forms::Typed,
    state::Site,
    visit::Visit,
};

/// The answer to an invitation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    invitation: Uuid,
    reponse: String,
}

/// The page.
pub async fn show(
    State(site): State<Site>,
    SignedIn(present): SignedIn,
    visit: Visit,
) -> Result<Response, Failure> {
    site.form_page(&visit, &page(&site, &present, false).await?)
}

async fn page(site: &Site, present: &Present, over: bool) -> Result<Space, Failure> {
    let mut db = site.reader.get().await?;
    let email = people::addressee(&mut db, present.person).await?.email;
    let key = email.parse::<EmailAddress>()?.key();
    let gifts = own::gifts(&mut db, present.person).await?;
    let seats = members::seats_of(&mut db, present.person).await?;
    let invitations = members::invitations_to(&mut db, &key, site.now()).await?;
    Ok(Space {
        email,
        gifts: gifts.into_iter().map(own_gift).collect(),
        seats: seats.into_iter().filter_map(own_seat).collect(),
        invitations: invitations.into_iter().filter_map(own_invitation).collect(),
        over,
    })
}

/// An invitation, answered.
pub async fn answer(
    State(site): State<Site>,
    SignedIn(present): SignedIn,
    visit: Visit,
    typed: Typed<Answer>,
) -> Result<Response, Failure> {
    let (answer, _) = typed.trusted()?;
    let given = (answer.invitation, answer.reponse == "oui");
    match site.actions.answer_invitation(present.person, given, site.now()).await {
        Ok(()) => see(SPACE),
        Err(Stop::Refused(_)) => {
            let page = page(&site, &present, true).await?;
            site.refused_form(&visit, StatusCode::CONFLICT, &page)
        }
        Err(stop) => Err(stopped(stop, |_| Failure::NotFound)),
    }
}

fn own_seat(row: SeatRow) -> Option<OwnSeat> {
    let role = Role::from_code(&row.role)?;
    Some(OwnSeat { id: row.organisation_id, name: row.name, role })
}

fn own_invitation((row, organisation): (InvitationRow, String)) -> Option<OwnInvitation> {
    let role = Role::from_code(&row.role)?;
    Some(OwnInvitation { id: row.id.to_string(), organisation, role, until: row.ends_at.into() })
}

fn own_gift(row: OwnRow) -> OwnGift {
    let OwnRow { gift, campaign } = row;
    let state = if gift.captured_cents == 0 {
        OwnGiftState::Pending
    } else if gift.net().get() == 0 {
        OwnGiftState::Refunded
    } else {
        OwnGiftState::Paid
    };
    let asked = state == OwnGiftState::Pending;
    OwnGift {
        path: format!("/dons/{}", gift.token),
        campaign,
        at: gift.paid_at.unwrap_or(gift.created_at).into(),
        amount: if asked { Cents::new(gift.amount_cents) } else { gift.net() },
        matched: Cents::new(gift.match_cents),
        state,
    }
}
