//! The demonstration's campaigns and pots, read from the files that ship with the product.

use actions::{NewCampaign, NewPot};
use anyhow::{Context, anyhow};
use domain::receipt::Eligibility;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{
    campaigns::CampaignRow,
    people::Organisation,
    pots::{PotRow, TrancheRow},
    rules::RuleSetRow,
};
use time::{Date, Duration, OffsetDateTime, format_description::well_known::Rfc3339};

const CAMPAIGNS: &str = include_str!("../../demo/campaigns.json");
const POTS: &str = include_str!("../../demo/pots.json");

/// Rules of the demonstration were written for this day; every time moves with today.
const REFERENCE: &str = "reference_day";

#[derive(Deserialize)]
struct CampaignFile {
    campagnes: Vec<Campaign>,
}

#[derive(Deserialize)]
struct Campaign {
    slug: String,
    titre: String,
    resume: String,
    recit_markdown: String,
    territoire: Territory,
    organisation: Holder,
    budget: Value,
    besoins_non_monetaires: Value,
    jalons: Value,
    indicateurs: Value,
    /// The team, besides the representative.
    #[serde(default)]
    equipe: Vec<Value>,
    /// Projects of the same family.
    #[serde(default)]
    lignee: Value,
    /// Companies that help.
    #[serde(default)]
    parrains: Value,
    engine: Engine,
}

#[derive(Deserialize)]
struct Territory {
    commune_insee: String,
    commune: String,
    departement_nom: String,
    region_nom: String,
}

#[derive(Deserialize)]
struct Holder {
    nom: String,
    forme: String,
    siren_fictif: String,
}

#[derive(Deserialize)]
struct Engine {
    campaign: matching::case::Campaign,
    holder: matching::case::Holder,
    organisation: EngineOrganisation,
    schedule: Schedule,
    history: Past,
}

#[derive(Deserialize)]
struct EngineOrganisation {
    address: Address,
    representative: Representative,
    tax: Tax,
    charges_enabled: bool,
}

#[derive(Deserialize)]
struct Address {
    line: String,
    postcode: String,
    city: String,
    country: String,
}

#[derive(Deserialize)]
struct Representative {
    name: String,
    role: String,
}

#[derive(Deserialize)]
struct Tax {
    category: String,
    eligibility: TaxEligibility,
    #[serde(default)]
    mandate_signed_on: Option<String>,
}

#[derive(Deserialize)]
struct TaxEligibility {
    status: String,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    reference: Option<String>,
}

#[derive(Deserialize)]
struct Schedule {
    start_offset_days: i64,
    end_offset_days: i64,
}

#[derive(Deserialize)]
struct Past {
    target_share_bps: i64,
}

/// A campaign to publish, and how much its generated past reaches.
pub struct Staged {
    /// The campaign and its holder.
    pub new: NewCampaign,
    /// Gifts and match together, as a share of the minimum in basis points.
    pub target_share_bps: i64,
}

fn day(text: Option<&String>) -> anyhow::Result<Option<Date>> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    text.map(|text| Date::parse(text, format)).transpose().context("a date of the demonstration")
}

/// The connected account that the sandbox has open for an organisation.
#[must_use]
pub fn account_of(organisation: &str) -> String {
    format!("acct_{}", organisation.replace('-', "_"))
}

/// Every campaign of the demonstration, dated from `today`.
///
/// # Errors
/// When the file that ships with the product is not what this reads.
pub fn campaigns(now: OffsetDateTime) -> anyhow::Result<Vec<Staged>> {
    let file: CampaignFile = serde_json::from_str(CAMPAIGNS).context("demo/campaigns.json")?;
    let midnight = domain::calendar::paris_midnight(domain::calendar::paris_date(now));
    file.campagnes.into_iter().map(|campaign| staged(campaign, midnight)).collect()
}

fn staged(campaign: Campaign, midnight: OffsetDateTime) -> anyhow::Result<Staged> {
    let holder = organisation(&campaign, midnight)?;
    let target_share_bps = campaign.engine.history.target_share_bps;
    let (commune, place) = (&campaign.territoire.commune, &campaign.territoire);
    let places = format!("{commune} {} {}", place.departement_nom, place.region_nom);
    let row = row(campaign, midnight)?;
    Ok(Staged { new: NewCampaign { holder, campaign: row, places }, target_share_bps })
}

fn organisation(campaign: &Campaign, midnight: OffsetDateTime) -> anyhow::Result<Organisation> {
    let (engine, holder) = (&campaign.engine, &campaign.organisation);
    let tax = &engine.organisation.tax;
    let eligibility = Eligibility::from_code(&tax.eligibility.status)
        .ok_or_else(|| anyhow!("unknown eligibility {}", tax.eligibility.status))?;
    let mandate = day(tax.mandate_signed_on.as_ref())?;
    Ok(Organisation {
        id: engine.holder.id.clone(),
        name: holder.nom.clone(),
        kind: engine.holder.kind.clone(),
        siren: holder.siren_fictif.clone(),
        object: object(&holder.forme),
        address_line: engine.organisation.address.line.clone(),
        address_postcode: engine.organisation.address.postcode.clone(),
        address_city: engine.organisation.address.city.clone(),
        address_country: engine.organisation.address.country.clone(),
        representative_name: engine.organisation.representative.name.clone(),
        representative_role: engine.organisation.representative.role.clone(),
        undertaking: engine.holder.undertaking.clone(),
        economic_activity: engine.holder.economic_activity,
        tax_category: tax.category.clone(),
        eligibility: eligibility.code().to_owned(),
        eligible_from: day(tax.eligibility.from.as_ref())?.or(mandate),
        eligibility_reference: tax.eligibility.reference.clone(),
        mandate_signed_on: mandate,
        provider_account: Some(account_of(&engine.holder.id)),
        charges_enabled: engine.organisation.charges_enabled,
        created_at: midnight - Duration::days(90),
        // It arrives by itself, as from a real organisation.
        signature: None,
    })
}

fn object(form: &str) -> String {
    format!("Accompagner les personnes éloignées du numérique ({form})")
}

/// Who answers for the organisation, then who does the work.
fn team(campaign: &Campaign) -> Vec<Value> {
    let head = &campaign.engine.organisation.representative;
    let mut team = vec![json!({ "nom": head.name, "role": head.role })];
    team.extend(campaign.equipe.iter().cloned());
    team
}

fn row(campaign: Campaign, midnight: OffsetDateTime) -> anyhow::Result<CampaignRow> {
    let team = team(&campaign);
    let facts = &campaign.engine.campaign;
    let schedule = &campaign.engine.schedule;
    let starts_at = midnight + Duration::days(schedule.start_offset_days);
    Ok(CampaignRow {
        id: facts.id.as_str().to_owned(),
        slug: campaign.slug,
        holder_id: facts.holder.clone(),
        title: campaign.titre,
        summary: campaign.resume,
        story: campaign.recit_markdown,
        details: json!({
            "budget": campaign.budget,
            "needs": campaign.besoins_non_monetaires,
            "milestones": campaign.jalons,
            "indicators": campaign.indicateurs,
            "form": campaign.organisation.forme,
            "team": team,
            "lineage": campaign.lignee,
            "sponsors": campaign.parrains,
        }),
        facts: serde_json::to_value(facts)?,
        category: facts.category.code().to_owned(),
        stage: facts.stage.code().to_owned(),
        departement: facts.territory.clone(),
        commune: campaign.territoire.commune_insee,
        publics: facts.publics.clone(),
        services: facts.services.clone(),
        axes_rse: facts.axes_rse.clone(),
        goal_cents: facts.goal.get(),
        budget_cents: facts.budget.get(),
        all_or_nothing: facts.all_or_nothing,
        status: "published".to_owned(),
        starts_at,
        ends_at: midnight + Duration::days(schedule.end_offset_days) + Duration::seconds(86_399),
        minimum_reached_at: None,
        closed_at: None,
        created_at: starts_at - Duration::days(5),
    })
}

#[derive(Deserialize)]
struct PotFile {
    reference_day: String,
    settings: Value,
    contributors: Vec<Contributor>,
    pots: Vec<Pot>,
    rule_sets: Vec<Value>,
    texts_fr: Texts,
}

#[derive(Deserialize)]
struct Contributor {
    id: String,
    name_fr: String,
}

#[derive(Deserialize)]
struct Pot {
    id: String,
    order: i64,
    tranches: Vec<Value>,
}

#[derive(Deserialize)]
struct Texts {
    pots: std::collections::BTreeMap<String, String>,
    sentences: std::collections::BTreeMap<String, Value>,
}

/// The fund of the demonstration.
pub struct Fund {
    /// What holds for all gifts.
    pub settings: matching::case::Settings,
    /// Pots, with their money and rules.
    pub pots: Vec<NewPot>,
}

/// The fund of the demonstration, every time moved from the reference day to today.
///
/// # Errors
/// When the file that ships with the product is not what this reads.
pub fn fund(now: OffsetDateTime) -> anyhow::Result<Fund> {
    let file: PotFile = serde_json::from_str(POTS).context("demo/pots.json")?;
    let reference = day(Some(&file.reference_day))?.context(REFERENCE)?;
    let shift = domain::calendar::paris_date(now) - reference;
    let mut pots = Vec::new();
    for pot in &file.pots {
        pots.push(new_pot(&file, pot, shift)?);
    }
    let mut settings: matching::case::Settings = serde_json::from_value(file.settings)?;
    settings.reservation_ttl_s = 30 * 60;
    Ok(Fund { settings, pots })
}

fn new_pot(file: &PotFile, pot: &Pot, shift: Duration) -> anyhow::Result<NewPot> {
    let mut tranches = Vec::new();
    for stored in &pot.tranches {
        let terms = moved(stored.clone(), shift)?;
        let tranche: matching::tranche::Tranche = serde_json::from_value(terms.clone())?;
        let by = tranche.contributor.clone().unwrap_or_default();
        let name = file.contributors.iter().find(|one| one.id == by);
        tranches.push(TrancheRow {
            pot_id: pot.id.clone(),
            id: tranche.id.clone(),
            contributor_name: name.map(|one| one.name_fr.clone()).unwrap_or_default(),
            origin: tranche.origin.code().to_owned(),
            terms,
            amount_cents: tranche.amount.get(),
            used_cents: 0,
            withdrawn_cents: 0,
        });
    }
    let mut rules = Vec::new();
    for stored in file.rule_sets.iter().filter(|rule| rule["pot"] == pot.id.as_str()) {
        rules.push(rule_set(moved(stored.clone(), shift)?, &file.texts_fr)?);
    }
    let title = file.texts_fr.pots.get(&pot.id).cloned().unwrap_or_else(|| pot.id.clone());
    Ok(NewPot { pot: PotRow { id: pot.id.clone(), ordinal: pot.order, title }, tranches, rules })
}

fn rule_set(document: Value, texts: &Texts) -> anyhow::Result<RuleSetRow> {
    let rule: matching::RuleSet = serde_json::from_value(document.clone())?;
    let sentences = match texts.sentences.get(&rule.id) {
        Some(Value::String(sentence)) => json!({ "base": sentence }),
        Some(per_bonus) => per_bonus.clone(),
        None => json!({}),
    };
    let instant = |key: &str| -> anyhow::Result<Option<OffsetDateTime>> {
        let text = document[key].as_str();
        text.map(|text| OffsetDateTime::parse(text, &Rfc3339)).transpose().context("a rule's time")
    };
    Ok(RuleSetRow {
        id: rule.id.clone(),
        version: rule.version,
        pot_id: rule.pot.as_str().to_owned(),
        sentences,
        published_at: instant("published_at")?.context("published_at")?,
        effective_from: instant("effective_from")?.context("effective_from")?,
        effective_to: instant("effective_to")?,
        document,
    })
}

/// Moves every time in a document by whole days.
fn moved(mut document: Value, shift: Duration) -> anyhow::Result<Value> {
    const TIMES: [&str; 5] = ["at", "expires_at", "published_at", "effective_from", "effective_to"];
    if let Some(fields) = document.as_object_mut() {
        for (_, value) in fields.iter_mut().filter(|(key, _)| TIMES.contains(&key.as_str())) {
            if let Some(text) = value.as_str() {
                let at = OffsetDateTime::parse(text, &Rfc3339)?.checked_add(shift);
                let at = at.context("a time of the demonstration is out of range")?;
                *value = domain::UtcSeconds::from(at).to_string().into();
            }
        }
    }
    Ok(document)
}
