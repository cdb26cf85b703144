use domain::role::Role;

use super::{DAY, NOW, eur, text};
use crate::pages::{
    Members, Organisation,
    organisation::{InvitationLine, MemberLine, MemberNotice, OwnCampaign},
};

pub fn organisations() -> Vec<(&'static str, Organisation)> {
    let campaign = OwnCampaign {
        slug: text("le-bus-des-demarches"),
        title: text("Le bus des démarches de la Creuse"),
        gifts: eur(10_180),
        matched: eur(8_652),
        minimum: eur(18_000),
        ends_at: NOW.plus_seconds(18 * DAY),
    };
    let page = |campaigns| Organisation {
        id: text("clef"),
        name: text("La Clef des Combrailles"),
        role: Role::Editor,
        campaigns,
    };
    vec![("empty", page(Vec::new())), ("collecting", page(vec![campaign]))]
}

pub fn members() -> Vec<(&'static str, Members)> {
    let member = |email: &str, role, me| MemberLine {
        id: text("0193-7f3c"),
        email: text(email),
        role,
        since: NOW.plus_seconds(-30 * DAY),
        me,
        siret: (role == Role::Owner && me).then(|| text("73282932000074")),
    };
    let invitation = InvitationLine {
        id: text("0193-91e2"),
        email: text("yanis@clef.exemple.fr"),
        role: Role::Reader,
        until: NOW.plus_seconds(14 * DAY),
    };
    let page = |manages, notice| Members {
        id: text("clef"),
        name: text("La Clef des Combrailles"),
        manages,
        members: vec![
            member("solange@clef.exemple.fr", Role::Owner, manages),
            member("nadege@clef.exemple.fr", Role::Editor, !manages),
        ],
        invitations: vec![invitation.clone()],
        email: text("yanis.exemple.fr"),
        role: Role::Reader,
        notice,
    };
    let notices = [
        ("invited", MemberNotice::Invited),
        ("changed", MemberNotice::Changed),
        ("not_an_address", MemberNotice::NotAnAddress),
        ("already", MemberNotice::Already),
        ("last_owner", MemberNotice::LastOwner),
        ("too_many", MemberNotice::TooMany),
        ("unknown", MemberNotice::Unknown),
        ("form_expired", MemberNotice::FormExpired),
    ];
    let told = notices.map(|(name, notice)| (name, page(true, Some(notice))));
    [("owner", page(true, None)), ("reader", page(false, None))].into_iter().chain(told).collect()
}
