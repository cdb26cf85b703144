//! A round trip: who comes back is who the provider signed, for us, now, or nobody.

use std::time::Duration as Patience;

use identity::oidc::{Departure, Identified, Kept, Kind, NotIdentified, Provider, Settings};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::peer::{Browser, CLIENT, Peer};

const BACK: &str = "http://localhost:9/connexion/retour";
const OUT: &str = "http://localhost:9/";
const SIRET: &str = "73282932000074";

fn settings(peer: &Peer, kind: Kind) -> Settings {
    Settings {
        kind,
        issuer: peer.issuer.clone(),
        client_id: CLIENT.0.to_owned(),
        client_secret: CLIENT.1.into(),
        redirect_url: BACK.to_owned(),
        signed_out_url: OUT.to_owned(),
        second_factor: false,
        timeout: Patience::from_secs(5),
    }
}

async fn street(kind: Kind) -> (Peer, Provider) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let peer = Peer::start(root, kind.code(), (BACK, OUT));
    let claims = json!({ "email": "camille@exemple.fr", "siret": SIRET, "given_name": "Camille" });
    peer.tell(json!({ "sub": "camille", "claims": claims })).await;
    let provider = Provider::new(settings(&peer, kind)).unwrap();
    (peer, provider)
}

fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

fn said(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// Goes there and comes back with a code.
async fn walk(peer: &Peer, url: &str) -> String {
    let back = Browser::new().walks(peer, url).await;
    said(&back, "code").unwrap_or_else(|| panic!("no code in {back}"))
}

async fn round_trip(peer: &Peer, provider: &Provider) -> Result<Identified, NotIdentified> {
    let departure = provider.depart(now()).await?;
    let code = walk(peer, &departure.url).await;
    provider.arrive(&code, &departure.kept, now()).await
}

fn not_proven<T>(why: &'static str) -> Result<T, NotIdentified> {
    Err(NotIdentified::NotProven(why))
}

#[tokio::test]
async fn a_professional_comes_back_with_the_establishment_they_act_for() {
    let (peer, provider) = street(Kind::ProConnect).await;
    let Departure { url, state, kept } = provider.depart(now()).await.unwrap();
    let mut names: Vec<String> =
        Url::parse(&url).unwrap().query_pairs().map(|(name, _)| name.into_owned()).collect();
    names.sort();
    let known = [
        "client_id",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
    ];
    assert_eq!(names, known, "no parameter that the provider may refuse");
    assert_eq!(said(&url, "redirect_uri").as_deref(), Some(BACK));
    assert_eq!(said(&url, "code_challenge_method").as_deref(), Some("S256"));
    assert_eq!(said(&url, "scope").as_deref(), Some("openid email siret"));
    assert!(state.len() >= 32 && kept.nonce.len() >= 32 && kept.verifier.len() >= 43);
    let code = walk(&peer, &url).await;
    let told = provider.arrive(&code, &kept, now()).await.unwrap();
    assert_eq!(told.issuer, peer.issuer);
    assert_eq!(told.subject, "camille");
    assert_eq!(told.email.as_deref(), Some("camille@exemple.fr"));
    assert_eq!(told.siret.as_deref(), Some(SIRET));
    let again = provider.arrive(&code, &kept, now()).await;
    assert_eq!(again, not_proven("the code is not worth anything"), "a code works once");
    let farewell = provider.farewell(&told.id_token, now()).await.unwrap();
    assert!(farewell.starts_with(&format!("{}/session/end?", peer.issuer)), "{farewell}");
    assert_eq!(said(&farewell, "id_token_hint"), Some(told.id_token));
    assert_eq!(said(&farewell, "post_logout_redirect_uri").as_deref(), Some(OUT));
}

#[tokio::test]
async fn a_citizen_comes_back_with_a_level_of_assurance_or_not_at_all() {
    let (peer, provider) = street(Kind::FranceConnect).await;
    let departure = provider.depart(now()).await.unwrap();
    assert_eq!(said(&departure.url, "acr_values").as_deref(), Some("eidas1"));
    assert_eq!(said(&departure.url, "scope").as_deref(), Some("openid email"));
    let told = round_trip(&peer, &provider).await.unwrap();
    assert_eq!(told.email.as_deref(), Some("camille@exemple.fr"));
    assert_eq!(told.siret, None, "not asked for");
    peer.tell(json!({ "acr": "eidas0" })).await;
    assert_eq!(round_trip(&peer, &provider).await, not_proven("no level of assurance"));
}

#[tokio::test]
async fn a_second_factor_is_asked_for_where_the_settings_say_so() {
    let (peer, _) = street(Kind::ProConnect).await;
    let settings = Settings { second_factor: true, ..settings(&peer, Kind::ProConnect) };
    let provider = Provider::new(settings).unwrap();
    let departure = provider.depart(now()).await.unwrap();
    let claims: Value = serde_json::from_str(&said(&departure.url, "claims").unwrap()).unwrap();
    assert_eq!(claims, json!({ "id_token": { "amr": { "essential": true } } }));
    assert_eq!(round_trip(&peer, &provider).await, not_proven("no second factor"));
    peer.tell(json!({ "amr": ["pwd", "mfa"] })).await;
    assert!(round_trip(&peer, &provider).await.is_ok());
}

#[tokio::test]
async fn what_is_kept_here_must_fit_what_comes_back() {
    let (peer, provider) = street(Kind::ProConnect).await;
    let Departure { url, kept, .. } = provider.depart(now()).await.unwrap();
    let other = Kept { nonce: "n".repeat(43), ..kept.clone() };
    let code = walk(&peer, &url).await;
    let came = provider.arrive(&code, &other, now()).await;
    assert_eq!(came, not_proven("of another round trip"));
    let other = Kept { verifier: "v".repeat(43), ..kept.clone() };
    let code = walk(&peer, &url).await;
    let came = provider.arrive(&code, &other, now()).await;
    assert_eq!(came, not_proven("the code is not worth anything"), "PKCE");
    let code = walk(&peer, &url).await;
    peer.tell(json!({ "plus": 31 })).await;
    let came = provider.arrive(&code, &kept, now()).await;
    assert_eq!(came, not_proven("the code is not worth anything"), "half a minute is over");
}

#[tokio::test]
async fn nothing_is_believed_that_is_not_signed_for_us() {
    for kind in Kind::ALL {
        let (peer, provider) = street(kind).await;
        let mut wrong = vec![
            ("audience", "for somebody else than us"),
            ("issuer", "of another issuer"),
            ("expired", "expired"),
            ("nonce", "of another round trip"),
            ("no_nonce", "of another round trip"),
            ("forged", "the signature does not hold"),
            ("stranger", "the signature does not hold"),
            ("userinfo_sub", "of another person"),
        ];
        if kind == Kind::ProConnect {
            wrong.push(("userinfo_audience", "for somebody else than us"));
        }
        for (how, why) in wrong {
            peer.tell(json!({ "wrong": how })).await;
            assert_eq!(round_trip(&peer, &provider).await, not_proven(why), "{kind:?} {how}");
        }
        peer.tell(json!({})).await;
        assert!(round_trip(&peer, &provider).await.is_ok(), "{kind:?}, honest again");
    }
}

#[tokio::test]
async fn new_keys_are_looked_up_when_they_sign() {
    let (peer, provider) = street(Kind::ProConnect).await;
    let first = round_trip(&peer, &provider).await.unwrap();
    peer.tell(json!({ "rotate": true })).await;
    let second = round_trip(&peer, &provider).await.unwrap();
    assert_eq!(first.subject, second.subject);
    peer.tell(json!({ "rotate": true })).await;
    provider.depart(now() + Duration::hours(2)).await.unwrap();
    assert!(round_trip(&peer, &provider).await.is_ok(), "looked up after an hour");
}

#[tokio::test]
async fn a_provider_that_is_down_is_away() {
    let (peer, provider) = street(Kind::ProConnect).await;
    let known = provider.depart(now()).await.unwrap();
    let code = walk(&peer, &known.url).await;
    peer.tell(json!({ "down": true })).await;
    let away = |came: Result<Identified, _>| matches!(came, Err(NotIdentified::Away(_)));
    assert!(away(provider.arrive(&code, &known.kept, now()).await));
    let token = "e30.e30.e30";
    assert_eq!(provider.farewell(token, now() + Duration::hours(2)).await, None);
    let stranger = Provider::new(settings(&peer, Kind::ProConnect)).unwrap();
    assert!(matches!(stranger.depart(now()).await, Err(NotIdentified::Away(_))));
    drop(peer);
    assert!(matches!(stranger.depart(now()).await, Err(NotIdentified::Away(_))), "nobody there");
}
