//! The little world that Typst sees: a template, its data, fonts; no disk, no clock, no network.

use typst::{
    Library, LibraryExt, World,
    diag::{FileError, FileResult, SourceDiagnostic},
    foundations::{Bytes, Datetime, Duration, Smart},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::{Broken, fonts::Fonts, mentions::Mentions};

const RECEIPT: &str = include_str!("../../../templates/documents/receipt.typ");
const LOGO: &str = include_str!("../../../templates/documents/logo.svg");

/// Sizes of text to try, in points: the first that holds on one page; the last is still legible.
const TEXT_SIZES: [f64; 4] = [11.0, 10.0, 8.5, 7.0];

/// What does not change from one document to the next.
pub(crate) struct Typesetter {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    template: Source,
    logo: (FileId, Bytes),
    // Ids are interned for ever: data and signature change under one name each.
    data: FileId,
    signature: FileId,
    standards: PdfStandards,
}

impl Typesetter {
    /// # Panics
    /// Never: the names and the standards are written below and used by every test.
    pub(crate) fn new(fonts: &Fonts) -> Self {
        let named = |name: &str| {
            let path = VirtualPath::new(name).expect("the names are written in this function");
            RootedPath::new(VirtualRoot::Project, path).intern()
        };
        Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts.faces())),
            fonts: fonts.faces(),
            template: Source::new(named("/receipt.typ"), RECEIPT.to_owned()),
            logo: (named("/logo.svg"), Bytes::from_string(LOGO)),
            data: named("/data.json"),
            signature: named("/signature.svg"),
            standards: PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1])
                .expect("archiving and accessibility go together"),
        }
    }

    /// Draws one page, in smaller letters when the mentions are long. `identifier` names the
    /// document for ever: same data, same bytes.
    pub(crate) fn pdf(
        &self,
        mentions: &mut Mentions,
        signature: Bytes,
        identifier: &str,
    ) -> Result<Vec<u8>, Broken> {
        let drawn = self.draw(mentions, signature).and_then(|document| {
            let options = PdfOptions {
                ident: Smart::Custom(identifier.to_owned()),
                creator: Smart::Custom(Some("Essaim".to_owned())),
                standards: self.standards.clone(),
                ..PdfOptions::default()
            };
            typst_pdf::pdf(&document, &options).map_err(|errors| broken(&errors))
        });
        // Typst remembers what it computed; without this, memory grows with each document.
        typst::comemo::evict(10);
        drawn
    }

    fn draw(&self, mentions: &mut Mentions, signature: Bytes) -> Result<PagedDocument, Broken> {
        let mut pages = 0;
        for size in TEXT_SIZES {
            mentions.text_size = size;
            let json =
                serde_json::to_vec(mentions).map_err(|error| Broken::Drawing(error.to_string()))?;
            let signature = signature.clone();
            let sheet = Sheet { typesetter: self, data: Bytes::new(json), signature };
            let compiled = typst::compile::<PagedDocument>(&sheet).output;
            let document = compiled.map_err(|errors| broken(&errors))?;
            pages = document.pages().len();
            if pages == 1 {
                return Ok(document);
            }
        }
        Err(Broken::TooLong(pages))
    }
}

/// Messages quote the text they are about, which may be a name: the quotation is cut.
fn broken(errors: &[SourceDiagnostic]) -> Broken {
    let message = errors.first().map_or("no reason given", |error| error.message.as_str());
    let before_quotation = message.split(['"', '`', '“', '\'']).next().unwrap_or_default();
    Broken::Drawing(before_quotation.trim().to_owned())
}

/// One document being drawn.
struct Sheet<'a> {
    typesetter: &'a Typesetter,
    data: Bytes,
    signature: Bytes,
}

impl World for Sheet<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.typesetter.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.typesetter.book
    }

    fn main(&self) -> FileId {
        self.typesetter.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main() {
            Ok(self.typesetter.template.clone())
        } else {
            Err(FileError::NotFound(id.vpath().get_with_slash().into()))
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let typesetter = self.typesetter;
        match id {
            id if id == typesetter.data => Ok(self.data.clone()),
            id if id == typesetter.signature => Ok(self.signature.clone()),
            id if id == typesetter.logo.0 => Ok(typesetter.logo.1.clone()),
            _ => Err(FileError::NotFound(id.vpath().get_with_slash().into())),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.typesetter.fonts.get(index).cloned()
    }

    /// No clock: every date is in the data.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
