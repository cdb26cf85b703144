//! Every route, by every kind of visitor: who may and who may not. A route without a line here
//! fails: nobody adds a page without saying whose it is.

use std::sync::Arc;

use domain::{
    ids::{OrganisationId, PersonId},
    role::{Role, StaffRole},
};
use essaim::{
    boot::{Clock, Essaim, Outside},
    config::{Config, Purpose, Sources},
};
use reqwest::{Client, Method, redirect::Policy};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::{
    drafts, need,
    rehearsals::{self, NewRehearsal},
};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    routes::{
        Whose::{Anybodys, Owners, SignedIn, Staff},
        known,
    },
    town::{BUS, INSTANCE, SANDBOX_KEY, Town, WEBHOOK_SECRET},
};

/// The rehearsal of [`Site::drafted`].
const REHEARSAL: &str = "0193f9a0-0000-7000-8000-000000000001";

/// The routes as the router has them: method and path.
fn written() -> Vec<(String, String)> {
    let source = include_str!("../../src/web/router.rs")
        .replace("desk::team::PATH", "\"/plateforme/equipe\"")
        .replace("fund::PATH", "\"/fonds\"")
        .replace("fund::RULES", "\"/fonds/regles\"")
        .replace("desk::lookup::PATH", "\"/plateforme/personnes\"")
        .replace("desk::trail::PATH", "\"/plateforme/journal\"")
        .replace("desk::trail::FILE", "\"/plateforme/journal.csv\"")
        .replace("desk::trail::SETTINGS", "\"/plateforme/reglages\"")
        .replace("desk::PATH", "\"/plateforme\"")
        .replace("space::PATH", "\"/mon-espace\"")
        .replace("space::identities::PATH", "\"/mon-espace/identites\"")
        .replace("space::my_data::PATH", "\"/mon-espace/donnees.json\"")
        .replace("space::passkeys::PATH", "\"/mon-espace/cles\"")
        .replace("space::address::PATH", "\"/mon-espace/adresse\"")
        .replace("space::erasure::PATH", "\"/mon-espace/effacement\"")
        .replace("space::sessions::PATH", "\"/mon-espace/connexions\"");
    let mut found = Vec::new();
    for route in source.split(".route(").skip(1) {
        let path = route.split('"').nth(1).unwrap().to_owned();
        let handlers = route.split("\n        .").next().unwrap().split(";").next().unwrap();
        for (mark, method) in [("get(", "GET"), ("post(", "POST")] {
            if handlers.contains(mark) {
                found.push((method.to_owned(), path.clone()));
            }
        }
    }
    found
}

#[test]
fn every_route_says_whose_it_is() {
    let known = known();
    let written = written();
    for route in &written {
        assert!(known.contains_key(route), "{route:?} has no line in tests/it/routes.rs");
    }
    assert_eq!(written.len(), known.len(), "a line of a route that is gone");
}

pub struct Site {
    pub town: Town,
    pub base: String,
    pub client: Client,
    _stop: DropGuard,
}

impl Site {
    pub async fn open() -> Self {
        let town = Town::new().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let sources = Sources::default()
            .with("ESSAIM_ENV", "demo")
            .with("ESSAIM_INSTANCE", INSTANCE)
            .with("ESSAIM_BASE_URL", base.clone())
            .with("ESSAIM_DATABASE_URL", town.url.clone())
            .with("ESSAIM_STRIPE_BASE_URL", "http://localhost:9")
            .with("ESSAIM_STRIPE_CHECKOUT_URL", "http://localhost:9")
            .with("ESSAIM_STRIPE_SECRET_KEY", SANDBOX_KEY)
            .with("ESSAIM_STRIPE_WEBHOOK_SECRETS", WEBHOOK_SECRET)
            .with("ESSAIM_LIMITS_KEY", "a key of the walk")
            .with("ESSAIM_LIMITS_UNSAFE_REQUESTS", "10000");
        let config = Config::read(&sources, Purpose::Serving).unwrap();
        let outside = Outside {
            gateway: Arc::new(town.sandbox.gateway()),
            post: town.post.clone(),
            clock: Clock::system(),
        };
        let stop = CancellationToken::new();
        let essaim = Essaim::wire(config, &town.url, outside, stop.clone()).unwrap();
        tokio::spawn(async move { essaim.serve(listener).await });
        // Another test may have installed one before: any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { town, base, client, _stop: stop.drop_guard() }
    }

    /// The cookie of somebody who signs in now, by the clock of the machine.
    pub async fn cookie(&self, email: &str) -> String {
        format!("s={}", self.town.signs_in(email, OffsetDateTime::now_utc()).await)
    }

    /// Somebody we know.
    pub async fn person(&self, email: &str) -> PersonId {
        let mut db = self.town.reader.get().await.unwrap();
        store::people::known(&mut db, email).await.unwrap().unwrap()
    }

    /// What the addresses of the fund name: a draft of a rule, a rehearsal of it, an agreement, an
    /// order, a table of need.
    pub async fn drafted(&self, by: PersonId) {
        let now = OffsetDateTime::now_utc();
        let mut tx = self.town.writer.begin().await.unwrap();
        let rules = store::rules::published(&mut tx).await.unwrap();
        let document = json!(rules[0].rules);
        let begun = (rules[0].row.id.as_str(), rules[0].row.pot_id.as_str(), &document);
        let by = by.uuid();
        assert_eq!(drafts::begin(&mut tx, begun, by, now).await.unwrap(), Some(1));
        let id = REHEARSAL.parse().unwrap();
        let asked = NewRehearsal {
            id,
            draft: 1,
            document: &document,
            asked_by: by,
            asked_at: now,
            pot_id: begun.1,
            beside: json!([]),
            year_gifts: None,
            year_seed: None,
        };
        assert!(rehearsals::ask(&mut tx, &asked).await.unwrap());
        let report = json!({ "report": { "candidates": [{}, {}] } });
        rehearsals::end(&mut tx, id, (0, 1, Ok(&report)), now).await.unwrap();
        crate::contributions::begun(&mut tx, by, now).await;
        let new = need::NewTable {
            source: "Insee",
            vintage: "2026",
            document: &json!({ "source": "Insee", "vintage": "2026", "scale": "departement",
                "criteria": [{ "id": "a", "label": "a", "weight_bps": 10_000, "fallback": null,
                    "higher_is_need": true, "reference": 1, "ratio_min_bps": 5_000,
                    "ratio_max_bps": 20_000 }],
                "places": [{ "code": "23", "population": 1, "values": [1] }] }),
            file: b"code",
            sha256: &[0; 32],
        };
        need::add_table(&mut tx, new, (PersonId::new(by), now)).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Everybody who works for the platform: their role, and their cookie without and with a proof.
    async fn staff(&self, now: OffsetDateTime) -> Vec<(StaffRole, String, String)> {
        let mut staff = Vec::new();
        for role in StaffRole::ALL {
            let email = format!("{}@exemple.fr", role.code());
            let named = (&email.parse().unwrap(), *role);
            self.town.actions.entrust_platform(named, now).await.unwrap();
            let weak = self.cookie(&email).await;
            let strong = self.cookie(&email).await;
            self.prove(&strong).await;
            staff.push((*role, weak, strong));
        }
        staff
    }

    /// A page of the platform is reached by these roles, with a proof, and by nobody else.
    async fn staffed(
        &self,
        (method, path, address): (&str, &str, &str),
        roles: &[StaffRole],
        staff: &[(StaffRole, String, String)],
    ) {
        let reached = if method == "GET" { 200 } else { 422 };
        for (role, weak, strong) in staff {
            let (status, to) = self.asks(method, address, Some(weak)).await;
            assert_eq!(status, 303, "{method} {path}: {role:?} without a key");
            assert!(to.starts_with("/mon-espace/cles?pour=plateforme"), "{path}: {to}");
            let expected = if roles.contains(role) { reached } else { 403 };
            let (status, _) = self.asks(method, address, Some(strong)).await;
            assert_eq!(status, expected, "{method} {path}: {role:?}");
        }
    }

    /// Proves a passkey in a session.
    pub async fn prove(&self, cookie: &str) {
        let word = cookie.trim_start_matches("s=");
        let now = OffsetDateTime::now_utc();
        let principal = self.town.actions.principal(word, now).await.unwrap().unwrap();
        let digest = Sha256::digest(word.as_bytes());
        let mut tx = self.town.writer.begin().await.unwrap();
        store::sessions::strengthen(&mut tx, principal.session, &digest, now).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn asks(&self, method: &str, path: &str, cookie: Option<&str>) -> (u16, String) {
        let method: Method = method.parse().unwrap();
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.base));
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        if method == Method::POST {
            request = request.form(&[("role", "admin")]);
        }
        let answer = request.send().await.unwrap();
        let location = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), location.unwrap_or_default())
    }
}

pub fn filled(path: &str, (organisation, person): (&OrganisationId, PersonId)) -> String {
    path.replace("{slug}", BUS)
        .replace("{structure}", organisation.as_str())
        .replace("{pot}", "socle")
        .replace("{*path}", "rien.css")
        .replace("{id}", "0193")
        .replace("{personne}", &person.to_string())
        .replace("{number}", "1")
        .replace("{version}", "1")
        .replace("{day}", "2026-02-30")
        .replace("{rehearsal}", REHEARSAL)
        .replace("{place}", "1")
        .replace("{provider}", "proconnect")
        .replace("{token}", "inconnu")
        .replace("{reference}", "inconnue")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_visitor_gets_what_is_theirs_and_no_more() {
    let site = Site::open().await;
    let staged = essaim::demo::catalogue::campaigns(site.town.now).unwrap();
    let holder = |slug: &str| {
        let one = staged.iter().find(|one| one.new.campaign.slug == slug).unwrap();
        OrganisationId::new(one.new.holder.id.clone())
    };
    let ours = holder(BUS);
    let theirs = OrganisationId::new(
        staged
            .iter()
            .map(|one| &one.new.holder.id)
            .find(|id| *id != ours.as_str())
            .unwrap()
            .clone(),
    );
    let now = OffsetDateTime::now_utc();
    let mut people = Vec::new();
    for role in Role::ALL {
        let email = format!("{}@exemple.fr", role.code());
        let named = (&email.parse().unwrap(), *role);
        site.town.actions.entrust_organisation(&ours, named, now).await.unwrap();
        people.push((Some(*role), site.cookie(&email).await));
    }
    let elsewhere = ("ailleurs@exemple.fr".parse().unwrap(), Role::Owner);
    site.town
        .actions
        .entrust_organisation(&theirs, (&elsewhere.0, elsewhere.1), now)
        .await
        .unwrap();
    let stranger = site.cookie("ailleurs@exemple.fr").await;
    let staff = site.staff(now).await;
    let somebody = site.person("ailleurs@exemple.fr").await;
    site.drafted(somebody).await;
    for ((method, path), whose) in known() {
        let address = filled(&path, (&ours, somebody));
        let (visitor, to) = site.asks(&method, &address, None).await;
        assert!(visitor < 500, "{method} {path}: {visitor}");
        let (other, _) = site.asks(&method, &address, Some(&stranger)).await;
        if whose == Anybodys {
            assert_eq!(visitor, other, "{method} {path}: the same for everybody");
            assert!(!to.starts_with("/connexion?"), "{method} {path}");
            continue;
        }
        assert_eq!(visitor, 303, "{method} {path}: to the door");
        assert!(to.starts_with("/connexion"), "{method} {path}: {to}");
        // Who may, and sends a form that is none of ours, is told that it is not understood.
        let reached = if method == "GET" { 200 } else { 422 };
        if let Staff(roles) = whose {
            assert_eq!(other, 404, "{method} {path}: a stranger to the platform");
            site.staffed((&method, &path, &address), roles, &staff).await;
            continue;
        }
        let strangers = if whose == SignedIn { reached } else { 404 };
        assert_eq!(other, strangers, "{method} {path}: an owner of another organisation");
        for (role, cookie) in &people {
            let allowed = whose != Owners || *role == Some(Role::Owner);
            let expected = if allowed { reached } else { 403 };
            let (status, _) = site.asks(&method, &address, Some(cookie)).await;
            assert_eq!(status, expected, "{method} {path}: {role:?}");
        }
    }
    let forged = site.asks("GET", "/mon-espace", Some("s=forged")).await;
    assert_eq!(forged, (303, "/connexion?suite=%2Fmon-espace".to_owned()));
}
