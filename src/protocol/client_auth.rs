//! How a client shows who it is (RFC 6749 §2.3, OIDC Core §9, RFC 7523 §3).

use serde_json::Value;

use crate::base::encoding::{from_base64, from_base64url};
use crate::base::{ClientId, Seconds, Secret, Timestamp};

use super::certificate::ClientCertificate;
use super::client::Client;
use super::errors::OAuthError;
use super::params::{Params, decode};
use super::words::{AuthMethod, Profile};

/// RFC 7523 §2.2.
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Bytes of an Authorization header.
pub const MAX_HEADER_BYTES: usize = 8 * 1024;
/// How far ahead an assertion may expire; so long its `jti` is remembered.
pub const MAX_ASSERTION_LIFETIME: Seconds = Seconds::hours(1);
/// A clock may run ahead of ours by so much (FAPI 2.0 §5.3.2.1: up to 10 s MUST, more than 60 s MUST NOT be accepted).
pub const MAX_CLOCK_AHEAD: Seconds = Seconds(60);
/// A clock may run behind ours by so much.
pub const MAX_CLOCK_BEHIND: Seconds = Seconds(10);
/// Bytes of `jti`.
pub const MAX_JTI_BYTES: usize = 512;

/// What was brought: one method, not yet verified.
#[derive(Clone, Debug)]
pub enum ClientCredentials {
    Basic {
        client_id: ClientId,
        secret: Secret<String>,
    },
    Post {
        client_id: ClientId,
        secret: Secret<String>,
    },
    /// `client_id` is what the assertion says of itself, to find the keys with.
    Assertion {
        client_id: ClientId,
        assertion: Secret<String>,
    },
    /// A name, and a certificate that may say whose it is (RFC 8705 §2).
    Certificate {
        client_id: ClientId,
        certificate: ClientCertificate,
    },
    /// Only a name: a public client.
    None { client_id: ClientId },
}

impl ClientCredentials {
    /// `authorization`: every Authorization header of the request.
    pub fn extract(authorization: &[&str], params: &Params) -> Result<Self, OAuthError> {
        let client_id = params.single("client_id")?;
        let secret = params.single("client_secret")?;
        let assertion = assertion(params)?;
        // RFC 6749 §2.3: MUST NOT use more than one authentication method in each request.
        if authorization.len() + usize::from(secret.is_some()) + usize::from(assertion.is_some()) > 1 {
            return Err(OAuthError::invalid_request(
                "more than one way of client authentication is used",
            ));
        }
        let credentials = match (authorization.first(), secret, assertion) {
            (Some(header), _, _) => Self::basic(header)?,
            (None, Some(secret), _) => Self::Post {
                client_id: named(client_id)?,
                secret: Secret::from(secret),
            },
            (None, None, Some(assertion)) => Self::Assertion {
                client_id: unverified_subject(assertion)
                    .ok_or_else(|| OAuthError::invalid_client("client_assertion is not a JWT with iss and sub"))?,
                assertion: Secret::from(assertion),
            },
            (None, None, None) => Self::None {
                client_id: named(client_id)?,
            },
        };
        // RFC 7521 §4.2, and for Basic the same reasoning: two names are one too many.
        if client_id.is_some_and(|id| id != credentials.client_id().as_str()) {
            return Err(OAuthError::invalid_request(
                "client_id is not the client that authenticates",
            ));
        }
        Ok(credentials)
    }

    /// With what the connection shows beside the request. RFC 8705 §2: it counts where nothing else is brought.
    #[must_use]
    pub fn beside(self, shown: Option<ClientCertificate>) -> Self {
        match (self, shown) {
            (Self::None { client_id }, Some(certificate)) => Self::Certificate { client_id, certificate },
            (credentials, _) => credentials,
        }
    }

    fn basic(header: &str) -> Result<Self, OAuthError> {
        let wrong = || OAuthError::invalid_client("the Authorization header is not valid Basic authentication");
        let (scheme, encoded) = header.split_once(' ').ok_or_else(wrong)?;
        if !scheme.eq_ignore_ascii_case("basic") || header.len() > MAX_HEADER_BYTES {
            return Err(wrong());
        }
        let bytes = from_base64(encoded.trim_matches(' ')).ok_or_else(wrong)?;
        let colon = bytes.iter().position(|b| *b == b':').ok_or_else(wrong)?;
        // RFC 6749 §2.3.1: both halves are form-urlencoded before they are joined.
        let half = |raw: &[u8]| {
            decode(raw).map_err(|_| {
                OAuthError::invalid_client("client id and secret must be form-urlencoded (RFC 6749 section 2.3.1)")
            })
        };
        let (id, secret) = (half(&bytes[..colon])?, half(&bytes[colon + 1..])?);
        if id.is_empty() || secret.is_empty() {
            return Err(wrong());
        }
        Ok(Self::Basic {
            client_id: ClientId::new(id),
            secret: Secret::new(secret),
        })
    }

    pub const fn client_id(&self) -> &ClientId {
        match self {
            Self::Basic { client_id, .. }
            | Self::Post { client_id, .. }
            | Self::Assertion { client_id, .. }
            | Self::Certificate { client_id, .. }
            | Self::None { client_id } => client_id,
        }
    }

    /// Can this be how a client authenticates that is registered for `method`?
    const fn fits(&self, method: AuthMethod) -> bool {
        match self {
            Self::Basic { .. } => matches!(method, AuthMethod::ClientSecretBasic),
            Self::Post { .. } => matches!(method, AuthMethod::ClientSecretPost),
            Self::Assertion { .. } => matches!(method, AuthMethod::PrivateKeyJwt | AuthMethod::ClientSecretJwt),
            // RFC 8705 §4: a public client may show one too, and have its tokens bound to it.
            Self::Certificate { .. } => method.uses_certificate() || matches!(method, AuthMethod::None),
            Self::None { .. } => matches!(method, AuthMethod::None),
        }
    }

    /// All that can be said without keys: the registered method, and the secret if it is one.
    /// For an assertion its signature and `check_assertion` remain, for a certificate whose it is.
    pub fn check_method(&self, client: &Client) -> Result<(), OAuthError> {
        // OIDC Registration §2: the method is registered; a weaker one is no substitute.
        if !self.fits(client.auth) {
            return Err(OAuthError::invalid_client(format!(
                "this client is registered for {}",
                client.auth
            )));
        }
        match self {
            Self::Basic { secret, .. } | Self::Post { secret, .. } if !client.has_secret(secret) => {
                Err(OAuthError::invalid_client("client authentication failed"))
            }
            Self::Basic { .. }
            | Self::Post { .. }
            | Self::Assertion { .. }
            | Self::Certificate { .. }
            | Self::None { .. } => Ok(()),
        }
    }
}

fn named(client_id: Option<&str>) -> Result<ClientId, OAuthError> {
    client_id
        .map(ClientId::new)
        .ok_or_else(|| OAuthError::invalid_client("client authentication is missing"))
}

fn assertion(params: &Params) -> Result<Option<&str>, OAuthError> {
    match (
        params.single("client_assertion_type")?,
        params.single("client_assertion")?,
    ) {
        (None, None) => Ok(None),
        (Some(JWT_BEARER), Some(jwt)) => Ok(Some(jwt)),
        (Some(_), Some(_)) => Err(OAuthError::invalid_client("client_assertion_type is not supported")),
        _ => Err(OAuthError::invalid_request(
            "client_assertion and client_assertion_type belong together",
        )),
    }
}

/// Whose keys to verify with. Says nothing about who sent it.
fn unverified_subject(jwt: &str) -> Option<ClientId> {
    let mut parts = jwt.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let claims: Value = serde_json::from_slice(&from_base64url(payload)?).ok()?;
    let sub = claims.get("sub")?.as_str().filter(|s| !s.is_empty())?;
    parts.next().is_none().then(|| ClientId::new(sub))
}

/// What assertions are measured by.
#[derive(Clone, Copy, Debug)]
pub struct AssertionRules<'a> {
    pub client_id: &'a ClientId,
    pub profile: Profile,
    pub issuer: &'a str,
    /// Other names of ours that clients put into `aud`: the token endpoint, the endpoint that was called.
    pub endpoints: &'a [&'a str],
    pub now: Timestamp,
}

/// An assertion that fits; its `jti` has still to be new for this client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedAssertion {
    pub jti: String,
    /// Remember `jti` until then.
    pub forget_after: Timestamp,
}

/// The claims of a client assertion whose signature was verified (RFC 7523 §3).
pub fn check_assertion(claims: &Value, rules: &AssertionRules<'_>) -> Result<CheckedAssertion, OAuthError> {
    let wrong = |what: &str| OAuthError::invalid_client(format!("client_assertion: {what}"));
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let id = Some(rules.client_id.as_str());
    // OIDC Core §9: iss and sub are both the client_id.
    if text("iss") != id || text("sub") != id {
        return Err(wrong("iss and sub must be the client_id"));
    }
    if !fits_audience(claims.get("aud"), rules) {
        return Err(wrong("aud must be the issuer"));
    }
    let now = rules.now.secs();
    let exp = number(claims.get("exp"))
        .map_err(&wrong)?
        .ok_or_else(|| wrong("exp is missing"))?;
    if exp + MAX_CLOCK_BEHIND.0 <= now {
        return Err(wrong("it has expired"));
    }
    if exp > now + MAX_ASSERTION_LIFETIME.0 + MAX_CLOCK_AHEAD.0 {
        return Err(wrong("exp is more than an hour ahead"));
    }
    for name in ["iat", "nbf"] {
        if number(claims.get(name))
            .map_err(&wrong)?
            .is_some_and(|at| at > now + MAX_CLOCK_AHEAD.0)
        {
            return Err(wrong(&format!("{name} is in the future")));
        }
    }
    // OIDC Core §9: jti is required, and used once.
    match text("jti") {
        Some(jti) if (1..=MAX_JTI_BYTES).contains(&jti.len()) => Ok(CheckedAssertion {
            jti: jti.to_owned(),
            forget_after: Timestamp::from_secs(exp + MAX_CLOCK_BEHIND.0),
        }),
        _ => Err(wrong("jti is missing or too long")),
    }
}

fn fits_audience(aud: Option<&Value>, rules: &AssertionRules<'_>) -> bool {
    let ours = |a: &Value| {
        a.as_str()
            .is_some_and(|a| a == rules.issuer || rules.endpoints.contains(&a))
    };
    match (aud, rules.profile) {
        // FAPI 2.0 §5.3.2.1: the issuer identifier as a string, nothing else.
        (Some(aud), Profile::Fapi2) => aud.as_str() == Some(rules.issuer),
        // An assertion that is meant for somebody else too could be replayed by them.
        (Some(Value::Array(many)), Profile::Oidc) => !many.is_empty() && many.iter().all(ours),
        (Some(one), Profile::Oidc) => ours(one),
        (None, _) => false,
    }
}

/// A NumericDate (RFC 7519 §2), which may have a fraction; whole seconds, rounded down.
pub(super) fn number(claim: Option<&Value>) -> Result<Option<i64>, &'static str> {
    /// The end of the year 9999: beyond it arithmetic and sense end.
    const LATEST: f64 = 253_402_300_799.0;
    match claim {
        None => Ok(None),
        Some(value) => match value.as_f64() {
            Some(n) if (0.0..=LATEST).contains(&n) => Ok(Some(n.floor() as i64)),
            _ => Err("exp, iat and nbf must be seconds since 1970"),
        },
    }
}

#[cfg(test)]
#[path = "client_auth_tests.rs"]
mod tests;
