//! Pages lead only to addresses that exist, and every static file they ask for is there.

use templates::static_file;

use crate::gallery::DRAWN;

/// The public routes. `{}` stands for one part of a path.
const ROUTES: [&str; 79] = [
    "/",
    "/campagnes",
    "/campagnes/{}",
    "/campagnes/{}/don",
    "/campagnes/{}/apercu",
    "/campagnes/{}/flux",
    "/campagnes/{}/suivre",
    "/campagnes/{}/signaler",
    "/flux/pot",
    "/dons/{}",
    "/dons/confirmer/{}",
    "/dons/{}/remboursement",
    "/recus/{}",
    "/recus/{}/recu.pdf",
    "/suivi/{}",
    "/suivi/{}/arret",
    "/courriels",
    "/courriels/{}",
    "/courriels/{}/html",
    "/courriels/{}/pieces/{}",
    "/regles",
    "/transparence",
    "/aide",
    "/conditions",
    "/donnees-personnelles",
    "/accessibilite",
    "/mentions-legales",
    "/verifier",
    "/verifier/{}",
    "/verifier/{}/preuve.json",
    "/verifier/jour/{}",
    "/verifier/jour/{}/sceau.json",
    "/transparence/registres",
    "/transparence/registres/{}/registre.json",
    "/transparence/sceaux.json",
    "/preferences",
    "/connexion",
    "/connexion/code",
    "/connexion/lien/{}",
    "/mon-espace",
    "/mon-espace/connexions",
    "/mon-espace/cles",
    "/mon-espace/identites",
    "/mon-espace/donnees.json",
    "/mon-espace/adresse",
    "/mon-espace/adresse/{}",
    "/mon-espace/effacement",
    "/adresse/{}",
    "/plateforme",
    "/fonds",
    "/fonds/regles",
    "/fonds/besoins",
    "/fonds/besoins/modele.csv",
    "/fonds/besoins/{}",
    "/fonds/besoins/{}/table.csv",
    "/fonds/besoins/{}/enveloppes.csv",
    "/fonds/regles/{}",
    "/fonds/pots",
    "/fonds/pots/{}",
    "/plateforme/pots/{}/registre.json",
    "/fonds/pots/{}/convention",
    "/fonds/pots/{}/ordre",
    "/fonds/conventions/{}",
    "/fonds/conventions/{}/document",
    "/fonds/ordres/{}",
    "/fonds/contributeurs/{}",
    "/fonds/contributeurs/{}/releve.csv",
    "/fonds/repetitions/{}",
    "/fonds/repetitions/{}/ecarts.csv",
    "/plateforme/personnes",
    "/plateforme/personnes/{}",
    "/plateforme/organisations/{}",
    "/plateforme/journal",
    "/plateforme/journal.csv",
    "/plateforme/reglages",
    "/plateforme/equipe",
    "/structures/{}",
    "/structures/{}/membres",
    "/structures/{}/depart",
];

fn known(path: &str) -> bool {
    ROUTES.iter().any(|route| {
        let (route, path): (Vec<_>, Vec<_>) =
            (route.split('/').collect(), path.split('/').collect());
        let fits =
            |(route, part): (&&str, &&str)| route == part || (*route == "{}" && !part.is_empty());
        route.len() == path.len() && route.iter().zip(&path).all(fits)
    })
}

#[test]
fn every_link_leads_somewhere() {
    for one in DRAWN.iter() {
        let places = ["href=\"", "action=\"", "src=\"", "data-flux=\"", "data-apercu=\""];
        for marker in places {
            for (at, _) in one.html.match_indices(marker) {
                let target = one.html[at + marker.len()..].split('"').next().unwrap_or_default();
                check(target, one.page, one.state);
            }
        }
    }
}

fn check(target: &str, page: &str, state: &str) {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    if let Some(file) = path.strip_prefix("/statique/") {
        assert!(static_file(file).is_some(), "{target} in {page} {state}");
    } else if path.starts_with('/') {
        assert!(known(path), "{target} in {page} {state}");
    } else {
        let elsewhere = ["#", "mailto:", "https://", "?"];
        let fine = target.is_empty() || elsewhere.iter().any(|start| target.starts_with(start));
        assert!(fine, "{target} in {page} {state}");
    }
}

#[test]
fn the_style_sheet_asks_only_for_files_that_exist() {
    let sheet = static_file("essaim.css").unwrap();
    let sheet = String::from_utf8(sheet.bytes.into_owned()).unwrap();
    let mut asked = 0;
    for (at, _) in sheet.match_indices("url(\"") {
        let file = sheet[at + 5..].split('"').next().unwrap_or_default();
        assert!(static_file(file).is_some(), "{file}");
        asked += 1;
    }
    assert_eq!(asked, 2);
}
