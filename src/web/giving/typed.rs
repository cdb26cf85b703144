//! The giving form as typed, and what is wrong with it.

use actions::DonorDetails;
use domain::{
    Cents,
    gift::{AmountBounds, AmountRefused, PaymentMethod},
    money::NotAnAmount,
    people::{EmailAddress, PersonName, PostalAddress},
};
use serde::Deserialize;
use templates::pages::give::{Field, GiveFault, Typed};

use super::amounts::Chosen;

/// Every field, as a text. Unknown fields are refused.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GiveForm {
    montant: String,
    #[serde(rename = "montant-libre")]
    montant_libre: String,
    courriel: String,
    recu: Option<String>,
    prenom: String,
    nom: String,
    adresse: String,
    cp: String,
    ville: String,
    public: Option<String>,
    moyen: String,
    nouvelles: Option<String>,
    encore: Option<String>,
    apercu: Option<String>,
    /// The one-time key of the form.
    pub intention: String,
}

/// A form without a fault.
#[derive(Clone, Debug)]
pub struct Understood {
    /// In cents.
    pub amount: Cents,
    /// How it will be paid.
    pub method: PaymentMethod,
    /// Who gives.
    pub donor: DonorDetails,
}

impl GiveForm {
    /// The amount as chosen.
    #[must_use]
    pub fn chosen(&self) -> Chosen {
        Chosen { preset: self.montant.clone(), free: self.montant_libre.trim().to_owned() }
    }

    /// True when only the answer to the amount is asked for.
    #[must_use]
    pub fn asks_preview(&self) -> bool {
        self.apercu.is_some()
    }

    /// True when a gift just like the last one is meant.
    #[must_use]
    pub fn again(&self) -> bool {
        self.encore.is_some()
    }

    /// What a receipt cannot print, by field, as `can_print` judges each text.
    #[must_use]
    pub fn not_printable(&self, can_print: impl Fn(&str) -> bool) -> Vec<GiveFault> {
        let fields = [
            (&self.prenom, Field::Prenom),
            (&self.nom, Field::Nom),
            (&self.adresse, Field::Adresse),
            (&self.cp, Field::Cp),
            (&self.ville, Field::Ville),
        ];
        let wrong = fields.into_iter().filter(|(text, _)| !can_print(text));
        wrong.map(|(_, field)| GiveFault::NotPrintable { field }).collect()
    }

    fn wants_receipt(&self) -> Option<bool> {
        match self.recu.as_deref() {
            Some("oui") => Some(true),
            Some("non") => Some(false),
            _ => None,
        }
    }

    /// What was typed, to be shown again.
    #[must_use]
    pub fn shown(&self) -> Typed {
        Typed {
            email: self.courriel.clone(),
            receipt: self.wants_receipt(),
            first_name: self.prenom.clone(),
            last_name: self.nom.clone(),
            street: self.adresse.clone(),
            postcode: self.cp.clone(),
            city: self.ville.clone(),
            shown: self.public.as_deref() == Some("oui"),
            method: PaymentMethod::from_code(&self.moyen),
            news: self.nouvelles.is_some(),
        }
    }

    /// Reads the form. `receipts` is false when the organisation can issue none: then the question
    /// was not asked.
    ///
    /// # Errors
    /// Everything that must be corrected, in the order of the page.
    pub fn understand(
        &self,
        bounds: AmountBounds,
        receipts: bool,
    ) -> Result<Understood, Vec<GiveFault>> {
        let mut faults = Vec::new();
        let amount = self.amount(bounds).map_err(|fault| faults.push(fault)).ok();
        let email = self.email().map_err(|fault| faults.push(fault)).ok();
        let wanted = if receipts { self.wants_receipt() } else { Some(false) };
        if wanted.is_none() {
            faults.push(GiveFault::ReceiptUnanswered);
        }
        if wanted == Some(true) {
            self.identity(&mut faults);
        }
        self.lengths(&mut faults);
        let method = PaymentMethod::from_code(&self.moyen);
        if method.is_none() {
            faults.push(GiveFault::MethodMissing);
        }
        match (amount, email, wanted, method) {
            (Some(amount), Some(email), Some(wanted), Some(method)) if faults.is_empty() => {
                Ok(Understood { amount, method, donor: self.donor(email, wanted) })
            }
            _ => Err(faults),
        }
    }

    fn amount(&self, bounds: AmountBounds) -> Result<Cents, GiveFault> {
        let chosen = self.chosen();
        let cents = match chosen.preset_cents() {
            Some(cents) if !chosen.is_free() => cents,
            _ => Cents::parse_euros(&chosen.free).map_err(|fault| match fault {
                NotAnAmount::Empty => GiveFault::AmountMissing,
                NotAnAmount::NotANumber => GiveFault::AmountUnreadable,
                NotAnAmount::TooPrecise => GiveFault::AmountTooPrecise,
                NotAnAmount::TooLarge => GiveFault::AmountTooLarge { max: bounds.max },
            })?,
        };
        bounds.check(cents).map_err(|refused| amount_fault(refused, bounds))
    }

    fn email(&self) -> Result<EmailAddress, GiveFault> {
        if self.courriel.trim().is_empty() {
            return Err(GiveFault::EmailMissing);
        }
        self.courriel.parse().map_err(|_| GiveFault::EmailInvalid)
    }

    fn identity(&self, faults: &mut Vec<GiveFault>) {
        let postcode = self.cp.trim();
        let digits = postcode.len() == 5 && postcode.bytes().all(|byte| byte.is_ascii_digit());
        let missing = [
            (self.prenom.trim().is_empty(), GiveFault::FirstNameMissing),
            (self.nom.trim().is_empty(), GiveFault::LastNameMissing),
            (self.adresse.trim().is_empty(), GiveFault::StreetMissing),
            (!digits, GiveFault::PostcodeInvalid),
            (self.ville.trim().is_empty(), GiveFault::CityMissing),
        ];
        faults.extend(missing.into_iter().filter(|(is, _)| *is).map(|(_, fault)| fault));
    }

    fn lengths(&self, faults: &mut Vec<GiveFault>) {
        let fields = [
            (&self.prenom, 100, Field::Prenom),
            (&self.nom, 100, Field::Nom),
            (&self.adresse, 200, Field::Adresse),
            (&self.ville, 100, Field::Ville),
        ];
        let long = fields.into_iter().filter(|(text, most, _)| text.chars().count() > *most);
        faults.extend(long.map(|(_, _, field)| GiveFault::TooLong { field }));
    }

    fn donor(&self, email: EmailAddress, wants_receipt: bool) -> DonorDetails {
        let tidy = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        DonorDetails {
            email,
            name: PersonName { first: tidy(&self.prenom), last: tidy(&self.nom) },
            address: wants_receipt.then(|| PostalAddress {
                line: tidy(&self.adresse),
                postcode: self.cp.trim().to_owned(),
                city: tidy(&self.ville),
                country: "FR".to_owned(),
            }),
            wants_receipt,
            public_name: self.public.as_deref() == Some("oui"),
            wants_news: self.nouvelles.is_some(),
        }
    }
}

/// What is wrong with an amount outside the bounds.
#[must_use]
pub const fn amount_fault(refused: AmountRefused, bounds: AmountBounds) -> GiveFault {
    match refused {
        AmountRefused::TooSmall => GiveFault::AmountTooSmall { min: bounds.min },
        AmountRefused::TooLarge => GiveFault::AmountTooLarge { max: bounds.max },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: AmountBounds = AmountBounds { min: Cents::new(500), max: Cents::new(1_000_000) };

    fn form() -> GiveForm {
        GiveForm {
            montant: "20".into(),
            courriel: "camille@exemple.fr".into(),
            recu: Some("oui".into()),
            prenom: " Camille ".into(),
            nom: "Lestrade".into(),
            adresse: "1  rue  Verte".into(),
            cp: "23000".into(),
            ville: "Guéret".into(),
            moyen: "carte".into(),
            ..GiveForm::default()
        }
    }

    fn faults(change: impl FnOnce(&mut GiveForm)) -> Vec<GiveFault> {
        let mut changed = form();
        change(&mut changed);
        changed.understand(BOUNDS, true).err().unwrap_or_default()
    }

    #[test]
    fn a_good_form_is_understood() {
        let understood = form().understand(BOUNDS, true).unwrap();
        assert_eq!(understood.amount, Cents::new(2_000));
        assert_eq!(understood.method, PaymentMethod::Card);
        assert_eq!(understood.donor.name.full(), "Camille Lestrade");
        assert_eq!(understood.donor.address.unwrap().line, "1 rue Verte");
        assert!(!understood.donor.public_name && !understood.donor.wants_news);
    }

    #[test]
    fn a_free_amount_wins_only_when_it_is_chosen() {
        let amount = |preset: &str, free: &str| {
            let form = GiveForm { montant: preset.into(), montant_libre: free.into(), ..form() };
            form.understand(BOUNDS, true).map(|understood| understood.amount.get())
        };
        assert_eq!(amount("20", "35"), Ok(2_000));
        assert_eq!(amount("libre", "37,50"), Ok(3_750));
        assert_eq!(amount("", "35"), Ok(3_500));
        assert_eq!(amount("21", "35"), Ok(3_500));
    }

    #[test]
    fn bad_amounts_are_each_told_apart() {
        let fault = |free: &str| {
            faults(|form| (form.montant, form.montant_libre) = ("libre".into(), free.into()))
        };
        assert_eq!(fault("0"), [GiveFault::AmountTooSmall { min: BOUNDS.min }]);
        assert_eq!(fault("-5"), [GiveFault::AmountTooSmall { min: BOUNDS.min }]);
        assert_eq!(fault("1e9"), [GiveFault::AmountUnreadable]);
        assert_eq!(fault("1000000000"), [GiveFault::AmountTooLarge { max: BOUNDS.max }]);
        assert_eq!(fault("abc"), [GiveFault::AmountUnreadable]);
        assert_eq!(fault("0.001"), [GiveFault::AmountTooPrecise]);
        assert_eq!(fault(" "), [GiveFault::AmountMissing]);
    }

    #[test]
    fn everything_wrong_is_told_at_once_in_the_order_of_the_page() {
        let empty = GiveForm { recu: Some("oui".into()), ..GiveForm::default() };
        let told = empty.understand(BOUNDS, true).unwrap_err();
        assert_eq!(
            told,
            [
                GiveFault::AmountMissing,
                GiveFault::EmailMissing,
                GiveFault::FirstNameMissing,
                GiveFault::LastNameMissing,
                GiveFault::StreetMissing,
                GiveFault::PostcodeInvalid,
                GiveFault::CityMissing,
                GiveFault::MethodMissing,
            ]
        );
        assert_eq!(faults(|form| form.recu = None), [GiveFault::ReceiptUnanswered]);
        let long = faults(|form| form.ville = "x".repeat(101));
        assert_eq!(long, [GiveFault::TooLong { field: Field::Ville }]);
    }

    #[test]
    fn without_a_receipt_nobody_asks_for_an_address() {
        let bare = GiveForm {
            montant: "20".into(),
            courriel: "camille@exemple.fr".into(),
            moyen: "sepa".into(),
            ..GiveForm::default()
        };
        assert!(bare.understand(BOUNDS, true).is_err());
        let understood = bare.understand(BOUNDS, false).unwrap();
        assert!(understood.donor.address.is_none() && !understood.donor.wants_receipt);
    }
}
