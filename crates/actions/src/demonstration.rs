//! The demonstration's one click: anybody is a ready account there. Nowhere else.

use domain::people::EmailAddress;
use store::{people, staff};
use time::OffsetDateTime;

use crate::{
    house::Actions,
    outcome::Stop,
    sign_in::{Entered, Strength, open_session},
};

/// This house is no demonstration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("only in the demonstration")]
pub struct NotHere;

impl Actions {
    /// Lets a visitor of the demonstration be one of its ready accounts, its passkey proven where
    /// the platform asks for one: the machine of a visitor may have no device for passkeys.
    ///
    /// # Errors
    /// Refused anywhere else, and for an address that is nobody's.
    pub async fn enter_as(
        &self,
        email: &EmailAddress,
        device: &str,
        now: OffsetDateTime,
    ) -> Result<Entered, Stop<NotHere>> {
        if !self.house().demonstration {
            return Err(Stop::Refused(NotHere));
        }
        let mut tx = self.begin().await?;
        let Some(person) = people::known(&mut tx, &email.key()).await? else {
            return Err(Stop::Refused(NotHere));
        };
        let works_here = staff::role_of(&mut tx, person).await?.is_some();
        let strength = if works_here { Strength::Proven } else { Strength::Letter };
        let opened = open_session(&mut tx, person, (device, strength), now).await?;
        tx.commit().await?;
        let Some(opened) = opened else { return Err(Stop::Refused(NotHere)) };
        let next = if works_here { "/plateforme" } else { "/mon-espace" };
        Ok(Entered { token: opened.token, next: next.to_owned() })
    }
}
