//! One case file, one answer: what `essaim match evaluate` prints.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use domain::{BasisPoints, Cents, UtcSeconds, ids::CampaignId};
use serde::{Deserialize, de::DeserializeOwned, de::IgnoredAny};
use serde_json::{Value, json};

use crate::{
    apportion::{CannotApportion, Item, apportion},
    case::{Campaign, Holder, Settings},
    draw::Rooms,
    envelopes::{Envelopes, NoEnvelopes, Share, Shifted},
    exact::{Overflow, minus, sum},
    flow::{Demand, Supply, serve},
    read,
    replay::{Ledger, check_campaign, check_settings, check_tranches, has_twins},
    tranche::Tranche,
};

/// The format this module reads.
pub const FORMAT: &str = "essaim-match-case/1";

/// A file that cannot be read or does not follow the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    /// Where in the file, as a path of keys.
    pub path: String,
    /// Line, from 1; none when the problem is not at one place.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}, ")?;
        }
        write!(f, "at `{}`: {}", self.path, self.problem)
    }
}

impl std::error::Error for FormatError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "keys for people are read only to be allowed")]
pub(crate) struct Case<T> {
    format: String,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    notes: Option<IgnoredAny>,
    pub(crate) kind: String,
    pub(crate) input: T,
    #[serde(default)]
    pub(crate) expected: Option<Value>,
}

/// Reads JSON; what is wrong is told with its place.
pub(crate) fn json<T: DeserializeOwned>(text: &str) -> Result<T, FormatError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let line = Some(error.inner().line()).filter(|line| *line > 0);
        FormatError { path, line, problem: error.inner().to_string() }
    })?;
    json.end().map_err(|error| FormatError {
        path: ".".to_owned(),
        line: Some(error.line()),
        problem: error.to_string(),
    })?;
    Ok(read)
}

pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<Case<T>, FormatError> {
    let case: Case<T> = json(text)?;
    if case.format != FORMAT {
        let problem = format!("expected `{FORMAT}`");
        return Err(FormatError { path: "format".to_owned(), line: None, problem });
    }
    Ok(case)
}

fn refused(code: &str) -> Value {
    json!({"error": code})
}

pub(crate) fn misplaced((path, problem): (String, String)) -> FormatError {
    FormatError { path: format!("input.{path}"), line: None, problem }
}

/// Answers a case: only `kind` and `input` count. The answer to a case that the rules refuse is
/// `{"error": CODE}`.
///
/// # Errors
/// When the text does not follow the format.
pub fn evaluate(text: &str) -> Result<Value, FormatError> {
    match parse::<IgnoredAny>(text)?.kind.as_str() {
        "apportion" => parse(text).map(|case| shares(&case.input)),
        "envelopes" => envelopes(&parse(text)?.input),
        "flow" => flow(&parse(text)?.input),
        "ledger" => ledger(&parse(text)?.input),
        _ => Ok(refused("unknown_kind")),
    }
}

fn ledger(input: &Ledger) -> Result<Value, FormatError> {
    if input.declares_twice() {
        return Ok(refused("duplicate_id"));
    }
    input.check().map_err(misplaced)?;
    Ok(input.replay().and_then(|replayed| replayed.answer()).unwrap_or_else(refused))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Apportionment {
    total: Cents,
    items: Vec<Portion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Portion {
    id: String,
    weight: i128,
    #[serde(default, deserialize_with = "read::or_default")]
    lo: Cents,
    #[serde(default)]
    hi: Option<Cents>,
}

const fn code(error: CannotApportion) -> &'static str {
    match error {
        CannotApportion::BadInput => "bad_apportion_input",
        CannotApportion::DuplicateId => "duplicate_id",
        CannotApportion::Overflow(_) => "overflow",
    }
}

fn shares(input: &Apportionment) -> Value {
    let item = |portion: &Portion| Item {
        id: portion.id.clone(),
        weight: portion.weight,
        lo: portion.lo,
        hi: portion.hi,
    };
    let items: Vec<Item> = input.items.iter().map(item).collect();
    let found = match apportion(input.total, &items) {
        Ok(found) => found,
        Err(error) => return refused(code(error)),
    };
    let rows = items.iter().zip(&found.shares);
    let rows: Vec<Value> =
        rows.map(|(item, amount)| json!({"id": item.id, "amount": amount})).collect();
    match minus(input.total, found.residue) {
        Ok(allocated) => {
            json!({"shares": rows, "allocated": allocated, "residue": found.residue})
        }
        Err(Overflow) => refused("overflow"),
    }
}

pub(crate) fn shifted_territory(territory: &Shifted) -> Value {
    json!({
        "code": territory.code,
        "released": territory.released,
        "received": territory.received,
        "envelope": territory.envelope,
    })
}

fn envelopes(input: &Envelopes) -> Result<Value, FormatError> {
    if has_twins(input.territories.iter().map(|territory| &territory.code))
        || has_twins(input.criteria.iter().map(|criterion| &criterion.id))
    {
        return Ok(refused("duplicate_id"));
    }
    for (place, territory) in input.territories.iter().enumerate() {
        let known = |id: &&String| input.criteria.iter().any(|criterion| criterion.id == **id);
        let complete = input.criteria.iter().all(|c| territory.values.contains_key(&c.id));
        if !complete || !territory.values.keys().all(|id| known(&id)) {
            let problem = "one value for each criterion, and no other";
            return Err(misplaced((format!("territories[{place}].values"), problem.to_owned())));
        }
    }
    let rates = input.checkpoint.iter().flat_map(|c| [c.use_threshold_bps, c.release_bps]);
    if rates.into_iter().any(|bps| !(0..=10_000).contains(&bps.get())) {
        let problem = "a share is between 0 and 10000";
        return Err(misplaced(("checkpoint".to_owned(), problem.to_owned())));
    }
    if let Some(place) = input.territories.iter().position(|t| t.committed < Cents::ZERO) {
        let problem = "amount below 0";
        return Err(misplaced((format!("territories[{place}].committed"), problem.to_owned())));
    }
    Ok(computed(input).unwrap_or_else(refused))
}

fn computed(input: &Envelopes) -> Result<Value, &'static str> {
    let (found, residue) = input.compute().map_err(|error| match error {
        NoEnvelopes::Weights => "criteria_weights_must_sum_to_10000",
        NoEnvelopes::Share(error) => code(error),
    })?;
    let narrow = |number: i128| u64::try_from(number).map_err(|_| "overflow");
    let mut rows = Vec::new();
    let mut shares = Vec::new();
    for (territory, envelope) in input.territories.iter().zip(found) {
        let mut ratios = serde_json::Map::new();
        for (criterion, ratio) in envelope.ratios {
            ratios.insert(criterion, json!(narrow(ratio)?));
        }
        rows.push(json!({
            "code": territory.code,
            "ratios": ratios,
            "index_bps": narrow(envelope.index_bps)?,
            "weight": narrow(envelope.weight)?,
            "floor": envelope.floor,
            "ceiling": envelope.ceiling,
            "envelope": envelope.envelope,
        }));
        shares.push(Share {
            code: territory.code.clone(),
            weight: envelope.weight,
            envelope: envelope.envelope,
            used: territory.committed,
        });
    }
    let allocated = minus(input.total, residue).map_err(|_| "overflow")?;
    let mut answer = json!({"territories": rows, "allocated": allocated, "residue": residue});
    if let (Some(checkpoint), Some(object)) = (input.checkpoint, answer.as_object_mut()) {
        let (moved, shifted) = checkpoint.pass(&shares).map_err(|_| "overflow")?;
        let rows: Vec<Value> = shifted.iter().map(shifted_territory).collect();
        object.insert("checkpoint".to_owned(), json!({"moved": moved, "territories": rows}));
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlowInput {
    #[serde(default, deserialize_with = "read::or_default")]
    settings: Shares,
    campaigns: Vec<Campaign>,
    #[serde(default, deserialize_with = "read::or_default")]
    holders: Vec<Holder>,
    tranches: Vec<Tranche>,
    demands: Vec<Asked>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Shares {
    public_share_max_bps: Option<BasisPoints>,
    eu_share_max_bps: Option<BasisPoints>,
    min_own_share_bps: Option<BasisPoints>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    campaign: CampaignId,
    amount: Cents,
    class: i64,
    at: UtcSeconds,
}

impl FlowInput {
    fn settings(&self) -> Settings {
        Settings {
            public_share_max_bps: self.settings.public_share_max_bps,
            eu_share_max_bps: self.settings.eu_share_max_bps,
            min_own_share_bps: self.settings.min_own_share_bps,
            ..Settings::default()
        }
    }

    fn check(&self) -> Result<(), (String, String)> {
        check_settings(&self.settings())?;
        for (place, campaign) in self.campaigns.iter().enumerate() {
            check_campaign(campaign, || format!("campaigns[{place}]"))?;
        }
        check_tranches(&self.tranches, || "tranches".to_owned())?;
        let known: BTreeSet<_> = self.campaigns.iter().map(|campaign| &campaign.id).collect();
        for (place, demand) in self.demands.iter().enumerate() {
            let at = format!("demands[{place}]");
            if !known.contains(&demand.campaign) {
                return Err((at, "unknown campaign".to_owned()));
            }
            if demand.amount < Cents::ZERO {
                return Err((at, "amount below 0".to_owned()));
            }
        }
        Ok(())
    }
}

fn flow(input: &FlowInput) -> Result<Value, FormatError> {
    if has_twins(input.campaigns.iter().map(|campaign| &campaign.id))
        || has_twins(input.holders.iter().map(|holder| &holder.id))
        || has_twins(input.tranches.iter().map(|tranche| &tranche.id))
    {
        return Ok(refused("duplicate_id"));
    }
    if has_twins(input.demands.iter().map(|demand| &demand.campaign)) {
        return Ok(refused("one_demand_per_campaign"));
    }
    input.check().map_err(misplaced)?;
    Ok(served(input).unwrap_or_else(|Overflow| refused("overflow")))
}

fn served(input: &FlowInput) -> Result<Value, Overflow> {
    let mut asked: Vec<&Asked> = input.demands.iter().collect();
    asked.sort_by(|a, b| (a.class, a.at, &a.campaign).cmp(&(b.class, b.at, &b.campaign)));
    let mut tranches: Vec<&Tranche> = input.tranches.iter().collect();
    tranches.sort_by(|a, b| a.sourcing_key().cmp(&b.sourcing_key()));
    let settings = input.settings();
    let mut demands = Vec::new();
    let mut campaigns = Vec::new();
    let named: BTreeMap<_, &Campaign> = input.campaigns.iter().map(|c| (&c.id, c)).collect();
    for demand in &asked {
        let Some(campaign) = named.get(&demand.campaign).copied() else {
            continue;
        };
        let holder = input.holders.iter().find(|holder| holder.id == campaign.holder);
        let rooms = Rooms::by_cost(&settings, campaign, holder)?;
        let public_room = [rooms.public, rooms.own_share].into_iter().flatten().min();
        demands.push(Demand { amount: demand.amount, eu_room: rooms.eu, public_room });
        campaigns.push(campaign);
    }
    let supply = |tranche: &&Tranche| Supply {
        amount: tranche.amount,
        origin: tranche.origin,
        fits: campaigns.iter().map(|campaign| tranche.earmark.fits(campaign)).collect(),
    };
    let supplies: Vec<Supply> = tranches.iter().map(supply).collect();
    let cells = serve(&supplies, &demands)?;
    let mut rows = Vec::new();
    let mut assignment = Vec::new();
    for (demand, row) in asked.iter().zip(&cells) {
        let matched = sum(row.iter().copied())?;
        let unmet = minus(demand.amount, matched)?;
        rows.push(json!({"campaign": demand.campaign, "matched": matched, "unmet": unmet}));
        for (tranche, amount) in tranches.iter().zip(row).filter(|(_, a)| a.is_positive()) {
            let (campaign, tranche) = (&demand.campaign, &tranche.id);
            assignment.push(json!({
                "campaign": campaign, "tranche": tranche, "amount": amount,
            }));
        }
    }
    let mut used_rows = Vec::new();
    let mut total = Cents::ZERO;
    for (place, tranche) in tranches.iter().enumerate() {
        let used = sum(cells.iter().filter_map(|row| row.get(place).copied()))?;
        total = crate::exact::plus(total, used)?;
        let left = minus(tranche.amount, used)?;
        used_rows.push(json!({"id": tranche.id, "used": used, "left": left}));
    }
    Ok(json!({
        "demands": rows,
        "tranches": used_rows,
        "assignment": assignment,
        "total": total,
    }))
}
