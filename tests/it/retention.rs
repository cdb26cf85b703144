//! What is past its term is forgotten by itself, once, and not a day before.

use actions::{Client, Membership, Task};
use domain::{calendar::paris_midnight, ids::OrganisationId, ids::PersonId, role::Role};
use payments::sandbox::Outcome;
use testkit::probe;
use time::{Duration, macros::date};

use crate::town::{BUS, Town};

const CAMILLE: &str = "canari@exemple.fr";

fn stranger() -> Client {
    Client { address: "192.0.2.7".into(), flow: "thread".into(), shared: false }
}

async fn count(town: &Town, rows: &str) -> i64 {
    let question = format!("SELECT count(*) FROM {rows}");
    probe::answer(&town.writer, &question).await.unwrap().parse().unwrap()
}

async fn night(town: &Town) {
    town.promise(&Task::ForgetPast).await;
    town.work().await;
    let failed = "SELECT coalesce(max(last_error), 'nothing') FROM jobs WHERE state <> 'done'";
    assert_eq!(probe::answer(&town.writer, failed).await.unwrap(), "nothing", "failed");
}

/// So many days and hours from now, a night passes.
async fn after(town: &mut Town, days: i64) {
    town.wait(Duration::days(days) + Duration::hours(1));
    night(town).await;
}

async fn known(town: &Town, email: &str) -> Option<PersonId> {
    let mut db = town.reader.get().await.unwrap();
    store::people::known(&mut db, email).await.unwrap()
}

/// A bit of everything that has a term.
async fn lives(town: &Town) {
    town.give(BUS, 20, CAMILLE).await;
    town.visit(&town.ask(BUS, 25, CAMILLE), Outcome::Decline).await;
    town.deliver().await;
    town.signs_in(CAMILLE, town.now).await;
    let curious = "curieuse@exemple.fr".parse().unwrap();
    town.actions.ask_to_follow(BUS, &curious, &stranger(), town.now).await.unwrap();
    town.actions.ask_to_sign_in(&curious, "/", &stranger(), town.now).await.unwrap();
    let organisation = {
        let staged = essaim::demo::catalogue::campaigns(town.now).unwrap();
        OrganisationId::new(staged[0].new.holder.id.clone())
    };
    let owner = "responsable@exemple.fr";
    let named = (&owner.parse().unwrap(), Role::Owner);
    town.actions.entrust_organisation(&organisation, named, town.now).await.unwrap();
    let person = known(town, owner).await.unwrap();
    let membership = Membership { person, organisation, role: Role::Owner };
    let invited = (&"invitee@exemple.fr".parse().unwrap(), Role::Reader);
    town.actions.invite(&membership, invited, town.now).await.unwrap();
    town.work().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_term_takes_its_own_and_no_more() {
    let mut town = Town::new().await;
    lives(&town).await;
    let kept = [
        "sign_ins",
        "limits",
        "gift_payments WHERE asked_from <> '' OR checkout_url IS NOT NULL",
        "gifts WHERE captured_cents = 0 AND wants_receipt",
        "followers WHERE confirmed_at IS NULL",
        "invitations",
        "sessions",
        "letters WHERE letter <> '{}'",
        "gift_payments WHERE card_fingerprint IS NOT NULL",
        "provider_events WHERE body <> ''",
        "trail",
    ];
    // Days to wait beyond those before, and how many of the list are gone then.
    let steps = [(0, 0), (1, 1), (29, 5), (80, 6), (80, 7), (185, 8), (31, 10), (800, 11)];
    for (days, gone) in steps {
        after(&mut town, days).await;
        let mut left = Vec::new();
        for rows in kept {
            if count(&town, rows).await > 0 {
                left.push(rows);
            }
        }
        assert_eq!(left, kept[gone..], "after {days} more days");
    }
    assert!(known(&town, "responsable@exemple.fr").await.is_some(), "who acts is not idle");
    assert_eq!(known(&town, CAMILLE).await, None, "three years without a word");
    assert_eq!(known(&town, "curieuse@exemple.fr").await, None);
    let names = "gift_donors WHERE last_name <> ''";
    assert_eq!(count(&town, names).await, 1, "the receipt's");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_goes_on_the_first_day_of_the_seventh_year_and_its_number_stays() {
    let mut town = Town::new().await;
    town.give(BUS, 20, CAMILLE).await;
    let named = "receipts WHERE content <> '{}' AND document IS NOT NULL";
    let year = domain::calendar::paris_date(town.now).year();
    let last = date!(2000 - 01 - 01).replace_year(year + 7).unwrap();
    town.wait(paris_midnight(last) - town.now - Duration::hours(1));
    night(&town).await;
    assert_eq!(count(&town, named).await, 1);
    assert_eq!(count(&town, "gift_donors WHERE last_name <> ''").await, 1);
    town.wait(Duration::hours(1));
    night(&town).await;
    assert_eq!(count(&town, named).await, 0);
    assert_eq!(count(&town, "documents WHERE content_type = 'application/pdf'").await, 0);
    assert_eq!(count(&town, "gift_donors WHERE last_name <> ''").await, 0);
    assert_eq!(count(&town, "receipts WHERE number LIKE '%-000001'").await, 1, "no gap");
    assert_eq!(count(&town, "gift_payments WHERE payment_intent IS NOT NULL").await, 1);
    town.wait(Duration::days(4 * 366));
    night(&town).await;
    assert_eq!(count(&town, "gift_payments WHERE payment_intent IS NOT NULL").await, 0);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_night_finds_nothing_and_what_is_in_use_stays() {
    let mut town = Town::new().await;
    lives(&town).await;
    town.wait(Duration::days(40));
    night(&town).await;
    let state = async |town: &Town| {
        let mut rows = Vec::new();
        for table in ["people", "followers", "gift_donors", "letters", "gifts", "gift_payments"] {
            let all = format!(
                "SELECT coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')
                FROM {table} t"
            );
            rows.push(probe::answer(&town.writer, &all).await.unwrap());
        }
        rows
    };
    let first = state(&town).await;
    night(&town).await;
    assert_eq!(state(&town).await, first);
    for _ in 0..6 {
        town.wait(Duration::days(200));
        town.signs_in(CAMILLE, town.now).await;
        night(&town).await;
    }
    assert!(known(&town, CAMILLE).await.is_some(), "she comes back twice a year");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_only_grows_but_for_what_is_past_its_term() {
    let town = Town::new().await;
    lives(&town).await;
    for statement in ["DELETE FROM trail", "UPDATE trail SET action = 'nothing'"] {
        let refused = probe::execute(&town.writer, statement).await.unwrap_err();
        assert!(refused.contains("only grows"), "{refused}");
    }
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_still_comes_in_is_not_idle_though_the_session_is_long_forgotten() {
    let mut town = Town::new().await;
    town.give(BUS, 20, CAMILLE).await;
    town.deliver().await;
    town.wait(Duration::days(30 * 30));
    town.signs_in(CAMILLE, town.now).await;
    after(&mut town, 30 * 10).await;
    assert_eq!(count(&town, "sessions").await, 0, "past its own term");
    assert!(known(&town, CAMILLE).await.is_some(), "came in ten months ago");
    after(&mut town, 30 * 28).await;
    assert!(known(&town, CAMILLE).await.is_none(), "and never again for three years");
    town.end().await;
}
