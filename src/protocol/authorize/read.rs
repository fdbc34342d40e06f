//! One parameter of the authorization request each.

use std::collections::BTreeSet;

use super::{Channel, MAX_LIST, MAX_NONCE_BYTES};
use crate::base::Seconds;
use crate::protocol::claims_request::ClaimsRequest;
use crate::protocol::client::Client;
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::params::Params;
use crate::protocol::pkce::CodeChallenge;
use crate::protocol::rar::AuthorizationDetails;
use crate::protocol::scope::Scopes;
use crate::protocol::words::{Prompt, ResponseMode, ResponseType};

pub(super) fn response_mode(params: &Params, response_type: ResponseType) -> Result<ResponseMode, OAuthError> {
    let Some(asked) = params.single("response_mode")? else {
        return Ok(response_type.default_mode());
    };
    let front_channel_token = response_type.has_front_channel_token();
    match ResponseMode::from_word(asked).map(|mode| mode.resolved(front_channel_token)) {
        // OAuth 2.0 Multiple Response Types §5, JARM §2.3.1: tokens must not end in logs and Referer headers.
        Some(mode) if front_channel_token && mode.road() == ResponseMode::Query => Err(OAuthError::invalid_request(
            "response_mode query is not permitted for a response with an ID token",
        )),
        Some(mode) => Ok(mode),
        None => Err(OAuthError::invalid_request("response_mode is not supported")),
    }
}

pub(super) fn nonce(
    params: &Params,
    response_type: ResponseType,
    scope: &Scopes,
) -> Result<Option<String>, OAuthError> {
    let nonce = limited(params, "nonce", MAX_NONCE_BYTES)?;
    if response_type.has_front_channel_token() {
        if nonce.is_none() {
            // OIDC Core §3.3.2.11.
            return Err(OAuthError::invalid_request(
                "nonce is required with response_type code id_token",
            ));
        }
        if !scope.is_openid() {
            return Err(OAuthError::invalid_request("scope openid is required for an ID token"));
        }
    }
    Ok(nonce)
}

pub(super) fn code_challenge(params: &Params, client: &Client) -> Result<Option<CodeChallenge>, OAuthError> {
    match (
        params.single("code_challenge")?,
        params.single("code_challenge_method")?,
    ) {
        (Some(challenge), method) => CodeChallenge::parse(challenge, method).map(Some),
        (None, Some(_)) => Err(OAuthError::invalid_request(
            "code_challenge_method without code_challenge",
        )),
        // RFC 7636 §4.4.1: "code challenge required".
        (None, None) if client.require_pkce => Err(OAuthError::invalid_request("code challenge required (PKCE, S256)")),
        (None, None) => Ok(None),
    }
}

pub(super) fn prompt(params: &Params) -> Result<BTreeSet<Prompt>, OAuthError> {
    let words: Vec<&str> = params
        .single("prompt")?
        .unwrap_or("")
        .split(' ')
        .filter(|w| !w.is_empty())
        .collect();
    // OIDC Core §3.1.2.1: none with any other value is an error.
    if words.contains(&"none") && words.iter().any(|w| *w != "none") {
        return Err(OAuthError::invalid_request("prompt none excludes every other value"));
    }
    // The same section: values that are not understood may be ignored, which eases extensions.
    Ok(words.into_iter().filter_map(Prompt::from_word).collect())
}

pub(super) fn max_age(params: &Params) -> Result<Option<Seconds>, OAuthError> {
    let parse = |text: &str| {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u32>()
            .ok()
            .filter(|_| digits)
            .map(|n| Seconds(n.into()))
            .ok_or_else(|| OAuthError::invalid_request("max_age is not a non-negative number of seconds"))
    };
    params.single("max_age")?.map(parse).transpose()
}

pub(super) fn acr_values(params: &Params, client: &Client, claims: &ClaimsRequest) -> Result<Vec<String>, OAuthError> {
    let mut values: Vec<String> = Vec::new();
    for value in params
        .single("acr_values")?
        .unwrap_or("")
        .split(' ')
        .filter(|v| !v.is_empty())
    {
        if !values.iter().any(|v| v == value) {
            values.push(value.to_owned());
        }
    }
    if values.len() > MAX_LIST {
        return Err(OAuthError::invalid_request("acr_values has too many values"));
    }
    // OIDC Registration §2: acr_values or an acr claim of the request override the default.
    let default = values.is_empty() && !claims.id_token.contains_key("acr");
    Ok(if default {
        client.metadata.default_acr_values.clone()
    } else {
        values
    })
}

pub(super) fn claims(params: &Params, client: &Client) -> Result<ClaimsRequest, OAuthError> {
    match params.single("claims")? {
        Some(json) => Ok(ClaimsRequest::parse(json)?.within(&client.scope)),
        None => Ok(ClaimsRequest::default()),
    }
}

pub(super) fn authorization_details(params: &Params, channel: Channel) -> Result<AuthorizationDetails, OAuthError> {
    match (params.single("authorization_details")?, channel) {
        (None, _) => Ok(AuthorizationDetails::default()),
        (Some(json), Channel::Pushed) => AuthorizationDetails::parse(json),
        // RFC 9396 §12, §13: they tell of people, and must not be changed on the way. Addresses end in logs.
        (Some(_), Channel::Browser) => Err(OAuthError::new(
            ErrorCode::InvalidAuthorizationDetails,
            "authorization_details must be pushed (RFC 9126)",
        )),
    }
}

pub(super) fn locales(params: &Params, name: &str) -> Result<Vec<String>, OAuthError> {
    // BCP 47 tags. OIDC Core §3.1.2.1: locales that we do not have are no error.
    let tag = |t: &&str| !t.is_empty() && t.len() <= 35 && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let tags = params.single(name)?.unwrap_or("").split(' ').filter(tag);
    Ok(tags.take(MAX_LIST).map(str::to_owned).collect())
}

pub(super) fn limited(params: &Params, name: &str, most: usize) -> Result<Option<String>, OAuthError> {
    match params.single(name)? {
        Some(text) if text.len() > most => Err(OAuthError::invalid_request(format!(
            "{name} is longer than {most} bytes"
        ))),
        other => Ok(other.map(str::to_owned)),
    }
}
