//! An event arrives.

use super::{
    Reason, Stop,
    events::{Event, NewGift, What},
    state::State,
};
use crate::envelopes::Checkpoint;

impl<'l> State<'l> {
    /// What has expired goes first, a known event has no effect.
    pub(super) fn arrive(&mut self, event: &'l Event) -> Result<(), Stop> {
        let at = event.at;
        self.expire(at)?;
        if let Some(known) = self.seen.get(&*event.id) {
            let same = **known == event.what;
            return Err(if same { Reason::Duplicate } else { Reason::Conflict }.into());
        }
        self.seen.insert(&event.id, &event.what);
        match &event.what {
            What::Quote(gift) => self.quote(gift, at),
            What::Reserve(gift) => self.reserve(gift, at),
            What::Give(gift) => self.give(gift, at),
            What::Pay { donation, paid_at } => self.pay(donation, at, *paid_at),
            What::Cancel(donation) => self.cancel(donation),
            What::DisputeOpen(donation) => self.dispute_open(donation),
            What::DisputeWon(donation) => self.dispute_won(donation),
            What::DisputeLost(donation) => self.dispute_lost(donation),
            What::Refund { donation, amount } => self.refund(&event.id, donation, *amount),
            What::Recover { donation, amount } => self.recover(donation, *amount),
            What::Extend { donation, expires_at } => self.extend(donation, *expires_at),
            What::Contribute { pot, tranche } => {
                self.contribute(self.pot_no(pot), tranche.opened(at))
            }
            What::Withdraw { from, amount } => self.withdraw(from, *amount),
            What::Transfer { from, to, amount, signers } => {
                self.transfer(from, to, *amount, signers)
            }
            What::Close(campaign) => self.close(self.campaign_no(campaign.as_str()), at),
            What::RoundClose { pot, rule_set, version } => {
                self.round_close(self.pot_no(pot), (rule_set, *version), at)
            }
            What::Checkpoint { pot, weights, use_threshold_bps, release_bps } => {
                let (use_threshold_bps, release_bps) = (*use_threshold_bps, *release_bps);
                let at = Checkpoint { use_threshold_bps, release_bps };
                self.checkpoint(self.pot_no(pot), weights, at)
            }
            What::Settle(pot) => {
                self.settle(self.pot_no(pot));
                Ok(())
            }
            What::Resource(pot) => self.resource(self.pot_no(pot), at),
            What::FinalCost { campaign, budget } => {
                self.final_cost(self.campaign_no(campaign.as_str()), *budget)
            }
        }
    }
}

impl Event {
    /// The gift that begins with it.
    pub(crate) const fn begins(&self) -> Option<&NewGift> {
        match &self.what {
            What::Reserve(gift) | What::Give(gift) => Some(gift),
            _ => None,
        }
    }

    /// It changes what pots hold, whatever is given.
    pub(crate) const fn fills_pots(&self) -> bool {
        matches!(
            self.what,
            What::Contribute { .. }
                | What::Withdraw { .. }
                | What::Transfer { .. }
                | What::Checkpoint { .. }
        )
    }
}
