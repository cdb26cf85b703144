//! What came back, in a small corpus.

use std::{collections::BTreeSet, fs, path::PathBuf};

use domain::ids::LetterId;
use mail::bounce::{Bounce, Enhanced, Report, of_reply, read_report};

use crate::world::{address, message};

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/bounces")
}

fn read(name: &str) -> Option<Report> {
    read_report(&fs::read(corpus().join(format!("{name}.eml"))).unwrap())
}

/// The name of each file begins with what it must be found to be.
#[test]
fn each_mail_of_the_corpus_is_understood() {
    let mut seen = BTreeSet::new();
    for entry in fs::read_dir(corpus()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let expected = match name.split('-').next().unwrap() {
            "hard" => Some(Bounce::Hard),
            "soft" => Some(Bounce::Soft),
            "policy" => Some(Bounce::Policy),
            "complaint" => Some(Bounce::Complaint),
            "nothing" => None,
            other => panic!("what is {other}?"),
        };
        assert_eq!(read(&name).map(|report| report.bounce), expected, "{name}");
        seen.insert(format!("{expected:?}"));
    }
    assert_eq!(seen.len(), 5);
}

#[test]
fn a_report_names_our_letter_and_its_recipient() {
    let letter: LetterId = message("thanks", 7).id();
    let everywhere = ["hard-unknown-user", "soft-mailbox-full", "hard-by-reply-only", "complaint"];
    for name in everywhere {
        let report = read(name).unwrap();
        assert_eq!(report.letter, Some(letter), "{name}");
        assert_eq!(report.recipient, Some(address("camille@exemple.fr")), "{name}");
    }
    let stranger = read("hard-of-a-stranger").unwrap();
    assert_eq!(stranger.letter, None, "nothing says which letter it was");
    let enhanced = read("soft-mailbox-full").unwrap().enhanced;
    assert_eq!(enhanced, Some(Enhanced { class: 5, subject: 2, detail: 2 }));
}

#[test]
fn a_reply_is_judged_by_its_code_its_status_and_its_words() {
    let at_recipient = [
        (450, "4.2.0 greylisted", Bounce::Soft),
        (550, "5.1.1 gone", Bounce::Hard),
        (550, "5.1.10 null MX", Bounce::Hard),
        (550, "5.1.8 bad sender domain", Bounce::Policy),
        (550, "5.2.1 mailbox disabled", Bounce::Hard),
        (552, "5.2.2 over quota", Bounce::Soft),
        (552, "5.2.3 too long for this mailbox", Bounce::Policy),
        (550, "5.7.1 Service unavailable; client host blocked", Bounce::Policy),
        (550, "5.7.1 no such user here", Bounce::Hard),
        (554, "5.7.1 spam", Bounce::Policy),
        (550, "relay access denied", Bounce::Policy),
        (550, "sorry", Bounce::Hard),
        (551, "user not local", Bounce::Hard),
        (556, "domain does not accept mail", Bounce::Hard),
        (554, "transaction failed", Bounce::Policy),
        (550, "4.1.1 odd class", Bounce::Hard),
    ];
    for (code, text, expected) in at_recipient {
        assert_eq!(of_reply(code, text, true), expected, "{code} {text}");
    }
    assert_eq!(of_reply(550, "not this text", false), Bounce::Policy);
}

#[test]
fn a_status_is_read_strictly() {
    let read = |text| Enhanced::leading(text).map(|code| code.to_string());
    assert_eq!(read("5.1.1 gone").as_deref(), Some("5.1.1"));
    assert_eq!(read(" 4.7.650").as_deref(), Some("4.7.650"));
    for wrong in ["", "5.1", "5.1.1.1", "3.1.1", "5.1.", "5.1.1000", "550 5.1.1", "x5.1.1"] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
}

#[test]
fn noise_is_no_report() {
    for noise in [&b""[..], b"\0\xff\xfe", b"Content-Type: multipart/report\r\n\r\n", b"a: b"] {
        assert_eq!(read_report(noise), None);
    }
}
