//! Pages of text: help, terms, privacy, accessibility, legal notices.

use axum::{extract::State, response::Response};
use domain::calendar::paris_date;
use templates::pages::{Accessibility, Help, LegalNotices, Privacy, Terms};

use super::{error::Failure, open_books::kept_minutes, state::Site, visit::Visit};

fn small<N: TryInto<u32>>(number: N) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}

/// `/aide`
pub async fn help(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    let make = async {
        let giving = site.config.giving;
        Ok(Help {
            min: giving.guest_min,
            max: giving.guest_max,
            refund_days: small(giving.refund_days),
            reserved_minutes: kept_minutes(&site.actions.match_terms().await?),
        })
    };
    site.public_page(&visit, visit.path(), make).await
}

/// `/conditions`
pub async fn terms(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    let make = async {
        let giving = site.config.giving;
        Ok(Terms {
            min: giving.guest_min,
            max: giving.guest_max,
            refund_days: small(giving.refund_days),
            reserved_minutes: kept_minutes(&site.actions.match_terms().await?),
        })
    };
    site.public_page(&visit, visit.path(), make).await
}

/// `/donnees-personnelles`
pub async fn privacy(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    site.public_page(&visit, visit.path(), async { Ok(Privacy::on(paris_date(site.now()))) }).await
}

/// `/accessibilite`
pub async fn accessibility(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    site.public_page(&visit, visit.path(), async { Ok(Accessibility {}) }).await
}

/// `/mentions-legales`
pub async fn legal(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    site.public_page(&visit, visit.path(), async { Ok(LegalNotices {}) }).await
}
