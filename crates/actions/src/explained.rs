//! The pot's answer in words: one function feeds the estimate, the page, the letter and the check.

use domain::{BasisPoints, Cents, campaign::Category, place};
use matching::{Binding, Decision, Line, RuleSet, explain::Explanation};
use store::{campaigns::CampaignRow, pots::RuleSetRow};
use templates::pages::{RuleLine, RuleNotApplied, WhyNot};

/// What each rule adds, and what adds nothing and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explained {
    /// The whole match, in cents.
    pub total: Cents,
    /// Each rule that adds something.
    pub lines: Vec<RuleLine>,
    /// Each rule that adds nothing.
    pub not_applied: Vec<RuleNotApplied>,
    /// A pot had less left than the rules say.
    pub short: bool,
}

impl Explained {
    /// From a decision just made.
    #[must_use]
    pub fn of(decision: &Decision, rules: &[RuleSetRow], campaign: &CampaignRow) -> Self {
        let mut explained = Self::of_lines(&decision.lines, rules, campaign);
        explained.add_refusals(&decision.explanation, rules, campaign);
        explained
    }

    /// From the lines of a gift as they stand.
    #[must_use]
    pub fn of_lines(lines: &[Line], rules: &[RuleSetRow], campaign: &CampaignRow) -> Self {
        let mut explained = Self::default();
        for line in lines {
            explained.add_line(line, rules, campaign);
        }
        explained
    }

    fn add_line(&mut self, line: &Line, rules: &[RuleSetRow], campaign: &CampaignRow) {
        let row = rules
            .iter()
            .find(|row| row.id == line.rule_set.id && row.version == line.rule_set.version);
        let name = row.map_or_else(|| line.rule_set.id.clone(), label);
        let why = why(line, row);
        self.short |= line.binding == Binding::Pot;
        if !line.granted.is_positive() {
            let rate = Some(line.rate_bps);
            let why = why.unwrap_or(WhyNot::EnvelopeEmpty);
            self.not_applied.push(RuleNotApplied { name, rate, why });
            return;
        }
        self.total = self.total.plus(line.granted).unwrap_or(self.total);
        self.lines.push(RuleLine {
            name,
            rate: line.rate_bps,
            amount: line.granted,
            sentence: row.map(|row| sentence(row, line.rate_bps, campaign)).unwrap_or_default(),
            funders: Vec::new(),
            reduced_by: why,
        });
    }

    /// Rules that did not hold for this gift, from the record of the decision.
    pub(crate) fn add_refusals(
        &mut self,
        explanation: &Explanation,
        rules: &[RuleSetRow],
        campaign: &CampaignRow,
    ) {
        let answered: Vec<String> = explanation.refused_rules().map(|rule| rule.id).collect();
        for row in rules.iter().filter(|row| answered.contains(&row.id)) {
            let Ok(rule) = serde_json::from_value::<RuleSet>(row.document.clone()) else {
                continue;
            };
            if let Some(why) = first_condition(&rule, campaign) {
                let rate = Some(rule.rate_bps);
                self.not_applied.push(RuleNotApplied { name: label(row), rate, why });
            }
        }
    }
}
