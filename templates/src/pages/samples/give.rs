use domain::{Cents, gift::PaymentMethod};

use super::{DAY, NOW, campaign, eur, gueret, money, text};
use crate::pages::{
    ConfirmGift, Give, GiveFault, PaymentRefused,
    campaign::{CampaignState, Progress},
    confirm_gift::{ReceiptName, WaitingGift},
    give::{Field, GiveNotice, RefusedWhy, Reserved, Typed},
};

const METHODS: [PaymentMethod; 2] = [PaymentMethod::Card, PaymentMethod::SepaDebit];

fn typed() -> Typed {
    Typed {
        email: text("camille.lefevre@exemple"),
        receipt: Some(true),
        first_name: text("Camille"),
        last_name: text("L'Hôpital \"dit\" <b>"),
        street: String::new(),
        postcode: text("63000"),
        city: text("Clermont-Ferrand"),
        shown: true,
        method: Some(PaymentMethod::SepaDebit),
        news: true,
    }
}

pub fn gives() -> Vec<(&'static str, Give)> {
    let fresh = fresh();
    let noticed = |notice| Give { notice: Some(notice), typed: typed(), ..fresh.clone() };
    let closed = |state| Give { state, ..fresh.clone() };
    let mut free = fresh.clone();
    free.amounts.chosen = None;
    free.amounts.free = text("37,50");
    free.amounts.free_preview = Some(money::preview(Cents::new(3_750)));
    let at = |days: i64| NOW.plus_seconds(days * DAY);
    let email = text("camille.lefevre@exemple.fr");
    vec![
        ("default", fresh.clone()),
        ("free_amount", free),
        ("faults", faults(&fresh)),
        ("no_receipt", without_receipt(&fresh)),
        ("again", noticed(GiveNotice::Again { amount: eur(20), at: NOW })),
        ("match_changed", noticed(GiveNotice::MatchChanged { was: eur(32), now: eur(10) })),
        ("provider_down", noticed(GiveNotice::ProviderDown)),
        ("provider_refused", noticed(GiveNotice::ProviderRefused)),
        ("too_many", noticed(GiveNotice::TooMany { minutes: 10 })),
        ("confirm_email", noticed(GiveNotice::ConfirmEmail { email })),
        ("confirm_expired", noticed(GiveNotice::ConfirmExpired)),
        ("form_expired", noticed(GiveNotice::FormExpired)),
        ("suspended", closed(CampaignState::Suspended)),
        ("giving_stopped", closed(CampaignState::GivingStopped)),
        ("closed", closed(CampaignState::Succeeded { closed_at: at(-1) })),
        ("ended", closed(CampaignState::LastDebits { ended_at: at(-1), closes_by: at(20) })),
    ]
}

fn fresh() -> Give {
    Give {
        slug: text("le-bus-des-demarches-de-la-creuse"),
        campaign: text("Le bus des démarches"),
        holder: text("La Clef des Combrailles"),
        departement_name: text("Creuse"),
        progress: campaign::progress(),
        amounts: campaign::amounts(),
        typed: Typed::default(),
        faults: Vec::new(),
        notice: None,
        intention: text("0193a7f3-c91e-7000-8000-000000000001"),
        receipts: true,
        state: campaign::collecting(),
        methods: METHODS.into(),
    }
}

/// Everything is wrong at once.
fn faults(fresh: &Give) -> Give {
    let mut wrong = fresh.clone();
    wrong.typed = typed();
    wrong.amounts.chosen = None;
    wrong.amounts.free = text("abc");
    wrong.faults = vec![
        GiveFault::AmountUnreadable,
        GiveFault::EmailInvalid,
        GiveFault::ReceiptUnanswered,
        GiveFault::FirstNameMissing,
        GiveFault::TooLong { field: Field::Nom },
        GiveFault::NotPrintable { field: Field::Adresse },
        GiveFault::PostcodeInvalid,
        GiveFault::CityMissing,
        GiveFault::MethodMissing,
    ];
    wrong
}

/// All or nothing, below its minimum, no receipt, card only, no match.
fn without_receipt(fresh: &Give) -> Give {
    let mut plain = fresh.clone();
    plain.receipts = false;
    plain.methods = vec![PaymentMethod::Card];
    plain.faults = vec![GiveFault::EmailMissing];
    plain.progress = Progress { gifts: eur(310), all_or_nothing: true, ..plain.progress };
    for preview in &mut plain.amounts.presets {
        preview.matched = Cents::ZERO;
        preview.lines.clear();
        preview.cost = None;
    }
    plain
}

pub fn gifts_to_confirm() -> Vec<(&'static str, ConfirmGift)> {
    let receipt = ReceiptName { name: text("Camille Lefèvre"), address: gueret() };
    let gift = WaitingGift {
        action: text("/dons/confirmer/b3VpLWplLXZldXgtZG9ubmVy"),
        slug: text("le-bus-des-demarches-de-la-creuse"),
        campaign: text("Le bus des démarches"),
        holder: text("La Clef des Combrailles"),
        departement_name: text("Creuse"),
        preview: money::preview(eur(20)),
        method: PaymentMethod::Card,
        email: text("camille.lefevre@exemple.fr"),
        receipt: Some(receipt),
    };
    let debit = WaitingGift { method: PaymentMethod::SepaDebit, receipt: None, ..gift.clone() };
    let asked = |gift, notice| ConfirmGift { waiting: Some(gift), notice };
    vec![
        ("default", asked(gift.clone(), None)),
        ("debit", asked(debit, None)),
        ("provider_down", asked(gift, Some(GiveNotice::ProviderDown))),
        ("expired", ConfirmGift { waiting: None, notice: None }),
    ]
}

pub fn payments_refused() -> Vec<(&'static str, PaymentRefused)> {
    let declined = PaymentRefused {
        slug: text("le-bus-des-demarches-de-la-creuse"),
        campaign: text("Le bus des démarches"),
        amount: eur(20),
        why: RefusedWhy::Declined,
        reserved: Some(Reserved { matched: eur(32), until: NOW.plus_seconds(1_800) }),
        retry_url: Some(text("https://payer.example/c/1")),
    };
    let after = |why| PaymentRefused { why, reserved: None, retry_url: None, ..declined.clone() };
    vec![
        ("declined", declined.clone()),
        ("abandoned", PaymentRefused { why: RefusedWhy::Abandoned, ..declined.clone() }),
        ("expired", after(RefusedWhy::Expired)),
        ("debit_failed", after(RefusedWhy::DebitFailed)),
    ]
}
