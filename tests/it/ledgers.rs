//! The ledger of a pot, downloaded and counted again by the program itself.

use std::{path::PathBuf, process::Command};

use actions::{DeskRefused, StaffMember, Stop};
use domain::{
    Cents,
    gift::PaymentMethod,
    ids::{GiftId, PotId},
    role::StaffRole,
};
use payments::sandbox::Outcome;
use serde_json::Value;
use testkit::probe;
use time::Duration;

use crate::{
    staff::enters,
    town::{BUS, Town},
};

const OTHER: &str = "roubaix-reconditionne-mille-ordinateurs-pour-les-familles";

/// The program's own answer to a file.
fn evaluate(file: &PathBuf) -> Value {
    let answered = Command::new(env!("CARGO_BIN_EXE_essaim"))
        .args(["match", "evaluate"])
        .arg(file)
        .output()
        .unwrap();
    assert!(answered.status.success(), "{}", String::from_utf8_lossy(&answered.stderr));
    serde_json::from_slice(&answered.stdout).unwrap()
}

fn kept(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let file = folder.path().join(name);
    std::fs::write(&file, text).unwrap();
    file
}

/// Gifts of every fate.
async fn fates(town: &mut Town) -> Vec<GiftId> {
    let mut gifts = vec![town.give(BUS, 20, "payee@exemple.fr").await];
    gifts.push(town.give(OTHER, 400, "payee@exemple.fr").await);
    let refunded = town.give(BUS, 30, "rendue@exemple.fr").await;
    assert!(town.refund_there(refunded, 700).await);
    let disputed = town.give(BUS, 40, "contestee@exemple.fr").await;
    let won = town.give(OTHER, 50, "gagnee@exemple.fr").await;
    let lost = town.give(OTHER, 60, "perdue@exemple.fr").await;
    town.deliver().await;
    for (gift, end) in [(disputed, None), (won, Some(true)), (lost, Some(false))] {
        let dispute = town.sandbox.open_dispute(&town.intent(gift).await.unwrap()).unwrap();
        town.deliver().await;
        if let Some(won) = end {
            town.sandbox.end_dispute(&dispute, won).unwrap();
            town.deliver().await;
        }
    }
    gifts.extend([refunded, disputed, won, lost]);
    let mut debit = town.ask(BUS, 70, "debit@exemple.fr");
    debit.method = PaymentMethod::SepaDebit;
    town.visit(&debit, Outcome::SepaProcessing).await;
    town.deliver().await;
    for email in ["tardive@exemple.fr", "oubliee@exemple.fr"] {
        let ask = town.ask(BUS, 25, email);
        town.begin(&ask).await.unwrap();
        gifts.push(ask.gift);
    }
    town.wait(Duration::minutes(46));
    town.promise(&actions::Task::ReleaseExpired).await;
    town.work().await;
    let waiting = town.ask(BUS, 15, "en-cours@exemple.fr");
    town.begin(&waiting).await.unwrap();
    gifts.extend([debit.gift, waiting.gift]);
    gifts
}

async fn export(town: &Town, by: &StaffMember, pot: &str) -> Result<String, DeskRefused> {
    match town.actions.export_ledger(by, &PotId::new(pot), town.now).await {
        Ok(text) => Ok(text),
        Err(Stop::Refused(why)) => Err(why),
        Err(stop) => panic!("{stop:?}"),
    }
}

/// Used cents of every tranche as the answer says and as the database does.
async fn tranches(town: &Town, answer: &Value) -> Vec<(String, i64, i64)> {
    let mut rows = Vec::new();
    for pot in answer["pots"].as_array().unwrap() {
        for tranche in pot["tranches"].as_array().unwrap() {
            let (pot, id) = (pot["id"].as_str().unwrap(), tranche["id"].as_str().unwrap());
            let question =
                format!("SELECT used_cents FROM tranches WHERE pot_id = '{pot}' AND id = '{id}'");
            let booked = probe::answer(&town.writer, &question).await.unwrap();
            let counted = tranche["used"].as_i64().unwrap();
            rows.push((format!("{pot}/{id}"), counted, booked.parse().unwrap()));
        }
    }
    rows
}

/// What every gift was granted, rule by rule, sorted: names differ, cents do not.
fn granted_in(answer: &Value) -> Vec<Vec<(String, i64)>> {
    let mut all: Vec<Vec<(String, i64)>> = answer["donations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gift| {
            let lines = gift["lines"].as_array().unwrap().iter();
            let cents = |line: &Value| line["granted"].as_i64().unwrap();
            let line = |line: &Value| (line["pot"].as_str().unwrap().to_owned(), cents(line));
            lines.map(line).filter(|(_, cents)| *cents > 0).collect()
        })
        .collect();
    all.sort();
    all
}

async fn granted_by(town: &Town, gifts: &[GiftId]) -> Vec<Vec<(String, i64)>> {
    let mut db = town.reader.get().await.unwrap();
    let mut all = Vec::new();
    for gift in gifts {
        let lines = store::matches::lines(&mut db, *gift).await.unwrap();
        let line = |line: &matching::Line| (line.pot.to_string(), line.granted.get());
        all.push(lines.iter().map(line).filter(|(_, cents)| *cents > 0).collect());
    }
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_a_pot_gives_the_cents_of_the_database() {
    let mut town = Town::new().await;
    let operator = enters(&town, "fonds@exemple.fr", StaffRole::Operator).await;
    let gifts = fates(&mut town).await;
    let text = export(&town, &operator, "socle").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let answer = evaluate(&kept(&folder, "registre.json", &text));
    assert_eq!(granted_in(&answer), granted_by(&town, &gifts).await);
    let rows = tranches(&town, &answer).await;
    assert!(rows.iter().any(|(_, counted, _)| *counted > 0), "{rows:?}");
    for (tranche, counted, booked) in rows {
        assert_eq!(counted, booked, "{tranche}");
    }
    let mut statuses: Vec<&str> = answer["donations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gift| gift["status"].as_str().unwrap())
        .collect();
    statuses.sort_unstable();
    let expected = [
        "committed",
        "committed",
        "committed",
        "committed",
        "expired",
        "expired",
        "held",
        "refunded",
        "reserved",
        "reserved",
    ];
    assert_eq!(statuses, expected);
    let end = serde_json::json!([{ "event": "end", "reason": "unknown_donation" }]);
    assert_eq!(answer["rejected"], end, "nothing but the end of the file is refused");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_that_was_changed_in_the_file_shows() {
    let mut town = Town::new().await;
    let operator = enters(&town, "fonds@exemple.fr", StaffRole::Operator).await;
    fates(&mut town).await;
    let text = export(&town, &operator, "socle").await.unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    let events = file["input"]["events"].as_array_mut().unwrap();
    let gift = events.iter_mut().find(|event| event["type"] == "reserve").unwrap();
    let amount = gift["amount"].as_i64().unwrap();
    gift["amount"] = Cents::new(amount + 100).get().into();
    let folder = tempfile::tempdir().unwrap();
    let answer = evaluate(&kept(&folder, "faux.json", &file.to_string()));
    let rows = tranches(&town, &answer).await;
    assert!(rows.iter().any(|(_, counted, booked)| counted != booked), "{rows:?}");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_a_pot_names_nobody() {
    let mut town = Town::new().await;
    let auditor = enters(&town, "audit@exemple.fr", StaffRole::Auditor).await;
    let gifts = fates(&mut town).await;
    let text = export(&town, &auditor, "socle").await.unwrap();
    let hidden = "SELECT string_agg(word, ' ') FROM (
        SELECT id::text AS word FROM people UNION SELECT email FROM people
        UNION SELECT token FROM gifts UNION SELECT id::text FROM gifts
        UNION SELECT first_name FROM gift_donors UNION SELECT last_name FROM gift_donors
        UNION SELECT session_id FROM gift_payments WHERE session_id IS NOT NULL) words";
    let hidden = probe::answer(&town.writer, hidden).await.unwrap();
    assert!(hidden.split(' ').count() > 3 * gifts.len());
    for word in hidden.split(' ').filter(|word| word.len() > 3) {
        assert!(!text.contains(word), "{word}");
    }
    assert_eq!(text, export(&town, &auditor, "socle").await.unwrap(), "the same names twice");
    let other = export(&town, &auditor, "urgence").await.unwrap();
    let donors = |text: &str| {
        let file: Value = serde_json::from_str(text).unwrap();
        let rows = file["input"]["donors"].as_array().unwrap().clone();
        rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let known = donors(&text);
    assert!(!known.is_empty() && donors(&other).iter().all(|donor| !known.contains(donor)));
    assert_eq!(export(&town, &auditor, "aucun").await, Err(DeskRefused::Unknown));
    let first = enters(&town, "admin@exemple.fr", StaffRole::Administrator).await;
    assert_eq!(export(&town, &first, "socle").await, Err(DeskRefused::NotAllowed));
    town.end().await;
}

fn program(arguments: &[&str], url: &str) -> (bool, Value) {
    let answered = Command::new(env!("CARGO_BIN_EXE_essaim"))
        .args(arguments)
        .env("ESSAIM_DATABASE_URL", url)
        .output()
        .unwrap();
    let said = serde_json::from_slice(&answered.stdout).unwrap_or_default();
    (answered.status.success(), said)
}

async fn night(town: &mut Town) {
    town.wait(Duration::days(1));
    town.promise(&actions::Task::SealDays).await;
    town.work().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_seals_the_day_and_the_file_that_everybody_may_read() {
    let mut town = Town::new().await;
    let gift = town.give(BUS, 20, "payee@exemple.fr").await;
    town.give(OTHER, 30, "autre@exemple.fr").await;
    let (explained, said) = program(&["match", "explain", &gift.to_string()], &town.url);
    assert!(explained, "{said}");
    let decisions = said["decisions"].as_array().unwrap();
    assert_eq!(decisions.len(), 2, "reserved and paid");
    assert!(decisions.iter().all(|one| one["digest_holds"] == true));
    night(&mut town).await;
    night(&mut town).await;
    let mut db = town.reader.get().await.unwrap();
    let days = store::seals::days(&mut db).await.unwrap();
    assert!(days.len() >= 2 && days[0].records > 0 && days[1].previous == days[0].seal);
    let chain: Vec<Value> = days
        .iter()
        .map(|day| {
            serde_json::json!({
                "day": day.day.to_string(), "root": hex::encode(&day.root),
                "seal": hex::encode(&day.seal),
            })
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let chain = serde_json::json!({ "format": "essaim-seals/1", "days": chain }).to_string();
    let chain = kept(&folder, "sceaux.json", &chain);
    let (holds, said) = program(&["match", "seal", chain.to_str().unwrap()], &town.url);
    assert!(holds, "{said}");
    let verified = store::pages::verification::verify(&mut db, gift).await.unwrap().unwrap();
    let place = store::pages::verification::place(&mut db, &verified.decision).await.unwrap();
    let place = place.unwrap();
    let leaf = store::seals::digest(&verified.decision.digest).unwrap();
    let of_day = store::seals::day(&mut db, place.day).await.unwrap().unwrap();
    assert_eq!(matching::seal::climb(leaf, &place.path).bytes().as_slice(), of_day.root);
    let pot = PotId::new("socle");
    let file = store::seals::latest_ledger(&mut db, &pot).await.unwrap().unwrap();
    assert_eq!(Some(file.day), days.last().map(|day| day.day));
    let text = String::from_utf8(file.body.unwrap()).unwrap();
    let answer = evaluate(&kept(&folder, "public.json", &text));
    for (tranche, counted, booked) in tranches(&town, &answer).await {
        assert_eq!(counted, booked, "{tranche}");
    }
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_that_its_events_do_not_give_raises_the_alarm() {
    let mut town = Town::new().await;
    town.give(BUS, 20, "payee@exemple.fr").await;
    let more = "UPDATE tranches SET used_cents = used_cents + 1 WHERE pot_id = 'socle'";
    probe::execute(&town.writer, more).await.unwrap();
    night(&mut town).await;
    let raised = "SELECT string_agg(subject, ' ') FROM discrepancies WHERE kind = 'ledger_differs'";
    let raised = probe::answer(&town.writer, raised).await.unwrap();
    assert_eq!(raised, "tranche socle/etat_socle");
    let back = "UPDATE tranches SET used_cents = used_cents - 1 WHERE pot_id = 'socle'";
    probe::execute(&town.writer, back).await.unwrap();
    town.end().await;
}
