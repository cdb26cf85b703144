//! `/campagnes/{slug}/partage.png`: the image that social networks show, drawn at most every ten
//! minutes.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderValue, header},
    response::Response,
};
use domain::{Cents, ids::OrganisationId};
use store::{campaigns, people, totals};

use super::{
    campaigns::{card::departement_name, standing},
    error::Failure,
    state::Site,
};
use crate::boot::ShareData;

const KEPT: Duration = Duration::from_secs(600);

/// The handler.
pub async fn image(
    State(site): State<Site>,
    Path(slug): Path<String>,
) -> Result<Response, Failure> {
    let drawn = async {
        let data = data(&site, &slug).await?;
        let documents = site.documents.clone();
        let draw = move || documents.share_image(&data);
        Ok(Bytes::from(tokio::task::spawn_blocking(draw).await??))
    };
    let key = format!("share:{slug}");
    let image = site.ephemeral.fragment(&key, KEPT, drawn).await;
    let image = image.map_err(|failure: Arc<Failure>| failure.as_ref().clone())?;
    let mut answer = Response::new(Body::from(image));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=600"));
    Ok(answer)
}

async fn data(site: &Site, slug: &str) -> Result<ShareData, Failure> {
    let mut db = site.reader.get().await?;
    let row = campaigns::by_slug(&mut db, slug).await?;
    let row = row.filter(|row| row.life().is_public()).ok_or(Failure::NotFound)?;
    let holder = people::organisation(&mut db, &OrganisationId::new(row.holder_id.clone())).await?;
    let totals = totals::read(&mut db, &row.campaign()).await?;
    let progress = standing::progress(&row, totals, site.now());
    Ok(ShareData {
        holder: holder.name,
        territory: departement_name(&row.departement),
        departement: row.departement,
        title: row.title,
        raised: progress.gathered(),
        matched: Cents::new(totals.matched_cents),
        goal_share: progress.of_minimum(),
    })
}
