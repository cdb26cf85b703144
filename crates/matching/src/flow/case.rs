//! A flow as a case file: campaigns, tranches and demands in, who is served from what out.

use std::collections::{BTreeMap, BTreeSet};

use domain::{BasisPoints, Cents, UtcSeconds, ids::CampaignId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Demand, Supply, serve};
use crate::{
    case::{Campaign, Holder, Settings},
    draw::Rooms,
    evaluate::{FormatError, misplaced, refused},
    exact::{Overflow, minus, sum},
    read,
    replay::{check_campaign, check_settings, check_tranches, has_twins},
    tranche::Tranche,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlowInput {
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

/// Serves the demands of a case.
pub(crate) fn answer(input: &FlowInput) -> Result<Value, FormatError> {
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
