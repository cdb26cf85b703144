//! The fonts of documents: embedded, so that a document never depends on the machine.

use typst::{
    foundations::Bytes,
    layout::Abs,
    text::{Font, FontInstance, FontVariations},
};

/// Family of titles.
pub(crate) const TITLE: &str = "Essaim Titre";

/// Every file, the preferred first; the last one draws what the others lack.
pub(crate) const FILES: [&[u8]; 4] = [
    include_bytes!("../../../templates/documents/fonts/essaim-texte-400.ttf"),
    include_bytes!("../../../templates/documents/fonts/essaim-texte-700.ttf"),
    include_bytes!("../../../templates/documents/fonts/essaim-titre-700.ttf"),
    include_bytes!("../../../templates/documents/fonts/DejaVuSans.ttf"),
];

/// Stands for a symbol that no font draws.
const UNKNOWN_SYMBOL: char = '\u{25a1}';

/// The parsed fonts.
pub(crate) struct Fonts {
    faces: Vec<FontInstance>,
}

impl Fonts {
    /// # Panics
    /// Never: every test of this crate reads the same bytes.
    pub(crate) fn embedded() -> Self {
        let read = |file: &'static [u8]| {
            let font = Font::new(Bytes::new(file), 0);
            let font = font.expect("the embedded fonts are read by every test");
            let variant = font.info().variant;
            font.instantiate(variant, Abs::pt(10.0), &FontVariations::default())
        };
        Self { faces: FILES.into_iter().map(read).collect() }
    }

    pub(crate) fn faces(&self) -> Vec<Font> {
        self.faces.iter().map(|face| face.font().clone()).collect()
    }

    /// A text as it can be drawn: one line, no invisible character that would turn or hide others,
    /// a symbol that no font has replaced. Nothing when a *letter* is missing: names must be right.
    pub(crate) fn printable(&self, text: &str) -> Option<String> {
        let mut clean = String::with_capacity(text.len());
        for c in text.chars().filter(|c| !is_invisible(*c)) {
            let c = if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c };
            let drawn = if self.draws(c) {
                c
            } else if c.is_alphanumeric() {
                return None;
            } else {
                UNKNOWN_SYMBOL
            };
            let repeated = matches!(drawn, ' ' | UNKNOWN_SYMBOL) && clean.ends_with(drawn);
            if !repeated {
                clean.push(drawn);
            }
        }
        Some(clean.trim().to_owned())
    }

    fn draws(&self, c: char) -> bool {
        self.faces.iter().any(|face| face.ttf().glyph_index(c).is_some())
    }

    /// Width of a title in units of its size. Kerning is left out: it only makes text narrower.
    pub(crate) fn title_width(&self, text: &str) -> f64 {
        let title_first = || {
            let is_title = |face: &&FontInstance| face.font().info().family.as_str() == TITLE;
            self.faces.iter().filter(is_title).chain(&self.faces)
        };
        let advance = |c: char| {
            title_first().find_map(|face| {
                let ttf = face.ttf();
                let width = ttf.glyph_hor_advance(ttf.glyph_index(c)?)?;
                Some(f64::from(width) / f64::from(ttf.units_per_em()))
            })
        };
        text.chars().map(|c| advance(c).unwrap_or(1.0)).sum()
    }
}

/// Characters without a drawing that change how others are read: direction, joining, variation.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{1f3fb}'..='\u{1f3ff}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_one_plain_line() {
        let fonts = Fonts::embedded();
        let clean = |text| fonts.printable(text).unwrap();
        assert_eq!(clean("  Zoé\n\t d’Ormesson-O'Hara "), "Zoé d’Ormesson-O'Hara");
        assert_eq!(clean("a\u{202e}b\u{200b}c"), "abc");
        assert_eq!(clean("Léa 🫶🏽🪿"), "Léa □");
        assert_eq!(clean("Łukasz Nguyễn مريم דוד Αθηνά"), "Łukasz Nguyễn مريم דוד Αθηνά");
        assert_eq!(fonts.printable("王伟"), None, "a name is never printed as boxes");
    }

    #[test]
    fn widths_grow_with_text() {
        let fonts = Fonts::embedded();
        assert!(fonts.title_width("mm") > fonts.title_width("ii"));
        assert!(fonts.title_width("") < f64::EPSILON);
    }
}
