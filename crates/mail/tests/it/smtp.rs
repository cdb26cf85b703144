//! A real SMTP server, well-behaved and not.

use std::time::Instant;

use mail::{
    Post, PostError, Security, SmtpPost, SmtpRefused,
    bounce::{Bounce, Enhanced},
};
use secrecy::SecretString;
use serde_json::json;

use crate::{
    peer::Peer,
    world::{composer, message, message_to},
};

/// What sending to this address, on a healthy server, comes to.
async fn send_to(peer: &Peer, address: &str) -> PostError {
    peer.post(composer()).send(&message_to(address, "thanks", 1)).await.unwrap_err()
}

fn refused(code: u16, enhanced: Option<(u16, u16, u16)>, bounce: Bounce) -> PostError {
    let enhanced = enhanced.map(|(class, subject, detail)| Enhanced { class, subject, detail });
    PostError::Refused { code, enhanced, bounce }
}

#[tokio::test]
async fn a_letter_arrives_whole_and_connections_are_used_again() {
    let peer = Peer::plain();
    let post = peer.post(composer());
    let sent = post.send(&message("thanks", 7)).await.unwrap();
    assert_eq!(sent.message_id, "<01900000-0000-7000-8000-000000000007@essaim.example>");
    let first = peer.mail();
    assert_eq!(first["from"], "dons@essaim.example");
    assert_eq!(first["to"], json!(["camille@exemple.fr"]));
    post.send(&message("receipt", 8)).await.unwrap();
    let second = peer.mail();
    assert_eq!(first["connection"], second["connection"]);
    post.close().await;
    post.send(&message("thanks", 9)).await.unwrap();
    assert_ne!(peer.mail()["connection"], first["connection"]);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced_without_an_error() {
    let peer = Peer::plain();
    let post = peer.post(composer());
    post.send(&message_to("hangup@exemple.fr", "thanks", 1)).await.unwrap();
    let first = peer.mail();
    assert_eq!(peer.closed(), first["connection"]);
    post.send(&message("thanks", 2)).await.unwrap();
    let next = peer.mail();
    assert_eq!(next["to"], json!(["camille@exemple.fr"]));
    assert_ne!(next["connection"], first["connection"]);
}

#[tokio::test]
async fn a_4xx_answer_means_later() {
    let peer = Peer::plain();
    for code in [421, 450, 451, 452] {
        let error = send_to(&peer, &format!("{code}@exemple.fr")).await;
        assert_eq!(error, PostError::TryLater { code: Some(code), reason: "not now" });
    }
    let error = send_to(&peer, "after-data-451@exemple.fr").await;
    assert_eq!(error, PostError::TryLater { code: Some(451), reason: "not now" });
}

#[tokio::test]
async fn a_5xx_answer_is_final_and_says_what_it_says_of_the_address() {
    let peer = Peer::plain();
    let cases = [
        ("550-5.1.1@exemple.fr", refused(550, Some((5, 1, 1)), Bounce::Hard)),
        ("550@exemple.fr", refused(550, None, Bounce::Hard)),
        ("552-5.2.2@exemple.fr", refused(552, Some((5, 2, 2)), Bounce::Soft)),
        ("554-5.7.1@exemple.fr", refused(554, Some((5, 7, 1)), Bounce::Policy)),
        ("after-data-554@exemple.fr", refused(554, Some((5, 7, 1)), Bounce::Policy)),
    ];
    for (address, expected) in cases {
        let error = send_to(&peer, address).await;
        assert_eq!(error, expected, "{address}");
        let told = format!("{error} {error:?}");
        assert!(!told.contains("exemple.fr"), "an error names nobody: {told}");
    }
}

#[tokio::test]
async fn lost_after_the_text_is_unsure_and_lost_before_it_is_not() {
    let peer = Peer::plain();
    assert_eq!(send_to(&peer, "drop-data@exemple.fr").await, PostError::Unsure);
    let lost = PostError::TryLater { code: None, reason: "connection lost" };
    assert_eq!(send_to(&peer, "drop-rcpt@exemple.fr").await, lost);
}

#[tokio::test]
async fn the_same_letter_again_has_the_same_message_id() {
    let peer = Peer::plain();
    let post = peer.post(composer());
    let letter = message_to("drop-data@exemple.fr", "thanks", 3);
    let mut ids = Vec::new();
    for _ in 0..2 {
        assert_eq!(post.send(&letter).await, Err(PostError::Unsure));
        let raw = crate::mime::decode(&peer.mail());
        ids.push(crate::mime::header(&raw, "Message-ID").unwrap());
    }
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_server_that_never_answers_the_text_leaves_us_unsure_in_time() {
    let peer = Peer::plain();
    let config = mail::SmtpConfig { step_seconds: 1, ..peer.config() };
    let post = SmtpPost::new(composer(), config).unwrap();
    let letter = message_to("silent-data@exemple.fr", "thanks", 1);
    assert_eq!(post.send(&letter).await, Err(PostError::Unsure));
}

#[tokio::test]
async fn a_slow_banner_is_not_waited_for() {
    let peer = Peer::start(&json!({ "bannerMs": 60_000 }));
    let config = mail::SmtpConfig { connect_seconds: 1, ..peer.config() };
    let post = SmtpPost::new(composer(), config).unwrap();
    let began = Instant::now();
    let slow = PostError::TryLater { code: None, reason: "too slow to connect" };
    assert_eq!(post.send(&message("thanks", 1)).await, Err(slow));
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
}

#[tokio::test]
async fn refusals_of_us_never_condemn_an_address() {
    let greeting = Peer::start(&json!({ "greeting": 554 }));
    let sender = Peer::start(&json!({ "sender": 550 }));
    for (peer, code) in [(greeting, 554), (sender, 550)] {
        let error = send_to(&peer, "camille@exemple.fr").await;
        assert!(matches!(error, PostError::TryLater { code: Some(c), .. } if c == code), "{error}");
    }
}

#[tokio::test]
async fn nobody_at_home_means_later() {
    let peer = Peer::plain();
    let post = peer.post(composer());
    drop(peer);
    let closed = PostError::TryLater { code: None, reason: "no connection" };
    assert_eq!(post.send(&message("thanks", 1)).await, Err(closed));
}

/// A certificate for `localhost`, valid for two days.
fn certificate() -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(path("key.pem"))
        .arg("-out")
        .arg(path("cert.pem"))
        .output()
        .expect("openssl is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let read = |name| std::fs::read_to_string(path(name)).unwrap();
    (read("cert.pem"), read("key.pem"))
}

#[tokio::test]
async fn letters_travel_encrypted_and_signed_in_or_not_at_all() {
    let (cert, key) = certificate();
    for security in [Security::Starttls, Security::Implicit] {
        let peer = Peer::start(&json!({
            "secure": security == Security::Implicit,
            "starttls": security == Security::Starttls,
            "cert": cert,
            "key": key,
            "auth": ["essaim", "right"],
        }));
        let config = |password: &str, root: Option<&String>| mail::SmtpConfig {
            security,
            username: Some("essaim".into()),
            password: Some(SecretString::from(password.to_owned())),
            root_pem: root.cloned(),
            ..peer.config()
        };
        let send = async |config| {
            let post = SmtpPost::new(composer(), config).unwrap();
            post.send(&message("thanks", 1)).await
        };
        send(config("right", Some(&cert))).await.unwrap();
        let mail = peer.mail();
        assert_eq!((&mail["secure"], &mail["user"]), (&json!(true), &json!("essaim")));
        let wrong = send(config("wrong", Some(&cert))).await.unwrap_err();
        assert!(matches!(wrong, PostError::TryLater { code: Some(535), .. }), "{wrong}");
        let stranger = send(config("right", None)).await.unwrap_err();
        assert!(matches!(stranger, PostError::TryLater { code: None, .. }), "{stranger}");
    }
}

#[tokio::test]
async fn starttls_never_falls_back_to_plain() {
    let peer = Peer::plain();
    let config = mail::SmtpConfig { security: Security::Starttls, ..peer.config() };
    let post = SmtpPost::new(composer(), config).unwrap();
    let error = post.send(&message("thanks", 1)).await.unwrap_err();
    assert!(matches!(error, PostError::TryLater { code: None, .. }), "{error}");
}

#[tokio::test]
async fn many_letters_at_once_all_arrive_once() {
    let peer = Peer::plain();
    let post = std::sync::Arc::new(peer.post(composer()));
    let mut sending = tokio::task::JoinSet::new();
    for number in 0..24 {
        let post = std::sync::Arc::clone(&post);
        sending.spawn(async move { post.send(&message("thanks", number)).await });
    }
    while let Some(sent) = sending.join_next().await {
        sent.unwrap().unwrap();
    }
    let mails: Vec<_> = (0..24).map(|_| peer.mail()).collect();
    let mut ids: Vec<_> = mails
        .iter()
        .map(|mail| crate::mime::header(&crate::mime::decode(mail), "Message-ID").unwrap())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 24);
    let connections: std::collections::BTreeSet<_> =
        mails.iter().map(|mail| mail["connection"].as_str().unwrap()).collect();
    assert!(connections.len() <= 2, "{connections:?}");
}

#[test]
fn nonsense_is_refused_before_anything_is_sent() {
    let config = |change: fn(&mut mail::SmtpConfig)| {
        let mut config = mail::SmtpConfig {
            host: "relais.example".into(),
            port: 587,
            security: Security::Starttls,
            username: None,
            password: None,
            root_pem: None,
            connections: 1,
            connect_seconds: 1,
            step_seconds: 1,
        };
        change(&mut config);
        SmtpPost::new(composer(), config).err()
    };
    assert_eq!(config(|_| ()), None);
    assert_eq!(config(|c| c.security = Security::Plain), Some(SmtpRefused::PlainRemote));
    assert_eq!(config(|c| c.username = Some("x".into())), Some(SmtpRefused::HalfCredentials));
    assert_eq!(config(|c| c.connections = 0), Some(SmtpRefused::Zero));
    assert_eq!(config(|c| c.root_pem = Some("x".into())), Some(SmtpRefused::RootCertificate));
}
