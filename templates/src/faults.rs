//! What can be wrong in the giving form, and how to put it right: what is wrong, why it matters,
//! how to fix it. Serialised as the field, a line for the summary and a line beside the field.

use domain::Cents;
use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::typography::euros;

/// The fields of the form, by the name they have in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The preset amounts.
    Montant,
    /// The free amount.
    MontantLibre,
    /// E-mail address.
    Courriel,
    /// Receipt wanted?
    Recu,
    /// First name.
    Prenom,
    /// Last name.
    Nom,
    /// Street.
    Adresse,
    /// Postcode.
    Cp,
    /// Commune.
    Ville,
    /// Means of payment.
    Moyen,
}

impl Field {
    /// Its name in the form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Montant => "montant",
            Self::MontantLibre => "montant-libre",
            Self::Courriel => "courriel",
            Self::Recu => "recu",
            Self::Prenom => "prenom",
            Self::Nom => "nom",
            Self::Adresse => "adresse",
            Self::Cp => "cp",
            Self::Ville => "ville",
            Self::Moyen => "moyen",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Montant => "le montant",
            Self::MontantLibre => "l’autre montant",
            Self::Courriel => "l’adresse électronique",
            Self::Recu => "le choix du reçu fiscal",
            Self::Prenom => "le prénom",
            Self::Nom => "le nom",
            Self::Adresse => "le numéro et la rue",
            Self::Cp => "le code postal",
            Self::Ville => "la commune",
            Self::Moyen => "le moyen de paiement",
        }
    }
}

/// Something to correct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiveFault {
    /// No amount chosen, or the free amount is empty.
    AmountMissing,
    /// The free amount is not a number.
    AmountUnreadable,
    /// The free amount has a fraction of a cent.
    AmountTooPrecise,
    /// Too small.
    AmountTooSmall {
        /// Smallest gift.
        min: Cents,
    },
    /// Too large.
    AmountTooLarge {
        /// Largest gift.
        max: Cents,
    },
    /// No address.
    EmailMissing,
    /// Not an address.
    EmailInvalid,
    /// The receipt question has no answer.
    ReceiptUnanswered,
    /// A receipt needs the first name.
    FirstNameMissing,
    /// A receipt needs the last name.
    LastNameMissing,
    /// A receipt needs the street.
    StreetMissing,
    /// A receipt needs a postcode of five digits.
    PostcodeInvalid,
    /// A receipt needs the commune.
    CityMissing,
    /// No means of payment, or one that is not offered.
    MethodMissing,
    /// More characters than a field can keep.
    TooLong {
        /// Which field.
        field: Field,
    },
    /// A letter that the receipt has no font for.
    NotPrintable {
        /// Which field.
        field: Field,
    },
}

impl GiveFault {
    /// The field it is about.
    #[must_use]
    pub const fn field(self) -> Field {
        match self {
            Self::AmountMissing
            | Self::AmountUnreadable
            | Self::AmountTooPrecise
            | Self::AmountTooSmall { .. }
            | Self::AmountTooLarge { .. } => Field::MontantLibre,
            Self::EmailMissing | Self::EmailInvalid => Field::Courriel,
            Self::ReceiptUnanswered => Field::Recu,
            Self::FirstNameMissing => Field::Prenom,
            Self::LastNameMissing => Field::Nom,
            Self::StreetMissing => Field::Adresse,
            Self::PostcodeInvalid => Field::Cp,
            Self::CityMissing => Field::Ville,
            Self::MethodMissing => Field::Moyen,
            Self::TooLong { field } | Self::NotPrintable { field } => field,
        }
    }

    /// What to do: the link of the summary.
    #[must_use]
    pub fn summary(self) -> String {
        match self {
            Self::AmountMissing => "Choisissez un montant".into(),
            Self::AmountUnreadable | Self::AmountTooPrecise => "Corrigez le montant".into(),
            Self::AmountTooSmall { min } => format!("Donnez au moins {}", euros(min, false)),
            Self::AmountTooLarge { max } => format!("Donnez au plus {}", euros(max, false)),
            Self::EmailMissing => "Indiquez votre adresse électronique".into(),
            Self::EmailInvalid => "Complétez votre adresse électronique".into(),
            Self::ReceiptUnanswered => "Dites si vous souhaitez un reçu fiscal".into(),
            Self::FirstNameMissing => "Indiquez votre prénom".into(),
            Self::LastNameMissing => "Indiquez votre nom".into(),
            Self::StreetMissing => "Indiquez votre numéro et votre rue".into(),
            Self::PostcodeInvalid => "Corrigez le code postal".into(),
            Self::CityMissing => "Indiquez votre commune".into(),
            Self::MethodMissing => "Choisissez un moyen de paiement".into(),
            Self::TooLong { field } => format!("Raccourcissez {}", field.label()),
            Self::NotPrintable { field } => {
                format!("Écrivez {} en lettres latines", field.label())
            }
        }
    }

    /// What is wrong and why it matters: the line beside the field.
    #[must_use]
    pub fn message(self) -> String {
        match self {
            Self::AmountMissing => {
                "Choisissez un des montants, ou saisissez le vôtre en euros.".into()
            }
            Self::AmountUnreadable => {
                "Ce montant n’est pas un nombre. Écrivez par exemple 25 ou 37,50.".into()
            }
            Self::AmountTooPrecise => {
                "Un montant s’arrête aux centimes : deux chiffres après la virgule.".into()
            }
            Self::AmountTooSmall { min } => {
                format!("Sans compte, un don va de {} à davantage.", euros(min, false))
            }
            Self::AmountTooLarge { max } => format!(
                "Au-delà de {}, écrivez-nous : nous vérifions l’origine des grandes sommes.",
                euros(max, false)
            ),
            Self::EmailMissing => {
                "Sans adresse, nous ne pouvons pas vous envoyer la confirmation.".into()
            }
            Self::EmailInvalid => {
                "Cette adresse est incomplète. Elle s’écrit par exemple nom@exemple.fr.".into()
            }
            Self::ReceiptUnanswered => "Choisissez oui ou non : rien n’est coché d’avance.".into(),
            Self::FirstNameMissing => {
                "Indiquez votre prénom : l’administration l’exige sur le reçu fiscal.".into()
            }
            Self::LastNameMissing => {
                "Indiquez votre nom : l’administration l’exige sur le reçu fiscal.".into()
            }
            Self::StreetMissing => {
                "Indiquez votre adresse : sans elle, le reçu fiscal n’est pas valable.".into()
            }
            Self::PostcodeInvalid => "Un code postal a cinq chiffres, par exemple 23000.".into(),
            Self::CityMissing => {
                "Indiquez votre commune : sans elle, le reçu fiscal n’est pas valable.".into()
            }
            Self::MethodMissing => "Choisissez la carte ou le prélèvement.".into(),
            Self::TooLong { .. } => {
                "Ce texte est trop long pour être enregistré : abrégez-le.".into()
            }
            Self::NotPrintable { .. } => "Le reçu fiscal ne sait pas imprimer un de ces signes. \
                                          Écrivez-le autrement, ou répondez non à la question \
                                          du reçu."
                .into(),
        }
    }
}

impl Serialize for GiveFault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut told = serializer.serialize_struct("GiveFault", 3)?;
        told.serialize_field("field", self.field().name())?;
        told.serialize_field("summary", &self.summary())?;
        told.serialize_field("message", &self.message())?;
        told.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_with_its_field() {
        let told =
            serde_json::to_value(GiveFault::AmountTooSmall { min: Cents::new(500) }).unwrap();
        assert_eq!(told["field"], "montant-libre");
        assert_eq!(told["summary"], "Donnez au moins 5\u{a0}€");
        let long = GiveFault::TooLong { field: Field::Ville };
        assert_eq!(
            (long.field().name(), long.summary().as_str()),
            ("ville", "Raccourcissez la commune")
        );
    }
}
