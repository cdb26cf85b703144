//! `/statique/…`: style sheet, script, fonts, drawings, each under an address that follows its
//! content.

use axum::{
    body::Body,
    extract::{Path, Query},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::error::Failure;

/// The version in the address.
#[derive(Deserialize)]
pub struct Version {
    #[serde(default)]
    v: String,
}

/// A file. Asked for by its version it never changes; asked for without, it is asked again soon.
pub async fn file(
    Path(path): Path<String>,
    Query(version): Query<Version>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let file = templates::static_file(&path).ok_or(Failure::NotFound)?;
    let tag = format!("\"{}\"", file.hash);
    let keep = if version.v == file.hash {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=300"
    };
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag.as_str());
    let mut answer = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(match file.bytes {
            std::borrow::Cow::Borrowed(bytes) => Body::from(bytes),
            std::borrow::Cow::Owned(bytes) => Body::from(bytes),
        })
    };
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(header::ETAG, tag.parse()?);
    Ok(answer)
}
