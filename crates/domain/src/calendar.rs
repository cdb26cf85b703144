//! Civil time in France. Facts are stored in UTC; days and years are counted in Europe/Paris.

use std::{fmt, str::FromStr, sync::LazyLock};

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};
use time::{Date, Month, OffsetDateTime};

static PARIS: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("Europe/Paris").expect("the time zone database is compiled in"));

/// An instant in whole seconds since 1970, UTC: the time of the matching engine and of its files,
/// written `2026-01-31T09:00:00Z`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct UtcSeconds(i64);

impl UtcSeconds {
    /// From seconds since 1970.
    #[must_use]
    pub const fn new(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// This instant and some seconds; it stays put rather than leave the range of numbers.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

impl From<OffsetDateTime> for UtcSeconds {
    fn from(at: OffsetDateTime) -> Self {
        Self(at.unix_timestamp())
    }
}

impl fmt::Display for UtcSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(self.0) {
            Ok(at) => write!(f, "{}", at.strftime("%Y-%m-%dT%H:%M:%SZ")),
            Err(_) => write!(f, "@{}", self.0),
        }
    }
}

impl From<UtcSeconds> for String {
    fn from(at: UtcSeconds) -> Self {
        at.to_string()
    }
}

/// The text is not `YYYY-MM-DDThh:mm:ssZ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a UTC time like 2026-01-31T09:00:00Z")]
pub struct NotATime;

impl FromStr for UtcSeconds {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        if text.len() != 20 || !text.ends_with('Z') || text.as_bytes().get(10) != Some(&b'T') {
            return Err(NotATime);
        }
        text.parse::<Timestamp>().map(|at| Self(at.as_second())).map_err(|_| NotATime)
    }
}

impl TryFrom<String> for UtcSeconds {
    type Error = NotATime;

    fn try_from(text: String) -> Result<Self, NotATime> {
        text.parse()
    }
}

fn paris(at: OffsetDateTime) -> civil::DateTime {
    let instant = Timestamp::from_second(at.unix_timestamp()).unwrap_or(Timestamp::UNIX_EPOCH);
    PARIS.to_datetime(instant)
}

/// The civil date in Paris at an instant: it decides the fiscal year of a gift.
#[must_use]
pub fn paris_date(at: OffsetDateTime) -> Date {
    let civil = paris(at);
    let month = u8::try_from(civil.month()).unwrap_or(1);
    let day = u8::try_from(civil.day()).unwrap_or(1);
    Month::try_from(month)
        .and_then(|month| Date::from_calendar_date(i32::from(civil.year()), month, day))
        .unwrap_or(at.date())
}

/// Hour and minute on a clock in Paris.
#[must_use]
pub fn paris_clock(at: OffsetDateTime) -> (u8, u8) {
    let civil = paris(at);
    let small = |n: i8| u8::try_from(n).unwrap_or(0);
    (small(civil.hour()), small(civil.minute()))
}

/// The instant at which a civil day begins in Paris.
#[must_use]
pub fn paris_midnight(day: Date) -> OffsetDateTime {
    let fallback = day.midnight().assume_utc();
    let year = i16::try_from(day.year()).unwrap_or(1970);
    let month = i8::try_from(u8::from(day.month())).unwrap_or(1);
    let civil_day = i8::try_from(day.day()).unwrap_or(1);
    civil::Date::new(year, month, civil_day)
        .and_then(|date| date.to_zoned(PARIS.clone()))
        .ok()
        .and_then(|zoned| OffsetDateTime::from_unix_timestamp(zoned.timestamp().as_second()).ok())
        .unwrap_or(fallback)
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn the_year_of_a_gift_is_counted_in_paris() {
        assert_eq!(paris_date(datetime!(2026-12-31 22:59 UTC)), date!(2026 - 12 - 31));
        assert_eq!(paris_date(datetime!(2026-12-31 23:00 UTC)), date!(2027 - 01 - 01));
        assert_eq!(paris_clock(datetime!(2026-07-14 12:00 UTC)), (14, 0));
        assert_eq!(paris_midnight(date!(2026 - 03 - 29)), datetime!(2026-03-28 23:00 UTC));
    }

    #[test]
    fn engine_times_are_read_strictly_and_written_back() {
        let at: UtcSeconds = "2026-01-31T09:00:00Z".parse().unwrap();
        assert_eq!(at.to_string(), "2026-01-31T09:00:00Z");
        assert!("2026-01-31T09:00:00+01:00".parse::<UtcSeconds>().is_err());
        assert!("2026-02-31T09:00:00Z".parse::<UtcSeconds>().is_err());
    }
}
