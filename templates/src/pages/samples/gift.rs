use domain::{Cents, gift::PaymentMethod, receipt::NoReceipt};

use super::{DAY, NOW, eur, money, text};
use crate::pages::{
    Gift,
    gift::{GiftState, NextStep, ReceiptState, RefundOffer, RefundWhy},
};

pub fn gifts() -> Vec<(&'static str, Gift)> {
    let thanks = thanks();
    let with = |state, receipt, refund| Gift { state, receipt, refund, ..thanks.clone() };
    let preparing = Gift { receipt: ReceiptState::Preparing, ..thanks.clone() };
    let reversed =
        || ReceiptState::Cancelled { number: text("CLEF-2026-000419"), replaced_by: None };
    let replaced = ReceiptState::Cancelled {
        number: text("CLEF-2026-000419"),
        replaced_by: Some(text("b7c1")),
    };
    let partly = GiftState::PartlyRefunded { refunded: eur(5), at: NOW };
    let asked = |by_hand| GiftState::RefundRequested { at: NOW, by_hand };
    let refunded =
        |why| with(GiftState::Refunded { at: NOW, why }, reversed(), RefundOffer::NotNow);
    let nothing = Gift {
        first_name: None,
        matched: Cents::ZERO,
        lines: Vec::new(),
        verify_ref: None,
        refund: RefundOffer::TooLate,
        next: Vec::new(),
        ..thanks.clone()
    };
    let mut gifts = vec![
        ("thanks", thanks.clone()),
        ("receipt_preparing", preparing),
        ("no_match", nothing.clone()),
        ("confirming", waiting(&thanks, GiftState::Confirming)),
        ("unknown", waiting(&thanks, GiftState::Unknown)),
        ("pending", pending(&thanks)),
        ("refund_requested", with(asked(false), reversed(), RefundOffer::NotNow)),
        ("refund_by_hand", with(asked(true), reversed(), RefundOffer::NotNow)),
        ("partly_refunded", with(partly, replaced, RefundOffer::PaidOut)),
        ("refunded_asked", refunded(RefundWhy::Asked)),
        ("refunded_failed", refunded(RefundWhy::CampaignFailed)),
        ("refunded_operator", refunded(RefundWhy::Operator)),
        ("refunded_dispute", refunded(RefundWhy::Dispute)),
        ("disputed", with(GiftState::Disputed { at: NOW }, reversed(), RefundOffer::NotNow)),
    ];
    let reasons = [
        ("receipt_not_wanted", NoReceipt::NotWanted),
        ("receipt_not_eligible", NoReceipt::IssuerNotEligible),
        ("receipt_no_mandate", NoReceipt::NoMandate),
        ("receipt_no_signature", NoReceipt::NoSignature),
        ("receipt_not_cleared", NoReceipt::MoneyNotCleared),
        ("receipt_reversed", NoReceipt::GiftReversed),
        ("receipt_minimum", NoReceipt::MinimumNotReached),
    ];
    gifts.extend(reasons.map(|(name, why)| {
        (name, Gift { receipt: ReceiptState::None { why }, cost: None, ..nothing.clone() })
    }));
    gifts
}

fn thanks() -> Gift {
    Gift {
        token: text("a4f0"),
        reference: text("do-7f3c-91e1"),
        first_name: Some(text("Camille")),
        email: text("camille.lefevre@exemple.fr"),
        slug: text("le-bus-des-demarches-de-la-creuse"),
        campaign: text("Le bus des démarches"),
        campaign_ends_at: NOW.plus_seconds(18 * DAY),
        amount: eur(20),
        method: PaymentMethod::Card,
        last4: Some(text("4242")),
        given_at: NOW,
        state: GiftState::Captured { at: NOW.plus_seconds(120) },
        matched: eur(32),
        lines: money::lines(eur(20)),
        not_applied: money::not_applied(),
        verify_ref: Some(text("ab-7f3c-91e2")),
        receipt: ReceiptState::Issued { token: text("c41d"), number: text("CLEF-2026-000419") },
        cost: Some(Cents::new(680)),
        refund: RefundOffer::Possible { until: NOW.plus_seconds(14 * DAY), by_hand: false },
        next: vec![
            NextStep { when: text("11 décembre"), what: text("Fin de la collecte.") },
            NextStep {
                when: text("Mars 2027"),
                what: text("Premier bilan : démarches débloquées."),
            },
        ],
    }
}

fn waiting(thanks: &Gift, state: GiftState) -> Gift {
    Gift {
        state,
        verify_ref: None,
        lines: Vec::new(),
        not_applied: Vec::new(),
        refund: RefundOffer::NotNow,
        ..thanks.clone()
    }
}

fn pending(thanks: &Gift) -> Gift {
    Gift {
        method: PaymentMethod::SepaDebit,
        last4: Some(text("0143")),
        state: GiftState::Pending {
            expected_by: NOW.plus_seconds(5 * DAY),
            mandate: Some(text("ESM-23-00419")),
        },
        verify_ref: None,
        receipt: ReceiptState::None { why: NoReceipt::MoneyNotCleared },
        refund: RefundOffer::Possible { until: NOW.plus_seconds(14 * DAY), by_hand: true },
        ..thanks.clone()
    }
}
