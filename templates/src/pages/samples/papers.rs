use domain::{Cents, gift::PaymentMethod};

use super::{NOW, eur, gueret, money, text};
use crate::pages::{
    ReceiptPage, VerifyMatch, VerifyReceipt,
    receipt::{Issuer, ReceiptValidity},
    verify::{DaySeal, InLedger, MatchFound, MatchRecord, ReceiptAnswer, ReceiptFacts},
};

pub fn receipts() -> Vec<(&'static str, ReceiptPage)> {
    let valid = ReceiptPage {
        token: text("c41d"),
        gift_path: Some(text("/dons/a4f0")),
        number: text("CLEF-2026-000419"),
        code: text("K7QM-4P2D"),
        issued_at: NOW,
        state: ReceiptValidity::Valid,
        issuer: Issuer {
            name: text("La Clef des Combrailles"),
            siren: Some(text("900 000 000")),
            rna: Some(text("W230000000")),
            address: gueret(),
            object: text("accompagner les habitants de la Creuse dans leurs démarches numériques."),
            category: text("general_interest"),
            signed_by: text("Solange Chabrat, trésorière"),
            signed_at_city: text("Guéret"),
        },
        donor: text("Camille Lefèvre"),
        donor_address: gueret(),
        amount: eur(20),
        amount_in_words: text("vingt euros"),
        given_at: NOW,
        method: PaymentMethod::Card,
        matched: eur(32),
        verify_ref: Some(text("ab-7f3c-91e2")),
        reduction: Some((Cents::new(1_320), Cents::new(680))),
        pdf_path: Some(text("/recus/c41d/recu.pdf")),
    };
    let cancelled = ReceiptPage {
        state: ReceiptValidity::Cancelled { at: NOW, replaced_by: Some(text("/recus/b7c1")) },
        gift_path: None,
        pdf_path: None,
        matched: Cents::ZERO,
        verify_ref: None,
        reduction: None,
        ..valid.clone()
    };
    vec![("valid", valid), ("cancelled", cancelled)]
}

pub fn matches() -> Vec<(&'static str, VerifyMatch)> {
    let page = |found| VerifyMatch { reference: text("ab-7f3c-91e2"), found };
    let record = |record| page(MatchFound::Record(Box::new(record)));
    let exact = exact();
    let gap = MatchRecord { recomputed: eur(31), ..exact.clone() };
    let forged = MatchRecord { digest_holds: false, released: true, ..exact.clone() };
    let seal = DaySeal {
        day: NOW,
        name: text("2026-11-22"),
        seal: text("52ae0f9c7d3152ae0f9c7d31"),
        path: vec![(text("L"), text("52ae1f")), (text("R"), text("0f9c2b"))],
    };
    let named = |pot: &str, title: &str| InLedger {
        pot: text(pot),
        title: text(title),
        name: text("52ae0f9c7d31c41d77a0e2b95f3866d1"),
    };
    let sealed = MatchRecord {
        seal: Some(seal.clone()),
        json_path: Some(text("/verifier/ab-7f3c-91e2/preuve.json")),
        names: vec![named("socle", "Socle national"), named("urgence", "Urgence numérique")],
        ..exact.clone()
    };
    let alone = MatchRecord {
        seal: Some(DaySeal { path: Vec::new(), ..seal }),
        names: Vec::new(),
        ..sealed.clone()
    };
    vec![
        ("exact", record(exact)),
        ("sealed", record(sealed)),
        ("only_one_of_its_day", record(alone)),
        ("mismatch", record(gap)),
        ("digest_broken", record(forged)),
        ("unknown", page(MatchFound::Unknown)),
        ("ask", VerifyMatch { reference: String::new(), found: MatchFound::Ask }),
    ]
}

fn exact() -> MatchRecord {
    MatchRecord {
        amount: eur(20),
        given_at: NOW,
        campaign: text("Le bus des démarches"),
        slug: text("le-bus-des-demarches-de-la-creuse"),
        departement_name: text("Creuse"),
        booked: eur(32),
        recomputed: eur(32),
        lines: money::lines(eur(20)),
        not_applied: money::not_applied(),
        caps: money::caps(),
        rule_sets: vec![text("socle@1"), text("urgence@1")],
        digest: text("c41d77a0e2b95f3866d1a4f0b8e39c52c41d77a0e2b95f3866d1a4f0b8e39c52"),
        digest_holds: true,
        seal: None,
        released: false,
        record_json: text("{\n  \"event\": \"d-1\",\n  \"why\": \"a ? b : 'c'\"\n}"),
        json_path: None,
        names: Vec::new(),
    }
}

pub fn receipt_checks() -> Vec<(&'static str, VerifyReceipt)> {
    let facts = ReceiptFacts {
        issuer: text("La Clef des Combrailles"),
        donor: text("C. L."),
        amount: eur(20),
        given_at: NOW,
    };
    let asked = |answer| VerifyReceipt {
        number: text("CLEF-2026-000419"),
        code: text("K7QM-4P2D"),
        answer,
    };
    let ask =
        VerifyReceipt { number: String::new(), code: String::new(), answer: ReceiptAnswer::Ask };
    let cancelled = |replaced| ReceiptAnswer::Cancelled { facts: facts.clone(), at: NOW, replaced };
    vec![
        ("ask", ask),
        ("valid", asked(ReceiptAnswer::Valid(facts.clone()))),
        ("cancelled", asked(cancelled(false))),
        ("replaced", asked(cancelled(true))),
        ("unknown", asked(ReceiptAnswer::Unknown)),
        ("incomplete", asked(ReceiptAnswer::Incomplete)),
        ("too_many", asked(ReceiptAnswer::TooMany)),
    ]
}
