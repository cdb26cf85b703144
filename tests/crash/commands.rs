//! What the operator does from a terminal, with the built program.

use domain::{ids::OrganisationId, people::EmailAddress, role::Role};
use store::members;

use crate::street::Street;

/// The first holder of the demonstration.
const HOLDER: &str = "org-01";

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_is_given_its_first_owner_and_its_signature() {
    let street = Street::open(None).await;
    let (code, said) =
        street.runs(&["organisation", "member", HOLDER, "premiere@exemple.fr"]).await;
    assert_eq!(code, 0, "{said}");
    let email: EmailAddress = "premiere@exemple.fr".parse().unwrap();
    let mut db = street.town.reader.get().await.unwrap();
    let person = store::people::known(&mut db, &email.key()).await.unwrap().unwrap();
    let role = members::role_of(&mut db, &OrganisationId::new(HOLDER), person).await.unwrap();
    assert_eq!(role, Some(Role::Owner));
    drop(db);
    for (arguments, expected) in [
        (&["organisation", "member", "nulle-part", "a@exemple.fr"][..], "Aucune structure"),
        (&["organisation", "member", HOLDER, "sans-arobase"], "adresse électronique"),
        (&["organisation", "member", HOLDER, "a@exemple.fr", "--role", "roi"], "owner, editor"),
        (&["organisation", "signature", HOLDER, "Cargo.toml"], "SVG"),
        (&["organisation", "signature", HOLDER, "nulle-part.svg"], "nulle-part.svg"),
    ] {
        let (code, said) = street.runs(arguments).await;
        assert!(code == 1 && said.contains(expected), "{arguments:?}: {code} {said}");
    }
    let drawing = &["organisation", "signature", HOLDER, "templates/documents/logo.svg"];
    let (code, said) = street.runs(drawing).await;
    assert_eq!(code, 0, "{said}");
    street.is_sound().await;
}
