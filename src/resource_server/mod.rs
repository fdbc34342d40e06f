//! For APIs that take our access tokens: is this token good here, and was the person proved well enough for this call?
//!
//! Owns: what a resource server checks (RFC 9068 §4, RFC 7662 §4) and what it answers when something is missing
//! (RFC 6750 §3, RFC 9449 §7, RFC 8705 §3, RFC 9470 §3). Pure: the caller brings keys and time. Knows nothing of our server; nothing in it uses this.
//!
//! ```
//! use countersign::base::{Seconds, Timestamp};
//! use countersign::resource_server::{Demands, ResourceServer};
//! use serde_json::json;
//!
//! let api = ResourceServer::new("https://id.example.org", "https://id.example.org");
//! // Everything that this call accepts, best first. acr values are no ladder: one that is not listed is not good enough.
//! let signing = Demands::default()
//!     .scope("openid")
//!     .acr_values(&["urn:countersign:acr:epcs-phr", "urn:countersign:acr:epcs"])
//!     .max_age(Seconds(120));
//!
//! // What `/introspect` said. With a JWT and a key set in its place: `api.verify(token, &keys, now)`.
//! let now = Timestamp::from_secs(1_800_000_000);
//! let answer = json!({
//!     "active": true, "iss": "https://id.example.org", "aud": "https://id.example.org", "sub": "q8VwS1",
//!     "client_id": "cedar-ehr", "scope": "openid", "exp": 1_800_000_300, "acr": "urn:countersign:acr:1fa",
//!     "auth_time": 1_799_999_000
//! });
//! let token = api.introspected(&answer, now)?;
//! let refusal = signing.check(&token, now).unwrap_err();
//! assert_eq!(refusal.status(), 401);
//! assert_eq!(
//!     refusal.challenge("prescriptions").to_string(),
//!     "Bearer realm=\"prescriptions\", error=\"insufficient_user_authentication\", \
//!      error_description=\"a different or more recent authentication is required\", \
//!      acr_values=\"urn:countersign:acr:epcs-phr urn:countersign:acr:epcs\", max_age=\"120\""
//! );
//! # Ok::<(), countersign::resource_server::Refusal>(())
//! ```
//!
//! An API tells clients that do not know it where its tokens come from (RFC 9728): it serves `metadata()` at
//! `metadata_address()`, and says that address in its challenges.
//!
//! ```
//! use countersign::resource_server::{Refusal, ResourceServer, metadata_address};
//!
//! let api = ResourceServer::new("https://id.example.org", "https://api.example.org/orders");
//! let document = api.metadata().scopes(&["orders"]).named("Orders");
//! assert_eq!(
//!     serde_json::to_value(&document)?,
//!     serde_json::json!({
//!         "resource": "https://api.example.org/orders", "authorization_servers": ["https://id.example.org"],
//!         "scopes_supported": ["orders"], "bearer_methods_supported": ["header"], "resource_name": "Orders"
//!     })
//! );
//! let address = metadata_address(&document.resource).unwrap();
//! assert_eq!(address, "https://api.example.org/.well-known/oauth-protected-resource/orders");
//! assert_eq!(
//!     Refusal::NoToken.challenge("orders").described_at(&address).to_string(),
//!     "Bearer realm=\"orders\", \
//!      resource_metadata=\"https://api.example.org/.well-known/oauth-protected-resource/orders\""
//! );
//! # Ok::<(), serde_json::Error>(())
//! ```

mod possession;

pub use possession::{Call, Remembered, Replays, Source};

use serde_json::{Map, Value};

use crate::base::{Seconds, Timestamp};
use crate::keys::{Alg, Expected, Expiry, JoseError, JwkSet, TypRule, jose};
use crate::protocol::bearer::{AccessTokenPresented, NoToken};
use crate::protocol::challenge::{Challenge, TokenScheme};
use crate::protocol::claims::{ACCESS_TOKEN_TYP, Confirmation};
use crate::protocol::errors::{ErrorCode, OAuthError};
pub use crate::protocol::resource_metadata::{ProtectedResource, address as metadata_address};
use crate::protocol::scope::Scopes;

/// Whose tokens are believed, and for whom they have to be.
#[derive(Clone, Debug)]
pub struct ResourceServer {
    issuer: String,
    audience: String,
    algs: Vec<Alg>,
}

impl ResourceServer {
    /// `issuer` as the metadata writes it, `audience` as it stands in `aud` of the tokens for this API. Signatures are
    /// taken with ES256, PS256 and EdDSA.
    pub fn new(issuer: &str, audience: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            algs: Alg::FAPI.to_vec(),
        }
    }

    /// What this API says of itself (RFC 9728 §2), where its audience is its address.
    pub fn metadata(&self) -> ProtectedResource {
        ProtectedResource::new(&self.audience, &self.issuer)
    }

    /// In place of the default list (RFC 8725 §3.1).
    #[must_use]
    pub fn algs(mut self, algs: &[Alg]) -> Self {
        self.algs = algs.to_vec();
        self
    }

    /// Checks a JWT with the issuer's keys, found by `kid` (RFC 9068 §4). It says nothing of what was revoked since
    /// the token was made: ask `/introspect` where that matters. `Refusal::UnknownKey`: fetch the keys again, once.
    /// Tokens that are bound to something are not taken here: see `admit`.
    pub fn verify(&self, jwt: &str, keys: &JwkSet, now: Timestamp) -> Result<Token, Refusal> {
        self.read_jwt(jwt, keys, now)?.of_whoever_has_it()
    }

    fn read_jwt(&self, jwt: &str, keys: &JwkSet, now: Timestamp) -> Result<Token, Refusal> {
        let expected = Expected {
            algs: &self.algs,
            // RFC 9068 §4: an ID token or anything else that is signed opens nothing.
            typ: TypRule::OneOf(&[ACCESS_TOKEN_TYP]),
            issuer: Some(&self.issuer),
            audience: Some(&[&self.audience]),
            expiry: Expiry::Required,
            now,
        };
        let verified = jose::verify(jwt, keys, &expected).map_err(|e| match e {
            JoseError::UnknownKey => Refusal::UnknownKey,
            other => Refusal::InvalidToken(other.to_string()),
        })?;
        // RFC 9068 §2.2: REQUIRED; the rest of what is required was checked above or is read below.
        for name in ["iat", "jti"] {
            if !verified.claims.contains_key(name) {
                return Err(Refusal::InvalidToken(JoseError::MissingClaim(name).to_string()));
            }
        }
        Token::read(verified.claims)
    }

    /// Takes the answer of the introspection endpoint (RFC 7662 §2.2), or what is in `token_introspection` of the signed
    /// one after its signature was checked. Bound tokens are `admit`'s, likewise.
    pub fn introspected(&self, answer: &Value, now: Timestamp) -> Result<Token, Refusal> {
        self.read_answer(answer, now)?.of_whoever_has_it()
    }

    fn read_answer(&self, answer: &Value, now: Timestamp) -> Result<Token, Refusal> {
        let refused = |why: &str| Refusal::InvalidToken(why.to_owned());
        let Value::Object(members) = answer else {
            return Err(refused("the introspection answer is no object"));
        };
        if members.get("active") != Some(&Value::Bool(true)) {
            return Err(refused("the token is not active"));
        }
        if members.get("iss").is_some_and(|iss| *iss != self.issuer.as_str()) {
            return Err(refused("the token is from another issuer"));
        }
        // RFC 7662 §4: audience and lifetime are for the resource server to check as well.
        let named = |aud: &Value| match aud {
            Value::Array(many) => many.iter().any(|one| *one == self.audience.as_str()),
            one => *one == self.audience.as_str(),
        };
        // A refresh token has none, and is nothing that an API takes.
        if !members.get("aud").is_some_and(named) {
            return Err(refused("the token is for somebody else"));
        }
        let token = Token::read(members.clone())?;
        if token.expires_at <= now {
            return Err(refused("the token has expired"));
        }
        Ok(token)
    }
}

/// An access token that is good here.
#[derive(Clone, Debug)]
pub struct Token {
    pub subject: String,
    pub client_id: String,
    pub scope: Scopes,
    pub acr: Option<String>,
    /// When the person was authenticated: the oldest of the proofs behind `acr`.
    pub auth_time: Option<Timestamp>,
    pub expires_at: Timestamp,
    /// What the caller has to hold.
    pub bound_to: Confirmation,
    /// All that the token or the answer says.
    pub claims: Map<String, Value>,
}

impl Token {
    fn read(claims: Map<String, Value>) -> Result<Self, Refusal> {
        let missing = |name| Refusal::InvalidToken(JoseError::MissingClaim(name).to_string());
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let moment = |name: &str| claims.get(name).and_then(Value::as_i64).map(Timestamp::from_secs);
        let scope = text("scope").map(|s| Scopes::parse(&s)).transpose();
        Ok(Self {
            subject: text("sub").ok_or_else(|| missing("sub"))?,
            client_id: text("client_id").ok_or_else(|| missing("client_id"))?,
            scope: scope
                .map_err(|e| Refusal::InvalidToken(e.to_string()))?
                .unwrap_or_default(),
            acr: text("acr"),
            auth_time: moment("auth_time"),
            expires_at: moment("exp").ok_or_else(|| missing("exp"))?,
            bound_to: possession::bound_to(&claims)?,
            claims,
        })
    }

    fn of_whoever_has_it(self) -> Result<Self, Refusal> {
        if self.bound_to.is_empty() {
            return Ok(self);
        }
        // RFC 9449 §7.2, RFC 8705 §3: without a look at what the caller holds anybody could bring it.
        Err(Refusal::InvalidToken(
            "it is bound to something that was not shown".to_owned(),
        ))
    }
}

/// What one call needs beyond a token that is good. Nothing is demanded that was not named.
#[derive(Clone, Debug, Default)]
pub struct Demands {
    scope: Scopes,
    acr_values: Vec<String>,
    max_age: Option<Seconds>,
}

impl Demands {
    /// Scopes, separated by spaces; all of them are needed. What is no scope name can be in no token.
    #[must_use]
    pub fn scope(mut self, names: &str) -> Self {
        self.scope = names.split(' ').filter(|n| !n.is_empty()).collect();
        self
    }

    /// Every acr that is good enough, best first: a set, no ladder.
    #[must_use]
    pub fn acr_values(mut self, values: &[&str]) -> Self {
        self.acr_values = values.iter().map(|v| (*v).to_owned()).collect();
        self
    }

    /// How long ago the person may have been authenticated. It counts from `auth_time`, however young the token is.
    #[must_use]
    pub const fn max_age(mut self, age: Seconds) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Only for tokens that were verified: the answer tells what is required (RFC 9470 §9).
    pub fn check(&self, token: &Token, now: Timestamp) -> Result<(), Refusal> {
        if !self.scope.is_within(&token.scope) {
            return Err(Refusal::InsufficientScope(self.scope.clone()));
        }
        let fits = |acr: &String| self.acr_values.contains(acr);
        let good = self.acr_values.is_empty() || token.acr.as_ref().is_some_and(fits);
        // RFC 9470 §3: without `auth_time` nobody can say that it was recent.
        let recent = |age: Seconds| token.auth_time.is_some_and(|at| !at.older_than(age, now));
        if good && self.max_age.is_none_or(recent) {
            return Ok(());
        }
        Err(Refusal::StepUp {
            acr_values: self.acr_values.clone(),
            max_age: self.max_age,
        })
    }
}

/// The token of a request: from its Authorization headers, as `Bearer` (RFC 6750 §2.1).
pub fn presented(authorization: &[&str]) -> Result<String, Refusal> {
    match AccessTokenPresented::extract(authorization, None) {
        Ok(found) if found.scheme == TokenScheme::Bearer => Ok(found.token.expose().clone()),
        Ok(_) | Err(NoToken::Missing) => Err(Refusal::NoToken),
        Err(NoToken::Refused(error)) => Err(Refusal::Malformed(error)),
    }
}

/// Why a call is not answered. The reason of an invalid token is for the log; the challenge does not repeat it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("no access token")]
    NoToken,
    #[error(transparent)]
    Malformed(OAuthError),
    #[error("{0}")]
    InvalidToken(String),
    /// The token is good, and the caller does not hold the key that it is bound to. For the log.
    #[error("{0}")]
    NotHeld(String),
    /// The proof itself is not.
    #[error(transparent)]
    Unproven(OAuthError),
    /// RFC 9449 §9: send one in the header `DPoP-Nonce`.
    #[error("the proof carries no nonce that is good now")]
    NonceNeeded,
    /// The keys may have turned.
    #[error("no key with this `kid` is known")]
    UnknownKey,
    #[error("the token lacks a scope")]
    InsufficientScope(Scopes),
    #[error("the person was not proved well enough, or too long ago")]
    StepUp {
        acr_values: Vec<String>,
        max_age: Option<Seconds>,
    },
}

impl Refusal {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        // RFC 6750 §3.1: 401 also where nothing was brought.
        self.challenge("").error.map_or(401, |e| e.code.bearer_status())
    }

    /// `to_string()` of it is the value of `WWW-Authenticate`.
    pub fn challenge(&self, realm: &str) -> Challenge {
        let bearer = Challenge::new(TokenScheme::Bearer, realm);
        match self {
            // RFC 9449 §7.1.
            Self::NotHeld(_) => Challenge::dpop(realm).because(OAuthError::new(
                ErrorCode::InvalidToken,
                "the access token is not valid",
            )),
            Self::Unproven(error) => Challenge::dpop(realm).because(error.clone()),
            Self::NonceNeeded => Challenge::dpop(realm).because(OAuthError::new(
                ErrorCode::UseDpopNonce,
                "the proof must carry the nonce of this answer",
            )),
            // RFC 6750 §3.1: no error code where nothing was brought.
            Self::NoToken => bearer,
            Self::Malformed(error) => bearer.because(error.clone()),
            Self::InvalidToken(_) | Self::UnknownKey => bearer.because(OAuthError::new(
                ErrorCode::InvalidToken,
                "the access token is not valid",
            )),
            Self::InsufficientScope(scope) => bearer
                .because(OAuthError::new(ErrorCode::InsufficientScope, "a scope is missing"))
                .needs_scope(scope.clone()),
            Self::StepUp { acr_values, max_age } => bearer.needs_step_up(acr_values.clone(), *max_age),
        }
    }
}

#[cfg(test)]
mod tests;
