//! What robots and researchers look for: robots.txt, the site map, security.txt.

use std::fmt::Write;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use time::format_description::well_known::Rfc3339;

use super::{error::Failure, state::Site};
use crate::config::Environment;

/// Pages that are the same for everybody, besides campaigns.
const PAGES: [&str; 10] = [
    "/",
    "/campagnes",
    "/regles",
    "/transparence",
    "/verifier",
    "/verifier/recu",
    "/aide",
    "/accessibilite",
    "/conditions",
    "/mentions-legales",
];

/// `/robots.txt`. Only the real site wants to be found.
pub async fn robots(State(site): State<Site>) -> String {
    if site.config.env != Environment::Production {
        return "User-agent: *\nDisallow: /\n".to_owned();
    }
    let base = &site.config.base_url;
    format!(
        "User-agent: *\nDisallow: /dons/\nDisallow: /recus/\nDisallow: /suivi/\n\
         Disallow: /campagnes/*/don\nSitemap: {base}/sitemap.xml\n"
    )
}

/// `/sitemap.xml`. A slug is made of letters, digits and dashes, so nothing needs escaping.
pub async fn site_map(State(site): State<Site>) -> Result<Response, Failure> {
    let slugs = store::pages::list::public_slugs(&mut site.reader.get().await?).await?;
    let base = &site.config.base_url;
    let mut map = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    let pages = PAGES.iter().map(|path| (*path).to_owned());
    for path in pages.chain(slugs.iter().map(|slug| format!("/campagnes/{slug}"))) {
        writeln!(map, "<url><loc>{base}{path}</loc></url>")?;
    }
    map.push_str("</urlset>\n");
    let headers = [
        (header::CONTENT_TYPE, "application/xml; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    Ok((headers, map).into_response())
}

/// `/.well-known/security.txt` (RFC 9116).
pub async fn security(State(site): State<Site>) -> Result<Response, Failure> {
    let security = &site.config.security;
    let expires = security.expires.format(&Rfc3339)?;
    let base = &site.config.base_url;
    let text = format!(
        "Contact: {}\nExpires: {expires}\nPreferred-Languages: fr, en\n\
         Canonical: {base}/.well-known/security.txt\n",
        security.contact
    );
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}
