//! Limits on money, counted in PostgreSQL: one statement each, so no two requests race.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use store::{
    Tx,
    operator::{self, Bucket},
};
use time::OffsetDateTime;

use crate::house::Actions;

/// Where a request comes from, as far as limits count it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Client {
    /// The address: IPv4 whole, IPv6 as its /64.
    pub address: String,
    /// The flow cookie of the visitor.
    pub flow: String,
    /// A known shared address, such as a library or town hall: twenty times the limit.
    pub shared: bool,
}

/// A limit: uses in a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub name: &'static str,
    pub uses: u32,
    pub seconds: u32,
}

/// Payment intents of one address.
pub(crate) const INTENTS_OF_ADDRESS: [Limit; 2] = [
    Limit { name: "intents/address", uses: 6, seconds: 600 },
    Limit { name: "intents/address/day", uses: 20, seconds: 86_400 },
];
/// Payment intents of one visitor or e-mail address.
pub(crate) const INTENTS_OF_PERSON: [Limit; 2] = [
    Limit { name: "intents/person", uses: 5, seconds: 600 },
    Limit { name: "intents/person/day", uses: 15, seconds: 86_400 },
];
/// Declines of one card, whatever the address.
pub(crate) const DECLINES_OF_CARD: Limit =
    Limit { name: "declines/card", uses: 3, seconds: 86_400 };
/// Payment intents for one campaign: past it, a challenge, never a block.
pub(crate) const INTENTS_OF_CAMPAIGN: Limit =
    Limit { name: "intents/campaign", uses: 60, seconds: 600 };
/// Declines of cards asked for from one address.
pub(crate) const DECLINES_OF_ADDRESS: Limit =
    Limit { name: "declines/address", uses: 4, seconds: 3_600 };
/// Declines behind one e-mail address.
pub(crate) const DECLINES_OF_PERSON: Limit =
    Limit { name: "declines/person", uses: 4, seconds: 3_600 };
/// Receipts checked from one address.
pub(crate) const RECEIPT_CHECKS: Limit =
    Limit { name: "receipt-checks/address", uses: 10, seconds: 3_600 };
/// Letters asked for by strangers.
pub(crate) const LETTERS_OF_ADDRESS: Limit =
    Limit { name: "letters/address", uses: 3, seconds: 3_600 };
/// Letters to sign in asked for from one place.
pub(crate) const SIGN_INS_OF_ADDRESS: Limit =
    Limit { name: "sign-ins/address", uses: 10, seconds: 900 };
/// Letters to sign in sent to one e-mail address.
pub(crate) const SIGN_INS_OF_PERSON: Limit =
    Limit { name: "sign-ins/person", uses: 20, seconds: 3_600 };
/// Invitations of one person.
pub(crate) const INVITATIONS_OF_PERSON: Limit =
    Limit { name: "invitations/person", uses: 30, seconds: 86_400 };
/// Changes of address that one person asks for.
pub(crate) const ADDRESS_CHANGES_OF_PERSON: Limit =
    Limit { name: "address-changes/person", uses: 3, seconds: 86_400 };
/// Round trips to identity providers from one place, there and back.
pub(crate) const ROUND_TRIPS_OF_ADDRESS: Limit =
    Limit { name: "round-trips/address", uses: 60, seconds: 900 };
/// Codes and links tried from one place.
pub(crate) const CODES_OF_ADDRESS: Limit = Limit { name: "codes/address", uses: 30, seconds: 900 };
/// Problems reported from one address.
pub(crate) const REPORTS_OF_ADDRESS: Limit =
    Limit { name: "reports/address", uses: 5, seconds: 3_600 };

impl Actions {
    /// Takes one use of each limit for a key; false as soon as one is exhausted.
    pub(crate) async fn admit(
        &self,
        tx: &mut Tx,
        limits: &[Limit],
        (who, shared): (&str, bool),
        now: OffsetDateTime,
    ) -> anyhow::Result<bool> {
        for limit in limits {
            let key = format!("{}/{}", limit.name, self.hidden(who)?);
            let size = if shared { limit.uses * 20 } else { limit.uses };
            let bucket = Bucket { key: &key, size, period_seconds: limit.seconds };
            if !operator::admit(tx, &bucket, now).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Limits are counted by a keyed digest: the table holds no address of anybody.
    pub(crate) fn hidden(&self, who: &str) -> anyhow::Result<String> {
        let key = self.house().limits_key.expose_secret().as_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(key)?;
        mac.update(who.as_bytes());
        Ok(hex::encode(&mac.finalize().into_bytes()[..16]))
    }

    /// True when one more receipt may be checked from an address.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn admit_receipt_check(
        &self,
        client: &Client,
        now: OffsetDateTime,
    ) -> anyhow::Result<bool> {
        let mut tx = self.begin().await?;
        let who = (client.address.as_str(), client.shared);
        let admitted = self.admit(&mut tx, &[RECEIPT_CHECKS], who, now).await?;
        tx.commit().await?;
        Ok(admitted)
    }
}
