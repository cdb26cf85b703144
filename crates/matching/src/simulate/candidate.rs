//! Rules to rehearse: what a file of rules may hold.

use std::collections::BTreeMap;

use domain::{Cents, ids::PotId};
use serde::{Deserialize, de::IgnoredAny};

use crate::{
    evaluate::{FormatError, json},
    read,
    replay::{Ledger, PotInput},
    rules::RuleSet,
};

/// One set of rules to rehearse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// How the report calls it.
    pub name: String,
    /// Every version of every rule, instead of those of the case.
    pub rule_sets: Vec<RuleSet>,
    /// Pots that change.
    pub pots: Vec<PotChange>,
}

/// What may change about a pot.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PotChange {
    /// The pot.
    pub id: PotId,
    /// Another place in the waterfall.
    #[serde(default)]
    pub order: Option<i64>,
    /// Other envelopes, in cents by territory.
    #[serde(default, deserialize_with = "read::unique_or_none")]
    pub envelopes: Option<BTreeMap<String, Cents>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    rule_sets: Vec<RuleSet>,
    #[serde(default, deserialize_with = "read::or_default")]
    pots: Vec<PotChange>,
}

impl Candidate {
    /// Reads a file: one rule set, a list of them, or an object with `rule_sets` and `pots`.
    ///
    /// # Errors
    /// When the text is none of these.
    pub fn read(name: &str, text: &str) -> Result<Self, FormatError> {
        let (rule_sets, pots) = if text.trim_start().starts_with('[') {
            (json::<Vec<RuleSet>>(text)?, Vec::new())
        } else {
            let keys: BTreeMap<String, IgnoredAny> = json(text)?;
            if keys.contains_key("rule_sets") {
                let whole: Whole = json(text)?;
                (whole.rule_sets, whole.pots)
            } else {
                (vec![json::<RuleSet>(text)?], Vec::new())
            }
        };
        for (place, rule) in rule_sets.iter().enumerate() {
            crate::check::schema(rule).map_err(|problem| FormatError {
                path: format!("rule_sets[{place}]"),
                line: None,
                problem,
            })?;
        }
        let names = rule_sets.iter().map(|rule| (&rule.id, rule.version));
        if crate::replay::has_twins(names) {
            let problem = "a version of a rule set stands twice".to_owned();
            return Err(FormatError { path: "rule_sets".to_owned(), line: None, problem });
        }
        Ok(Self { name: name.to_owned(), rule_sets, pots })
    }

    /// The pots of a ledger, as this candidate has them.
    pub(super) fn pots_of(&self, past: &Ledger) -> Result<Vec<PotInput>, FormatError> {
        let mut pots = past.pots.clone();
        for (place, change) in self.pots.iter().enumerate() {
            let Some(pot) = pots.iter_mut().find(|pot| pot.id == change.id) else {
                let path = format!("pots[{place}]");
                return Err(FormatError { path, line: None, problem: "unknown pot".to_owned() });
            };
            pot.order = change.order.unwrap_or(pot.order);
            if let Some(envelopes) = &change.envelopes {
                pot.envelopes = Some(envelopes.clone());
            }
        }
        Ok(pots)
    }
}
