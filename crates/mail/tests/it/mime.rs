//! What travels: headers, parts, and what cannot be smuggled into them.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::people::PersonName;
use mail::{Attachment, Message, MessageRefused, PostError, samples};
use mail_parser::{MessageParser, MimeHeaders};
use serde_json::Value;

use crate::world::{UNSUBSCRIBE, address, composer, message, sample, written_at};

/// The bytes of a letter as the peer reports it.
pub fn decode(mail: &Value) -> Vec<u8> {
    STANDARD.decode(mail["raw"].as_str().unwrap()).unwrap()
}

/// The one header of that name, unfolded.
pub fn header(raw: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8(raw.to_vec()).unwrap();
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let mut found = unfolded.lines().filter_map(|line| {
        let (one, value) = line.split_once(':')?;
        one.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    });
    let first = found.next();
    assert_eq!(found.next(), None, "{name} is there twice");
    first
}

#[test]
fn a_service_letter_has_our_headers_and_no_unsubscribe() {
    let raw = composer().compose(&message("receipt", 7)).unwrap().bytes;
    let expected = [
        ("Message-ID", Some("<01900000-0000-7000-8000-000000000007@essaim.example>")),
        ("Date", Some("Tue, 24 Nov 2026 09:30:15 +0000")),
        ("Auto-Submitted", Some("auto-generated")),
        ("Reply-To", Some("aide@essaim.example")),
        ("MIME-Version", Some("1.0")),
        ("List-Unsubscribe", None),
        ("List-Unsubscribe-Post", None),
        ("Bcc", None),
    ];
    for (name, value) in expected {
        assert_eq!(header(&raw, name).as_deref(), value, "{name}");
    }
}

#[test]
fn news_can_be_stopped_in_one_click() {
    for (name, letter) in samples::all() {
        let raw = composer().compose(&message(name, 1)).unwrap().bytes;
        let due = !letter.is_service();
        let (url, post) = (format!("<{UNSUBSCRIBE}>"), "List-Unsubscribe=One-Click".to_owned());
        assert_eq!(header(&raw, "List-Unsubscribe"), due.then_some(url), "{name}");
        assert_eq!(header(&raw, "List-Unsubscribe-Post"), due.then_some(post), "{name}");
    }
}

#[test]
fn news_without_a_way_to_stop_them_are_not_sent() {
    let id = domain::ids::LetterId::new(uuid::Uuid::nil());
    let to = address("camille@exemple.fr");
    let news = Message::new(id, written_at(), to, PersonName::default(), sample("update")).unwrap();
    let error = composer().compose(&news).unwrap_err();
    assert_eq!(error, PostError::Unfit(MessageRefused::NoUnsubscribe.to_string()));
}

#[test]
fn text_html_and_files_arrive_as_they_were_written() {
    let pdf: Vec<u8> = (0..60_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    let attachment = Attachment::pdf("reçu-CLEF-2026-000419.pdf", pdf.clone()).unwrap();
    let composed = composer().compose(&message("receipt", 1).attach(attachment)).unwrap();
    assert!(composed.bytes.is_ascii());
    assert!(composed.bytes.split(|b| *b == b'\n').all(|line| line.len() <= 998));
    let parsed = MessageParser::default().parse(&composed.bytes).unwrap();
    assert_eq!(parsed.subject(), Some(composed.subject.as_str()));
    assert_eq!(parsed.body_text(0).unwrap().replace("\r\n", "\n"), composed.text);
    assert_eq!(parsed.body_html(0).unwrap().replace("\r\n", "\n"), composed.html);
    let file = parsed.attachment(0).unwrap();
    assert_eq!(file.attachment_name(), Some("reçu-CLEF-2026-000419.pdf"));
    assert_eq!(file.contents(), pdf);
    assert_eq!(parsed.attachment_count(), 1);
    let from = parsed.from().unwrap().first().unwrap();
    assert_eq!(from.name(), Some("Essaim, le fonds de solidarités numériques"));
    assert_eq!(parsed.to().unwrap().first().unwrap().name(), Some("Camille Lefèvre"));
}

#[test]
fn every_letter_is_an_alternative_of_text_then_html() {
    for (name, _) in samples::all() {
        let composed = composer().compose(&message(name, 1)).unwrap();
        let kind = header(&composed.bytes, "Content-Type").unwrap();
        assert!(kind.starts_with("multipart/alternative"), "{name}: {kind}");
        let parsed = MessageParser::default().parse(&composed.bytes).unwrap();
        let kinds: Vec<_> = parsed
            .parts
            .iter()
            .filter_map(|part| part.content_type()?.subtype().map(ToOwned::to_owned))
            .collect();
        assert_eq!(kinds, ["alternative", "plain", "html"], "{name}");
    }
}

#[test]
fn no_name_and_no_title_can_add_a_header() {
    let id = domain::ids::LetterId::new(uuid::Uuid::nil());
    let with_name = |first: &str| {
        let name = PersonName { first: first.into(), last: "Lefèvre".into() };
        Message::new(id, written_at(), address("c@exemple.fr"), name, sample("thanks"))
    };
    for evil in ["a\r\nBcc: x@y.fr", "a\nb", "a\rb", "a\0b", "a\u{2028}b", "a\tb", "a\u{85}b"] {
        let refused = with_name(evil).unwrap_err();
        assert_eq!(refused, MessageRefused::ControlCharacter("first name"), "{evil:?}");
        assert!(Attachment::pdf(evil, vec![]).is_err(), "{evil:?}");
        assert!(Attachment::new("a.pdf", evil, vec![]).is_err(), "{evil:?}");
        let url = format!("https://a.fr/{evil}");
        assert!(with_name("C").unwrap().unsubscribe(url).is_err(), "{evil:?}");
    }
    for url in ["", "a.fr", "ftp://a.fr", "https://a.fr/>,<mailto:x@y.fr>", "https://a.fr/é"] {
        let refused = with_name("C").unwrap().unsubscribe(url).unwrap_err();
        assert_eq!(refused, MessageRefused::UnsubscribeUrl, "{url}");
    }
    for odd in ["\"<x@y.fr>, Camille", "Camille <x@y.fr>", "=?utf-8?q?x?=", "Ca, mille; é:"] {
        let raw = composer().compose(&with_name(odd).unwrap()).unwrap().bytes;
        let parsed = MessageParser::default().parse(&raw).unwrap();
        let to: Vec<_> = parsed.to().unwrap().iter().map(|one| one.address().unwrap()).collect();
        assert_eq!(to, ["c@exemple.fr"], "{odd}");
        assert_eq!(header(&raw, "Bcc"), None);
    }
}

#[test]
fn a_title_with_line_breaks_stays_one_subject() {
    let mail::Letter::Update(mut update) = sample("update") else { unreachable!() };
    update.title = "Bonne nouvelle\r\nBcc: x@y.fr\r\n\r\n<b>corps</b>".into();
    let id = domain::ids::LetterId::new(uuid::Uuid::nil());
    let to = address("c@exemple.fr");
    let letter = mail::Letter::Update(update);
    let news = Message::new(id, written_at(), to, PersonName::default(), letter)
        .unwrap()
        .unsubscribe(UNSUBSCRIBE)
        .unwrap();
    let composed = composer().compose(&news).unwrap();
    assert_eq!(header(&composed.bytes, "Bcc"), None);
    let parsed = MessageParser::default().parse(&composed.bytes).unwrap();
    assert_eq!(parsed.subject(), Some("Bonne nouvelle Bcc: x@y.fr <b>corps</b>"));
}
