//! The live figures, written once: the page draws them and the stream (`/flux/pot`,
//! `/campagnes/{slug}/flux`) repeats them as one JSON object of ready strings. The script puts each
//! value `k` in the text of `[data-k=k]`, in the width of `[data-w=k]`, in the `x` of `[data-x=k]`
//! and in the label of `[data-l=k]`.

use domain::Cents;
use serde::Serialize;

use crate::{
    figures::share,
    marks::{Comb, CombSize},
    pages::{campaign::Progress, home::PotFigures},
    typography::{clock, euros, number, percent},
};

/// The four figures of the pots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LivePot {
    /// What the pots can still add.
    pub disponible: String,
    /// Given by citizens.
    pub dons: String,
    /// Added by the fund.
    pub abondement: String,
    /// Projects funded.
    pub projets: String,
    /// « Mis à jour à 14 h 32 »
    pub maj: String,
}

impl From<&PotFigures> for LivePot {
    fn from(pot: &PotFigures) -> Self {
        Self {
            disponible: whole_euros(pot.available),
            dons: whole_euros(pot.given),
            abondement: whole_euros(pot.matched),
            projets: number(i64::from(pot.projects)),
            maj: format!("Mis à jour à {}", clock(pot.at)),
        }
    }
}

/// The figures of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LiveCampaign {
    /// Gifts and match.
    pub total: String,
    /// Gifts and sponsorship.
    pub dons: String,
    /// Match.
    pub abondement: String,
    /// « 214 donateurs, 3 entreprises et le fonds »
    pub par: String,
    /// What is reached and what is missing, whole sentences.
    pub phrase: String,
    /// Share of the minimum.
    pub minimum: String,
    /// Share of the optimum.
    pub optimum: String,
    /// The comb in words.
    pub peigne: String,
    /// Width of the gifts in the comb.
    #[serde(rename = "largeur-dons")]
    pub gifts_width: String,
    /// Width of the match in the comb.
    #[serde(rename = "largeur-abondement")]
    pub match_width: String,
}

impl From<&Progress> for LiveCampaign {
    fn from(progress: &Progress) -> Self {
        let comb = Comb {
            gifts: progress.gifts,
            matched: progress.matched,
            minimum: progress.minimum,
            optimum: progress.optimum,
            beside: progress.beside,
        };
        let (gifts_width, match_width) = comb.widths(CombSize::Page);
        Self {
            total: euros(progress.gathered(), false),
            dons: euros(progress.gifts, false),
            abondement: euros(progress.matched, false),
            par: gathered_by(progress),
            phrase: sentence(progress),
            minimum: whole_percent(progress.counted(), progress.minimum),
            optimum: whole_percent(progress.gathered(), progress.optimum),
            peigne: comb.told(),
            gifts_width,
            match_width,
        }
    }
}

/// Millions are read without their cents.
fn whole_euros(amount: Cents) -> String {
    let cents = amount.get();
    euros(if cents >= 1_000_000 { Cents::new(cents / 100 * 100) } else { amount }, false)
}

fn whole_percent(part: Cents, whole: Cents) -> String {
    percent(domain::BasisPoints::new(share(part, whole).get() / 100 * 100))
}

fn gathered_by(progress: &Progress) -> String {
    let count = |n: u32, one: &str, many: &str| {
        format!("{} {}", number(i64::from(n)), if n < 2 { one } else { many })
    };
    let mut who = vec![count(progress.donors, "donateur", "donateurs")];
    if progress.sponsors > 0 {
        who.push(count(progress.sponsors, "entreprise", "entreprises"));
    }
    if progress.matched.is_positive() {
        let fund = "le fonds".to_owned();
        return format!("{} et {fund}", who.join(", "));
    }
    who.join(" et ")
}

fn sentence(progress: &Progress) -> String {
    let missing = |to: Cents, from: Cents| to.minus(from).unwrap_or_default().floored();
    let to_minimum = missing(progress.minimum, progress.counted());
    let to_optimum = missing(progress.optimum, progress.gathered());
    if to_minimum.is_positive() {
        format!("Il manque {} pour le minimum.", euros(to_minimum, false))
    } else if to_optimum.is_positive() {
        format!("Le minimum est atteint, il manque {} pour l’optimum.", euros(to_optimum, false))
    } else {
        "Le minimum et l’optimum sont atteints.".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(gifts: i64, matched: i64, sponsors: u32) -> Progress {
        Progress {
            gifts: Cents::new(gifts),
            matched: Cents::new(matched),
            beside: Cents::ZERO,
            minimum: Cents::new(1_800_000),
            optimum: Cents::new(3_200_000),
            donors: 214,
            sponsors,
            all_or_nothing: false,
            match_counts: true,
            at: "2026-11-22T13:32:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_campaign_says_what_is_missing() {
        let live = LiveCampaign::from(&progress(1_018_000, 865_200, 3));
        assert_eq!(live.total, "18\u{202f}832\u{a0}€");
        assert_eq!(live.par, "214 donateurs, 3 entreprises et le fonds");
        assert_eq!(
            live.phrase,
            "Le minimum est atteint, il manque 13\u{202f}168\u{a0}€ pour l’optimum."
        );
        assert_eq!((live.minimum.as_str(), live.optimum.as_str()), ("104\u{a0}%", "58\u{a0}%"));
        assert_eq!((live.gifts_width.as_str(), live.match_width.as_str()), ("152.7", "129.7"));
        assert_eq!(
            LiveCampaign::from(&progress(100_050, 0, 0)).phrase,
            "Il manque 16\u{202f}999,50\u{a0}€ pour le minimum."
        );
        let full = LiveCampaign::from(&progress(9_000_000, 0, 1));
        assert_eq!(full.par, "214 donateurs et 1 entreprise");
        assert_eq!(full.phrase, "Le minimum et l’optimum sont atteints.");
    }

    #[test]
    fn the_match_counts_towards_the_minimum_only_where_it_does() {
        let promised = Progress { beside: Cents::new(200_000), ..progress(1_000_000, 900_000, 0) };
        assert_eq!(sentence(&promised), "Il manque 1\u{202f}000\u{a0}€ pour le minimum.");
        let alone = Progress { match_counts: false, ..progress(1_000_000, 1_000_000, 0) };
        assert!(LiveCampaign::from(&alone).phrase.starts_with("Il manque 8"));
    }

    #[test]
    fn the_pots_are_told_in_whole_euros() {
        let pot = PotFigures {
            available: Cents::new(820_346_077),
            given: Cents::new(12_345),
            matched: Cents::ZERO,
            projects: 36,
            departements: 31,
            at: "2026-11-22T13:32:00Z".parse().unwrap(),
        };
        let live = LivePot::from(&pot);
        assert_eq!(live.disponible, "8\u{202f}203\u{202f}460\u{a0}€");
        assert_eq!(live.dons, "123,45\u{a0}€");
        assert_eq!(live.maj, "Mis à jour à 14\u{a0}h\u{a0}32");
    }
}
