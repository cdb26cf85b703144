//! `/campagnes/{slug}/don`: the giving form, fresh or sent back with what was typed.

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{calendar, gift::PaymentMethod, ids::OrganisationId};
use store::{
    campaigns::{self, CampaignRow},
    people::{self, Organisation},
    totals::{self, Totals},
};
use templates::pages::{
    Amounts, Give, GiveFault,
    campaign::CampaignState,
    give::{GiveNotice, Typed},
};
use time::OffsetDateTime;

use super::amounts::{self, Chosen};
use crate::web::{
    campaigns::{card::departement_name, standing},
    cookies::Flow,
    error::Failure,
    query,
    state::Site,
    visit::Visit,
};

/// The campaign a gift would go to, as read for the form.
pub struct Subject {
    /// The campaign.
    pub row: CampaignRow,
    /// Who carries it.
    pub holder: Organisation,
    totals: Totals,
    giving_open: bool,
}

/// What goes into the form besides the campaign.
#[derive(Default)]
pub struct Filled {
    /// The amount.
    pub chosen: Chosen,
    /// What was typed.
    pub typed: Typed,
    /// What must be corrected.
    pub faults: Vec<GiveFault>,
    /// A word before the form.
    pub notice: Option<GiveNotice>,
    /// The one-time key, when the form keeps the one it had.
    pub intention: Option<String>,
}

impl Subject {
    /// Reads a public campaign by its address.
    ///
    /// # Errors
    /// Not found, or the database does not answer.
    pub async fn read(site: &Site, slug: &str) -> Result<Self, Failure> {
        let giving_open = site.giving_is_open().await?;
        let mut db = site.reader.get().await?;
        let row = campaigns::by_slug(&mut db, slug).await?;
        let row = row.filter(|row| row.life().is_public()).ok_or(Failure::NotFound)?;
        let holder = OrganisationId::new(row.holder_id.clone());
        let holder = people::organisation(&mut db, &holder).await?;
        let totals = totals::read(&mut db, &row.campaign()).await?;
        Ok(Self { row, holder, totals, giving_open })
    }

    /// True when the organisation can issue a receipt for a gift made now.
    #[must_use]
    pub fn receipts(&self, now: OffsetDateTime) -> bool {
        issues_receipts(&self.holder, now)
    }

    /// Name of the campaign's département.
    #[must_use]
    pub fn departement_name(&self) -> String {
        departement_name(&self.row.departement)
    }

    /// The page.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn page(&self, site: &Site, filled: Filled) -> Result<Give, Failure> {
        let now = site.now();
        let amounts = amounts::amounts(site, &self.row.slug, &filled.chosen, now).await?;
        let low = amounts.as_ref().is_some_and(|amounts| amounts.presets.iter().any(|p| p.short));
        let days = site.config.giving.debit_extension_days;
        let mut state = standing::state(&self.row, (self.giving_open, low), days, now);
        if amounts.is_none() && matches!(state, CampaignState::Collecting { .. }) {
            state = CampaignState::Suspended;
        }
        let bounds = site.actions.house().bounds;
        Ok(Give {
            slug: self.row.slug.clone(),
            campaign: self.row.title.clone(),
            holder: self.holder.name.clone(),
            departement_name: self.departement_name(),
            progress: standing::progress(&self.row, self.totals, now),
            amounts: amounts.unwrap_or_else(|| Amounts {
                presets: Vec::new(),
                chosen: None,
                free: filled.chosen.free.clone(),
                free_preview: None,
                min: bounds.min,
                max: bounds.max,
                at: now.into(),
            }),
            typed: filled.typed,
            faults: filled.faults,
            notice: filled.notice,
            intention: filled.intention.unwrap_or_else(Flow::new_intention),
            receipts: self.receipts(now),
            state,
            methods: vec![PaymentMethod::Card, PaymentMethod::SepaDebit],
        })
    }
}

/// True when an organisation can issue a receipt for a gift made now.
#[must_use]
pub fn issues_receipts(holder: &Organisation, now: OffsetDateTime) -> bool {
    holder.issuer_right().on(calendar::paris_date(now)).is_ok()
}

/// The fresh form; the amount may come with the address, from the campaign's page.
pub async fn show(
    State(site): State<Site>,
    Path(slug): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let subject = Subject::read(&site, &slug).await?;
    let typed = visit.address.split_once('?').map_or("", |(_, typed)| typed);
    let mut chosen = Chosen::default();
    for (name, value) in query::pairs(typed.as_bytes()) {
        let value: String = value.trim().chars().take(20).collect();
        match name.as_str() {
            "montant" => chosen.preset = value,
            "montant-libre" => chosen.free = value,
            _ => {}
        }
    }
    let page = subject.page(&site, Filled { chosen, ..Filled::default() }).await?;
    site.form_page(&visit, &page)
}
