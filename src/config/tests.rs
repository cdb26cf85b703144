use super::*;

fn development() -> Sources {
    Sources::default()
        .with("ESSAIM_STRIPE_BASE_URL", "http://127.0.0.1:9100")
        .with("ESSAIM_STRIPE_SECRET_KEY", "sk_test_essai")
        .with("ESSAIM_STRIPE_WEBHOOK_SECRETS", "whsec_un, whsec_deux")
}

fn production() -> Sources {
    let settings = [
        ("ESSAIM_ENV", "production"),
        ("ESSAIM_INSTANCE", "essaim-fr"),
        ("ESSAIM_BASE_URL", "https://essaim.exemple.fr/"),
        ("ESSAIM_STRIPE_BASE_URL", "https://api.stripe.com"),
        ("ESSAIM_STRIPE_SECRET_KEY", "sk_live_essai"),
        ("ESSAIM_STRIPE_WEBHOOK_SECRETS", "whsec_un"),
        ("DATABASE_URL", "postgres://essaim@base/essaim"),
        ("ESSAIM_MAIL_WAY", "smtp"),
        ("ESSAIM_MAIL_SMTP_HOST", "relais.exemple.fr"),
        ("ESSAIM_MAIL_FROM_ADDRESS", "bonjour@exemple.fr"),
        ("ESSAIM_OPERATOR_NAME", "Fonds réel"),
        ("ESSAIM_OPERATOR_SIREN", "732829320"),
        ("ESSAIM_OPERATOR_ADDRESS_LINE", "2 rue Vraie"),
        ("ESSAIM_OPERATOR_PHONE", "0555000000"),
        ("ESSAIM_OPERATOR_EMAIL", "contact@exemple.fr"),
        ("ESSAIM_OPERATOR_PUBLICATION_DIRECTOR", "Dominique Vrai"),
        ("ESSAIM_OPERATOR_HOST_NAME", "Hébergeur"),
        ("ESSAIM_OPERATOR_HOST_ADDRESS", "3 rue Vraie"),
        ("ESSAIM_OPERATOR_DATA_PROTECTION_EMAIL", "donnees@exemple.fr"),
        ("ESSAIM_LIMITS_KEY", "0123456789abcdef0123456789abcdef"),
        ("ESSAIM_SECURITY_EXPIRES", "2100-01-01T00:00:00Z"),
    ];
    settings.into_iter().fold(Sources::default(), |all, (name, value)| all.with(name, value))
}

fn faults(sources: &Sources) -> Vec<(String, Problem)> {
    match Config::read(sources, Purpose::Serving) {
        Ok(_) => Vec::new(),
        Err(Faults(faults)) => faults.into_iter().map(|f| (f.setting, f.problem)).collect(),
    }
}

fn one(sources: &Sources) -> (String, Problem) {
    let mut found = faults(sources);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn the_defaults_are_enough_for_the_database_commands() {
    let config = Config::read(&Sources::default(), Purpose::Database).unwrap();
    assert_eq!(config.env, Environment::Development);
    assert_eq!(config.giving.guest_min.get(), 500);
    assert_eq!(config.host(), "localhost:8080");
    assert!(config.database.url.is_none());
}

#[test]
fn serving_asks_for_a_provider_and_says_all_that_is_missing() {
    let missing = ["stripe.base_url", "stripe.secret_key", "stripe.webhook_secrets"];
    let found = faults(&Sources::default());
    assert_eq!(found, missing.map(|path| (path.to_owned(), Problem::Missing)));
}

#[test]
fn both_examples_start() {
    let config = Config::read(&development(), Purpose::Serving).unwrap();
    assert_eq!(config.stripe.webhook_secrets.len(), 2);
    assert!(!config.is_https());
    let config = Config::read(&production(), Purpose::Serving).unwrap();
    assert_eq!(config.base_url, "https://essaim.exemple.fr");
    assert!(config.is_https());
    assert!(config.database.url.is_some());
}

#[test]
fn nonsense_is_refused_in_production() {
    use Problem as P;
    let table = [
        ("ESSAIM_BASE_URL", "http://essaim.exemple.fr", "base_url", P::NotHttps),
        ("ESSAIM_STRIPE_BASE_URL", "http://127.0.0.1:9", "stripe.base_url", P::SandboxInProduction),
        ("ESSAIM_STRIPE_SECRET_KEY", "sk_test_x", "stripe.secret_key", P::TestKeyInProduction),
        ("ESSAIM_MAIL_WAY", "files", "mail.way", P::MailToFilesInProduction),
        ("ESSAIM_MAIL_SMTP_SECURITY", "none", "mail.smtp_security", P::MailInClear),
        ("DATABASE_URL", "", "database.url", P::Missing),
        ("ESSAIM_OPERATOR_NAME", "", "operator.name", P::FictionalOperator),
        ("ESSAIM_SECURITY_EXPIRES", "2020-01-01T00:00:00Z", "security.expires", P::Past),
        ("ESSAIM_JOBS_LEASE_SECONDS", "40", "jobs.lease_seconds", P::LeaseTooShort(40)),
        ("ESSAIM_LIMITS_REQUEST_SECONDS", "15", "limits.request_seconds", P::RequestTooShort(15)),
        ("ESSAIM_MAIL_DKIM_SELECTOR", "essaim", "mail.dkim_domain", P::HalfDkim),
    ];
    for (name, value, setting, problem) in table {
        assert_eq!(one(&production().with(name, value)), (setting.into(), problem), "{name}");
    }
}

#[test]
fn a_live_key_and_the_real_provider_stay_out_of_the_demo() {
    let demo = development().with("ESSAIM_ENV", "demo");
    assert_eq!(faults(&demo), []);
    let live = demo.clone().with("ESSAIM_STRIPE_SECRET_KEY", "rk_live_x");
    assert_eq!(one(&live), ("stripe.secret_key".into(), Problem::LiveKeyOutsideProduction));
    let real = demo.with("ESSAIM_STRIPE_BASE_URL", "https://api.stripe.com");
    assert_eq!(one(&real), ("stripe.base_url".into(), Problem::RealProviderInDemo));
}

#[test]
fn badly_written_settings_are_all_named_and_never_repeated() {
    let wrong = development()
        .with("ESSAIM_LISTEN", "partout")
        .with("ESSAIM_DATABASE_URL", "motdepasse")
        .with("ESSAIM_TRUSTED_PROXIES", "10.0.0.0/8, proxy")
        .with("ESSAIM_GIVING_OPEN", "peut-être")
        .with("ESSAIM_DATABASE_CONNECTIONS", "0")
        .with("ESSAIM_BASE_ULR", "http://x");
    let named: Vec<String> = faults(&wrong).into_iter().map(|(setting, _)| setting).collect();
    for setting in [
        "listen",
        "database.url",
        "trusted_proxies",
        "giving.open",
        "database.connections",
        "ESSAIM_BASE_ULR",
    ] {
        assert!(named.iter().any(|name| name == setting), "{setting} in {named:?}");
    }
    assert_eq!(named.len(), 6, "{named:?}");
    let told = Config::read(&wrong, Purpose::Serving).unwrap_err().to_string();
    assert!(!told.contains("motdepasse"));
}

#[test]
fn a_file_lies_between_the_defaults_and_the_environment() {
    let file = "instance = \"mairie\"\n[giving]\nguest_min_cents = 700\n[jobs]\nparallel = 3\n";
    let sources = Sources { file: Some(file.into()), ..development() }
        .with("ESSAIM_GIVING_GUEST_MIN_CENTS", "900");
    let config = Config::read(&sources, Purpose::Serving).unwrap();
    assert_eq!(config.instance, "mairie");
    assert_eq!(config.giving.guest_min.get(), 900);
    assert_eq!(config.jobs.parallel, 3);
    let unknown = Sources { file: Some("[giving]\nouvert = true\n".into()), ..development() };
    assert_eq!(one(&unknown), ("giving.ouvert".into(), Problem::Unknown));
    let bad = Sources { file: Some("[giving]\nopen = 1\n".into()), ..development() };
    assert_eq!(one(&bad), ("giving.open".into(), Problem::Expected("true ou false")));
}

fn proconnect(sources: Sources, issuer: &str) -> Sources {
    sources
        .with("ESSAIM_PROCONNECT_ISSUER", issuer)
        .with("ESSAIM_PROCONNECT_CLIENT_ID", "essaim")
        .with("ESSAIM_PROCONNECT_CLIENT_SECRET", "le secret du fournisseur")
}

#[test]
fn identity_providers_are_named_in_whole_and_reached_by_https() {
    let real = "https://proconnect.exemple.fr/api/v2";
    let config = Config::read(&proconnect(production(), real), Purpose::Serving).unwrap();
    assert_eq!(config.providers.len(), 1);
    assert_eq!(config.providers[0].issuer, real);
    assert!(Config::read(&production(), Purpose::Serving).unwrap().providers.is_empty());
    let here = "http://localhost:9200";
    assert_eq!(faults(&proconnect(development(), here)), []);
    let not_https = ("proconnect.issuer".to_owned(), Problem::NotHttps);
    assert_eq!(one(&proconnect(production(), here)), not_https);
    assert_eq!(one(&proconnect(development(), "http://proconnect.exemple.fr")), not_https);
    for wrong in ["proconnect", "https://", "https://a b", "https://x; script-src *", "https:///x"]
    {
        let (setting, problem) = one(&proconnect(development(), wrong));
        assert_eq!(setting, "proconnect.issuer", "{wrong}");
        assert!(matches!(problem, Problem::Expected(_)), "{wrong}");
    }
    let half = proconnect(development(), here).with("ESSAIM_PROCONNECT_CLIENT_SECRET", "");
    assert_eq!(one(&half), ("proconnect.issuer".into(), Problem::HalfProvider));
    let slow = proconnect(development(), here).with("ESSAIM_PROCONNECT_TIMEOUT_SECONDS", "4");
    assert_eq!(one(&slow), ("limits.request_seconds".into(), Problem::RequestTooShort(24)));
}

#[test]
fn secrets_do_not_print() {
    let sources = proconnect(production(), "https://proconnect.exemple.fr");
    let config = Config::read(&sources, Purpose::Serving).unwrap();
    let printed = format!("{config:?}");
    for secret in ["sk_live_essai", "whsec_un", "postgres://", "le secret du fournisseur"] {
        assert!(!printed.contains(secret), "{secret}");
    }
}
