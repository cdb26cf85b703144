//! What gifts appended is folded into the shown totals; a milestone passed is told once.

use domain::{Cents, ids::CampaignId, ids::PersonId};
use jobs::Claim;
use mail::{
    Letter,
    letter::{Milestone, Progress, Reader},
};
use store::{
    Reads, Tx,
    campaigns::{self, CampaignRow, FollowerRow},
    gifts,
    people::{self, Organisation},
    totals::{self, Totals},
};
use time::OffsetDateTime;

use crate::{correspondence::Draft, crash::crash_point, house::Actions, task::Task};

/// Followers written to by one job.
pub(crate) const PAGE: i64 = 500;

impl Actions {
    /// Folds, notes the minimum, promises the letters of a milestone, all in one transaction.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn fold_totals(
        &self,
        claim: &Claim,
        id: &CampaignId,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        let totals = totals::fold(&mut tx, id).await?;
        let campaign = campaigns::read(&mut tx, id).await?;
        if totals.counted().get() >= campaign.goal_cents
            && campaigns::note_minimum(&mut tx, id, now).await?
        {
            self.promise_waiting_receipts(&mut tx, &campaign).await?;
        }
        if let Some(passed) = passed(&campaign, totals) {
            totals::note_milestone(&mut tx, id, number(passed)).await?;
            let task = Task::SendMilestone {
                campaign: id.clone(),
                milestone: number(passed),
                after: None,
            };
            self.promise(&mut tx, &task, None).await?;
        }
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        crash_point("fold_totals/folded");
        self.announce().campaign_changed(id, &campaign.slug);
        Ok(())
    }

    /// Receipts of an all-or-nothing campaign waited for this moment.
    async fn promise_waiting_receipts(
        &self,
        tx: &mut Tx,
        campaign: &CampaignRow,
    ) -> anyhow::Result<()> {
        if campaign.all_or_nothing {
            for gift in gifts::standing_of_campaign(tx, &campaign.campaign()).await? {
                self.promise(tx, &Task::IssueReceipt { gift }, None).await?;
            }
        }
        Ok(())
    }

    /// Writes to a page of followers that a milestone was passed; the next page is another job.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn send_milestone(
        &self,
        claim: &Claim,
        task: &Task,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let Task::SendMilestone { campaign: id, milestone, after } = task else { return Ok(()) };
        let mut tx = self.begin().await?;
        let campaign = campaigns::read(&mut tx, id).await?;
        let holder_id = domain::ids::OrganisationId::new(campaign.holder_id.clone());
        let holder = people::organisation(&mut tx, &holder_id).await?;
        let totals = totals::read(&mut tx, id).await?;
        let page = campaigns::followers_after(&mut tx, id, *after, PAGE).await?;
        let letter = self.progress(&campaign, &holder, totals, *milestone);
        for follower in &page {
            let draft = Draft {
                dedupe_key: format!("progress:{id}:{milestone}:{}", follower.person_id),
                to: PersonId::new(follower.person_id),
                letter: Letter::Progress(letter.clone()),
                receipt: None,
                unsubscribe_url: Some(self.unsubscribe_url(follower)),
            };
            self.write_letter(&mut tx, draft, now).await?;
        }
        if let Some(last) = last_of_full(&page) {
            let next = Task::SendMilestone {
                campaign: id.clone(),
                milestone: *milestone,
                after: Some(last),
            };
            self.promise(&mut tx, &next, None).await?;
        }
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        Ok(())
    }

    fn progress(
        &self,
        campaign: &CampaignRow,
        holder: &Organisation,
        totals: Totals,
        milestone: i32,
    ) -> Progress {
        Progress {
            project: self.project(campaign, holder),
            reader: Reader::Follower,
            milestone: milestone_of(milestone),
            raised: totals.gathered(),
            given: Cents::new(totals.raised_cents),
            matched: Cents::new(totals.matched_cents),
            minimum: Cents::new(campaign.goal_cents),
            optimum: Some(Cents::new(campaign.budget_cents)),
            donors: u64::try_from(totals.gifts).unwrap_or_default(),
            ends_at: campaign.ends_at.into(),
            all_or_nothing: campaign.all_or_nothing,
        }
    }

    /// Where a follower stops the letters.
    pub(crate) fn unsubscribe_url(&self, follower: &FollowerRow) -> String {
        self.url(&format!("/suivi/{}/arret", follower.token))
    }
}

/// The last person of a page that was full, after whom another page begins.
pub(crate) fn last_of_full(page: &[FollowerRow]) -> Option<PersonId> {
    let full = i64::try_from(page.len()).is_ok_and(|length| length == PAGE);
    page.last().filter(|_| full).map(|row| PersonId::new(row.person_id))
}

/// The milestone newly passed, if one was.
fn passed(campaign: &CampaignRow, totals: Totals) -> Option<Milestone> {
    let minimum = Cents::new(campaign.goal_cents);
    let optimum = Some(Cents::new(campaign.budget_cents));
    Milestone::reached(totals.counted(), minimum, optimum)
        .filter(|milestone| number(*milestone) > totals.milestone)
}

const fn number(milestone: Milestone) -> i32 {
    match milestone {
        Milestone::Quarter => 25,
        Milestone::Half => 50,
        Milestone::ThreeQuarters => 75,
        Milestone::Minimum => 100,
        Milestone::Optimum => 200,
    }
}

fn milestone_of(stored: i32) -> Milestone {
    Milestone::ALL
        .into_iter()
        .find(|milestone| number(*milestone) == stored)
        .unwrap_or(Milestone::Quarter)
}
