//! Forms that change something: from our page, of this visit, with only the fields we know.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::de::{DeserializeOwned, IntoDeserializer, value};

use templates::pages::refused::RefusedReason;

use super::{cookies::Flow, error::Failure, guard, query, state::Site, visit::Visit};

/// The hidden field that holds the token of a form.
pub const TOKEN: &str = "flow";

/// A form as typed. `T` holds texts: parsing them, and saying what is wrong with which, is the
/// handler's work. It must refuse unknown fields. What was typed is given only to a handler that
/// says what happens when the form is not of this visit.
pub struct Typed<T> {
    form: T,
    flow: Option<Flow>,
    vouched: bool,
}

impl<T> Typed<T> {
    /// What was typed and the thread of the visit, if the form carries the visit's token.
    ///
    /// # Errors
    /// Gives back what was typed, to be shown again, never acted on.
    pub fn of_this_visit(self) -> Result<(T, Flow), T> {
        match self.flow {
            Some(flow) => Ok((self.form, flow)),
            None => Err(self.form),
        }
    }

    /// The same, when there is nothing worth showing again.
    ///
    /// # Errors
    /// The page that says so.
    pub fn trusted(self) -> Result<(T, Flow), Failure> {
        self.of_this_visit().map_err(|_| Failure::ForeignForm)
    }

    /// What was typed, if the form carries the token or the browser itself says that it stands on a
    /// page of ours: for forms on pages that are cached for everybody, hence without a token.
    ///
    /// # Errors
    /// Gives back what was typed, to be shown again, never acted on.
    pub fn from_our_page(self) -> Result<T, T> {
        if self.vouched || self.flow.is_some() { Ok(self.form) } else { Err(self.form) }
    }

    /// What was typed, whoever made the form: only where forging it harms nobody.
    pub fn whoever_sent_it(self) -> T {
        self.form
    }
}

impl<T: DeserializeOwned> FromRequest<Site> for Typed<T> {
    type Rejection = Response;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(visit) = Visit::from_request_parts(&mut parts, site).await;
        let vouched = guard::is_vouched(&parts.headers, &site.config.base_url);
        let mut pairs = pairs(Request::from_parts(parts, body), site).await?;
        admit(site, &visit).await?;
        let token = pairs.iter().position(|(name, _)| name == TOKEN);
        let token = token.map(|place| pairs.swap_remove(place).1).unwrap_or_default();
        let flow = visit.flow.clone().filter(|flow| flow.accepts(visit.path(), &token));
        let form = read(pairs).map_err(|_| not_understood())?;
        Ok(Self { form, flow, vouched })
    }
}

/// Whoever sends forms does so within the limits of a visitor.
pub(super) async fn admit(site: &Site, visit: &Visit) -> Result<(), Response> {
    let limits = &site.config.limits;
    let who = visit.flow.as_ref().map_or_else(|| visit.client.bucket(), Flow::bucket);
    let key = format!("unsafe:{who}");
    if site.ephemeral.has_room(&key, limits.unsafe_requests, limits.unsafe_period).await {
        return Ok(());
    }
    Err(Failure::TooMany(limits.unsafe_period.as_secs()).into_response())
}

pub(super) fn not_understood() -> Response {
    let why = RefusedReason::NotUnderstood { detail: None };
    Failure::refused(StatusCode::UNPROCESSABLE_ENTITY, why).into_response()
}

async fn pairs(request: Request, site: &Site) -> Result<Vec<(String, String)>, Response> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_form = kind.is_some_and(|kind| {
        let essence = kind.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    });
    if !is_form {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
    }
    let body = Bytes::from_request(request, site).await.map_err(IntoResponse::into_response)?;
    Ok(query::pairs(&body))
}

fn read<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, value::Error> {
    let pairs = pairs.into_iter().map(|(name, text)| (name, Text(text)));
    T::deserialize(value::MapDeserializer::new(pairs))
}

/// A text that also reads as "given" where a field is optional, and empty as "not given".
struct Text(String);

impl<'de> IntoDeserializer<'de> for Text {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> serde::Deserializer<'de> for Text {
    type Error = value::Error;

    fn deserialize_any<V: serde::de::Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: serde::de::Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        if self.0.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        montant: String,
        nom: Option<String>,
    }

    fn sample(body: &str) -> Result<Sample, value::Error> {
        read(query::pairs(body.as_bytes()))
    }

    #[test]
    fn a_form_is_read_as_browsers_write_it() {
        let typed = sample("montant=37%2C5+%E2%82%AC&nom=").unwrap();
        assert_eq!(typed, Sample { montant: "37,5 €".into(), nom: None });
        let typed = sample("nom=L%27abb%C3%A9&montant=100%").unwrap();
        assert_eq!(typed, Sample { montant: "100%".into(), nom: Some("L'abbé".into()) });
    }

    #[test]
    fn a_field_we_do_not_know_or_know_twice_is_refused() {
        for wrong in ["montant=1&role=admin", "montant=1&montant=2", "nom=x", ""] {
            assert!(sample(wrong).is_err(), "{wrong}");
        }
    }
}
