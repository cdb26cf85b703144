//! The signed document of an agreement: kept when it is one, for who steers and who audits.

use actions::{LARGEST_DOCUMENT, PotRefused};
use domain::role::StaffRole;
use essaim::web::cookies::Flow;
use store::agreements;
use time::OffsetDateTime;

use crate::{
    contributions::{OPERATOR, promised},
    staff::{enters, refusal},
    town::Town,
    walk::Site,
};

const PAGE: &str = "/fonds/conventions/1";

#[tokio::test(flavor = "multi_thread")]
async fn the_signed_document_is_a_pdf_by_its_content() {
    let town = Town::new().await;
    let by = enters(&town, OPERATOR, StaffRole::Operator).await;
    let number = promised(&town, &by, 10).await;
    let attaches = async |bytes: &[u8]| {
        refusal(town.actions.attach_agreement(&by, (number, bytes), town.now).await)
    };
    assert_eq!(attaches(b"<html>%%EOF").await, Err(PotRefused::NotPdf));
    assert_eq!(attaches(b"%PDF-1.7 cut").await, Err(PotRefused::NotPdf));
    let large = vec![b' '; LARGEST_DOCUMENT + 1];
    assert_eq!(attaches(&large).await, Err(PotRefused::TooLarge));
    assert_eq!(attaches(b"%PDF-1.7\n1 0 obj\n%%EOF\n").await, Ok(()));
    let mut db = town.reader.get().await.unwrap();
    let row = agreements::read(&mut db, number).await.unwrap().unwrap();
    let document = store::receipts::document(&mut db, &row.document.unwrap()).await.unwrap();
    assert_eq!(document.content_type, "application/pdf");
    let noted = store::trail::actions_on(&mut db, &format!("agreement:{number}")).await.unwrap();
    assert_eq!(noted, ["begin_agreement", "add_instalment", "attach_agreement"]);
    drop(db);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_comes_from_a_form_of_this_visit_alone() {
    let site = Site::open().await;
    let named = (&OPERATOR.parse().unwrap(), StaffRole::Operator);
    site.town.actions.entrust_platform(named, OffsetDateTime::now_utc()).await.unwrap();
    let session = site.cookie(OPERATOR).await;
    site.prove(&session).await;
    site.drafted(site.person(OPERATOR).await).await;
    let flow = Flow::begin();
    let thread = flow.set_cookie(false);
    let thread = thread.to_str().unwrap().split(';').next().unwrap().to_owned();
    let sends = async |token: &str, more: &str| {
        let field = |name: &str, text: &str| {
            format!("--fil\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
        };
        let file = "--fil\r\nContent-Disposition: form-data; name=\"document\"; \
            filename=\"a.pdf\"\r\n\r\n%PDF-1.7 other %%EOF\r\n--fil--\r\n";
        let body = format!("{}{more}{file}", field("flow", token));
        let request = site.client.post(format!("{}{PAGE}/document", site.base));
        let request = request.header("cookie", format!("{session}; {thread}"));
        let kind = "multipart/form-data; boundary=fil";
        let answer = request.header("content-type", kind).body(body).send().await.unwrap();
        answer.status().as_u16()
    };
    let ours = flow.token(PAGE);
    assert_eq!(sends(&Flow::begin().token(PAGE), "").await, 403, "a form of another visit");
    let more = "--fil\r\nContent-Disposition: form-data; name=\"role\"\r\n\r\nadmin\r\n";
    assert_eq!(sends(&ours, more).await, 422, "a field too many");
    assert_eq!(sends(&ours, "").await, 303);
    let request = site.client.get(format!("{}{PAGE}/document", site.base));
    let answer = request.header("cookie", &session).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    assert_eq!(answer.bytes().await.unwrap().as_ref(), b"%PDF-1.7 other %%EOF");
}
