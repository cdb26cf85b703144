//! `/fonds/conventions/{number}/document`: the signed document of an agreement, for who steers the
//! pots and who audits them.

use actions::LARGEST_DOCUMENT;
use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use store::{agreements, receipts};
use templates::pages::pots::PotNotice;

use super::{
    AGREEMENTS,
    agreement::{page, read},
    told,
};
use crate::web::{
    error::{Failure, answered},
    extract::{FundReaders, Operators, StaffOf},
    state::Site,
    uploads::Upload,
    visit::Visit,
};

/// The form around the document takes some bytes too.
pub const LARGEST: usize = LARGEST_DOCUMENT + 16 * 1024;

/// A document is attached, instead of the one before.
pub async fn attach(
    State(site): State<Site>,
    StaffOf { staff, .. }: StaffOf<Operators>,
    Path(number): Path<String>,
    visit: Visit,
    upload: Upload,
) -> Result<Response, Failure> {
    let number = read(&number)?;
    let refused = async |(status, notice): (StatusCode, PotNotice)| {
        let mut page = page(&site, number, true).await?;
        page.notice = Some(notice);
        site.refused_form(&visit, status, &page)
    };
    let Some((_, file)) = upload.of_this_visit(&[])? else {
        return refused((StatusCode::FORBIDDEN, PotNotice::FormExpired)).await;
    };
    match answered(site.actions.attach_agreement(&staff, (number, &file), site.now()).await)? {
        Ok(()) => Ok(Redirect::to(&format!("{AGREEMENTS}/{number}?fait=oui")).into_response()),
        Err(why) => refused(told(why)).await,
    }
}

/// The file.
pub async fn file(
    State(site): State<Site>,
    _: StaffOf<FundReaders>,
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    let number = read(&number)?;
    let mut db = site.reader.get().await?;
    let row = agreements::read(&mut db, number).await?.ok_or(Failure::NotFound)?;
    let sha256 = row.document.ok_or(Failure::NotFound)?;
    let document = receipts::document(&mut db, &sha256).await?;
    let name = format!("attachment; filename=\"convention-{number}.pdf\"");
    let headers =
        [(header::CONTENT_TYPE, document.content_type), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, document.bytes).into_response())
}
