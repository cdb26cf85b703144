//! Who works for the platform: appointed by an administrator with a fresh proof, never the last one
//! dismissed, and never brought back by one person alone.

use actions::{DeskRefused, ForgetRefused, Principal, RECOVERY_LASTS, StaffMember, Stop};
use domain::{ids::PersonId, people::EmailAddress, role::StaffRole};
use store::{people, trail};
use time::Duration;

use crate::{passkeys::keeps_a_key, town::Town};

const FIRST: &str = "admin@exemple.fr";
const SECOND: &str = "admin2@exemple.fr";
const OPERATOR: &str = "fonds@exemple.fr";

pub fn address(email: &str) -> EmailAddress {
    email.parse().unwrap()
}

pub fn refusal<T, R: std::fmt::Debug>(answer: Result<T, Stop<R>>) -> Result<T, R> {
    answer.map_err(|stop| match stop {
        Stop::Refused(why) => why,
        other => panic!("{other:?}"),
    })
}

/// Somebody with a role, at the desk with a proof of just now.
pub async fn enters(town: &Town, email: &str, role: StaffRole) -> StaffMember {
    town.actions.entrust_platform((&address(email), role), town.now).await.unwrap();
    let token = town.signs_in(email, town.now).await;
    let principal = town.actions.principal(&token, town.now).await.unwrap().unwrap();
    StaffMember { principal: Principal { strong_at: Some(town.now), ..principal }, role }
}

async fn person(town: &Town, email: &str) -> PersonId {
    let mut db = town.reader.get().await.unwrap();
    people::known(&mut db, email).await.unwrap().unwrap()
}

async fn appoints(
    town: &Town,
    by: &StaffMember,
    (email, role): (&str, Option<StaffRole>),
) -> Result<(), DeskRefused> {
    refusal(town.actions.appoint(by, (&address(email), role), town.now).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_with_a_fresh_proof_appoints_and_one_always_stays() {
    let town = Town::new().await;
    let first = enters(&town, FIRST, StaffRole::Administrator).await;
    let auditor = Some(StaffRole::Auditor);
    let operator = enters(&town, OPERATOR, StaffRole::Operator).await;
    let disguised = StaffMember { role: StaffRole::Administrator, ..operator.clone() };
    let by_operator = appoints(&town, &disguised, ("a@exemple.fr", auditor)).await;
    assert_eq!(by_operator, Err(DeskRefused::NotAllowed), "the role is asked again");
    let mut stale = first.clone();
    stale.principal.strong_at = Some(town.now - Duration::hours(1));
    let asked = ("a@exemple.fr", auditor);
    assert_eq!(appoints(&town, &stale, asked).await, Err(DeskRefused::ProveFirst));
    assert_eq!(appoints(&town, &first, asked).await, Ok(()));
    assert_eq!(appoints(&town, &first, asked).await, Err(DeskRefused::Already));
    assert_eq!(appoints(&town, &first, (FIRST, None)).await, Err(DeskRefused::Oneself));
    let goes = town.actions.ask_to_be_forgotten(&first.principal, town.now).await;
    assert!(matches!(goes, Err(Stop::Refused(ForgetRefused::WorksHere))), "{goes:?}");
    let second = enters(&town, SECOND, StaffRole::Administrator).await;
    let both = tokio::join!(
        appoints(&town, &first, (SECOND, None)),
        appoints(&town, &second, (FIRST, None)),
    );
    assert!(both.0.is_ok() != both.1.is_ok(), "one of two administrators stays: {both:?}");
    let left = if both.0.is_ok() { first } else { second };
    assert_eq!(appoints(&town, &left, (OPERATOR, None)).await, Ok(()));
    let mut db = town.reader.get().await.unwrap();
    let noted = trail::actions_on(&mut db, &format!("person:{}", operator.person())).await.unwrap();
    assert_eq!(noted, ["appoint", "appoint"]);
    drop(db);
    let role = town.actions.staff_role(operator.person()).await.unwrap();
    assert_eq!(role, None);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_keys_take_two_administrators_and_neither_is_who_lost_them() {
    let mut town = Town::new().await;
    let first = enters(&town, FIRST, StaffRole::Administrator).await;
    let second = enters(&town, SECOND, StaffRole::Administrator).await;
    enters(&town, OPERATOR, StaffRole::Operator).await;
    let lost = person(&town, OPERATOR).await;
    let token = town.signs_in(OPERATOR, town.now).await;
    let actions = town.actions.clone();
    let now = town.now;
    let asks =
        async |by: &StaffMember, who, why| refusal(actions.ask_recovery(by, (who, why), now).await);
    assert_eq!(asks(&first, lost, "volée").await, Err(DeskRefused::Unknown), "no key to lose");
    keeps_a_key(&town, lost).await;
    assert_eq!(asks(&first, lost, "  ").await, Err(DeskRefused::Reason));
    assert_eq!(asks(&first, first.person(), "volée").await, Err(DeskRefused::Oneself));
    assert_eq!(asks(&first, lost, "volée, vue en visioconférence").await, Ok(()));
    assert_eq!(asks(&second, lost, "volée").await, Err(DeskRefused::Already));
    let ends = async |by: &StaffMember, confirms| {
        refusal(actions.end_recovery(by, (lost, confirms), now).await)
    };
    assert_eq!(ends(&first, true).await, Err(DeskRefused::AnotherConfirms));
    let late = now + RECOVERY_LASTS;
    let mut still = second.clone();
    still.principal.strong_at = Some(late);
    let too_late = refusal(actions.end_recovery(&still, (lost, true), late).await);
    assert_eq!(too_late, Err(DeskRefused::Unknown));
    assert_eq!(ends(&second, true).await, Ok(()));
    assert_eq!(ends(&second, true).await, Err(DeskRefused::Unknown), "over");
    let mut db = town.reader.get().await.unwrap();
    assert!(store::passkeys::of(&mut db, lost).await.unwrap().is_empty());
    drop(db);
    assert_eq!(town.actions.principal(&token, now).await.unwrap(), None, "every session ended");
    town.wait(Duration::minutes(1));
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_ends_when_nobody_is_there_and_at_the_end_of_a_day() {
    let mut town = Town::new().await;
    enters(&town, OPERATOR, StaffRole::Operator).await;
    let token = town.signs_in(OPERATOR, town.now).await;
    let principal = town.actions.principal(&token, town.now).await.unwrap().unwrap();
    let mut tx = town.writer.begin().await.unwrap();
    let digest = <sha2::Sha256 as sha2::Digest>::digest(token.as_bytes());
    store::sessions::strengthen(&mut tx, principal.session, &digest, town.now).await.unwrap();
    tx.commit().await.unwrap();
    for _ in 0..35 {
        town.wait(Duration::minutes(20));
        let here = town.actions.principal(&token, town.now).await.unwrap().unwrap();
        assert!(here.is_proven(town.now), "in use");
    }
    town.wait(Duration::minutes(20));
    let tired = town.actions.principal(&token, town.now).await.unwrap().unwrap();
    assert!(!tired.is_proven(town.now), "twelve hours");
    let mut tx = town.writer.begin().await.unwrap();
    store::sessions::strengthen(&mut tx, principal.session, &digest, town.now).await.unwrap();
    tx.commit().await.unwrap();
    town.wait(Duration::minutes(30));
    let away = town.actions.principal(&token, town.now).await.unwrap().unwrap();
    assert!(!away.is_proven(town.now), "nobody was there for half an hour");
    town.wait(Duration::minutes(1));
    let back = town.actions.principal(&token, town.now).await.unwrap().unwrap();
    assert!(!back.is_proven(town.now), "and a visit does not bring it back");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_stops_giving_says_why_and_a_demonstration_is_needed_for_one_click() {
    let town = Town::new().await;
    let first = enters(&town, FIRST, StaffRole::Administrator).await;
    let switch =
        async |open, why| refusal(town.actions.switch_giving(&first, (open, why), town.now).await);
    assert_eq!(switch(true, "rien").await, Err(DeskRefused::Already));
    assert_eq!(switch(false, "").await, Err(DeskRefused::Reason));
    assert_eq!(switch(false, "la banque est en panne").await, Ok(()));
    assert!(!town.actions.is_giving_open().await.unwrap());
    assert_eq!(switch(true, "elle est revenue").await, Ok(()));
    let mut db = town.reader.get().await.unwrap();
    let noted = trail::actions_on(&mut db, "setting:giving_open").await.unwrap();
    assert_eq!(noted, ["set", "set"]);
    drop(db);
    let retried = refusal(town.actions.retry_job(&first, 0, town.now).await);
    assert_eq!(retried, Err(DeskRefused::Unknown));
    let entered = town.actions.enter_as(&address(FIRST), "un navigateur", town.now).await;
    assert!(matches!(entered, Err(Stop::Refused(_))), "this town is no demonstration");
    town.end().await;
}
