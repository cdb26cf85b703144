//! The comb (« peigne »): honey cells are gifts, petrol cells the match, a bar is the minimum and
//! the end of the comb the optimum.

use std::fmt::Write;

use domain::Cents;
use serde_json::Value;

use super::length;
use crate::{figures::tenths, typography::euros};

/// How large a comb is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// In a card or beside a form.
    Card,
    /// At the head of a campaign.
    Page,
    /// On the page of a gift.
    Wide,
}

impl Size {
    pub fn read(value: &Value) -> Option<Self> {
        match value.as_str()? {
            "carte" => Some(Self::Card),
            "page" => Some(Self::Page),
            "large" => Some(Self::Wide),
            _ => None,
        }
    }

    const fn width(self) -> i64 {
        match self {
            Self::Card => 312,
            Self::Page => 480,
            Self::Wide => 520,
        }
    }

    const fn height(self) -> i64 {
        match self {
            Self::Page => 40,
            Self::Card | Self::Wide => 28,
        }
    }
}

/// What a campaign's comb shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    pub gifts: Cents,
    pub matched: Cents,
    pub minimum: Cents,
    pub optimum: Cents,
    /// Of the match, what does not count for the minimum.
    pub beside: Cents,
}

impl Totals {
    /// Reads the four figures of a card or of a progress.
    pub fn read(value: &Value) -> Option<Self> {
        let cents = |name: &str| value[name].as_i64().map(Cents::new);
        Some(Self {
            gifts: cents("gifts")?,
            matched: cents("matched")?,
            minimum: cents("minimum")?,
            optimum: cents("optimum")?,
            beside: cents("beside").unwrap_or_default(),
        })
    }

    fn gathered(&self) -> i64 {
        self.gifts.get().saturating_add(self.matched.get())
    }

    /// The end of the comb: the optimum, or what was gathered when it is more.
    fn end(&self) -> i64 {
        self.optimum.get().max(self.gathered()).max(self.minimum.get())
    }

    /// Where gifts end and where the match ends, in tenths of a unit of a comb of this size.
    pub fn layers(&self, size: Size) -> (i64, i64) {
        let gifts = tenths(self.gifts.get(), self.end(), size.width());
        let both = tenths(self.gathered(), self.end(), size.width());
        (gifts, both.max(gifts))
    }

    /// The widths of gifts and match, as the attributes of the drawing.
    pub fn widths(&self, size: Size) -> (String, String) {
        let (gifts, both) = self.layers(size);
        (length(gifts), length(both - gifts))
    }

    /// The comb in words.
    pub fn told(&self) -> String {
        let counted = self.gathered() - self.beside.get();
        let reached = if counted >= self.minimum.get() { " atteint" } else { "" };
        format!(
            "{} de dons et mécénat, {} d’abondement, minimum {}{reached}, optimum {}",
            euros(self.gifts, false),
            euros(self.matched, false),
            euros(self.minimum, false),
            euros(self.optimum, false),
        )
    }
}

/// A campaign's comb. The large one carries the names by which the live stream moves its layers.
pub fn campaign(totals: &Totals, size: Size) -> String {
    let live = size == Size::Page;
    let (gifts, matched) = totals.widths(size);
    let mut out = open(size, &totals.told(), if live { " data-l=\"peigne\"" } else { "" });
    let height = size.height();
    let (gifts_name, match_names) = if live {
        (" data-w=\"largeur-dons\"", " data-x=\"largeur-dons\" data-w=\"largeur-abondement\"")
    } else {
        ("", "")
    };
    let _ = write!(
        out,
        "<rect width=\"{gifts}\" height=\"{height}\" fill=\"url(#pk-d)\"{gifts_name}/>\
         <rect x=\"{gifts}\" width=\"{matched}\" height=\"{height}\" \
         fill=\"url(#pk-a)\"{match_names}/>"
    );
    let minimum = totals.minimum.get();
    if minimum > 0 && minimum < totals.end() {
        let at = length(tenths(minimum, totals.end(), size.width()));
        let _ = write!(
            out,
            "<path class=\"pk-halo\" d=\"M{at} -4V{0}\"/>\
             <path class=\"pk-min\" d=\"M{at} -4V{0}\"/>",
            height + 4
        );
    }
    out + "</svg>"
}

/// A gift and its match as one full comb.
pub fn gift(gift: Cents, matched: Cents, size: Size) -> String {
    let whole = gift.get().saturating_add(matched.get());
    let (width, height) = (size.width(), size.height());
    let given = tenths(gift.get(), whole, width);
    let told =
        format!("{} donnés, {} ajoutés par le fonds", euros(gift, false), euros(matched, false));
    let mut out = open(size, &told, "");
    let (x, rest) = (length(given), length(width * 10 - given));
    let _ = write!(out, "<rect width=\"{x}\" height=\"{height}\" fill=\"url(#pk-d)\"/>");
    if matched.is_positive() {
        let _ = write!(
            out,
            "<rect x=\"{x}\" width=\"{rest}\" height=\"{height}\" fill=\"url(#pk-a)\"/>"
        );
    }
    out + "</svg>"
}

fn open(size: Size, told: &str, attributes: &str) -> String {
    let (width, height) = (size.width(), size.height());
    format!(
        "<svg class=\"peigne\" viewBox=\"0 -5 {width} {}\" role=\"img\" aria-label=\"{told}\"\
         {attributes}><rect width=\"{width}\" height=\"{height}\" fill=\"url(#pk-v)\"/>",
        height + 10
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(gifts: i64, matched: i64) -> Totals {
        Totals {
            gifts: Cents::new(gifts),
            matched: Cents::new(matched),
            minimum: Cents::new(1_800_000),
            optimum: Cents::new(3_200_000),
            beside: Cents::ZERO,
        }
    }

    #[test]
    fn the_layers_are_drawn_to_scale() {
        let drawn = campaign(&totals(1_018_000, 865_200), Size::Page);
        assert!(
            drawn.contains("<rect width=\"152.7\" height=\"40\" fill=\"url(#pk-d)\""),
            "{drawn}"
        );
        assert!(drawn.contains("x=\"152.7\" width=\"129.7\""), "{drawn}");
        assert!(drawn.contains("d=\"M270 -4V44\""), "{drawn}");
        assert!(drawn.contains("minimum 18\u{202f}000\u{a0}€ atteint"), "{drawn}");
    }

    #[test]
    fn a_comb_never_overflows_and_an_empty_one_is_empty() {
        assert_eq!(totals(9_000_000, 9_000_000).layers(Size::Card), (1_560, 3_120));
        assert_eq!(totals(0, 0).layers(Size::Card), (0, 0));
        assert!(!totals(0, 0).told().contains("atteint"));
    }

    #[test]
    fn a_gift_fills_its_comb() {
        let drawn = gift(Cents::new(2_000), Cents::new(3_200), Size::Wide);
        assert!(
            drawn.contains("<rect width=\"200\" height=\"28\" fill=\"url(#pk-d)\"/>"),
            "{drawn}"
        );
        assert!(drawn.contains("<rect x=\"200\" width=\"320\""), "{drawn}");
        assert!(!gift(Cents::new(2_000), Cents::ZERO, Size::Wide).contains("pk-a"));
    }
}
