//! What a receipt says, frozen when it was issued: the part that its page shows.

use domain::people::PostalAddress;
use serde::Deserialize;
use serde_json::Value;

/// The printed mentions that are not columns.
#[derive(Clone, Debug, Deserialize)]
pub struct Content {
    /// Who issues.
    pub issuer: Issuer,
    /// Who gave.
    pub donor: Donor,
    /// Who signs.
    pub signature: Signature,
    /// Where.
    pub place: String,
}

/// Who issues.
#[derive(Clone, Debug, Deserialize)]
pub struct Issuer {
    /// Legal name.
    pub name: String,
    /// Nine digits.
    pub siren: Option<String>,
    /// Number in the national register of associations.
    pub rna: Option<String>,
    /// Seat.
    pub address: PostalAddress,
    /// Object.
    pub object: String,
    /// Code of the box that says what it is.
    pub category: String,
}

/// Who gave.
#[derive(Clone, Debug, Deserialize)]
pub struct Donor {
    /// First and family name.
    pub name: String,
    /// Address.
    pub address: PostalAddress,
}

/// Who signs.
#[derive(Clone, Debug, Deserialize)]
pub struct Signature {
    /// Name.
    pub name: String,
    /// In which capacity.
    pub capacity: String,
}

impl Content {
    /// Reads what is stored.
    ///
    /// # Errors
    /// When a mention is missing, which the house that wrote it excludes.
    pub fn read(stored: &Value) -> Result<Self, serde_json::Error> {
        Self::deserialize(stored)
    }

    /// `C. L.`
    #[must_use]
    pub fn initials(&self) -> String {
        let words = self.donor.name.split_whitespace().filter_map(|word| word.chars().next());
        let letters: Vec<String> =
            words.map(|letter| format!("{}.", letter.to_uppercase())).collect();
        letters.join(" ")
    }
}
