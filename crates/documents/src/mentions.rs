//! From facts to what the template prints: every mention present, every text drawable.

use domain::people::PostalAddress;
use serde::Serialize;
use time::Date;

use crate::{
    BodyCategory, Broken, Cancellation, CancellationReason, Issuer, ReceiptData, Separately,
    Signature, fonts::Fonts, words,
};

/// What the template reads: dates as year, month, day; amounts in cents; texts that can be drawn.
#[derive(Serialize)]
pub(crate) struct Mentions {
    /// Size of the text, in points: chosen by the typesetter.
    pub(crate) text_size: f64,
    number: String,
    issuer: IssuerMentions,
    donor: DonorMentions,
    amount: i64,
    amount_in_words: String,
    paid_on: Day,
    method: &'static str,
    signature: SignatureMentions,
    place: String,
    issued_on: Day,
    verification: VerificationMentions,
    separately: Option<SeparatelyMentions>,
    cancellation: Option<CancellationMentions>,
}

type Day = (i32, u8, u8);

#[derive(Serialize)]
struct IssuerMentions {
    name: String,
    siren: Option<String>,
    rna: Option<String>,
    address: AddressMentions,
    object: String,
    category: BodyCategory,
    ruling: Option<RulingMentions>,
}

#[derive(Serialize)]
struct RulingMentions {
    reference: String,
    date: Day,
}

#[derive(Serialize)]
struct DonorMentions {
    name: String,
    address: AddressMentions,
}

#[derive(Serialize)]
struct AddressMentions {
    line: String,
    postcode: String,
    city: String,
    country: String,
}

#[derive(Serialize)]
struct SignatureMentions {
    name: String,
    capacity: String,
}

#[derive(Serialize)]
struct VerificationMentions {
    address: String,
    code: String,
}

#[derive(Serialize)]
struct SeparatelyMentions {
    matched: i64,
    reference: String,
    reduction: i64,
    after_tax_cost: i64,
}

#[derive(Serialize)]
struct CancellationMentions {
    reason: CancellationReason,
    on: Day,
    replaced_by: Option<String>,
}

/// Reads texts so that none is empty nor undrawable.
struct Reader<'a> {
    fonts: &'a Fonts,
}

impl Reader<'_> {
    fn text(&self, mention: &'static str, text: &str) -> Result<String, Broken> {
        let clean = self.fonts.printable(text).ok_or(Broken::Unprintable(mention))?;
        if clean.is_empty() { Err(Broken::Missing(mention)) } else { Ok(clean) }
    }

    fn address(
        &self,
        mention: &'static str,
        address: &PostalAddress,
    ) -> Result<AddressMentions, Broken> {
        Ok(AddressMentions {
            line: self.text(mention, &address.line)?,
            postcode: self.text(mention, &address.postcode)?,
            city: self.text(mention, &address.city)?,
            country: self.text(mention, &address.country)?,
        })
    }

    fn issuer(&self, issuer: &Issuer) -> Result<IssuerMentions, Broken> {
        if issuer.siren.is_none() && issuer.rna.is_none() {
            return Err(Broken::Missing("issuer.siren or issuer.rna"));
        }
        let ruling = issuer.ruling.as_ref().map(|ruling| {
            let reference = self.text("issuer.ruling", &ruling.reference)?;
            Ok(RulingMentions { reference, date: day(ruling.date) })
        });
        let rna = issuer.rna.as_ref().map(|rna| self.text("issuer.rna", rna));
        Ok(IssuerMentions {
            name: self.text("issuer.name", &issuer.name)?,
            siren: issuer.siren.as_ref().map(|siren| siren.as_str().to_owned()),
            rna: rna.transpose()?,
            address: self.address("issuer.address", &issuer.address)?,
            object: self.text("issuer.object", &issuer.object)?,
            category: issuer.category,
            ruling: ruling.transpose()?,
        })
    }

    fn signature(&self, signature: &Signature) -> Result<SignatureMentions, Broken> {
        if signature.svg.trim().is_empty() {
            return Err(Broken::Missing("signature.svg"));
        }
        Ok(SignatureMentions {
            name: self.text("signature.name", &signature.name)?,
            capacity: self.text("signature.capacity", &signature.capacity)?,
        })
    }

    fn separately(&self, apart: &Separately) -> Result<SeparatelyMentions, Broken> {
        Ok(SeparatelyMentions {
            matched: apart.matched.get(),
            reference: self.text("separately.reference", &apart.reference)?,
            reduction: apart.reduction.get(),
            after_tax_cost: apart.after_tax_cost.get(),
        })
    }
}

fn day(date: Date) -> Day {
    (date.year(), u8::from(date.month()), date.day())
}

/// Every mention, checked.
pub(crate) fn mentions(
    receipt: &ReceiptData,
    cancellation: Option<&Cancellation>,
    fonts: &Fonts,
) -> Result<Mentions, Broken> {
    let reader = Reader { fonts };
    let amount = receipt.payment.amount;
    if !amount.is_positive() {
        return Err(Broken::Amount);
    }
    Ok(Mentions {
        text_size: 0.0,
        number: reader.text("number", &receipt.number)?,
        issuer: reader.issuer(&receipt.issuer)?,
        donor: DonorMentions {
            name: reader.text("donor.name", &receipt.donor.name)?,
            address: reader.address("donor.address", &receipt.donor.address)?,
        },
        amount: amount.get(),
        amount_in_words: words::euros(amount).ok_or(Broken::Amount)?,
        paid_on: day(receipt.payment.paid_on),
        method: receipt.payment.method.code(),
        signature: reader.signature(&receipt.signature)?,
        place: reader.text("place", &receipt.place)?,
        issued_on: day(receipt.issued_on),
        verification: VerificationMentions {
            address: reader.text("verification.address", &receipt.verification.address)?,
            code: reader.text("verification.code", &receipt.verification.code)?,
        },
        separately: receipt.separately.as_ref().map(|a| reader.separately(a)).transpose()?,
        cancellation: cancellation.map(|cancellation| CancellationMentions {
            reason: cancellation.reason,
            on: day(cancellation.on),
            replaced_by: cancellation.replaced_by.clone(),
        }),
    })
}
