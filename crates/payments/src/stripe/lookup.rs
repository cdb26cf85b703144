//! Finding the payment of a gift by our own reference.
//!
//! Stripe's search is indexed with a delay: just after an answer that never came, which is when we ask,
//! it would say "nothing" about a session that exists, and the gift would be paid twice. Lists are read
//! from the books themselves; they cannot be filtered by our reference, but the gift's id is a UUIDv7
//! and carries the time it was made at, so the sessions to look through are few.

use domain::ids::GiftId;
use stripe_checkout::checkout_session::{ListCheckoutSession, RetrieveCheckoutSession};
use stripe_types::{RangeBoundsTs, RangeQueryTs};

use super::{
    PAGE, StripeGateway,
    answers::{Page, Session},
    call::checked,
};
use crate::gateway::GatewayError;

/// Seconds before and after the gift was made, tried in turn: the session is asked for at once, or by a
/// retry, at the latest before Stripe may forget the key (24 hours). The minutes before allow for clocks.
const WINDOWS: [(i64, i64); 2] = [(-300, 900), (900, 25 * 3600)];
/// Pages of one hundred, in one window. Beyond, we say that we could not look, never "nothing".
const PAGES: usize = 50;

impl StripeGateway {
    pub(super) async fn session(&self, id: &str) -> Result<Session, GatewayError> {
        self.read(&RetrieveCheckoutSession::new(checked(id)?)).await
    }

    /// The session of an intent; none when the intent was not made by a checkout.
    pub(super) async fn session_behind(
        &self,
        intent: &str,
    ) -> Result<Option<Session>, GatewayError> {
        let request = ListCheckoutSession::new().payment_intent(intent).limit(1);
        let page: Page<Session> = self.read(&request).await?;
        Ok(page.data.into_iter().next())
    }

    /// The session that carries a gift; the one that was used, if there were several.
    pub(super) async fn session_of(&self, gift: GiftId) -> Result<Option<Session>, GatewayError> {
        let Some(made) = gift.uuid().get_timestamp() else {
            return Err(GatewayError::Broken(anyhow::anyhow!("the gift's id carries no time")));
        };
        let made = i64::try_from(made.to_unix().0).map_err(anyhow::Error::from)?;
        let reference = gift.to_string();
        for (from, to) in WINDOWS {
            let created = RangeBoundsTs {
                gte: Some(made.saturating_add(from)),
                lt: Some(made.saturating_add(to)),
                ..RangeBoundsTs::default()
            };
            let found = self.look_through(RangeQueryTs::Bounds(created), &reference).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    async fn look_through(
        &self,
        created: RangeQueryTs,
        reference: &str,
    ) -> Result<Option<Session>, GatewayError> {
        let mut best: Option<Session> = None;
        let mut after: Option<String> = None;
        for _ in 0..PAGES {
            let mut request = ListCheckoutSession::new().created(created).limit(PAGE);
            if let Some(after) = after {
                request = request.starting_after(after);
            }
            let page: Page<Session> = self.read(&request).await?;
            after = page.data.last().map(|session| session.id.clone());
            let ours = page.data.into_iter().filter(|session| names(session, reference));
            best = best.into_iter().chain(ours).min_by_key(rank);
            if !page.has_more || after.is_none() {
                return Ok(best);
            }
        }
        let text = "too many sessions around the gift to look through";
        Err(GatewayError::Unavailable(text.to_owned()))
    }
}

fn names(session: &Session, reference: &str) -> bool {
    session.client_reference_id.as_deref() == Some(reference)
}

fn rank(session: &Session) -> u8 {
    match session.status.as_deref() {
        Some("complete") => 0,
        Some("open") => 1,
        _ => 2,
    }
}
