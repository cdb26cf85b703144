//! The line to a provider: short patience, no redirect followed, no answer without an end.

use std::{future::Future, pin::Pin, time::Duration};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use reqwest::redirect::Policy;

/// The largest answer that is read, in bytes: discovery, keys, tokens and claims are far smaller.
const LARGEST: usize = 256 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum LineFault {
    /// Nobody answers, or not in time.
    #[error("no answer: {0}")]
    Silent(#[from] reqwest::Error),
    /// It failed over there (500 and above).
    #[error("the provider failed: {0}")]
    Failing(u16),
    /// It never stops speaking.
    #[error("more than {LARGEST} bytes")]
    TooLong,
    /// What came is not HTTP.
    #[error("not an answer: {0}")]
    NotHttp(#[from] http::Error),
}

/// A line. It asks for nothing by itself.
#[derive(Clone, Debug)]
pub struct Line(reqwest::Client);

impl Line {
    /// Opens a line that waits so long for each answer.
    ///
    /// # Errors
    /// When no TLS is at hand.
    pub fn new(patience: Duration) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .connect_timeout(patience)
            .timeout(patience)
            .build()?;
        Ok(Self(client))
    }

    async fn say(&self, request: HttpRequest) -> Result<HttpResponse, LineFault> {
        let mut answer = self.0.execute(request.try_into()?).await?;
        if answer.status().is_server_error() {
            return Err(LineFault::Failing(answer.status().as_u16()));
        }
        let mut read = http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            read = read.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > LARGEST {
                return Err(LineFault::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(read.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Line {
    type Error = LineFault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, LineFault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.say(request))
    }
}
