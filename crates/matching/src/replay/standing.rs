//! What a campaign holds after the last event, by name: what the books of a house must follow.

use domain::{Cents, ids::CampaignId, ids::PotId};

use super::{
    Replayed,
    names::PotNo,
    state::{self, Status},
};
use crate::line::{Binding, Line, RuleRef, Source};

/// The captured gifts of a campaign with their lines, and its awards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Committed and held gifts in the order of gifts, each with its lines.
    pub gifts: Vec<(String, Vec<Line>)>,
    /// In the order in which they were given.
    pub awards: Vec<Awarded>,
}

/// A lump sum, or the match of a quadratic round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awarded {
    /// The pot.
    pub pot: PotId,
    /// The rule that gave it.
    pub rule_set: RuleRef,
    /// Cents given.
    pub granted: Cents,
    /// What kept it from being more.
    pub binding: Binding,
    /// The tranches, in the order they were drawn.
    pub sources: Vec<Source>,
    /// Quadratic rounds: what each donor group brought.
    pub parts: Vec<AwardPart>,
}

/// What a donor group brought to a campaign in a quadratic round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwardPart {
    /// Cents.
    pub attributed: Cents,
    /// The gifts of the group.
    pub gifts: Vec<String>,
}

impl Replayed<'_> {
    /// What a campaign holds; nothing when there is no such campaign.
    #[must_use]
    pub fn standing(&self, campaign: &CampaignId) -> Option<Standing> {
        let state = &self.0;
        let number = state.campaigns.number(campaign.as_str())?;
        let captured = state
            .of_campaign(number, |gift| matches!(gift.status, Status::Committed | Status::Held));
        let gift = |number| {
            let gift: &state::Gift<'_> = &state.gifts[number];
            (gift.name.to_owned(), gift.lines.iter().map(|line| self.line(line)).collect())
        };
        let awards = state.projects[number].awards.iter();
        Some(Standing {
            gifts: captured.into_iter().map(gift).collect(),
            awards: awards.map(|award| self.award(award)).collect(),
        })
    }

    /// Why an event had no effect; nothing when it had one.
    #[must_use]
    pub fn refusal(&self, event: &str) -> Option<&'static str> {
        let mut refused = self.0.rejected.iter().filter(|(id, _)| *id == event);
        refused.next().map(|(_, reason)| reason.code())
    }

    fn sources(&self, pot: PotNo, sources: &[state::Source]) -> Vec<Source> {
        let tranches = &self.0.pots[pot].tranches;
        let named = |source: &state::Source| Source {
            tranche: tranches[source.tranche].id.clone(),
            amount: source.amount,
        };
        sources.iter().map(named).collect()
    }

    fn line(&self, line: &state::Line) -> Line {
        Line {
            pot: self.0.pots[line.pot].id.clone(),
            rule_set: self.0.rules[line.rule_set].set.reference(),
            state: line.state,
            rate_bps: line.rate_bps,
            base: line.base,
            want: line.want,
            granted: line.granted,
            binding: line.binding,
            base_used: line.base_used,
            reducer: line.reducer,
            sources: self.sources(line.pot, &line.sources),
        }
    }

    fn award(&self, award: &state::Award) -> Awarded {
        let part = |part: &state::Part| AwardPart {
            attributed: part.attributed,
            gifts: part.gifts.iter().map(|gift| self.0.gifts[*gift].name.to_owned()).collect(),
        };
        Awarded {
            pot: self.0.pots[award.pot].id.clone(),
            rule_set: self.0.rules[award.rule_set].set.reference(),
            granted: award.granted,
            binding: award.binding,
            sources: self.sources(award.pot, &award.sources),
            parts: award.parts.iter().map(part).collect(),
        }
    }
}
