//! Coming in: by the code or the link of a letter, in the browser that asked, once and in time.

use actions::{
    Client, Entered, Proof, SESSION_IDLE, SESSION_LIFE, SIGN_IN_VALID, SignInRefused, Stop,
};
use mail::letter::SignIn;
use store::sessions::Which;
use time::Duration;

use crate::town::{BUS, Town};

const CAMILLE: &str = "camille@exemple.fr";

fn browser(name: &str) -> Client {
    Client { address: name.to_owned(), flow: format!("thread of {name}"), shared: false }
}

/// A town where Camille gave, so that her address is known.
async fn town() -> Town {
    let town = Town::new().await;
    town.give(BUS, 20, CAMILLE).await;
    town
}

async fn asks(town: &Town, email: &str, client: &Client) -> Result<(), SignInRefused> {
    let email = email.parse().unwrap();
    let asked = town.actions.ask_to_sign_in(&email, "/mon-espace", client, town.now).await;
    town.work().await;
    refusal(asked)
}

fn refusal<T>(answer: Result<T, Stop<SignInRefused>>) -> Result<T, SignInRefused> {
    answer.map_err(|stop| match stop {
        Stop::Refused(why) => why,
        other => panic!("{other:?}"),
    })
}

fn last_letter(town: &Town) -> SignIn {
    town.sign_in_letter(CAMILLE)
}

fn word(letter: &SignIn) -> &str {
    letter.link.rsplit('/').next().unwrap()
}

async fn enters(town: &Town, proof: Proof<'_>, client: &Client) -> Result<Entered, SignInRefused> {
    refusal(town.actions.sign_in(proof, (client, "Firefox sous Linux"), town.now).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_lets_in_once_and_the_session_is_who_asked() {
    let mut town = town().await;
    let home = browser("home");
    asks(&town, "Camille@Exemple.fr", &home).await.unwrap();
    let letter = last_letter(&town);
    let spaced = format!(" {} {} ", &letter.code[..3], &letter.code[3..]);
    let entered = enters(&town, Proof::Code(&spaced), &home).await.unwrap();
    assert_eq!(entered.next, "/mon-espace");
    let present = town.actions.principal(&entered.token, town.now).await.unwrap().unwrap();
    let mut db = town.reader.get().await.unwrap();
    let email = store::people::addressee(&mut db, present.person).await.unwrap().email;
    assert_eq!(email, CAMILLE);
    drop(db);
    for proof in [Proof::Code(&letter.code), Proof::Link(word(&letter))] {
        assert_eq!(enters(&town, proof, &home).await, Err(SignInRefused::Over), "used up");
    }
    town.wait(SESSION_IDLE - Duration::seconds(1));
    assert!(town.actions.principal(&entered.token, town.now).await.unwrap().is_some());
    town.wait(SESSION_IDLE);
    assert_eq!(town.actions.principal(&entered.token, town.now).await.unwrap(), None, "idle");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_works_in_the_browser_that_asked_and_in_time() {
    let mut town = town().await;
    let (home, thief) = (browser("home"), browser("thief"));
    asks(&town, CAMILLE, &home).await.unwrap();
    let letter = last_letter(&town);
    let link = Proof::Link(word(&letter));
    assert_eq!(enters(&town, link, &thief).await, Err(SignInRefused::OtherBrowser));
    assert_eq!(enters(&town, Proof::Code(&letter.code), &thief).await, Err(SignInRefused::Over));
    assert_eq!(enters(&town, Proof::Link("jeton"), &home).await, Err(SignInRefused::Over));
    enters(&town, link, &home).await.unwrap();

    asks(&town, CAMILLE, &home).await.unwrap();
    let late = last_letter(&town);
    town.wait(SIGN_IN_VALID);
    for proof in [Proof::Code(&late.code), Proof::Link(word(&late))] {
        assert_eq!(enters(&town, proof, &home).await, Err(SignInRefused::Over), "too late");
    }
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_end_a_letter_even_for_the_right_one() {
    let town = town().await;
    let home = browser("home");
    asks(&town, CAMILLE, &home).await.unwrap();
    let letter = last_letter(&town);
    let wrong = if letter.code == "000000" { "000001" } else { "000000" };
    for left in (1..5).rev() {
        let refused = enters(&town, Proof::Code(wrong), &home).await;
        assert_eq!(refused, Err(SignInRefused::WrongCode { left }));
    }
    for code in [wrong, &letter.code] {
        assert_eq!(enters(&town, Proof::Code(code), &home).await, Err(SignInRefused::Over));
    }
    assert_eq!(enters(&town, Proof::Link(word(&letter)), &home).await, Err(SignInRefused::Over));
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_whether_an_address_is_known() {
    let town = town().await;
    let home = browser("home");
    let letters = town.post.sent().len();
    asks(&town, "inconnue@exemple.fr", &home).await.unwrap();
    assert_eq!(town.post.sent().len(), letters, "nobody to write to");
    let refused = enters(&town, Proof::Code("123456"), &home).await;
    assert_eq!(refused, Err(SignInRefused::WrongCode { left: 4 }), "as for a known address");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_braked_by_place_and_its_victim_still_comes_in() {
    let town = town().await;
    let attacker = browser("attacker");
    let mut braked = 0;
    for _ in 0..100 {
        braked += usize::from(asks(&town, CAMILLE, &attacker).await.is_err());
    }
    assert_eq!(braked, 90);
    let letters = || town.letters(CAMILLE).iter().filter(|kind| **kind == "sign_in").count();
    assert_eq!(letters(), 10, "some letters, not a hundred");
    let home = browser("home");
    asks(&town, CAMILLE, &home).await.unwrap();
    assert_eq!(letters(), 11);
    enters(&town, Proof::Code(&last_letter(&town).code), &home).await.unwrap();
    for botnet in 0..40 {
        asks(&town, CAMILLE, &browser(&format!("bot {botnet}"))).await.unwrap();
    }
    assert_eq!(letters(), 20, "from everywhere at once, still some");
    let hall = Client { shared: true, ..browser("town hall") };
    for visitor in 0..100 {
        let email = format!("visiteur{visitor}@exemple.fr");
        asks(&town, &email, &hall).await.expect("a town hall has many visitors");
    }
    town.end().await;
}

/// Whoever adds a table about people also adds it to what people take away.
#[test]
fn every_table_about_a_person_is_in_what_they_take_away() {
    let schema = include_str!("../../crates/store/src/schema.rs");
    let about = |block: &&str| block.contains("person_id ->") || block.contains("actor_id ->");
    let tables: Vec<&str> = schema
        .split("diesel::table! {")
        .filter(about)
        .map(|block| block.split_whitespace().next().unwrap())
        .collect();
    let taken = [
        "address_changes",
        "followers",
        "gifts",
        "identities",
        "letters",
        "members",
        "passkeys",
        "recoveries",
        "sessions",
        "staff",
        "trail",
    ];
    assert_eq!(tables, taken, "see crates/store/src/pages/my_data.rs");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_takes_away_all_of_one_s_data_and_nobody_else_s() {
    let town = town().await;
    town.give(BUS, 30, "autre@exemple.fr").await;
    let token = town.signs_in(CAMILLE, town.now).await;
    let principal = town.actions.principal(&token, town.now).await.unwrap().unwrap();
    let mut db = town.reader.get().await.unwrap();
    let all = store::pages::my_data::everything(&mut db, principal.person).await.unwrap();
    drop(db);
    assert_eq!(all["person"]["email"], CAMILLE);
    assert_eq!(all["gifts"].as_array().unwrap().len(), 1);
    assert_eq!(all["gifts"][0]["captured_cents"], 2_000);
    assert_eq!(all["receipts"][0]["content"]["donor"]["name"], "Camille d’Été");
    assert_eq!(all["follows"].as_array().unwrap().len(), 1);
    assert_eq!(all["sessions"][0]["device"], "Firefox sous Linux");
    let text = all.to_string();
    assert!(!text.contains("autre@exemple.fr"), "somebody else's");
    assert!(!text.contains("token") && !text.contains(&token), "nothing that opens");
    let tables = [
        "gifts",
        "refunds",
        "receipts",
        "letters",
        "follows",
        "organisations",
        "invitations",
        "sessions",
        "passkeys",
        "changes_of_address",
        "identities",
        "changes_made",
    ];
    assert!(tables.iter().all(|table| all[table].is_array()), "{text}");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_where_its_owner_says_and_nobody_else_s() {
    let mut town = town().await;
    town.give(BUS, 20, "autre@exemple.fr").await;
    let mut opened = Vec::new();
    for name in ["home", "phone", "library"] {
        let client = browser(name);
        asks(&town, CAMILLE, &client).await.unwrap();
        let letter = last_letter(&town);
        opened.push(enters(&town, Proof::Code(&letter.code), &client).await.unwrap().token);
    }
    let there = async |token: &String| town.actions.principal(token, town.now).await.unwrap();
    let [home, phone, library] = [there(&opened[0]), there(&opened[1]), there(&opened[2])];
    let (home, phone, library) =
        (home.await.unwrap(), phone.await.unwrap(), library.await.unwrap());
    let email = "autre@exemple.fr".parse::<domain::people::EmailAddress>().unwrap();
    let mut db = town.reader.get().await.unwrap();
    let other = store::people::known(&mut db, &email.key()).await.unwrap().unwrap();
    drop(db);
    let end =
        async |person, which| town.actions.end_sessions(person, which, town.now).await.unwrap();
    assert_eq!(end(other, Which::One(home.session)).await, 0, "not theirs");
    assert_eq!(end(home.person, Which::One(phone.session)).await, 1);
    assert!(there(&opened[1]).await.is_none());
    assert_eq!(end(home.person, Which::AllBut(home.session)).await, 1);
    assert!(there(&opened[2]).await.is_none());
    assert_eq!(there(&opened[0]).await, Some(home));
    assert_ne!(library.session, phone.session);
    for _ in 0..7 {
        town.wait(SESSION_IDLE - Duration::hours(1));
        town.actions.principal(&opened[0], town.now).await.unwrap();
    }
    assert!(Duration::days(7 * 14) > SESSION_LIFE);
    assert!(town.actions.principal(&opened[0], town.now).await.unwrap().is_none(), "ninety days");
    town.end().await;
}
