//! Waking at the commit that enqueued something: LISTEN on a connection beside the pool. It may be
//! cut at any time: polling goes on beneath, and it comes back.

use std::{future::poll_fn, sync::Arc, time::Duration};

use tokio::sync::Notify;
use tokio_postgres::{AsyncMessage, NoTls};
use tokio_util::sync::CancellationToken;

use crate::queue::CHANNEL;

const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Rings `bell` at each notification, and at each new connection, since something may have been
/// missed before it. Returns when `stop` is called.
pub(crate) async fn listen(url: String, bell: Arc<Notify>, stop: CancellationToken) {
    let mut wait = FIRST_WAIT;
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => return,
            heard = listen_once(&url, &bell, &mut wait) => if let Err(error) = heard {
                tracing::warn!(%error, "not listening for new jobs, polling meanwhile");
            },
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = wait.saturating_mul(2).min(LONGEST_WAIT);
    }
}

async fn listen_once(
    url: &str,
    bell: &Notify,
    wait: &mut Duration,
) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = tokio_postgres::connect(url, NoTls).await?;
    let listen = format!("LISTEN {CHANNEL}");
    let asking = client.batch_execute(&listen);
    tokio::pin!(asking);
    let mut listening = false;
    loop {
        tokio::select! {
            answer = &mut asking, if !listening => {
                answer?;
                listening = true;
                *wait = FIRST_WAIT;
                bell.notify_one();
            }
            message = poll_fn(|cx| connection.poll_message(cx)) => match message {
                Some(Ok(AsyncMessage::Notification(_))) => bell.notify_one(),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => return Ok(()),
            },
        }
    }
}
