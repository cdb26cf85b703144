//! A sender, a recipient, a letter: what every test starts from.

use std::sync::Arc;

use domain::{
    UtcSeconds,
    ids::LetterId,
    people::{EmailAddress, PersonName},
};
use mail::{Composer, Letter, Message, Sender, samples};
use templates::letters::Letters;
use uuid::Uuid;

pub const UNSUBSCRIBE: &str = "https://essaim.example/desabonnement/jeton";

pub fn sender() -> Sender {
    Sender {
        address: address("dons@essaim.example"),
        name: "Essaim, le fonds de solidarités numériques".into(),
        reply_to: Some(address("aide@essaim.example")),
        site_url: "https://essaim.example".into(),
        demo: false,
    }
}

pub fn composer() -> Composer {
    Composer::new(Arc::new(Letters::embedded().unwrap()), sender())
}

pub fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

pub fn sample(name: &str) -> Letter {
    samples::all().into_iter().find(|(one, _)| *one == name).unwrap().1
}

pub fn written_at() -> UtcSeconds {
    "2026-11-24T09:30:15Z".parse().unwrap()
}

/// To `camille@exemple.fr`, under an id that the number makes.
pub fn message(name: &str, number: u128) -> Message {
    message_to("camille@exemple.fr", name, number)
}

pub fn message_to(to: &str, name: &str, number: u128) -> Message {
    let id = LetterId::new(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number));
    let camille = PersonName { first: "Camille".into(), last: "Lefèvre".into() };
    Message::new(id, written_at(), address(to), camille, sample(name))
        .unwrap()
        .unsubscribe(UNSUBSCRIBE)
        .unwrap()
}
