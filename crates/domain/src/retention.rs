//! What is kept about people, for what, and until when: dated data, read by the job that forgets,
//! by the page that tells people, and by who asks to be forgotten (decision 36).

use time::{Date, Duration, Month, OffsetDateTime, macros::date};

use crate::{
    calendar::{paris_date, paris_midnight},
    coded,
};

coded!(
    /// A kind of data about people, with a term of its own.
    Kept {
        /// The address, while somebody gives, signs in, follows or acts for an organisation.
        Person = "person",
        /// A letter or a proof that was asked for: to sign in, to confirm, to change address.
        Request = "request",
        /// From where something was asked, as a digest with a key.
        Connection = "connection",
        /// Name and address of a gift that was never paid.
        UnpaidGift = "unpaid_gift",
        /// A project that somebody asked to follow and never confirmed.
        UnconfirmedFollow = "unconfirmed_follow",
        /// A project that somebody follows no more.
        EndedFollow = "ended_follow",
        /// An invitation that was answered, or is over.
        Invitation = "invitation",
        /// A session, after it was last used.
        Session = "session",
        /// The words of a letter; that it was sent is told as long as its reader is known.
        Letter = "letter",
        /// What a visitor found wrong with a campaign.
        Report = "report",
        /// The mark of a card and what the payment institution wrote.
        Payment = "payment",
        /// Who changed what about access.
        Trail = "trail",
        /// A tax receipt: name, address, PDF.
        Receipt = "receipt",
        /// Amounts, dates and references of payments.
        Books = "books",
    }
);

/// How long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Days from the last event.
    Days(u16),
    /// Months from the last event.
    Months(u8),
    /// To the last day of so many calendar years after that of the event, in Paris.
    EndOfYear(u8),
}

/// How long a kind of data is kept, from a date on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Which data.
    pub kept: Kept,
    /// First day of the rule.
    pub from: Date,
    /// How long.
    pub length: Length,
    /// Where it is written, or why it is so.
    pub source: &'static str,
}

const FIRST: Date = date!(2026 - 11 - 01);

const fn term(kept: Kept, length: Length, source: &'static str) -> Term {
    Term { kept, from: FIRST, length, source }
}

/// Every term that ever held. A new one is a new line with its first day.
pub const TERMS: &[Term] = &[
    term(Kept::Person, Length::Months(36), "CNIL, gestion commerciale: 3 years, last contact"),
    term(Kept::Request, Length::Days(1), "works for an hour at most; a day to understand a fault"),
    term(Kept::Connection, Length::Days(30), "limits count a day; a month to see a wave"),
    term(Kept::UnpaidGift, Length::Days(30), "a late debit or webhook; then there is no purpose"),
    term(Kept::UnconfirmedFollow, Length::Days(30), "the link works for 7 days"),
    term(Kept::EndedFollow, Length::Months(12), "proof that the letters were stopped when asked"),
    term(Kept::Invitation, Length::Months(3), "a dispute about who was asked, and when"),
    term(Kept::Session, Length::Months(6), "CNIL, journalisation: 6 to 12 months"),
    term(Kept::Letter, Length::Months(12), "answers to donors; a year of news"),
    term(Kept::Report, Length::Months(12), "a campaign's life"),
    term(Kept::Payment, Length::Months(13), "CMF, art. L. 133-24: 13 months to contest"),
    term(Kept::Trail, Length::Months(36), "CNIL, journalisation: up to 3 years if justified"),
    term(Kept::Receipt, Length::EndOfYear(6), "LPF, art. L. 102 B and L. 102 E: 6 years"),
    term(Kept::Books, Length::EndOfYear(10), "Code de commerce, art. L. 123-22: 10 years"),
];

impl Kept {
    /// How long, by the rule of a day; before any rule, by the first.
    #[must_use]
    pub fn length(self, on: Date) -> Length {
        let ours = || TERMS.iter().filter(|term| term.kept == self);
        ours()
            .filter(|term| term.from <= on)
            .max_by_key(|term| term.from)
            .or_else(|| ours().min_by_key(|term| term.from))
            .map_or(Length::Days(0), |term| term.length)
    }

    /// The instant before which such data are past their term.
    #[must_use]
    pub fn past_before(self, now: OffsetDateTime) -> OffsetDateTime {
        let today = paris_date(now);
        match self.length(today) {
            Length::Days(days) => now.checked_sub(Duration::days(i64::from(days))).unwrap_or(now),
            Length::Months(months) => paris_midnight(months_before(today, months)),
            Length::EndOfYear(years) => {
                let year = today.year().saturating_sub(i32::from(years));
                paris_midnight(first_of(year, Month::January).unwrap_or(today))
            }
        }
    }

    /// The last day that data of a day are kept, for who asks; nothing when it is not a matter of
    /// calendar years.
    #[must_use]
    pub fn last_day(self, of: Date) -> Option<Date> {
        match self.length(of) {
            Length::EndOfYear(years) => {
                let year = of.year().saturating_add(i32::from(years));
                Date::from_calendar_date(year, Month::December, 31).ok()
            }
            Length::Days(_) | Length::Months(_) => None,
        }
    }
}

fn first_of(year: i32, month: Month) -> Option<Date> {
    Date::from_calendar_date(year, month, 1).ok()
}

/// The same day so many months before, or the last one of a month that is shorter.
fn months_before(day: Date, months: u8) -> Date {
    let mut first = day.replace_day(1).unwrap_or(day);
    for _ in 0..months {
        let before = first.previous_day().unwrap_or(first);
        first = before.replace_day(1).unwrap_or(before);
    }
    first.replace_day(day.day().min(first.month().length(first.year()))).unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn every_kind_has_a_term_with_a_source() {
        for kept in Kept::ALL {
            let terms: Vec<&Term> = TERMS.iter().filter(|term| term.kept == *kept).collect();
            assert!(!terms.is_empty(), "{kept:?}");
            assert!(terms.iter().all(|term| !term.source.is_empty()), "{kept:?}");
        }
    }

    #[test]
    fn a_receipt_is_kept_to_the_end_of_the_sixth_year_in_paris() {
        let last = Kept::Receipt.last_day(date!(2026 - 11 - 25));
        assert_eq!(last, Some(date!(2032 - 12 - 31)));
        let issued = datetime!(2026-12-31 22:59 UTC);
        assert!(issued >= Kept::Receipt.past_before(datetime!(2032-12-31 22:59 UTC)));
        assert!(issued < Kept::Receipt.past_before(datetime!(2032-12-31 23:00 UTC)));
        assert_eq!(Kept::Person.last_day(date!(2026 - 11 - 25)), None);
    }

    #[test]
    fn months_end_on_the_same_day_or_the_last_one() {
        assert_eq!(months_before(date!(2026 - 03 - 31), 1), date!(2026 - 02 - 28));
        assert_eq!(months_before(date!(2026 - 03 - 31), 13), date!(2025 - 02 - 28));
        assert_eq!(months_before(date!(2026 - 01 - 15), 36), date!(2023 - 01 - 15));
        let now = datetime!(2026-11-25 10:00 UTC);
        assert_eq!(Kept::Request.past_before(now), datetime!(2026-11-24 10:00 UTC));
        assert_eq!(Kept::Trail.past_before(now), datetime!(2023-11-24 23:00 UTC));
    }
}
