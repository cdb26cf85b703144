//! French numbers in words, in the traditional spelling, for the amount of a receipt.

use domain::Cents;

const BELOW_TWENTY: [&str; 20] = [
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze",
    "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
];

const TENS: [&str; 7] =
    ["vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre-vingt"];

/// `2 001` is `deux mille un`; nothing from a thousand billions (10^12) on.
#[must_use]
pub fn number(n: u64) -> Option<String> {
    if n >= 1_000_000_000_000 {
        return None;
    }
    if n == 0 {
        return Some(below_hundred(0));
    }
    let mut parts = Vec::new();
    for (unit, noun) in [(1_000_000_000, "milliard"), (1_000_000, "million")] {
        let count = n / unit % 1_000;
        if count > 0 {
            // "million" is a noun: it takes the plural and keeps that of "vingts" and "cents".
            let plural = if count > 1 { "s" } else { "" };
            parts.push(format!("{} {noun}{plural}", below_thousand(count, true)));
        }
    }
    match n / 1_000 % 1_000 {
        0 => {}
        1 => parts.push("mille".to_owned()),
        count => parts.push(format!("{} mille", below_thousand(count, false))),
    }
    if !n.is_multiple_of(1_000) {
        parts.push(below_thousand(n % 1_000, true));
    }
    Some(parts.join(" "))
}

/// An amount in euros and centimes; nothing for a negative or absurd one.
#[must_use]
pub fn euros(amount: Cents) -> Option<String> {
    let cents = u64::try_from(amount.get()).ok()?;
    let (whole, rest) = (cents / 100, cents % 100);
    let centimes = format!("{} centime{}", number(rest)?, if rest > 1 { "s" } else { "" });
    if whole == 0 && rest > 0 {
        return Some(centimes);
    }
    // "un million d'euros", but "un million deux euros".
    let of = whole >= 1_000_000 && whole % 1_000_000 == 0;
    let unit = match (of, whole > 1) {
        (true, _) => " d’euros",
        (false, true) => " euros",
        (false, false) => " euro",
    };
    let whole = format!("{}{unit}", number(whole)?);
    Some(if rest == 0 { whole } else { format!("{whole} et {centimes}") })
}

fn below_thousand(n: u64, last: bool) -> String {
    let (hundreds, rest) = (n / 100, n % 100);
    let plural = if hundreds > 1 && rest == 0 && last { "s" } else { "" };
    let hundred = match hundreds {
        0 => String::new(),
        1 => "cent".to_owned(),
        count => format!("{} cent{plural}", below_hundred(count)),
    };
    let tail = match rest {
        0 => String::new(),
        80 if last => "quatre-vingts".to_owned(),
        rest => below_hundred(rest),
    };
    [hundred, tail].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn below_hundred(n: u64) -> String {
    let small = |n: u64| usize::try_from(n).ok().and_then(|n| BELOW_TWENTY.get(n).copied());
    if let Some(word) = small(n) {
        return word.to_owned();
    }
    let ten = n / 10;
    let stem = TENS[usize::try_from(ten).map_or(0, |ten| ten.clamp(2, 8) - 2).min(6)];
    let (stem, rest) = match ten {
        7 => ("soixante", n - 60),
        9 => ("quatre-vingt", n - 80),
        _ => (stem, n % 10),
    };
    match rest {
        0 => stem.to_owned(),
        1 | 11 if ten < 8 => format!("{stem} et {}", small(rest).unwrap_or_default()),
        rest => format!("{stem}-{}", small(rest).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_at_school() {
        for (n, words) in [
            (0, "zéro"),
            (1, "un"),
            (16, "seize"),
            (17, "dix-sept"),
            (20, "vingt"),
            (21, "vingt et un"),
            (22, "vingt-deux"),
            (31, "trente et un"),
            (60, "soixante"),
            (61, "soixante et un"),
            (69, "soixante-neuf"),
            (70, "soixante-dix"),
            (71, "soixante et onze"),
            (72, "soixante-douze"),
            (79, "soixante-dix-neuf"),
            (80, "quatre-vingts"),
            (81, "quatre-vingt-un"),
            (90, "quatre-vingt-dix"),
            (91, "quatre-vingt-onze"),
            (99, "quatre-vingt-dix-neuf"),
            (100, "cent"),
            (101, "cent un"),
            (180, "cent quatre-vingts"),
            (200, "deux cents"),
            (201, "deux cent un"),
            (280, "deux cent quatre-vingts"),
            (1_000, "mille"),
            (1_001, "mille un"),
            (1_200, "mille deux cents"),
            (2_001, "deux mille un"),
            (71_000, "soixante et onze mille"),
            (80_000, "quatre-vingt mille"),
            (80_080, "quatre-vingt mille quatre-vingts"),
            (200_000, "deux cent mille"),
            (1_000_000, "un million"),
            (80_000_000, "quatre-vingts millions"),
            (200_000_300, "deux cents millions trois cents"),
            (1_001_001_001, "un milliard un million mille un"),
        ] {
            assert_eq!(number(n).as_deref(), Some(words), "{n}");
        }
        assert_eq!(number(1_000_000_000_000), None);
    }

    #[test]
    fn amounts_name_euros_and_centimes() {
        for (cents, words) in [
            (0, "zéro euro"),
            (1, "un centime"),
            (50, "cinquante centimes"),
            (100, "un euro"),
            (101, "un euro et un centime"),
            (2_000, "vingt euros"),
            (3_780, "trente-sept euros et quatre-vingts centimes"),
            (8_000_000, "quatre-vingt mille euros"),
            (100_000_000, "un million d’euros"),
            (100_000_200, "un million deux euros"),
        ] {
            assert_eq!(euros(Cents::new(cents)).as_deref(), Some(words), "{cents}");
        }
        let most = "neuf mille neuf cent quatre-vingt-dix-neuf euros \
                    et quatre-vingt-dix-neuf centimes";
        assert_eq!(euros(Cents::new(999_999)).as_deref(), Some(most));
        assert_eq!(euros(Cents::new(-1)), None);
    }
}
