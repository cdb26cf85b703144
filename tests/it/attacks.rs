//! What an attacker tries at the doors and at every form: a session planted before, a field too
//! many, a way elsewhere, a form of another site, ten thousand letters.

use std::collections::BTreeSet;

use actions::{Client, SignInRefused, Stop};
use domain::{
    ids::OrganisationId,
    role::{Role, StaffRole},
};
use essaim::web::cookies::Flow;
use reqwest::{Response, Url};
use time::{Duration, OffsetDateTime};
use tokio::task::JoinSet;

use crate::{
    routes::known,
    town::{BUS, Town},
    walk::{Site, filled},
};

const CAMILLE: &str = "camille@exemple.fr";
const OWNER: &str = "responsable@exemple.fr";

/// What keeps other sites from sending a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guard {
    /// The token of the visit.
    Token,
    /// The token, or a browser that vouches for the page.
    OurPage,
    /// Forging it changes a colour.
    Harmless,
    /// No form: the secret in the address, the signature of a machine, or a report.
    NoForm,
    /// The token, in a form with a file: attacked in `need.rs` and `signed_documents.rs`.
    File,
}

use Guard::{File, Harmless, NoForm, OurPage, Token};

/// Every form as a page sends it. Values that change nothing, where there are such.
const FORMS: &[(&str, &str, Guard)] = &[
    (
        "/campagnes/{slug}/don",
        "montant=20&montant-libre=&courriel=pas-une-adresse&prenom=&nom=&adresse=&cp=&ville=\
         &moyen=carte&intention=0193f9a0-0000-7000-8000-000000000001",
        Token,
    ),
    ("/campagnes/{slug}/suivre", "courriel=pas-une-adresse", OurPage),
    ("/campagnes/{slug}/signaler", "courriel=&message=", OurPage),
    ("/verifier/recu", "numero=R&code=C", Token),
    ("/preferences", "theme=sombre", Harmless),
    ("/dons/confirmer/{token}", "encore=", Token),
    ("/dons/{token}/remboursement", "", Token),
    ("/suivi/{token}", "choix=suivre", NoForm),
    ("/suivi/{token}/arret", "choix=arreter", NoForm),
    ("/csp", "", NoForm),
    ("/webhooks/stripe", "", NoForm),
    ("/connexion", "courriel=inconnue%40exemple.fr&suite=", Token),
    ("/connexion/code", "code=123456", Token),
    ("/connexion/lien/{token}", "choix=entrer", Token),
    ("/mon-espace", "invitation=0193f9a0-0000-7000-8000-000000000001&reponse=oui", Token),
    ("/mon-espace/connexions", "fin=0193f9a0-0000-7000-8000-000000000001", Token),
    ("/mon-espace/cles", "geste=autre", Token),
    ("/mon-espace/cles/question", "geste=montrer", Token),
    ("/mon-espace/identites", "geste=autre", Token),
    ("/mon-espace/adresse", "courriel=pas-une-adresse", Token),
    ("/mon-espace/adresse/{token}", "choix=oui", Token),
    ("/adresse/{token}", "choix=oui", Token),
    ("/mon-espace/effacement", "choix=effacer", Token),
    ("/structures/{structure}/membres", "geste=inviter&courriel=pas-une-adresse", Token),
    ("/structures/{structure}/depart", "choix=partir", Token),
    ("/courriels", "compte=personne", Token),
    ("/plateforme", "geste=relancer&tache=0&raison=", Token),
    ("/fonds/regles", "geste=creer&regle=Non+!&pot=socle", Token),
    ("/fonds/regles/{number}", "geste=soumettre", Token),
    ("/fonds/pots", "geste=creer&nom=!", Token),
    ("/fonds/pots/{pot}", "geste=reprendre&tranche=aucune&montant=1&raison=x", Token),
    ("/fonds/pots/{pot}/convention", "contributeur=&origine=company&signee=2026-01-01", Token),
    ("/fonds/conventions/{number}", "geste=appeler&rang=9", Token),
    ("/fonds/conventions/{number}/document", "", File),
    ("/fonds/pots/{pot}/ordre", "tranche=aucune&montant=1&raison=x", Token),
    ("/fonds/ordres/{number}", "geste=rien", Token),
    ("/fonds/besoins", "geste=table", File),
    ("/plateforme/personnes/{personne}", "geste=suspendre&raison=", Token),
    ("/plateforme/organisations/{structure}", "geste=suspendre&raison=", Token),
    ("/plateforme/equipe", "geste=nommer&courriel=pas-une-adresse&role=operator&raison=", Token),
];

/// A browser at the site: its session, its thread.
struct Browser<'a> {
    site: &'a Site,
    session: String,
    flow: Flow,
}

fn thread(flow: &Flow) -> String {
    let cookie = flow.set_cookie(false);
    cookie.to_str().unwrap().split(';').next().unwrap().to_owned()
}

impl<'a> Browser<'a> {
    fn new(site: &'a Site, session: &str) -> Self {
        Self { site, session: session.to_owned(), flow: Flow::begin() }
    }

    /// Posts a form, with the token of some thread, or none, and perhaps from another site.
    async fn posts(
        &self,
        path: &str,
        body: &str,
        (flow, origin): (Option<&Flow>, Option<&str>),
    ) -> Response {
        let token = flow.map(|flow| format!("&flow={}", flow.token(path))).unwrap_or_default();
        let url = format!("{}{path}", self.site.base);
        let cookies = format!("{}; {}", self.session, thread(&self.flow));
        let mut request = self
            .site
            .client
            .post(url)
            .header("cookie", cookies)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("{body}{token}"));
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        request.send().await.unwrap()
    }

    /// Posts a form of this visit.
    async fn sends(&self, path: &str, body: &str) -> Response {
        self.posts(path, body, (Some(&self.flow), None)).await
    }

    async fn reads(&self, path: &str) -> (u16, String) {
        let url = format!("{}{path}", self.site.base);
        let cookies = format!("{}; {}", self.session, thread(&self.flow));
        let answer = self.site.client.get(url).header("cookie", cookies).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Signs in by the code of the letter; the answer lets in.
    async fn signs_in(&self, email: &str, suite: &str) -> Response {
        let typed = |name: &str, text: &str| {
            let mut pair = Url::parse("http://x/").unwrap();
            pair.query_pairs_mut().append_pair(name, text);
            pair.query().unwrap().to_owned()
        };
        let body = format!("{}&{}", typed("courriel", email), typed("suite", suite));
        assert_eq!(self.sends("/connexion", &body).await.status(), 303);
        self.site.town.work_at(OffsetDateTime::now_utc()).await;
        let code = self.site.town.sign_in_letter(email).code;
        let entered = self.sends("/connexion/code", &format!("code={code}")).await;
        assert_eq!(entered.status(), 303);
        entered
    }
}

/// The value of a cookie that an answer sets, with its name.
fn set_cookie(answer: &Response, name: &str) -> String {
    let all = answer.headers().get_all("set-cookie").iter();
    let mut set = all.map(|value| value.to_str().unwrap().split(';').next().unwrap());
    set.find(|pair| pair.starts_with(name)).unwrap().to_owned()
}

/// The last owner of an organisation, who can hence neither leave nor be forgotten by mistake; an
/// administrator too, with a passkey proven.
async fn an_owner(site: &Site) -> (OrganisationId, String) {
    let staged = essaim::demo::catalogue::campaigns(site.town.now).unwrap();
    let organisation = OrganisationId::new(staged[0].new.holder.id.clone());
    let named = (&OWNER.parse().unwrap(), Role::Owner);
    let now = OffsetDateTime::now_utc();
    site.town.actions.entrust_organisation(&organisation, named, now).await.unwrap();
    let role = (&OWNER.parse().unwrap(), StaffRole::Administrator);
    site.town.actions.entrust_platform(role, now).await.unwrap();
    let cookie = site.cookie(OWNER).await;
    site.prove(&cookie).await;
    (organisation, cookie)
}

/// Who steers the pots, with a passkey proven.
async fn an_operator(site: &Site) -> String {
    let email = "fonds@exemple.fr";
    let named = (&email.parse().unwrap(), StaffRole::Operator);
    site.town.actions.entrust_platform(named, OffsetDateTime::now_utc()).await.unwrap();
    let cookie = site.cookie(email).await;
    site.prove(&cookie).await;
    cookie
}

const NOT_UNDERSTOOD: &str = "Demande non comprise";

#[test]
fn every_form_is_attacked() {
    let posted: BTreeSet<String> =
        known().into_keys().filter(|(method, _)| method == "POST").map(|(_, path)| path).collect();
    let attacked: BTreeSet<String> = FORMS.iter().map(|(path, ..)| (*path).to_owned()).collect();
    assert_eq!(attacked, posted, "each POST route has a line in FORMS");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_we_do_not_know_is_refused_by_every_form() {
    let site = Site::open().await;
    let (organisation, session) = an_owner(&site).await;
    let owner = site.person(OWNER).await;
    let operator = an_operator(&site).await;
    site.drafted(owner).await;
    let (browser, steers) = (Browser::new(&site, &session), Browser::new(&site, &operator));
    for (path, body, guard) in FORMS.iter().filter(|(_, _, guard)| ![NoForm, File].contains(guard))
    {
        let address = filled(path, (&organisation, owner));
        let browser = if path.starts_with("/fonds") { &steers } else { &browser };
        let fine = browser.sends(&address, body).await;
        let understood =
            fine.status() != 422 || !fine.text().await.unwrap().contains(NOT_UNDERSTOOD);
        assert!(understood, "{path}: the form itself is understood");
        let more = browser.sends(&address, &format!("{body}&est_admin=oui")).await;
        assert_eq!(more.status(), 422, "{path} {guard:?}");
        let page = more.text().await.unwrap();
        assert!(page.contains(NOT_UNDERSTOOD), "{path}: a field too many");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_the_token_of_the_visit_changes_nothing() {
    let site = Site::open().await;
    let (organisation, session) = an_owner(&site).await;
    let owner = site.person(OWNER).await;
    let operator = an_operator(&site).await;
    site.drafted(owner).await;
    let (browser, steers) = (Browser::new(&site, &session), Browser::new(&site, &operator));
    let other = Flow::begin();
    for (path, body, guard) in FORMS {
        let address = filled(path, (&organisation, owner));
        let browser = if path.starts_with("/fonds") { &steers } else { &browser };
        let ours = browser.sends(&address, body).await.status();
        assert_ne!(ours, 403, "{path}: a form of ours passes");
        for foreign in [None, Some(&other)] {
            let status = browser.posts(&address, body, (foreign, None)).await.status();
            match guard {
                Token | OurPage => assert_eq!(status, 403, "{path}"),
                Harmless | NoForm | File => assert_ne!(status, 403, "{path}"),
            }
        }
        let evil = (Some(&browser.flow), Some("https://ailleurs.exemple"));
        let status = browser.posts(&address, body, evil).await.status();
        if *guard != NoForm {
            assert_eq!(status, 403, "{path}: sent by another site");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_planted_before_is_worth_nothing_after() {
    let site = Site::open().await;
    for email in [CAMILLE, "mallory@exemple.fr"] {
        site.town.give(BUS, 20, email).await;
    }
    let attacker = Browser::new(&site, &site.cookie("mallory@exemple.fr").await);
    // The victim's browser carries the attacker's thread and session.
    let planted =
        Browser { site: &site, session: attacker.session.clone(), flow: attacker.flow.clone() };
    let entered = planted.signs_in(CAMILLE, "").await;
    let (session, flow) = (set_cookie(&entered, "s="), set_cookie(&entered, "f="));
    assert_ne!(session, attacker.session, "a session of its own");
    assert_ne!(flow, thread(&attacker.flow), "a thread of its own");
    let victim = Browser::new(&site, &session);
    let (status, page) = victim.reads("/mon-espace").await;
    assert!(status == 200 && page.contains(CAMILLE));
    let (_, page) = attacker.reads("/mon-espace").await;
    assert!(page.contains("mallory@exemple.fr") && !page.contains(CAMILLE));
    let code = site.town.sign_in_letter(CAMILLE).code;
    let again = attacker.sends("/connexion/code", &format!("code={code}")).await;
    assert_eq!(
        again.headers()["location"],
        "/connexion?avis=perime",
        "used up, in the same thread too"
    );
    let forged = (Some(&attacker.flow), None);
    let body = "fin=0193f9a0-0000-7000-8000-000000000001";
    let answer = victim.posts("/mon-espace/connexions", body, forged).await;
    assert_eq!(answer.status(), 403, "forms made before do not pass");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_of_ours_leads_elsewhere() {
    let site = Site::open().await;
    site.town.give(BUS, 20, CAMILLE).await;
    let base = Url::parse(&site.base).unwrap();
    let stays = |location: &str| base.join(location).unwrap().origin() == base.origin();
    assert!(!stays("//ailleurs.exemple") && !stays("/\\ailleurs.exemple"), "the check sees");
    let wanted = [
        "//ailleurs.exemple",
        "\\\\ailleurs.exemple",
        "/\\ailleurs.exemple",
        "http://ailleurs.exemple/",
        "%2F%2Failleurs.exemple",
        "/%2F%2Failleurs.exemple",
        "/\t/ailleurs.exemple",
        "javascript:alert(1)",
    ];
    for suite in wanted {
        let browser = Browser::new(&site, "s=");
        let entered = browser.signs_in(CAMILLE, suite).await;
        let to = entered.headers()["location"].to_str().unwrap();
        assert!(stays(to), "{suite:?} leads to {to:?}");
        let signed_in = Browser::new(&site, &set_cookie(&entered, "s="));
        let mut address = Url::parse("http://x/mon-espace/cles").unwrap();
        address.query_pairs_mut().append_pair("suite", suite).append_pair("retour", suite);
        let query = address.query().unwrap().to_owned();
        let (_, page) = signed_in.reads(&format!("/mon-espace/cles?{query}")).await;
        let hidden = page.split("name=\"suite\" value=\"").nth(1);
        let hidden = hidden.map(|rest| rest.split('"').next().unwrap());
        assert!(hidden.is_none_or(stays), "{suite:?} is kept as {hidden:?}");
        let (_, retour) = query.split_once('&').unwrap();
        let answer = browser.sends("/preferences", &format!("theme=sombre&{retour}")).await;
        let to = answer.headers()["location"].to_str().unwrap();
        assert!(stays(to), "{suite:?} leads back to {to:?}");
    }
}

/// So many ask for a letter at once; how many are let.
async fn flood(town: &Town, attempts: usize, of: impl Fn(usize) -> (String, Client)) -> usize {
    const SIDE_BY_SIDE: usize = 8;
    let mut admitted = 0;
    let mut asking = JoinSet::new();
    for attempt in 0..attempts {
        let (email, client) = of(attempt);
        let (actions, now) = (town.actions.clone(), town.now);
        asking.spawn(async move {
            let email = email.parse().unwrap();
            match actions.ask_to_sign_in(&email, "/", &client, now).await {
                Ok(()) => 1,
                Err(Stop::Refused(SignInRefused::TooMany)) => 0,
                Err(other) => panic!("{other:?}"),
            }
        });
        if asking.len() == SIDE_BY_SIDE {
            admitted += asking.join_next().await.unwrap().unwrap();
        }
    }
    admitted + asking.join_all().await.into_iter().sum::<usize>()
}

fn place(address: &str, shared: bool) -> Client {
    Client { address: address.to_owned(), flow: format!("thread of {address}"), shared }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_attempts_are_braked_and_a_town_hall_still_comes_in() {
    let mut town = Town::new().await;
    town.give(BUS, 20, CAMILLE).await;
    let from_one = flood(&town, 10_000, |_| (CAMILLE.into(), place("192.0.2.66", false))).await;
    assert_eq!(from_one, 10, "one place, one address");
    let everywhere = |n: usize| (CAMILLE.to_owned(), place(&format!("198.51.100.{n}"), false));
    assert_eq!(flood(&town, 200, everywhere).await, 200, "nobody else is shut out");
    town.work().await;
    let letters = town.letters(CAMILLE).iter().filter(|kind| **kind == "sign_in").count();
    assert_eq!(letters, 20, "some letters, not ten thousand");
    let hall = |n: usize| (format!("visiteur{n}@exemple.fr"), place("203.0.113.1", true));
    assert_eq!(flood(&town, 100, hall).await, 100, "a town hall has many visitors");
    // Even the attacker inside brakes the others for seconds, not for a quarter of an hour.
    flood(&town, 1_000, |_| (CAMILLE.into(), place("203.0.113.1", true))).await;
    assert_eq!(flood(&town, 1, hall).await, 0);
    town.wait(Duration::seconds(5));
    assert_eq!(flood(&town, 1, hall).await, 1);
    town.end().await;
}
