//! One letter of each kind, and of each variant that reads differently: for tests, for pictures,
//! and for whoever writes a template. All people, organisations and amounts are invented.

use domain::{BasisPoints, Cents, UtcSeconds, gift::PaymentMethod, receipt::NoReceipt, role::Role};

use super::{
    Acknowledgement, AddressConfirm, AddressNotice, CancelReason, DebitFailed, DisputeNotice,
    Figure, FollowConfirm, Forgotten, GiftConfirm, GiftFacts, Invitation, Letter, MatchLine,
    Milestone, NotApplied, PendingDebit, Progress, Project, Reader, Receipt, ReceiptCancelled,
    RefundDone, RefundRequested, SignIn, Suspension, TaxEstimate, Thanks, Update,
};

const SITE: &str = "https://essaim.example";
/// 2026-11-22T13:36:00Z, 14 h 36 in Paris.
const GIVEN_AT: UtcSeconds = UtcSeconds::new(1_795_354_560);
const DAY: i64 = 86_400;

/// Every sample, with the name of its golden file.
#[must_use]
pub fn all() -> Vec<(&'static str, Letter)> {
    let mut samples = gifts();
    samples.extend(thanks());
    samples.extend(receipts());
    samples.extend(refunds());
    samples.extend(progress());
    samples.extend(news());
    samples.extend(decisions());
    samples
}

fn project() -> Project {
    Project {
        title: "Le bus des démarches".into(),
        url: format!("{SITE}/campagnes/le-bus-des-demarches-de-la-creuse"),
        holder: "La Clef des champs numériques".into(),
    }
}

fn gift(method: PaymentMethod) -> GiftFacts {
    GiftFacts {
        amount: Cents::new(2_000),
        given_at: GIVEN_AT,
        method,
        reference: "7f3c-91e2".into(),
        project: project(),
        gift_url: format!("{SITE}/dons/jeton"),
    }
}

fn estimate() -> TaxEstimate {
    TaxEstimate {
        rate: BasisPoints::new(6_600),
        reduction: Cents::new(1_320),
        cost: Cents::new(680),
        tax_box: Some("7UF".into()),
    }
}

fn acknowledgement(method: PaymentMethod, no_receipt: Option<NoReceipt>) -> Letter {
    Letter::Acknowledgement(Acknowledgement {
        gift: gift(method),
        last4: Some("4242".into()),
        no_receipt,
        refundable_until: Some(GIVEN_AT.plus_seconds(14 * DAY)),
    })
}

fn gifts() -> Vec<(&'static str, Letter)> {
    let card = PaymentMethod::Card;
    let debit = PaymentMethod::SepaDebit;
    let debit_failed = |retry_url| {
        Letter::DebitFailed(DebitFailed {
            gift: gift(debit),
            match_released: Cents::new(3_200),
            retry_url,
        })
    };
    vec![
        ("acknowledgement", acknowledgement(card, None)),
        ("acknowledgement-not-wanted", acknowledgement(card, Some(NoReceipt::NotWanted))),
        (
            "acknowledgement-not-eligible",
            acknowledgement(debit, Some(NoReceipt::IssuerNotEligible)),
        ),
        ("acknowledgement-minimum", acknowledgement(card, Some(NoReceipt::MinimumNotReached))),
        (
            "pending-debit",
            Letter::PendingDebit(PendingDebit {
                gift: gift(debit),
                last4: Some("0606".into()),
                match_kept: Cents::new(3_200),
                kept_until: GIVEN_AT.plus_seconds(21 * DAY),
            }),
        ),
        ("debit-failed", debit_failed(Some(format!("{}/don", project().url)))),
        ("debit-failed-closed", debit_failed(None)),
        (
            "dispute-notice",
            Letter::DisputeNotice(DisputeNotice {
                gift: gift(card),
                opened_at: GIVEN_AT.plus_seconds(9 * DAY),
                receipt_number: Some("CLEF-2026-000419".into()),
            }),
        ),
        (
            "gift-confirm",
            Letter::GiftConfirm(GiftConfirm {
                amount: Cents::new(2_000),
                project: project(),
                confirm_url: format!("{SITE}/dons/jeton/confirmer"),
                valid_until: GIVEN_AT.plus_seconds(1_800),
            }),
        ),
    ]
}

fn line(name: &str, rate_bp: i64, cents: i64, reason: &str) -> MatchLine {
    MatchLine {
        name: name.into(),
        rate: Some(BasisPoints::new(rate_bp)),
        amount: Cents::new(cents),
        reason: Some(reason.into()),
        ceiling: Some(Cents::new(if rate_bp == 4_000 { 4_000 } else { 5_000 })),
        reduced_by: None,
    }
}

fn thanks() -> Vec<(&'static str, Letter)> {
    let lines = vec![
        line("Socle national", 5_000, 1_000, "Le fonds ajoute la moitié de chaque don."),
        line(
            "Urgence numérique",
            4_000,
            800,
            "Le projet touche d'abord des personnes en urgence numérique.",
        ),
        line("Territoire rural", 3_000, 600, "Le projet agit dans un territoire rural."),
        line(
            "Péréquation",
            4_000,
            800,
            "La Creuse fait partie des vingt départements où le besoin est le plus fort.",
        ),
    ];
    let full = Thanks {
        gift: gift(PaymentMethod::Card),
        matched: Cents::new(3_200),
        received: Cents::new(5_200),
        lines,
        not_applied: vec![NotApplied {
            name: "Insertion et emploi".into(),
            reason: "Le projet ne s'adresse pas aux demandeurs d'emploi.".into(),
        }],
        at_close: vec![NotApplied {
            name: "Pot commun citoyen, tour du mois".into(),
            reason: "Cette enveloppe est partagée entre les projets à la clôture du tour, le \
                     1er janvier 2027. La part de ce don sera connue ce jour-là."
                .into(),
        }],
        tax: Some(estimate()),
        rule_set: Some("2026-09".into()),
        verify_url: Some(format!("{SITE}/verifier/ab-7f3c-91e2")),
        receipt_follows: true,
        refundable_until: Some(GIVEN_AT.plus_seconds(14 * DAY)),
    };
    let mut short = full.clone();
    short.lines.truncate(1);
    short.lines[0].amount = Cents::new(437);
    short.lines[0].reduced_by = Some("Il ne restait que 4,37 € dans cette enveloppe.".into());
    (short.matched, short.received) = (Cents::new(437), Cents::new(2_437));
    let alone = Thanks {
        matched: Cents::ZERO,
        received: Cents::new(2_000),
        lines: vec![],
        tax: None,
        rule_set: None,
        verify_url: None,
        receipt_follows: false,
        refundable_until: None,
        at_close: vec![],
        ..full.clone()
    };
    vec![
        ("thanks", Letter::Thanks(full)),
        ("thanks-short", Letter::Thanks(short)),
        ("thanks-alone", Letter::Thanks(alone)),
    ]
}

fn receipts() -> Vec<(&'static str, Letter)> {
    let receipt = Receipt {
        number: "CLEF-2026-000419".into(),
        issuer: "La Clef des champs numériques".into(),
        project: project(),
        amount: Cents::new(2_000),
        given_at: GIVEN_AT,
        tax: Some(estimate()),
        code: "K7QP-2M4D".into(),
        verify_url: format!("{SITE}/verifier/recu"),
        receipt_url: format!("{SITE}/recus/jeton"),
        replaces: None,
    };
    let replacement = Receipt {
        number: "CLEF-2026-000420".into(),
        replaces: Some(receipt.number.clone()),
        ..receipt.clone()
    };
    let cancelled = |reason, replaced_by| {
        Letter::ReceiptCancelled(ReceiptCancelled {
            number: "CLEF-2026-000419".into(),
            issuer: "La Clef des champs numériques".into(),
            project: project(),
            reason,
            cancelled_at: GIVEN_AT.plus_seconds(3 * DAY),
            replaced_by,
            verify_url: format!("{SITE}/verifier/recu"),
        })
    };
    let next = Some("CLEF-2026-000420".to_owned());
    vec![
        ("receipt", Letter::Receipt(receipt)),
        ("receipt-replacement", Letter::Receipt(replacement)),
        ("receipt-cancelled", cancelled(CancelReason::Refunded, None)),
        ("receipt-cancelled-partly", cancelled(CancelReason::PartlyRefunded, next.clone())),
        ("receipt-cancelled-dispute", cancelled(CancelReason::DisputeLost, None)),
        ("receipt-cancelled-corrected", cancelled(CancelReason::Corrected, next)),
    ]
}

fn refunds() -> Vec<(&'static str, Letter)> {
    let done = RefundDone {
        gift: gift(PaymentMethod::Card),
        refunded: Cents::new(2_000),
        remaining: Cents::ZERO,
        match_returned: Cents::new(3_200),
        receipt_cancelled: Some("CLEF-2026-000419".into()),
        campaign_failed: false,
    };
    let partly = RefundDone {
        refunded: Cents::new(500),
        remaining: Cents::new(1_500),
        match_returned: Cents::new(800),
        ..done.clone()
    };
    let failed = RefundDone {
        gift: gift(PaymentMethod::SepaDebit),
        receipt_cancelled: None,
        campaign_failed: true,
        ..done.clone()
    };
    vec![
        ("refund-done", Letter::RefundDone(done)),
        ("refund-done-partly", Letter::RefundDone(partly)),
        ("refund-done-campaign-failed", Letter::RefundDone(failed)),
        (
            "refund-requested",
            Letter::RefundRequested(RefundRequested {
                gift: gift(PaymentMethod::SepaDebit),
                requested_at: GIVEN_AT.plus_seconds(2 * DAY),
                answer_by: Some(GIVEN_AT.plus_seconds(7 * DAY)),
            }),
        ),
    ]
}

fn passed(milestone: Milestone, reader: Reader, raised_euros: i64) -> Letter {
    let raised = Cents::new(raised_euros * 100);
    let given = Cents::new(raised_euros * 54 / 100 * 100);
    Letter::Progress(Progress {
        project: project(),
        reader,
        milestone,
        raised,
        given,
        matched: raised.minus(given).unwrap_or(Cents::ZERO),
        minimum: Cents::new(1_800_000),
        optimum: Some(Cents::new(2_600_000)),
        donors: 214,
        ends_at: GIVEN_AT.plus_seconds(19 * DAY),
        all_or_nothing: true,
    })
}

fn progress() -> Vec<(&'static str, Letter)> {
    vec![
        ("progress-25", passed(Milestone::Quarter, Reader::Donor, 4_600)),
        ("progress-50", passed(Milestone::Half, Reader::Follower, 9_100)),
        ("progress-75", passed(Milestone::ThreeQuarters, Reader::Donor, 13_700)),
        ("progress-minimum", passed(Milestone::Minimum, Reader::Donor, 18_832)),
        ("progress-minimum-follower", passed(Milestone::Minimum, Reader::Follower, 18_832)),
        ("progress-optimum", passed(Milestone::Optimum, Reader::Donor, 26_050)),
    ]
}

fn news() -> Vec<(&'static str, Letter)> {
    let figure = |label: &str, value: &str| Figure { label: label.into(), value: value.into() };
    vec![
        (
            "update",
            Letter::Update(Update {
                project: project(),
                reader: Reader::Follower,
                title: "Neuf secrétaires de mairie formées".into(),
                text: "Deux jours à Boussac, avec le médiateur de Thiérache venu passer le \
                       relais. Les neuf secrétaires peuvent désormais **débloquer un premier \
                       dossier**.\n\nProchain rendez-vous :\n\n- le 9 décembre à Guéret ;\n- le \
                       16 décembre à Aubusson."
                    .into(),
                figures: vec![
                    figure("Démarches débloquées", "412 sur 1 500"),
                    figure("Secrétaires formées", "9 sur 32"),
                ],
                published_at: GIVEN_AT,
                update_url: format!("{}#actualite-3", project().url),
            }),
        ),
        (
            "follow-confirm",
            Letter::FollowConfirm(FollowConfirm {
                project: project(),
                confirm_url: format!("{SITE}/suivis/jeton"),
                valid_until: GIVEN_AT.plus_seconds(2 * DAY),
            }),
        ),
        (
            "sign-in",
            Letter::SignIn(SignIn {
                code: "031542".to_owned(),
                link: format!("{SITE}/connexion/lien/jeton"),
                valid_until: GIVEN_AT.plus_seconds(15 * 60),
            }),
        ),
        (
            "invitation",
            Letter::Invitation(Invitation {
                organisation: "La Clef des Combrailles".to_owned(),
                invited_by: "solange@clef.example".to_owned(),
                role: Role::Editor,
                answer_url: format!("{SITE}/mon-espace"),
                valid_until: GIVEN_AT.plus_seconds(14 * DAY),
            }),
        ),
        (
            "address-confirm",
            Letter::AddressConfirm(AddressConfirm {
                link: format!("{SITE}/mon-espace/adresse/jeton"),
                valid_until: GIVEN_AT.plus_seconds(30 * 60),
            }),
        ),
        (
            "address-notice",
            Letter::AddressNotice(AddressNotice {
                new_address: "camille.nouvelle@exemple.fr".to_owned(),
                link: format!("{SITE}/adresse/jeton"),
                valid_until: GIVEN_AT.plus_seconds(30 * 60),
            }),
        ),
        (
            "forgotten",
            Letter::Forgotten(Forgotten {
                receipts_until: Some(GIVEN_AT.plus_seconds(2_230 * DAY)),
            }),
        ),
        ("forgotten-no-receipt", Letter::Forgotten(Forgotten { receipts_until: None })),
    ]
}

fn decisions() -> Vec<(&'static str, Letter)> {
    let organisation = Some("La Clef des Combrailles");
    vec![
        ("suspension", suspension(None, false)),
        ("suspension-lifted", suspension(None, true)),
        ("suspension-organisation", suspension(organisation, false)),
        ("suspension-organisation-lifted", suspension(organisation, true)),
    ]
}

fn suspension(organisation: Option<&str>, lifted: bool) -> Letter {
    let reason = if lifted {
        "Les pièces demandées sont arrivées."
    } else {
        "Le budget publié n'est pas le vôtre."
    };
    Letter::Suspension(Suspension {
        organisation: organisation.map(str::to_owned),
        lifted,
        reason: reason.to_owned(),
        contest_url: format!("{SITE}/aide"),
        at: GIVEN_AT,
    })
}
