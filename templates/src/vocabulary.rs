//! The French words of codes that travel in data: publics, services, pathways, origins…

use crate::kept_words::{KEPT, KEPT_SINCE, KEPT_WHY};

const PUBLICS: [(&str, &str); 22] = [
    ("seniors", "Seniors"),
    ("habitants_zones_rurales", "Habitants de zones rurales"),
    ("minima_sociaux", "Bénéficiaires de minima sociaux"),
    ("familles_enfants", "Familles et enfants"),
    ("jeunes", "Jeunes"),
    ("sans_domicile", "Personnes sans domicile"),
    ("sites_isoles", "Habitants de sites isolés"),
    ("allophones", "Personnes allophones"),
    ("femmes", "Femmes"),
    ("demandeurs_emploi", "Demandeurs d’emploi"),
    ("malades_aidants", "Personnes malades ou aidantes"),
    ("mobilite_reduite", "Personnes à mobilité réduite"),
    ("aidants_travailleurs_sociaux", "Aidants et travailleurs sociaux"),
    ("etudiants", "Étudiants"),
    ("agriculteurs", "Agriculteurs"),
    ("artisans_commercants", "Artisans et commerçants"),
    ("illettrisme", "Personnes en situation d’illettrisme"),
    ("saisonniers", "Travailleurs saisonniers"),
    ("sourds_malentendants", "Personnes sourdes ou malentendantes"),
    ("sous_main_de_justice", "Personnes placées sous main de justice"),
    ("salaries_peu_qualifies", "Salariés peu qualifiés"),
    ("mediateurs_numeriques", "Médiateurs numériques"),
];

const SERVICES: [(&str, &str); 9] = [
    ("aide_demarches_administratives", "Aide aux démarches administratives"),
    ("acces_internet_materiel", "Accès internet et matériel"),
    ("outils_du_quotidien", "Maîtrise des outils du quotidien"),
    ("materiel_prix_solidaire", "Matériel à prix solidaire"),
    ("utilisation_securisee", "Utilisation sécurisée"),
    ("insertion_professionnelle", "Insertion professionnelle"),
    ("comprehension_du_numerique", "Compréhension du monde numérique"),
    ("parentalite_education", "Parentalité et éducation"),
    ("loisirs_creations", "Loisirs et créations"),
];

const AXES: [(&str, &str); 3] = [
    ("emploi", "Emploi"),
    ("insertion", "Insertion"),
    ("innovation_sociale", "Innovation sociale"),
];

const CATEGORIES: [(&str, &str); 3] = [
    ("urgence", "Urgence numérique"),
    ("inclusion", "Inclusion numérique"),
    ("autonomie", "Autonomie numérique"),
];

const STAGES: [(&str, &str); 3] =
    [("amorcage", "Amorçage"), ("prototypage", "Prototypage"), ("essaimage", "Essaimage")];

const ORIGINS: [(&str, &str); 7] = [
    ("state", "État"),
    ("eu", "Union européenne (FSE+)"),
    ("local_authority", "Collectivités"),
    ("operator", "Opérateurs télécoms"),
    ("company", "Entreprises"),
    ("foundation", "Fondations"),
    ("citizen", "Citoyens"),
];

/// As in « Financé par … ».
const FUNDERS: [(&str, &str); 7] = [
    ("state", "l’État"),
    ("eu", "l’Union européenne (FSE+)"),
    ("local_authority", "les collectivités"),
    ("operator", "les opérateurs télécoms"),
    ("company", "des entreprises"),
    ("foundation", "des fondations"),
    ("citizen", "des citoyens"),
];

/// What an issuer is, as its box on the receipt says (the form 2041-RD).
const BODIES: [(&str, &str); 10] = [
    ("general_interest", "Œuvre ou organisme d’intérêt général"),
    ("public_body", "Autre organisme : État, collectivité territoriale ou établissement public"),
    (
        "aid_to_people_in_difficulty",
        "Organisme sans but lucratif fournissant gratuitement une aide alimentaire ou des soins à \
         des personnes en difficulté, ou favorisant leur logement",
    ),
    (
        "domestic_violence",
        "Organisme sans but lucratif accompagnant gratuitement les victimes de violences \
         domestiques",
    ),
    ("rup_foundation", "Fondation reconnue d’utilité publique"),
    ("rup_association", "Association reconnue d’utilité publique"),
    ("endowment_fund", "Fonds de dotation"),
    ("eu_approved", "Organisme agréé d’un autre État européen"),
    ("insertion_structure", "Entreprise ou association d’insertion par l’activité économique"),
    (
        "higher_education_research",
        "Établissement d’enseignement supérieur ou de recherche, d’intérêt général, à but non \
         lucratif",
    ),
];

const ROLES: [(&str, &str); 4] = [
    ("owner", "responsable"),
    ("editor", "rédaction"),
    ("finance", "finances"),
    ("reader", "lecture"),
];

const STAFF: [(&str, &str); 3] = [
    ("administrator", "administration"),
    ("operator", "pilotage du fonds"),
    ("auditor", "contrôle"),
];

const PROVIDERS: [(&str, &str); 2] =
    [("proconnect", "ProConnect"), ("franceconnect", "FranceConnect")];

/// What is done to people, organisations and settings, as the trail calls it.
const DEEDS: [(&str, &str); 53] = [
    ("add_identity", "ajouter une identité"),
    ("add_instalment", "inscrire un versement"),
    ("add_passkey", "ajouter une clé"),
    ("appoint", "donner ou retirer un rôle à la plateforme"),
    ("approve_rule", "approuver une règle"),
    ("ask_address_change", "demander un changement d’adresse"),
    ("ask_recovery", "demander de nouvelles clés"),
    ("ask_to_be_forgotten", "demander l’effacement"),
    ("attach_agreement", "joindre une convention signée"),
    ("begin_agreement", "inscrire une convention"),
    ("begin_order", "préparer un ordre d’affectation"),
    ("begin_rule", "commencer une version de règle"),
    ("call_instalment", "appeler un versement"),
    ("cancel_instalment", "annuler un versement"),
    ("change_address", "changer d’adresse"),
    ("claim", "agir pour une organisation selon ProConnect"),
    ("close_discrepancy", "clore un écart"),
    ("confirm_recovery", "retirer des clés perdues"),
    ("create_pot", "créer une enveloppe"),
    ("decline", "décliner une invitation"),
    ("edit_rule", "modifier un brouillon de règle"),
    ("entrust", "confier une organisation"),
    ("export", "prendre le journal en fichier"),
    ("export_ledger", "prendre le registre d’une enveloppe"),
    ("find", "trouver dans une recherche"),
    ("give_up_recovery", "abandonner la demande de clés"),
    ("guarantee_instalment", "inscrire un versement garanti"),
    ("import_flags", "importer les zonages des communes"),
    ("import_need", "importer une table de besoin"),
    ("invite", "inviter"),
    ("join", "rejoindre"),
    ("leave", "quitter"),
    ("lift_suspension", "lever une suspension"),
    ("look_at", "consulter"),
    ("merge", "réunir"),
    ("move_pot", "changer l’ordre des enveloppes"),
    ("receive_instalment", "inscrire un versement reçu"),
    ("refuse_rule", "refuser une règle"),
    ("rehearse_rule", "répéter une règle"),
    ("remove_identity", "retirer une identité"),
    ("remove_passkey", "retirer une clé"),
    ("retry_job", "relancer une tâche"),
    ("set", "régler"),
    ("set_role", "changer un rôle"),
    ("sign_order", "signer un ordre d’affectation"),
    ("stop_address_change", "arrêter un changement d’adresse"),
    ("submit_rule", "soumettre une règle"),
    ("suspend", "suspendre"),
    ("withdraw", "retirer une invitation"),
    ("withdraw_contribution", "inscrire une contribution reprise"),
    ("withdraw_order", "retirer un ordre d’affectation"),
    ("withdraw_rule", "retirer un brouillon de règle"),
    ("write_again", "réessayer une adresse"),
];

/// The fields of the rule editor; another is told by its own name.
const RULE_FIELDS: [(&str, &str); 29] = [
    ("nom", "Nom"),
    ("base", "Texte"),
    ("rang", "Rang"),
    ("mode", "Quand il donne"),
    ("taux", "Taux, %"),
    ("taux-max", "Taux maximal, %"),
    ("ensemble", "Plusieurs majorations"),
    ("rattrapage", "Rattrapage à la clôture"),
    ("du", "Premier jour"),
    ("au", "Dernier jour"),
    ("minimum", "Don minimal, €"),
    ("base-par-don", "Part d’un don complétée, €"),
    ("base-par-donateur", "Dons complétés par donateur, €"),
    ("plafond-donateur", "Abondement par donateur, €"),
    ("plafond-campagne", "Abondement par campagne, €"),
    ("part-objectif", "Part de l’objectif, %"),
    ("rural", "Territoire rural"),
    ("prioritaire", "Territoire prioritaire"),
    ("territoires", "Territoires"),
    ("campagnes", "Campagnes"),
    ("porteurs", "Porteurs"),
    ("seuil-montant", "Seuil, €"),
    ("seuil-part", "Seuil, % de l’objectif"),
    ("seuil-donateurs", "Seuil, donateurs"),
    ("seuil-effet", "Effet du seuil"),
    ("seuil-somme", "Somme versée, €"),
    ("paire", "Borne d’une paire, €"),
    ("tout-partager", "Tout partager"),
    ("part-du-pot", "Part du pot, %"),
];

/// How far an instalment is.
const INSTALMENTS: [(&str, &str); 6] = [
    ("promised", "promis"),
    ("called", "appelé"),
    ("guaranteed", "garanti"),
    ("received", "reçu"),
    ("withdrawn", "repris"),
    ("cancelled", "annulé"),
];

/// How far an allocation order is.
const ORDERS: [(&str, &str); 4] = [
    ("open", "attend une seconde signature"),
    ("lapsed", "périmé"),
    ("signed", "signé et exécuté"),
    ("withdrawn", "retiré"),
];

const METHODS: [(&str, &str); 2] = [("carte", "carte bancaire"), ("sepa", "prélèvement SEPA")];

/// The codes of the publics, in the order in which people read them.
pub fn publics() -> impl Iterator<Item = &'static str> {
    PUBLICS.iter().map(|(code, _)| *code)
}

/// The codes of the services, in the order in which people read them.
pub fn services() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().map(|(code, _)| *code)
}

/// The codes of the axes of corporate responsibility.
pub fn axes() -> impl Iterator<Item = &'static str> {
    AXES.iter().map(|(code, _)| *code)
}

/// The codes of what is done, in the order of their names.
#[must_use]
pub fn deeds() -> Vec<String> {
    DEEDS.iter().map(|(code, _)| (*code).to_owned()).collect()
}

/// The French label of a code. A public, service or axis that is not in the table is shown by its
/// code with spaces: data may know one before we do. Nothing for a kind that does not exist.
#[must_use]
pub fn label(kind: &str, code: &str) -> Option<String> {
    let (table, open): (&[(&str, &str)], bool) = match kind {
        "public" => (&PUBLICS, true),
        "service" => (&SERVICES, true),
        "axe" => (&AXES, true),
        "parcours" => (&CATEGORIES, false),
        "stade" => (&STAGES, false),
        "origine" => (&ORIGINS, false),
        "financeur" => (&FUNDERS, false),
        "moyen" => (&METHODS, false),
        "role" => (&ROLES, false),
        "equipe" => (&STAFF, false),
        "identite" => (&PROVIDERS, false),
        "versement" => (&INSTALMENTS, false),
        "ordre" => (&ORDERS, false),
        "geste" => (&DEEDS, true),
        "champ_de_regle" => (&RULE_FIELDS, true),
        "organisme" => (&BODIES, false),
        "donnee" => (&KEPT, false),
        "raison_de_garder" => (&KEPT_WHY, false),
        "depuis_quand" => (&KEPT_SINCE, false),
        _ => return None,
    };
    let found = table.iter().find(|(known, _)| *known == code).map(|(_, label)| *label);
    found.map(str::to_owned).or_else(|| open.then(|| code.replace('_', " ")))
}

#[cfg(test)]
mod tests {
    use domain::{
        campaign::{Category, Stage},
        gift::PaymentMethod,
        pot::{InstalmentState, Origin},
        retention::Kept,
        role::{Role, StaffRole},
    };

    use super::*;

    #[test]
    fn every_code_of_the_domain_has_a_label() {
        assert!(Category::ALL.iter().all(|one| label("parcours", one.code()).is_some()));
        assert!(Stage::ALL.iter().all(|one| label("stade", one.code()).is_some()));
        for kind in ["donnee", "raison_de_garder", "depuis_quand"] {
            assert!(Kept::ALL.iter().all(|one| label(kind, one.code()).is_some()), "{kind}");
        }
        assert!(InstalmentState::ALL.iter().all(|one| label("versement", one.code()).is_some()));
        assert!(Role::ALL.iter().all(|one| label("role", one.code()).is_some()));
        assert!(StaffRole::ALL.iter().all(|one| label("equipe", one.code()).is_some()));
        assert!(PaymentMethod::ALL.iter().all(|one| label("moyen", one.code()).is_some()));
        for origin in [
            Origin::Eu,
            Origin::State,
            Origin::LocalAuthority,
            Origin::Operator,
            Origin::Company,
            Origin::Foundation,
            Origin::Citizen,
        ] {
            assert!(label("origine", origin.code()).is_some());
            assert!(label("financeur", origin.code()).is_some());
        }
        // The page and the printed receipt say the same.
        let printed = include_str!("../documents/receipt.typ");
        for (code, _) in BODIES {
            assert!(printed.contains(&format!("  {code}: \"")), "{code}");
        }
    }

    #[test]
    fn a_public_we_do_not_know_is_shown_and_a_kind_is_refused() {
        assert_eq!(label("public", "gens_du_voyage").unwrap(), "gens du voyage");
        assert_eq!(label("stade", "gens_du_voyage"), None);
        assert_eq!(label("rien", "seniors"), None);
    }
}
