//! `/plateforme/personnes`: people and organisations, found.

use axum::{extract::State, response::Response};
use store::desk::find::{self, OrganisationRow, PersonRow};
use templates::pages::{
    LookUp,
    lookup::{OrganisationFound, PersonFound},
};

use crate::web::{
    error::{Failure, answered},
    extract::{Administrators, StaffOf},
    state::Site,
    visit::Visit,
};

/// The page's own address.
pub const PATH: &str = "/plateforme/personnes";

/// Longest search.
const WORDS: usize = 254;

/// The page.
pub async fn show(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<Administrators>,
    visit: Visit,
) -> Result<Response, Failure> {
    let words: String = visit.asked("q").unwrap_or_default().trim().chars().take(WORDS).collect();
    let found = answered(site.actions.look_up(&staff, &words, site.now()).await)?;
    let found = found.map_err(super::refusal)?;
    let page = LookUp {
        words,
        people: found.people.into_iter().map(person).collect(),
        organisations: found.organisations.into_iter().map(organisation).collect(),
        most: find::FOUND,
    };
    site.form_page(&visit, &page)
}

fn person(row: PersonRow) -> PersonFound {
    PersonFound {
        id: row.id.to_string(),
        email: row.email,
        bounced: row.bounced_at.is_some(),
        suspended: row.suspended_at.is_some(),
        merged: row.merged_into.is_some(),
    }
}

fn organisation(row: OrganisationRow) -> OrganisationFound {
    OrganisationFound {
        id: row.id,
        name: row.name,
        siren: row.siren,
        suspended: row.suspended_at.is_some(),
        merged: row.merged_into.is_some(),
    }
}
