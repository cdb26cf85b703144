//! A gift that is only tried: what each rule would add under a draft, and under the rules in force.

use domain::{Cents, UtcSeconds};
use matching::RuleSet;
use store::{
    campaigns,
    drafts::{self, DraftRow},
    rules::{Published, RuleSetRow},
};
use time::OffsetDateTime;

use crate::{
    explained::{Explained, Told},
    house::Actions,
    matched::{Scene, facts},
    outcome::Stop,
    quote_gift::{QuoteRefused, origins},
};

/// The answer to a gift, twice.
#[derive(Clone, Debug)]
pub struct Trial {
    /// By the rules in force.
    pub in_force: Explained,
    /// With the draft in the place of its rule.
    pub with_draft: Explained,
}

impl Actions {
    /// Tries a gift of a stranger to a campaign under a draft, with the pots as they are now.
    /// Nothing when there is no such draft.
    ///
    /// # Errors
    /// Refused when the campaign is unknown or closed, or the amount is outside the bounds.
    pub async fn try_gift(
        &self,
        number: i64,
        (slug, amount): (&str, Cents),
        now: OffsetDateTime,
    ) -> Result<Option<Trial>, Stop<QuoteRefused>> {
        let amount = self.house().bounds.check(amount);
        let amount = amount.map_err(|refused| Stop::Refused(QuoteRefused::Amount(refused)))?;
        let mut db = self.reader().get().await?;
        let Some(draft) = drafts::read(&mut db, number).await? else { return Ok(None) };
        let Some(campaign) = campaigns::by_slug(&mut db, slug).await? else {
            return Err(Stop::Refused(QuoteRefused::UnknownCampaign));
        };
        if !campaign.takes_gifts_at(now) {
            return Err(Stop::Refused(QuoteRefused::Closed));
        }
        let scene = Scene::read(&mut db, &campaign.campaign(), None).await?;
        let mut snapshot = scene.snapshot(&mut db, now).await?;
        let published = store::rules::published(&mut db).await?;
        drop(db);
        let origins = origins(&snapshot);
        let told = |rules| Told { rules, origins: &origins, campaign: &scene.campaign };
        let decided = matching::decide(&snapshot, &facts(amount)).map_err(anyhow::Error::from)?;
        let in_force = Explained::of(&decided, told(&published));
        let set = as_if_in_force(&draft, now)?;
        for pot in snapshot.pots.iter_mut().filter(|pot| pot.id == set.pot) {
            pot.rule_sets.retain(|rule| rule.id != set.id);
            pot.rule_sets.push(set.clone());
        }
        let rules = with(&published, draft, set);
        let decided = matching::decide(&snapshot, &facts(amount)).map_err(anyhow::Error::from)?;
        Ok(Some(Trial { in_force, with_draft: Explained::of(&decided, told(&rules)) }))
    }
}

/// The rule of a draft, as if it held now.
fn as_if_in_force(draft: &DraftRow, now: OffsetDateTime) -> anyhow::Result<RuleSet> {
    let set: RuleSet = serde_json::from_value(draft.document.clone())?;
    let effective_from = set.effective_from.min(UtcSeconds::from(now));
    Ok(RuleSet { effective_from, effective_to: None, published_at: None, ..set })
}

/// All published rules and the draft, which says in its own words what it adds.
fn with(published: &[Published], draft: DraftRow, rules: RuleSet) -> Vec<Published> {
    let row = RuleSetRow {
        id: rules.id.clone(),
        version: rules.version,
        pot_id: draft.pot_id,
        sentences: templates::rule_words::sentences(&draft.document),
        document: draft.document,
        published_at: draft.changed_at,
        effective_from: draft.changed_at,
        effective_to: None,
    };
    let mut all = published.to_vec();
    all.retain(|one| (&one.row.id, one.row.version) != (&row.id, row.version));
    all.push(Published { row, rules });
    all
}
