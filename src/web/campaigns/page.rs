//! `/campagnes/{slug}`: a campaign, whole, with its two small forms.

use std::collections::BTreeSet;

use actions::PublicShare;
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{
    Cents, calendar,
    campaign::{Category, Stage},
    ids::OrganisationId,
};
use store::{
    campaigns::{self, CampaignRow, UpdateRow},
    people::{self, Organisation},
    rules,
    totals::{self, Totals},
};
use templates::pages::{
    Campaign, Preview, WhyNot,
    amounts::Cap,
    campaign::{Ancestor, CampaignState, Holder, Kinship, SmallForm, Update},
};
use time::OffsetDateTime;

use super::{
    card::{EXAMPLE, commune_name, departement_name},
    details::Details,
    standing,
};
use crate::web::{
    error::Failure,
    giving::{
        amounts::{self, Chosen},
        form::issues_receipts,
    },
    state::Site,
    visit::Visit,
};

/// The two small forms below the page, as they stand.
#[derive(Default)]
pub struct Small {
    /// "Follow this project".
    pub follow: SmallForm,
    /// "Report a problem".
    pub report: SmallForm,
}

/// The handler.
pub async fn show(
    State(site): State<Site>,
    Path(slug): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let key = format!("/campagnes/{slug}");
    site.public_page(&visit, &key, page(&site, &slug, Small::default())).await
}

/// What the database says of a campaign.
struct Read {
    row: CampaignRow,
    holder: Organisation,
    totals: Totals,
    updates: Vec<UpdateRow>,
    rules_since: Option<OffsetDateTime>,
    giving_open: bool,
}

impl Read {
    async fn by_slug(site: &Site, slug: &str) -> Result<Self, Failure> {
        let giving_open = site.giving_is_open().await?;
        let mut db = site.reader.get().await?;
        let row = campaigns::by_slug(&mut db, slug).await?;
        let row = row.filter(|row| row.life().is_public()).ok_or(Failure::NotFound)?;
        let now = site.now();
        let rules = rules::published(&mut db).await?;
        let starts = rules.iter().map(|rule| rule.row.effective_from);
        Ok(Self {
            holder: people::organisation(&mut db, &OrganisationId::new(row.holder_id.clone()))
                .await?,
            totals: totals::read(&mut db, &row.campaign()).await?,
            updates: campaigns::updates(&mut db, &row.campaign()).await?,
            rules_since: starts.filter(|from| *from <= now).max(),
            giving_open,
            row,
        })
    }
}

/// The page, with its small forms as they stand.
///
/// # Errors
/// Not found, or the database does not answer.
pub async fn page(site: &Site, slug: &str, small: Small) -> Result<Campaign, Failure> {
    let now = site.now();
    let read = Read::by_slug(site, slug).await?;
    let amounts = amounts::amounts(site, slug, &Chosen::default(), now).await?;
    let (example, caps) = match amounts {
        Some(_) => example(site, slug, missing(&read), now).await?,
        None => (None, Vec::new()),
    };
    let low = amounts.as_ref().is_some_and(|a| a.presets.iter().any(|preview| preview.short));
    let awards = site.actions.awards_of(&read.row.campaign()).await?;
    let days = site.config.giving.debit_extension_days;
    let state = standing::state(&read.row, (read.giving_open, low), days, now);
    let over = !matches!(state, CampaignState::Collecting { .. });
    let instead = if over { instead(site, &read.row, now).await? } else { None };
    Ok(Campaign {
        amounts: amounts.filter(|_| !over),
        example: example.filter(|_| !over),
        caps,
        awards,
        instead,
        state,
        follow: small.follow,
        report: small.report,
        ..told(read, now)
    })
}

/// What a project lacks of its whole budget.
fn missing(read: &Read) -> Cents {
    Cents::new(read.row.budget_cents - read.totals.gathered().get())
}

/// What 20 € become, line by line, and the caps that are listed even when not reached: seen by
/// asking for the largest gift.
async fn example(
    site: &Site,
    slug: &str,
    missing: Cents,
    now: OffsetDateTime,
) -> Result<(Option<Preview>, Vec<Cap>), Failure> {
    let largest = site.actions.house().bounds.max;
    let quotes = site.actions.quote_gifts(slug, &[EXAMPLE, largest], now).await;
    let Ok(quotes) = quotes else { return Ok((None, Vec::new())) };
    let mut previews = quotes.iter().map(amounts::preview);
    let example = previews.next().filter(|preview| preview.matched.is_positive());
    let mut caps: Vec<Cap> =
        previews.next().and_then(|largest| donor_cap(&largest)).into_iter().collect();
    if let Some(quote) = quotes.first().filter(|_| example.is_some()) {
        caps.extend(
            quote.outlook.public.map(|PublicShare { now, most }| Cap::Public { now, most }),
        );
        // Millions left say nothing to a donor: it is told when the project could need more.
        let left = quote.outlook.left;
        caps.extend((left < missing).then_some(Cap::Envelope { left }));
    }
    Ok((example, caps))
}

fn donor_cap(largest: &Preview) -> Option<Cap> {
    let bases: BTreeSet<_> = largest
        .lines
        .iter()
        .filter_map(|line| match line.reduced_by {
            Some(WhyNot::DonorCap { base }) => Some(base),
            _ => None,
        })
        .collect();
    let agreed = if bases.len() == 1 { bases.first().copied().flatten() } else { None };
    let most = largest.matched;
    (!bases.is_empty()).then_some(Cap::Donor { base: agreed, most })
}

/// Another campaign to look at: of the same département, else of the same pathway, ending soonest.
async fn instead(
    site: &Site,
    row: &CampaignRow,
    now: OffsetDateTime,
) -> Result<Option<(String, String)>, Failure> {
    let all = site.listed("").await?;
    let collecting = all
        .iter()
        .filter(|one| one.status == "published" && now < one.ends_at && one.slug != row.slug);
    let nearest = collecting.min_by_key(|one| {
        (one.departement != row.departement, one.category != row.category, one.ends_at)
    });
    Ok(nearest.map(|one| (one.slug.clone(), one.title.clone())))
}

/// Everything that is told as it is stored.
fn told(read: Read, now: OffsetDateTime) -> Campaign {
    let Read { row, holder, totals, updates, rules_since, .. } = read;
    let details = Details(&row.details);
    let fact = |name: &str| row.facts[name].as_bool().unwrap_or(false);
    Campaign {
        holder: Holder {
            form: details.form(),
            receipts: issues_receipts(&holder, now),
            checked_at: None,
            name: holder.name,
        },
        commune: commune_name(&row.commune),
        departement_name: departement_name(&row.departement),
        rural: fact("rural"),
        priority: fact("priority_territory"),
        category: Category::from_code(&row.category).unwrap_or(Category::Inclusion),
        stage: Stage::from_code(&row.stage).unwrap_or(Stage::Amorcage),
        state: CampaignState::Suspended,
        progress: standing::progress(&row, totals, now),
        live: true,
        amounts: None,
        example: None,
        rules_since: rules_since.map(Into::into),
        caps: Vec::new(),
        awards: Vec::new(),
        budget: details.budget(),
        needs: details.needs(),
        impact: details.indicators(),
        milestones: details.milestones(),
        updates: updates.into_iter().map(news).collect(),
        lineage: details.lineage(Ancestor {
            title: row.title.clone(),
            place: departement_name(&row.departement),
            year: year(row.starts_at),
            link: Kinship::Itself,
            slug: None,
        }),
        sponsors: details.sponsors(),
        team: details.team(),
        follow: SmallForm::default(),
        report: SmallForm::default(),
        instead: None,
        slug: row.slug,
        title: row.title,
        summary: row.summary,
        story: row.story,
        departement: row.departement,
        publics: row.publics,
        services: row.services,
        axes: row.axes_rse,
    }
}

/// The year in Paris.
fn year(at: OffsetDateTime) -> u32 {
    u32::try_from(calendar::paris_date(at).year()).unwrap_or_default()
}

fn news(row: UpdateRow) -> Update {
    Update { title: row.title, at: row.published_at.into(), body: row.body }
}
