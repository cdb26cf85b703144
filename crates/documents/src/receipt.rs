//! The mentions of a tax receipt (CGI art. 200, Cerfa 11580*05): fields, so none is forgotten.

use domain::{
    Cents, coded,
    gift::PaymentMethod,
    people::{PostalAddress, Siren},
};
use resvg::usvg;
use serde::{Deserialize, Serialize};
use time::Date;

time::serde::format_description!(iso_date, Date, "[year]-[month]-[day]");

/// All that a receipt says. Kept as JSON with its number, it can be drawn again to the byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptData {
    /// Order number, `ORG-01-2026-000001`.
    pub number: String,
    /// Who received the gift and issues the receipt.
    pub issuer: Issuer,
    /// Who gave.
    pub donor: Donor,
    /// What was given.
    pub payment: Payment,
    /// Who signs for the issuer.
    pub signature: Signature,
    /// Commune where the receipt is made.
    pub place: String,
    /// Day of issue, Paris.
    #[serde(with = "iso_date")]
    pub issued_on: Date,
    /// How anyone may check that the receipt is ours.
    pub verification: Verification,
    /// What the fund added, apart from the amount of the receipt.
    pub separately: Option<Separately>,
}

/// The organisation that receives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// Legal name.
    pub name: String,
    /// SIREN; this or the RNA is mandatory.
    pub siren: Option<Siren>,
    /// Number in the national register of associations; this or the SIREN is mandatory.
    pub rna: Option<String>,
    /// Address of the seat.
    pub address: PostalAddress,
    /// Object, explicit enough to see the legal character.
    pub object: String,
    /// The box that applies.
    pub category: BodyCategory,
    /// Ruling, decree or approval, where the category has one.
    pub ruling: Option<Ruling>,
}

/// A ruling of the tax administration, a decree or an approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// Its reference.
    pub reference: String,
    /// Its date.
    #[serde(with = "iso_date")]
    pub date: Date,
}

/// The donor; the address is mandatory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Donor {
    /// First and family name.
    pub name: String,
    /// Complete postal address.
    pub address: PostalAddress,
}

/// The payment. Form and nature are those of every gift made here: manual gift, in money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// What the donor gave, in euro cents; never what the fund added.
    pub amount: Cents,
    /// Day of payment, Paris.
    #[serde(with = "iso_date")]
    pub paid_on: Date,
    /// How.
    pub method: PaymentMethod,
}

/// The person empowered to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Name.
    pub name: String,
    /// Capacity, `présidente`.
    pub capacity: String,
    /// Image of the signature: an SVG document.
    pub svg: String,
}

impl Signature {
    /// True when an image can be printed as a signature: an SVG document that draws something.
    #[must_use]
    pub fn prints(svg: &str) -> bool {
        let tree = usvg::Tree::from_str(svg, &usvg::Options::default());
        tree.is_ok_and(|tree| tree.root().has_children())
    }
}

/// How to check a receipt: both number and code are asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Address of the page, as a person types it: `essaim.example/verifier/recu`.
    pub address: String,
    /// Code printed on this receipt only.
    pub code: String,
}

/// For information: the match, which gives no right to a reduction. Amounts in euro cents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Separately {
    /// What the fund added to this gift.
    pub matched: Cents,
    /// Public reference of the decision.
    pub reference: String,
    /// Tax reduction expected on the gift.
    pub reduction: Cents,
    /// Gift less reduction.
    pub after_tax_cost: Cents,
}

/// Why a receipt is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancellationReason {
    /// The whole gift went back to the donor.
    Refunded,
    /// Part of the gift went back: another receipt replaces this one.
    PartlyRefunded,
    /// The donor's bank took the payment back.
    Disputed,
    /// A mention was wrong: another receipt replaces this one.
    Corrected,
}

/// The cancellation of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// Why.
    pub reason: CancellationReason,
    /// On which day, Paris.
    #[serde(with = "iso_date")]
    pub on: Date,
    /// Number of the receipt that replaces it.
    pub replaced_by: Option<String>,
}

coded!(
    /// The box of the receipt that says what the issuer is. The codes are those of the tax
    /// categories; a category without right to a reduction has no box.
    BodyCategory {
        /// Body of general interest.
        GeneralInterest = "general_interest",
        /// State, local authority, public establishment.
        PublicBody = "public_body",
        /// Free meals, housing or care for people in difficulty.
        AidToPeopleInDifficulty = "aid_to_people_in_difficulty",
        /// Help to victims of domestic violence.
        DomesticViolence = "domestic_violence",
        /// Foundation recognised as of public utility.
        RupFoundation = "rup_foundation",
        /// Association recognised as of public utility.
        RupAssociation = "rup_association",
        /// Fonds de dotation.
        EndowmentFund = "endowment_fund",
        /// Approved body of another European State.
        EuApproved = "eu_approved",
        /// Structure for insertion through work.
        InsertionStructure = "insertion_structure",
        /// Higher education or research.
        HigherEducationResearch = "higher_education_research",
    }
);
