//! The post of the tests themselves, and the settings that choose a post.

use std::sync::Arc;

use mail::{Config, ConfigRefused, MemoryPost, Post, PostError, SmtpRefused};
use serde_json::{Value, json};
use templates::letters::Letters;

use crate::world::{composer, message};

#[tokio::test]
async fn a_memory_keeps_letters_and_fails_when_told() {
    let post = MemoryPost::new(composer());
    post.fail_next(PostError::Unsure);
    assert_eq!(post.send(&message("thanks", 1)).await, Err(PostError::Unsure));
    post.send(&message("thanks", 1)).await.unwrap();
    let sent = post.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].1.subject, "Vos 20\u{a0}€ en sont devenus 52");
    let debug = format!("{post:?} {sent:?}");
    for private in ["camille@", "Camille", "bus des démarches"] {
        assert!(!debug.contains(private), "{private} is printed");
    }
}

fn open(change: fn(&mut Value)) -> Result<Box<dyn Post>, ConfigRefused> {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = json!({
        "from": "dons@essaim.example",
        "from_name": "Essaim",
        "delivery": { "files": { "folder": folder.path().join("mail") } },
    });
    change(&mut settings);
    let config: Config = serde_json::from_value(settings).unwrap();
    config.open(Arc::new(Letters::embedded().unwrap()), "https://essaim.example/", true)
}

#[test]
fn settings_open_a_post_or_say_what_is_wrong() {
    assert!(open(|_| ()).is_ok());
    let smtp = |settings: &mut Value| {
        settings["delivery"] =
            json!({ "smtp": { "host": "relais.example", "port": 25, "security": "plain" } });
    };
    assert!(matches!(open(smtp), Err(ConfigRefused::Smtp(SmtpRefused::PlainRemote))));
    assert!(matches!(
        open(|settings| settings["from_name"] = json!("a\r\nb")),
        Err(ConfigRefused::FromName)
    ));
    let dkim = |settings: &mut Value| {
        settings["dkim"] = json!({ "selector": "a", "domain": "b.fr", "key_pem": "x" });
    };
    assert!(matches!(open(dkim), Err(ConfigRefused::Dkim(_))));
    assert!(matches!(
        open(|settings| settings["delivery"]["files"]["folder"] = json!("/dev/null/x")),
        Err(ConfigRefused::Folder(_))
    ));
}

#[test]
fn a_password_is_never_printed() {
    let config: Config = serde_json::from_value(json!({
        "from": "dons@essaim.example",
        "from_name": "Essaim",
        "delivery": { "smtp": { "host": "r.example", "port": 465, "security": "implicit",
            "username": "essaim", "password": "sesame" } },
        "dkim": { "selector": "a", "domain": "b.fr", "key_pem": "sesame" },
    }))
    .unwrap();
    assert!(!format!("{config:?}").contains("sesame"));
}
