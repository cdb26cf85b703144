//! What the ledger holds after its last event, in the words of a case file.

use std::collections::BTreeMap;

use domain::{
    Cents,
    ids::{CampaignId, PotId},
};
use serde_json::{Value, json};

use super::state::{Gift, Stage, State, Status};
use crate::{
    exact::{Overflow, minus, plus, sum},
    line::Line,
};

fn line(line: &Line) -> Value {
    json!({
        "pot": line.pot,
        "rule_set": line.rule_set,
        "state": line.state,
        "rate_bps": line.rate_bps,
        "base": line.base,
        "want": line.want,
        "granted": line.granted,
        "binding": line.binding,
        "sources": line.sources,
    })
}

pub(super) fn quote(name: &str, lines: &[Line]) -> Result<Value, Overflow> {
    let granted = sum(lines.iter().map(|line| line.granted))?;
    let lines: Vec<Value> = lines.iter().map(line).collect();
    Ok(json!({"id": name, "match": granted, "lines": lines}))
}

pub(super) fn write(state: &State) -> Result<Value, Overflow> {
    let mut donations = Vec::new();
    for (id, gift) in &state.gifts {
        donations.push(donation(id, gift)?);
    }
    let mut campaigns = Vec::new();
    let of_gifts = state.by_campaign()?;
    for id in state.projects.keys() {
        let of_gifts = of_gifts.get(id).copied().unwrap_or_default();
        campaigns.push(campaign(state, id, of_gifts)?);
    }
    let mut pots = Vec::new();
    for id in state.waterfall() {
        pots.push(pot(state, &id)?);
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

fn donation(id: &str, gift: &Gift) -> Result<Value, Overflow> {
    let counts = matches!(gift.status, Status::Reserved | Status::Committed | Status::Held);
    let lines: Vec<Value> = gift.lines.iter().map(line).collect();
    Ok(json!({
        "id": id,
        "status": gift.status.code(),
        "net": if counts { gift.net } else { Cents::ZERO },
        "match": State::whole_match(gift)?,
        "lines": lines,
    }))
}

/// What the gifts of a campaign come to.
#[derive(Clone, Copy, Default)]
pub(super) struct OfGifts {
    pub raised: Cents,
    pub matched: Cents,
}

impl State {
    /// What the gifts come to, campaign by campaign, in one walk over them.
    pub(super) fn by_campaign(&self) -> Result<BTreeMap<&CampaignId, OfGifts>, Overflow> {
        let mut sums: BTreeMap<&CampaignId, OfGifts> = BTreeMap::new();
        for gift in self.gifts.values() {
            let sum = sums.entry(&gift.campaign).or_default();
            sum.matched = plus(sum.matched, Self::whole_match(gift)?)?;
            if Self::is_raised(gift) {
                sum.raised = plus(sum.raised, gift.net)?;
            }
        }
        Ok(sums)
    }
}

fn campaign(state: &State, id: &CampaignId, of_gifts: OfGifts) -> Result<Value, Overflow> {
    let project = state.project(id);
    let awarded = sum(project.awards.iter().map(|award| award.granted))?;
    let granted = plus(awarded, of_gifts.matched)?;
    let awards: Vec<Value> = project
        .awards
        .iter()
        .map(|award| {
            json!({
                "pot": award.pot,
                "rule_set": award.rule_set,
                "granted": award.granted,
                "binding": award.binding,
                "sources": award.sources,
            })
        })
        .collect();
    let status = match project.stage {
        Stage::Open => "open",
        Stage::Succeeded => "succeeded",
        Stage::Failed => "failed",
    };
    Ok(json!({
        "id": id,
        "status": status,
        "raised": of_gifts.raised,
        "match": granted,
        "public": state.counters.public(id),
        "eu": state.counters.eu(id),
        "awards": awards,
    }))
}

fn pot(state: &State, id: &PotId) -> Result<Value, Overflow> {
    let tranches = state.tranches(id)?;
    let budget = sum(tranches.iter().map(|(tranche, _)| tranche.amount))?;
    let available = sum(tranches.iter().map(|(_, left)| *left))?;
    let owed = state.gifts.values().flat_map(|gift| gift.lines.iter().zip(&gift.owed));
    let of_pot = owed.filter(|(line, _)| line.pot == *id).flat_map(|(_, owed)| owed);
    let receivable = sum(of_pot.map(|piece| piece.amount))?;
    let mut rows = Vec::new();
    for (tranche, left) in crate::draw::in_sourcing_order(&tranches) {
        let used = minus(tranche.amount, *left)?;
        rows.push(json!({"id": tranche.id, "used": used, "left": left}));
    }
    let mut pot = json!({
        "id": id,
        "budget": budget,
        "used": minus(budget, available)?,
        "available": available,
        "receivable": receivable,
        "tranches": rows,
    });
    if let Some(envelopes) = &state.pot(id).envelopes {
        let rows: Vec<Value> = envelopes
            .iter()
            .map(|(territory, amount)| {
                let used = state.counters.envelope_used(id, territory);
                json!({"territory": territory, "amount": amount, "used": used})
            })
            .collect();
        if let Some(object) = pot.as_object_mut() {
            object.insert("envelopes".to_owned(), Value::Array(rows));
        }
    }
    Ok(pot)
}
