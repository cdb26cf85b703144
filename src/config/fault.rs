//! What may be wrong with the settings, in the words an operator reads.

use std::fmt;

/// One thing that is wrong, named by its setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Path of the setting, `stripe.secret_key`.
    pub setting: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a setting. The words never repeat a value, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// An `ESSAIM_` variable or a key of the file that means nothing.
    #[error("ce réglage n’existe pas")]
    Unknown,
    /// The file cannot be read.
    #[error("le fichier n’est pas lisible : {0}")]
    Unreadable(String),
    /// Another kind of value is expected.
    #[error("on attend {0}")]
    Expected(&'static str),
    /// Must be given.
    #[error("ce réglage est nécessaire ici")]
    Missing,
    /// Outside its bounds.
    #[error("on attend un nombre entre {0} et {1}")]
    OutOfBounds(i64, i64),
    /// An address other than https in production.
    #[error("en production, et hors de la machine elle-même, l’adresse commence par https://")]
    NotHttps,
    /// The sandbox in production.
    #[error("en production, l’adresse est https://api.stripe.com : le bac à sable est refusé")]
    SandboxInProduction,
    /// A test key in production.
    #[error(
        "en production, la clé commence par sk_live_ ou rk_live_ : une clé d’essai est refusée"
    )]
    TestKeyInProduction,
    /// A live key elsewhere.
    #[error("une clé réelle n’est permise qu’en production")]
    LiveKeyOutsideProduction,
    /// The real provider in the demo.
    #[error("la démonstration ne parle qu’à son bac à sable")]
    RealProviderInDemo,
    /// Files instead of letters in production.
    #[error("en production, les lettres partent par smtp, pas dans des fichiers")]
    MailToFilesInProduction,
    /// Letters in clear over the network in production.
    #[error("en production, smtp est chiffré (starttls ou tls), sauf sur la machine elle-même")]
    MailInClear,
    /// Part of a whole.
    #[error("les trois réglages dkim vont ensemble : tous, ou aucun")]
    HalfDkim,
    /// Part of a whole.
    #[error("issuer, client_id et client_secret vont ensemble : tous, ou aucun")]
    HalfProvider,
    /// The invented operator in production.
    #[error("en production, ce réglage porte les données du véritable exploitant")]
    FictionalOperator,
    /// A job would lose its lease before its end.
    #[error("le bail doit durer plus longtemps que la limite de temps d’une tâche ({0} s)")]
    LeaseTooShort(i64),
    /// A request would be given up before the call it makes.
    #[error("une requête doit durer plus longtemps que l’appel au prestataire ({0} s)")]
    RequestTooShort(i64),
    /// A smallest above a largest.
    #[error("le minimum dépasse le maximum")]
    MinAboveMax,
    /// A security.txt of the past.
    #[error("cette date est passée")]
    Past,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} : {}", self.setting, self.problem)
    }
}

/// Everything that is wrong, told at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Essaim ne démarre pas, ses réglages sont à corriger :")?;
        for fault in &self.0 {
            write!(f, "\n  - {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
