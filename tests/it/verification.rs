//! What anybody may check: a day, a gift, a ledger; and that none of it names a person.

use std::{path::PathBuf, process::Command};

use domain::calendar::paris_date;
use serde_json::Value;
use sha2::{Digest, Sha256};
use testkit::probe;
use time::{Date, Duration, OffsetDateTime};

use crate::{town::BUS, walk::Site};

impl Site {
    /// A page that needs no cookie: its status and its text.
    async fn reads(&self, path: &str) -> (u16, String) {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn file(&self, path: &str) -> Value {
        let (status, text) = self.reads(path).await;
        assert_eq!(status, 200, "{path}");
        serde_json::from_str(&text).unwrap()
    }

    /// The night that seals today passes.
    async fn night(&mut self) {
        self.town.wait(Duration::days(1));
        self.town.promise(&actions::Task::SealDays).await;
        self.town.work().await;
    }
}

/// The program's verdict on a file of seals.
fn seals(file: &Value) -> (bool, Value) {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("sceau.json");
    std::fs::write(&path, file.to_string()).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_essaim"));
    let answered = program.args(["match", "seal"]).arg(&path).output().unwrap();
    (answered.status.success(), serde_json::from_slice(&answered.stdout).unwrap())
}

/// The day of the records: that of the database, whose clock is the machine's.
fn today() -> Date {
    paris_date(OffsetDateTime::now_utc())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_sealed_and_the_program_checks_it() {
    let mut site = Site::open().await;
    site.town.give(BUS, 20, "payee@exemple.fr").await;
    let page = format!("/verifier/jour/{}", today());
    let (status, text) = site.reads(&page).await;
    assert!(status == 200 && text.contains("cette nuit à 3\u{a0}h"), "{status} {text}");
    assert_eq!(site.reads(&format!("{page}/sceau.json")).await.0, 404);
    site.night().await;
    let mut db = site.town.reader.get().await.unwrap();
    let sealed = store::seals::day(&mut db, today()).await.unwrap().unwrap();
    drop(db);
    let asked = format!("/verifier/jour?jour={}", today());
    for page in [&page, &asked] {
        let (status, text) = site.reads(page).await;
        let told = text.contains(&hex::encode(&sealed.seal));
        assert!(status == 200 && told && text.contains("Jour scellé"), "{status} {text}");
    }
    let mut file = site.file(&format!("{page}/sceau.json")).await;
    let leaves = file["days"][0]["leaves"].as_array().unwrap();
    assert_eq!(i64::try_from(leaves.len()).unwrap(), sealed.records);
    let (holds, said) = seals(&file);
    assert!(holds && said["last"] == hex::encode(&sealed.seal), "{said}");
    file["days"][0]["leaves"][0] = hex::encode([1; 32]).into();
    let (holds, said) = seals(&file);
    assert!(!holds && said["breaches"][0]["breach"] == "root", "{said}");
    site.town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_has_no_seal_says_why() {
    let site = Site::open().await;
    site.town.give(BUS, 20, "payee@exemple.fr").await;
    for (day, why) in [
        ("2999-01-01", "pas encore venu"),
        ("2001-01-01", "Aucune décision n"),
        ("2026-02-30", "n’est pas un jour du calendrier"),
        ("2026-W01-1", "n’est pas un jour du calendrier"),
        ("%3Cscript%3E", "n’est pas un jour du calendrier"),
        ("hier", "n’est pas un jour du calendrier"),
    ] {
        for page in [format!("/verifier/jour/{day}"), format!("/verifier/jour?jour={day}")] {
            let (status, text) = site.reads(&page).await;
            assert_eq!(status, 404, "{page}");
            assert!(text.contains(why) && !text.contains("<script>"), "{page}: {text}");
        }
        assert_eq!(site.reads(&format!("/verifier/jour/{day}/sceau.json")).await.0, 404);
    }
    let (_, text) = site.reads("/transparence/registres").await;
    assert!(text.contains("Le premier registre"), "{text}");
    let (status, text) = site.reads("/verifier/jour").await;
    assert!(status == 200 && text.contains("type=\"date\""));
    site.town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gift_is_found_in_the_ledgers_and_under_its_seal() {
    let mut site = Site::open().await;
    let gift = site.town.give(BUS, 20, "payee@exemple.fr").await;
    let page = format!("/verifier/{gift}");
    let (_, text) = site.reads(&page).await;
    assert!(text.contains("publiés cette nuit") && !text.contains("preuve.json"), "{text}");
    assert_eq!(site.reads(&format!("{page}/preuve.json")).await.0, 404);
    site.night().await;
    let (_, text) = site.reads(&page).await;
    assert!(text.contains("preuve.json") && text.contains(&format!("/jour/{}", today())));
    let names = site.town.actions.ledger_names(gift).await.unwrap();
    assert!(!names.is_empty());
    let (_, list) = site.reads("/transparence/registres").await;
    for name in names {
        assert!(text.contains(&name.name), "{}", name.pot);
        let (_, body) =
            site.reads(&format!("/transparence/registres/{}/registre.json", name.pot)).await;
        let file: Value = serde_json::from_str(&body).unwrap();
        let events = file["input"]["events"].as_array().unwrap();
        let of_gift = events.iter().filter(|event| event["donation"] == name.name);
        let kinds: Vec<&str> = of_gift.map(|event| event["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["reserve", "pay"], "{}", name.pot);
        assert!(list.contains(&hex::encode(Sha256::digest(&body))), "{}", name.pot);
    }
    let mut proof = site.file(&format!("{page}/preuve.json")).await;
    let (holds, said) = seals(&proof);
    assert!(holds && said["proofs"] == 1, "{said}");
    proof["proofs"][0]["record"]["amount"] = 2_100.into();
    let (holds, said) = seals(&proof);
    assert!(!holds && said["breaches"][0]["breach"] == "record", "{said}");
    site.town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_record_names_a_person_and_no_two_name_the_same() {
    let mut site = Site::open().await;
    let mut gifts = Vec::new();
    for euros in [20, 30] {
        gifts.push(site.town.give(BUS, euros, "payee@exemple.fr").await);
    }
    site.night().await;
    let people = probe::answer(&site.town.writer, "SELECT string_agg(id::text, ' ') FROM people");
    let people = people.await.unwrap();
    let recorded = "SELECT string_agg(explanation::text, ' ') FROM decisions";
    let recorded = probe::answer(&site.town.writer, recorded).await.unwrap();
    let mut groups = Vec::new();
    for gift in gifts {
        let (_, page) = site.reads(&format!("/verifier/{gift}")).await;
        assert!(page.contains("Calcul exact"), "{page}");
        let proof = site.file(&format!("/verifier/{gift}/preuve.json")).await;
        for person in people.split(' ') {
            let named = [&page, &recorded, &proof.to_string()].map(|text| text.contains(person));
            assert_eq!(named, [false; 3]);
        }
        groups.push(proof["proofs"][0]["record"]["donor_group"].as_str().unwrap().to_owned());
    }
    assert!(groups[0].len() == 32 && groups[0] != groups[1], "{groups:?}");
    // The ledger, written from what stands beside the records, still knows who gave twice.
    let (_, body) = site.reads("/transparence/registres/socle/registre.json").await;
    let file: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(file["input"]["donors"].as_array().unwrap().len(), 1);
    site.town.end().await;
}
