//! Live figures (server-sent events): ready strings, at most one event a second, only when a figure
//! has moved. The page's script keeps them back while the visitor has paused.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::Stream;
use store::{
    campaigns::{self, CampaignRow},
    totals,
};
use templates::live::{LiveCampaign, LivePot};
use tokio::{
    sync::{OwnedSemaphorePermit, broadcast},
    time::sleep,
};

use super::{campaigns::standing, error::Failure, home, state::Site};
use crate::ephemeral::Moved;

/// The pace of a stream.
const PACE: Duration = Duration::from_secs(1);
/// Figures are read again at least so often, should the news from another process be lost.
const AT_LEAST: Duration = Duration::from_secs(5);
/// The figures of a second are kept until the next has surely begun.
const READ_ONCE: Duration = Duration::from_secs(2);

/// What is watched.
enum Watched {
    Pot,
    Campaign(Box<CampaignRow>),
}

impl Watched {
    fn concerns(&self, moved: &Moved) -> bool {
        match self {
            Self::Pot => true,
            Self::Campaign(row) => matches!(moved, Moved::Campaign(slug) if *slug == row.slug),
        }
    }

    /// The figures as they are now, ready to be shown; nothing when they cannot be read. Read once
    /// a second, however many watch.
    async fn figures(&self, site: &Site) -> Option<String> {
        let second = time::OffsetDateTime::now_utc().unix_timestamp();
        let key = match self {
            Self::Pot => format!("live:{second}"),
            Self::Campaign(row) => format!("live:{second}:{}", row.slug),
        };
        let read = async { self.read(site).await.map(Bytes::from) };
        let bytes = site.ephemeral.fragment(&key, READ_ONCE, read).await.ok()?;
        String::from_utf8(bytes.to_vec()).ok()
    }

    async fn read(&self, site: &Site) -> Result<String, Failure> {
        Ok(match self {
            Self::Pot => serde_json::to_string(&LivePot::from(&home::figures(site).await?))?,
            Self::Campaign(row) => {
                let mut db = site.reader.get().await?;
                let totals = totals::read(&mut db, &row.campaign()).await?;
                let progress = standing::progress(row, totals, site.now());
                serde_json::to_string(&LiveCampaign::from(&progress))?
            }
        })
    }
}

/// `/flux/pot`
pub async fn pot(State(site): State<Site>) -> Response {
    open(&site, Watched::Pot)
}

/// `/campagnes/{slug}/flux`
pub async fn campaign(
    State(site): State<Site>,
    Path(slug): Path<String>,
) -> Result<Response, Failure> {
    let mut db = site.reader.get().await?;
    let row = campaigns::by_slug(&mut db, &slug).await?;
    let row = row.filter(|row| row.life().is_public()).ok_or(Failure::NotFound)?;
    Ok(open(&site, Watched::Campaign(Box::new(row))))
}

fn open(site: &Site, watched: Watched) -> Response {
    let Ok(place) = site.streams.clone().try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let news = site.ephemeral.listen();
    let watcher = Watcher { site: site.clone(), news, watched, last: None, _place: place };
    let mut answer = Sse::new(watcher.stream()).keep_alive(KeepAlive::default()).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A proxy that collects the answer would hold the figures back.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    answer
}

/// One visitor who watches, with a place among the others held as long as the stream.
struct Watcher {
    site: Site,
    news: broadcast::Receiver<Moved>,
    watched: Watched,
    last: Option<String>,
    _place: OwnedSemaphorePermit,
}

impl Watcher {
    fn stream(self) -> impl Stream<Item = Result<Event, Infallible>> + Send {
        futures_util::stream::unfold(self, |mut watcher| async move {
            let figures = watcher.next().await?;
            Some((Ok(Event::default().data(figures)), watcher))
        })
    }

    /// The next figures that differ from the last; nothing when we are asked to stop.
    async fn next(&mut self) -> Option<String> {
        loop {
            if self.last.is_some() {
                self.wait().await?;
            }
            let figures = self.watched.figures(&self.site).await;
            if let Some(figures) = figures
                && self.last.as_ref() != Some(&figures)
            {
                self.last = Some(figures.clone());
                return Some(figures);
            }
            // The database does not answer: an empty figure would be a false one.
            self.last.as_ref()?;
        }
    }

    /// Until a figure may have moved, and then a second more: what is read after that second began
    /// was read after the news. Nothing when we are asked to stop.
    async fn wait(&mut self) -> Option<()> {
        let stop = self.site.stop.clone();
        let news = async {
            loop {
                match self.news.recv().await {
                    Ok(moved) if self.watched.concerns(&moved) => return,
                    Ok(_) => {}
                    // Late by many news: one of them may be ours.
                    Err(broadcast::error::RecvError::Lagged(_)) => return,
                    Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        tokio::select! {
            () = stop.cancelled() => return None,
            () = news => {}
            () = sleep(AT_LEAST) => {}
        }
        tokio::select! {
            () = stop.cancelled() => None,
            () = sleep(PACE) => Some(()),
        }
    }
}
