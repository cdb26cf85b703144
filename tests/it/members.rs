//! Who acts for an organisation: asked, answered, changed by owners only, and never nobody.

use actions::{INVITED_DAYS, Membership, MembershipRefused, Stop};
use domain::{
    ids::{OrganisationId, PersonId},
    people::EmailAddress,
    role::Role,
};
use store::members;
use time::Duration;
use uuid::Uuid;

use crate::town::Town;

const OWNER: &str = "responsable@exemple.fr";
const COLLEAGUE: &str = "collegue@exemple.fr";

struct House {
    town: Town,
    membership: Membership,
}

fn address(email: &str) -> EmailAddress {
    email.parse().unwrap()
}

fn refusal(answer: Result<(), Stop<MembershipRefused>>) -> Result<(), MembershipRefused> {
    answer.map_err(|stop| match stop {
        Stop::Refused(why) => why,
        other => panic!("{other:?}"),
    })
}

impl House {
    async fn open() -> Self {
        let town = Town::new().await;
        let staged = essaim::demo::catalogue::campaigns(town.now).unwrap();
        let organisation = OrganisationId::new(staged[0].new.holder.id.clone());
        let named = (&address(OWNER), Role::Owner);
        town.actions.entrust_organisation(&organisation, named, town.now).await.unwrap();
        let person = person(&town, OWNER).await;
        Self { town, membership: Membership { person, organisation, role: Role::Owner } }
    }

    async fn invites(&self, email: &str, role: Role) -> Result<(), MembershipRefused> {
        let asked = (&address(email), role);
        refusal(self.town.actions.invite(&self.membership, asked, self.town.now).await)
    }

    /// The open invitation to an address.
    async fn invitation(&self, email: &str) -> Option<Uuid> {
        let mut db = self.town.reader.get().await.unwrap();
        let found = members::invitations_to(&mut db, email, self.town.now).await.unwrap();
        found.first().map(|(row, _)| row.id)
    }

    async fn answers(&self, email: &str, id: Uuid, accepts: bool) -> Result<(), MembershipRefused> {
        let who = person(&self.town, email).await;
        refusal(self.town.actions.answer_invitation(who, (id, accepts), self.town.now).await)
    }

    async fn joins(&self, email: &str, role: Role) -> Membership {
        self.invites(email, role).await.unwrap();
        let id = self.invitation(email).await.unwrap();
        self.answers(email, id, true).await.unwrap();
        let person = person(&self.town, email).await;
        Membership { person, organisation: self.membership.organisation.clone(), role }
    }

    async fn sets(
        &self,
        membership: &Membership,
        who: PersonId,
        role: Option<Role>,
    ) -> Result<(), MembershipRefused> {
        refusal(self.town.actions.set_role(membership, (who, role), self.town.now).await)
    }

    async fn roles(&self) -> Vec<(String, String)> {
        let mut db = self.town.reader.get().await.unwrap();
        let rows = members::of(&mut db, &self.membership.organisation).await.unwrap();
        rows.into_iter().map(|row| (row.email, row.role)).collect()
    }
}

async fn person(town: &Town, email: &str) -> PersonId {
    let mut db = town.reader.get().await.unwrap();
    store::people::known(&mut db, email).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_is_asked_joins_once_and_it_is_on_the_trail() {
    let house = House::open().await;
    house.invites(COLLEAGUE, Role::Editor).await.unwrap();
    house.town.work().await;
    assert_eq!(house.town.letters(COLLEAGUE), ["invitation"]);
    let id = house.invitation(COLLEAGUE).await.unwrap();
    house.town.give(crate::town::BUS, 20, "curieuse@exemple.fr").await;
    let other = house.answers("curieuse@exemple.fr", id, true).await;
    assert_eq!(other, Err(MembershipRefused::Unknown), "not asked of her");
    house.answers(COLLEAGUE, id, true).await.unwrap();
    let again = house.answers(COLLEAGUE, id, true).await;
    assert_eq!(again, Err(MembershipRefused::Unknown), "answered");
    let expected =
        [(COLLEAGUE.to_owned(), "editor".to_owned()), (OWNER.to_owned(), "owner".to_owned())];
    assert_eq!(house.roles().await, expected);
    assert_eq!(house.invites(COLLEAGUE, Role::Owner).await, Err(MembershipRefused::Already));
    let mut db = house.town.reader.get().await.unwrap();
    let subject = format!("organisation:{}", house.membership.organisation);
    let trail = store::trail::actions_on(&mut db, &subject).await.unwrap();
    assert_eq!(trail, ["entrust", "invite", "join"]);
    drop(db);
    house.town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_ends_by_time_by_its_owner_or_by_a_newer_one() {
    let mut house = House::open().await;
    house.invites(COLLEAGUE, Role::Owner).await.unwrap();
    let first = house.invitation(COLLEAGUE).await.unwrap();
    house.invites(COLLEAGUE, Role::Reader).await.unwrap();
    let second = house.invitation(COLLEAGUE).await.unwrap();
    let over = Err(MembershipRefused::Unknown);
    assert_eq!(house.answers(COLLEAGUE, first, true).await, over, "replaced by a smaller role");
    let stranger =
        Membership { organisation: OrganisationId::new("ailleurs"), ..house.membership.clone() };
    let taken = house.town.actions.withdraw_invitation(&stranger, second, house.town.now).await;
    assert_eq!(refusal(taken), Err(MembershipRefused::NotAllowed));
    let taken =
        house.town.actions.withdraw_invitation(&house.membership, second, house.town.now).await;
    assert_eq!(refusal(taken), Ok(()));
    assert_eq!(house.answers(COLLEAGUE, second, true).await, over, "taken back");
    house.invites(COLLEAGUE, Role::Reader).await.unwrap();
    let third = house.invitation(COLLEAGUE).await.unwrap();
    house.town.wait(Duration::days(INVITED_DAYS));
    assert_eq!(house.answers(COLLEAGUE, third, true).await, over, "too late");
    assert_eq!(house.roles().await.len(), 1);
    house.town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_owners_change_members_whatever_their_page_still_shows() {
    let house = House::open().await;
    let editor = house.joins(COLLEAGUE, Role::Editor).await;
    let no = Err(MembershipRefused::NotAllowed);
    assert_eq!(house.sets(&editor, editor.person, Some(Role::Owner)).await, no);
    assert_eq!(house.sets(&editor, house.membership.person, None).await, no);
    let asks = (&address("ami@exemple.fr"), Role::Owner);
    assert_eq!(refusal(house.town.actions.invite(&editor, asks, house.town.now).await), no);
    let forged = Membership { role: Role::Owner, ..editor.clone() };
    assert_eq!(
        house.sets(&forged, house.membership.person, None).await,
        no,
        "the role is asked again"
    );
    assert_eq!(house.sets(&editor, editor.person, None).await, Ok(()), "anybody may leave");
    assert_eq!(house.roles().await.len(), 1);
    house.town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_keeps_an_owner_even_when_two_leave_at_once() {
    let house = House::open().await;
    let last = Err(MembershipRefused::LastOwner);
    assert_eq!(house.sets(&house.membership, house.membership.person, None).await, last);
    assert_eq!(
        house.sets(&house.membership, house.membership.person, Some(Role::Reader)).await,
        last
    );
    let other = house.joins(COLLEAGUE, Role::Owner).await;
    let (one, two) = tokio::join!(
        house.sets(&house.membership, house.membership.person, None),
        house.sets(&other, other.person, None)
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert_eq!(house.roles().await.len(), 1);
    house.town.end().await;
}
