//! A gift and its refund, with a crash at each point of their path where something was written or
//! said: the person tries again, the house recovers by itself, and the same happened as if nothing
//! had.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::process::ExitStatusExt,
    path::Path,
};

use futures_util::{StreamExt, stream};
use reqwest::StatusCode;
use tokio::{runtime::Handle, task::spawn_blocking};

use crate::{
    person::pays,
    process::Process,
    smtp::Delivered,
    street::{Street, until},
    town::BUS,
};

/// Every place where the program lets itself be killed.
const POINTS: [&str; 14] = [
    "ask_refund/asked",
    "begin_gift/noted",
    "begin_gift/opened",
    "begin_gift/reserved",
    "deliver_letter/noted",
    "deliver_letter/sent",
    "fold_totals/folded",
    "issue_receipt/drawn",
    "issue_receipt/numbered",
    "receive_payment_event/stored",
    "record_payment/before_commit",
    "record_payment/committed",
    "send_refund/noted",
    "send_refund/sent",
];

/// Streets at once: most of the time of each is waiting for the lease of who died.
const AT_ONCE: usize = 8;

const SIGABRT: i32 = 6;

/// One house, its only process, and where that process dies once.
struct House {
    street: Street,
    process: Process,
    dies_at: Option<&'static str>,
}

/// What came of the walk: after the payment, and after the refund.
struct Outcome {
    paid: Vec<String>,
    refunded: Vec<String>,
    provider: Vec<String>,
    letters: BTreeMap<Delivered, usize>,
}

impl House {
    async fn open(dies_at: Option<&'static str>) -> Self {
        let street = Street::open(None).await;
        let armed = dies_at.map(|point| ("ESSAIM_CRASH_AT", point));
        let process = street.start(&["serve", "--with-workers"], armed.as_slice());
        Self { street, process, dies_at }
    }

    /// Starts the process again when it died where it had to; dies of it when elsewhere.
    fn revive(&mut self) {
        if let Some(status) = self.process.ended() {
            let said = self.process.last_words();
            let point = self.dies_at.take().unwrap_or_else(|| panic!("{status}: {said}"));
            assert_eq!(status.signal(), Some(SIGABRT), "{point}: {status}: {said}");
            assert!(said.contains(point), "{point}: {said}");
            self.process = self.street.start(&["serve", "--with-workers"], &[]);
        }
    }

    /// Until the house is at rest and a gift is in a state; answers all that happened.
    async fn rests_with(&mut self, gift: &str) -> Vec<String> {
        until(gift, async || {
            self.revive();
            self.street.rests().await?;
            let facts = self.street.facts().await?;
            if facts.iter().any(|fact| fact.starts_with(gift)) {
                return Ok(facts);
            }
            Err(format!("{facts:#?}"))
        })
        .await
    }

    /// Somebody gives twenty euros and wants them back, and tries again whenever nobody answers.
    async fn walk(mut self) -> Outcome {
        let mut person = self.street.person(1);
        let form = until("the giving form", async || {
            self.revive();
            person.fills(BUS, 20).await
        })
        .await;
        let checkout = until("the payment page", async || {
            self.revive();
            let answer = person.sends(&form).await?;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
            Ok(answer.location.unwrap())
        })
        .await;
        let own_page = pays(&self.street.client, &checkout).await;
        let paid = self.rests_with("gift captured").await;
        until("the money asked back", async || {
            self.revive();
            person.wants_back(&own_page).await
        })
        .await;
        let refunded = self.rests_with("gift refunded").await;
        self.revive();
        assert_eq!(self.dies_at, None, "nobody passed there");
        self.street.is_sound().await;
        Outcome { paid, refunded, provider: self.provider().await, letters: self.letters() }
    }

    /// What the provider itself has.
    async fn provider(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (kind, fields) in [
            ("checkout/sessions", ["status", "payment_status", "amount_total"]),
            ("payment_intents", ["status", "amount", "amount_received"]),
            ("refunds", ["object", "status", "amount"]),
        ] {
            for one in self.street.listed(kind).await {
                all.push(format!("{kind} {:?}", fields.map(|field| one[field].to_string())));
            }
        }
        all
    }

    /// How often each letter came, by its Message-ID.
    fn letters(&self) -> BTreeMap<Delivered, usize> {
        let mut times = BTreeMap::new();
        for letter in self.street.letters.delivered() {
            *times.entry(letter).or_default() += 1;
        }
        times
    }
}

/// Letters by their subjects: each once, however often it had to be handed over.
fn subjects(letters: &BTreeMap<Delivered, usize>) -> Vec<&str> {
    let mut subjects: Vec<&str> = letters.keys().map(|letter| letter.subject.as_str()).collect();
    subjects.sort_unstable();
    subjects
}

fn is_the_same(point: &str, crashed: &Outcome, undisturbed: &Outcome) {
    assert_eq!(crashed.paid, undisturbed.paid, "{point}: after the payment");
    assert_eq!(crashed.refunded, undisturbed.refunded, "{point}: after the refund");
    assert_eq!(crashed.provider, undisturbed.provider, "{point}: at the provider");
    assert_eq!(subjects(&crashed.letters), subjects(&undisturbed.letters), "{point}: letters");
    // Who dies between the server's "taken" and our own note sends again: the same letter.
    let twice = crashed.letters.values().any(|times| *times > 1);
    assert!(twice || point != "deliver_letter/sent", "{:#?}", crashed.letters);
}

#[test]
fn every_crash_point_of_the_code_is_walked() {
    let mut rooms = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/actions/src")];
    let (mut files, mut found) = (Vec::new(), BTreeSet::new());
    while let Some(room) = rooms.pop() {
        let all = fs::read_dir(room).unwrap().map(|entry| entry.unwrap().path());
        let (inner, here): (Vec<_>, Vec<_>) = all.partition(|path| path.is_dir());
        rooms.extend(inner);
        files.extend(here);
    }
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let calls = text.split("crash_point(\"").skip(1);
        found.extend(calls.map(|call| call.split('"').next().unwrap().to_owned()));
    }
    assert_eq!(found, POINTS.map(str::to_owned).into(), "walk it, or take it away");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_anywhere_on_its_path_a_gift_ends_as_if_nothing_had_been() {
    let ways = std::iter::once(None).chain(POINTS.into_iter().map(Some));
    // Each on a thread: founding a town is work, during which the others must not miss a beat.
    let walks = ways.map(|point| {
        spawn_blocking(move || {
            let walk = async { (point, House::open(point).await.walk().await) };
            Handle::current().block_on(walk)
        })
    });
    let walked: Vec<_> = stream::iter(walks).buffer_unordered(AT_ONCE).collect().await;
    let walked: Vec<_> = walked.into_iter().map(Result::unwrap).collect();
    let (_, undisturbed) = walked.iter().find(|(point, _)| point.is_none()).unwrap();
    let gift = "gift captured 2000 2000 0 0 committed 3200";
    assert!(undisturbed.paid.iter().any(|fact| fact == gift), "{:#?}", undisturbed.paid);
    assert!(undisturbed.letters.values().all(|times| *times == 1), "{:#?}", undisturbed.letters);
    for (point, crashed) in &walked {
        is_the_same(point.unwrap_or("nowhere"), crashed, undisturbed);
    }
}
