//! Stripe's own client library, another program than ours, drives the sandbox and judges its
//! signatures.

use std::{path::PathBuf, process::Command};

use crate::sandbox::{Bank, KEY, SECRET};

#[tokio::test]
async fn stripes_own_library_drives_it_and_believes_its_signatures() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers");
    assert!(
        folder.join("node_modules/stripe").is_dir(),
        "Stripe's library is not installed: npm ci --prefix tests/peers"
    );
    let mut bank = Bank::open().await;
    let session = bank.session("card", "2000").await;
    bank.sandbox.pay(session["id"].as_str().unwrap(), &payments::sandbox::Outcome::Pay).unwrap();
    let rung = bank.next_ring().await;
    let told = serde_json::json!({
        "base": bank.base, "key": KEY, "secret": SECRET, "signature": rung.signature,
        "body": String::from_utf8(rung.body).unwrap() });
    let run =
        move || Command::new("node").arg(folder.join("stripe.mjs")).arg(told.to_string()).output();
    let output = tokio::task::spawn_blocking(run).await.unwrap().expect("node is installed");
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    assert!(out.ends_with("all good\n"), "{out}\n{err}");
}
