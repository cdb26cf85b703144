//! Coming in by ProConnect and FranceConnect, through the pages, with a provider by another hand.

use domain::{ids::OrganisationId, people::Siret};
use serde_json::json;
use testkit::probe;
use time::OffsetDateTime;

use crate::{
    peer::Browser,
    street::{BOTH, Street, flow, said},
    town::BUS,
};

const CAMILLE: &str = "camille@exemple.fr";

#[tokio::test(flavor = "multi_thread")]
async fn both_providers_let_in_after_one_letter_and_sign_out_too() {
    let mut street = Street::open(&BOTH).await;
    for (kind, name) in BOTH.iter().enumerate() {
        let email = format!("{name}@exemple.fr");
        let claims = json!({ "email": email, "siret": "73282932000074" });
        street.peers[kind].tell(json!({ "sub": name, "claims": claims })).await;
        let mut browser = Browser::new();
        let back = street.walks(&mut browser, kind).await;
        let (status, to) = said(browser.get(&back).await).await;
        assert_eq!((status, to.as_str()), (303, "/connexion/code"), "nobody has proven {email}");
        let (_, page) = street.page(&mut browser, "/connexion/code").await;
        assert!(page.contains("une seule fois") && page.contains(&email), "{page}");
        assert_eq!(street.page(&mut browser, "/mon-espace").await.0, 303, "not in yet");
        assert_eq!(street.identities(&email).await, [], "bound to nobody");
        let (status, to) = street.types_the_code(&mut browser, &email).await;
        assert_eq!((status, to.as_str()), (303, "/mon-espace/connexions"));
        let bound = street.identities(&email).await;
        assert_eq!(bound.len(), 1);
        assert_eq!(bound[0].issuer, street.peers[kind].issuer);
        assert_eq!(bound[0].subject, *name);
        assert_eq!(bound[0].siret.is_some(), kind == 0, "a citizen acts for nobody");

        let letters = street.town.letters(&email).len();
        let mut elsewhere = Browser::new();
        let back = street.walks(&mut elsewhere, kind).await;
        let (status, to) = said(elsewhere.get(&back).await).await;
        assert_eq!((status, to.as_str()), (303, "/mon-espace/connexions"), "known from now on");
        street.posts().await;
        assert_eq!(street.town.letters(&email).len(), letters, "no second letter");
        let (status, page) = street.page(&mut elsewhere, "/mon-espace/connexions").await;
        assert_eq!(status, 200);
        let (_, own) = page.split_once("name=\"fin\" value=\"").unwrap();
        let own = own.split('"').next().unwrap().to_owned();
        let to = street.goes(&mut elsewhere, "/mon-espace/connexions", &[("fin", &own)]).await;
        let end = format!("{}/session/end?id_token_hint=", street.peers[kind].issuer);
        assert!(to.starts_with(&end), "{to}");
        assert_eq!(elsewhere.get(&to).await.status(), 200, "the provider knows the token");
        assert_eq!(street.page(&mut elsewhere, "/mon-espace").await.0, 303, "out");
        assert_eq!(street.page(&mut browser, "/mon-espace").await.0, 200, "the other one stays");
    }
    street.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_is_good_once_in_one_browser() {
    let mut street = Street::open(&["proconnect"]).await;
    street.next("camille", json!({ "email": CAMILLE })).await;
    let mut home = Browser::new();
    street.enters_first(&mut home, 0, CAMILLE).await;
    let mut browser = Browser::new();
    let back = street.walks(&mut browser, 0).await;
    let forged = back.replace("state=", "state=x");
    let (status, page) = said(browser.get(&forged).await).await;
    assert!(status == 410 && page.contains("Ce retour ne sert plus"), "{status} {page}");
    let mut thief = Browser::new();
    let (status, page) = said(thief.get(&back).await).await;
    assert!(status == 409 && page.contains("autre navigateur"), "{status} {page}");
    let crossed = back.replace("/proconnect/", "/franceconnect/");
    assert_eq!(browser.get(&crossed).await.status(), 404, "not open here");
    let (status, to) = said(browser.get(&back).await).await;
    assert_eq!((status, to.as_str()), (303, "/mon-espace/connexions"), "nothing was used up");
    assert_eq!(browser.get(&back).await.status(), 410, "good once");

    let mut replays = Browser::new();
    let back = street.walks(&mut replays, 0).await;
    let refused = back.replace("code=", "error=access_denied&kode=");
    let (status, page) = said(replays.get(&refused).await).await;
    assert!(status == 403 && page.contains("pas terminé chez ce service"), "{status} {page}");
    assert!(page.contains("value=\"/mon-espace/connexions\""), "what was wanted is kept");
    let (status, _) = said(replays.get(&back).await).await;
    assert_eq!(status, 410, "used, whatever came of it");

    let mut mixed = Browser::new();
    let back = street.walks(&mut mixed, 0).await;
    let other = back.replace("iss=", "iss=http%3A%2F%2Flocalhost%3A1&was=");
    assert_ne!(other, back, "the provider says who it is");
    let (status, page) = said(mixed.get(&other).await).await;
    assert!(status == 403 && page.contains("pas confirmé qui vous êtes"), "{status} {page}");
    street.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_hold_lets_nobody_in_and_the_door_stays_open() {
    let mut street = Street::open(&["proconnect"]).await;
    street.next("camille", json!({ "email": CAMILLE })).await;
    street.enters_first(&mut Browser::new(), 0, CAMILLE).await;
    for how in ["audience", "nonce", "forged", "stranger", "userinfo_sub"] {
        street.peers[0].tell(json!({ "wrong": how })).await;
        let mut browser = Browser::new();
        let back = street.walks(&mut browser, 0).await;
        let (status, page) = said(browser.get(&back).await).await;
        assert!(status == 403 && page.contains("pas confirmé"), "{how}: {status} {page}");
        assert_eq!(street.page(&mut browser, "/mon-espace").await.0, 303, "{how}");
    }
    street.peers[0].tell(json!({})).await;
    let mut browser = Browser::new();
    let back = street.walks(&mut browser, 0).await;
    street.peers[0].tell(json!({ "plus": 31 })).await;
    assert_eq!(browser.get(&back).await.status(), 403, "the code is too old");
    let back = street.walks(&mut browser, 0).await;
    street.peers[0].tell(json!({ "down": true })).await;
    let (status, page) = said(browser.get(&back).await).await;
    assert!(status == 503 && page.contains("Ce service ne répond pas"), "{status} {page}");
    street.town.give(BUS, 20, "autre@exemple.fr").await;
    let letter = [("courriel", "autre@exemple.fr"), ("suite", "/mon-espace")];
    let token = flow(&page);
    let form = [&letter[..], &[("flow", token.as_str())]].concat();
    let (status, to) = said(browser.post(&street.at("/connexion"), &form).await).await;
    assert_eq!((status, to.as_str()), (303, "/connexion/code"), "the page's own form works");
    street.peers.clear();
    let form = [("par", "proconnect"), ("suite", "/mon-espace/cles")];
    let mut late = Browser::new();
    let url = street.goes(&mut late, "/connexion", &form).await;
    assert!(url.contains("/auth?"), "what is known of it is kept for an hour");
    let (status, to) = street.types_the_code(&mut browser, "autre@exemple.fr").await;
    assert_eq!((status, to.as_str()), (303, "/mon-espace"));
    street.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_provider_that_is_down_leaves_the_letter() {
    let mut street = Street::open(&["proconnect"]).await;
    street.peers.clear();
    let form = [("par", "proconnect"), ("suite", "/mon-espace/cles")];
    let (status, page) = street.sends(&mut Browser::new(), "/connexion", &form).await;
    assert!(status == 503 && page.contains("Ce service ne répond pas"), "{status} {page}");
    assert!(page.contains("value=\"/mon-espace/cles\"") && page.contains("id=\"courriel\""));
    street.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_settings_there_is_no_such_door() {
    let street = Street::open(&[]).await;
    let mut browser = Browser::new();
    let (_, page) = street.page(&mut browser, "/connexion").await;
    assert!(!page.contains("ProConnect") && !page.contains("FranceConnect"));
    for kind in BOTH {
        let (status, _) = street.sends(&mut browser, "/connexion", &[("par", kind)]).await;
        assert_eq!(status, 404, "{kind}");
        let back = format!("/connexion/{kind}/retour?state=x&code=y");
        assert_eq!(street.page(&mut browser, &back).await.0, 404, "{kind}");
    }
    street.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_somebody_else_s_gives_nothing() {
    let mut street = Street::open(&["franceconnect"]).await;
    street.town.give(BUS, 20, CAMILLE).await;
    street.next("voleur", json!({ "email": CAMILLE })).await;
    let mut thief = Browser::new();
    let form = [("par", "franceconnect"), ("suite", "/mon-espace")];
    let url = street.goes(&mut thief, "/connexion", &form).await;
    let back = thief.walks(&street.peers[0], &url).await;
    let (status, to) = said(thief.get(&back).await).await;
    assert_eq!((status, to.as_str()), (303, "/connexion/code"), "a letter goes to its owner");
    street.posts().await;
    let letter = street.town.sign_in_letter(CAMILLE);
    assert_eq!(street.page(&mut thief, "/mon-espace").await.0, 303);
    let link = letter.link.rsplit('/').next().unwrap().to_owned();
    let mut camille = Browser::new();
    let path = format!("/connexion/lien/{link}");
    let (status, _) = street.sends(&mut camille, &path, &[("choix", "entrer")]).await;
    assert_eq!(status, 409, "not even its owner binds it, in another browser than the thief's");
    assert_eq!(street.identities(CAMILLE).await, []);

    street.next("muet", json!({})).await;
    let mut mute = Browser::new();
    let url = street.goes(&mut mute, "/connexion", &form).await;
    let back = mute.walks(&street.peers[0], &url).await;
    let (status, page) = said(mute.get(&back).await).await;
    assert!(status == 422 && page.contains("pas donné d’adresse"), "{status} {page}");
    street.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_adds_an_identity_and_lets_it_go() {
    let mut street = Street::open(&["proconnect"]).await;
    for email in [CAMILLE, "autre@exemple.fr"] {
        street.town.give(BUS, 20, email).await;
    }
    let mut browsers = [Browser::new(), Browser::new()];
    for (browser, email) in browsers.iter_mut().zip([CAMILLE, "autre@exemple.fr"]) {
        let form = [("courriel", email), ("suite", "/mon-espace")];
        street.sends(browser, "/connexion", &form).await;
        assert_eq!(street.types_the_code(browser, email).await.0, 303);
    }
    let [camille, other] = &mut browsers;
    street.next("identite", json!({ "email": "bureau@exemple.fr" })).await;
    let page = "/mon-espace/identites";
    let add = [("geste", "ajouter"), ("par", "proconnect")];
    let url = street.goes(camille, page, &add).await;
    let back = camille.walks(&street.peers[0], &url).await;
    let (status, to) = said(camille.get(&back).await).await;
    assert_eq!((status, to.as_str()), (303, "/mon-espace/identites?fait=ajout"));
    let bound = street.identities(CAMILLE).await;
    assert_eq!(bound.len(), 1);
    assert_eq!(street.person("bureau@exemple.fr").await, None, "the address is nobody's key");
    let person = format!("person:{}", street.person(CAMILLE).await.unwrap());
    assert_eq!(street.trail(&person).await, ["add_identity"]);

    let url = street.goes(other, page, &add).await;
    let back = other.walks(&street.peers[0], &url).await;
    let (_, to) = said(other.get(&back).await).await;
    assert_eq!(to, "/mon-espace/identites?fait=pris");
    let id = bound[0].id.to_string();
    let remove = [("geste", "retirer"), ("identite", id.as_str())];
    let (_, to) = street.sends(other, page, &remove).await;
    assert_eq!(to, "/mon-espace/identites?fait=inconnu");

    let mut elsewhere = Browser::new();
    let back = street.walks(&mut elsewhere, 0).await;
    assert_eq!(said(elsewhere.get(&back).await).await.1, "/mon-espace/connexions");
    let (_, to) = street.sends(camille, page, &remove).await;
    assert_eq!(to, "/mon-espace/identites?fait=retrait");
    assert_eq!(street.page(&mut elsewhere, "/mon-espace").await.0, 303, "its session ended");
    let there = "SELECT count(*) FROM provider_sessions";
    let kept = probe::answer(&street.town.writer, there).await.unwrap();
    assert_eq!(kept, "1", "the token of a session goes with it");
    assert_eq!(street.page(camille, "/mon-espace").await.0, 200);
    assert_eq!(street.trail(&person).await, ["add_identity", "remove_identity"]);
    let back = street.walks(&mut elsewhere, 0).await;
    assert_eq!(said(elsewhere.get(&back).await).await.1, "/connexion/code", "a stranger again");

    let url = street.goes(other, page, &add).await;
    let back = other.walks(&street.peers[0], &url).await;
    let mut db = street.town.reader.get().await.unwrap();
    let who = street.person("autre@exemple.fr").await.unwrap();
    let since = OffsetDateTime::now_utc() - time::Duration::days(1);
    let open = store::sessions::of_person(&mut db, who, since).await.unwrap();
    drop(db);
    let which = store::sessions::Which::One(open[0].id);
    street.town.actions.end_sessions(who, which, OffsetDateTime::now_utc()).await.unwrap();
    let (_, to) = said(other.get(&back).await).await;
    assert_eq!(to, "/mon-espace/identites?fait=sans-preuve", "who went away adds nothing");
    assert_eq!(street.identities("autre@exemple.fr").await, []);
    street.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_forgotten_leaves_no_identity() {
    let mut street = Street::open(&["proconnect"]).await;
    street.next("camille", json!({ "email": CAMILLE })).await;
    let mut browser = Browser::new();
    street.enters_first(&mut browser, 0, CAMILLE).await;
    let (issuer, now) = (street.peers[0].issuer.clone(), OffsetDateTime::now_utc());
    let person = street.person(CAMILLE).await.unwrap();
    assert!(street.town.actions.forget_again(person, now).await.unwrap());
    let mut db = street.town.reader.get().await.unwrap();
    assert_eq!(store::identities::known(&mut db, (&issuer, "camille")).await.unwrap(), None);
    drop(db);
    assert_eq!(street.page(&mut browser, "/mon-espace").await.0, 303, "signed out");
    let back = street.walks(&mut browser, 0).await;
    let to = said(browser.get(&back).await).await.1;
    assert_eq!(to, "/connexion/code", "a stranger from now on");
    street.end().await;
}

/// An establishment of a SIREN, with the digit that makes its key valid.
fn establishment(siren: &str) -> Siret {
    (0..10).find_map(|key| format!("{siren}0001{key}").parse().ok()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_professional_of_an_organisation_without_member_owns_it() {
    let mut street = Street::open(&["proconnect"]).await;
    let staged = essaim::demo::catalogue::campaigns(street.town.now).unwrap();
    let holder = &staged.iter().find(|one| one.new.campaign.slug == BUS).unwrap().new.holder;
    let (id, siret) = (OrganisationId::new(holder.id.clone()), establishment(&holder.siren));
    let page = format!("/structures/{id}/membres");
    let claims = |email: &str| json!({ "email": email, "siret": siret.as_str() });
    street.next("premiere", claims("premiere@exemple.fr")).await;
    let mut first = Browser::new();
    street.enters_first(&mut first, 0, "premiere@exemple.fr").await;
    let (status, members) = street.page(&mut first, &page).await;
    assert_eq!(status, 200, "the organisation had nobody");
    let told = format!("vérifiée par ProConnect pour le SIRET {}", siret.as_str());
    assert!(members.contains(&told), "{members}");
    assert_eq!(street.trail(&format!("organisation:{id}")).await, ["claim"]);

    street.next("second", claims("second@exemple.fr")).await;
    let mut second = Browser::new();
    street.enters_first(&mut second, 0, "second@exemple.fr").await;
    assert_eq!(street.page(&mut second, &page).await.0, 404, "somebody acts for it already");
    assert_eq!(street.trail(&format!("organisation:{id}")).await, ["claim"]);

    let other = staged.iter().map(|one| &one.new.holder).find(|one| one.siren != holder.siren);
    let elsewhere = json!({ "email": "x@exemple.fr", "siret": other.unwrap().siren });
    street.next("second", elsewhere).await;
    let back = street.walks(&mut second, 0).await;
    assert_eq!(said(second.get(&back).await).await.0, 303);
    let bound = street.identities("second@exemple.fr").await;
    assert_eq!(bound[0].siret, None, "nine digits are no SIRET, and nothing is kept");
    street.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_suspended_does_not_come_in_that_way_either() {
    let mut street = Street::open(&["proconnect"]).await;
    street.next("camille", json!({ "email": CAMILLE })).await;
    let mut browser = Browser::new();
    street.enters_first(&mut browser, 0, CAMILLE).await;
    let camille = street.person(CAMILLE).await.unwrap();
    let mut tx = street.town.writer.begin().await.unwrap();
    let since = Some((street.town.now, "essai"));
    store::desk::suspend::person(&mut tx, camille, since).await.unwrap();
    tx.commit().await.unwrap();
    // Of an organisation that nobody acts for: who is out claims nothing.
    let staged = essaim::demo::catalogue::campaigns(street.town.now).unwrap();
    let holder = &staged.iter().find(|one| one.new.campaign.slug == BUS).unwrap().new.holder;
    let siret = establishment(&holder.siren);
    street.next("camille", json!({ "email": CAMILLE, "siret": siret.as_str() })).await;
    let mut elsewhere = Browser::new();
    let back = street.walks(&mut elsewhere, 0).await;
    let (status, page) = said(elsewhere.get(&back).await).await;
    assert!(status == 403 && page.contains("Ce compte est suspendu"), "{status} {page}");
    assert!(street.trail(&format!("organisation:{}", holder.id)).await.is_empty());
    street.end().await;
}
