use domain::role::{Role, StaffRole};

use super::{DAY, NOW, eur, text};
use crate::pages::{
    Passkeys, Sessions, SignIn, SignInLink, SignInSent, Space,
    doors::{
        DoorNotice, KeyNotice, OwnGift, OwnGiftState, OwnInvitation, OwnKey, OwnMembership,
        OwnSession,
    },
    identities::ProviderName,
};

pub fn sign_ins() -> Vec<(&'static str, SignIn)> {
    let page = |email: &str, notice| SignIn {
        email: text(email),
        next: text("/mon-espace"),
        providers: Vec::new(),
        notice,
    };
    let open = |notice| SignIn {
        providers: vec![ProviderName::ProConnect, ProviderName::FranceConnect],
        ..page("", notice)
    };
    let names = ["away", "declined", "not_proven", "no_address", "gone", "elsewhere"];
    let of_providers = names.into_iter().zip(DoorNotice::OF_PROVIDERS);
    let told = of_providers.map(|(name, notice)| (name, open(Some(notice))));
    let plain = vec![
        ("providers", open(None)),
        ("empty", page("", None)),
        ("not_an_address", page("camille.exemple.fr", Some(DoorNotice::NotAnAddress))),
        ("form_expired", page("camille@exemple.fr", Some(DoorNotice::FormExpired))),
        ("too_many", page("camille@exemple.fr", Some(DoorNotice::TooMany { minutes: 15 }))),
    ];
    plain.into_iter().chain(told).collect()
}

pub fn sent_sign_ins() -> Vec<(&'static str, SignInSent)> {
    let page = |notice| SignInSent {
        email: text("camille.lefevre@exemple.fr"),
        until: NOW.plus_seconds(15 * 60),
        provider: None,
        notice,
    };
    let first = SignInSent { provider: Some(ProviderName::ProConnect), ..page(None) };
    vec![
        ("first_time", first),
        ("sent", page(None)),
        ("wrong", page(Some(DoorNotice::WrongCode { left: 3 }))),
        ("wrong_last", page(Some(DoorNotice::WrongCode { left: 1 }))),
        ("form_expired", page(Some(DoorNotice::FormExpired))),
        ("over", page(Some(DoorNotice::Over))),
        ("suspended", page(Some(DoorNotice::Suspended))),
        ("too_many", page(Some(DoorNotice::TooMany { minutes: 15 }))),
    ]
}

pub fn sign_in_links() -> Vec<(&'static str, SignInLink)> {
    let page = |notice| SignInLink { action: text("/connexion/lien/jeton"), notice };
    vec![
        ("ready", page(None)),
        ("form_expired", page(Some(DoorNotice::FormExpired))),
        ("other_browser", page(Some(DoorNotice::OtherBrowser))),
        ("over", page(Some(DoorNotice::Over))),
        ("suspended", page(Some(DoorNotice::Suspended))),
        ("too_many", page(Some(DoorNotice::TooMany { minutes: 15 }))),
    ]
}

pub fn spaces() -> Vec<(&'static str, Space)> {
    let gift = |state, amount, matched| OwnGift {
        path: text("/dons/a4f0"),
        campaign: text("Le bus des démarches de la Creuse"),
        at: NOW,
        amount: eur(amount),
        matched: eur(matched),
        state,
    };
    let page = |gifts| Space {
        email: text("camille.lefevre@exemple.fr"),
        gifts,
        memberships: Vec::new(),
        invitations: Vec::new(),
        platform: None,
        over: false,
        providers: false,
    };
    let membership = OwnMembership {
        id: text("clef"),
        name: text("La Clef des Combrailles"),
        role: Role::Editor,
    };
    let invitation = OwnInvitation {
        id: text("0193-7f3c"),
        organisation: text("Médiatous du Morvan"),
        role: Role::Reader,
        until: NOW.plus_seconds(14 * DAY),
    };
    let acting = Space {
        platform: Some(StaffRole::Operator),
        memberships: vec![membership],
        invitations: vec![invitation],
        ..page(Vec::new())
    };
    vec![
        ("empty", page(Vec::new())),
        ("acting", acting),
        ("over", Space { over: true, ..page(Vec::new()) }),
        ("providers", Space { providers: true, ..page(Vec::new()) }),
        (
            "gifts",
            page(vec![
                gift(OwnGiftState::Paid, 20, 32),
                gift(OwnGiftState::Pending, 50, 0),
                gift(OwnGiftState::Refunded, 0, 0),
            ]),
        ),
    ]
}

pub fn passkeys() -> Vec<(&'static str, Passkeys)> {
    let key = |name: &str, used| OwnKey {
        id: text("0193-7f3c"),
        name: text(name),
        added_at: NOW.plus_seconds(-30 * DAY),
        used_at: used,
    };
    let page = |keys, strong, notice| Passkeys {
        keys,
        strong,
        name: String::new(),
        next: text("/mon-espace/cles"),
        wanted: String::new(),
        notice,
    };
    let two = || vec![key("Mon téléphone", Some(NOW)), key("Clé du bureau", None)];
    let notices = [
        ("added", KeyNotice::Added),
        ("removed", KeyNotice::Removed),
        ("proven", KeyNotice::Proven),
        ("not_proven", KeyNotice::NotProven),
        ("name", KeyNotice::Name),
        ("too_many", KeyNotice::TooMany),
        ("unknown", KeyNotice::Unknown),
        ("prove_first", KeyNotice::ProveFirst),
        ("not_here", KeyNotice::NotHere),
        ("for_staff", KeyNotice::ForStaff),
        ("form_expired", KeyNotice::FormExpired),
    ];
    let told = notices.map(|(name, notice)| (name, page(two(), true, Some(notice))));
    let plain = [
        ("none", page(Vec::new(), true, None)),
        ("strong", page(two(), true, None)),
        ("to_prove", page(two(), false, None)),
    ];
    plain.into_iter().chain(told).collect()
}

pub fn sessions() -> Vec<(&'static str, Sessions)> {
    let session = |here, device: &str| OwnSession {
        id: text("0193-7f3c"),
        device: text(device),
        began_at: NOW.plus_seconds(-3_600),
        seen_at: NOW,
        here,
    };
    let page = |sessions, ended| Sessions { sessions, ended };
    let here = || session(true, "Firefox sous Linux");
    vec![
        ("alone", page(vec![here()], None)),
        ("two", page(vec![here(), session(false, "Safari sous iPhone")], None)),
        ("ended", page(vec![here()], Some(1))),
    ]
}
