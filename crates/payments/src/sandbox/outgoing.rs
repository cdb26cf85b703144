//! Webhooks: the signature, and the task that sends events until they are taken.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use time::OffsetDateTime;

/// The header `Stripe-Signature` of a body: `t=…,v1=…`.
#[must_use]
pub fn sign(secret: &SecretString, body: &[u8], now: OffsetDateTime) -> String {
    let at = now.unix_timestamp();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(format!("{at}.").as_bytes());
    mac.update(body);
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}
