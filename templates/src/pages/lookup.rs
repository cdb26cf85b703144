//! People and organisations, as who works for the platform sees them: `/plateforme/personnes`,
//! `/plateforme/organisations`.

use domain::{UtcSeconds, role::Role};
use serde::Serialize;

use super::{Page, desk::DeskNotice, samples};
use crate::layout::Nav;

/// A search, and what it found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LookUp {
    /// As typed; without words, the page lists people whose letters come back or are suspended.
    pub words: String,
    /// People.
    pub people: Vec<PersonFound>,
    /// Organisations.
    pub organisations: Vec<OrganisationFound>,
    /// How many of each are shown at most.
    pub most: i64,
}

/// A person that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonFound {
    /// Their id.
    pub id: String,
    /// Their address.
    pub email: String,
    /// Letters come back.
    pub bounced: bool,
    /// May not come in.
    pub suspended: bool,
    /// Is somebody else's other address.
    pub merged: bool,
}

/// An organisation that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrganisationFound {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Nine digits.
    pub siren: String,
    /// Its campaigns take no gifts.
    pub suspended: bool,
    /// Was entered twice: this is the other.
    pub merged: bool,
}

/// Since when something is suspended, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suspended {
    /// Since when.
    pub since: UtcSeconds,
    /// Why, as those concerned read it.
    pub reason: String,
}

/// What was typed in the forms of a page, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gesture {
    /// Why to suspend, or to lift that.
    pub reason: String,
    /// Which one it is also: an address, or an id.
    pub other: String,
    /// Why these two are one.
    pub merge_reason: String,
    /// What was done or went wrong.
    pub notice: Option<DeskNotice>,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonCard {
    /// Their id.
    pub id: String,
    /// Their address.
    pub email: String,
    /// Since when we know it.
    pub since: UtcSeconds,
    /// When they last came in.
    pub signed_in_at: Option<UtcSeconds>,
    /// Since when letters come back.
    pub bounced_at: Option<UtcSeconds>,
    /// They asked to be forgotten.
    pub leaving: bool,
    /// They work for the platform.
    pub works_here: bool,
    /// May not come in.
    pub suspended: Option<Suspended>,
    /// The id of who they are.
    pub merged_into: Option<String>,
    /// Other addresses of theirs.
    pub also: Vec<String>,
    /// Whom they act for.
    pub memberships: Vec<ActsFor>,
    /// What was typed.
    pub gesture: Gesture,
}

/// An organisation that somebody acts for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActsFor {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Their role.
    pub role: Role,
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrganisationCard {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Nine digits.
    pub siren: String,
    /// Since when we know it.
    pub since: UtcSeconds,
    /// Its campaigns take no gifts.
    pub suspended: Option<Suspended>,
    /// The id of the one that it is.
    pub merged_into: Option<String>,
    /// Its campaigns.
    pub campaigns: Vec<CampaignOf>,
    /// Who acts for it.
    pub members: Vec<MemberOf>,
    /// What was typed.
    pub gesture: Gesture,
}

/// A campaign of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CampaignOf {
    /// Its address.
    pub slug: String,
    /// Its title.
    pub title: String,
}

/// Somebody who acts for an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberOf {
    /// Their id.
    pub id: String,
    /// Their address.
    pub email: String,
    /// Their role.
    pub role: Role,
}

impl Page for LookUp {
    const TEMPLATE: &'static str = "look_up";

    fn title(&self) -> String {
        String::from("Personnes et organisations")
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::look_ups()
    }
}

impl Page for PersonCard {
    const TEMPLATE: &'static str = "person_card";

    fn title(&self) -> String {
        String::from("Une personne")
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::person_cards()
    }
}

impl Page for OrganisationCard {
    const TEMPLATE: &'static str = "organisation_card";

    fn title(&self) -> String {
        String::from("Une organisation")
    }

    fn nav(&self) -> Nav {
        Nav::Space
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::organisation_cards()
    }
}
