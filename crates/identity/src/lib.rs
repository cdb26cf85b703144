#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod oidc;

use serde_json::Value;
use url::Url;
use uuid::Uuid;
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{Passkey, PasskeyAuthentication, PasskeyRegistration},
};

/// What our site is called on the device of who enrols.
const NAME: &str = "Essaim";

/// Why a passkey proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The site has no name that browsers accept: passkeys need https, or `localhost`.
    #[error("passkeys need https or localhost")]
    NotHere,
    /// What was kept or sent is not of the protocol.
    #[error("not an answer of this protocol")]
    NotUnderstood,
    /// The answer does not fit the question: another site, key, person or time.
    #[error("the proof does not hold: {0}")]
    NotProven(String),
}

impl From<serde_json::Error> for Refused {
    fn from(_: serde_json::Error) -> Self {
        Self::NotUnderstood
    }
}

/// A question for a browser, and what must be kept until it answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// For the browser: options of `navigator.credentials`.
    pub options: Value,
    /// For us alone: it holds the challenge.
    pub state: Value,
}

/// A key that was enrolled, to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The credential's id, the same on the device and here.
    pub id: Vec<u8>,
    /// The public key and its counter, as JSON.
    pub kept: Value,
}

/// Asks and checks, for one site.
pub struct Passkeys(Webauthn);

impl Passkeys {
    /// For the site at this address.
    ///
    /// # Errors
    /// When browsers have no passkeys for such an address.
    pub fn new(base_url: &str) -> Result<Self, Refused> {
        let origin = Url::parse(base_url).map_err(|_| Refused::NotHere)?;
        let host = origin.host_str().ok_or(Refused::NotHere)?;
        let builder = WebauthnBuilder::new(host, &origin).map_err(|_| Refused::NotHere)?;
        Ok(Self(builder.rp_name(NAME).build().map_err(|_| Refused::NotHere)?))
    }

    /// Asks a browser to make a key for a person who has these already.
    ///
    /// # Errors
    /// When a kept key cannot be read.
    pub fn enrol(
        &self,
        (person, email): (Uuid, &str),
        known: &[Value],
    ) -> Result<Question, Refused> {
        let known = read(known)?;
        let ids = known.iter().map(|key| key.cred_id().clone()).collect();
        let (options, state) = self
            .0
            .start_passkey_registration(person, email, email, Some(ids))
            .map_err(not_proven)?;
        question(&options, &state)
    }

    /// Checks the answer.
    ///
    /// # Errors
    /// When it does not hold.
    pub fn enrolled(&self, answer: &str, state: Value) -> Result<Key, Refused> {
        let state: PasskeyRegistration = serde_json::from_value(state)?;
        let answer = serde_json::from_str(answer)?;
        let key = self.0.finish_passkey_registration(&answer, &state).map_err(not_proven)?;
        Ok(Key { id: key.cred_id().to_vec(), kept: serde_json::to_value(&key)? })
    }

    /// Asks a browser to prove that it holds one of these keys.
    ///
    /// # Errors
    /// When there is none, or a kept one cannot be read.
    pub fn prove(&self, known: &[Value]) -> Result<Question, Refused> {
        let known = read(known)?;
        if known.is_empty() {
            return Err(not_proven("there is no key"));
        }
        let (options, state) = self.0.start_passkey_authentication(&known).map_err(not_proven)?;
        question(&options, &state)
    }

    /// Checks the proof; answers the key that gave it, with its counter as it is now.
    ///
    /// # Errors
    /// When it does not hold.
    pub fn proven(&self, answer: &str, state: Value, known: &[Value]) -> Result<Key, Refused> {
        let state: PasskeyAuthentication = serde_json::from_value(state)?;
        let answer = serde_json::from_str(answer)?;
        let proof = self.0.finish_passkey_authentication(&answer, &state).map_err(not_proven)?;
        let mut keys = read(known)?;
        let key = keys.iter_mut().find(|key| key.cred_id() == proof.cred_id());
        let key = key.ok_or_else(|| Refused::NotProven("a key that is gone".to_owned()))?;
        key.update_credential(&proof);
        Ok(Key { id: key.cred_id().to_vec(), kept: serde_json::to_value(&*key)? })
    }
}

fn read(kept: &[Value]) -> Result<Vec<Passkey>, Refused> {
    let keys = kept.iter().map(|key| serde_json::from_value(key.clone()));
    keys.collect::<Result<_, _>>().map_err(Refused::from)
}

fn question(
    options: &impl serde::Serialize,
    state: &impl serde::Serialize,
) -> Result<Question, Refused> {
    Ok(Question { options: serde_json::to_value(options)?, state: serde_json::to_value(state)? })
}

fn not_proven(error: impl std::fmt::Display) -> Refused {
    Refused::NotProven(error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn passkeys_need_a_name_that_browsers_accept() {
        for fine in ["https://essaim.example", "http://localhost:8080"] {
            assert!(Passkeys::new(fine).is_ok(), "{fine}");
        }
        for wrong in ["", "essaim", "mailto:a@b.fr"] {
            assert!(matches!(Passkeys::new(wrong), Err(Refused::NotHere)), "{wrong}");
        }
    }

    #[test]
    fn an_answer_of_something_else_is_refused() {
        let passkeys = Passkeys::new("http://localhost:8080").unwrap();
        let person = (Uuid::from_u128(7), "camille@exemple.fr");
        let asked = passkeys.enrol(person, &[]).unwrap();
        assert_eq!(asked.options["publicKey"]["rp"]["id"], "localhost");
        assert_eq!(asked.options["publicKey"]["user"]["name"], "camille@exemple.fr");
        for answer in ["", "{}", "null", "[1]"] {
            let answered = passkeys.enrolled(answer, asked.state.clone());
            assert!(matches!(answered, Err(Refused::NotUnderstood)), "{answer}");
        }
        let answered = passkeys.enrolled("{}", json!({ "challenge": "other" }));
        assert!(matches!(answered, Err(Refused::NotUnderstood)));
        assert!(passkeys.prove(&[]).is_err(), "nothing to prove with");
    }
}
