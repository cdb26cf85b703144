//! Whose each route is: the table that [`crate::walk`] goes through.

use std::collections::BTreeMap;

use domain::role::StaffRole;

/// Whose a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Anybody's; everybody gets the same answer.
    Anybodys,
    /// Anybody's who is signed in.
    SignedIn,
    /// The members' of the organisation in the address.
    Members,
    /// Only of those who say who is a member.
    Owners,
    /// Of these roles of the platform, a passkey proven.
    Staff(&'static [StaffRole]),
}

use StaffRole::{Administrator, Auditor, Operator};
use Whose::{Anybodys, Members, Owners, SignedIn, Staff};

const ANYONE: Whose = Staff(&[Administrator, Operator, Auditor]);
const FUND: Whose = Staff(&[Operator, Auditor]);

const ROUTES: &[(&str, &str, Whose)] = &[
    ("GET", "/", Anybodys),
    ("GET", "/campagnes", Anybodys),
    ("GET", "/campagnes/{slug}", Anybodys),
    ("GET", "/campagnes/{slug}/apercu", Anybodys),
    ("GET", "/campagnes/{slug}/don", Anybodys),
    ("POST", "/campagnes/{slug}/don", Anybodys),
    ("GET", "/campagnes/{slug}/flux", Anybodys),
    ("GET", "/campagnes/{slug}/partage.png", Anybodys),
    ("POST", "/campagnes/{slug}/suivre", Anybodys),
    ("POST", "/campagnes/{slug}/signaler", Anybodys),
    ("GET", "/flux/pot", Anybodys),
    ("GET", "/regles", Anybodys),
    ("GET", "/transparence", Anybodys),
    ("GET", "/transparence/registres", Anybodys),
    ("GET", "/transparence/registres/{pot}/registre.json", Anybodys),
    ("GET", "/transparence/sceaux.json", Anybodys),
    ("GET", "/verifier", Anybodys),
    ("GET", "/verifier/{reference}", Anybodys),
    ("GET", "/verifier/{reference}/preuve.json", Anybodys),
    ("GET", "/verifier/jour", Anybodys),
    ("GET", "/verifier/jour/{day}", Anybodys),
    ("GET", "/verifier/jour/{day}/sceau.json", Anybodys),
    ("GET", "/verifier/recu", Anybodys),
    ("POST", "/verifier/recu", Anybodys),
    ("GET", "/aide", Anybodys),
    ("GET", "/conditions", Anybodys),
    ("GET", "/donnees-personnelles", Anybodys),
    ("GET", "/accessibilite", Anybodys),
    ("GET", "/mentions-legales", Anybodys),
    ("POST", "/preferences", Anybodys),
    ("GET", "/statique/{*path}", Anybodys),
    ("GET", "/dons/{token}", Anybodys),
    ("GET", "/dons/confirmer/{token}", Anybodys),
    ("POST", "/dons/confirmer/{token}", Anybodys),
    ("POST", "/dons/{token}/remboursement", Anybodys),
    ("GET", "/recus/{token}", Anybodys),
    ("GET", "/recus/{token}/recu.pdf", Anybodys),
    ("GET", "/suivi/{token}", Anybodys),
    ("POST", "/suivi/{token}", Anybodys),
    ("GET", "/suivi/{token}/arret", Anybodys),
    ("POST", "/suivi/{token}/arret", Anybodys),
    ("GET", "/courriels", Anybodys),
    ("GET", "/courriels.json", Anybodys),
    ("POST", "/courriels", Anybodys),
    ("GET", "/courriels/{id}", Anybodys),
    ("GET", "/courriels/{id}/html", Anybodys),
    ("GET", "/courriels/{id}/pieces/{place}", Anybodys),
    ("GET", "/robots.txt", Anybodys),
    ("GET", "/sitemap.xml", Anybodys),
    ("GET", "/.well-known/security.txt", Anybodys),
    ("POST", "/csp", Anybodys),
    ("GET", "/healthz", Anybodys),
    ("GET", "/readyz", Anybodys),
    ("GET", "/metrics", Anybodys),
    ("POST", "/webhooks/stripe", Anybodys),
    ("GET", "/connexion", Anybodys),
    ("POST", "/connexion", Anybodys),
    ("GET", "/connexion/code", Anybodys),
    ("POST", "/connexion/code", Anybodys),
    ("GET", "/connexion/lien/{token}", Anybodys),
    ("POST", "/connexion/lien/{token}", Anybodys),
    ("GET", "/connexion/{provider}/retour", Anybodys),
    ("GET", "/mon-espace", SignedIn),
    ("POST", "/mon-espace", SignedIn),
    ("GET", "/mon-espace/connexions", SignedIn),
    ("POST", "/mon-espace/connexions", SignedIn),
    ("GET", "/mon-espace/cles", SignedIn),
    ("POST", "/mon-espace/cles", SignedIn),
    ("POST", "/mon-espace/cles/question", SignedIn),
    ("GET", "/mon-espace/identites", SignedIn),
    ("POST", "/mon-espace/identites", SignedIn),
    ("GET", "/mon-espace/donnees.json", SignedIn),
    ("GET", "/mon-espace/adresse", SignedIn),
    ("POST", "/mon-espace/adresse", SignedIn),
    ("GET", "/mon-espace/adresse/{token}", SignedIn),
    ("POST", "/mon-espace/adresse/{token}", SignedIn),
    ("GET", "/adresse/{token}", Anybodys),
    ("POST", "/adresse/{token}", Anybodys),
    ("GET", "/mon-espace/effacement", SignedIn),
    ("POST", "/mon-espace/effacement", SignedIn),
    ("GET", "/structures/{structure}", Members),
    ("GET", "/structures/{structure}/membres", Members),
    ("POST", "/structures/{structure}/membres", Owners),
    ("POST", "/structures/{structure}/depart", Members),
    ("GET", "/plateforme", ANYONE),
    ("POST", "/plateforme", Staff(&[Administrator])),
    ("GET", "/fonds", FUND),
    ("GET", "/fonds/regles", FUND),
    ("POST", "/fonds/regles", Staff(&[Operator])),
    ("GET", "/fonds/regles/{number}", FUND),
    ("POST", "/fonds/regles/{number}", Staff(&[Operator])),
    ("GET", "/fonds/repetitions/{rehearsal}", FUND),
    ("GET", "/fonds/repetitions/{rehearsal}/ecarts.csv", FUND),
    ("GET", "/plateforme/personnes", Staff(&[Administrator])),
    ("GET", "/plateforme/personnes/{personne}", Staff(&[Administrator])),
    ("POST", "/plateforme/personnes/{personne}", Staff(&[Administrator])),
    ("GET", "/plateforme/organisations/{structure}", Staff(&[Administrator])),
    ("POST", "/plateforme/organisations/{structure}", Staff(&[Administrator])),
    ("GET", "/plateforme/journal", Staff(&[Administrator, Auditor])),
    ("GET", "/plateforme/journal.csv", Staff(&[Administrator, Auditor])),
    ("GET", "/plateforme/reglages", ANYONE),
    ("GET", "/plateforme/pots/{pot}/registre.json", Staff(&[Operator, Auditor])),
    ("GET", "/plateforme/equipe", Staff(&[Administrator, Auditor])),
    ("POST", "/plateforme/equipe", Staff(&[Administrator])),
];

pub fn known() -> BTreeMap<(String, String), Whose> {
    let named = |(method, path): (&str, &str)| (method.to_owned(), path.to_owned());
    ROUTES.iter().map(|&(method, path, whose)| (named((method, path)), whose)).collect()
}
