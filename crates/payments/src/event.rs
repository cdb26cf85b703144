//! What the provider sends: signed with HMAC-SHA-256 over `{time}.{raw body}`, scheme `v1`, as
//! Stripe's page on webhook signatures describes. Several secrets hold during a rotation.

use domain::ids::GiftId;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::gateway::ProviderRef;

/// The types of events that tell us something; the webhook endpoint subscribes to them, and the
/// reconciler lists them. Any other type is stored too when it arrives.
pub const SUBSCRIBED: [&str; 15] = [
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "payment_intent.canceled",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.succeeded",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
];

/// Bytes from anybody.
#[derive(Clone, Copy, Debug)]
pub struct UnverifiedEvent<'a> {
    /// The raw body.
    pub body: &'a [u8],
    /// The header `Stripe-Signature`.
    pub signature: &'a str,
}

/// What the provider signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEvent {
    /// Its id; a digest of the body when it has none.
    pub id: String,
    /// Its type, known to us or not.
    pub kind: String,
    /// Real money.
    pub livemode: bool,
    /// The object it is about.
    pub object: Option<ProviderRef>,
    /// The gift its object names.
    pub gift: Option<GiftId>,
    /// The instance its object names.
    pub instance: Option<String>,
}

/// Why an event is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The header cannot be read.
    #[error("the signature header cannot be read")]
    Unreadable,
    /// No secret of ours made this signature.
    #[error("the signature is wrong")]
    BadSignature,
    /// Signed by the provider, too long ago.
    #[error("the signature is too old")]
    Stale,
}

/// Believes an event, or says why not. The comparison takes the same time whatever the bytes.
///
/// # Errors
/// When the header cannot be read, no secret fits, or the time is outside the tolerance in seconds.
pub fn verify(
    event: &UnverifiedEvent<'_>,
    secrets: &[SecretString],
    now: OffsetDateTime,
    tolerance_seconds: i64,
) -> Result<PaymentEvent, VerifyError> {
    let mut times = Vec::new();
    let mut signatures = Vec::new();
    for part in event.signature.split(',') {
        match part.trim().split_once('=') {
            Some(("t", time)) => times.push(time),
            Some(("v1", hexadecimal)) => signatures.extend(hex::decode(hexadecimal)),
            _ => {}
        }
    }
    let [time] = times.as_slice() else { return Err(VerifyError::Unreadable) };
    let at: i64 = time.parse().map_err(|_| VerifyError::Unreadable)?;
    let holds = secrets.iter().filter(|secret| !secret.expose_secret().is_empty()).any(|secret| {
        signatures.iter().any(|signature| signed(event.body, time, secret, signature))
    });
    if !holds {
        return Err(VerifyError::BadSignature);
    }
    if (now.unix_timestamp() - at).abs() > tolerance_seconds {
        return Err(VerifyError::Stale);
    }
    Ok(read_event(event.body))
}

fn signed(body: &[u8], time: &str, secret: &SecretString, signature: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else {
        return false;
    };
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.verify_slice(signature).is_ok()
}

/// Reads what we need of an event, leniently: one that cannot be read is still an event to keep.
#[must_use]
pub fn read_event(body: &[u8]) -> PaymentEvent {
    let json: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let object = &json["data"]["object"];
    let metadata = &object["metadata"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let digest = || format!("sha256:{}", hex::encode(Sha256::digest(body)));
    PaymentEvent {
        id: text(&json["id"]).filter(|id| !id.is_empty()).unwrap_or_else(digest),
        kind: text(&json["type"]).unwrap_or_else(|| "unknown".to_owned()),
        livemode: json["livemode"].as_bool().unwrap_or(false),
        object: reference(object).or_else(|| reference(&json["related_object"])),
        gift: metadata["gift"].as_str().and_then(|id| id.parse().ok()).map(GiftId::new),
        instance: text(&metadata["instance"]),
    }
}

fn reference(object: &Value) -> Option<ProviderRef> {
    let id = object["id"].as_str()?.to_owned();
    let kind = object["object"].as_str().or_else(|| object["type"].as_str())?;
    match kind {
        "checkout.session" => Some(ProviderRef::Session(id)),
        "payment_intent" => Some(ProviderRef::PaymentIntent(id)),
        "charge" => Some(ProviderRef::Charge(id)),
        "dispute" => Some(ProviderRef::Dispute(id)),
        "refund" => Some(ProviderRef::Refund(id)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1","type":"charge.refunded","livemode":false,
        "data":{"object":{"id":"ch_1","object":"charge","metadata":{"instance":"essaim"}}}}"#;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    fn header(secret: &str, at: i64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{at}.").as_bytes());
        mac.update(body);
        format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
    }

    fn judge(signature: &str, body: &[u8], secrets: &[&str]) -> Result<String, VerifyError> {
        let secrets: Vec<SecretString> = secrets.iter().map(|text| secret(text)).collect();
        let now = OffsetDateTime::from_unix_timestamp(1_000_000).unwrap();
        verify(&UnverifiedEvent { body, signature }, &secrets, now, 300).map(|event| event.id)
    }

    #[test]
    fn a_signed_event_is_believed_by_old_and_new_secrets() {
        let good = header("whsec_new", 1_000_000, BODY);
        assert_eq!(judge(&good, BODY, &["whsec_new"]).as_deref(), Ok("evt_1"));
        assert_eq!(judge(&good, BODY, &["whsec_old", "whsec_new"]).as_deref(), Ok("evt_1"));
        let two = format!("{good},v1={}", "00".repeat(32));
        assert_eq!(judge(&two, BODY, &["whsec_new"]).as_deref(), Ok("evt_1"));
    }

    #[test]
    fn everything_else_is_refused() {
        let good = header("s", 1_000_000, BODY);
        let wrong = Err(VerifyError::BadSignature);
        assert_eq!(judge(&good, BODY, &["other"]), wrong);
        assert_eq!(judge(&good, b"{}", &["s"]), wrong);
        assert_eq!(judge(&header("", 1_000_000, BODY), BODY, &[""]), wrong);
        assert_eq!(judge(&good.replace("v1=", "v0="), BODY, &["s"]), wrong);
        assert_eq!(judge("", BODY, &["s"]), Err(VerifyError::Unreadable));
        assert_eq!(judge(&format!("t=1,{good}"), BODY, &["s"]), Err(VerifyError::Unreadable));
        for late in [1_000_301, 999_699] {
            assert_eq!(judge(&header("s", late, BODY), BODY, &["s"]), Err(VerifyError::Stale));
        }
        for edge in [1_000_300, 999_700] {
            assert!(judge(&header("s", edge, BODY), BODY, &["s"]).is_ok());
        }
    }

    #[test]
    fn what_cannot_be_read_is_kept_under_its_digest() {
        let event = read_event(b"\xff not json");
        assert!(event.id.starts_with("sha256:"));
        assert_eq!((event.kind.as_str(), event.object), ("unknown", None));
        let known = read_event(BODY);
        assert_eq!(known.object, Some(ProviderRef::Charge("ch_1".into())));
        assert_eq!(known.instance.as_deref(), Some("essaim"));
    }
}
