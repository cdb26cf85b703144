//! Behind the door of an organisation: `/structures/{id}` and its members.

use domain::{Cents, UtcSeconds, role::Role};
use serde::Serialize;

use super::{Page, samples};
use crate::layout::Nav;

/// An organisation as its members see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Organisation {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// One's role in it.
    pub role: Role,
    /// Its campaigns.
    pub campaigns: Vec<OwnCampaign>,
}

/// A campaign of the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnCampaign {
    /// Its address.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Gifts, in cents.
    pub gifts: Cents,
    /// Match, in cents.
    pub matched: Cents,
    /// Minimum, in cents.
    pub minimum: Cents,
    /// Its last day.
    pub ends_at: UtcSeconds,
}

/// Who acts for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Members {
    /// The organisation's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// One says who is a member.
    pub manages: bool,
    /// The members.
    pub members: Vec<MemberLine>,
    /// Who was asked and has not answered.
    pub invitations: Vec<InvitationLine>,
    /// The address in the form, as typed.
    pub email: String,
    /// The role in the form.
    pub role: Role,
    /// What was done or went wrong.
    pub notice: Option<MemberNotice>,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberLine {
    /// The person's id.
    pub id: String,
    /// Their address.
    pub email: String,
    /// Their role.
    pub role: Role,
    /// Since when.
    pub since: UtcSeconds,
    /// It is the one that asks.
    pub me: bool,
    /// The establishment of the organisation that they act for as ProConnect says, 14 digits; told
    /// to who says who is a member.
    pub siret: Option<String>,
}

/// Somebody who was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvitationLine {
    /// Its id.
    pub id: String,
    /// The address.
    pub email: String,
    /// The role.
    pub role: Role,
    /// Until when it can be answered.
    pub until: UtcSeconds,
}

/// What was done or went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberNotice {
    /// An invitation is on its way.
    Invited,
    /// The change is made.
    Changed,
    /// The address is not one.
    NotAnAddress,
    /// They are a member already.
    Already,
    /// An organisation keeps an owner.
    LastOwner,
    /// Too many invitations today.
    TooMany,
    /// It changed meanwhile.
    Unknown,
    /// The form was open too long.
    FormExpired,
}

impl Page for Organisation {
    const TEMPLATE: &'static str = "organisation";

    fn title(&self) -> String {
        self.name.clone()
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::organisations()
    }
}

impl Page for Members {
    const TEMPLATE: &'static str = "members";

    fn title(&self) -> String {
        format!("Membres, {}", self.name)
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::members()
    }
}
