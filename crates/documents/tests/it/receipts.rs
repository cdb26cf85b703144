//! The mentions of the law, in the file itself, read by other programs (Debian's poppler-utils).

use std::{io::Write, process::Command};

use documents::{
    BodyCategory, Broken, Cancellation, CancellationReason, Documents, Pdf, ReceiptData, Signature,
};
use domain::{Cents, gift::PaymentMethod};
use time::macros::date;

use crate::sample;

fn poppler(program: &str, arguments: &[&str], pdf: &Pdf) -> String {
    let mut file = tempfile::Builder::new().suffix(".pdf").tempfile().expect("a temporary file");
    file.write_all(&pdf.bytes).expect("room for a PDF");
    let output = Command::new(program)
        .args(arguments)
        .arg(file.path())
        .arg("-")
        .output()
        .unwrap_or_else(|error| panic!("{program} (package poppler-utils) must run: {error}"));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && error.is_empty(), "{program}: {error}");
    String::from_utf8(output.stdout).expect("poppler writes UTF-8")
}

/// The text of a page, its words parted by single spaces.
fn text(pdf: &Pdf) -> String {
    let text = poppler("pdftotext", &["-raw", "-enc", "UTF-8"], pdf);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn info(pdf: &Pdf, arguments: &[&str]) -> String {
    let mut file = tempfile::Builder::new().suffix(".pdf").tempfile().expect("a temporary file");
    file.write_all(&pdf.bytes).expect("room for a PDF");
    let output = Command::new("pdfinfo").args(arguments).arg(file.path()).output();
    let output = output.unwrap_or_else(|e| panic!("pdfinfo (poppler-utils) must run: {e}"));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn with(change: impl FnOnce(&mut ReceiptData)) -> ReceiptData {
    let mut receipt = sample::receipt();
    change(&mut receipt);
    receipt
}

/// Each mention of the model (2041-RD, Cerfa 11580*05; free layout as BOI-IR-RICI-250-40 allows),
/// and what ours says.
const MENTIONS: [(&str, &str); 22] = [
    (
        "title",
        "Reçu au titre des dons Dons et versements effectués par les particuliers au titre de \
         l’article 200 du code général des impôts.",
    ),
    ("model", "Reprend les mentions du modèle 2041-RD (Cerfa n° 11580*05)."),
    ("order number", "Reçu n° ORG-01-2026-000419"),
    ("beneficiary: name", "Bénéficiaire du versement La Clef des Combrailles"),
    ("beneficiary: SIREN or RNA", "SIREN 000 002 014 · RNA W230000000"),
    ("beneficiary: address", "4, place du Marché 23000 Guéret France"),
    ("beneficiary: object", "Objet : accompagner les habitants de la Creuse"),
    ("beneficiary: category", "☒ Œuvre ou organisme d’intérêt général"),
    ("beneficiary: ruling and date", "Référence : RESCRIT-DEMO-001, du 1er mars 2025"),
    ("donor: name", "Donateur Camille Lefèvre"),
    ("donor: complete address", "12, rue des Tanneurs 63000 Clermont-Ferrand France"),
    (
        "acknowledgement",
        "Le bénéficiaire reconnaît avoir reçu, au titre des dons et versements ouvrant droit à \
         réduction d’impôt, la somme de : *** 20,00 € ***",
    ),
    ("amount in letters", "Somme en toutes lettres : vingt euros"),
    ("date of payment", "Date du versement : 22 novembre 2026"),
    ("form", "Forme du don : déclaration de don manuel"),
    ("nature", "Nature du don : numéraire"),
    ("mode", "Mode de versement : carte bancaire"),
    (
        "certification on honour",
        "Le bénéficiaire certifie sur l’honneur que les dons et versements qu’il reçoit ouvrent \
         droit à la réduction d’impôt prévue à l’article : ☒ 200 du CGI",
    ),
    ("place and date", "Fait à Guéret, le 22 novembre 2026"),
    ("signatory and capacity", "Solange Chabrat, trésorière"),
    ("signature", "Signature :"),
    (
        "ours: how to check it",
        "essaim.example/verifier/recu, numéro ORG-01-2026-000419, code K7QM-4P2D.",
    ),
];

#[test]
fn every_mandatory_mention_is_in_the_file_word_for_word() {
    let found = text(&Documents::new().receipt(&sample::receipt()).unwrap());
    for (mention, ours) in MENTIONS {
        assert!(found.contains(ours), "{mention}: {ours}\n{found}");
    }
}

#[test]
fn the_file_is_archivable_accessible_and_one_page() {
    let pdf = Documents::new().receipt(&sample::receipt()).unwrap();
    let summary = info(&pdf, &[]);
    let line = |name: &str| {
        let line = summary.lines().find(|line| line.starts_with(name)).expect("a known line");
        line[name.len()..].trim().to_owned()
    };
    assert_eq!(line("Pages:"), "1");
    assert_eq!(line("Tagged:"), "yes");
    assert_eq!(line("JavaScript:"), "no");
    assert_eq!(line("Title:"), "Reçu au titre des dons n°\u{a0}ORG-01-2026-000419");
    assert!(line("Page size:").contains("A4"), "{summary}");
    let metadata = info(&pdf, &["-meta"]);
    for claim in [
        "<pdfaid:part>3</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
    ] {
        assert!(metadata.contains(claim), "{metadata}");
    }
    let structure = info(&pdf, &["-struct-text"]);
    for tag in ["H1", "H2", "Figure"] {
        assert!(structure.contains(tag), "{structure}");
    }
    assert!(pdf.bytes.len() < 80_000, "{} bytes", pdf.bytes.len());
}

#[test]
fn the_same_data_give_the_same_bytes() {
    let documents = Documents::new();
    let first = documents.receipt(&sample::receipt()).unwrap();
    let other = documents.receipt(&with(|r| r.donor.name = "Ana Diop".to_owned())).unwrap();
    assert_ne!(first.sha256, other.sha256);
    assert_eq!(documents.receipt(&sample::receipt()).unwrap(), first);
    assert_eq!(Documents::new().receipt(&sample::receipt()).unwrap(), first);
    assert_eq!(first.sha256.len(), 64);
}

#[test]
fn a_receipt_read_back_from_json_draws_the_same_bytes() {
    let documents = Documents::new();
    let kept = serde_json::to_string(&sample::receipt()).unwrap();
    assert!(kept.contains(r#""issued_on":"2026-11-22""#), "{kept}");
    let read: ReceiptData = serde_json::from_str(&kept).unwrap();
    assert_eq!(documents.receipt(&read).unwrap(), documents.receipt(&sample::receipt()).unwrap());
}

#[test]
fn names_are_printed_literally() {
    let documents = Documents::new();
    for name in [
        "Anne-Gaëlle d'Arc",
        "Zoé L’Hostis",
        "#strong[Rob] $x^2$ *gras* _fin_ @ref <label> ~ // \\ \\#",
        "{{donor}} {{{x}}} ${y} %s",
        "\"Bob\" & <script>alert(1)</script> `code`",
        "Léa 😀",
        "Nguyễn Thị Ánh",
        "Łukasz Żółć",
        "Αθηνά Юлия",
    ] {
        let receipt = with(|receipt| {
            receipt.donor.name = name.to_owned();
            receipt.donor.address.line = name.to_owned();
            receipt.issuer.object = name.to_owned();
        });
        let found = text(&documents.receipt(&receipt).unwrap());
        assert_eq!(found.matches(name).count(), 3, "{name}\n{found}");
    }
}

#[test]
fn right_to_left_names_keep_their_letters() {
    let documents = Documents::new();
    for name in ["דוד כהן", "مريم الفاسي"] {
        let found = text(&documents.receipt(&with(|r| r.donor.name = name.to_owned())).unwrap());
        // Words follow each other as they are drawn, the first one at the right.
        for word in name.split(' ') {
            assert!(found.contains(word), "{word}\n{found}");
        }
    }
}

#[test]
fn invisible_characters_do_not_turn_a_name() {
    let typed = with(|r| r.donor.name = "Ca\u{202e}mille\u{200b}\n Lefèvre".to_owned());
    let documents = Documents::new();
    assert_eq!(documents.receipt(&typed).unwrap(), documents.receipt(&sample::receipt()).unwrap());
}

#[test]
fn amounts_are_framed_and_in_words() {
    let documents = Documents::new();
    for (cents, figures, words) in [
        (1, "*** 0,01 € ***", "un centime"),
        (999_999, "*** 9 999,99 € ***", "neuf mille neuf cent quatre-vingt-dix-neuf euros et"),
        (100_000_000, "*** 1 000 000,00 € ***", "un million d’euros"),
    ] {
        let receipt = with(|receipt| {
            receipt.payment.amount = Cents::new(cents);
            receipt.payment.method = PaymentMethod::SepaDebit;
        });
        let found = text(&documents.receipt(&receipt).unwrap());
        assert!(found.contains(figures) && found.contains(words), "{found}");
        assert!(found.contains("Mode de versement : prélèvement bancaire"), "{found}");
    }
}

#[test]
fn the_match_is_apart_from_the_amount() {
    let documents = Documents::new();
    let found = text(&documents.receipt(&sample::receipt()).unwrap());
    let (above, apart) = found.split_once("À part, pour votre information").unwrap();
    assert!(!above.contains("32,00"), "{above}");
    assert!(apart.contains("32,00 €") && apart.contains("13,20 €") && apart.contains("6,80 €"));
    let alone = text(&documents.receipt(&with(|r| r.separately = None)).unwrap());
    assert!(!alone.contains("À part"), "{alone}");
}

#[test]
fn every_category_has_its_box() {
    let documents = Documents::new();
    let mut seen = std::collections::BTreeSet::new();
    for category in BodyCategory::ALL {
        assert_eq!(BodyCategory::from_code(category.code()), Some(*category));
        let pdf = documents.receipt(&with(|r| r.issuer.category = *category)).unwrap();
        let found = text(&pdf);
        let after = found.split_once('☒').unwrap().1;
        seen.insert(after.split("Référence").next().unwrap().to_owned());
    }
    assert_eq!(seen.len(), BodyCategory::ALL.len(), "{seen:?}");
    assert_eq!(BodyCategory::from_code("commercial_company"), None);
}

#[test]
fn a_cancelled_receipt_says_so_and_why() {
    let documents = Documents::new();
    for (reason, why) in [
        (CancellationReason::Refunded, "entièrement remboursé"),
        (CancellationReason::PartlyRefunded, "remboursé en partie"),
        (CancellationReason::Disputed, "la banque du donateur a repris"),
        (CancellationReason::Corrected, "inexacte"),
    ] {
        let cancellation = Cancellation {
            reason,
            on: date!(2026 - 12 - 01),
            replaced_by: Some("ORG-01-2026-000420".to_owned()),
        };
        let pdf = documents.cancelled_receipt(&sample::receipt(), &cancellation).unwrap();
        let found = text(&pdf);
        for mention in [
            "Annulation d’un reçu au titre des dons",
            "Annulé le 1er décembre 2026",
            "annule le reçu n° ORG-01-2026-000419",
            "n’ouvre plus droit à aucune réduction d’impôt ; si",
            "remplacé par le reçu n° ORG-01-2026-000420",
            why,
        ] {
            assert!(found.contains(mention), "{mention}\n{found}");
        }
        assert!(found.contains("Fait à Guéret, le 1er décembre 2026"), "{found}");
        for claim in ["À part", "certifie sur l’honneur", "ouvrant droit"] {
            assert!(!found.contains(claim), "{claim}\n{found}");
        }
    }
}

#[test]
fn a_signature_is_a_drawing() {
    assert!(Signature::prints(include_str!("../signature.svg")));
    let empty = r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>"#;
    for other in ["", "Solange Chabrat", "<p>Solange</p>", empty] {
        assert!(!Signature::prints(other), "{other}");
    }
}

#[test]
fn a_missing_mention_is_refused_by_name() {
    let documents = Documents::new();
    let refused = |change: fn(&mut ReceiptData)| documents.receipt(&with(change)).unwrap_err();
    for (error, mention) in [
        (refused(|r| r.donor.name = " \u{200b}\n".to_owned()), "donor.name"),
        (refused(|r| r.donor.address.line.clear()), "donor.address"),
        (refused(|r| r.issuer.object.clear()), "issuer.object"),
        (refused(|r| r.verification.code.clear()), "verification.code"),
        (refused(|r| r.signature.svg.clear()), "signature.svg"),
        (refused(|r| (r.issuer.siren, r.issuer.rna) = (None, None)), "issuer.siren or issuer.rna"),
    ] {
        assert_eq!(error, Broken::Missing(mention));
    }
    assert_eq!(refused(|r| r.payment.amount = Cents::ZERO), Broken::Amount);
    let unprintable = refused(|r| r.donor.name = "王伟".to_owned());
    assert_eq!(unprintable, Broken::Unprintable("donor.name"));
    assert!(!documents.can_print("王伟") && documents.can_print("Zoé 🫶"));
}

#[test]
fn long_mentions_still_hold_on_one_page() {
    let documents = Documents::new();
    for words in [30, 90, 180] {
        let receipt = with(|receipt| {
            receipt.issuer.object = "démarches ".repeat(words);
            receipt.issuer.name = "Association départementale ".repeat(4);
            receipt.donor.name = "Marie-Françoise-Emmanuelle ".repeat(4);
            receipt.donor.address.line = "Anticonstitutionnellement".repeat(4);
        });
        let pdf = documents.receipt(&receipt).unwrap();
        assert_eq!(text(&pdf).matches("démarches").count(), words);
    }
}

#[test]
fn what_cannot_be_drawn_is_refused_without_quoting_it() {
    let documents = Documents::new();
    let endless = documents.receipt(&with(|r| r.issuer.object = "démarches ".repeat(1_000)));
    assert!(matches!(endless, Err(Broken::TooLong(2..))), "{endless:?}");
    let broken = documents.receipt(&with(|r| r.signature.svg = "<svg Camille".to_owned()));
    let Err(Broken::Drawing(message)) = broken else { panic!("{broken:?}") };
    assert!(!message.contains("Camille"), "{message}");
}

#[test]
fn several_threads_draw_at_once() {
    let documents = Documents::new();
    let alone = documents.receipt(&sample::receipt()).unwrap();
    let drawn: Vec<Pdf> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| documents.receipt(&sample::receipt()).unwrap()))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(drawn.iter().all(|pdf| *pdf == alone));
}
