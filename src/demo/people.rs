//! Invented donors, all over France.

use actions::DonorDetails;
use domain::{
    people::{PersonName, PostalAddress},
    place,
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

const FIRST_NAMES: [&str; 20] = [
    "Camille",
    "Awa",
    "Louis",
    "Inès",
    "Mathieu",
    "Fatou",
    "Jeanne",
    "Karim",
    "Lucie",
    "Yann",
    "Élodie",
    "Hugo",
    "Nadia",
    "Paul",
    "Sofia",
    "Thomas",
    "Aïcha",
    "Bruno",
    "Clémence",
    "Théo",
];
const LAST_NAMES: [&str; 20] = [
    "Lestrade",
    "Diallo",
    "Morel",
    "Garnier",
    "Benali",
    "Le Goff",
    "Perrin",
    "Traoré",
    "Fabre",
    "Nguyen",
    "Roussel",
    "Hoarau",
    "Lambert",
    "Marchand",
    "Cissé",
    "Dupuis",
    "Ferrand",
    "Vidal",
    "Noël",
    "Chevalier",
];
const STREETS: [&str; 6] = [
    "rue de la Mairie",
    "place du Marché",
    "rue des Écoles",
    "avenue de la Gare",
    "chemin des Vignes",
    "rue Pasteur",
];
/// A donor of a small town of invented people, so that some give more than once.
pub fn donor(chance: &mut ChaCha8Rng) -> DonorDetails {
    let first = FIRST_NAMES[chance.random_range(0..FIRST_NAMES.len())];
    let last = LAST_NAMES[chance.random_range(0..LAST_NAMES.len())];
    let number = chance.random_range(1..12_u32);
    let address = format!(
        "{}.{}{number}@exemple.fr",
        place::folded(first).replace(' ', "-"),
        place::folded(last).replace([' ', '\''], "-"),
    );
    let communes = place::communes();
    let home = &communes[chance.random_range(0..communes.len())];
    let street = STREETS[chance.random_range(0..STREETS.len())];
    let wants_receipt = chance.random_ratio(7, 10);
    DonorDetails {
        email: address.parse().unwrap_or_else(|_| super::fallback_address()),
        name: PersonName { first: first.to_owned(), last: last.to_owned() },
        address: wants_receipt.then(|| PostalAddress {
            line: format!("{}, {street}", chance.random_range(1..90_u32)),
            postcode: home.postcodes().next().unwrap_or_default().to_owned(),
            city: home.name.to_owned(),
            country: "FR".to_owned(),
        }),
        wants_receipt,
        public_name: chance.random_ratio(3, 10),
        wants_news: chance.random_ratio(4, 10),
    }
}
