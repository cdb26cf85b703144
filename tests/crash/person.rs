//! Somebody with a browser that knows forms and one cookie, and who tries again.

use std::time::Duration;

use reqwest::{Client, StatusCode, header, redirect};

/// Somebody at home: an address on the network, an e-mail address, the cookie of the visit.
pub struct Person {
    client: Client,
    site: String,
    address: String,
    email: String,
    cookie: Option<String>,
    asked_back: bool,
}

/// What a page answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub location: Option<String>,
    pub body: String,
}

/// A form as it was filled: it can be sent as often as one likes.
#[derive(Clone, Debug)]
pub struct Form {
    path: String,
    fields: Vec<(String, String)>,
}

impl Person {
    /// The `number`th visitor of a site.
    pub fn new(client: &Client, site: &str, number: usize) -> Self {
        Self {
            client: client.clone(),
            site: site.to_owned(),
            address: format!("198.51.{}.{}", number / 250, number % 250),
            email: format!("donateur{number}@exemple.fr"),
            cookie: None,
            asked_back: false,
        }
    }

    /// Opens a page.
    pub async fn opens(&mut self, path: &str) -> Result<Answer, String> {
        let request = self.client.get(format!("{}{path}", self.site));
        self.sent(request).await
    }

    /// Opens the giving form of a campaign and fills it.
    pub async fn fills(&mut self, slug: &str, euros: i64) -> Result<Form, String> {
        let path = format!("/campagnes/{slug}/don");
        let page = self.opens(&path).await?;
        if page.status != StatusCode::OK {
            return Err(page.status.to_string());
        }
        let page = page.body;
        let typed = [
            ("flow", hidden(&page, "flow")),
            ("intention", hidden(&page, "intention")),
            ("montant", "libre".to_owned()),
            ("montant-libre", euros.to_string()),
            ("courriel", self.email.clone()),
            ("recu", "oui".to_owned()),
            ("prenom", "Camille".to_owned()),
            ("nom", "d’Été".to_owned()),
            ("adresse", "12, rue des Écoles".to_owned()),
            ("cp", "23000".to_owned()),
            ("ville", "Guéret".to_owned()),
            ("public", "non".to_owned()),
            ("moyen", "carte".to_owned()),
        ];
        let fields = typed.map(|(name, value)| (name.to_owned(), value)).to_vec();
        Ok(Form { path, fields })
    }

    /// Sends a form.
    pub async fn sends(&mut self, form: &Form) -> Result<Answer, String> {
        let request = self.client.post(format!("{}{}", self.site, form.path)).form(&form.fields);
        self.sent(request).await
    }

    /// Asks for the money back on the page of a gift, unless an earlier try did it unheard.
    pub async fn wants_back(&mut self, gift: &str) -> Result<(), String> {
        let page = self.opens(gift).await?;
        let path = format!("{gift}/remboursement");
        if page.status != StatusCode::OK || !page.body.contains(&path) {
            let done = page.status == StatusCode::OK && self.asked_back;
            return if done { Ok(()) } else { Err("it is not offered".to_owned()) };
        }
        self.asked_back = true;
        let fields = vec![("flow".to_owned(), hidden(&page.body, "flow"))];
        let answer = self.sends(&Form { path, fields }).await?;
        let taken = answer.status == StatusCode::SEE_OTHER;
        if taken { Ok(()) } else { Err(answer.status.to_string()) }
    }

    async fn sent(&mut self, request: reqwest::RequestBuilder) -> Result<Answer, String> {
        let request = request.header("x-forwarded-for", &self.address);
        let request = match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        };
        let unanswered = |error: reqwest::Error| error.to_string();
        let answer = request.send().await.map_err(unanswered)?;
        let text = |name| Some(answer.headers().get(name)?.to_str().ok()?.to_owned());
        if let Some(cookie) = text(header::SET_COOKIE) {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        let (status, location) = (answer.status(), text(header::LOCATION));
        Ok(Answer { status, location, body: answer.text().await.map_err(unanswered)? })
    }
}

/// Pays on the provider's page; answers where the provider sends the donor back to.
pub async fn pays(client: &Client, checkout: &str) -> String {
    let gesture = [("geste", "payer"), ("numero", "4242 4242 4242 4242")];
    let answer = client.post(checkout).form(&gesture).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "the payment page of {checkout}");
    let back = answer.headers()[header::LOCATION].to_str().unwrap();
    let (_, path) = back.split_once("://").unwrap().1.split_once('/').unwrap();
    format!("/{path}")
}

/// A client that follows nothing and waits longer than any answer may take.
pub fn client() -> Client {
    // Another test may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap()
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let field = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&field).unwrap_or_else(|| panic!("no {name} in {page}"));
    rest.split('"').next().unwrap().to_owned()
}
