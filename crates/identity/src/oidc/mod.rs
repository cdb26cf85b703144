//! Signing in at an identity provider (OpenID Connect Core 1.0, authorization code with PKCE, RFC
//! 7636): asks a provider who somebody is, and believes nothing that is not signed for us.

mod line;
mod proof;

use std::time::Duration as Patience;

use openidconnect::{
    AuthType, AuthenticationFlow, ClientId, ClientSecret, CsrfToken, EndSessionUrl,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, LogoutRequest, Nonce,
    PkceCodeChallenge, PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, Scope,
    core::{CoreClient, CoreResponseType},
};
use secrecy::{ExposeSecret, SecretString};
use time::{Duration, OffsetDateTime};
use tokio::sync::RwLock;

use line::Line;

/// What is known of a provider is looked up again after this time.
const KNOWN_FOR: Duration = Duration::hours(1);
/// Bytes of chance in `state` and `nonce`: 43 characters, where the providers ask for 32 at least.
const CHANCE: u32 = 32;

/// The providers of the French State that we speak to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Professionals; says for which establishment (SIRET) they act.
    ProConnect,
    /// Citizens.
    FranceConnect,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::ProConnect, Self::FranceConnect];

    /// Its code, in addresses and in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ProConnect => "proconnect",
            Self::FranceConnect => "franceconnect",
        }
    }

    /// The one of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What we ask to be told, and no more.
    const fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::ProConnect => &["email", "siret"],
            Self::FranceConnect => &["email"],
        }
    }
}

/// What we must know to speak with a provider.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which.
    pub kind: Kind,
    /// Its issuer, exactly as it writes it itself.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: SecretString,
    /// Where it sends people back to, exactly as registered.
    pub redirect_url: String,
    /// Where it sends people after they signed out, exactly as registered.
    pub signed_out_url: String,
    /// Only who proved two factors there comes in.
    pub second_factor: bool,
    /// How long one answer may take.
    pub timeout: Patience,
}

/// Why nobody is identified. The words hold nothing about the person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotIdentified {
    /// The provider does not answer, or not as agreed.
    #[error("the provider is away: {0}")]
    Away(String),
    /// What it or the browser says does not hold.
    #[error("not proven: {0}")]
    NotProven(&'static str),
    /// Its settings make no sense.
    #[error("settings: {0}")]
    Settings(String),
}

/// A round trip that begins.
#[derive(Clone, Debug)]
pub struct Departure {
    /// Where the browser goes.
    pub url: String,
    /// Comes back with the browser.
    pub state: String,
    /// What must be kept here until then.
    pub kept: Kept,
}

/// What is kept of a round trip, to check its end.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Comes back in the ID token.
    pub nonce: String,
    /// Shown when the code is exchanged.
    pub verifier: String,
}

/// Who somebody is, as a provider signs it. The key of an account is issuer and subject, never the
/// address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// The issuer.
    pub issuer: String,
    /// The person, for this issuer and us.
    pub subject: String,
    /// The address the provider has for them; nobody has proven it to us.
    pub email: Option<String>,
    /// The establishment they act for, as told: 14 digits, not checked here.
    pub siret: Option<String>,
    /// The ID token, to say later whom to sign out.
    pub id_token: String,
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider, and what it said of itself.
#[derive(Debug)]
pub struct Provider {
    settings: Settings,
    issuer: IssuerUrl,
    line: Line,
    known: RwLock<Option<(ProviderMetadataWithLogout, OffsetDateTime)>>,
}

impl Provider {
    /// Asks nothing of anybody yet.
    ///
    /// # Errors
    /// When an address is none.
    pub fn new(settings: Settings) -> Result<Self, NotIdentified> {
        let wrong = |error: &dyn std::fmt::Display| NotIdentified::Settings(error.to_string());
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|error| wrong(&error))?;
        RedirectUrl::new(settings.redirect_url.clone()).map_err(|error| wrong(&error))?;
        PostLogoutRedirectUrl::new(settings.signed_out_url.clone())
            .map_err(|error| wrong(&error))?;
        let line = Line::new(settings.timeout).map_err(|error| wrong(&error))?;
        Ok(Self { settings, issuer, line, known: RwLock::new(None) })
    }

    /// What the provider says of itself, kept for an hour.
    async fn known(
        &self,
        now: OffsetDateTime,
    ) -> Result<ProviderMetadataWithLogout, NotIdentified> {
        if let Some((known, until)) = &*self.known.read().await
            && now < *until
        {
            return Ok(known.clone());
        }
        self.look_up(now).await
    }

    /// Asks it again; nobody waits here for who asks at the same time.
    async fn look_up(
        &self,
        now: OffsetDateTime,
    ) -> Result<ProviderMetadataWithLogout, NotIdentified> {
        let asked = ProviderMetadataWithLogout::discover_async(self.issuer.clone(), &self.line);
        let known = asked.await.map_err(|error| NotIdentified::Away(error.to_string()))?;
        *self.known.write().await = Some((known.clone(), now + KNOWN_FOR));
        Ok(known)
    }

    fn client(&self, known: ProviderMetadataWithLogout) -> Result<Client, NotIdentified> {
        let settings = &self.settings;
        let secret = ClientSecret::new(settings.client_secret.expose_secret().to_owned());
        let id = ClientId::new(settings.client_id.clone());
        let redirect = RedirectUrl::new(settings.redirect_url.clone())
            .map_err(|error| NotIdentified::Settings(error.to_string()))?;
        Ok(CoreClient::from_provider_metadata(known, id, Some(secret))
            .set_auth_type(AuthType::RequestBody)
            .set_redirect_uri(redirect))
    }

    /// Begins a round trip. The address holds only parameters that both providers know: one of them
    /// refuses all others.
    ///
    /// # Errors
    /// When the provider does not answer.
    pub async fn depart(&self, now: OffsetDateTime) -> Result<Departure, NotIdentified> {
        let client = self.client(self.known(now).await?)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut asked = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                || CsrfToken::new_random_len(CHANCE),
                || Nonce::new_random_len(CHANCE),
            )
            .set_pkce_challenge(challenge);
        for scope in self.settings.kind.scopes() {
            asked = asked.add_scope(Scope::new((*scope).to_owned()));
        }
        if self.settings.kind == Kind::FranceConnect {
            asked = asked.add_extra_param("acr_values", proof::LEVELS[0]);
        }
        if self.settings.second_factor {
            asked = asked.add_extra_param("claims", r#"{"id_token":{"amr":{"essential":true}}}"#);
        }
        let (url, state, nonce) = asked.url();
        Ok(Departure {
            url: url.into(),
            state: state.secret().clone(),
            kept: Kept { nonce: nonce.secret().clone(), verifier: verifier.into_secret() },
        })
    }

    /// Where a browser goes to sign out there too; nowhere when the provider has no such place or
    /// does not answer, since one is signed out here in any case.
    pub async fn farewell(&self, id_token: &str, now: OffsetDateTime) -> Option<String> {
        let known = self.known(now).await.ok()?;
        let place: EndSessionUrl = known.additional_metadata().end_session_endpoint.clone()?;
        let token = proof::read(id_token).ok()?;
        let back = PostLogoutRedirectUrl::new(self.settings.signed_out_url.clone()).ok()?;
        let asked = LogoutRequest::from(place)
            .set_id_token_hint(&token)
            .set_post_logout_redirect_uri(back)
            .set_state(CsrfToken::new_random_len(CHANCE));
        Some(asked.http_get_url().into())
    }
}

/// The providers that are open here.
#[derive(Debug, Default)]
pub struct Providers(Vec<Provider>);

impl Providers {
    /// These.
    #[must_use]
    pub const fn new(open: Vec<Provider>) -> Self {
        Self(open)
    }

    /// One of them, if it is open.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.settings.kind == kind)
    }

    /// Those that are open.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        self.0.iter().map(|provider| provider.settings.kind)
    }
}
