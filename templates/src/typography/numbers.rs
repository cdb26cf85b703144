//! Amounts, rates, dates and numbers as French people write them.

use domain::{BasisPoints, Cents, UtcSeconds, calendar};
use time::OffsetDateTime;

const NBSP: char = '\u{a0}';
const NARROW: char = '\u{202f}';
const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// `18 832 €`, `6,80 €`: cents only when they are not zero, or when `exact`.
#[must_use]
pub fn euros(amount: Cents, exact: bool) -> String {
    format!("{}{NBSP}€", decimal(amount.get(), exact))
}

/// `50 %`, `2,5 %`: a rate with the decimals it has.
#[must_use]
pub fn percent(rate: BasisPoints) -> String {
    let written = decimal(rate.get(), false);
    let short = match written.split_once(',') {
        Some((whole, decimals)) => format!("{whole},{}", decimals.trim_end_matches('0')),
        None => written,
    };
    format!("{short}{NBSP}%")
}

/// `18 832`: thousands apart by a narrow no-break space, a real minus sign.
#[must_use]
pub fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + 8);
    if value < 0 {
        out.push('\u{2212}');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(NARROW);
        }
        out.push(digit);
    }
    out
}

fn decimal(hundredths: i64, exact: bool) -> String {
    let (whole, rest) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
    let sign = if hundredths < 0 { "\u{2212}" } else { "" };
    let whole = number(i64::try_from(whole).unwrap_or(i64::MAX));
    if exact || rest > 0 { format!("{sign}{whole},{rest:02}") } else { format!("{sign}{whole}") }
}

fn instant(at: UtcSeconds) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.get()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// `22 novembre`, in Paris.
#[must_use]
pub fn day(at: UtcSeconds) -> String {
    let date = calendar::paris_date(instant(at));
    let number = if date.day() == 1 { "1er".to_owned() } else { date.day().to_string() };
    let month = MONTHS[usize::from(u8::from(date.month())) - 1];
    format!("{number} {month}")
}

/// `22 novembre 2026`, in Paris.
#[must_use]
pub fn date(at: UtcSeconds) -> String {
    format!("{} {}", day(at), calendar::paris_date(instant(at)).year())
}

/// `14 h 36`, in Paris.
#[must_use]
pub fn clock(at: UtcSeconds) -> String {
    let (hour, minute) = calendar::paris_clock(instant(at));
    format!("{hour}{NBSP}h{NBSP}{minute:02}")
}

/// `moins de 1 km`, `38 km`.
#[must_use]
pub fn distance(kilometres: u32) -> String {
    match kilometres {
        0 => format!("à moins de 1{NBSP}km"),
        _ => format!("à {}{NBSP}km", number(i64::from(kilometres))),
    }
}

/// `41 Ko`, `1,2 Mo`: a size in decimal units, rounded up so that nothing weighs zero.
#[must_use]
pub fn bytes(size: u64) -> String {
    if size < 1_000_000 {
        format!("{}{NBSP}Ko", size.div_ceil(1_000))
    } else {
        let tenths = size.div_ceil(100_000);
        format!("{},{}{NBSP}Mo", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcSeconds {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_are_written_as_in_france() {
        assert_eq!(euros(Cents::new(2_000), false), "20\u{a0}€");
        assert_eq!(euros(Cents::new(2_000), true), "20,00\u{a0}€");
        assert_eq!(euros(Cents::new(1_883_205), false), "18\u{202f}832,05\u{a0}€");
        assert_eq!(euros(Cents::new(-50), false), "\u{2212}0,50\u{a0}€");
        assert_eq!(percent(BasisPoints::new(5_000)), "50\u{a0}%");
        assert_eq!(percent(BasisPoints::new(6_650)), "66,5\u{a0}%");
        assert_eq!(percent(BasisPoints::new(10_000)), "100\u{a0}%");
        assert_eq!(number(-1_234_567), "\u{2212}1\u{202f}234\u{202f}567");
    }

    #[test]
    fn days_are_those_of_paris() {
        assert_eq!(date(at("2026-11-30T23:30:00Z")), "1er décembre 2026");
        assert_eq!(day(at("2026-12-06T10:00:00Z")), "6 décembre");
        assert_eq!(clock(at("2026-07-14T12:05:00Z")), "14\u{a0}h\u{a0}05");
    }

    #[test]
    fn nothing_weighs_or_lies_at_zero() {
        assert_eq!((bytes(1), bytes(41_000)), ("1\u{a0}Ko".into(), "41\u{a0}Ko".into()));
        assert_eq!(bytes(1_150_000), "1,2\u{a0}Mo");
        assert_eq!(distance(0), "à moins de 1\u{a0}km");
        assert_eq!(distance(38), "à 38\u{a0}km");
    }
}
