//! Where the provider is, and who we are there.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

/// The one address that a live key may be shown to.
pub(super) const STRIPE: &str = "https://api.stripe.com";

/// How to reach the provider.
#[derive(Clone, Debug)]
pub struct StripeConfig {
    /// Address of the API; Stripe's own when absent.
    pub base_url: Option<String>,
    /// Secret key, `sk_…` or restricted `rk_…`.
    pub secret_key: SecretString,
    /// After so long a call is given up, its outcome unknown; all its attempts together.
    pub timeout: Duration,
}

/// Settings that would mix real money and trial money, or cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misconfigured {
    /// A live key must never leave for anybody but Stripe.
    #[error("a live key is for https://api.stripe.com only")]
    LiveKeyElsewhere,
    /// Not a secret key of Stripe's shape.
    #[error("the key is none of sk_test_…, rk_test_…, sk_live_…, rk_live_…")]
    NotAKey,
    /// The sandbox's key means nothing to Stripe.
    #[error("the demonstration's key is for the sandbox only")]
    SandboxKeyAtStripe,
    /// The address cannot be used.
    #[error("the address is not http://… or https://…; Stripe's is https://api.stripe.com")]
    NotAnAddress,
    /// Nothing can be done in no time.
    #[error("the time limit is zero")]
    NoTime,
}

impl StripeConfig {
    /// The address with its last slash.
    pub(super) fn address(&self) -> String {
        let base = self.base_url.as_deref().unwrap_or(STRIPE);
        format!("{}/", base.trim_end_matches('/'))
    }

    /// Checks that the key and the address belong together (fault A18).
    ///
    /// # Errors
    /// Says what does not fit.
    pub fn check(&self) -> Result<(), Misconfigured> {
        let key = self.secret_key.expose_secret();
        let rest = key.strip_prefix("sk_").or_else(|| key.strip_prefix("rk_"));
        let rest = rest.ok_or(Misconfigured::NotAKey)?;
        let live = rest.starts_with("live_");
        if !live && !rest.starts_with("test_") {
            return Err(Misconfigured::NotAKey);
        }
        let address = self.address();
        let at_stripe = address == format!("{STRIPE}/");
        let host = address.split_once("://").map_or("", |(_, host)| host);
        let scheme_fits = address.starts_with("http://") || address.starts_with("https://");
        if !scheme_fits || (!at_stripe && host.starts_with("api.stripe.com")) {
            Err(Misconfigured::NotAnAddress)
        } else if live && !at_stripe {
            Err(Misconfigured::LiveKeyElsewhere)
        } else if at_stripe && rest.starts_with("test_demonstration") {
            Err(Misconfigured::SandboxKeyAtStripe)
        } else if self.timeout.is_zero() {
            Err(Misconfigured::NoTime)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(key: &str, base_url: Option<&str>) -> Result<(), Misconfigured> {
        let secret_key = SecretString::from(key.to_owned());
        let base_url = base_url.map(str::to_owned);
        StripeConfig { base_url, secret_key, timeout: Duration::from_secs(20) }.check()
    }

    #[test]
    fn real_money_and_trial_money_do_not_mix() {
        let sandbox = Some("http://127.0.0.1:8081");
        assert_eq!(checked("sk_live_x", None), Ok(()));
        assert_eq!(checked("rk_live_x", Some("https://api.stripe.com/")), Ok(()));
        assert_eq!(checked("sk_test_x", None), Ok(()));
        assert_eq!(checked("sk_test_x", sandbox), Ok(()));
        assert_eq!(checked("sk_live_x", sandbox), Err(Misconfigured::LiveKeyElsewhere));
        let likeness = Some("https://api.stripe.com.example");
        assert!(checked("sk_live_x", likeness).is_err());
        let unsafe_way = Some("http://api.stripe.com");
        assert_eq!(checked("sk_live_x", unsafe_way), Err(Misconfigured::NotAnAddress));
        let sandbox_key = "sk_test_demonstration";
        assert_eq!(checked(sandbox_key, None), Err(Misconfigured::SandboxKeyAtStripe));
        assert_eq!(checked(sandbox_key, sandbox), Ok(()));
        assert_eq!(checked("pk_live_x", None), Err(Misconfigured::NotAKey));
        assert_eq!(checked("", None), Err(Misconfigured::NotAKey));
        assert_eq!(checked("sk_test_x", Some("api")), Err(Misconfigured::NotAnAddress));
    }
}
