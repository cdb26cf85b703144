//! Another address for the same person: both the new one and the old one say yes, each by the link
//! of a letter of its own, within half an hour (decision 36).

use domain::{
    ids::{LetterId, PersonId},
    people::{EmailAddress, PersonName},
};
use jobs::Claim;
use mail::{
    Letter, Message, PostError,
    letter::{AddressConfirm, AddressNotice},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    Reads, Tx,
    address_changes::{self, AddressChangeRow, Side},
    operator, people,
    sessions::{self, Which},
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    admit::{ADDRESS_CHANGES_OF_PERSON, Client, LETTERS_OF_ADDRESS},
    house::Actions,
    oneself::note_oneself,
    outcome::Stop,
    passkey,
    sign_in::digest,
    stay::Principal,
    task::Task,
    tokens,
};

/// How long the links of both letters work.
pub const VALID: Duration = Duration::minutes(30);

/// Why an address does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefused {
    /// A passkey must be proven first.
    #[error("prove a passkey first")]
    ProveFirst,
    /// It is the address they have.
    #[error("the same address")]
    Same,
    /// Too many letters asked for.
    #[error("too many letters asked for")]
    TooMany,
    /// The link is good, in another session: the one that asked.
    #[error("asked for in another session")]
    OtherSession,
    /// Unknown, stopped, done or too old.
    #[error("unknown or over")]
    Over,
}

/// How far a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressChange {
    /// The other address has not said yes yet.
    Waiting,
    /// Done: all sessions have ended.
    Done,
    /// Both said yes, and a person of the platform must carry it out.
    ByHand,
    /// Stopped by the old address: all sessions have ended.
    Stopped,
}

/// To which of both addresses a letter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToAddress {
    /// The one to come.
    New,
    /// The one until now.
    Old,
}

impl ToAddress {
    /// The word in the job's key.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Old => "old",
        }
    }

    const fn side(self) -> Side {
        match self {
            Self::New => Side::New,
            Self::Old => Side::Old,
        }
    }
}

type Answer<T> = Result<T, Stop<AddressRefused>>;

const fn refused<T>(why: AddressRefused) -> Answer<T> {
    Err(Stop::Refused(why))
}

fn stands(row: &AddressChangeRow, now: OffsetDateTime) -> bool {
    row.ended_at.is_none() && now < row.asked_at + VALID
}

impl Actions {
    /// Asks for another address: two letters go out. The answer is the same whether anybody has
    /// the new address.
    ///
    /// # Errors
    /// Refused without a proof, for the same address, and when too many letters were asked for.
    pub async fn ask_to_change_address(
        &self,
        principal: &Principal,
        (email, client): (&EmailAddress, &Client),
        now: OffsetDateTime,
    ) -> Answer<()> {
        let mut tx = self.begin().await?;
        if !passkey::suffices(&mut tx, principal, now).await? {
            return refused(AddressRefused::ProveFirst);
        }
        let known = people::addressee(&mut tx, principal.person).await?.email;
        if known.to_lowercase() == email.key() {
            return refused(AddressRefused::Same);
        }
        let person = principal.person.to_string();
        let place = (client.address.as_str(), client.shared);
        let admitted =
            self.admit(&mut tx, &[ADDRESS_CHANGES_OF_PERSON], (&person, false), now).await?
                && self.admit(&mut tx, &[LETTERS_OF_ADDRESS], place, now).await?
                && self.admit(&mut tx, &[LETTERS_OF_ADDRESS], (&email.key(), false), now).await?;
        if !admitted {
            tx.commit().await?;
            return refused(AddressRefused::TooMany);
        }
        let row = AddressChangeRow {
            id: Uuid::now_v7(),
            person_id: principal.person.uuid(),
            session_id: principal.session,
            email: email.as_str().to_owned(),
            new_link: None,
            old_link: None,
            asked_at: now,
            new_said_at: None,
            old_said_at: None,
            ended_at: None,
        };
        address_changes::ask(&mut tx, &row).await?;
        for to in [ToAddress::New, ToAddress::Old] {
            self.promise(&mut tx, &Task::SendAddressChange { change: row.id, to }, None).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Sends one of both letters. Each attempt has a link of its own, so that none is ever kept.
    ///
    /// # Errors
    /// When the server says try later.
    pub async fn send_address_change(
        &self,
        claim: &Claim,
        (id, to): (Uuid, ToAddress),
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        let asked = address_changes::read(&mut tx, id).await?.filter(|row| stands(row, now));
        if let Some(row) = asked {
            let word = tokens::fresh();
            address_changes::write(&mut tx, id, to.side(), &digest(&word)).await?;
            let known = people::addressee(&mut tx, PersonId::new(row.person_id)).await?;
            tx.commit().await?;
            match to {
                ToAddress::New => self.post_address(&row, &row.email, (to, word)).await?,
                ToAddress::Old if known.bounced_at.is_none() => {
                    self.post_address(&row, &known.email, (to, word)).await?;
                }
                ToAddress::Old => {}
            }
            tx = self.begin().await?;
        }
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn post_address(
        &self,
        row: &AddressChangeRow,
        address: &str,
        (to, word): (ToAddress, String),
    ) -> anyhow::Result<()> {
        let valid_until = (row.asked_at + VALID).into();
        let letter = match to {
            ToAddress::New => Letter::AddressConfirm(AddressConfirm {
                link: self.url(&format!("/mon-espace/adresse/{word}")),
                valid_until,
            }),
            ToAddress::Old => Letter::AddressNotice(AddressNotice {
                new_address: row.email.clone(),
                link: self.url(&format!("/adresse/{word}")),
                valid_until,
            }),
        };
        let (id, at) = (LetterId::new(Uuid::now_v7()), row.asked_at.into());
        let message = Message::new(id, at, address.parse()?, PersonName::default(), letter)?;
        match self.post().send(&message).await {
            Ok(_) | Err(PostError::Unsure | PostError::Refused { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The new address says yes, in the session that asked.
    ///
    /// # Errors
    /// Refused in another session, and when the link is over.
    pub async fn confirm_new_address(
        &self,
        principal: &Principal,
        word: &str,
        now: OffsetDateTime,
    ) -> Answer<AddressChange> {
        let mut tx = self.begin().await?;
        let found = address_changes::lock_by_link(&mut tx, Side::New, &digest(word)).await?;
        let Some(row) = found.filter(|row| stands(row, now)) else {
            return refused(AddressRefused::Over);
        };
        if row.session_id != principal.session {
            return refused(AddressRefused::OtherSession);
        }
        self.say_yes(tx, (row, Side::New), now).await
    }

    /// The old address says yes, or stops it; from wherever its letter is read. Who stops it did
    /// not ask: whoever did is signed out with everybody.
    ///
    /// # Errors
    /// Refused when the link is over.
    pub async fn answer_from_old_address(
        &self,
        (word, yes): (&str, bool),
        now: OffsetDateTime,
    ) -> Answer<AddressChange> {
        let mut tx = self.begin().await?;
        let found = address_changes::lock_by_link(&mut tx, Side::Old, &digest(word)).await?;
        let Some(row) = found.filter(|row| stands(row, now)) else {
            return refused(AddressRefused::Over);
        };
        if yes {
            return self.say_yes(tx, (row, Side::Old), now).await;
        }
        let person = PersonId::new(row.person_id);
        address_changes::end(&mut tx, row.id, now).await?;
        sessions::end(&mut tx, person, Which::All, now).await?;
        note_oneself(&mut tx, person, ("stop_address_change", None), now).await?;
        tx.commit().await?;
        tracing::warn!(person.id = %person, "a change of address was stopped by the old one");
        Ok(AddressChange::Stopped)
    }

    async fn say_yes(
        &self,
        mut tx: Tx,
        (row, side): (AddressChangeRow, Side),
        now: OffsetDateTime,
    ) -> Answer<AddressChange> {
        address_changes::say_yes(&mut tx, row.id, side, now).await?;
        let other = match side {
            Side::New => row.old_said_at,
            Side::Old => row.new_said_at,
        };
        let done = match other {
            Some(_) => change(&mut tx, &row, now).await?,
            None => AddressChange::Waiting,
        };
        tx.commit().await?;
        Ok(done)
    }
}

/// Both said yes. An address that somebody has already makes two people of one: merging them is for
/// a person of the platform, who reads the discrepancies.
async fn change(
    tx: &mut Tx,
    row: &AddressChangeRow,
    now: OffsetDateTime,
) -> anyhow::Result<AddressChange> {
    let person = PersonId::new(row.person_id);
    let email: EmailAddress = row.email.parse()?;
    address_changes::end(tx, row.id, now).await?;
    if let Some(other) = people::known(tx, &email.key()).await? {
        let details = json!({ "other": other });
        operator::raise(tx, "address_of_two", &person.to_string(), &details, now).await?;
        note_oneself(tx, person, ("ask_address_change", None), now).await?;
        return Ok(AddressChange::ByHand);
    }
    people::change_address(tx, person, &email).await?;
    sessions::end(tx, person, Which::All, now).await?;
    note_oneself(tx, person, ("change_address", None), now).await?;
    tracing::info!(person.id = %person, "somebody has another address");
    Ok(AddressChange::Done)
}
