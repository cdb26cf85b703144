//! Accepts connections, with the patience a public door needs and no more.
//!
//! A visitor who sends headers by the drop is let go (reliability F10), connections are counted,
//! and when asked to stop we accept no more, let what is under way finish, then leave.

use std::{sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore},
    time,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Headers must have arrived by then.
const HEADERS: Duration = Duration::from_secs(10);
/// Connections at once; more wait in the kernel's queue.
const CONNECTIONS: usize = 10_000;

/// Serves until `stop`, then gives requests under way `grace` to finish.
pub async fn serve(listener: TcpListener, site: Router, stop: CancellationToken, grace: Duration) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Some(place) = place(&places, &stop).await else { break };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: others will be given back.
                tracing::warn!(%error, "a connection could not be accepted");
                time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Small answers must not wait for a full packet; a failure costs only that wait.
        let _ = stream.set_nodelay(true);
        let service = site.clone().map_request(move |mut request: hyper::Request<_>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            // A visitor who hangs up in the middle is no news.
            let _ = watched.await;
            drop(place);
        });
    }
    drop(listener);
    if time::timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time and were cut");
    }
}

async fn place(places: &Arc<Semaphore>, stop: &CancellationToken) -> Option<OwnedSemaphorePermit> {
    tokio::select! {
        () = stop.cancelled() => None,
        place = places.clone().acquire_owned() => place.ok(),
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        sync::Notify,
    };

    use super::*;

    #[tokio::test]
    async fn a_request_under_way_finishes_and_no_other_begins() {
        let (arrived, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (told, awaited) = (arrived.clone(), go.clone());
        let slow = async move || {
            told.notify_one();
            awaited.notified().await;
            "fini"
        };
        let site = Router::new().route("/", get(slow));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, site, stop.clone(), Duration::from_secs(30)));
        let mut visitor = TcpStream::connect(address).await.unwrap();
        visitor.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        arrived.notified().await;
        stop.cancel();
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        go.notify_one();
        let mut answer = String::new();
        visitor.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("fini"), "{answer}");
        serving.await.unwrap();
    }
}
