//! A visit: what every handler may want to know of who asks.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request},
    http::request::Parts,
};
use templates::Theme;

use super::{
    client::Client,
    cookies::{self, Flow},
    query,
    request::RequestId,
    state::Site,
};

/// Who asks, and with what.
#[derive(Clone)]
pub struct Visit {
    /// The id of this request.
    pub request_id: RequestId,
    /// The other end of the line.
    pub client: Client,
    /// The chosen theme.
    pub theme: Theme,
    /// The thread of the visit, when one has begun.
    pub flow: Option<Flow>,
    /// Path and query, as asked.
    pub address: String,
}

impl FromRequestParts<Site> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Infallible> {
        let request_id = parts.extensions.get::<RequestId>().cloned().unwrap_or_default();
        let client =
            Client::behind(peer(&parts.extensions), &parts.headers, &site.config.trusted_proxies);
        Ok(Self {
            request_id,
            client,
            theme: cookies::theme_in(&parts.headers),
            flow: Flow::in_headers(&parts.headers, site.config.is_https()),
            address: parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        })
    }
}

impl Visit {
    /// The path asked for, without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.address.split('?').next().unwrap_or("/")
    }

    /// What the query says under a name.
    #[must_use]
    pub fn asked(&self, name: &str) -> Option<String> {
        let (_, query) = self.address.split_once('?')?;
        let mut pairs = query::pairs(query.as_bytes()).into_iter();
        pairs.find_map(|(key, value)| (key == name).then_some(value))
    }
}

/// The address at the other end of the connection; nobody's when there is no connection.
fn peer(extensions: &axum::http::Extensions) -> IpAddr {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip())
}

impl Site {
    /// The visitor's end of the line, for what runs before any extractor.
    #[must_use]
    pub fn client(&self, request: &Request) -> Client {
        let peer = peer(request.extensions());
        Client::behind(peer, request.headers(), &self.config.trusted_proxies)
    }
}

impl Site {
    /// The visitor as limits on money count them.
    #[must_use]
    pub fn counted(&self, visit: &Visit, flow: &Flow) -> actions::Client {
        let networks = &self.config.limits.shared_networks;
        actions::Client {
            address: visit.client.bucket(),
            flow: flow.bucket(),
            shared: networks.iter().any(|network| network.contains(visit.client.address)),
        }
    }
}
