//! Back from an identity provider (decision 35): an identity that we know lets its person in; one
//! that we do not know waits until its address is proven by a letter.

use domain::{ids::PersonId, people::EmailAddress};
use identity::oidc::{Identified, Kept, Kind};
use store::{
    Tx,
    identities::{self, WaitingRow},
    round_trips::{self, RoundTripRow},
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    admit::{Client, ROUND_TRIPS_OF_ADDRESS, SIGN_INS_OF_ADDRESS},
    depart::{BACK_WITHIN, IdentityRefused, told},
    house::Actions,
    identities::{Seen, add, kept_siret},
    outcome::Stop,
    sign_in::{Entered, Strength, digest, open_session},
};

/// What a browser brings back, as it says it.
#[derive(Clone, Debug, Default)]
pub struct Returned {
    /// The word of the round trip.
    pub state: String,
    /// The code, unless something went wrong.
    pub code: Option<String>,
    /// The issuer, where it is said (RFC 9207).
    pub issuer: Option<String>,
}

/// The end of a round trip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// Somebody came in.
    Entered(Entered),
    /// A letter proves the address first.
    Letter,
    /// Who is signed in may come in by it from now on.
    Added {
        /// The path of ours that was wanted.
        next: String,
    },
}

/// A round trip that led nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotArrived {
    /// Why.
    pub why: IdentityRefused,
    /// The path of ours that was wanted, where that is known.
    pub next: Option<String>,
    /// It was to add an identity to who is signed in.
    pub adds: bool,
}

impl From<IdentityRefused> for NotArrived {
    fn from(why: IdentityRefused) -> Self {
        Self { why, next: None, adds: false }
    }
}

type Answer<T> = Result<T, Stop<NotArrived>>;

fn refused<T>(why: impl Into<NotArrived>) -> Answer<T> {
    Err(Stop::Refused(why.into()))
}

impl Actions {
    /// Ends a round trip, once, in the browser in which it began.
    ///
    /// # Errors
    /// Refused when what came back does not hold, or the provider does not answer.
    pub async fn arrive(
        &self,
        (kind, returned): (Kind, &Returned),
        (client, device): (&Client, &str),
        now: OffsetDateTime,
    ) -> Answer<Arrived> {
        let Some(provider) = self.house().providers.of(kind) else {
            return refused(IdentityRefused::NotHere);
        };
        let row = self.ended(kind, &returned.state, client, now).await?;
        let stopped = |why| {
            let next = Some(row.next.clone());
            refused(NotArrived { why, next, adds: row.session_id.is_some() })
        };
        let Some(code) = &returned.code else { return stopped(IdentityRefused::Declined) };
        let kept = Kept { nonce: row.nonce.clone(), verifier: row.verifier.clone() };
        let identified = match provider.arrive(code, &kept, now).await {
            Ok(identified) => identified,
            Err(why) => return stopped(told(kind, &why)),
        };
        if returned.issuer.as_ref().is_some_and(|issuer| *issuer != identified.issuer) {
            return stopped(IdentityRefused::NotProven);
        }
        let seen = Seen { kind, identified: &identified };
        let mut tx = self.begin().await?;
        let arrived = match row.session_id {
            Some(session) => added(&mut tx, session, &seen, &row, now).await?,
            None => self.let_in(&mut tx, (&seen, &row), (client, device), now).await?,
        };
        tx.commit().await?;
        arrived.or_else(stopped)
    }

    /// The round trip of a word ends here, whatever comes of it.
    async fn ended(
        &self,
        kind: Kind,
        state: &str,
        client: &Client,
        now: OffsetDateTime,
    ) -> Answer<RoundTripRow> {
        let mut tx = self.begin().await?;
        let who = (client.address.as_str(), client.shared);
        if !self.admit(&mut tx, &[ROUND_TRIPS_OF_ADDRESS], who, now).await? {
            tx.commit().await?;
            return refused(IdentityRefused::TooMany);
        }
        let open = |row: &RoundTripRow| {
            row.used_at.is_none() && now < row.asked_at + BACK_WITHIN && row.provider == kind.code()
        };
        let found = round_trips::lock_by_state(&mut tx, &digest(state)).await?;
        let Some(row) = found.filter(open) else {
            tx.commit().await?;
            return refused(IdentityRefused::Over);
        };
        if row.browser != client.flow {
            tx.commit().await?;
            return refused(IdentityRefused::OtherBrowser);
        }
        round_trips::use_up(&mut tx, row.id, now).await?;
        tx.commit().await?;
        Ok(row)
    }

    async fn let_in(
        &self,
        tx: &mut Tx,
        (seen, row): (&Seen<'_>, &RoundTripRow),
        (client, device): (&Client, &str),
        now: OffsetDateTime,
    ) -> anyhow::Result<Result<Arrived, IdentityRefused>> {
        let Some(known) = identities::known(tx, seen.key()).await? else {
            return self.ask_for_proof(tx, (seen, row), client, now).await;
        };
        let person = PersonId::new(known.person_id);
        let opened = open_session(tx, person, (device, Strength::Letter), now).await?;
        let Some(opened) = opened else { return Ok(Err(IdentityRefused::Suspended)) };
        seen.again(tx, &known, now).await?;
        seen.keep_session(tx, opened.session).await?;
        tracing::info!(person.id = %person, provider = seen.kind.code(), "somebody came in");
        let entered = Entered { token: opened.token, next: row.next.clone() };
        Ok(Ok(Arrived::Entered(entered)))
    }

    /// Nobody has proven the address to us: a letter goes there, whether we know it or not, and the
    /// identity is bound to who answers it.
    async fn ask_for_proof(
        &self,
        tx: &mut Tx,
        (seen, row): (&Seen<'_>, &RoundTripRow),
        client: &Client,
        now: OffsetDateTime,
    ) -> anyhow::Result<Result<Arrived, IdentityRefused>> {
        let Identified { issuer, subject, email, id_token, .. } = seen.identified;
        let email = email.as_deref().and_then(|email| email.parse::<EmailAddress>().ok());
        let Some(email) = email else { return Ok(Err(IdentityRefused::NoAddress)) };
        let who = (client.address.as_str(), client.shared);
        if !self.admit(tx, &[SIGN_INS_OF_ADDRESS], who, now).await? {
            return Ok(Err(IdentityRefused::TooMany));
        }
        let sign_in = self.promise_letter(tx, (&email, &row.next), client, now).await?;
        let waiting = WaitingRow {
            sign_in_id: sign_in,
            provider: seen.kind.code().to_owned(),
            issuer: issuer.clone(),
            subject: subject.clone(),
            siret: kept_siret(seen.kind, seen.identified).map(Into::into),
            id_token: id_token.clone(),
        };
        identities::wait(tx, &waiting).await?;
        Ok(Ok(Arrived::Letter))
    }
}

/// Who is signed in adds the identity; one that lets in somebody else stays theirs.
async fn added(
    tx: &mut Tx,
    session: Uuid,
    seen: &Seen<'_>,
    row: &RoundTripRow,
    now: OffsetDateTime,
) -> anyhow::Result<Result<Arrived, IdentityRefused>> {
    let Some(person) = round_trips::person_of(tx, session).await? else {
        return Ok(Err(IdentityRefused::Over));
    };
    if !add(tx, person, &seen.account(), now).await? {
        return Ok(Err(IdentityRefused::Taken));
    }
    seen.keep_session(tx, session).await?;
    Ok(Ok(Arrived::Added { next: row.next.clone() }))
}
