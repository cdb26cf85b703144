//! The platform's desk: who is kept out and told why, two rows that are one person, what somebody
//! of the staff looked at, and the trail of it all.

use actions::{Decision, DeskRefused, Principal, Proof, SignInRefused, StaffMember, Stop};
use domain::{ids::OrganisationId, ids::PersonId, role::Role, role::StaffRole};
use mail::Letter;
use store::{operator, pages, people, trail};

use crate::{
    staff::{self, address, refusal},
    town::{BUS, Town},
    walk::Site,
};

const ADMIN: &str = "admin@exemple.fr";
const CAMILLE: &str = "camille@exemple.fr";
const OLD: &str = "camille.ancienne@exemple.fr";

async fn administrator(town: &Town) -> StaffMember {
    staff::enters(town, ADMIN, StaffRole::Administrator).await
}

async fn enters(town: &Town, email: &str) -> Principal {
    let token = town.signs_in(email, town.now).await;
    town.actions.principal(&token, town.now).await.unwrap().unwrap()
}

async fn known(town: &Town, email: &str) -> Option<PersonId> {
    let mut db = town.reader.get().await.unwrap();
    people::known(&mut db, email).await.unwrap()
}

async fn noted(town: &Town, subject: &str) -> Vec<String> {
    let mut db = town.reader.get().await.unwrap();
    trail::actions_on(&mut db, subject).await.unwrap()
}

const fn decided(suspended: bool, reason: &str) -> Decision<'_> {
    Decision { suspended, reason }
}

fn holder(town: &Town, slug: &str) -> OrganisationId {
    let staged = essaim::demo::catalogue::campaigns(town.now).unwrap();
    let one = staged.iter().find(|one| one.new.campaign.slug == slug).unwrap();
    OrganisationId::new(one.new.holder.id.clone())
}

/// A letter to sign in, answered with its code.
async fn knocks(town: &Town, email: &str) -> Result<(), SignInRefused> {
    let client = actions::Client { flow: email.to_owned(), ..actions::Client::default() };
    town.actions.ask_to_sign_in(&address(email), "/mon-espace", &client, town.now).await.unwrap();
    town.work().await;
    let code = town.sign_in_letter(email).code;
    let entering = town.actions.sign_in(Proof::Code(&code), (&client, "essai"), town.now).await;
    match entering {
        Ok(_) => Ok(()),
        Err(Stop::Refused(why)) => Err(why),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_suspended_is_out_at_once_told_why_and_comes_back() {
    let mut town = Town::new().await;
    let admin = administrator(&town).await;
    town.give(BUS, 20, CAMILLE).await;
    town.deliver().await;
    let token = town.signs_in(CAMILLE, town.now).await;
    let camille = known(&town, CAMILLE).await.unwrap();
    let actions = town.actions.clone();
    let now = town.now;
    let decides = async |suspended, why| {
        refusal(actions.suspend_person(&admin, (camille, decided(suspended, why)), now).await)
    };
    assert_eq!(decides(false, "rien").await, Err(DeskRefused::Already));
    assert_eq!(decides(true, " ").await, Err(DeskRefused::Reason));
    assert_eq!(decides(true, "Adresse usurpée").await, Ok(()));
    assert_eq!(decides(true, "encore").await, Err(DeskRefused::Already));
    assert_eq!(town.actions.principal(&token, now).await.unwrap(), None, "every session ended");
    assert_eq!(knocks(&town, CAMILLE).await, Err(SignInRefused::Suspended));
    let told = town.post.sent().into_iter().find_map(|(message, _)| match message.letter() {
        Letter::Suspension(told) => Some(told.clone()),
        _ => None,
    });
    let told = told.unwrap();
    assert_eq!(
        (told.reason.as_str(), told.lifted, told.organisation),
        ("Adresse usurpée", false, None)
    );
    assert_eq!(decides(false, "Vérifiée au guichet").await, Ok(()));
    town.wait(time::Duration::minutes(20));
    assert_eq!(knocks(&town, CAMILLE).await, Ok(()));
    let himself = (admin.person(), decided(true, "erreur"));
    let answer = refusal(town.actions.suspend_person(&admin, himself, now).await);
    assert_eq!(answer, Err(DeskRefused::WorksHere), "a role is taken away first");
    let subject = format!("person:{camille}");
    assert_eq!(noted(&town, &subject).await, ["suspend", "lift_suspension"]);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_slips_in_while_they_are_suspended() {
    let town = Town::new().await;
    let admin = administrator(&town).await;
    town.give(BUS, 20, CAMILLE).await;
    let camille = known(&town, CAMILLE).await.unwrap();
    for _ in 0..10 {
        let client = actions::Client { flow: "un fil".into(), ..actions::Client::default() };
        let email = address(CAMILLE);
        town.actions.ask_to_sign_in(&email, "/", &client, town.now).await.unwrap();
        town.work().await;
        let code = town.sign_in_letter(CAMILLE).code;
        let suspend = (camille, decided(true, "essai"));
        let (entered, suspended) = tokio::join!(
            town.actions.sign_in(Proof::Code(&code), (&client, "essai"), town.now),
            town.actions.suspend_person(&admin, suspend, town.now),
        );
        suspended.unwrap();
        if let Ok(entered) = entered {
            let there = town.actions.principal(&entered.token, town.now).await.unwrap();
            assert_eq!(there, None, "in before, and out again");
        }
        let lift = (camille, decided(false, "essai"));
        town.actions.suspend_person(&admin, lift, town.now).await.unwrap();
    }
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_campaigns_of_a_suspended_organisation_take_no_gift_and_its_owners_know_why() {
    let town = Town::new().await;
    let admin = administrator(&town).await;
    let organisation = holder(&town, BUS);
    for (email, role) in
        [("responsable@exemple.fr", Role::Owner), ("lecture@exemple.fr", Role::Reader)]
    {
        let named = (&address(email), role);
        town.actions.entrust_organisation(&organisation, named, town.now).await.unwrap();
    }
    let decides = async |suspended| {
        let decision = (&organisation, decided(suspended, "Budget à vérifier"));
        refusal(town.actions.suspend_organisation(&admin, decision, town.now).await)
    };
    assert_eq!(decides(true).await, Ok(()));
    town.work().await;
    assert_eq!(town.letters("responsable@exemple.fr"), ["suspension"]);
    assert!(town.letters("lecture@exemple.fr").is_empty(), "the owners are told");
    let refused = town.begin(&town.ask(BUS, 20, CAMILLE)).await.unwrap_err();
    assert!(matches!(refused, actions::BeginRefused::CampaignClosed), "{refused:?}");
    let staged = essaim::demo::catalogue::campaigns(town.now).unwrap();
    let ours = staged.into_iter().find(|one| one.new.holder.id == organisation.as_str()).unwrap();
    let mut another = ours.new;
    another.campaign.id = "another".to_owned();
    another.campaign.slug = "another".to_owned();
    another.campaign.facts["id"] = "another".into();
    town.actions.publish_campaigns(std::slice::from_ref(&another)).await.unwrap();
    let refused = town.begin(&town.ask("another", 20, CAMILLE)).await.unwrap_err();
    assert!(matches!(refused, actions::BeginRefused::CampaignClosed), "{refused:?}");
    assert_eq!(decides(false).await, Ok(()));
    assert!(town.begin(&town.ask(BUS, 20, CAMILLE)).await.is_ok());
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_addresses_of_one_person_lead_to_one_and_gifts_stay_as_decided() {
    let town = Town::new().await;
    let admin = administrator(&town).await;
    let gift = town.give(BUS, 20, OLD).await;
    town.give(BUS, 30, CAMILLE).await;
    town.deliver().await;
    town.work().await;
    let (old, camille) = (known(&town, OLD).await.unwrap(), known(&town, CAMILLE).await.unwrap());
    let before = town.totals("demo-01").await;
    let organisation = holder(&town, BUS);
    for (email, role) in [(OLD, Role::Owner), (CAMILLE, Role::Reader)] {
        let named = (&address(email), role);
        town.actions.entrust_organisation(&organisation, named, town.now).await.unwrap();
    }
    let merges = async |from, into, why| {
        refusal(town.actions.merge_people(&admin, (from, into, why), town.now).await)
    };
    assert_eq!(merges(camille, camille, "une").await, Err(DeskRefused::StayTwo));
    assert_eq!(merges(admin.person(), camille, "une").await, Err(DeskRefused::WorksHere));
    assert_eq!(merges(old, camille, "").await, Err(DeskRefused::Reason));
    assert_eq!(merges(old, camille, "vue au guichet").await, Ok(()));
    assert_eq!(merges(old, camille, "encore").await, Err(DeskRefused::StayTwo));
    assert_eq!(known(&town, OLD).await, Some(camille));
    let mut db = town.reader.get().await.unwrap();
    let reads = people::addressee(&mut db, old).await.unwrap();
    assert_eq!(reads.email, CAMILLE, "letters about old gifts arrive");
    assert_eq!(pages::own::gifts(&mut db, camille).await.unwrap().len(), 2);
    let role = store::members::role_of(&mut db, &organisation, camille).await.unwrap();
    assert_eq!(role, Some(Role::Owner), "an owner stays one");
    let all = pages::my_data::everything(&mut db, camille).await.unwrap();
    assert_eq!(all["gifts"].as_array().unwrap().len(), 2);
    assert_eq!(all["person"]["other_addresses"][0], OLD);
    drop(db);
    assert_eq!(town.gift(gift).await.person(), old, "decided for that donor, and recomputable");
    assert_eq!(town.totals("demo-01").await, before);
    forgotten_together(&town, camille).await;
    town.end().await;
}

/// Who was two is forgotten as two.
async fn forgotten_together(town: &Town, camille: PersonId) {
    let second = (&address("autre@exemple.fr"), Role::Owner);
    town.actions.entrust_organisation(&holder(town, BUS), second, town.now).await.unwrap();
    let there = enters(town, CAMILLE).await;
    assert_eq!(there.person, camille);
    town.actions.ask_to_be_forgotten(&there, town.now).await.unwrap();
    let later = town.now + actions::ERASURE_HELD;
    let mut tx = town.writer.begin().await.unwrap();
    let asked = store::forget::asked(&mut tx, 10).await.unwrap();
    assert_eq!(asked.len(), 2, "both addresses");
    tx.commit().await.unwrap();
    for person in asked {
        town.actions.forget_again(person, later).await.unwrap();
    }
    for email in [OLD, CAMILLE] {
        assert_eq!(known(town, email).await, None, "{email}");
        let held = testkit::probe::tables_holding(&town.writer, email).await.unwrap();
        assert!(held.iter().all(|table| table == "receipts"), "{email}: {held:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_entered_twice_is_one_unless_its_books_are_its_own() {
    let town = Town::new().await;
    let admin = administrator(&town).await;
    town.give(BUS, 20, CAMILLE).await;
    let taken = holder(&town, BUS);
    let staged = essaim::demo::catalogue::campaigns(town.now).unwrap();
    let bare = staged.iter().map(|one| &one.new.holder.id).find(|id| *id != taken.as_str());
    let bare = OrganisationId::new(bare.unwrap().clone());
    let named = (&address(CAMILLE), Role::Owner);
    town.actions.entrust_organisation(&bare, named, town.now).await.unwrap();
    let merges = async |from, into| {
        refusal(town.actions.merge_organisations(&admin, (from, into, "doublon"), town.now).await)
    };
    assert_eq!(merges(&taken, &bare).await, Err(DeskRefused::StayTwo), "it has gifts");
    let nobody = OrganisationId::new(String::from("personne"));
    assert_eq!(merges(&bare, &nobody).await, Err(DeskRefused::Unknown));
    assert_eq!(merges(&bare, &taken).await, Ok(()));
    assert_eq!(merges(&bare, &taken).await, Err(DeskRefused::StayTwo), "once");
    let mut db = town.reader.get().await.unwrap();
    assert!(pages::own::campaigns_of(&mut db, &bare).await.unwrap().is_empty());
    let camille = people::known(&mut db, CAMILLE).await.unwrap().unwrap();
    let role = store::members::role_of(&mut db, &taken, camille).await.unwrap();
    assert_eq!(role, Some(Role::Owner));
    drop(db);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_are_tried_again_and_differences_are_explained() {
    let town = Town::new().await;
    let admin = administrator(&town).await;
    town.give(BUS, 20, CAMILLE).await;
    let camille = known(&town, CAMILLE).await.unwrap();
    let writes = async || refusal(town.actions.write_again(&admin, camille, town.now).await);
    assert_eq!(writes().await, Err(DeskRefused::Unknown), "none came back");
    let mut tx = town.writer.begin().await.unwrap();
    people::note_bounce(&mut tx, camille, town.now).await.unwrap();
    let details = serde_json::json!({ "ours": 2000, "theirs": 1900 });
    operator::raise(&mut tx, "amount_differs", "gift:1", &details, town.now).await.unwrap();
    tx.commit().await.unwrap();
    let found = refusal(town.actions.look_up(&admin, "", town.now).await).unwrap();
    assert_eq!(found.people.iter().map(|row| row.email.as_str()).collect::<Vec<_>>(), [CAMILLE]);
    assert_eq!(writes().await, Ok(()));
    let mut db = town.reader.get().await.unwrap();
    assert_eq!(people::addressee(&mut db, camille).await.unwrap().bounced_at, None);
    let number = operator::open_discrepancies(&mut db).await.unwrap()[0].number;
    drop(db);
    let closes =
        async |why| refusal(town.actions.close_discrepancy(&admin, (number, why), town.now).await);
    assert_eq!(closes("").await, Err(DeskRefused::Reason));
    assert_eq!(closes("frais de la banque").await, Ok(()));
    assert_eq!(closes("encore").await, Err(DeskRefused::Unknown));
    let mut db = town.reader.get().await.unwrap();
    assert!(operator::open_discrepancies(&mut db).await.unwrap().is_empty());
    drop(db);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_look_is_on_the_trail_and_in_what_the_person_takes_away() {
    let town = Town::new().await;
    let admin = administrator(&town).await;
    town.give(BUS, 20, "a_b@exemple.fr").await;
    town.give(BUS, 20, "axb@exemple.fr").await;
    let found = refusal(town.actions.look_up(&admin, "A_B", town.now).await).unwrap();
    assert_eq!(found.people.len(), 1, "the words are no pattern");
    let person = known(&town, "a_b@exemple.fr").await.unwrap();
    refusal(town.actions.look_at(&admin, person, town.now).await).unwrap().unwrap();
    assert_eq!(noted(&town, &format!("person:{person}")).await, ["find", "look_at"]);
    let mut db = town.reader.get().await.unwrap();
    let all = pages::my_data::everything(&mut db, person).await.unwrap();
    assert_eq!(all["looked_at_by_staff"].as_array().unwrap().len(), 2);
    let other = people::known(&mut db, "axb@exemple.fr").await.unwrap().unwrap();
    let all = pages::my_data::everything(&mut db, other).await.unwrap();
    assert!(all["looked_at_by_staff"].as_array().unwrap().is_empty());
    let asked =
        trail::Asked { action: Some("look_at"), actor: Some("ADMIN@"), ..Default::default() };
    let lines = trail::lines(&mut db, &asked, 10).await.unwrap();
    assert_eq!(lines.len(), 1);
    let kinds = trail::Asked { subject: Some("person"), ..Default::default() };
    assert!(trail::lines(&mut db, &kinds, 10).await.unwrap().len() >= 3);
    let before = trail::Asked { until: Some(town.now), ..kinds };
    assert!(trail::lines(&mut db, &before, 10).await.unwrap().is_empty());
    let auditor = StaffMember {
        role: StaffRole::Administrator,
        principal: enters(&town, "axb@exemple.fr").await,
    };
    let looks = refusal(town.actions.look_up(&auditor, "a", town.now).await);
    assert_eq!(looks, Err(DeskRefused::NotAllowed));
    drop(db);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_a_file_whole_and_without_formulas() {
    let site = Site::open().await;
    let town = &site.town;
    let now = time::OffsetDateTime::now_utc();
    let named = (&address("controle@exemple.fr"), StaffRole::Auditor);
    town.actions.entrust_platform(named, now).await.unwrap();
    let cookie = site.cookie("controle@exemple.fr").await;
    site.prove(&cookie).await;
    let mut tx = town.writer.begin().await.unwrap();
    for number in 0..2_500 {
        let after = serde_json::json!({ "n": number });
        let change = trail::Change {
            actor: None,
            action: "set",
            subject: "=cmd|' /C calc'!A0",
            before: None,
            after: Some(&after),
        };
        trail::note(&mut tx, change, now).await.unwrap();
    }
    tx.commit().await.unwrap();
    let read = async |asked: &str| {
        let address = format!("{}/plateforme/journal.csv{asked}", site.base);
        let answer = site.client.get(address).header("cookie", &cookie).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, text) = read("?objet=%3Dcmd%7C%27+%2FC+calc%27%21A0").await;
    assert_eq!(status, 200);
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2_500, "more than one reading");
    assert!(rows.iter().all(|row| row[4].starts_with("'=cmd")));
    assert_eq!((&rows[0][6], &rows[2_499][6]), ("{\"n\":2499}", "{\"n\":0}"));
    assert_eq!(read("?du=demain").await.0, 404);
    assert!(noted(town, "trail").await.contains(&"export".to_owned()));
}
