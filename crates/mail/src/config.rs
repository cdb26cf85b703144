//! What the house says in its settings about mail.

use std::{path::PathBuf, sync::Arc};

use domain::people::EmailAddress;
use secrecy::SecretString;
use serde::Deserialize;
use templates::letters::Letters;

use crate::{
    Composer, DkimKeyRefused, DkimSigner, FilePost, Post, Sender, SmtpConfig, SmtpPost, SmtpRefused,
};

/// The `mail` part of the settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address in From; its domain is that of our Message-IDs.
    pub from: EmailAddress,
    /// The name in From.
    pub from_name: String,
    /// Where answers go, when elsewhere.
    #[serde(default)]
    pub reply_to: Option<EmailAddress>,
    /// How letters leave.
    pub delivery: Delivery,
    /// How they are signed.
    #[serde(default)]
    pub dkim: Option<DkimConfig>,
}

/// How letters leave.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Through an SMTP server.
    Smtp(SmtpConfig),
    /// Into a folder: a demonstration, never production.
    Files {
        /// The folder.
        folder: PathBuf,
    },
}

/// A DKIM key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DkimConfig {
    /// The name under `_domainkey`.
    pub selector: String,
    /// The domain that signs.
    pub domain: String,
    /// The private key, PKCS#1 PEM.
    pub key_pem: SecretString,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigRefused {
    /// The SMTP part.
    #[error(transparent)]
    Smtp(#[from] SmtpRefused),
    /// The DKIM part.
    #[error(transparent)]
    Dkim(#[from] DkimKeyRefused),
    /// The name in From.
    #[error("mail: from_name holds a line break")]
    FromName,
    /// The folder cannot be made.
    #[error("mail: the folder of letters cannot be made: {0}")]
    Folder(#[from] std::io::Error),
}

impl Config {
    /// Opens the post that the settings describe. Connects to nothing yet.
    ///
    /// # Errors
    /// Says in one sentence what is wrong with the settings; never shows a secret.
    pub fn open(
        &self,
        letters: Arc<Letters>,
        site_url: &str,
        demo: bool,
    ) -> Result<Box<dyn Post>, ConfigRefused> {
        if self.from_name.chars().any(char::is_control) {
            return Err(ConfigRefused::FromName);
        }
        let sender = Sender {
            address: self.from.clone(),
            name: self.from_name.clone(),
            reply_to: self.reply_to.clone(),
            site_url: site_url.trim_end_matches('/').to_owned(),
            demo,
        };
        let mut composer = Composer::new(letters, sender);
        if let Some(dkim) = &self.dkim {
            composer =
                composer.signed_by(DkimSigner::new(&dkim.selector, &dkim.domain, &dkim.key_pem)?);
        }
        Ok(match &self.delivery {
            Delivery::Smtp(smtp) => Box::new(SmtpPost::new(composer, smtp.clone())?),
            Delivery::Files { folder } => Box::new(FilePost::new(composer, folder)?),
        })
    }
}
