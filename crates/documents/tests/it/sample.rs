//! One receipt and one campaign, invented.

use documents::{
    BodyCategory, Donor, Issuer, Payment, ReceiptData, Ruling, Separately, ShareData, Signature,
    Verification,
};
use domain::{BasisPoints, Cents, gift::PaymentMethod, people::PostalAddress};
use time::macros::date;

pub fn address(line: &str, postcode: &str, city: &str) -> PostalAddress {
    PostalAddress {
        line: line.to_owned(),
        postcode: postcode.to_owned(),
        city: city.to_owned(),
        country: "FR".to_owned(),
    }
}

pub fn receipt() -> ReceiptData {
    ReceiptData {
        number: "ORG-01-2026-000419".to_owned(),
        issuer: Issuer {
            name: "La Clef des Combrailles".to_owned(),
            siren: Some("000 002 014".parse().expect("a SIREN with its key")),
            rna: Some("W230000000".to_owned()),
            address: address("4, place du Marché", "23000", "Guéret"),
            object: "accompagner les habitants de la Creuse dans leurs démarches numériques."
                .to_owned(),
            category: BodyCategory::GeneralInterest,
            ruling: Some(Ruling {
                reference: "RESCRIT-DEMO-001".to_owned(),
                date: date!(2025 - 03 - 01),
            }),
        },
        donor: Donor {
            name: "Camille Lefèvre".to_owned(),
            address: address("12, rue des Tanneurs", "63000", "Clermont-Ferrand"),
        },
        payment: Payment {
            amount: Cents::new(2_000),
            paid_on: date!(2026 - 11 - 22),
            method: PaymentMethod::Card,
        },
        signature: Signature {
            name: "Solange Chabrat".to_owned(),
            capacity: "trésorière".to_owned(),
            svg: include_str!("../signature.svg").to_owned(),
        },
        place: "Guéret".to_owned(),
        issued_on: date!(2026 - 11 - 22),
        verification: Verification {
            address: "essaim.example/verifier/recu".to_owned(),
            code: "K7QM-4P2D".to_owned(),
        },
        separately: Some(Separately {
            matched: Cents::new(3_200),
            reference: "ab-7f3c-91e2".to_owned(),
            reduction: Cents::new(1_320),
            after_tax_cost: Cents::new(680),
        }),
    }
}

pub fn campaign() -> ShareData {
    ShareData {
        title: "Le bus des démarches sillonne les Combrailles".to_owned(),
        holder: "La Clef des Combrailles".to_owned(),
        territory: "Creuse".to_owned(),
        departement: "23".to_owned(),
        raised: Cents::new(4_779_000),
        matched: Cents::new(2_104_000),
        goal_share: BasisPoints::new(9_000),
    }
}
