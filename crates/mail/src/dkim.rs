//! DKIM signatures that an outside verifier accepts.
//!
//! Relaxed canonicalisation for both parts, and a list of headers without Content-Type: lettre
//! keeps that one in the body part, announces it and does not hash it: an invalid signature.

use std::fmt;

use lettre::message::{
    Message,
    dkim::{
        DkimCanonicalization, DkimCanonicalizationType, DkimConfig, DkimSigningAlgorithm,
        DkimSigningKey,
    },
    header::HeaderName,
};
use secrecy::{ExposeSecret, SecretString};

const SIGNED: [&str; 6] = ["From", "Subject", "To", "Date", "Message-ID", "MIME-Version"];
/// RFC 8058 section 4: the signature covers both headers of the one-click unsubscribe.
const SIGNED_LIST: [&str; 2] = ["List-Unsubscribe", "List-Unsubscribe-Post"];

/// Signs messages for one domain.
pub struct DkimSigner {
    letter: DkimConfig,
    listed: DkimConfig,
}

impl fmt::Debug for DkimSigner {
    /// Never prints the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DkimSigner(…)")
    }
}

/// The private key is not one that can sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DkimKeyRefused {
    /// OpenSSL 3 writes PKCS#8 unless told otherwise.
    #[error(
        "the DKIM key is in PKCS#8 (\"BEGIN PRIVATE KEY\"); PKCS#1 (\"BEGIN RSA PRIVATE KEY\") is \
         needed: openssl rsa -in key.pem -traditional -out dkim.pem"
    )]
    Pkcs8,
    /// Protected by a passphrase.
    #[error("the DKIM key is encrypted; give it without a passphrase")]
    Encrypted,
    /// Not an RSA key in PEM.
    #[error("the DKIM key is not an RSA private key in PEM, PKCS#1 (\"BEGIN RSA PRIVATE KEY\")")]
    NotAKey,
    /// The selector or the domain holds something else than letters, digits, dots and hyphens.
    #[error("the DKIM selector and domain are DNS names")]
    Name,
}

impl DkimSigner {
    /// A signer for `selector._domainkey.domain`, with a private key in PKCS#1 PEM.
    ///
    /// # Errors
    /// Says what is wrong with the key, and the command that converts it; never shows it.
    pub fn new(selector: &str, domain: &str, pem: &SecretString) -> Result<Self, DkimKeyRefused> {
        let dns = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if [selector, domain].iter().any(|name| name.is_empty() || !name.chars().all(dns)) {
            return Err(DkimKeyRefused::Name);
        }
        let pem = pem.expose_secret();
        if pem.contains("ENCRYPTED") {
            return Err(DkimKeyRefused::Encrypted);
        }
        if pem.contains("BEGIN PRIVATE KEY") {
            return Err(DkimKeyRefused::Pkcs8);
        }
        let config = |headers: &[&'static str]| {
            let key = DkimSigningKey::new(pem, DkimSigningAlgorithm::Rsa)
                .map_err(|_| DkimKeyRefused::NotAKey)?;
            let headers = headers.iter().map(|name| HeaderName::new_from_ascii_str(name));
            let relaxed = DkimCanonicalization {
                header: DkimCanonicalizationType::Relaxed,
                body: DkimCanonicalizationType::Relaxed,
            };
            let (selector, domain) = (selector.to_owned(), domain.to_owned());
            Ok(DkimConfig::new(selector, domain, key, headers.collect(), relaxed))
        };
        let listed = [SIGNED.as_slice(), SIGNED_LIST.as_slice()].concat();
        Ok(Self { letter: config(&SIGNED)?, listed: config(&listed)? })
    }

    /// Adds the signature; `listed` when the message carries the unsubscribe headers.
    pub(crate) fn sign(&self, message: &mut Message, listed: bool) {
        message.sign(if listed { &self.listed } else { &self.letter });
    }
}
