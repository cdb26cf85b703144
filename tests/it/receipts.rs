//! A receipt carries the hand of the organisation that issues it, or is not issued.

use actions::{SignatureRefused, Stop};
use domain::ids::OrganisationId;
use essaim::demo::signature;
use testkit::probe;

use crate::town::{BUS, Town};

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_waits_for_the_signature_of_its_issuer() {
    let town = Town::new().await;
    let lose = "UPDATE organisations SET signature = NULL WHERE id = 'org-01'";
    probe::execute(&town.writer, lose).await.unwrap();
    let gift = town.give(BUS, 20, "attend@exemple.fr").await;
    assert_eq!(town.gift(gift).await.no_receipt_reason.as_deref(), Some("no_signature"));
    assert!(!town.letters("attend@exemple.fr").contains(&"receipt"));

    let issuer = OrganisationId::new("org-01");
    for (image, why) in [
        ("Awa Lestrade".to_owned(), SignatureRefused::NotPrintable),
        (" ".repeat(64 * 1024 + 1), SignatureRefused::TooLarge),
    ] {
        let refused = town.actions.keep_signature(&issuer, &image, town.now).await;
        assert!(matches!(refused, Err(Stop::Refused(said)) if said == why), "{refused:?}");
    }
    let hand = signature::drawn("Awa Lestrade");
    town.actions.keep_signature(&issuer, &hand, town.now).await.unwrap();
    town.work().await;
    assert_eq!(town.gift(gift).await.no_receipt_reason, None);
    assert!(town.letters("attend@exemple.fr").contains(&"receipt"));
    let mut db = town.reader.get().await.unwrap();
    let receipt = store::receipts::live_of(&mut db, gift).await.unwrap().unwrap();
    assert_eq!(receipt.content["signature"]["svg"], hand.as_str());
    assert_eq!(receipt.content["signature"]["name"], "Awa Lestrade");
    drop(db);
    town.end().await;
}
