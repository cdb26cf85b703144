//! Accounts at identity providers: bound to a person, seen again, let go; and what the
//! establishment that a professional acts for gives them here.

use domain::{ids::PersonId, people::Siret, role::Role};
use identity::oidc::{Identified, Kind};
use serde_json::json;
use store::{
    Tx,
    identities::{self, IdentityRow, WaitingRow},
    members, people, round_trips,
    sessions::{self, Which},
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    house::Actions,
    membership::{self, Membership},
    oneself::note_oneself,
    outcome::Stop,
    passkey,
    stay::Principal,
};

/// Why an identity is not let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnlinkRefused {
    /// A passkey must be proven first.
    #[error("prove a passkey first")]
    ProveFirst,
    /// Unknown, or somebody else's.
    #[error("unknown")]
    Unknown,
}

/// An account at a provider.
pub(crate) struct Account<'a> {
    provider: &'a str,
    issuer: &'a str,
    subject: &'a str,
    siret: Option<Siret>,
}

/// Somebody as a provider just signed it.
pub(crate) struct Seen<'a> {
    /// Which provider.
    pub kind: Kind,
    /// Who.
    pub identified: &'a Identified,
}

/// The establishment that a professional acts for; what is not a SIRET is not kept.
pub(crate) fn kept_siret(kind: Kind, identified: &Identified) -> Option<Siret> {
    let said = identified.siret.as_deref().filter(|_| kind == Kind::ProConnect)?;
    said.parse().ok()
}

impl Seen<'_> {
    /// Issuer and subject.
    pub fn key(&self) -> (&str, &str) {
        (&self.identified.issuer, &self.identified.subject)
    }

    pub fn account(&self) -> Account<'_> {
        let (issuer, subject) = self.key();
        let siret = kept_siret(self.kind, self.identified);
        Account { provider: self.kind.code(), issuer, subject, siret }
    }

    /// An identity that we know is there again, and its person was let in.
    pub async fn again(
        &self,
        tx: &mut Tx,
        known: &IdentityRow,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let (person, siret) = (PersonId::new(known.person_id), self.account().siret);
        identities::note_seen(tx, known.id, (siret.as_ref().map(Siret::as_str), now)).await?;
        claim(tx, person, siret.as_ref(), now).await
    }

    /// The session is open at the provider too.
    pub async fn keep_session(&self, tx: &mut Tx, session: Uuid) -> anyhow::Result<()> {
        let there = (self.kind.code(), self.identified.id_token.as_str());
        Ok(round_trips::keep_session(tx, session, there).await?)
    }
}

/// Binds an account to a person, who may have it already; false when it is somebody else's.
pub(crate) async fn add(
    tx: &mut Tx,
    person: PersonId,
    account: &Account<'_>,
    now: OffsetDateTime,
) -> anyhow::Result<bool> {
    let siret = account.siret.as_ref().map(Siret::as_str);
    let row = IdentityRow {
        id: Uuid::now_v7(),
        person_id: person.uuid(),
        provider: account.provider.to_owned(),
        issuer: account.issuer.to_owned(),
        subject: account.subject.to_owned(),
        siret: siret.map(str::to_owned),
        first_seen_at: now,
        last_seen_at: now,
    };
    if identities::bind(tx, &row).await? {
        let named = json!({ "provider": account.provider });
        note_oneself(tx, person, ("add_identity", Some(&named)), now).await?;
    } else {
        let known = identities::known(tx, (account.issuer, account.subject)).await?;
        let Some(known) = known.filter(|known| known.person_id == person.uuid()) else {
            return Ok(false);
        };
        identities::note_seen(tx, known.id, (siret, now)).await?;
    }
    claim(tx, person, account.siret.as_ref(), now).await?;
    Ok(true)
}

/// Who answered the letter has the address: the identity that waited for it is theirs, unless
/// somebody was quicker with another address.
pub(crate) async fn answered_letter(
    tx: &mut Tx,
    (person, session): (PersonId, Uuid),
    waiting: &WaitingRow,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let siret = waiting.siret.as_deref().and_then(|siret| siret.parse().ok());
    let WaitingRow { provider, issuer, subject, id_token, .. } = waiting;
    let account = Account { provider, issuer, subject, siret };
    if add(tx, person, &account, now).await? {
        round_trips::keep_session(tx, session, (provider, id_token)).await?;
    }
    identities::wait_no_more(tx, waiting.sign_in_id).await?;
    Ok(())
}

/// A professional becomes the first owner of what their establishment's organisation has here, if
/// nobody acts for it yet; where somebody does, they are asked, and nothing is given.
async fn claim(
    tx: &mut Tx,
    person: PersonId,
    siret: Option<&Siret>,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let Some(siret) = siret else { return Ok(()) };
    for organisation in identities::without_member(tx, siret.siren()).await? {
        members::lock(tx, &organisation).await?;
        // Another may have come while we waited.
        if !members::of(tx, &organisation).await?.is_empty() {
            continue;
        }
        members::put(tx, &organisation, (person, Role::Owner), now).await?;
        let email = people::addressee(tx, person).await?.email;
        let membership = Membership { person, organisation, role: Role::Owner };
        let held = Some((email.as_str(), Role::Owner));
        membership::note(tx, &membership, ("claim", None, held), now).await?;
    }
    Ok(())
}

impl Actions {
    /// Lets an identity go: it lets nobody in any more. Whoever has passkeys proves one before;
    /// every other session ends, since one of them may be why.
    ///
    /// # Errors
    /// Refused without the proof, and when it is not theirs.
    pub async fn remove_identity(
        &self,
        principal: &Principal,
        id: Uuid,
        now: OffsetDateTime,
    ) -> Result<(), Stop<UnlinkRefused>> {
        let mut tx = self.begin().await?;
        let person = principal.person;
        if !passkey::suffices(&mut tx, principal, now).await? {
            return Err(Stop::Refused(UnlinkRefused::ProveFirst));
        }
        let Some(row) = identities::remove(&mut tx, person, id).await? else {
            return Err(Stop::Refused(UnlinkRefused::Unknown));
        };
        sessions::end(&mut tx, person, Which::AllBut(principal.session), now).await?;
        let named = json!({ "provider": row.provider });
        note_oneself(&mut tx, person, ("remove_identity", Some(&named)), now).await?;
        tx.commit().await?;
        Ok(())
    }
}
