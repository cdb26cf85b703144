//! How fast the engine is, on one core, each figure beside a yardstick of the same run.
//!
//! `cargo bench -p essaim-matching`; with `-- --quick` a hundredth of the sizes.
#![allow(clippy::unwrap_used, reason = "a bench stops at its first surprise")]

use std::{
    collections::BTreeMap,
    fs, io,
    process::Command,
    time::{Duration, Instant},
};

use matching::{
    replay::Ledger,
    simulate::{Asked, Candidate, Past, Progress, Synthetic},
};
use serde_json::{Value, json};

/// Numbers that look drawn and are the same each time (a linear congruential generator).
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) % bound
    }

    /// Small numbers often, large ones seldom: the smallest of some draws.
    fn skewed(&mut self, bound: u64) -> u64 {
        (0..3).map(|_| self.below(bound)).min().unwrap()
    }

    /// A gift in cents, shaped like those of a real matched round: many of one euro, few large.
    fn amount(&mut self) -> u64 {
        const SHAPE: [u64; 12] =
            [95, 100, 100, 200, 475, 475, 950, 950, 3_300, 5_000, 10_000, 133_700];
        SHAPE[usize::try_from(self.below(12)).unwrap()]
    }
}

fn time(seconds: u64) -> String {
    domain::UtcSeconds::new(1_772_323_200 + i64::try_from(seconds).unwrap()).to_string()
}

fn campaign(number: u64) -> Value {
    let public = if number.is_multiple_of(3) { "seniors" } else { "jeunes" };
    let category = if number.is_multiple_of(2) { "urgence" } else { "inclusion" };
    let territory = format!("{:02}", number % 19 + 1);
    json!({"id": format!("c{number}"), "holder": "h", "territory": territory,
        "rural": number.is_multiple_of(3), "priority_territory": false,
        "publics": [public],
        "category": category,
        "stage": "amorcage", "goal": 100_000_000, "budget": 200_000_000, "all_or_nothing": false})
}

fn tranche(id: &str, amount: u64, earmark: &Value) -> Value {
    json!({"id": id, "at": "2026-01-01T00:00:00Z", "amount": amount, "origin": "company",
        "earmark": earmark})
}

/// How a round is asked for, if at all.
struct Round {
    bound: Option<u64>,
    closes: bool,
}

/// A ledger of gifts to campaigns by donors, answered by four pots of ten rules each.
fn ledger((gifts, campaigns, donors): (u64, u64, u64), mode: &str, round: &Round) -> String {
    let mut draws = Draws(1);
    let rounds = mode == "quadratic";
    let pots = if rounds { 1 } else { 4 };
    let rules = if rounds { 1 } else { 10 };
    let mut rule_sets = Vec::new();
    for pot in 0..pots {
        for rule in 0..rules {
            let territory = format!("{:02}", pot * 5 + rule + 1);
            let eligibility = if rounds { json!({}) } else { json!({"territories": [territory]}) };
            rule_sets.push(json!({"id": format!("r{pot}_{rule}"), "version": 1,
                "pot": format!("p{pot}"), "rank": rule, "mode": mode, "rate_bps": 5_000,
                "effective_from": "2026-01-01T00:00:00Z", "eligibility": eligibility,
                "bonuses": [{"id": "rural", "when": {"rural": true}, "multiplier_bps": 20_000}],
                "caps": {"per_donor_campaign_base_cap": 50_000},
                "quadratic": {"pair_bound": round.bound}}));
        }
    }
    let pots: Vec<Value> = (0..pots)
        .map(|pot| {
            let money = tranche("t", 100_000_000_000, &json!({}));
            json!({"id": format!("p{pot}"), "order": pot, "tranches": [money]})
        })
        .collect();
    let mut events: Vec<Value> = (0..gifts)
        .map(|number| {
            json!({"id": format!("e{number}"), "type": "give", "at": time(number / 10),
                "donation": format!("d{number}"), "donor": format!("g{}", draws.skewed(donors)),
                "campaign": format!("c{}", draws.skewed(campaigns)), "amount": draws.amount()})
        })
        .collect();
    if round.closes {
        events.push(json!({"id": "z", "type": "round_close", "at": time(gifts), "pot": "p0",
            "rule_set": "r0_0", "version": 1}));
    }
    let donors: Vec<Value> =
        (0..donors).map(|donor| json!({"id": format!("g{donor}"), "kind": "citizen"})).collect();
    let input = json!({"settings": {"stacking": "stack", "leverage_cap_bps": 20_000},
        "holders": [{"id": "h", "type": "association"}], "donors": donors,
        "campaigns": (0..campaigns).map(campaign).collect::<Vec<_>>(), "pots": pots,
        "rule_sets": rule_sets, "events": events});
    case("ledger", &input)
}

fn case(kind: &str, input: &Value) -> String {
    json!({"format": "essaim-match-case/1", "kind": kind, "input": input}).to_string()
}

/// Crossing earmarks: each tranche for one of some territories, publics and pathways.
fn crossing(tranches: u64, campaigns: u64) -> String {
    let mut draws = Draws(2);
    let money = |number: u64| {
        let mut earmark = json!({});
        if number.is_multiple_of(2) {
            earmark["territories"] = json!([format!("{:02}", draws.below(19) + 1), "05"]);
        }
        if number.is_multiple_of(3) {
            earmark["publics"] = json!(["seniors"]);
        }
        tranche(&format!("t{number}"), draws.below(10_000_000), &earmark)
    };
    let tranches: Vec<Value> = (0..tranches).map(money).collect();
    let demand = |number: u64| {
        json!({"campaign": format!("c{number}"), "amount": draws.below(400_000),
            "class": number % 3 + 1, "at": "2026-03-01T00:00:00Z"})
    };
    let demands: Vec<Value> = (0..campaigns).map(demand).collect();
    case(
        "flow",
        &json!({"settings": {}, "tranches": tranches, "demands": demands,
        "campaigns": (0..campaigns).map(campaign).collect::<Vec<_>>()}),
    )
}

/// The least a ledger must do: a sum by campaign in an ordered map.
fn yardstick(gifts: u64) -> Duration {
    let mut draws = Draws(3);
    let names: Vec<String> = (0..gifts).map(|_| format!("c{}", draws.skewed(10_000))).collect();
    let began = Instant::now();
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    for name in names {
        *sums.entry(name).or_default() += 1;
    }
    let spent = began.elapsed();
    assert!(!sums.is_empty());
    spent
}

/// How long something took, and what it gave.
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let began = Instant::now();
    let done = work();
    (began.elapsed(), done)
}

fn per_second(count: u64, spent: Duration) -> u128 {
    u128::from(count) * 1_000_000_000 / spent.as_nanos().max(1)
}

/// A line of `/proc/self/status`, in MB.
fn memory(key: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1_000
}

fn flow(part: u64) {
    let text = crossing(200 / part.min(10), 5_000 / part);
    let (spent, answer) = timed(|| matching::evaluate(&text).unwrap());
    assert!(answer.get("error").is_none(), "{answer}");
    println!("flow_ms {}", spent.as_millis());
}

/// What closing the round adds to the same replay.
fn rounds(part: u64) {
    let sizes = (100_000 / part, 1_300, 10_000 / part);
    for (name, bound) in [("round_ms", None), ("bounded_round_ms", Some(5_000))] {
        let spent = |closes| {
            let ledger =
                Ledger::read(&ledger(sizes, "quadratic", &Round { bound, closes })).unwrap();
            let once = || timed(|| drop(ledger.replay().unwrap())).0;
            (0..3).map(|_| once()).min().unwrap()
        };
        println!("{name} {}", spent(true).saturating_sub(spent(false)).as_millis());
    }
}

/// A process of its own does each work on a ledger, so that its memory is that of the work alone.
fn apart(sizes: (u64, u64, u64), works: &[&str]) {
    let none = Round { bound: None, closes: false };
    let file = std::env::temp_dir().join(format!("essaim-ledger-{}.json", std::process::id()));
    fs::write(&file, ledger(sizes, "first_come", &none)).unwrap();
    let program = std::env::current_exe().unwrap();
    for what in works {
        let status = Command::new(&program).arg(what).arg(&file).status().unwrap();
        assert!(status.success());
    }
    fs::remove_file(&file).unwrap();
}

/// What the process is asked.
const REPLAY: &str = "--replay";
/// What `essaim match evaluate` does.
const EVALUATE: &str = "--evaluate";
/// What `essaim match simulate` does, with one set of rules and with three.
const SIMULATE: &str = "--simulate";
/// The same on a year of invented gifts.
const YEAR: &str = "--year";

/// Bytes that are counted and forgotten.
#[derive(Default)]
struct Counted(u64);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += u64::try_from(bytes.len()).unwrap();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn evaluated(file: &str) {
    let (spent, bytes) = timed(|| {
        let mut out = io::BufWriter::with_capacity(1 << 16, Counted::default());
        matching::evaluate_to(fs::read_to_string(file).unwrap(), &mut out).unwrap().unwrap();
        out.into_inner().ok().unwrap().0
    });
    let (size, ms) = (fs::metadata(file).unwrap().len() / 1_000_000, spent.as_millis());
    let memory = memory("VmHWM:");
    println!("  evaluate: {ms} ms, {size} MB in, {} MB out, peak {memory} MB", bytes / 1_000_000);
}

fn simulated(file: &str) {
    rehearsed(file, "simulate", None);
}

/// Half of the rules, once and three times, beside all of them.
fn rehearsed(file: &str, what: &str, synthetic: Option<&Synthetic>) {
    for candidates in [1, 3] {
        let (spent, played) = timed(|| {
            let past = Past::read(&fs::read_to_string(file).unwrap()).unwrap();
            let mut rule_sets = past.rules().to_vec();
            rule_sets.truncate(20);
            let name = "half".to_owned();
            let half = Candidate { name, rule_sets, pots: Vec::new() };
            let candidates = vec![half; candidates];
            let asked = Asked { candidates, synthetic: synthetic.cloned(), marginal: false };
            past.rehearse(&asked, &Progress::default()).unwrap()
        });
        assert!(played["candidates"][0]["match"].as_i64() > Some(0), "{played}");
        let memory = memory("VmHWM:");
        println!("  {what}, {candidates} candidates: {} ms, peak {memory} MB", spent.as_millis());
    }
}

/// A year of a million gifts, drawn from a past of some thousand, a hundredth of it when asked
/// quickly.
fn year_of(file: &str) {
    let quick = fs::metadata(file).unwrap().len() < 100_000;
    let gifts = if quick { 10_000 } else { 1_000_000 };
    let year = Some(domain::UtcSeconds::new(1_798_761_600));
    let synthetic = Synthetic { gifts, seed: 1, amounts: None, year };
    rehearsed(file, &format!("year of {gifts} gifts"), Some(&synthetic));
}

/// Read, replayed and answered, each with the memory it adds.
fn replayed(file: &str) {
    let text = fs::read_to_string(file).unwrap();
    let empty = memory("VmRSS:");
    let (reading, ledger) = timed(|| Ledger::read(&text).unwrap());
    let read = memory("VmRSS:");
    drop(text);
    let (spent, replayed) = timed(|| ledger.replay().unwrap());
    let held = memory("VmHWM:");
    let mut bytes = Counted::default();
    let answer = replayed.answer().unwrap();
    let (answering, ()) = timed(|| serde_json::to_writer(&mut bytes, &answer).unwrap());
    let gifts = u64::try_from(ledger.events.len()).unwrap();
    assert!(bytes.0 > 100 * gifts);
    println!(
        "replay of {gifts} gifts: {} gifts/s (yardstick {} sums/s)",
        per_second(gifts, spent),
        per_second(gifts, yardstick(gifts)),
    );
    println!(
        "  ms: read {} replay {} answer {}",
        reading.as_millis(),
        spent.as_millis(),
        answering.as_millis()
    );
    println!(
        "  MB: text {empty} ledger {} state {} answer {}",
        read - empty,
        held.saturating_sub(read),
        memory("VmHWM:") - held,
    );
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, asked, file, ..] = arguments.as_slice() {
        match asked.as_str() {
            REPLAY => return replayed(file),
            EVALUATE => return evaluated(file),
            SIMULATE => return simulated(file),
            YEAR => return year_of(file),
            _ => {}
        }
    }
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let part = if quick { 100 } else { 1 };
    flow(part);
    rounds(part);
    for gifts in [10_000, 100_000, 1_000_000] {
        apart((gifts / part, 10_000 / part, 10_000 / part), &[REPLAY, EVALUATE, SIMULATE]);
    }
    // The history of a young marketplace.
    apart((3_000 / part, 36, 1_500 / part), &[YEAR]);
}
