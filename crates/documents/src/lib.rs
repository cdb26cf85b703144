#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod fonts;
mod mentions;
mod receipt;
mod share;
mod typeset;
pub mod words;

use sha2::{Digest, Sha256};
use typst::foundations::Bytes;

pub use receipt::{
    BodyCategory, Cancellation, CancellationReason, Donor, Issuer, Payment, ReceiptData, Ruling,
    Separately, Signature, Verification,
};
pub use share::ShareData;

use fonts::Fonts;
use typeset::Typesetter;

/// Draws every document of the house. Built once: it holds the fonts and the compiled templates.
///
/// Each function is CPU work of tens of milliseconds or more: call it on a blocking thread.
pub struct Documents {
    fonts: Fonts,
    typesetter: Typesetter,
    drawer: share::Drawer,
}

/// A finished PDF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pdf {
    /// The file: PDF/A-3a and PDF/UA-1, tagged, fonts embedded. The same data give the same bytes.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes, in lower-case hexadecimal.
    pub sha256: String,
}

impl Pdf {
    fn new(bytes: Vec<u8>) -> Self {
        let sha256 = hex::encode(Sha256::digest(&bytes));
        Self { bytes, sha256 }
    }
}

/// A document that could not be drawn. Messages carry no personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A mention that the law requires is empty.
    #[error("the mandatory mention {0} is empty")]
    Missing(&'static str),
    /// A letter that none of our fonts draws: a person must be asked for another spelling.
    #[error("{0} has letters that our fonts cannot draw")]
    Unprintable(&'static str),
    /// The amount is not that of a gift.
    #[error("the amount is not positive, or has no words")]
    Amount,
    /// The texts are too long for one page.
    #[error("the document takes {0} pages instead of one")]
    TooLong(usize),
    /// The template or an image was refused; says by what, without the data.
    #[error("drawing failed: {0}")]
    Drawing(String),
}

impl Documents {
    /// Loads the embedded fonts and templates.
    #[must_use]
    pub fn new() -> Self {
        let fonts = Fonts::embedded();
        let typesetter = Typesetter::new(&fonts);
        Self { fonts, typesetter, drawer: share::Drawer::new() }
    }

    /// Draws the tax receipt of a household's gift: the mentions of Cerfa 11580*05 in free layout.
    ///
    /// # Errors
    /// When a mandatory mention is empty, cannot be printed or does not fit one page.
    pub fn receipt(&self, receipt: &ReceiptData) -> Result<Pdf, Broken> {
        self.draw_receipt(receipt, None)
    }

    /// Draws the letter that cancels a receipt: same number, same mentions, and why.
    ///
    /// # Errors
    /// As [`Documents::receipt`].
    pub fn cancelled_receipt(
        &self,
        receipt: &ReceiptData,
        cancellation: &Cancellation,
    ) -> Result<Pdf, Broken> {
        self.draw_receipt(receipt, Some(cancellation))
    }

    fn draw_receipt(
        &self,
        receipt: &ReceiptData,
        cancellation: Option<&Cancellation>,
    ) -> Result<Pdf, Broken> {
        let mut mentions = mentions::mentions(receipt, cancellation, &self.fonts)?;
        let signature = Bytes::from_string(receipt.signature.svg.clone());
        let identifier = match cancellation {
            None => receipt.number.clone(),
            Some(_) => format!("{}/annulation", receipt.number),
        };
        self.typesetter.pdf(&mut mentions, signature, &identifier).map(Pdf::new)
    }

    /// Draws the image that social networks show for a campaign: PNG, 1200 x 630.
    ///
    /// # Errors
    /// When the template is refused, which a test excludes.
    pub fn share_image(&self, share: &ShareData) -> Result<Vec<u8>, Broken> {
        self.drawer.png(share, &self.fonts)
    }

    /// True when our fonts have every letter of a text, so that a form may ask for another spelling
    /// before a receipt is due. Emoji and symbols do not count: they are replaced.
    #[must_use]
    pub fn can_print(&self, text: &str) -> bool {
        self.fonts.printable(text).is_some()
    }
}

impl Default for Documents {
    fn default() -> Self {
        Self::new()
    }
}
