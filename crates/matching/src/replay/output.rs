//! What the ledger holds after its last event, in the words of a case file.

use domain::Cents;
use serde_json::{Value, json};

use super::{
    names::{CampaignNo, PotNo, Table},
    state::{Award, Gift, Line, Source, Stage, State, Status},
};
use crate::{
    draw::Stock,
    exact::{Overflow, minus, plus, sum},
};

impl State<'_> {
    fn sources(&self, pot: PotNo, sources: &[Source]) -> Value {
        let tranche = |source: &Source| &self.pots[pot].tranches[source.tranche].id;
        let row = |source: &Source| json!({"tranche": tranche(source), "amount": source.amount});
        sources.iter().map(row).collect()
    }

    fn line_row(&self, line: &Line) -> Value {
        json!({
            "pot": self.pots[line.pot].id,
            "rule_set": self.rules[line.rule_set].set.reference(),
            "state": line.state,
            "rate_bps": line.rate_bps,
            "base": line.base,
            "want": line.want,
            "granted": line.granted,
            "binding": line.binding,
            "sources": self.sources(line.pot, &line.sources),
        })
    }

    pub(super) fn quote_row(&self, name: &str, lines: &[Line]) -> Result<Value, Overflow> {
        let granted = sum(lines.iter().map(|line| line.granted))?;
        let lines: Vec<Value> = lines.iter().map(|line| self.line_row(line)).collect();
        Ok(json!({"id": name, "match": granted, "lines": lines}))
    }

    fn gift_row(&self, gift: &Gift<'_>) -> Result<Value, Overflow> {
        let counts = matches!(gift.status, Status::Reserved | Status::Committed | Status::Held);
        let lines: Vec<Value> = gift.lines.iter().map(|line| self.line_row(line)).collect();
        Ok(json!({
            "id": gift.name,
            "status": gift.status.code(),
            "net": if counts { gift.net } else { Cents::ZERO },
            "match": Self::whole_match(gift)?,
            "lines": lines,
        }))
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

pub(super) fn write(state: &State<'_>) -> Result<Value, Overflow> {
    let mut gifts: Vec<&Gift<'_>> = state.gifts.rows().iter().collect();
    gifts.sort_by_key(|gift| gift.name);
    let mut donations = Vec::new();
    for gift in gifts {
        donations.push(state.gift_row(gift)?);
    }
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
    let rejected: Vec<Value> = state
        .rejected
        .iter()
        .map(|(event, reason)| json!({"event": event, "reason": reason.code()}))
        .collect();
    Ok(json!({
        "donations": donations,
        "campaigns": campaigns,
        "pots": pots,
        "quotes": state.quotes,
        "rounds": state.rounds,
        "rejected": rejected,
    }))
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
