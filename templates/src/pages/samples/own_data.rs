use domain::role::Role;

use super::{DAY, NOW, text};
use crate::pages::{
    AnswerAddress, ChangeAddress, Erased, Erasure,
    doors::OwnMembership,
    own_data::{AddressFault, AddressOutcome, WaitingChange},
};

pub fn changes_of_address() -> Vec<(&'static str, ChangeAddress)> {
    let page = |typed: &str, notice| ChangeAddress {
        email: text("camille.lefevre@exemple.fr"),
        typed: text(typed),
        waiting: None,
        notice,
    };
    let waiting = |new_said, old_said| ChangeAddress {
        waiting: Some(WaitingChange {
            email: text("camille.nouvelle@exemple.fr"),
            until: NOW.plus_seconds(30 * 60),
            new_said,
            old_said,
        }),
        ..page("", None)
    };
    vec![
        ("empty", page("", None)),
        ("waiting", waiting(false, false)),
        ("waiting_for_old", waiting(true, false)),
        ("waiting_for_new", waiting(false, true)),
        ("not_an_address", page("camille.exemple.fr", Some(AddressFault::NotAnAddress))),
        ("same", page("camille.lefevre@exemple.fr", Some(AddressFault::Same))),
        ("too_many", page("camille@exemple.fr", Some(AddressFault::TooMany))),
        ("form_expired", page("camille@exemple.fr", Some(AddressFault::FormExpired))),
    ]
}

pub fn answers_of_address() -> Vec<(&'static str, AnswerAddress)> {
    let new =
        |outcome| AnswerAddress { action: text("/mon-espace/adresse/jeton"), old: false, outcome };
    let old = |outcome| AnswerAddress { action: text("/adresse/jeton"), old: true, outcome };
    vec![
        ("new", new(None)),
        ("new_waiting", new(Some(AddressOutcome::Waiting))),
        ("done", new(Some(AddressOutcome::Done))),
        ("by_hand", new(Some(AddressOutcome::ByHand))),
        ("other_session", new(Some(AddressOutcome::OtherSession))),
        ("over", new(Some(AddressOutcome::Over))),
        ("form_expired", new(Some(AddressOutcome::FormExpired))),
        ("old", old(None)),
        ("old_waiting", old(Some(AddressOutcome::Waiting))),
        ("stopped", old(Some(AddressOutcome::Stopped))),
    ]
}

pub fn erasures() -> Vec<(&'static str, Erasure)> {
    let page = Erasure {
        email: text("camille.lefevre@exemple.fr"),
        receipts_until: None,
        books_years: 10,
        under_way: false,
        held_days: 90,
        alone_in: Vec::new(),
        works_here: false,
        form_expired: false,
    };
    let alone = OwnMembership {
        id: text("clef"),
        name: text("La Clef des Combrailles"),
        role: Role::Owner,
    };
    vec![
        ("follower", page.clone()),
        ("form_expired", Erasure { form_expired: true, ..page.clone() }),
        ("works_here", Erasure { works_here: true, ..page.clone() }),
        ("last_owner", Erasure { alone_in: vec![alone], ..page.clone() }),
        (
            "donor",
            Erasure {
                receipts_until: Some(NOW.plus_seconds(2_230 * DAY)),
                under_way: true,
                ..page
            },
        ),
    ]
}

pub fn erased() -> Vec<(&'static str, Erased)> {
    let page = |under_way| Erased { under_way, held_days: 90 };
    vec![("now", page(false)), ("later", page(true))]
}
