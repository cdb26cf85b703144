//! What the ledger holds after its last event, in the words of a case file.
//!
//! Gifts are many: their rows are written one by one, never held. Keys stand in the order of the
//! alphabet, as in a tree of JSON, so that both ways to the file give the same bytes.

use domain::{BasisPoints, Cents, ids::PotId};
use serde::{
    Serialize, Serializer,
    ser::{Error, SerializeSeq},
};
use serde_json::{Value, json};

use super::{
    Reason,
    names::{CampaignNo, PotNo, Table},
    state::{Award, Gift, Line, Quote, Source, Stage, State, Status},
};
use crate::{
    draw::Stock,
    exact::{Overflow, minus, plus, sum},
    line::{Binding, LineState, RuleRef},
};

/// What the books must say. To be written; what fails is told before the first row is.
#[derive(Serialize)]
pub struct Answer<'s> {
    campaigns: Vec<Value>,
    donations: Rows<'s, &'s Gift<'s>>,
    pots: Vec<Value>,
    quotes: Rows<'s, &'s Quote<'s>>,
    rejected: Rows<'s, &'s (&'s str, Reason)>,
    rounds: &'s [Value],
}

/// Rows made when they are asked for.
struct Rows<'s, T> {
    state: &'s State<'s>,
    rows: Vec<T>,
}

/// What a row shows of the state.
trait Shown<'s> {
    type Row: Serialize;

    fn row(&self, state: &'s State<'s>) -> Result<Self::Row, Overflow>;
}

impl<'s, T: Shown<'s>> Rows<'s, T> {
    fn value(&self, place: usize) -> Option<Value> {
        let row = self.rows.get(place)?.row(self.state).ok()?;
        serde_json::to_value(row).ok()
    }
}

impl<'s, T: Shown<'s>> Serialize for Rows<'s, T> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut list = out.serialize_seq(Some(self.rows.len()))?;
        for row in &self.rows {
            let row = row.row(self.state).map_err(|Overflow| S::Error::custom("overflow"))?;
            list.serialize_element(&row)?;
        }
        list.end()
    }
}

#[derive(Serialize)]
struct SourceRow<'s> {
    amount: Cents,
    tranche: &'s str,
}

#[derive(Serialize)]
struct LineRow<'s> {
    base: Cents,
    binding: Binding,
    granted: Cents,
    pot: &'s PotId,
    rate_bps: BasisPoints,
    rule_set: RuleRef,
    sources: Vec<SourceRow<'s>>,
    state: LineState,
    want: Cents,
}

#[derive(Serialize)]
struct GiftRow<'s> {
    id: &'s str,
    lines: Vec<LineRow<'s>>,
    r#match: Cents,
    net: Cents,
    status: &'static str,
}

#[derive(Serialize)]
struct QuoteRow<'s> {
    id: &'s str,
    lines: Vec<LineRow<'s>>,
    r#match: Cents,
}

#[derive(Serialize)]
struct Refusal<'s> {
    event: &'s str,
    reason: &'static str,
}

impl<'s> Shown<'s> for &'s Gift<'s> {
    type Row = GiftRow<'s>;

    fn row(&self, state: &'s State<'s>) -> Result<Self::Row, Overflow> {
        let counts = matches!(self.status, Status::Reserved | Status::Committed | Status::Held);
        Ok(GiftRow {
            id: self.name,
            lines: state.line_rows(&self.lines),
            r#match: State::whole_match(self)?,
            net: if counts { self.net } else { Cents::ZERO },
            status: self.status.code(),
        })
    }
}

impl<'s> Shown<'s> for &'s Quote<'s> {
    type Row = QuoteRow<'s>;

    fn row(&self, state: &'s State<'s>) -> Result<Self::Row, Overflow> {
        let lines = state.line_rows(&self.lines);
        Ok(QuoteRow { id: self.name, lines, r#match: self.granted })
    }
}

impl<'s> Shown<'s> for &'s (&'s str, Reason) {
    type Row = Refusal<'s>;

    fn row(&self, _: &'s State<'s>) -> Result<Self::Row, Overflow> {
        Ok(Refusal { event: self.0, reason: self.1.code() })
    }
}

impl Answer<'_> {
    /// One row of one list, and none where the list ends.
    pub(crate) fn row(&self, list: &str, place: usize) -> Option<Value> {
        match list {
            "campaigns" => self.campaigns.get(place).cloned(),
            "donations" => self.donations.value(place),
            "pots" => self.pots.get(place).cloned(),
            "quotes" => self.quotes.value(place),
            "rejected" => self.rejected.value(place),
            "rounds" => self.rounds.get(place).cloned(),
            _ => None,
        }
    }

    /// The names of its lists.
    pub(crate) const LISTS: [&'static str; 6] =
        ["campaigns", "donations", "pots", "quotes", "rejected", "rounds"];
}

impl State<'_> {
    fn sources(&self, pot: PotNo, sources: &[Source]) -> Vec<SourceRow<'_>> {
        let tranche = |source: &Source| self.pots[pot].tranches[source.tranche].id.as_str();
        let row = |source: &Source| SourceRow { amount: source.amount, tranche: tranche(source) };
        sources.iter().map(row).collect()
    }

    fn line_rows(&self, lines: &[Line]) -> Vec<LineRow<'_>> {
        let row = |line: &Line| LineRow {
            base: line.base,
            binding: line.binding,
            granted: line.granted,
            pot: self.pots[line.pot].id,
            rate_bps: line.rate_bps,
            rule_set: self.rules[line.rule_set].set.reference(),
            sources: self.sources(line.pot, &line.sources),
            state: line.state,
            want: line.want,
        };
        lines.iter().map(row).collect()
    }

    fn award_row(&self, award: &Award) -> Value {
        json!({
            "pot": self.pots[award.pot].id,
            "rule_set": self.rules[award.rule_set].set.reference(),
            "granted": award.granted,
            "binding": award.binding,
            "sources": self.sources(award.pot, &award.sources),
        })
    }

    /// What the gifts come to, campaign by campaign, in one walk over them.
    pub(super) fn by_campaign(&self) -> Result<Table<CampaignNo, OfGifts>, Overflow> {
        let mut sums: Table<CampaignNo, OfGifts> =
            self.projects.numbers().map(|_| OfGifts::default()).collect();
        for gift in self.gifts.rows() {
            let sum = &mut sums[gift.campaign];
            sum.matched = plus(sum.matched, Self::whole_match(gift)?)?;
            if Self::is_raised(gift) {
                sum.raised = plus(sum.raised, gift.net)?;
            }
        }
        Ok(sums)
    }

    /// What the holders owe, pot by pot.
    fn receivable(&self) -> Result<Table<PotNo, Cents>, Overflow> {
        let mut sums: Table<PotNo, Cents> = self.pots.numbers().map(|_| Cents::ZERO).collect();
        for gift in self.gifts.rows() {
            for (line, owed) in &gift.owed {
                if let Some(line) = gift.lines.get(*line) {
                    sums[line.pot] = plus(sums[line.pot], owed.amount)?;
                }
            }
        }
        Ok(sums)
    }
}

/// What the gifts of a campaign come to.
#[derive(Clone, Copy, Default)]
pub(super) struct OfGifts {
    pub raised: Cents,
    pub matched: Cents,
}

pub(super) fn answer<'s>(state: &'s State<'s>) -> Result<Answer<'s>, Overflow> {
    let mut gifts: Vec<&Gift<'_>> = state.gifts.rows().iter().collect();
    gifts.sort_unstable_by_key(|gift| gift.name);
    let mut campaigns = Vec::new();
    let of_gifts = state.by_campaign()?;
    for number in state.projects.numbers() {
        campaigns.push(campaign(state, number, of_gifts[number])?);
    }
    let mut pots = Vec::new();
    let receivable = state.receivable()?;
    for number in state.waterfall.iter().copied() {
        pots.push(pot(state, number, receivable[number])?);
    }
    Ok(Answer {
        campaigns,
        donations: Rows { state, rows: gifts },
        pots,
        quotes: Rows { state, rows: state.quotes.iter().collect() },
        rejected: Rows { state, rows: state.rejected.iter().collect() },
        rounds: &state.rounds,
    })
}

fn campaign(state: &State<'_>, number: CampaignNo, of_gifts: OfGifts) -> Result<Value, Overflow> {
    let project = &state.projects[number];
    let awarded = sum(project.awards.iter().map(|award| award.granted))?;
    let granted = plus(awarded, of_gifts.matched)?;
    let awards: Vec<Value> = project.awards.iter().map(|award| state.award_row(award)).collect();
    let status = match project.stage {
        Stage::Open => "open",
        Stage::Succeeded => "succeeded",
        Stage::Failed => "failed",
    };
    Ok(json!({
        "id": project.campaign.id,
        "status": status,
        "raised": of_gifts.raised,
        "match": granted,
        "public": state.counters.public(number),
        "eu": state.counters.eu(number),
        "awards": awards,
    }))
}

fn pot(state: &State<'_>, number: PotNo, receivable: Cents) -> Result<Value, Overflow> {
    let pot = &state.pots[number];
    let stocks = state.stocks(number)?;
    let budget = sum(stocks.iter().map(|stock| stock.tranche.amount))?;
    let available = sum(stocks.iter().map(|stock| stock.left))?;
    let mut rows = Vec::new();
    for Stock { tranche, left, .. } in stocks {
        let used = minus(tranche.amount, left)?;
        rows.push(json!({"id": tranche.id, "used": used, "left": left}));
    }
    let mut row = json!({
        "id": pot.id,
        "budget": budget,
        "used": minus(budget, available)?,
        "available": available,
        "receivable": receivable,
        "tranches": rows,
    });
    if let Some(envelopes) = &pot.envelopes {
        let rows: Vec<Value> = envelopes
            .iter()
            .map(|(territory, amount)| {
                let used = state.counters.envelope_used(number, *territory);
                let territory = state.territories.name(*territory);
                json!({"territory": territory, "amount": amount, "used": used})
            })
            .collect();
        if let Some(object) = row.as_object_mut() {
            object.insert("envelopes".to_owned(), Value::Array(rows));
        }
    }
    Ok(row)
}
