//! The fields of the rule editor: texts as typed, one field per choice.

use std::collections::BTreeMap;

use serde::Serialize;

/// What an editor shows and sends back, by the name of its field: `taux`, `rural`,
/// `bonus-0-fois`… A box is "oui" when it is ticked.
pub type Fields = BTreeMap<String, String>;

/// One multiplier, as the editor shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BonusFields {
    /// Its place in the form, from 0.
    pub place: usize,
    /// Condition code: `rural`, `urgence`, `territoires`… nothing for an empty row.
    pub when: String,
    /// Territory codes.
    pub territories: String,
    /// Times the rate.
    pub times: String,
    /// The rate that comes of it, in basis points, when it can be read.
    pub rate: Option<i64>,
}

/// A box to tick.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Its code.
    pub code: String,
    /// It is ticked.
    pub on: bool,
}

/// Something typed that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldFault {
    /// The field.
    pub field: String,
    /// What is wrong, and an example.
    pub words: &'static str,
}
