//! `/fonds/besoins`: tables of need and flags of communes; an operator imports, an auditor reads.

use actions::{FlagColumns, ImportRefused};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::{place, role::StaffRole};
use store::need::{self, FlagsRow, TableRow};
use templates::pages::{
    Needs,
    need::{Fault, FlagsLine, NeedNotice, TableLine},
};

use crate::web::{
    error::{Failure, answered},
    extract::{FundReaders, Operators, StaffOf},
    state::Site,
    uploads::Upload,
    visit::Visit,
};

/// The published table of communes has some 33 MB.
pub const LARGEST: usize = 64 << 20;
/// Fields of both forms, beside the file and the token.
const FIELDS: [&str; 4] = ["geste", "millesime", "rural", "prioritaire"];
/// Faults that are told.
const TOLD: usize = 20;

/// What is said above the page.
#[derive(Default)]
struct Said {
    faults: Vec<Fault>,
    notice: Option<NeedNotice>,
}

/// The page.
pub async fn show(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<FundReaders>,
    visit: Visit,
) -> Result<Response, Failure> {
    let version = visit.asked("zonages").and_then(|version| version.parse().ok());
    let notice = version.map(|version| NeedNotice::Flags { version });
    let writes = staff.role == StaffRole::Operator;
    let page = page(&site, writes, Said { notice, ..Said::default() }).await?;
    site.form_page(&visit, &page)
}

async fn page(site: &Site, writes: bool, said: Said) -> Result<Needs, Failure> {
    let mut db = site.reader.get().await?;
    let tables = need::tables(&mut db).await?;
    let flags = need::flags(&mut db).await?;
    let own_flags = count(need::campaigns_without_flags(&mut db).await?);
    Ok(Needs {
        writes,
        tables: tables.into_iter().map(line).collect(),
        flags: flags.into_iter().map(flags_line).collect(),
        own_flags,
        faults: said.faults,
        notice: said.notice,
    })
}

fn count(rows: i64) -> u64 {
    u64::try_from(rows).unwrap_or_default()
}

pub(super) fn line(row: TableRow) -> TableLine {
    TableLine {
        version: row.version,
        communes: row.scale == "commune",
        places: count(row.places),
        source: row.source,
        vintage: row.vintage,
        by: row.by,
        at: row.imported_at.into(),
    }
}

fn flags_line(row: FlagsRow) -> FlagsLine {
    let mut columns = row.columns.into_iter();
    let mut column = || columns.next().unwrap_or_default();
    FlagsLine {
        version: row.version,
        vintage: row.vintage,
        rural_column: column(),
        priority_column: column(),
        communes: count(row.communes),
        rural: count(row.rural),
        priority: count(row.priority),
        campaigns: count(row.campaigns),
        by: row.by,
        at: row.imported_at.into(),
    }
}

/// A file is imported, whole or not at all.
pub async fn import(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<Operators>,
    visit: Visit,
    upload: Upload,
) -> Result<Response, Failure> {
    let refused = async |status: StatusCode, faults: Vec<Fault>, notice: NeedNotice| {
        let page = page(&site, true, Said { faults, notice: Some(notice) }).await?;
        site.refused_form(&visit, status, &page)
    };
    let Some((fields, file)) = upload.of_this_visit(&FIELDS)? else {
        return refused(StatusCode::FORBIDDEN, Vec::new(), NeedNotice::FormExpired).await;
    };
    let field =
        |name: &str| fields.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    let now = site.now();
    let flags = field("geste") == "zonages";
    let imported = if flags {
        let columns = FlagColumns { rural: field("rural"), priority: field("prioritaire") };
        site.actions.import_flags(&staff, (file, &field("millesime"), columns), now).await
    } else {
        site.actions.import_need(&staff, file, now).await
    };
    match answered(imported)? {
        Ok(version) if flags => {
            Ok(Redirect::to(&format!("/fonds/besoins?zonages={version}")).into_response())
        }
        Ok(version) => {
            Ok(Redirect::to(&format!("/fonds/besoins/{version}?fait=importer")).into_response())
        }
        Err(ImportRefused::Faults(mut faults)) => {
            if faults.len() > TOLD {
                faults.truncate(TOLD);
                faults.push(Fault::of_file(templates::pages::need::Wrong::AndMore));
            }
            let notice = if flags { NeedNotice::FlagsRefused } else { NeedNotice::TableRefused };
            refused(StatusCode::UNPROCESSABLE_ENTITY, faults, notice).await
        }
        Err(ImportRefused::Desk(_)) => {
            refused(StatusCode::FORBIDDEN, Vec::new(), NeedNotice::NotAllowed).await
        }
    }
}

/// A file as a download.
pub(super) fn csv_file(name: &str, body: impl IntoResponse) -> Result<Response, Failure> {
    let mut answer = body.into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let name = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))?;
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(answer)
}

/// A table that can be imported, made of what the house knows of the départements.
pub async fn model(_: StaffOf<FundReaders>) -> Result<Response, Failure> {
    csv_file("modele-besoins.csv", model_text())
}

fn model_text() -> String {
    let all = place::departements();
    let mean = |of: fn(&place::Departement) -> Option<i64>| {
        let known = all.iter().filter_map(|one| Some((of(one)?, i64::from(one.population))));
        let (sum, people) =
            known.fold((0, 0), |(sum, all), (value, people)| (sum + value * people, all + people));
        written(sum / i64::max(people, 1))
    };
    let poverty = mean(|one| Some(one.poverty?.get()));
    let rural = mean(|one| Some(one.rural_share.get()));
    let mut text = format!(
        "source;Insee, Filosofi et code officiel géographique, par Etalab\n\
         millésime;2013 (pauvreté), 2026 (communes)\n\
         échelle;département\n\
         critère;poids;sens;référence;repli;minimum;maximum;libellé\n\
         pauvrete;70;croissant;{poverty};{poverty};50;200;Taux de pauvreté (%)\n\
         ruralite;30;croissant;{rural};;50;200;Habitants de communes de moins de 3 500 \
         habitants (%)\n\
         code;population;pauvrete;ruralite\n"
    );
    for one in all {
        let poverty = one.poverty.map(|share| written(share.get())).unwrap_or_default();
        let rural = written(one.rural_share.get());
        text.push_str(&format!("{};{};{poverty};{rural}\n", one.code, one.population));
    }
    text
}

/// Hundredths, as people write them.
fn written(hundredths: i64) -> String {
    format!("{},{:02}", hundredths / 100, hundredths % 100)
}
