//! Looking somebody up at the platform's desk: each look is a line on the trail, which the person
//! finds in what they take away (RGPD, art. 15; Court of Justice, C-579/21).

use domain::{
    ids::{OrganisationId, PersonId},
    role::StaffRole,
};
use store::{
    desk::find::{self, OrganisationRow, PersonRow},
    members::{self, MemberRow},
};
use time::OffsetDateTime;

use crate::{
    desk::note,
    house::Actions,
    staff::{DeskAnswer, StaffMember, may},
};

/// Who and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// People, in the order of addresses.
    pub people: Vec<PersonRow>,
    /// Organisations, in the order of names.
    pub organisations: Vec<OrganisationRow>,
}

impl Actions {
    /// People by a part of their address, organisations by a part of their name or SIREN; without
    /// words, people whose letters come back or who are suspended.
    ///
    /// # Errors
    /// Refused to who is no administrator.
    pub async fn look_up(
        &self,
        by: &StaffMember,
        words: &str,
        now: OffsetDateTime,
    ) -> DeskAnswer<Found> {
        let mut tx = self.begin().await?;
        may(&mut tx, by, StaffRole::Administrator).await?;
        let words = words.trim();
        let found = if words.is_empty() {
            Found { people: find::in_trouble(&mut tx).await?, organisations: Vec::new() }
        } else {
            Found {
                people: find::people(&mut tx, words).await?,
                organisations: find::organisations(&mut tx, words).await?,
            }
        };
        for person in &found.people {
            let subject = format!("person:{}", person.id);
            note(&mut tx, by, ("find", subject), (None, None), now).await?;
        }
        tx.commit().await?;
        Ok(found)
    }

    /// One person; nothing when there is none.
    ///
    /// # Errors
    /// Refused to who is no administrator.
    pub async fn look_at(
        &self,
        by: &StaffMember,
        person: PersonId,
        now: OffsetDateTime,
    ) -> DeskAnswer<Option<PersonRow>> {
        let mut tx = self.begin().await?;
        may(&mut tx, by, StaffRole::Administrator).await?;
        let found = find::person(&mut tx, person).await?;
        if found.is_some() {
            note(&mut tx, by, ("look_at", format!("person:{person}")), (None, None), now).await?;
        }
        tx.commit().await?;
        Ok(found)
    }

    /// One organisation and who acts for it; nothing when there is none.
    ///
    /// # Errors
    /// Refused to who is no administrator.
    pub async fn look_into(
        &self,
        by: &StaffMember,
        organisation: &OrganisationId,
        now: OffsetDateTime,
    ) -> DeskAnswer<Option<(OrganisationRow, Vec<MemberRow>)>> {
        let mut tx = self.begin().await?;
        may(&mut tx, by, StaffRole::Administrator).await?;
        let Some(row) = find::organisation(&mut tx, organisation).await? else { return Ok(None) };
        let members = members::of(&mut tx, organisation).await?;
        for member in &members {
            let subject = format!("person:{}", member.person_id);
            note(&mut tx, by, ("find", subject), (None, None), now).await?;
        }
        tx.commit().await?;
        Ok(Some((row, members)))
    }

    /// Notes that the trail was taken away as a file.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn note_export(&self, by: &StaffMember, now: OffsetDateTime) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        note(&mut tx, by, ("export", String::from("trail")), (None, None), now).await?;
        tx.commit().await?;
        Ok(())
    }
}
