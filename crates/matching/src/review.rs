//! A file of rules read before anybody publishes it: what can be told without the database.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    case::{Campaign, Holder},
    check::{Code, Context, Finding, check},
    evaluate::{FormatError, misplaced, parse},
    line::RuleRef,
    replay::Ledger,
    rules::RuleSet,
    simulate::Candidate,
    tranche::{Tranche, is_territory_code},
};

/// What was found about each rule set of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Review {
    /// In the order of the file.
    pub rule_sets: Vec<Reviewed>,
}

/// One rule set and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reviewed {
    /// Which.
    pub rule_set: RuleRef,
    /// All that was found, warnings included.
    pub findings: Vec<Finding>,
}

impl Review {
    /// True when something found keeps a rule set from being published.
    #[must_use]
    pub fn refuses(&self) -> bool {
        self.rule_sets.iter().flat_map(|reviewed| &reviewed.findings).any(Finding::refuses)
    }
}

/// Checks a file of rules (see [`Candidate::read`]), each against the lower versions of the file.
/// A `ledger` case lends its pots, campaigns and names; without it only the spelling of
/// territories is checked. A rehearsal is attached at publication: none is asked for here.
///
/// # Errors
/// When one of the files does not follow its format.
pub fn review(rules: &str, case: Option<&str>) -> Result<Review, FormatError> {
    let file = Candidate::read("rules", rules)?;
    let ledger = case.map(read).transpose()?;
    let around = ledger.as_ref().map(Around::of);
    let reviewed = |rule: &RuleSet| Reviewed {
        rule_set: rule.reference(),
        findings: findings(rule, &file.rule_sets, (ledger.as_ref(), around.as_ref())),
    };
    Ok(Review { rule_sets: file.rule_sets.iter().map(reviewed).collect() })
}

fn read(case: &str) -> Result<Ledger, FormatError> {
    let case = parse::<Ledger>(case)?;
    case.input.check().map_err(misplaced)?;
    Ok(case.input)
}

/// The names a ledger knows.
struct Around {
    campaigns: Vec<(Campaign, Holder)>,
    names: BTreeSet<(Code, String)>,
}

impl Around {
    fn of(ledger: &Ledger) -> Self {
        let mut names = BTreeSet::new();
        let mut campaigns = Vec::new();
        for campaign in &ledger.campaigns {
            names.insert((Code::Campaign, campaign.id.to_string()));
            let codes = campaign.codes().iter().map(|code| (Code::Territory, code.clone()));
            names.extend(codes);
            names.extend(campaign.publics.iter().map(|public| (Code::Public, public.clone())));
            let holder = ledger.holders.iter().find(|holder| holder.id == campaign.holder);
            campaigns.extend(holder.map(|holder| (campaign.clone(), holder.clone())));
        }
        let kinds = ledger.holders.iter().map(|holder| (Code::HolderType, holder.kind.clone()));
        names.extend(kinds);
        Self { campaigns, names }
    }
}

fn findings(
    rule: &RuleSet,
    file: &[RuleSet],
    (ledger, around): (Option<&Ledger>, Option<&Around>),
) -> Vec<Finding> {
    let pot = ledger.and_then(|ledger| ledger.pots.iter().find(|pot| pot.id == rule.pot));
    let before: Vec<RuleSet> = file
        .iter()
        .filter(|other| other.id == rule.id && other.version < rule.version)
        .cloned()
        .collect();
    let knows = |kind: Code, code: &str| match around {
        Some(around) if kind != Code::Territory => around.names.contains(&(kind, code.to_owned())),
        _ => kind != Code::Territory || is_territory_code(code),
    };
    let none: &[Tranche] = &[];
    let context = Context {
        published: &before,
        tranches: pot.map_or(none, |pot| &pot.tranches),
        has_envelopes: pot.is_some_and(|pot| pot.envelopes.is_some()),
        campaigns: around.map_or(&[], |around| &around.campaigns),
        knows: &knows,
        rehearsed: true,
    };
    let mut found = check(rule, &context);
    if around.is_none() {
        found.retain(|finding| *finding != Finding::NobodyEligible);
    } else if pot.is_none() {
        found.push(Finding::UnknownCode { kind: Code::Pot, code: rule.pot.to_string() });
    }
    found
}
