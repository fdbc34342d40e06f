//! The authorization request (RFC 6749 §4.1.1, OIDC Core §3.1.2.1), in two phases. What `request` and `request_uri` stand for was
//! found before.
//!
//! ```text
//! client_id(params) ── unknown ──> page          phase 1: nobody is redirected
//!   │ the caller loads the client
//! return_address(params, client) ── bad ──> page
//!   │ from here every refusal goes to the ReturnAddress, with state and iss
//! AuthorizationRequest::parse(params, client, channel) ── bad ──> address.error(…)
//! ```

mod deferred;
mod read;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::base::{ClientId, Seconds};

use super::claims_request::ClaimsRequest;
use super::client::Client;
use super::dpop;
use super::errors::{ErrorCode, OAuthError};
pub use super::no_return::NoReturn;
use super::params::Params;
use super::pkce::CodeChallenge;
use super::rar::AuthorizationDetails;
use super::redirect::{MAX_STATE_BYTES, NotRegistered, ReturnAddress, mode_for_errors};
use super::resource;
use super::scope::Scopes;
use super::words::{Display, GrantType, Profile, Prompt, ResponseMode, ResponseType};

/// Bytes of `nonce`; FAPI 2.0 §5.3.2.2 wants at least 64.
pub const MAX_NONCE_BYTES: usize = 1024;
/// Bytes of `login_hint`.
pub const MAX_HINT_BYTES: usize = 1024;
/// Words in `acr_values`, `ui_locales`, `claims_locales`.
pub const MAX_LIST: usize = 50;

/// How the parameters came to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Through the browser: anybody may have written them.
    Browser,
    /// From the client itself, authenticated (RFC 9126).
    Pushed,
}

/// A sound request of a client that may make it. Stored as JSON while the person is on our pages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    pub client_id: ClientId,
    pub redirect_uri: String,
    /// Was it in the request? Then the token request has to repeat it (RFC 6749 §4.1.3).
    pub redirect_uri_given: bool,
    pub response_type: ResponseType,
    pub response_mode: ResponseMode,
    /// What was asked and the client is registered for. Consent may take more away.
    pub scope: Scopes,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub code_challenge: Option<CodeChallenge>,
    /// `none` only alone.
    pub prompt: BTreeSet<Prompt>,
    /// Of the request, else the client's `default_max_age`. Seconds.
    pub max_age: Option<Seconds>,
    /// In order of preference: of the request, else the client's `default_acr_values`. Voluntary (OIDC Core §3.1.2.1).
    pub acr_values: Vec<String>,
    pub claims: ClaimsRequest,
    pub login_hint: Option<String>,
    /// Not verified yet.
    pub id_token_hint: Option<String>,
    pub ui_locales: Vec<String>,
    pub claims_locales: Vec<String>,
    pub display: Display,
    /// The key that the code is bound to (RFC 9449 §10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<String>,
    /// RFC 9396. Not yet looked up in the workspace's types.
    #[serde(default, skip_serializing_if = "AuthorizationDetails::is_empty")]
    pub authorization_details: AuthorizationDetails,
    /// For whom access tokens shall be (RFC 8707); empty: for the issuer, whose userinfo they open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
}

/// Which acr the client wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestedAcr {
    /// OIDC Core §5.5.1.1: unmet means failed.
    pub essential: bool,
    /// Best first; empty: any.
    pub any_of: Vec<String>,
}

/// Phase 1a: who asks? The caller looks the client up, and answers `NoReturn::UnknownClient` if it is not there.
pub fn client_id(params: &Params) -> Result<ClientId, NoReturn> {
    Ok(ClientId::new(params.required("client_id")?))
}

/// Phase 1b: where may the answer go?
pub fn return_address(params: &Params, client: &Client, issuer: &str) -> Result<ReturnAddress, NoReturn> {
    let redirect_uri = match (params.single("redirect_uri")?, client.metadata.redirect_uris.as_slice()) {
        (Some(given), _) => given,
        // RFC 6749 §3.1.2.3 lets the one registered address be left out; OIDC Core §3.1.2.1 and FAPI 2.0 §5.3.2.2 do not.
        (None, [only]) if !asks_openid(params) && client.profile != Profile::Fapi2 => only,
        (None, _) => return Err(NoReturn::RedirectUriMissing),
    };
    // A state that is repeated or too long is an error that phase 2 reports; it cannot be given back.
    let state = params
        .single("state")
        .ok()
        .flatten()
        .filter(|s| s.len() <= MAX_STATE_BYTES);
    let mode = mode_for_errors(params);
    Ok(ReturnAddress::registered(
        client,
        redirect_uri,
        mode,
        state.map(str::to_owned),
        issuer,
    )?)
}

fn asks_openid(params: &Params) -> bool {
    params.all("scope").any(|s| s.split(' ').any(|name| name == "openid"))
}

impl AuthorizationRequest {
    /// Phase 2: everything else. Refusals go to `address`.
    pub fn parse(
        params: &Params,
        client: &Client,
        address: &ReturnAddress,
        channel: Channel,
    ) -> Result<Self, OAuthError> {
        refuse_what_is_not_built(params)?;
        if client.require_par && channel == Channel::Browser {
            // RFC 9126 §6, FAPI 2.0 §5.3.2.2.
            return Err(OAuthError::invalid_request(
                "this client must push its authorization requests",
            ));
        }
        let response_type = response_type(params, client)?;
        let response_mode = read::response_mode(params, response_type)?;
        let scope = scope(params, client)?;
        let claims = read::claims(params, client)?;
        Ok(Self {
            client_id: client.id.clone(),
            redirect_uri: address.redirect_uri().to_owned(),
            redirect_uri_given: params.has("redirect_uri"),
            response_type,
            response_mode,
            state: read::limited(params, "state", MAX_STATE_BYTES)?,
            nonce: read::nonce(params, response_type, &scope)?,
            scope,
            code_challenge: read::code_challenge(params, client)?,
            prompt: read::prompt(params)?,
            max_age: read::max_age(params)?.or(client.metadata.default_max_age),
            acr_values: read::acr_values(params, client, &claims)?,
            claims,
            login_hint: read::limited(params, "login_hint", MAX_HINT_BYTES)?,
            id_token_hint: params.single("id_token_hint")?.map(str::to_owned),
            ui_locales: read::locales(params, "ui_locales")?,
            claims_locales: read::locales(params, "claims_locales")?,
            // OIDC Core §3.1.2.1 lets us treat what we do not know as the default.
            display: params
                .single("display")?
                .and_then(Display::from_word)
                .unwrap_or_default(),
            dpop_jkt: dpop::jkt(params)?,
            authorization_details: read::authorization_details(params, channel)?,
            resources: resource::for_client(params, client)?,
        })
    }

    /// The address of a stored request, checked against the client as it is now.
    pub fn return_address(&self, client: &Client, issuer: &str) -> Result<ReturnAddress, NotRegistered> {
        ReturnAddress::registered(
            client,
            &self.redirect_uri,
            self.response_mode,
            self.state.clone(),
            issuer,
        )
    }

    /// An essential acr rules; what is voluntary counts only where nothing is essential.
    pub fn requested_acr(&self) -> RequestedAcr {
        let (essential, mut any_of) = self.claims.acr().unwrap_or_default();
        // OIDC Core §5.5.1.1: essential without values asks for some acr, and `acr_values` stays voluntary.
        let essential = essential && !any_of.is_empty();
        if !essential {
            let more = self.acr_values.iter().filter(|a| !any_of.contains(a));
            any_of.extend(more.cloned().collect::<Vec<_>>());
        }
        RequestedAcr { essential, any_of }
    }

    /// Must `auth_time` be in the ID token (OIDC Core §2)?
    pub fn wants_auth_time(&self, client: &Client) -> bool {
        self.max_age.is_some() || client.metadata.require_auth_time || self.claims.id_token.contains_key("auth_time")
    }

    pub fn forbids_interaction(&self) -> bool {
        self.prompt.contains(&Prompt::None)
    }

    /// The `redirect_uri` of the token request fits (RFC 6749 §4.1.3).
    pub fn check_redirect_uri(&self, at_token_endpoint: Option<&str>) -> Result<(), OAuthError> {
        match at_token_endpoint {
            Some(uri) if uri == self.redirect_uri => Ok(()),
            None if !self.redirect_uri_given => Ok(()),
            _ => Err(OAuthError::invalid_grant(
                "redirect_uri is not the one of the authorization request",
            )),
        }
    }
}

/// Refused by name, so that nobody believes they were heeded. A line goes when its feature comes.
fn refuse_what_is_not_built(params: &Params) -> Result<(), OAuthError> {
    if params.has("registration") {
        // OIDC Core §3.1.2.6.
        return Err(OAuthError::new(
            ErrorCode::RegistrationNotSupported,
            "registration is not supported here",
        ));
    }
    Ok(())
}

fn response_type(params: &Params, client: &Client) -> Result<ResponseType, OAuthError> {
    // RFC 6749 §4.1.2.1: missing is invalid_request, unknown is unsupported_response_type.
    let asked = ResponseType::parse(params.required("response_type")?).ok_or_else(|| {
        OAuthError::new(
            ErrorCode::UnsupportedResponseType,
            "supported are code and code id_token (RFC 9700 section 2.1.2)",
        )
    })?;
    if client.response_types.contains(&asked) && client.may_use(GrantType::AuthorizationCode) {
        Ok(asked)
    } else {
        Err(OAuthError::new(
            ErrorCode::UnauthorizedClient,
            "response_type is not registered for this client",
        ))
    }
}

fn scope(params: &Params, client: &Client) -> Result<Scopes, OAuthError> {
    let asked = params.single("scope")?.map(Scopes::parse).transpose()?;
    // RFC 6749 §3.3: without scope either a default or invalid_scope; nobody should get something by asking nothing.
    let asked = asked.ok_or_else(|| OAuthError::new(ErrorCode::InvalidScope, "scope is missing"))?;
    // RFC 6749 §3.3, OIDC Core §3.1.2.1: what is not known is ignored; the token response says what was granted.
    let mut granted = asked.common(&client.scope);
    if !client.may_use(GrantType::RefreshToken) {
        granted = granted.without("offline_access");
    }
    if granted.is_empty() {
        return Err(OAuthError::new(
            ErrorCode::InvalidScope,
            "no scope of the request is registered for this client",
        ));
    }
    Ok(granted)
}

#[cfg(test)]
#[path = "authorize_tests.rs"]
pub(super) mod tests;
