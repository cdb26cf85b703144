//! The dictionary between French addresses and rooms, grouped by who walks in.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, StatusCode, header},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, Predicate,
        predicate::{DefaultPredicate, NotForContentType},
    },
    timeout::TimeoutLayer,
};

use super::{
    campaigns, demo_mail, desk, doors,
    error::{self, Failure},
    follow, fund, giving, guard,
    headers::{self, Baseline},
    home, live, machines, open_books, organisations, preferences, receipts, request, share, space,
    state::Site,
    statics, texts, webhooks, well_known,
};

/// The whole site.
pub fn router(site: Site) -> Router {
    let limits = site.config.limits.clone();
    let forms = Router::new()
        .merge(readers())
        .merge(donors())
        .merge(people())
        .merge(platform())
        .merge(fund())
        .merge(machines())
        .layer(DefaultBodyLimit::max(limits.form_bytes));
    let provider = Router::new()
        .route("/webhooks/stripe", post(webhooks::stripe))
        .layer(DefaultBodyLimit::max(limits.webhook_bytes));
    let timeout = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, limits.request);
    Router::new()
        .merge(forms)
        .merge(provider)
        .fallback(async || Failure::NotFound)
        .method_not_allowed_fallback(async || Failure::MethodNotAllowed)
        .layer(timeout)
        .layer(from_fn_with_state(site.clone(), guard::door))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(site.clone(), error::dress))
        .layer(
            CompressionLayer::new().compress_when(
                DefaultPredicate::new().and(NotForContentType::const_new("font/woff2")),
            ),
        )
        .layer(from_fn_with_state(Baseline::new(&site.config), headers::baseline))
        .layer(from_fn(request::follow))
        .with_state(site)
}

/// Anybody who reads.
fn readers() -> Router<Site> {
    Router::new()
        .route("/", get(home::show))
        .route("/campagnes", get(campaigns::list::show))
        .route("/campagnes/{slug}", get(campaigns::page::show))
        .route("/campagnes/{slug}/apercu", get(giving::amounts::block))
        .route("/campagnes/{slug}/flux", get(live::campaign))
        .route("/campagnes/{slug}/partage.png", get(share::image))
        .route("/campagnes/{slug}/suivre", post(campaigns::small_forms::follow))
        .route("/campagnes/{slug}/signaler", post(campaigns::small_forms::report))
        .route("/flux/pot", get(live::pot))
        .route("/regles", get(open_books::rules::show))
        .route("/transparence", get(open_books::transparency::show))
        .route("/transparence/registres", get(open_books::ledgers::list))
        .route("/transparence/registres/{pot}/registre.json", get(open_books::ledgers::file))
        .route("/transparence/sceaux.json", get(open_books::ledgers::chain))
        .route("/verifier", get(open_books::verify_match::ask))
        .route("/verifier/{reference}", get(open_books::verify_match::show))
        .route("/verifier/{reference}/preuve.json", get(open_books::proof::of_gift))
        .route("/verifier/jour", get(open_books::verify_day::ask))
        .route("/verifier/jour/{day}", get(open_books::verify_day::show))
        .route("/verifier/jour/{day}/sceau.json", get(open_books::proof::of_day))
        .route(
            "/verifier/recu",
            get(open_books::verify_receipt::form).post(open_books::verify_receipt::check),
        )
        .route("/aide", get(texts::help))
        .route("/conditions", get(texts::terms))
        .route("/donnees-personnelles", get(texts::privacy))
        .route("/accessibilite", get(texts::accessibility))
        .route("/mentions-legales", get(texts::legal))
        .route("/preferences", post(preferences::choose))
        .route("/statique/{*path}", get(statics::file))
}

/// Donors and followers, known by the secret in an address.
fn donors() -> Router<Site> {
    Router::new()
        .route("/campagnes/{slug}/don", get(giving::form::show).post(giving::begin::send))
        .route("/dons/{token}", get(giving::gift::show))
        .route("/dons/confirmer/{token}", get(giving::confirm::show).post(giving::confirm::send))
        .route("/dons/{token}/remboursement", post(giving::refund::ask))
        .route("/recus/{token}", get(receipts::show))
        .route("/recus/{token}/recu.pdf", get(receipts::file))
        .route("/suivi/{token}", get(follow::confirm_ask).post(follow::confirm))
        .route("/suivi/{token}/arret", get(follow::stop_ask).post(follow::stop))
        .route("/courriels", get(demo_mail::list).post(demo_mail::enter))
        .route("/courriels.json", get(demo_mail::json))
        .route("/courriels/{id}", get(demo_mail::show))
        .route("/courriels/{id}/html", get(demo_mail::html))
        .route("/courriels/{id}/pieces/{place}", get(demo_mail::attachment))
}

/// Whoever comes in, and is in.
fn people() -> Router<Site> {
    Router::new()
        .route("/connexion", get(doors::sign_in::form).post(doors::sign_in::send))
        .route("/connexion/code", get(doors::code::form).post(doors::code::send))
        .route("/connexion/lien/{token}", get(doors::link::show).post(doors::link::send))
        .route("/connexion/{provider}/retour", get(doors::provider::back))
        .route(space::PATH, get(space::page::show).post(space::page::answer))
        .route(space::sessions::PATH, get(space::sessions::list).post(space::sessions::end))
        .route(space::passkeys::PATH, get(space::passkeys::list).post(space::passkeys::answer))
        .route(
            space::identities::PATH,
            get(space::identities::list).post(space::identities::change),
        )
        .route(space::my_data::PATH, get(space::my_data::file))
        .route(space::address::PATH, get(space::address::form).post(space::address::send))
        .route(
            "/mon-espace/adresse/{token}",
            get(space::address::link).post(space::address::confirm),
        )
        .route("/adresse/{token}", get(space::old_address::link).post(space::old_address::send))
        .route(space::erasure::PATH, get(space::erasure::show).post(space::erasure::send))
        .route("/mon-espace/cles/question", post(space::passkeys::question))
        .route("/structures/{structure}", get(organisations::page::show))
        .route(
            "/structures/{structure}/membres",
            get(organisations::members::list).post(organisations::members::change),
        )
        .route("/structures/{structure}/depart", post(organisations::members::leave))
}

/// Who steers the pots.
fn fund() -> Router<Site> {
    Router::new()
        .route(fund::PATH, get(fund::home::show))
        .route(fund::RULES, get(fund::book::show).post(fund::book::begin))
        .route("/fonds/regles/{number}", get(fund::editor::show).post(fund::editor::change))
        .route("/fonds/pots", get(fund::pots::list::show).post(fund::pots::list::change))
        .route("/fonds/pots/{pot}", get(fund::pots::one::show).post(fund::pots::one::change))
        .route(
            "/fonds/pots/{pot}/convention",
            get(fund::pots::agreement::blank).post(fund::pots::agreement::begin),
        )
        .route(
            "/fonds/conventions/{number}",
            get(fund::pots::agreement::show).post(fund::pots::agreement::change),
        )
        .route(
            "/fonds/conventions/{number}/document",
            get(fund::pots::document::file)
                .post(fund::pots::document::attach)
                .layer(DefaultBodyLimit::max(fund::pots::document::LARGEST)),
        )
        .route(
            "/fonds/pots/{pot}/ordre",
            get(fund::pots::order::blank).post(fund::pots::order::begin),
        )
        .route(
            "/fonds/ordres/{number}",
            get(fund::pots::order::show).post(fund::pots::order::change),
        )
        .route("/fonds/contributeurs/{number}", get(fund::pots::statement::show))
        .route("/fonds/contributeurs/{number}/releve.csv", get(fund::pots::statement::file))
        .route(
            "/fonds/besoins",
            get(fund::needs::show)
                .post(fund::needs::import)
                .layer(DefaultBodyLimit::max(fund::needs::LARGEST)),
        )
        .route("/fonds/besoins/modele.csv", get(fund::needs::model))
        .route("/fonds/besoins/{version}", get(fund::need::show))
        .route("/fonds/besoins/{version}/table.csv", get(fund::need::table))
        .route("/fonds/besoins/{version}/enveloppes.csv", get(fund::need::envelopes))
        .route("/fonds/repetitions/{rehearsal}", get(fund::rehearsal::show))
        .route("/fonds/repetitions/{rehearsal}/ecarts.csv", get(fund::rehearsal::file))
}

/// Who works for the platform.
fn platform() -> Router<Site> {
    Router::new()
        .route(desk::PATH, get(desk::home::show).post(desk::home::change))
        .route(desk::lookup::PATH, get(desk::lookup::show))
        .route(
            "/plateforme/personnes/{personne}",
            get(desk::person::show).post(desk::person::change),
        )
        .route(
            "/plateforme/organisations/{structure}",
            get(desk::organisation::show).post(desk::organisation::change),
        )
        .route(desk::trail::PATH, get(desk::trail::show))
        .route(desk::trail::FILE, get(desk::trail::file))
        .route(desk::trail::SETTINGS, get(desk::trail::settings))
        .route("/plateforme/pots/{pot}/registre.json", get(desk::ledger::file))
        .route(desk::team::PATH, get(desk::team::show).post(desk::team::change))
}

/// Robots, browsers that report, and those who watch over us.
fn machines() -> Router<Site> {
    Router::new()
        .route("/robots.txt", get(well_known::robots))
        .route("/sitemap.xml", get(well_known::site_map))
        .route("/.well-known/security.txt", get(well_known::security))
        .route("/csp", post(machines::policy_report))
        .route("/healthz", get(machines::alive))
        .route("/readyz", get(machines::ready))
        .route("/metrics", get(machines::metrics))
}

/// A panic is our own mistake: the visitor gets the page of an incident, the others notice nothing.
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    let mut answer = Failure::from(anyhow::anyhow!("a handler panicked: {said}")).into_response();
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}
