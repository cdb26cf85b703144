//! Why a rule adds nothing, or less than its rate: the French sentences.

use domain::{Cents, UtcSeconds, campaign::Category};

use crate::{
    pages::WhyNot,
    typography::{date, euros},
};

/// What is said of a line that waits for its campaign to close.
pub const ON_CONDITION: &str = "Promis, si la collecte atteint le seuil de la règle à sa clôture.";

impl WhyNot {
    /// The whole sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let fixed = match self {
            Self::NotYetOpen { opens_at: Some(at) } => {
                return format!("Cette règle ouvre le {}.", date(*at));
            }
            Self::Category { wanted } if !wanted.is_empty() => return category(wanted),
            Self::GiftTooSmall { minimum } => {
                return format!(
                    "Cette règle complète les dons à partir de {}.",
                    euros(*minimum, false)
                );
            }
            Self::DonorCap { base: Some(base) } => {
                return format!(
                    "Cette règle complète {} de don au plus par personne et par campagne.",
                    euros(*base, false)
                );
            }
            Self::SharedAtClose { closes_at, gain } => return shared(*closes_at, *gain),
            Self::RoundClosed { brought } if brought.is_positive() => {
                return format!(
                    "Le tour est clos : avec ceux des autres, ce don a fait ajouter {} au projet.",
                    euros(*brought, true)
                );
            }
            Self::RoundClosed { .. } => {
                "Le tour est clos : il n’a rien ajouté au projet pour ce don."
            }
            Self::PotShare => "Un seul projet ne reçoit qu’une part limitée de l’enveloppe.",
            Self::AwardLeverage => "L’abondement de tous les dons comptés atteint son plafond.",
            Self::SharedShort => {
                "L’enveloppe a été partagée entre tous les dons du tour, au prorata."
            }
            Self::ThresholdMissed => {
                "La collecte n’a pas atteint le seuil : la part promise revient à l’enveloppe."
            }
            Self::FinalCost => "Le coût final du projet abaisse la part d’argent public.",
            Self::Sentence(sentence) => return sentence.clone(),
            Self::NotYetOpen { opens_at: None } => "Cette règle ouvre bientôt.",
            Self::Over => "Cette règle n’est plus en vigueur.",
            Self::Category { .. } => "Le projet relève d’une autre étape du parcours.",
            Self::Stage => "Le projet est à un autre stade.",
            Self::Publics => "Le projet s’adresse à d’autres publics.",
            Self::Services => "Le projet propose d’autres services.",
            Self::RseAxis => "Le projet suit un autre axe RSE.",
            Self::Territory => "Le projet agit sur un autre territoire.",
            Self::NotRural => "Le projet n’agit pas dans un territoire rural.",
            Self::NotPriority => "Le projet n’agit pas dans un territoire prioritaire.",
            Self::NeedTooLow => "Le département est parmi ceux où le besoin est le moins fort.",
            Self::DonorKind => "Cette règle s’adresse à d’autres donateurs.",
            Self::EnvelopeEmpty => "L’enveloppe est épuisée pour ce projet.",
            Self::EnvelopeShort => "L’enveloppe ne contient plus assez : la part est réduite.",
            Self::DonorCap { base: None } => "Le plafond par personne est atteint.",
            Self::CampaignCap => "Le plafond par campagne est atteint.",
            Self::Leverage => "L’abondement total de ce don atteint son plafond.",
            Self::EuCeiling => "L’argent européen atteint sa part maximale du budget.",
            Self::PublicCeiling => "L’argent public atteint sa part maximale du budget.",
            Self::DeMinimis => "La structure a reçu le maximum d’aides publiques sur trois ans.",
            Self::SameGroup => "Un contributeur ne complète pas ses propres dons.",
            Self::AnsweredByAnother => "Une autre règle de la même enveloppe a déjà répondu.",
        };
        fixed.to_owned()
    }
}

fn shared(closes_at: Option<UtcSeconds>, gain: Option<(Cents, Cents)>) -> String {
    let when = closes_at.map(|at| format!(", le {}", date(at))).unwrap_or_default();
    let rule =
        format!("Cette enveloppe est partagée entre les projets à la clôture du tour{when}.");
    match gain {
        None => format!("{rule} La part de ce don sera connue ce jour-là."),
        Some((low, high)) if low == high => format!(
            "{rule} S’il fermait maintenant, ce don apporterait au projet {} de plus. C’est une \
             estimation : les autres dons la changeront.",
            euros(high, true)
        ),
        Some((low, high)) => format!(
            "{rule} S’il fermait maintenant, ce don apporterait au projet entre {} et {} de plus. \
             C’est une estimation : les autres dons la changeront.",
            euros(low, true),
            euros(high, true)
        ),
    }
}

fn category(wanted: &[Category]) -> String {
    let names: Vec<&str> = wanted
        .iter()
        .map(|category| match category {
            Category::Urgence => "l’urgence numérique",
            Category::Inclusion => "l’inclusion numérique",
            Category::Autonomie => "l’autonomie numérique",
        })
        .collect();
    format!("Cette règle est réservée à {}.", names.join(" ou à "))
}

#[cfg(test)]
mod tests {
    use domain::Cents;

    use super::*;

    #[test]
    fn a_reason_is_a_whole_sentence() {
        let wanted = vec![Category::Inclusion, Category::Autonomie];
        assert_eq!(
            WhyNot::Category { wanted }.sentence(),
            "Cette règle est réservée à l’inclusion numérique ou à l’autonomie numérique."
        );
        let capped = WhyNot::DonorCap { base: Some(Cents::new(10_000)) }.sentence();
        assert!(capped.starts_with("Cette règle complète 100\u{a0}€ de don"), "{capped}");
        let closes_at = Some("2026-12-31T23:00:00Z".parse().unwrap());
        let gain = Some((Cents::new(210), Cents::new(420)));
        assert_eq!(
            WhyNot::SharedAtClose { closes_at, gain }.sentence(),
            "Cette enveloppe est partagée entre les projets à la clôture du tour, le \
             1er janvier 2027. S’il fermait maintenant, ce don apporterait au projet entre \
             2,10\u{a0}€ et 4,20\u{a0}€ de plus. C’est une estimation : les autres dons la \
             changeront."
        );
        let unknown = WhyNot::SharedAtClose { closes_at: None, gain: None }.sentence();
        assert!(unknown.ends_with("La part de ce don sera connue ce jour-là."), "{unknown}");
        let opens_at = Some("2026-12-31T23:00:00Z".parse().unwrap());
        assert_eq!(
            WhyNot::NotYetOpen { opens_at }.sentence(),
            "Cette règle ouvre le 1er janvier 2027."
        );
    }
}
