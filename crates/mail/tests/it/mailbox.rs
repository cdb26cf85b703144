//! The folder of the demonstration: written by one post, read back by a page.

use domain::ids::LetterId;
use mail::{Attachment, FilePost, Mailbox, Post};

use crate::world::{UNSUBSCRIBE, composer, message};

#[tokio::test]
async fn letters_are_read_back_newest_first() {
    let folder = tempfile::tempdir().unwrap();
    let post = FilePost::new(composer(), folder.path().join("letters")).unwrap();
    let mailbox = Mailbox::new(post.folder());
    assert_eq!(mailbox.list(10).unwrap(), []);
    let pdf = Attachment::pdf("recu-CLEF-2026-000419.pdf", b"%PDF-1.7 \x00\xff".to_vec()).unwrap();
    let letters = [message("thanks", 1), message("receipt", 2).attach(pdf), message("update", 5)];
    for letter in &letters {
        post.send(letter).await.unwrap();
    }
    let mails = mailbox.list(10).unwrap();
    let ids: Vec<LetterId> = mails.iter().map(|mail| mail.id).collect();
    let sent: Vec<LetterId> = letters.iter().rev().map(mail::Message::id).collect();
    assert_eq!(ids, sent, "the same second keeps the order of writing");
    assert_eq!(mailbox.list(1).unwrap().len(), 1);
    assert_eq!(mailbox.count().unwrap(), 3);

    let update = &mails[0];
    assert_eq!(update.to, "Camille Lefèvre <camille@exemple.fr>");
    assert_eq!(update.to_address, "camille@exemple.fr");
    assert_eq!(update.from, "Essaim, le fonds de solidarités numériques <dons@essaim.example>");
    assert_eq!(update.date, crate::world::written_at());
    assert_eq!(update.unsubscribe_url.as_deref(), Some(UNSUBSCRIBE));
    assert!(update.text.starts_with("Neuf secrétaires de mairie formées\n\n"));
    assert!(update.html.starts_with("<!DOCTYPE html>\n"));

    let receipt = mailbox.get(letters[1].id()).unwrap().unwrap();
    assert_eq!(receipt, mails[1]);
    assert_eq!(receipt.subject, "Votre reçu fiscal n° CLEF-2026-000419");
    assert_eq!(receipt.unsubscribe_url, None);
    let (file, bytes) = mailbox.attachment(receipt.id, 0).unwrap().unwrap();
    assert_eq!(file, receipt.attachments[0]);
    assert_eq!((file.filename.as_str(), file.size), ("recu-CLEF-2026-000419.pdf", 11));
    assert_eq!(file.content_type, "application/pdf");
    assert_eq!(bytes, b"%PDF-1.7 \x00\xff");
    assert_eq!(mailbox.attachment(receipt.id, 1).unwrap(), None);

    let json = mailbox.json(2).unwrap();
    assert_eq!(json["count"], 3);
    assert_eq!(json["letters"][1]["attachments"][0]["filename"], "recu-CLEF-2026-000419.pdf");
}

#[tokio::test]
async fn the_same_letter_twice_is_one_letter_and_strangers_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let post = FilePost::new(composer(), folder.path()).unwrap();
    for _ in 0..2 {
        post.send(&message("thanks", 1)).await.unwrap();
    }
    for name in ["notes.txt", ".half.eml", "20261124T093015Z-not-an-id.eml"] {
        std::fs::write(folder.path().join(name), "From: x").unwrap();
    }
    let mailbox = Mailbox::new(folder.path());
    assert_eq!(mailbox.list(10).unwrap().len(), 1);
    assert_eq!(mailbox.get(message("thanks", 2).id()).unwrap(), None);
    assert_eq!(mailbox.raw(message("thanks", 2).id()).unwrap(), None);
}

#[tokio::test]
async fn a_folder_that_vanished_means_later() {
    let folder = tempfile::tempdir().unwrap();
    let post = FilePost::new(composer(), folder.path().join("gone")).unwrap();
    std::fs::remove_dir(post.folder()).unwrap();
    let error = post.send(&message("thanks", 1)).await.unwrap_err();
    assert!(matches!(error, mail::PostError::TryLater { code: None, .. }), "{error}");
    assert_eq!(Mailbox::new(post.folder()).list(10).unwrap(), []);
}
