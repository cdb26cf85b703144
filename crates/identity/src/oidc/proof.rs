//! The end of a round trip: the code is exchanged, and everything that comes is checked.

use openidconnect::{
    AccessToken, AccessTokenHash, AuthorizationCode, ClaimsVerificationError, Nonce,
    OAuth2TokenResponse, PkceCodeVerifier, RequestTokenError, SignatureVerificationError,
    TokenResponse, UserInfoClaims, UserInfoError,
    core::{
        CoreGenderClaim, CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier,
        CoreJwsSigningAlgorithm, CoreTokenResponse,
    },
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Client, Identified, Kept, Kind, NotIdentified, Provider, line::LineFault};

/// The levels of assurance that FranceConnect may answer, the one that we ask for first (eIDAS).
pub(super) const LEVELS: [&str; 3] = ["eidas1", "eidas2", "eidas3"];
/// How a provider may sign: by keys it publishes, never by a secret that we hold too.
const SIGNED_BY: [CoreJwsSigningAlgorithm; 2] =
    [CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, CoreJwsSigningAlgorithm::EcdsaP256Sha256];

/// What only the French providers say.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Particular {
    siret: Option<String>,
}

impl openidconnect::AdditionalClaims for Particular {}

type Told = UserInfoClaims<Particular, CoreGenderClaim>;

fn not_proven<T>(why: &'static str) -> Result<T, NotIdentified> {
    Err(NotIdentified::NotProven(why))
}

/// An ID token by its text.
pub(super) fn read(text: &str) -> Result<CoreIdToken, NotIdentified> {
    text.parse().or_else(|_| not_proven("not a token"))
}

/// The words name the check that failed; the library's own would name the person.
const fn failed(check: &ClaimsVerificationError) -> &'static str {
    match check {
        ClaimsVerificationError::Expired(_) => "expired",
        ClaimsVerificationError::InvalidAudience(_) => "for somebody else than us",
        ClaimsVerificationError::InvalidIssuer(_) => "of another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "of another round trip",
        ClaimsVerificationError::InvalidSubject(_) => "of another person",
        ClaimsVerificationError::SignatureVerification(_) => "the signature does not hold",
        _ => "the claims do not hold",
    }
}

fn unknown_key(check: &ClaimsVerificationError) -> bool {
    use SignatureVerificationError::NoMatchingKey;
    matches!(check, ClaimsVerificationError::SignatureVerification(NoMatchingKey))
}

impl Provider {
    /// Exchanges the code that a browser brought back, and says whose it is.
    ///
    /// # Errors
    /// When something does not hold, or the provider does not answer.
    pub async fn arrive(
        &self,
        code: &str,
        kept: &Kept,
        now: OffsetDateTime,
    ) -> Result<Identified, NotIdentified> {
        let mut client = self.client(self.known(now).await?)?;
        let tokens = self.exchange(&client, code, kept).await?;
        let Some(token) = tokens.id_token() else { return not_proven("no ID token") };
        let nonce = Nonce::new(kept.nonce.clone());
        let checked = token.claims(&verifier(&client, now), &nonce);
        if checked.as_ref().err().is_some_and(unknown_key) {
            // Keys change: they are looked up again, once.
            client = self.client(self.look_up(now).await?)?;
        }
        let verifier = verifier(&client, now);
        let claims = token.claims(&verifier, &nonce).or_else(|check| not_proven(failed(&check)))?;
        self.fits(claims)?;
        belongs(token, claims, tokens.access_token(), &verifier)?;
        let told = self.told(&client, claims, tokens.access_token()).await?;
        let email = told.email().map(|email| email.as_str().to_owned());
        Ok(Identified {
            issuer: claims.issuer().as_str().to_owned(),
            subject: claims.subject().as_str().to_owned(),
            email,
            siret: told.additional_claims().siret.clone(),
            id_token: token.to_string(),
        })
    }

    async fn exchange(
        &self,
        client: &Client,
        code: &str,
        kept: &Kept,
    ) -> Result<CoreTokenResponse, NotIdentified> {
        let asked = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| NotIdentified::Away("it names no token endpoint".to_owned()))?
            .set_pkce_verifier(PkceCodeVerifier::new(kept.verifier.clone()));
        asked.request_async(&self.line).await.map_err(|error| match error {
            RequestTokenError::ServerResponse(_) => {
                NotIdentified::NotProven("the code is not worth anything")
            }
            RequestTokenError::Request(fault) => NotIdentified::Away(fault.to_string()),
            _ => NotIdentified::Away("its tokens cannot be read".to_owned()),
        })
    }

    /// As strong as we asked for.
    fn fits(&self, claims: &CoreIdTokenClaims) -> Result<(), NotIdentified> {
        let level = claims.auth_context_ref().map(|level| level.as_str());
        let enough = level.is_some_and(|level| LEVELS.contains(&level));
        if self.settings.kind == Kind::FranceConnect && !enough {
            return not_proven("no level of assurance");
        }
        let mut ways = claims.auth_method_refs().into_iter().flatten();
        if self.settings.second_factor && !ways.any(|way| way.as_str() == "mfa") {
            return not_proven("no second factor");
        }
        Ok(())
    }

    /// The claims about the person, signed or not as the provider does, never of another person.
    async fn told(
        &self,
        client: &Client,
        claims: &CoreIdTokenClaims,
        access: &AccessToken,
    ) -> Result<Told, NotIdentified> {
        let asked = client
            .user_info(access.clone(), Some(claims.subject().clone()))
            .map_err(|_| NotIdentified::Away("it names no userinfo endpoint".to_owned()))?;
        let told: Result<Told, UserInfoError<LineFault>> = asked.request_async(&self.line).await;
        told.map_err(|error| match error {
            UserInfoError::ClaimsVerification(check) => NotIdentified::NotProven(failed(&check)),
            UserInfoError::Request(fault) => NotIdentified::Away(fault.to_string()),
            _ => NotIdentified::Away("its claims cannot be read".to_owned()),
        })
    }
}

fn verifier(client: &Client, now: OffsetDateTime) -> CoreIdTokenVerifier<'_> {
    client
        .id_token_verifier()
        .set_allowed_algs(SIGNED_BY)
        .set_time_fn(move || std::time::SystemTime::from(now).into())
}

/// The access token was given together with the ID token (OpenID Connect Core 1.0, 3.1.3.8).
fn belongs(
    token: &CoreIdToken,
    claims: &CoreIdTokenClaims,
    access: &AccessToken,
    verifier: &CoreIdTokenVerifier<'_>,
) -> Result<(), NotIdentified> {
    let Some(said) = claims.access_token_hash() else { return Ok(()) };
    let (Ok(signed_by), Ok(key)) = (token.signing_alg(), token.signing_key(verifier)) else {
        return not_proven("the signature does not hold");
    };
    match AccessTokenHash::from_token(access, signed_by, key) {
        Ok(found) if found == *said => Ok(()),
        _ => not_proven("tokens of two round trips"),
    }
}
