//! The words of a pot's ledger: a case file that `essaim match evaluate` counts again (decision
//! 38). Donors, groups and gifts stand in it under pseudonyms.

use std::collections::BTreeMap;

use anyhow::Context;
use domain::{Cents, UtcSeconds, ids::PotId};
use hmac::{Hmac, KeyInit, Mac};
use matching::case::{Campaign, Donor, DonorKind, Holder, Settings};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use store::ledgers::{CampaignFacts, EventRow, Holdings};
use time::OffsetDateTime;

/// Names nobody can turn back without the key of the pot.
pub(crate) struct Pseudonyms(Vec<u8>);

impl Pseudonyms {
    pub(crate) const fn new(key: Vec<u8>) -> Self {
        Self(key)
    }

    fn name(&self, kind: &str, name: &str) -> anyhow::Result<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0)?;
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(name.as_bytes());
        let digest = mac.finalize().into_bytes();
        Ok(hex::encode(&digest[..16]))
    }

    /// A donor, a group, an undertaking, a contributor: one space of names, so that nobody's own
    /// money matches them here either.
    pub(crate) fn party(&self, name: &str) -> anyhow::Result<String> {
        self.name("party", name)
    }

    /// A gift.
    pub(crate) fn gift(&self, gift: &str) -> anyhow::Result<String> {
        self.name("gift", gift)
    }

    /// A donor's group in the record of a decision; the key is the secret of its gift.
    pub(crate) fn group(&self, name: &str) -> anyhow::Result<String> {
        self.name("group", name)
    }

    /// Hides the parties that an event of a pot names.
    fn hide_in(&self, event: &mut Value) -> anyhow::Result<()> {
        for key in ["contributor", "contributor_group"] {
            if let Some(name) = event.get(key).and_then(Value::as_str) {
                event[key] = json!(self.party(name)?);
            }
        }
        if let Some(signers) = event.get_mut("signers").and_then(Value::as_array_mut) {
            for signer in signers {
                *signer = json!(self.party(signer.as_str().unwrap_or_default())?);
            }
        }
        match event.get_mut("tranche") {
            Some(tranche) if tranche.is_object() => self.hide_in(tranche),
            _ => Ok(()),
        }
    }
}

/// What a file says of itself.
pub(crate) struct Title<'a> {
    /// The pot.
    pub pot: &'a PotId,
    /// The last instant it holds.
    pub until: OffsetDateTime,
}

/// The file, as one line of JSON.
pub(crate) fn write(
    title: &Title<'_>,
    settings: &Settings,
    held: &Holdings,
    names: &Pseudonyms,
) -> anyhow::Result<String> {
    let mut donors: BTreeMap<String, Donor> = BTreeMap::new();
    let mut events = Vec::new();
    for row in &held.events {
        events.extend(of_row(row, names, &mut donors)?);
    }
    // Brings the clock to the end: what expired meanwhile is given back; refused, it does no more.
    let until = UtcSeconds::from(title.until);
    events.push(json!({ "id": "end", "at": until, "type": "cancel", "donation": "end" }));
    let pots: Vec<&str> = held.pots.iter().map(|pot| pot.id.as_str()).collect();
    let campaigns = campaigns(held)?;
    let file = json!({
        "format": matching::evaluate::FORMAT,
        "id": title.pot,
        "title": format!("Registre du fonds « {} »", title.pot),
        "notes": { "pot": title.pot, "pots": pots, "until": until },
        "kind": "ledger",
        "input": {
            "settings": settings,
            "holders": holders(held, names)?,
            "donors": donors.into_values().collect::<Vec<_>>(),
            "campaigns": campaigns,
            "pots": pot_rows(held, names, title.until)?,
            "rule_sets": held.rules.iter().map(|rule| &rule.document).collect::<Vec<_>>(),
            "events": events,
        },
    });
    Ok(serde_json::to_string(&file)?)
}

fn campaigns(held: &Holdings) -> anyhow::Result<Vec<Campaign>> {
    let campaign = |row: &CampaignFacts| {
        let mut campaign: Campaign = serde_json::from_value(row.facts.clone())
            .context("facts of a campaign cannot be read")?;
        // A holder that was entered twice is one (decision 37).
        campaign.holder.clone_from(&row.holder_id);
        // Whoever reached the minimum once can no longer fail (decision 28).
        campaign.all_or_nothing &= row.minimum_reached_at.is_none();
        Ok(campaign)
    };
    held.campaigns.iter().map(campaign).collect()
}

fn holders(held: &Holdings, names: &Pseudonyms) -> anyhow::Result<Vec<Holder>> {
    let mut holders = BTreeMap::new();
    for row in &held.campaigns {
        let undertaking = row.undertaking.as_ref().unwrap_or(&row.holder_id);
        let holder = Holder {
            id: row.holder_id.clone(),
            kind: row.kind.clone(),
            undertaking: Some(names.party(undertaking)?),
            economic_activity: row.economic_activity,
            de_minimis: Vec::new(),
        };
        holders.insert(row.holder_id.clone(), holder);
    }
    Ok(holders.into_values().collect())
}

/// Each pot with the tranches that no event of the file opens.
fn pot_rows(
    held: &Holdings,
    names: &Pseudonyms,
    until: OffsetDateTime,
) -> anyhow::Result<Vec<Value>> {
    let mut pots = Vec::new();
    for pot in &held.pots {
        let mut tranches = Vec::new();
        for row in held.tranches.iter().filter(|row| row.pot_id == pot.id) {
            let mut tranche = row.terms.clone();
            tranche["amount"] = json!(row.amount_cents);
            names.hide_in(&mut tranche)?;
            let at: UtcSeconds = serde_json::from_value(tranche["at"].clone())?;
            if at <= until.into() {
                tranches.push(tranche);
            }
        }
        pots.push(json!({ "id": pot.id, "order": pot.ordinal, "tranches": tranches }));
    }
    Ok(pots)
}

/// The events that a decision is in a case file.
fn of_row(
    row: &EventRow,
    names: &Pseudonyms,
    donors: &mut BTreeMap<String, Donor>,
) -> anyhow::Result<Vec<Value>> {
    // What follows from a close is in no file: whoever counts it finds it.
    if matches!(row.event.as_str(), "award" | "at_close" | "at_round_close") {
        return Ok(Vec::new());
    }
    let Some(gift) = row.gift_id else { return Ok(vec![of_house(row, names)?]) };
    let writer = Writer { row, gift: names.gift(&gift.to_string())? };
    let asked = row.asked_cents.context("a gift has no amount")?;
    let less = |taken: Option<i64>| asked - taken.unwrap_or(asked);
    Ok(match row.event.as_str() {
        "reserve" => {
            let (donor, campaign) = (donor(row, names)?, &row.campaign_id);
            let keys = json!({ "donor": donor.id, "campaign": campaign, "amount": asked });
            donors.insert(donor.id.clone(), donor);
            vec![writer.event("", "reserve", keys)]
        }
        "pay" => writer.paid(json!({}), less(row.net_cents)),
        "pay_late" => {
            let paid_at = row.paid_at.map(UtcSeconds::from);
            writer.paid(json!({ "paid_at": paid_at }), less(row.amount_cents))
        }
        "campaign_closed" => writer.paid(json!({}), 0),
        "extend" => vec![writer.event("", "extend", json!({ "expires_at": row.expires_at }))],
        "refund" => vec![writer.refund("", row.amount_cents)],
        // What stays of a gift that was contested in part counts again.
        "dispute_lost" if row.net_cents.is_some_and(|net| net > 0) => {
            let refund = writer.refund("", row.amount_cents);
            vec![refund, writer.event("b", "dispute_won", json!({}))]
        }
        "cancel" | "dispute_open" | "dispute_won" | "dispute_lost" => {
            vec![writer.event("", &row.event, json!({}))]
        }
        // They follow by themselves: from the time, and from the close of the campaign.
        "expire" | "campaign_failed" => Vec::new(),
        other => anyhow::bail!("an event `{other}` has no words in a case file"),
    })
}

/// An event of a pot or campaign: its record holds the words.
fn of_house(row: &EventRow, names: &Pseudonyms) -> anyhow::Result<Value> {
    let record = row.record.clone().and_then(|record| match record {
        Value::Object(record) => Some(record),
        _ => None,
    });
    let mut event: Map<String, Value> = record.context("a record is no object")?;
    event.remove("event");
    event.insert("id".to_owned(), json!(row.id.to_string()));
    event.insert("type".to_owned(), json!(row.event));
    let mut event = Value::Object(event);
    names.hide_in(&mut event)?;
    Ok(event)
}

struct Writer<'a> {
    row: &'a EventRow,
    gift: String,
}

impl Writer<'_> {
    fn event(&self, part: &str, kind: &str, mut keys: Value) -> Value {
        keys["id"] = json!(format!("{}{part}", self.row.id));
        keys["at"] = json!(UtcSeconds::from(self.row.at));
        keys["type"] = json!(kind);
        keys["donation"] = json!(self.gift);
        keys
    }

    fn refund(&self, part: &str, cents: Option<i64>) -> Value {
        self.event(part, "refund", json!({ "amount": Cents::new(cents.unwrap_or_default()) }))
    }

    /// A payment; less may have been taken than was asked for.
    fn paid(&self, keys: Value, missing: i64) -> Vec<Value> {
        let mut events = vec![self.event("", "pay", keys)];
        if missing > 0 {
            events.push(self.refund("b", Some(missing)));
        }
        events
    }
}

/// Who gave, as the rules saw them then: whoever changes groups is another donor of the file.
fn donor(row: &EventRow, names: &Pseudonyms) -> anyhow::Result<Donor> {
    let person = row.person_id.context("a gift has no donor")?.to_string();
    let group = row.donor_group.as_ref().context("a decision names no donor group")?;
    let alone = *group == person;
    let id = if alone { person } else { format!("{person}\n{group}") };
    Ok(Donor {
        id: names.party(&id)?,
        kind: DonorKind::Citizen,
        group: if alone { None } else { Some(names.party(group)?) },
        trust_bps: domain::BasisPoints::WHOLE,
    })
}
