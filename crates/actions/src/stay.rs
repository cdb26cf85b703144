//! Staying signed in: who a cookie stands for, and ending that.

use domain::ids::PersonId;
use identity::oidc::Kind as ProviderKind;
use store::{
    round_trips,
    sessions::{self, SessionRow, Which},
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{house::Actions, passkey::STRONG, sign_in::digest};

/// A session that nobody uses ends.
pub const IDLE: Duration = Duration::days(14);
/// However much it is used, a session ends.
pub const ABSOLUTE: Duration = Duration::days(90);
/// A proof by passkey ends when its session is not used for this long.
const PROOF_IDLE: Duration = Duration::minutes(30);
/// And after this long in any case: who works for the platform proves it every day.
const PROOF_ABSOLUTE: Duration = Duration::hours(12);
/// A session in use is noted so often, not at each page.
const NOTED: Duration = Duration::minutes(1);

/// Who is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The person.
    pub person: PersonId,
    /// The session.
    pub session: Uuid,
    /// When a passkey was last proven in it.
    pub strong_at: Option<OffsetDateTime>,
}

impl Principal {
    /// True while a proof by passkey lets somebody be where one is asked for.
    #[must_use]
    pub fn is_proven(&self, now: OffsetDateTime) -> bool {
        self.strong_at.is_some_and(|at| now < at + PROOF_ABSOLUTE)
    }

    /// True while it lets them do what needs a fresh one.
    #[must_use]
    pub fn is_strong(&self, now: OffsetDateTime) -> bool {
        self.strong_at.is_some_and(|at| now < at + STRONG)
    }
}

impl Actions {
    /// Who the word of a cookie stands for, if its session goes on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn principal(
        &self,
        token: &str,
        now: OffsetDateTime,
    ) -> anyhow::Result<Option<Principal>> {
        let mut db = self.reader().get().await?;
        let goes_on = |row: &SessionRow| now < row.seen_at + IDLE && now < row.began_at + ABSOLUTE;
        let Some(row) = sessions::by_token(&mut db, &digest(token)).await?.filter(goes_on) else {
            return Ok(None);
        };
        drop(db);
        let strong_at = row.strong_at.filter(|_| now < row.seen_at + PROOF_IDLE);
        if row.seen_at + NOTED < now {
            let mut tx = self.begin().await?;
            if strong_at != row.strong_at {
                sessions::weaken(&mut tx, row.id, now - PROOF_IDLE).await?;
            }
            sessions::note_seen(&mut tx, row.id, now).await?;
            tx.commit().await?;
        }
        Ok(Some(Principal { person: PersonId::new(row.person_id), session: row.id, strong_at }))
    }

    /// Ends sessions of somebody who is there.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn end_sessions(
        &self,
        person: PersonId,
        which: Which,
        now: OffsetDateTime,
    ) -> anyhow::Result<usize> {
        let mut tx = self.begin().await?;
        let ended = sessions::end(&mut tx, person, which, now).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Ends the session of who is there; answers where the browser signs out too, when the session
    /// began at an identity provider that answers.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sign_out(
        &self,
        principal: &Principal,
        now: OffsetDateTime,
    ) -> anyhow::Result<Option<(ProviderKind, String)>> {
        let mut tx = self.begin().await?;
        let there = round_trips::take_session(&mut tx, principal.session).await?;
        sessions::end(&mut tx, principal.person, Which::One(principal.session), now).await?;
        tx.commit().await?;
        let Some((provider, id_token)) = there else { return Ok(None) };
        let Some(kind) = ProviderKind::from_code(&provider) else { return Ok(None) };
        let Some(provider) = self.house().providers.of(kind) else { return Ok(None) };
        Ok(provider.farewell(&id_token, now).await.map(|url| (kind, url)))
    }
}
