//! The token request and its answer (RFC 6749 §4.1.3, §5, §6).

use serde::Serialize;

use crate::base::{Seconds, Secret};

use super::claims::Confirmation;
use super::client::Client;
use super::errors::{ErrorCode, OAuthError};
use super::params::Params;
use super::pkce::CodeVerifier;
use super::rar::AuthorizationDetails;
use super::resource;
use super::scope::Scopes;
use super::token_exchange::ExchangeRequest;
use super::words::GrantType;

/// Bytes of a code or refresh token as clients hand it in; ours are far shorter.
pub const MAX_TOKEN_BYTES: usize = 1024;

/// What a client brings in exchange. The client is authenticated before anything in here is looked up.
#[derive(Clone, Debug)]
pub enum TokenRequest {
    AuthorizationCode {
        code: Secret<String>,
        redirect_uri: Option<String>,
        /// Compare with `pkce::verify`, also when it is absent.
        verifier: Option<CodeVerifier>,
        /// Apply with `resource::narrow`.
        resources: Vec<String>,
    },
    RefreshToken {
        token: Secret<String>,
        /// Apply with `Scopes::narrow`.
        scope: Option<Scopes>,
        /// Apply with `resource::narrow`.
        resources: Vec<String>,
    },
    /// RFC 6749 §4.4.
    ClientCredentials {
        scope: Option<Scopes>,
        resources: Vec<String>,
    },
    TokenExchange(Box<ExchangeRequest>),
    /// What a client polls for: a device_code (RFC 8628 §3.4) or an auth_req_id (CIBA Core §10.1).
    Deferred {
        grant: GrantType,
        reference: Secret<String>,
    },
}

impl TokenRequest {
    pub fn parse(params: &Params) -> Result<Self, OAuthError> {
        // One line per grant.
        match params.required("grant_type")? {
            "authorization_code" => Self::authorization_code(params),
            "refresh_token" => Self::refresh_token(params),
            "client_credentials" => Self::client_credentials(params),
            "urn:ietf:params:oauth:grant-type:token-exchange" => {
                ExchangeRequest::parse(params).map(|request| Self::TokenExchange(Box::new(request)))
            }
            "urn:ietf:params:oauth:grant-type:device_code" => {
                Self::polled(params, GrantType::DeviceCode, "device_code")
            }
            "urn:openid:params:grant-type:ciba" => Self::polled(params, GrantType::Ciba, "auth_req_id"),
            // RFC 6749 §5.2; RFC 9700 §2.4: `password` MUST NOT be used.
            _ => Err(OAuthError::new(
                ErrorCode::UnsupportedGrantType,
                "this grant_type is not supported; the metadata names those that are",
            )),
        }
    }

    fn authorization_code(params: &Params) -> Result<Self, OAuthError> {
        Ok(Self::AuthorizationCode {
            code: credential(params, "code")?,
            redirect_uri: params.single("redirect_uri")?.map(str::to_owned),
            verifier: params.single("code_verifier")?.map(CodeVerifier::parse).transpose()?,
            resources: resource::asked(params)?,
        })
    }

    fn refresh_token(params: &Params) -> Result<Self, OAuthError> {
        Ok(Self::RefreshToken {
            token: credential(params, "refresh_token")?,
            scope: params.single("scope")?.map(Scopes::parse).transpose()?,
            resources: resource::asked(params)?,
        })
    }

    fn client_credentials(params: &Params) -> Result<Self, OAuthError> {
        Ok(Self::ClientCredentials {
            scope: params.single("scope")?.map(Scopes::parse).transpose()?,
            resources: resource::asked(params)?,
        })
    }

    fn polled(params: &Params, grant: GrantType, name: &'static str) -> Result<Self, OAuthError> {
        let reference = credential(params, name)?;
        Ok(Self::Deferred { grant, reference })
    }

    pub const fn grant_type(&self) -> GrantType {
        match self {
            Self::AuthorizationCode { .. } => GrantType::AuthorizationCode,
            Self::RefreshToken { .. } => GrantType::RefreshToken,
            Self::ClientCredentials { .. } => GrantType::ClientCredentials,
            Self::TokenExchange(_) => GrantType::TokenExchange,
            Self::Deferred { grant, .. } => *grant,
        }
    }

    /// Is this grant registered for the client (RFC 6749 §5.2 `unauthorized_client`)?
    pub fn check_permitted(&self, client: &Client) -> Result<(), OAuthError> {
        if client.may_use(self.grant_type()) {
            Ok(())
        } else {
            Err(OAuthError::new(
                ErrorCode::UnauthorizedClient,
                format!("grant type {} is not registered for this client", self.grant_type()),
            ))
        }
    }
}

fn credential(params: &Params, name: &'static str) -> Result<Secret<String>, OAuthError> {
    let text = params.required(name)?;
    if text.len() > MAX_TOKEN_BYTES {
        // Not one of ours, whatever it is.
        return Err(OAuthError::invalid_grant(format!("{name} is not valid")));
    }
    Ok(Secret::from(text))
}

/// RFC 6749 §5.1, OIDC Core §3.1.3.3. To be sent with `Cache-Control: no-store`.
#[derive(Clone, Debug, Serialize)]
pub struct TokenResponse {
    pub access_token: Secret<String>,
    pub token_type: TokenType,
    /// Seconds.
    pub expires_in: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<Secret<String>>,
    /// Always, since it may be less than what was asked (RFC 6749 §5.1).
    pub scope: Scopes,
    /// What was granted (RFC 9396 §7).
    #[serde(skip_serializing_if = "AuthorizationDetails::is_empty")]
    pub authorization_details: AuthorizationDetails,
    /// REQUIRED after an exchange (RFC 8693 §2.2.1), and there alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum TokenType {
    /// RFC 6750.
    #[default]
    Bearer,
    /// RFC 9449 §5: bound to a key.
    #[serde(rename = "DPoP")]
    Dpop,
}

impl TokenType {
    /// RFC 8705 §3: a certificate is shown by the connection, so the scheme stays Bearer.
    pub fn of(bound_to: Option<&Confirmation>) -> Self {
        match bound_to {
            Some(Confirmation { jkt: Some(_), .. }) => Self::Dpop,
            _ => Self::Bearer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::authorize::tests::client;
    use serde_json::json;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn requests_are_read() {
        let p = Params::from_pairs([
            ("grant_type", "authorization_code"),
            ("code", "c0de"),
            ("redirect_uri", "https://rp.example/cb"),
            ("code_verifier", VERIFIER),
        ]);
        let request = TokenRequest::parse(&p).unwrap();
        assert!(!format!("{request:?}").contains("c0de"));
        assert!(
            matches!(&request, TokenRequest::AuthorizationCode { code, verifier: Some(_), .. } if code.expose() == "c0de")
        );
        let p = Params::from_pairs([
            ("grant_type", "refresh_token"),
            ("refresh_token", "r"),
            ("scope", "openid"),
        ]);
        let request = TokenRequest::parse(&p).unwrap();
        assert!(matches!(&request, TokenRequest::RefreshToken { scope: Some(s), .. } if s.is_openid()));
        assert!(request.check_permitted(&client(json!({}))).is_ok());
        let code_only = client(json!({"grant_types": null, "response_types": null}));
        assert_eq!(
            request.check_permitted(&code_only).unwrap_err().code,
            ErrorCode::UnauthorizedClient
        );
    }

    #[test]
    fn every_refusal_has_its_code() {
        use ErrorCode::*;
        let long = "x".repeat(MAX_TOKEN_BYTES + 1);
        for (pairs, code) in [
            (&[][..], InvalidRequest),
            (&[("grant_type", "password")], UnsupportedGrantType),
            (&[("grant_type", "implicit")], UnsupportedGrantType),
            (
                &[("grant_type", "refresh_token"), ("grant_type", "refresh_token")],
                InvalidRequest,
            ),
            (&[("grant_type", "authorization_code")], InvalidRequest),
            (
                &[("grant_type", "authorization_code"), ("code", "a"), ("code", "a")],
                InvalidRequest,
            ),
            (&[("grant_type", "authorization_code"), ("code", &long)], InvalidGrant),
            (
                &[
                    ("grant_type", "authorization_code"),
                    ("code", "a"),
                    ("code_verifier", "short"),
                ],
                InvalidRequest,
            ),
            (&[("grant_type", "refresh_token")], InvalidRequest),
            (
                &[("grant_type", "refresh_token"), ("refresh_token", "r"), ("scope", "\"")],
                InvalidScope,
            ),
        ] {
            let error = TokenRequest::parse(&Params::from_pairs(pairs.iter().copied())).unwrap_err();
            assert_eq!(error.code, code, "{pairs:?}");
        }
    }

    #[test]
    fn the_answer_is_written_as_the_rfc_says() {
        let answer = TokenResponse {
            access_token: Secret::from("at"),
            token_type: TokenType::Bearer,
            expires_in: Seconds(600),
            refresh_token: None,
            id_token: Some(Secret::from("it")),
            scope: Scopes::parse("openid email").unwrap(),
            authorization_details: AuthorizationDetails::default(),
            issued_token_type: None,
        };
        assert_eq!(
            serde_json::to_value(&answer).unwrap(),
            json!({"access_token": "at", "token_type": "Bearer", "expires_in": 600, "id_token": "it",
                   "scope": "email openid"})
        );
    }
}
