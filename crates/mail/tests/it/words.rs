//! What people read: each sample through the strict templates.

use std::{collections::BTreeSet, sync::Arc};

use mail::{Envelope, Letter, Milestone, letter, render, samples};
use templates::letters::Letters;

use crate::world::UNSUBSCRIBE;

fn envelope(letter: &Letter) -> Envelope {
    Envelope {
        first_name: "Camille".into(),
        site_url: "https://essaim.example".into(),
        unsubscribe_url: (!letter.is_service()).then(|| UNSUBSCRIBE.to_owned()),
        demo: false,
    }
}

#[test]
fn each_sample_reads_as_it_did() {
    let letters = Letters::embedded().unwrap();
    for (name, letter) in samples::all() {
        let written = render(&letters, &letter, &envelope(&letter)).unwrap();
        let words = format!("Objet : {}\n\n{}", written.subject, written.text);
        insta::assert_snapshot!(format!("{name}.txt"), words);
        insta::assert_snapshot!(format!("{name}.html"), written.html);
    }
}

#[test]
fn each_folder_of_templates_has_a_letter_and_a_sample() {
    let letters = Letters::embedded().unwrap();
    let kinds: BTreeSet<_> = samples::all().iter().map(|(_, letter)| letter.kind()).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), letters.names());
}

#[test]
fn a_demonstration_says_so_and_a_stranger_is_greeted() {
    let letters = Arc::new(Letters::embedded().unwrap());
    for (name, letter) in samples::all() {
        let stranger = Envelope { first_name: String::new(), demo: true, ..envelope(&letter) };
        let written = render(&letters, &letter, &stranger).unwrap();
        for part in [&written.text, &written.html] {
            assert!(part.contains("aucun argent n\u{2019}a bougé"), "{name}");
            assert!(!part.contains("Bonjour ,"), "{name}");
        }
    }
}

/// Both parts say the same: each amount, address and reference of one is in the other.
#[test]
fn text_and_html_carry_the_same_facts() {
    let letters = Letters::embedded().unwrap();
    for (name, letter) in samples::all() {
        let written = render(&letters, &letter, &envelope(&letter)).unwrap();
        let html = written.html.replace("&#x3D;", "=").replace("&amp;", "&");
        let address = |word: &&str| word.starts_with("https://") || word.ends_with('€');
        for fact in written.text.split(['\n', ' ']).filter(address) {
            assert!(html.contains(fact), "{name}: {fact} is only in the text");
        }
        assert_eq!(
            written.text.contains(UNSUBSCRIBE),
            !letter.is_service(),
            "{name}: unsubscribe where it is due, and only there"
        );
        assert_eq!(html.contains(UNSUBSCRIBE), !letter.is_service(), "{name}");
        for absent in ["<img", "<script", "http://", "TODO", "!important}<"] {
            assert!(!written.html.contains(absent), "{name}: {absent}");
        }
    }
}

#[test]
fn the_equation_balances_in_every_part() {
    let letters = Letters::embedded().unwrap();
    let letter = crate::world::sample("thanks");
    let written = render(&letters, &letter, &envelope(&letter)).unwrap();
    assert_eq!(written.subject, "Vos 20\u{a0}€ en sont devenus 52");
    let sum = "20\u{a0}€ + 32\u{a0}€";
    assert!(written.text.contains(&format!("{sum} = 52\u{a0}€")));
    assert!(written.html.contains(&format!("{sum}</span> = <strong>52\u{a0}€")));
    let Letter::Thanks(thanks) = letter else { unreachable!() };
    let lines: domain::Cents = thanks.lines.iter().map(|line| line.amount).sum();
    assert_eq!(thanks.gift.amount.plus(lines), Some(thanks.received));
}

#[test]
fn what_people_typed_cannot_become_markup() {
    let letters = Letters::embedded().unwrap();
    let evil = "<script>alert(1)</script>{{euros 1}} \"'&\r\nBcc: x@y.fr";
    let Letter::Update(mut update) = crate::world::sample("update") else { unreachable!() };
    update.title = evil.into();
    update.text = format!("{evil}\n\n<img src=x onerror=y>[lien](javascript:x)");
    update.figures[0] = letter::Figure { label: evil.into(), value: evil.into() };
    update.project.title = evil.into();
    let letter = Letter::Update(update);
    let stranger = Envelope { first_name: evil.into(), ..envelope(&letter) };
    let written = render(&letters, &letter, &stranger).unwrap();
    for absent in ["<script", "<img", "javascript:"] {
        assert!(!written.html.contains(absent), "{absent}");
    }
    assert!(written.html.contains("{{euros 1}}"), "data is never a template");
    assert!(!written.subject.contains(['\r', '\n']));
}

#[test]
fn a_milestone_is_the_highest_that_was_passed() {
    let cents = domain::Cents::new;
    let reached = |raised| Milestone::reached(cents(raised), cents(1_000), Some(cents(1_500)));
    assert_eq!(reached(249), None);
    assert_eq!(reached(250), Some(Milestone::Quarter));
    assert_eq!(reached(500), Some(Milestone::Half));
    assert_eq!(reached(750), Some(Milestone::ThreeQuarters));
    assert_eq!(reached(999), Some(Milestone::ThreeQuarters));
    assert_eq!(reached(1_000), Some(Milestone::Minimum));
    assert_eq!(reached(1_500), Some(Milestone::Optimum));
    assert_eq!(Milestone::reached(cents(9), cents(9), Some(cents(9))), Some(Milestone::Minimum));
}
