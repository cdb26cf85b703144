//! Passkeys: a second step after the letter, for whoever may do much.

use identity::{Passkeys, Question, Refused};
use serde_json::{Value, json};
use store::{
    Reads, Tx,
    passkeys::{self, PasskeyRow},
    people,
    sessions::{self, Which},
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    house::Actions, oneself::note_oneself, outcome::Stop, sign_in::digest, stay::Principal, tokens,
};

/// How long a browser may take to answer.
const PATIENCE: Duration = Duration::minutes(5);
/// How long a proof lets do what asks for one.
pub const STRONG: Duration = Duration::hours(1);
/// Keys that one person may have.
const MOST: usize = 10;
/// The longest name of a key.
const NAME: usize = 60;

/// Why a passkey does not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyRefused {
    /// This address of the site has none.
    #[error("no passkeys at this address")]
    NotHere,
    /// A passkey must be proven first.
    #[error("prove a passkey first")]
    ProveFirst,
    /// The answer does not hold, or came too late.
    #[error("the answer does not hold")]
    NotProven,
    /// No name, or too long a one.
    #[error("a name of 1 to 60 letters")]
    Name,
    /// There are many already.
    #[error("too many passkeys")]
    TooMany,
    /// Unknown, or somebody else's.
    #[error("unknown")]
    Unknown,
}

type Answer<T> = Result<T, Stop<PasskeyRefused>>;

fn refused<T>(why: PasskeyRefused) -> Answer<T> {
    Err(Stop::Refused(why))
}

impl Actions {
    fn passkeys(&self) -> Answer<Passkeys> {
        Passkeys::new(&self.house().base_url).or_else(|_| refused(PasskeyRefused::NotHere))
    }

    /// True when a page that asks for a sensitive step may be shown.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn proof_suffices(
        &self,
        principal: &Principal,
        now: OffsetDateTime,
    ) -> anyhow::Result<bool> {
        let mut db = self.reader().get().await?;
        suffices(&mut db, principal, now).await
    }

    /// Asks a browser to make a key. Who has one already proves it first: who stole a session adds
    /// no key of their own.
    ///
    /// # Errors
    /// Refused when there is no proof, no room, or no passkeys at this address.
    pub async fn ask_to_enrol(&self, principal: &Principal, now: OffsetDateTime) -> Answer<Value> {
        let mut tx = self.begin().await?;
        let known = passkeys::of(&mut tx, principal.person).await?;
        if !known.is_empty() && !principal.is_strong(now) {
            return refused(PasskeyRefused::ProveFirst);
        }
        if known.len() >= MOST {
            return refused(PasskeyRefused::TooMany);
        }
        let email = people::addressee(&mut tx, principal.person).await?.email;
        let keys: Vec<Value> = known.into_iter().map(|row| row.key).collect();
        let asked = self
            .passkeys()?
            .enrol((principal.person.uuid(), &email), &keys)
            .map_err(anyhow::Error::from)?;
        let Question { options, state } = asked;
        passkeys::begin(&mut tx, principal.session, ("enrol", &state), now).await?;
        tx.commit().await?;
        Ok(options)
    }

    /// Keeps the key that a browser made; the session is strong from now on, with a new word.
    ///
    /// # Errors
    /// Refused when the answer does not hold.
    pub async fn enrol(
        &self,
        principal: &Principal,
        (name, answer): (&str, &str),
        now: OffsetDateTime,
    ) -> Answer<String> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME {
            return refused(PasskeyRefused::Name);
        }
        let mut tx = self.begin().await?;
        let asked = ("enrol", now - PATIENCE);
        let Some(state) = passkeys::take(&mut tx, principal.session, asked).await? else {
            return refused(PasskeyRefused::NotProven);
        };
        let Ok(key) = self.passkeys()?.enrolled(answer, state) else {
            tx.commit().await?;
            return refused(PasskeyRefused::NotProven);
        };
        let row = PasskeyRow {
            id: Uuid::now_v7(),
            person_id: principal.person.uuid(),
            credential: key.id,
            name: name.to_owned(),
            key: key.kept,
            added_at: now,
            used_at: None,
        };
        passkeys::add(&mut tx, &row).await?;
        let named = json!({ "name": name });
        note_oneself(&mut tx, principal.person, ("add_passkey", Some(&named)), now).await?;
        let token = strengthen(&mut tx, principal, now).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Asks a browser to prove that it holds a key of who is there.
    ///
    /// # Errors
    /// Refused when there is no key.
    pub async fn ask_to_prove(&self, principal: &Principal, now: OffsetDateTime) -> Answer<Value> {
        let mut tx = self.begin().await?;
        let known = passkeys::of(&mut tx, principal.person).await?;
        if known.is_empty() {
            return refused(PasskeyRefused::Unknown);
        }
        let keys: Vec<Value> = known.into_iter().map(|row| row.key).collect();
        let Question { options, state } =
            self.passkeys()?.prove(&keys).map_err(anyhow::Error::from)?;
        passkeys::begin(&mut tx, principal.session, ("prove", &state), now).await?;
        tx.commit().await?;
        Ok(options)
    }

    /// Takes the proof: the session is strong for a while, with a new word.
    ///
    /// # Errors
    /// Refused when the proof does not hold.
    pub async fn prove(
        &self,
        principal: &Principal,
        answer: &str,
        now: OffsetDateTime,
    ) -> Answer<String> {
        let mut tx = self.begin().await?;
        let asked = ("prove", now - PATIENCE);
        let Some(state) = passkeys::take(&mut tx, principal.session, asked).await? else {
            return refused(PasskeyRefused::NotProven);
        };
        let known = passkeys::of(&mut tx, principal.person).await?;
        let keys: Vec<Value> = known.into_iter().map(|row| row.key).collect();
        let key = match self.passkeys()?.proven(answer, state, &keys) {
            Ok(key) => key,
            Err(Refused::NotHere) => return refused(PasskeyRefused::NotHere),
            Err(_) => {
                tx.commit().await?;
                return refused(PasskeyRefused::NotProven);
            }
        };
        passkeys::note_use(&mut tx, (&key.id, &key.kept), now).await?;
        let token = strengthen(&mut tx, principal, now).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Forgets a key, after a proof; every other session ends, since one of them may be why.
    ///
    /// # Errors
    /// Refused without a proof, and when it is not theirs.
    pub async fn remove_passkey(
        &self,
        principal: &Principal,
        id: Uuid,
        now: OffsetDateTime,
    ) -> Answer<()> {
        if !principal.is_strong(now) {
            return refused(PasskeyRefused::ProveFirst);
        }
        let mut tx = self.begin().await?;
        let known = passkeys::of(&mut tx, principal.person).await?;
        let Some(row) = known.into_iter().find(|row| row.id == id) else {
            return refused(PasskeyRefused::Unknown);
        };
        passkeys::remove(&mut tx, principal.person, id).await?;
        sessions::end(&mut tx, principal.person, Which::AllBut(principal.session), now).await?;
        let named = json!({ "name": row.name });
        note_oneself(&mut tx, principal.person, ("remove_passkey", Some(&named)), now).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// True when a sensitive step may be taken: a key was proven a short while ago, or there is none.
pub(crate) async fn suffices(
    db: &mut impl Reads,
    principal: &Principal,
    now: OffsetDateTime,
) -> anyhow::Result<bool> {
    Ok(principal.is_strong(now) || passkeys::of(db, principal.person).await?.is_empty())
}

/// The session is strong, and the word it had is worth nothing any more.
async fn strengthen(
    tx: &mut Tx,
    principal: &Principal,
    now: OffsetDateTime,
) -> anyhow::Result<String> {
    let token = tokens::long();
    sessions::strengthen(tx, principal.session, &digest(&token), now).await?;
    Ok(token)
}
