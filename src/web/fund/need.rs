//! `/fonds/besoins/{version}`: a table of need, and the envelopes it gives for a sum.

use actions::{Criterion, NeedAsked, NeedEnvelope, NeedPreview, NeedTable, NoPreview};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{BasisPoints, Cents, place};
use store::need;
use templates::pages::{
    NeedPage,
    home::MapCell,
    need::{Asked, CriterionLine, EnvelopeLine, NeedResult},
};

use super::needs::{csv_file, line};
use crate::web::{
    csv,
    error::Failure,
    extract::{FundReaders, StaffOf},
    query,
    state::Site,
    visit::Visit,
};

/// The most euros that are shared: the largest pot.
const MOST: i64 = 100_000_000_000;

fn number(version: &str) -> Result<i64, Failure> {
    version.parse().map_err(|_| Failure::NotFound)
}

/// What the address asks, as typed; a million euros between 90 and 130 % when it does not.
fn asked(visit: &Visit) -> Asked {
    let typed = |name: &str, usual: &str| {
        let typed = visit.asked(name).unwrap_or_else(|| usual.to_owned());
        typed.trim().chars().take(20).collect()
    };
    Asked {
        total: typed("total", "1000000"),
        floor: typed("plancher", "90"),
        ceiling: typed("plafond", "130"),
    }
}

/// A number with at most two decimals, in hundredths.
fn hundredths(typed: &str) -> Option<i64> {
    let plain: String = typed.chars().filter(|one| !one.is_whitespace()).collect();
    let plain = plain.trim_end_matches(['€', '%']);
    let (whole, part) = plain.split_once([',', '.']).unwrap_or((plain, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = !whole.is_empty() && part.len() <= 2 && digits(whole) && digits(part);
    fits.then(|| format!("{whole}{part:0<2}").parse().ok())?
}

fn read(asked: &Asked) -> Option<NeedAsked> {
    let total = hundredths(&asked.total).filter(|cents| (1..=MOST * 100).contains(cents))?;
    let bound = |typed: &str| hundredths(typed).filter(|bps| *bps <= 1_000_000);
    let (floor, ceiling) = (bound(&asked.floor)?, bound(&asked.ceiling)?);
    (floor <= ceiling).then_some(NeedAsked {
        total: Cents::new(total),
        floor: BasisPoints::new(floor),
        ceiling: BasisPoints::new(ceiling),
    })
}

async fn preview(
    site: &Site,
    (version, table): (i64, &NeedTable),
    asked: &Asked,
) -> Result<Option<NeedPreview>, Failure> {
    let Some(asked) = read(asked) else { return Ok(None) };
    match site.actions.need_preview(version, table, asked).await {
        Ok(preview) => Ok(Some(preview)),
        Err(NoPreview::Bounds(_)) => Ok(None),
        Err(NoPreview::Broken(error)) => Err(error.into()),
    }
}

/// The page.
pub async fn show(
    State(site): State<Site>,
    _: StaffOf<FundReaders>,
    Path(version): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let version = number(&version)?;
    let mut db = site.reader.get().await?;
    let row = need::tables(&mut db).await?.into_iter().find(|row| row.version == version);
    drop(db);
    let row = row.ok_or(Failure::NotFound)?;
    let table = site.actions.need_table(version).await?.ok_or(Failure::NotFound)?;
    let asked = asked(&visit);
    let found = preview(&site, (version, &table), &asked).await?;
    let assumed = table.places.iter().filter(|place| place.assumed > 0).count();
    let page = NeedPage {
        new: visit.asked("fait").is_some(),
        sha256: hex::encode(&row.sha256),
        table: line(row),
        assumed: u64::try_from(assumed).unwrap_or_default(),
        criteria: table.criteria.iter().map(criterion).collect(),
        result: found.map(|found| result(found, version, &asked)),
        asked,
    };
    site.form_page(&visit, &page)
}

fn criterion(one: &Criterion) -> CriterionLine {
    CriterionLine {
        label: one.label.clone(),
        weight_bp: one.weight_bps,
        higher_is_need: one.higher_is_need,
        reference: written(one.reference),
        fallback: one.fallback.map(written),
        min_bp: one.ratio_min_bps,
        max_bp: one.ratio_max_bps,
    }
}

/// Ten-thousandths, as people write them.
fn written(value: i64) -> String {
    let text = format!("{},{:04}", value / 10_000, value % 10_000);
    text.trim_end_matches('0').trim_end_matches(',').to_owned()
}

fn per_head(one: &NeedEnvelope) -> Cents {
    Cents::new(one.envelope.get() / i64::max(one.population, 1))
}

fn name(code: &str) -> String {
    let name = place::departement(code).map_or("", |departement| departement.name);
    format!("{code} {name}")
}

fn result(found: NeedPreview, version: i64, asked: &Asked) -> NeedResult {
    let mut ranked: Vec<(Cents, &str)> =
        found.envelopes.iter().map(|one| (per_head(one), one.code.as_str())).collect();
    ranked.sort_unstable();
    let many = ranked.len().max(1);
    let class = |rank: usize| u8::try_from(rank * 5 / many).unwrap_or(4);
    let map = ranked
        .iter()
        .enumerate()
        .map(|(rank, (_, code))| MapCell { code: (*code).to_owned(), class: class(rank) })
        .collect();
    let end = |one: Option<&(Cents, &str)>| one.map_or(Cents::ZERO, |(cents, _)| *cents);
    let typed = [
        ("total", asked.total.as_str()),
        ("plancher", asked.floor.as_str()),
        ("plafond", asked.ceiling.as_str()),
    ];
    NeedResult {
        map,
        map_range: (end(ranked.first()), end(ranked.last())),
        rows: found.envelopes.iter().map(row).collect(),
        residue: found.residue,
        absent: found.absent.iter().map(|code| name(code)).collect(),
        before: found.before,
        file: format!("/fonds/besoins/{version}/enveloppes.csv?{}", query::written(typed)),
    }
}

fn row(one: &NeedEnvelope) -> EnvelopeLine {
    EnvelopeLine {
        name: name(&one.code),
        population: one.population,
        index_bp: one.index_bps,
        envelope: one.envelope,
        per_head: per_head(one),
        at_floor: one.at_floor,
        at_ceiling: one.at_ceiling,
        change: one.before.map(|before| Cents::new(one.envelope.get() - before.get())),
    }
}

/// The file of a version, as it was sent.
pub async fn table(
    State(site): State<Site>,
    _: StaffOf<FundReaders>,
    Path(version): Path<String>,
) -> Result<Response, Failure> {
    let version = number(&version)?;
    let mut db = site.reader.get().await?;
    let file = need::file(&mut db, version).await?.ok_or(Failure::NotFound)?;
    csv_file(&format!("besoins-{version}.csv"), file)
}

/// The envelopes as a file, amounts in cents.
pub async fn envelopes(
    State(site): State<Site>,
    _: StaffOf<FundReaders>,
    Path(version): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let version = number(&version)?;
    let table = site.actions.need_table(version).await?.ok_or(Failure::NotFound)?;
    let found = preview(&site, (version, &table), &asked(&visit)).await?;
    let found = found.ok_or(Failure::NotFound)?;
    let mut file = csv::row(&[
        "departement",
        "population",
        "indice_pb",
        "enveloppe_centimes",
        "borne",
        "version_precedente_centimes",
    ]);
    for one in &found.envelopes {
        let bound = match (one.at_floor, one.at_ceiling) {
            (true, _) => "plancher",
            (_, true) => "plafond",
            _ => "",
        };
        file.extend(csv::row(&[
            one.code.clone(),
            one.population.to_string(),
            one.index_bps.to_string(),
            one.envelope.get().to_string(),
            bound.to_owned(),
            one.before.map(|before| before.get().to_string()).unwrap_or_default(),
        ]));
    }
    csv_file(&format!("enveloppes-{version}.csv"), file)
}
