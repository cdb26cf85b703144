//! Signing in without a password: a letter with a link that works in the browser that asked, and a
//! code of six digits to type there (decision 25).

use domain::{
    ids::{LetterId, PersonId},
    people::{EmailAddress, PersonName},
    retention::Kept,
};
use jobs::Claim;
use mail::{Letter, Message, PostError, letter::SignIn};
use rand::Rng;
use sha2::{Digest, Sha256};
use store::{
    Reads, Tx, identities,
    people::{self, Addressee},
    sessions::{self, SessionRow},
    sign_ins::{self, SignInRow},
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    admit::{CODES_OF_ADDRESS, Client, SIGN_INS_OF_ADDRESS, SIGN_INS_OF_PERSON},
    house::Actions,
    identities::answered_letter,
    outcome::Stop,
    task::Task,
    tokens,
};

/// Minutes that link and code work.
pub const VALID: Duration = Duration::minutes(15);
/// Wrong codes before another letter must be asked for.
const TRIES: i32 = 5;

/// Why nobody comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInRefused {
    /// Too many letters or codes from one place.
    #[error("too many attempts")]
    TooMany,
    /// Not this code; so many tries are left.
    #[error("wrong code, {left} tries left")]
    WrongCode {
        /// Tries left.
        left: i32,
    },
    /// The link is good, in another browser: the one that asked.
    #[error("asked for in another browser")]
    OtherBrowser,
    /// Unknown, used, too old, or tried too often: a new letter is needed.
    #[error("unknown, used or too old")]
    Over,
    /// Who reads the letter may not come in: they were told why.
    #[error("suspended")]
    Suspended,
}

/// Somebody came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The word of the session's cookie; only its digest is kept.
    pub token: String,
    /// The path of ours that was wanted.
    pub next: String,
}

/// How somebody proves to read the letter.
#[derive(Clone, Copy, Debug)]
pub enum Proof<'a> {
    /// The word in its link.
    Link(&'a str),
    /// The digits in it, as typed.
    Code(&'a str),
}

impl Actions {
    /// Asks for a letter. The answer and its time are the same whether anybody has the address: a
    /// worker looks for them afterwards.
    ///
    /// # Errors
    /// Refused when too many letters were asked for from one place.
    pub async fn ask_to_sign_in(
        &self,
        email: &EmailAddress,
        next: &str,
        client: &Client,
        now: OffsetDateTime,
    ) -> Result<(), Stop<SignInRefused>> {
        let mut tx = self.begin().await?;
        let who = (client.address.as_str(), client.shared);
        if !self.admit(&mut tx, &[SIGN_INS_OF_ADDRESS], who, now).await? {
            tx.commit().await?;
            return Err(Stop::Refused(SignInRefused::TooMany));
        }
        self.promise_letter(&mut tx, (email, next), client, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Promises a letter to an address, to be answered in this browser; answers its id.
    pub(crate) async fn promise_letter(
        &self,
        tx: &mut Tx,
        (email, next): (&EmailAddress, &str),
        client: &Client,
        now: OffsetDateTime,
    ) -> anyhow::Result<Uuid> {
        let row = SignInRow {
            id: Uuid::now_v7(),
            browser: client.flow.clone(),
            email: email.as_str().to_owned(),
            next: next.to_owned(),
            link: None,
            code: None,
            tries: 0,
            asked_at: now,
            used_at: None,
        };
        sign_ins::forget(tx, Kept::Request.past_before(now)).await?;
        sign_ins::ask(tx, &row).await?;
        // A flood of requests for one address sends its owner some letters, not thousands.
        if self.admit(tx, &[SIGN_INS_OF_PERSON], (&email.key(), false), now).await? {
            self.promise(tx, &Task::SendSignIn { sign_in: row.id }, None).await?;
        }
        Ok(row.id)
    }

    /// Sends the letter, if the address is somebody's or an identity waits for its answer. Each
    /// attempt has a link and a code of its own, so that neither is ever kept; the last one sent
    /// works.
    ///
    /// # Errors
    /// When the server says try later.
    pub async fn send_sign_in(
        &self,
        claim: &Claim,
        id: Uuid,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        let fresh = |row: &SignInRow| row.used_at.is_none() && now < row.asked_at + VALID;
        let asked = sign_ins::read(&mut tx, id).await?.filter(fresh);
        let reader = match &asked {
            Some(row) => reader_of(&mut tx, row).await?,
            None => None,
        };
        if let (Some(row), Some(to)) = (asked, reader) {
            let (link, code) = (tokens::fresh(), six_digits());
            sign_ins::write(&mut tx, id, (&digest(&link), &digest_of_code(id, &code))).await?;
            tx.commit().await?;
            if to.bounced_at.is_none() {
                self.post_sign_in(&row, &to.email.parse()?, (link, code)).await?;
            }
            tx = self.begin().await?;
        }
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn post_sign_in(
        &self,
        row: &SignInRow,
        to: &EmailAddress,
        (link, code): (String, String),
    ) -> anyhow::Result<()> {
        let letter = Letter::SignIn(SignIn {
            code,
            link: self.url(&format!("/connexion/lien/{link}")),
            valid_until: (row.asked_at + VALID).into(),
        });
        let (id, at) = (LetterId::new(Uuid::now_v7()), row.asked_at.into());
        let message = Message::new(id, at, to.clone(), PersonName::default(), letter)?;
        match self.post().send(&message).await {
            // Its owner asks for another letter sooner than a machine finds out.
            Ok(_) | Err(PostError::Unsure | PostError::Refused { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Lets somebody in who proves to read the letter, in the browser that asked for it: a new
    /// session, whatever the browser had before.
    ///
    /// # Errors
    /// Refused when the proof is not good.
    pub async fn sign_in(
        &self,
        proof: Proof<'_>,
        (client, device): (&Client, &str),
        now: OffsetDateTime,
    ) -> Result<Entered, Stop<SignInRefused>> {
        let mut tx = self.begin().await?;
        let row = match self.proven(&mut tx, proof, client, now).await {
            Ok(row) => row,
            Err(Stop::Refused(why)) => {
                // Tries that were counted stay counted.
                tx.commit().await?;
                tracing::info!(%why, "nobody came in");
                return Err(Stop::Refused(why));
            }
            Err(stop) => return Err(stop),
        };
        let email: EmailAddress = row.email.parse().map_err(anyhow::Error::from)?;
        let waiting = identities::waiting(&mut tx, row.id).await?;
        let person = match &waiting {
            Some(_) => Some(people::of_address(&mut tx, &email, now).await?),
            None => people::known(&mut tx, &email.key()).await?,
        };
        let Some(person) = person else { return Err(Stop::Refused(SignInRefused::Over)) };
        sign_ins::use_up(&mut tx, row.id, now).await?;
        let opened = open_session(&mut tx, person, (device, Strength::Letter), now).await?;
        let Some(opened) = opened else {
            tx.commit().await?;
            return Err(Stop::Refused(SignInRefused::Suspended));
        };
        if let Some(waiting) = waiting {
            answered_letter(&mut tx, (person, opened.session), &waiting, now).await?;
        }
        tx.commit().await?;
        tracing::info!(person.id = %person, "somebody came in");
        Ok(Entered { token: opened.token, next: row.next })
    }

    async fn proven(
        &self,
        tx: &mut Tx,
        proof: Proof<'_>,
        client: &Client,
        now: OffsetDateTime,
    ) -> Result<SignInRow, Stop<SignInRefused>> {
        let refused = |why| Err(Stop::Refused(why));
        let who = (client.address.as_str(), client.shared);
        if !self.admit(tx, &[CODES_OF_ADDRESS], who, now).await? {
            return refused(SignInRefused::TooMany);
        }
        let found = match proof {
            Proof::Link(link) => sign_ins::lock_by_link(tx, &digest(link)).await?,
            Proof::Code(_) => sign_ins::lock_last_of(tx, &client.flow, now - VALID).await?,
        };
        let stands = |row: &SignInRow| {
            row.used_at.is_none() && now < row.asked_at + VALID && row.tries < TRIES
        };
        let Some(row) = found.filter(stands) else { return refused(SignInRefused::Over) };
        match proof {
            Proof::Link(_) if row.browser != client.flow => refused(SignInRefused::OtherBrowser),
            Proof::Code(typed) if !is_code(&row, typed) => {
                sign_ins::count_try(tx, row.id).await?;
                match TRIES - row.tries - 1 {
                    0 => refused(SignInRefused::Over),
                    left => refused(SignInRefused::WrongCode { left }),
                }
            }
            _ => Ok(row),
        }
    }
}

/// What somebody has shown when a session opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strength {
    /// That they read the letter, or that a provider knows them.
    Letter,
    /// More: a passkey.
    Proven,
}

/// Where the letter goes: to who has the address, or to the address itself when an identity waits
/// for it to be proven.
async fn reader_of(tx: &mut Tx, row: &SignInRow) -> anyhow::Result<Option<Addressee>> {
    let key = row.email.parse::<EmailAddress>()?.key();
    if let Some(person) = people::known(tx, &key).await? {
        return Ok(Some(people::addressee(tx, person).await?));
    }
    let waits = identities::waiting(tx, row.id).await?.is_some();
    Ok(waits.then(|| Addressee { email: row.email.clone(), bounced_at: None }))
}

/// A session that was opened.
pub(crate) struct Opened {
    /// Its id.
    pub session: Uuid,
    /// The word of its cookie, given once.
    pub token: String,
}

/// A session opens; the word of its cookie is given once. Nothing opens for who is suspended.
pub(crate) async fn open_session(
    tx: &mut Tx,
    person: PersonId,
    (device, strength): (&str, Strength),
    now: OffsetDateTime,
) -> anyhow::Result<Option<Opened>> {
    let (session, token) = (Uuid::now_v7(), tokens::long());
    let row = SessionRow {
        id: session,
        token: digest(&token),
        person_id: person.uuid(),
        device: device.to_owned(),
        began_at: now,
        seen_at: now,
        ended_at: None,
        strong_at: (strength == Strength::Proven).then_some(now),
    };
    Ok(sessions::open(tx, &row).await?.then_some(Opened { session, token }))
}

/// What is kept of a word that opens something.
pub(crate) fn digest(word: &str) -> Vec<u8> {
    Sha256::digest(word.as_bytes()).to_vec()
}

fn digest_of_code(id: Uuid, code: &str) -> Vec<u8> {
    Sha256::new().chain_update(id.as_bytes()).chain_update(code.as_bytes()).finalize().to_vec()
}

fn six_digits() -> String {
    format!("{:06}", rand::rng().random_range(0..1_000_000))
}

/// A code that was never sent is nobody's: every code is wrong.
fn is_code(row: &SignInRow, typed: &str) -> bool {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    row.code.as_ref().is_some_and(|code| *code == digest_of_code(row.id, &digits))
}
