use domain::role::Role;

use super::{DAY, NOW, text};
use crate::pages::{
    LookUp, OrganisationCard, PersonCard,
    desk::DeskNotice,
    lookup::{ActsFor, CampaignOf, Gesture, MemberOf, OrganisationFound, PersonFound, Suspended},
};

const ID: &str = "0193aa10-0000-7000-8000-000000000001";

pub fn look_ups() -> Vec<(&'static str, LookUp)> {
    let person = |email: &str, bounced, suspended, merged| PersonFound {
        id: text(ID),
        email: text(email),
        bounced,
        suspended,
        merged,
    };
    let organisation = |name: &str, suspended, merged| OrganisationFound {
        id: text("clef-des-combrailles"),
        name: text(name),
        siren: text("123456782"),
        suspended,
        merged,
    };
    let page = |words: &str, people, organisations| LookUp {
        words: text(words),
        people,
        organisations,
        most: 50,
    };
    let troubled = vec![
        person("camille@exemple.fr", true, false, false),
        person("sacha@exemple.fr", false, true, false),
    ];
    let found = vec![
        person("camille@exemple.fr", false, false, false),
        person("camille.ancienne@exemple.fr", false, false, true),
    ];
    let organisations = vec![
        organisation("La Clef des Combrailles", true, false),
        organisation("Clef des Combrailles", false, true),
    ];
    vec![
        ("waiting", page("", troubled, Vec::new())),
        ("quiet", page("", Vec::new(), Vec::new())),
        ("found", page("camille", found, organisations)),
        ("nothing", page("personne", Vec::new(), Vec::new())),
    ]
}

fn suspended() -> Suspended {
    Suspended { since: NOW.plus_seconds(-DAY), reason: text("Adresse usurpée, signalée le 21.") }
}

fn refused(notice: DeskNotice) -> Gesture {
    Gesture {
        reason: text("Adresse usurpée"),
        other: text("camille@exemple.fr"),
        merge_reason: text("Vue au guichet"),
        notice: Some(notice),
    }
}

pub fn person_cards() -> Vec<(&'static str, PersonCard)> {
    let quiet = || PersonCard {
        id: text(ID),
        email: text("camille.ancienne@exemple.fr"),
        since: NOW.plus_seconds(-90 * DAY),
        signed_in_at: Some(NOW.plus_seconds(-DAY)),
        bounced_at: None,
        leaving: false,
        works_here: false,
        suspended: None,
        merged_into: None,
        also: vec![text("camille@exemple.fr")],
        memberships: vec![ActsFor {
            id: text("clef-des-combrailles"),
            name: text("La Clef des Combrailles"),
            role: Role::Owner,
        }],
        gesture: Gesture::default(),
    };
    let never =
        || PersonCard { signed_in_at: None, also: Vec::new(), memberships: Vec::new(), ..quiet() };
    let bounced = PersonCard { bounced_at: Some(NOW.plus_seconds(-DAY)), ..never() };
    let gone = PersonCard { leaving: true, ..never() };
    let refused = PersonCard { gesture: refused(DeskNotice::StayTwo), ..quiet() };
    vec![
        ("quiet", quiet()),
        ("bounced", bounced),
        ("suspended", PersonCard { suspended: Some(suspended()), ..never() }),
        ("merged", PersonCard { merged_into: Some(text(ID)), ..never() }),
        ("leaving", gone),
        ("works_here", PersonCard { works_here: true, ..never() }),
        ("refused", refused),
    ]
}

pub fn organisation_cards() -> Vec<(&'static str, OrganisationCard)> {
    let quiet = || OrganisationCard {
        id: text("clef-des-combrailles"),
        name: text("La Clef des Combrailles"),
        siren: text("123456782"),
        since: NOW.plus_seconds(-90 * DAY),
        suspended: None,
        merged_into: None,
        campaigns: vec![CampaignOf {
            slug: text("bus-des-combrailles"),
            title: text("Un bus pour les Combrailles"),
        }],
        members: vec![MemberOf {
            id: text(ID),
            email: text("solange@exemple.fr"),
            role: Role::Owner,
        }],
        gesture: Gesture::default(),
    };
    let bare = || OrganisationCard { campaigns: Vec::new(), members: Vec::new(), ..quiet() };
    let merged = Some(text("clef-combrailles"));
    vec![
        ("quiet", quiet()),
        ("suspended", OrganisationCard { suspended: Some(suspended()), ..quiet() }),
        ("merged", OrganisationCard { merged_into: merged, ..bare() }),
        ("refused", OrganisationCard { gesture: refused(DeskNotice::StayTwo), ..bare() }),
    ]
}
