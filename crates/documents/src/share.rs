//! The image that social networks show for a campaign.

use std::{fmt::Write as _, sync::Arc};

use domain::{BasisPoints, Cents};
use resvg::{tiny_skia, usvg};

use crate::{
    Broken,
    fonts::{FILES, Fonts},
};

const TEMPLATE: &str = include_str!("../../../templates/documents/share.svg");

/// The sentence under the comb, when the fund added something.
const MATCHED: &str = include_str!("../../../templates/documents/share-matched.txt");

/// Width of a title line, in pixels.
const TITLE_WIDTH: f64 = 704.0;

/// Baseline of the first title line, in pixels.
const FIRST_BASELINE: f64 = 190.0;

/// Distance of two title lines, in units of their size.
const LEADING: f64 = 1.12;

/// Cells in one row of the comb.
const COLUMNS: i64 = 32;

/// Width of a cell of the comb, in pixels.
const CELL: f64 = 21.6;

/// What a share image says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareData {
    /// Title of the campaign.
    pub title: String,
    /// Who carries it.
    pub holder: String,
    /// Name of the territory, `Creuse`.
    pub territory: String,
    /// Code of the département, `23`, `2A`, `974`.
    pub departement: String,
    /// Gifts, sponsorship and match, in euro cents.
    pub raised: Cents,
    /// The part of `raised` that the fund added, in euro cents.
    pub matched: Cents,
    /// `raised` over the minimum of the campaign, in basis points; may pass the whole.
    pub goal_share: BasisPoints,
}

/// Draws SVG into PNG with the embedded fonts.
pub(crate) struct Drawer {
    options: usvg::Options<'static>,
}

impl Drawer {
    pub(crate) fn new() -> Self {
        let mut options = usvg::Options::default();
        let database = options.fontdb_mut();
        for file in FILES {
            database.load_font_source(usvg::fontdb::Source::Binary(Arc::new(file)));
        }
        Self { options }
    }

    pub(crate) fn png(&self, share: &ShareData, fonts: &Fonts) -> Result<Vec<u8>, Broken> {
        let svg = fill(TEMPLATE, &values(share, fonts));
        let drawing = |error: &dyn ToString| Broken::Drawing(error.to_string());
        let tree = usvg::Tree::from_str(&svg, &self.options).map_err(|e| drawing(&e))?;
        let mut canvas = tiny_skia::Pixmap::new(1200, 630)
            .ok_or_else(|| Broken::Drawing("no canvas".to_owned()))?;
        resvg::render(&tree, tiny_skia::Transform::identity(), &mut canvas.as_mut());
        canvas.encode_png().map_err(|e| drawing(&e))
    }
}

/// Every value of the template: texts escaped, then the drawn parts.
fn values(share: &ShareData, fonts: &Fonts) -> Vec<(&'static str, String)> {
    let text = |text: &str| escape(&drawable(fonts, text));
    let (size, lines) = title(&drawable(fonts, &share.title), fonts);
    let below = u32::try_from(lines.len().saturating_sub(1)).map_or(0.0, f64::from);
    let bottom = FIRST_BASELINE + size * LEADING * below;
    let badge = if share.departement.chars().count() > 2 { 66 } else { 84 };
    let matched = if share.matched.is_positive() {
        fill(MATCHED.trim_end(), &[("matched", euros(share.matched))])
    } else {
        String::new()
    };
    vec![
        ("departement", text(&share.departement)),
        ("badge_size", badge.to_string()),
        ("badge_y", (187 + badge * 36 / 100).to_string()),
        ("territory", text(&shorten(fonts, &share.territory, 25.0, 420.0))),
        ("title_size", size.to_string()),
        ("title_lines", title_lines(&lines, size)),
        ("holder", text(&shorten(fonts, &share.holder, 26.0, TITLE_WIDTH))),
        ("holder_y", format!("{:.0}", bottom + 50.0)),
        ("raised", euros(share.raised)),
        ("share", percent(share.goal_share)),
        ("comb", comb(share)),
        ("matched_sentence", matched),
    ]
}

/// A letter that no font draws becomes a box: an image is not a receipt.
fn drawable(fonts: &Fonts, text: &str) -> String {
    fonts.printable(text).unwrap_or_else(|| {
        let one = |c: char| fonts.printable(&c.to_string()).map_or('\u{25a1}', |_| c);
        text.chars().map(one).collect()
    })
}

/// Fills `{{name}}` in one pass, so that a value is never read as a template.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut filled = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            filled.push_str(value);
        }
        rest = after;
    }
    filled + rest
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The largest size at which the title fits three lines; a longer one is cut with an ellipsis.
fn title(title: &str, fonts: &Fonts) -> (f64, Vec<String>) {
    for size in [68.0, 58.0, 50.0] {
        let lines = wrap(title, TITLE_WIDTH / size, fonts);
        if lines.len() <= 3 {
            return (size, lines);
        }
    }
    let mut lines = wrap(title, TITLE_WIDTH / 50.0, fonts);
    let rest = lines.split_off(2).join(" ");
    lines.push(shorten(fonts, &rest, 50.0, TITLE_WIDTH));
    (50.0, lines)
}

/// Breaks at spaces; a word wider than a line is cut.
fn wrap(text: &str, width: f64, fonts: &Fonts) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let joined = lines.last().map(|line| format!("{line} {word}"));
        match (joined, lines.last_mut()) {
            (Some(joined), Some(last)) if fonts.title_width(&joined) <= width => *last = joined,
            _ => cut(word, width, fonts, &mut lines),
        }
    }
    lines
}

fn cut(word: &str, width: f64, fonts: &Fonts, lines: &mut Vec<String>) {
    let mut line = String::new();
    for c in word.chars() {
        let longer = format!("{line}{c}");
        if fonts.title_width(&longer) > width && !line.is_empty() {
            lines.push(std::mem::replace(&mut line, c.to_string()));
        } else {
            line = longer;
        }
    }
    lines.push(line);
}

/// Cuts a line that is too wide; measured with the wider title font, so never too long.
fn shorten(fonts: &Fonts, text: &str, size: f64, width: f64) -> String {
    if fonts.title_width(text) * size <= width {
        return text.to_owned();
    }
    let mut short = text.to_owned();
    while let Some(dropped) = short.pop() {
        let whole_words = if dropped == ' ' { short.as_str() } else { before_last_word(&short) };
        let ended = format!("{}…", whole_words.trim_end_matches([' ', ',', '…']));
        if fonts.title_width(&ended) * size <= width {
            return ended;
        }
    }
    short
}

/// A word is not cut in two, unless it is alone.
fn before_last_word(text: &str) -> &str {
    text.rsplit_once(' ').map_or(text, |(before, _)| before)
}

/// Baselines of the title, one below the other.
fn title_lines(lines: &[String], size: f64) -> String {
    let mut drawn = String::new();
    let mut baseline = FIRST_BASELINE;
    for line in lines {
        let _ = writeln!(drawn, r#"<text x="444" y="{baseline:.1}">{}</text>"#, escape(line));
        baseline += size * LEADING;
    }
    drawn
}

/// The comb: gifts, then what the fund added (with a pale core), then what is missing.
fn comb(share: &ShareData) -> String {
    let cells = COLUMNS * 2;
    let shown = share.goal_share.get().clamp(0, BasisPoints::WHOLE.get());
    let filled = match shown * cells / BasisPoints::WHOLE.get() {
        0 if share.raised.is_positive() => 1,
        some => some,
    };
    let raised = share.raised.get().max(1);
    let matched = i128::from(filled) * i128::from(share.matched.get().clamp(0, raised));
    let matched = i64::try_from(matched / i128::from(raised)).unwrap_or(0);
    let mut drawn = String::new();
    let mut x = 446.0 + CELL / 2.0;
    for place in 0..cells {
        let lower = place % 2 == 1;
        let (left, top) = if lower { (x + CELL / 2.0, 527.0) } else { (x, 508.0) };
        let kind = match place {
            place if place >= filled => "missing",
            place if place >= filled - matched => "match",
            _ => "gift",
        };
        let _ = writeln!(drawn, r##"<use href="#{kind}" x="{left:.2}" y="{top}"/>"##);
        if lower {
            x += CELL;
        }
    }
    drawn
}

/// `47 790 €`: cents only when there are some.
fn euros(amount: Cents) -> String {
    let (whole, cents) = (amount.get() / 100, amount.get() % 100);
    let cents = if cents == 0 { String::new() } else { format!(",{:02}", cents.abs()) };
    format!("{}{cents}\u{a0}€", grouped(whole))
}

/// `90 %`, rounded down: a minimum is never shown reached before it is.
fn percent(share: BasisPoints) -> String {
    format!("{}\u{a0}%", grouped(share.get() / 100))
}

/// Digits in threes, narrow no-break spaces between.
fn grouped(n: i64) -> String {
    let digits = n.abs().to_string();
    let mut text = if n < 0 { "\u{2212}".to_owned() } else { String::new() };
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_read_as_a_template() {
        let values = [("a", "{{b}}".to_owned()), ("b", "no".to_owned())];
        assert_eq!(fill("<{{a}}> {{unknown}}{{b}}", &values), "<{{b}}> no");
    }

    #[test]
    fn a_title_shrinks_then_is_cut_and_stays_inside() {
        let fonts = Fonts::embedded();
        let (size, lines) = title("Le bus des démarches", &fonts);
        assert_eq!((size, lines.len()), (68.0, 2));
        let long = "Apprendre à déclarer ses impôts, prendre un rendez-vous et garder le lien \
                    avec ses petits-enfants dans les Combrailles et la haute vallée du Cher";
        let (size, lines) = title(long, &fonts);
        assert_eq!((size, lines.len()), (50.0, 3));
        assert_eq!(lines[2], "rendez-vous et garder le…");
        for line in lines.iter().chain(&title(&"m".repeat(200), &fonts).1) {
            assert!(fonts.title_width(line) * 50.0 <= TITLE_WIDTH, "{line}");
        }
    }

    #[test]
    fn the_comb_tells_gifts_from_match() {
        let share = |raised, matched, goal_share| ShareData {
            title: String::new(),
            holder: String::new(),
            territory: String::new(),
            departement: String::new(),
            raised: Cents::new(raised),
            matched: Cents::new(matched),
            goal_share: BasisPoints::new(goal_share),
        };
        let count = |share: ShareData| {
            let drawn = comb(&share);
            ["#gift", "#match", "#missing"].map(|kind| drawn.matches(kind).count())
        };
        assert_eq!(count(share(0, 0, 0)), [0, 0, 64]);
        assert_eq!(count(share(1, 0, 0)), [1, 0, 63]);
        assert_eq!(count(share(1_000, 500, 5_000)), [16, 16, 32]);
        assert_eq!(count(share(9_000, 3_000, 30_000)), [43, 21, 0]);
    }

    #[test]
    fn figures_follow_french_typography() {
        assert_eq!(euros(Cents::new(4_779_000)), "47\u{202f}790\u{a0}€");
        assert_eq!(euros(Cents::new(123_456_705)), "1\u{202f}234\u{202f}567,05\u{a0}€");
        assert_eq!(percent(BasisPoints::new(9_999)), "99\u{a0}%");
    }
}
