//! A site with identity providers by another hand.

use std::sync::Arc;

use domain::{ids::PersonId, people::EmailAddress};
use essaim::{
    boot::{Clock, Essaim, Outside},
    config::{Config, Purpose, Sources},
};
use reqwest::Response;
use serde_json::{Value, json};
use store::identities::IdentityRow;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    peer::{Browser, CLIENT, Peer},
    town::{INSTANCE, SANDBOX_KEY, Town, WEBHOOK_SECRET},
};

pub const BOTH: [&str; 2] = ["proconnect", "franceconnect"];

/// A site with its providers.
pub struct Street {
    pub town: Town,
    base: String,
    pub peers: Vec<Peer>,
    _stop: DropGuard,
}

impl Street {
    /// Opens a site with these providers.
    pub async fn open(kinds: &[&str]) -> Self {
        let town = Town::new().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let mut sources = Sources::default()
            .with("ESSAIM_ENV", "demo")
            .with("ESSAIM_INSTANCE", INSTANCE)
            .with("ESSAIM_BASE_URL", base.clone())
            .with("ESSAIM_STRIPE_BASE_URL", "http://localhost:9")
            .with("ESSAIM_STRIPE_CHECKOUT_URL", "http://localhost:9")
            .with("ESSAIM_STRIPE_SECRET_KEY", SANDBOX_KEY)
            .with("ESSAIM_STRIPE_WEBHOOK_SECRETS", WEBHOOK_SECRET)
            .with("ESSAIM_LIMITS_KEY", "a key of the street");
        let mut peers = Vec::new();
        for kind in kinds {
            let back = format!("{base}/connexion/{kind}/retour");
            let peer = Peer::start(env!("CARGO_MANIFEST_DIR"), kind, (&back, &format!("{base}/")));
            let name = |key: &str| format!("ESSAIM_{}_{key}", kind.to_uppercase());
            sources = sources
                .with(&name("ISSUER"), peer.issuer.clone())
                .with(&name("CLIENT_ID"), CLIENT.0)
                .with(&name("CLIENT_SECRET"), CLIENT.1);
            peers.push(peer);
        }
        // Another test may have installed one before: any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = Config::read(&sources, Purpose::Serving).unwrap();
        let outside = Outside {
            gateway: Arc::new(town.sandbox.gateway()),
            post: town.post.clone(),
            clock: Clock::system(),
        };
        let stop = CancellationToken::new();
        let essaim = Essaim::wire(config, &town.url, outside, stop.clone()).unwrap();
        tokio::spawn(async move { essaim.serve(listener).await });
        Self { town, base, peers, _stop: stop.drop_guard() }
    }

    /// Who signs in next at the first provider.
    pub async fn next(&self, sub: &str, claims: Value) {
        self.peers[0].tell(json!({ "sub": sub, "claims": claims })).await;
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A page, its status and text.
    pub async fn page(&self, browser: &mut Browser, path: &str) -> (u16, String) {
        let answer = browser.get(&self.at(path)).await;
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn answer(&self, browser: &mut Browser, path: &str, form: &[(&str, &str)]) -> Response {
        let (_, page) = self.page(browser, path).await;
        let flow = flow(&page);
        let form = [form, &[("flow", flow.as_str())]].concat();
        browser.post(&self.at(path), &form).await
    }

    /// A form of a page, sent to the page: status, and where it leads or what it says.
    pub async fn sends(
        &self,
        browser: &mut Browser,
        path: &str,
        form: &[(&str, &str)],
    ) -> (u16, String) {
        said(self.answer(browser, path, form).await).await
    }

    /// The same, answered by the page that leads on to a provider: the address there.
    pub async fn goes(&self, browser: &mut Browser, path: &str, form: &[(&str, &str)]) -> String {
        let answer = self.answer(browser, path, form).await;
        let by_itself = answer.headers().get("refresh").map(|to| to.to_str().unwrap().to_owned());
        let (status, page) = said(answer).await;
        assert_eq!(status, 200, "{page}");
        let (_, link) = page.split_once("class=\"btn\" href=\"").expect("the way on, by hand");
        let url = link.split('"').next().unwrap().replace("&amp;", "&").replace("&#x3D;", "=");
        assert_eq!(by_itself, Some(format!("0;url={url}")), "{page}");
        url
    }

    /// Off to a provider from the door, and back: the address that the browser comes back to.
    pub async fn walks(&self, browser: &mut Browser, kind: usize) -> String {
        let form = [("par", BOTH[kind]), ("suite", "/mon-espace/connexions")];
        let url = self.goes(browser, "/connexion", &form).await;
        browser.walks(&self.peers[kind.min(self.peers.len() - 1)], &url).await
    }

    /// Answers the letter that went to an address, in the browser.
    pub async fn types_the_code(&mut self, browser: &mut Browser, email: &str) -> (u16, String) {
        self.posts().await;
        let code = self.town.sign_in_letter(email).code;
        self.sends(browser, "/connexion/code", &[("code", &code)]).await
    }

    /// The letters that were promised are sent, by the clock of the machine.
    pub async fn posts(&mut self) {
        self.town.now = OffsetDateTime::now_utc();
        self.town.work().await;
    }

    /// The first time: through the provider, then the letter.
    pub async fn enters_first(&mut self, browser: &mut Browser, kind: usize, email: &str) {
        let back = self.walks(browser, kind).await;
        let (status, to) = said(browser.get(&back).await).await;
        assert_eq!((status, to.as_str()), (303, "/connexion/code"));
        let (status, to) = self.types_the_code(browser, email).await;
        assert_eq!((status, to.as_str()), (303, "/mon-espace/connexions"));
    }

    pub async fn person(&self, email: &str) -> Option<PersonId> {
        let key = email.parse::<EmailAddress>().unwrap().key();
        let mut db = self.town.reader.get().await.unwrap();
        store::people::known(&mut db, &key).await.unwrap()
    }

    pub async fn identities(&self, email: &str) -> Vec<IdentityRow> {
        let Some(person) = self.person(email).await else { return Vec::new() };
        let mut db = self.town.reader.get().await.unwrap();
        store::identities::of(&mut db, person).await.unwrap()
    }

    pub async fn trail(&self, subject: &str) -> Vec<String> {
        let mut db = self.town.reader.get().await.unwrap();
        store::trail::actions_on(&mut db, subject).await.unwrap()
    }

    pub async fn end(mut self) {
        self.posts().await;
        self.town.end().await;
    }
}

pub fn flow(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"flow\" value=\"").expect("a form of ours");
    rest.split('"').next().unwrap().to_owned()
}

/// Status, and where an answer leads or what it says.
pub async fn said(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    match answer.headers().get("location") {
        Some(to) => (status, to.to_str().unwrap().to_owned()),
        None => (status, answer.text().await.unwrap()),
    }
}
