//! `/mon-espace`: one's own gifts, the organisations one acts for, the invitations to answer.

use actions::Principal;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{Cents, people::EmailAddress};
use serde::Deserialize;
use store::{
    members::{self, InvitationRow, MembershipRow},
    pages::own::{self, OwnRow},
    people,
};
use templates::pages::{
    Space,
    doors::{OwnGift, OwnGiftState, OwnInvitation, OwnMembership},
};
use uuid::Uuid;

use crate::web::{
    error::{Failure, answered},
    extract::SignedIn,
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
    SignedIn(principal): SignedIn,
    visit: Visit,
) -> Result<Response, Failure> {
    site.form_page(&visit, &page(&site, &principal, false).await?)
}

async fn page(site: &Site, principal: &Principal, over: bool) -> Result<Space, Failure> {
    let mut db = site.reader.get().await?;
    let email = people::addressee(&mut db, principal.person).await?.email;
    let key = email.parse::<EmailAddress>()?.key();
    let gifts = own::gifts(&mut db, principal.person).await?;
    let memberships = members::memberships_of(&mut db, principal.person).await?;
    let invitations = members::invitations_to(&mut db, &key, site.now()).await?;
    Ok(Space {
        email,
        gifts: gifts.into_iter().map(own_gift).collect(),
        memberships: memberships.into_iter().map(own_membership).collect(),
        invitations: invitations.into_iter().map(own_invitation).collect(),
        platform: site.actions.staff_role(principal.person).await?,
        over,
        providers: site.actions.house().providers.kinds().next().is_some(),
    })
}

/// An invitation, answered.
pub async fn answer(
    State(site): State<Site>,
    SignedIn(principal): SignedIn,
    visit: Visit,
    typed: Typed<Answer>,
) -> Result<Response, Failure> {
    let (answer, _) = typed.trusted()?;
    let given = (answer.invitation, answer.reponse == "oui");
    let answering = site.actions.answer_invitation(principal.person, given, site.now());
    match answered(answering.await)? {
        Ok(()) => Ok(Redirect::to(super::PATH).into_response()),
        Err(_) => {
            let page = page(&site, &principal, true).await?;
            site.refused_form(&visit, StatusCode::CONFLICT, &page)
        }
    }
}

pub(super) fn own_membership(row: MembershipRow) -> OwnMembership {
    OwnMembership { role: row.role(), id: row.organisation_id, name: row.name }
}

fn own_invitation((row, organisation): (InvitationRow, String)) -> OwnInvitation {
    OwnInvitation {
        id: row.id.to_string(),
        organisation,
        role: row.role(),
        until: row.ends_at.into(),
    }
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
