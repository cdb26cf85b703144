//! Signatures, checked by another program than the one that signs.

use mail::{Attachment, DkimKeyRefused, DkimSigner, Post, samples};
use secrecy::SecretString;
use serde_json::json;

use crate::{
    peer::Peer,
    world::{composer, message},
};

#[tokio::test]
async fn every_letter_is_signed_in_a_way_that_others_accept() {
    let peer = Peer::start(&json!({ "dkim": true }));
    let key = SecretString::from(peer.dkim_key.clone().unwrap());
    let signer = DkimSigner::new("demo", "essaim.example", &key).unwrap();
    let post = peer.post(composer().signed_by(signer));
    for (name, letter) in samples::all() {
        let pdf = Attachment::pdf("reçu.pdf", vec![7; 9_000]).unwrap();
        let message = match name {
            "receipt" => message(name, 1).attach(pdf),
            _ => message(name, 1),
        };
        post.send(&message).await.unwrap();
        let mail = peer.mail();
        let signature = &mail["dkim"][0];
        assert_eq!(signature["result"], "pass", "{name}: {mail}");
        assert_eq!(signature["domain"], "essaim.example");
        assert_eq!(signature["asked"], json!(["demo._domainkey.essaim.example"]));
        let signed = signature["headers"].as_str().unwrap().to_lowercase();
        let listed = signed.contains("list-unsubscribe") && signed.contains("-post");
        assert_eq!(listed, !letter.is_service(), "{name}: {signed}");
        for header in ["from", "to", "subject", "date", "message-id"] {
            assert!(signed.contains(header), "{name}: {signed}");
        }
    }
}

#[test]
fn a_key_that_cannot_sign_is_refused_with_the_remedy() {
    let new = |pem: &str| {
        let pem = SecretString::from(pem.to_owned());
        DkimSigner::new("demo", "essaim.example", &pem).unwrap_err()
    };
    let generated = std::process::Command::new("openssl")
        .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"])
        .output()
        .expect("openssl is installed");
    let pkcs8 = String::from_utf8(generated.stdout).unwrap();
    assert_eq!(new(&pkcs8), DkimKeyRefused::Pkcs8);
    assert!(new(&pkcs8).to_string().contains("-traditional"));
    assert_eq!(new("-----BEGIN ENCRYPTED PRIVATE KEY-----"), DkimKeyRefused::Encrypted);
    assert_eq!(new("hello"), DkimKeyRefused::NotAKey);
    let key = SecretString::from(pkcs8);
    let name = DkimSigner::new("demo; x", "essaim.example", &key).unwrap_err();
    assert_eq!(name, DkimKeyRefused::Name);
    assert!(!format!("{name:?} {name}").contains("BEGIN RSA PRIVATE KEY-----M"));
}
