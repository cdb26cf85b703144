//! Sends events to the webhook until they are taken, as the provider does.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{
    super::{Sandbox, lock},
    faults::EventFault,
};

/// Waits between attempts grow up to this.
const LONGEST: Duration = Duration::from_secs(60);
/// Attempts; then only the list of events tells.
const ATTEMPTS: u32 = 40;

/// Sends what there is to tell, until asked to stop.
pub async fn run(sandbox: Sandbox, shutdown: CancellationToken) {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(20)).build();
    let Ok(client) = client else { return };
    let mut late: Option<(String, Vec<u8>)> = None;
    loop {
        for (id, body) in sandbox.take_events() {
            let fault = lock(&sandbox.shared.faults).of_event(&kind(&body)).unwrap_or_default();
            if fault.reorder {
                late = Some((id, body));
                continue;
            }
            send(&sandbox, &client, body, fault, &shutdown);
            if let Some((_, body)) = late.take() {
                send(&sandbox, &client, body, EventFault::default(), &shutdown);
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            // The clock brings news too: pages close, refunds arrive.
            () = tokio::time::sleep(Duration::from_secs(1)) => sandbox.sweep(),
            () = sandbox.shared.news.notified() => {}
        }
    }
}

fn kind(body: &[u8]) -> String {
    let event: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    event["type"].as_str().unwrap_or_default().to_owned()
}

fn send(
    sandbox: &Sandbox,
    client: &reqwest::Client,
    body: Vec<u8>,
    fault: EventFault,
    shutdown: &CancellationToken,
) {
    if fault.drop {
        return;
    }
    for _ in 0..=fault.duplicate {
        let (sandbox, client, body) = (sandbox.clone(), client.clone(), body.clone());
        let (stop, delay) = (shutdown.clone(), Duration::from_millis(fault.delay_ms));
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = until_taken(&sandbox, &client, &body, delay) => {}
            }
        });
    }
}

async fn until_taken(sandbox: &Sandbox, client: &reqwest::Client, body: &[u8], delay: Duration) {
    let Some(target) = sandbox.shared.config.webhook.as_ref() else { return };
    tokio::time::sleep(delay).await;
    let mut wait = Duration::from_millis(250);
    for _ in 0..ATTEMPTS {
        let request = client
            .post(&target.url)
            .header("content-type", "application/json; charset=utf-8")
            .header("stripe-signature", sandbox.sign(body, time::OffsetDateTime::now_utc()))
            .body(body.to_vec());
        match request.send().await {
            Ok(answer) if answer.status().is_success() => return,
            Ok(answer) => tracing::debug!(status = %answer.status(), "the webhook was not taken"),
            Err(error) => tracing::debug!(%error, "the webhook cannot be reached"),
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST);
    }
}
