//! Random bytes into every parser: an answer, never a panic.

use proptest::prelude::*;
use serde_json::json;

use super::authorize::{Channel, client_id, return_address, tests::client};
use super::uri::{check_redirect, same_redirect};
use super::*;
use crate::base::Timestamp;

/// Every parser that takes text from outside.
fn feed(text: &str) {
    let _ = Scopes::parse(text);
    let _ = CodeChallenge::parse(text, Some(text));
    let _ = CodeVerifier::parse(text);
    let _ = ClaimsRequest::parse(text);
    let _ = Challenge::parse_all(text);
    let _ = ResponseType::parse(text);
    let _ = text.parse::<ErrorCode>();
    let _ = check_redirect(text, ApplicationType::Native);
    let _ = same_redirect(text, text, ApplicationType::Native);
    let _ = same_redirect("http://127.0.0.1/", text, ApplicationType::Native);
    let _ = AccessTokenPresented::extract(&[text], None);
    let _ = ClientCredentials::extract(&[text], &Params::default());
    let _ = dpop_claims(text);
    let _ = serde_json::from_str::<AuthorizationRequest>(text);
    let _ = serde_json::from_str::<ClientMetadata>(text).map(ClientMetadata::check);
    let _ = OAuthError::invalid_request(text);
}

/// A proof of possession whose claims are all this.
fn dpop_claims(text: &str) -> Result<dpop::Sound, OAuthError> {
    let shown = dpop::Shown {
        alias: None,
        certificate: None,
        headers: vec![text],
        method: text,
        url: text.to_owned(),
    };
    let claims = json!({"htm": text, "htu": text, "iat": text.len(), "jti": text, "nonce": text, "ath": text});
    let claims = claims.as_object().cloned().unwrap_or_default();
    dpop::check(&claims, &shown, Some(text), Timestamp::from_secs(0))
}

/// Every parser that takes parameters.
fn feed_params(params: &Params) {
    let rp = client(json!({}));
    let _ = client_id(params);
    if let Ok(address) = return_address(params, &rp, "https://op.example") {
        let _ = AuthorizationRequest::parse(params, &rp, &address, Channel::Browser);
    }
    let _ = TokenRequest::parse(params);
    let _ = ClientCredentials::extract(&[], params);
    let _ = AccessTokenPresented::extract(&[], Some(params));
    if let Ok(request) = LogoutRequest::parse(params) {
        let _ = request.after(Some(&rp));
    }
}

const NAMES: &[&str] = &[
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "prompt",
    "max_age",
    "acr_values",
    "claims",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "grant_type",
    "code",
    "code_verifier",
    "refresh_token",
    "access_token",
    "id_token_hint",
    "post_logout_redirect_uri",
    "request",
    "request_uri",
    "ui_locales",
    "display",
];

proptest! {
    #[test]
    fn text(text in any::<String>()) {
        feed(&text);
    }

    #[test]
    fn json_like_text(text in r#"[{}\[\]":,a-z0-9 \\.=%-]{0,120}"#) {
        feed(&text);
    }

    #[test]
    fn bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        feed(&String::from_utf8_lossy(&bytes));
        if let Ok(params) = Params::parse(&bytes) {
            feed_params(&params);
        }
    }

    #[test]
    fn known_names_with_any_value(
        pairs in proptest::collection::vec((proptest::sample::select(NAMES), any::<String>()), 0..10)
    ) {
        feed_params(&Params::from_pairs(pairs));
    }
}
