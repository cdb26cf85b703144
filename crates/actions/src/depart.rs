//! Off to an identity provider (decision 35): by who wants to come in, or by who is in and adds a
//! way to come in.

use domain::retention::Kept;
use identity::oidc::{Kind, NotIdentified};
use store::round_trips::{self, RoundTripRow};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    admit::{Client, ROUND_TRIPS_OF_ADDRESS},
    house::Actions,
    outcome::Stop,
    passkey,
    sign_in::digest,
    stay::Principal,
};

/// Within this time a browser comes back.
pub(crate) const BACK_WITHIN: Duration = Duration::minutes(10);
/// Why an identity provider lets nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityRefused {
    /// This provider is not open here.
    #[error("not open here")]
    NotHere,
    /// Too many round trips from one place.
    #[error("too many round trips")]
    TooMany,
    /// A passkey must be proven first.
    #[error("prove a passkey first")]
    ProveFirst,
    /// The provider does not answer.
    #[error("the provider is away")]
    Away,
    /// Unknown, used or too old.
    #[error("unknown, used or too old")]
    Over,
    /// The round trip began in another browser.
    #[error("begun in another browser")]
    OtherBrowser,
    /// The person said no, or the provider did.
    #[error("declined there")]
    Declined,
    /// What came back does not hold.
    #[error("not proven")]
    NotProven,
    /// The provider has no address for the person.
    #[error("no address")]
    NoAddress,
    /// The identity lets in another person.
    #[error("somebody else's")]
    Taken,
    /// The identity is of somebody who is suspended.
    #[error("suspended")]
    Suspended,
}

/// Logs which check failed and says it to the person in fewer words.
pub(crate) fn told(provider: Kind, why: &NotIdentified) -> IdentityRefused {
    match why {
        NotIdentified::NotProven(check) => {
            tracing::info!(provider = provider.code(), check, "an identity was not proven");
            IdentityRefused::NotProven
        }
        NotIdentified::Away(fault) | NotIdentified::Settings(fault) => {
            tracing::warn!(provider = provider.code(), fault, "an identity provider is away");
            IdentityRefused::Away
        }
    }
}

impl Actions {
    /// Begins a round trip and says where the browser goes. `adds` is who is signed in and adds an
    /// identity; whoever has passkeys proves one before.
    ///
    /// # Errors
    /// Refused when the provider is not open here or does not answer, when there are too many, and
    /// without the proof.
    pub async fn depart(
        &self,
        (kind, next): (Kind, &str),
        adds: Option<&Principal>,
        client: &Client,
        now: OffsetDateTime,
    ) -> Result<String, Stop<IdentityRefused>> {
        let refused = |why| Err(Stop::Refused(why));
        let Some(provider) = self.house().providers.of(kind) else {
            return refused(IdentityRefused::NotHere);
        };
        let mut tx = self.begin().await?;
        let who = (client.address.as_str(), client.shared);
        let admitted = self.admit(&mut tx, &[ROUND_TRIPS_OF_ADDRESS], who, now).await?;
        let proven = match adds {
            Some(principal) => passkey::suffices(&mut tx, principal, now).await?,
            None => true,
        };
        round_trips::forget(&mut tx, Kept::Request.past_before(now)).await?;
        tx.commit().await?;
        if !admitted {
            return refused(IdentityRefused::TooMany);
        }
        if !proven {
            return refused(IdentityRefused::ProveFirst);
        }
        let departure = match provider.depart(now).await {
            Ok(departure) => departure,
            Err(why) => return refused(told(kind, &why)),
        };
        let row = RoundTripRow {
            id: Uuid::now_v7(),
            provider: kind.code().to_owned(),
            state: digest(&departure.state),
            nonce: departure.kept.nonce,
            verifier: departure.kept.verifier,
            browser: client.flow.clone(),
            session_id: adds.map(|principal| principal.session),
            next: next.to_owned(),
            asked_at: now,
            used_at: None,
        };
        let mut tx = self.begin().await?;
        round_trips::begin(&mut tx, &row).await?;
        tx.commit().await?;
        Ok(departure.url)
    }
}
