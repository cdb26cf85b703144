//! The envelopes that a table of need gives for a sum, as the matching rules compute them.

use std::collections::BTreeMap;

use domain::{BasisPoints, Cents, place};
use matching::envelopes::{
    Criterion as Rule, Direction, Envelope, Envelopes, NoEnvelopes, Territory,
};
use store::need;

use super::table::{NeedTable, Place, Scale};
use crate::house::Actions;

/// What is to be shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedAsked {
    /// Cents to share.
    pub total: Cents,
    /// The least per head, as a multiple of the equal share.
    pub floor: BasisPoints,
    /// The most.
    pub ceiling: BasisPoints,
}

/// The envelope of a département.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedEnvelope {
    /// Its code.
    pub code: String,
    /// Inhabitants.
    pub population: i64,
    /// Its index in basis points; the whole is the mean.
    pub index_bps: i64,
    /// What it gets, in cents.
    pub envelope: Cents,
    /// It is held up by the floor.
    pub at_floor: bool,
    /// It is held down by the ceiling.
    pub at_ceiling: bool,
    /// What the version before gives it, when there is one that knows it.
    pub before: Option<Cents>,
}

/// What a table gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedPreview {
    /// Each département of the table, by code.
    pub envelopes: Vec<NeedEnvelope>,
    /// Cents that nobody could take.
    pub residue: Cents,
    /// Codes of départements that the table leaves out: they get nothing.
    pub absent: Vec<&'static str>,
    /// The version it is compared with.
    pub before: Option<i64>,
}

/// Why a table gives no envelopes.
#[derive(Debug, thiserror::Error)]
pub enum NoPreview {
    /// These bounds cannot be kept.
    #[error("{0}")]
    Bounds(#[from] NoEnvelopes),
    /// Something failed.
    #[error(transparent)]
    Broken(#[from] anyhow::Error),
}

impl Actions {
    /// The table of a version, when there is one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn need_table(&self, version: i64) -> anyhow::Result<Option<NeedTable>> {
        let mut db = self.reader().get().await?;
        let stored = need::document(&mut db, version).await?;
        Ok(stored.map(serde_json::from_value).transpose()?)
    }

    /// The envelopes of a table, beside those of the version before.
    ///
    /// # Errors
    /// When the bounds cannot be kept, or something stored cannot be read.
    pub async fn need_preview(
        &self,
        version: i64,
        table: &NeedTable,
        asked: NeedAsked,
    ) -> Result<NeedPreview, NoPreview> {
        let (rows, residue) = compute(table, asked)?;
        let earlier = version.checked_sub(1);
        let before = match earlier {
            Some(earlier) => self.need_table(earlier).await?,
            None => None,
        };
        // Bounds that hold here may not hold there: nothing to compare then.
        let was = before.as_ref().and_then(|table| compute(table, asked).ok());
        let before = was.as_ref().and(earlier);
        let was: BTreeMap<&str, Cents> = was
            .iter()
            .flat_map(|(rows, _)| rows.iter().map(|(code, _, of)| (code.as_str(), of.envelope)))
            .collect();
        let known = |code: &str| rows.iter().any(|(known, _, _)| known == code);
        let absent =
            place::departements().iter().map(|one| one.code).filter(|code| !known(code)).collect();
        let envelopes = rows
            .iter()
            .map(|(code, population, of)| NeedEnvelope {
                code: code.clone(),
                population: *population,
                index_bps: i64::try_from(of.index_bps).unwrap_or(i64::MAX),
                envelope: of.envelope,
                at_floor: of.envelope == of.floor,
                at_ceiling: of.envelope == of.ceiling,
                before: was.get(code.as_str()).copied(),
            })
            .collect();
        Ok(NeedPreview { envelopes, residue, absent, before })
    }
}

type Rows = Vec<(String, i64, Envelope)>;

fn compute(table: &NeedTable, asked: NeedAsked) -> Result<(Rows, Cents), NoEnvelopes> {
    let criteria: Vec<Rule> = table
        .criteria
        .iter()
        .map(|one| Rule {
            id: one.id.clone(),
            weight_bps: BasisPoints::new(one.weight_bps),
            direction: if one.higher_is_need {
                Direction::HigherIsNeed
            } else {
                Direction::LowerIsNeed
            },
            reference: one.reference,
            ratio_min_bps: BasisPoints::new(one.ratio_min_bps),
            ratio_max_bps: BasisPoints::new(one.ratio_max_bps),
        })
        .collect();
    let names: Vec<&str> = table.criteria.iter().map(|one| one.id.as_str()).collect();
    let territories: Vec<Territory> =
        departements(table).into_iter().map(|place| territory(place, &names)).collect();
    let question = Envelopes {
        total: asked.total,
        floor_bps: asked.floor,
        ceiling_bps: asked.ceiling,
        criteria,
        territories,
        checkpoint: None,
    };
    let (found, residue) = question.compute()?;
    let rows = question
        .territories
        .into_iter()
        .zip(found)
        .map(|(territory, of)| (territory.code, territory.population, of));
    Ok((rows.collect(), residue))
}

fn territory(place: Place, names: &[&str]) -> Territory {
    let values = names.iter().map(|name| (*name).to_owned()).zip(place.values).collect();
    Territory { code: place.code, population: place.population, values, committed: Cents::ZERO }
}

/// The rows by département: as they are, or the communes of each put together, every value the
/// mean weighted by population and rounded down.
fn departements(table: &NeedTable) -> Vec<Place> {
    if table.scale == Scale::Departement {
        return table.places.clone();
    }
    let mut sums: BTreeMap<&str, (i64, Vec<i128>)> = BTreeMap::new();
    for place in &table.places {
        let Some(code) = place::departement_code_of(&place.code) else { continue };
        let (people, values) = sums.entry(code).or_insert_with(|| (0, vec![0; place.values.len()]));
        *people += place.population;
        for (sum, value) in values.iter_mut().zip(&place.values) {
            *sum += i128::from(*value) * i128::from(place.population);
        }
    }
    let mean = |sum: i128, people: i64| i64::try_from(sum / i128::from(people)).unwrap_or(i64::MAX);
    sums.into_iter()
        .map(|(code, (people, values))| Place {
            code: code.to_owned(),
            population: people,
            values: values.into_iter().map(|sum| mean(sum, people)).collect(),
            assumed: 0,
        })
        .collect()
}
