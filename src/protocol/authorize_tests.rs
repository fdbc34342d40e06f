use super::*;
use crate::protocol::{ClientMetadata, Delivery, ParamError};
use proptest::prelude::*;
use serde_json::{Value, json};

const ISSUER: &str = "https://op.example";
const CB: &str = "https://rp.example/cb";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A confidential client with `changes`.
pub fn client(changes: Value) -> Client {
    let mut all = json!({
        "client_id": "rp", "client_secret": "a-secret-of-sufficient-length", "redirect_uris": [CB],
        "grant_types": ["authorization_code", "refresh_token", "implicit"],
        "response_types": ["code", "code id_token"]
    });
    for (name, value) in changes.as_object().unwrap() {
        all[name] = value.clone();
    }
    serde_json::from_value::<ClientMetadata>(all).unwrap().check().unwrap()
}

/// A sound request with `changes`; an empty value takes a parameter away.
fn params(changes: &[(&str, &str)]) -> Params {
    let base = [
        ("client_id", "rp"),
        ("redirect_uri", CB),
        ("response_type", "code"),
        ("scope", "openid profile unknown"),
        ("state", "st"),
        ("unknown_parameter", "x"),
    ];
    let kept = base.into_iter().filter(|(n, _)| !changes.iter().any(|(m, _)| n == m));
    Params::from_pairs(kept.chain(changes.iter().copied()))
}

fn parse_for(client: &Client, params: &Params) -> Result<AuthorizationRequest, OAuthError> {
    let address = return_address(params, client, ISSUER).unwrap();
    AuthorizationRequest::parse(params, client, &address, Channel::Browser)
}

fn parse(changes: &[(&str, &str)]) -> Result<AuthorizationRequest, OAuthError> {
    parse_for(&client(json!({})), &params(changes))
}

#[test]
fn a_plain_request_is_read_and_stored() {
    let request = parse(&[
        ("nonce", "n"),
        ("prompt", "login consent future"),
        ("max_age", "0"),
        ("acr_values", "b a b"),
        ("ui_locales", "es-419 en x_y"),
        ("display", "popup"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("claims", r#"{"id_token":{"auth_time":{"essential":true}}}"#),
        ("login_hint", "rivera"),
    ])
    .unwrap();
    assert_eq!(request.scope.to_string(), "openid profile");
    assert_eq!(request.prompt, BTreeSet::from([Prompt::Login, Prompt::Consent]));
    assert_eq!(request.max_age, Some(Seconds(0)));
    assert_eq!(request.acr_values, ["b", "a"]);
    assert_eq!(request.ui_locales, ["es-419", "en"]);
    assert_eq!(request.display, Display::Popup);
    assert!(request.wants_auth_time(&client(json!({}))) && !request.forbids_interaction());
    let stored = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<AuthorizationRequest>(&stored).unwrap(), request);
    let address = request.return_address(&client(json!({})), ISSUER).unwrap();
    assert_eq!(
        address.code("c", None).plain(),
        Delivery::Redirect(format!("{CB}?code=c&state=st&iss=https%3A%2F%2Fop.example"))
    );
    let moved = client(json!({"redirect_uris": ["https://rp.example/new"]}));
    assert!(request.return_address(&moved, ISSUER).is_err());
}

#[test]
fn phase_one_never_redirects() {
    let two = client(json!({"redirect_uris": [CB, "https://rp.example/2"]}));
    let one = client(json!({}));
    for (client, changes, error) in [
        (
            &one,
            &[("redirect_uri", "https://evil.example/")][..],
            NoReturn::NotRegistered(NotRegistered),
        ),
        (
            &one,
            &[("redirect_uri", "https://rp.example/cb?x=1")],
            NoReturn::NotRegistered(NotRegistered),
        ),
        (&one, &[("redirect_uri", "")], NoReturn::RedirectUriMissing),
        (
            &two,
            &[("redirect_uri", ""), ("scope", "profile")],
            NoReturn::RedirectUriMissing,
        ),
        (
            &one,
            &[("redirect_uri", CB), ("redirect_uri", CB)],
            NoReturn::Malformed(ParamError::Repeated("redirect_uri".into())),
        ),
    ] {
        assert_eq!(
            return_address(&params(changes), client, ISSUER),
            Err(error),
            "{changes:?}"
        );
    }
    assert_eq!(
        client_id(&params(&[("client_id", "")])),
        Err(NoReturn::Malformed(ParamError::Missing("client_id")))
    );
    assert!(client_id(&params(&[("client_id", "a"), ("client_id", "a")])).is_err());
}

#[test]
fn oauth_alone_may_leave_the_only_address_out() {
    let request = parse(&[("redirect_uri", ""), ("scope", "profile")]).unwrap();
    assert_eq!((request.redirect_uri.as_str(), request.redirect_uri_given), (CB, false));
    assert!(request.check_redirect_uri(None).is_ok());
    let given = parse(&[]).unwrap();
    assert!(given.check_redirect_uri(Some(CB)).is_ok());
    for wrong in [None, Some("https://rp.example/")] {
        assert_eq!(
            given.check_redirect_uri(wrong).unwrap_err().code,
            ErrorCode::InvalidGrant
        );
    }
}

#[test]
fn every_refusal_has_its_code() {
    use ErrorCode::*;
    let long = "x".repeat(MAX_STATE_BYTES + 1);
    let many = (0..=MAX_LIST).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
    for (changes, code) in [
        (&[("response_type", "")][..], InvalidRequest),
        (&[("response_type", "token")], UnsupportedResponseType),
        (&[("response_type", "id_token")], UnsupportedResponseType),
        (&[("response_type", "code"), ("response_type", "code")], InvalidRequest),
        (&[("response_mode", "pigeon")], InvalidRequest),
        (
            &[
                ("response_type", "code id_token"),
                ("nonce", "n"),
                ("response_mode", "query"),
            ],
            InvalidRequest,
        ),
        (
            &[
                ("response_type", "code id_token"),
                ("nonce", "n"),
                ("response_mode", "query.jwt"),
            ],
            InvalidRequest,
        ),
        (&[("response_type", "code id_token")], InvalidRequest),
        (
            &[("response_type", "code id_token"), ("nonce", "n"), ("scope", "profile")],
            InvalidRequest,
        ),
        (&[("scope", "")], InvalidScope),
        (&[("scope", "unknown")], InvalidScope),
        (&[("scope", "openid \"")], InvalidScope),
        (&[("state", "a"), ("state", "a")], InvalidRequest),
        (&[("state", &long)], InvalidRequest),
        (&[("nonce", &long)], InvalidRequest),
        (&[("login_hint", &long)], InvalidRequest),
        (&[("code_challenge", CHALLENGE)], InvalidRequest),
        (
            &[("code_challenge", CHALLENGE), ("code_challenge_method", "plain")],
            InvalidRequest,
        ),
        (
            &[("code_challenge", "short"), ("code_challenge_method", "S256")],
            InvalidRequest,
        ),
        (&[("code_challenge_method", "S256")], InvalidRequest),
        (&[("prompt", "none login")], InvalidRequest),
        (&[("prompt", "none future")], InvalidRequest),
        (&[("max_age", "-1")], InvalidRequest),
        (&[("max_age", "+1")], InvalidRequest),
        (&[("max_age", "1.5")], InvalidRequest),
        (&[("max_age", "99999999999")], InvalidRequest),
        (&[("acr_values", &many)], InvalidRequest),
        (&[("claims", "[]")], InvalidRequest),
        (&[("registration", "{}")], RegistrationNotSupported),
        (&[("authorization_details", "[]")], InvalidAuthorizationDetails),
    ] {
        assert_eq!(parse(changes).unwrap_err().code, code, "{changes:?}");
    }
}

#[test]
fn what_a_client_may_not_is_refused() {
    let code_only = client(json!({"response_types": ["code"]}));
    let hybrid = params(&[("response_type", "id_token code"), ("nonce", "n")]);
    assert_eq!(
        parse_for(&code_only, &hybrid).unwrap_err().code,
        ErrorCode::UnauthorizedClient
    );
    assert_eq!(
        parse_for(&client(json!({})), &hybrid).unwrap().response_mode,
        ResponseMode::Fragment
    );

    let public = client(json!({"client_secret": null, "token_endpoint_auth_method": "none"}));
    assert_eq!(
        parse_for(&public, &params(&[])).unwrap_err().code,
        ErrorCode::InvalidRequest
    );

    let pushed = client(json!({"require_pushed_authorization_requests": true}));
    assert_eq!(
        parse_for(&pushed, &params(&[])).unwrap_err().code,
        ErrorCode::InvalidRequest
    );
    let address = return_address(&params(&[]), &pushed, ISSUER).unwrap();
    assert!(AuthorizationRequest::parse(&params(&[]), &pushed, &address, Channel::Pushed).is_ok());
}

#[test]
fn offline_access_needs_the_refresh_grant() {
    let asked = params(&[("scope", "openid offline_access")]);
    assert!(
        parse_for(&client(json!({})), &asked)
            .unwrap()
            .scope
            .contains("offline_access")
    );
    let without = client(json!({"grant_types": null, "response_types": null}));
    assert_eq!(parse_for(&without, &asked).unwrap().scope.to_string(), "openid");
}

#[test]
fn essential_acr_rules_and_defaults_give_way() {
    let defaults = client(json!({"default_acr_values": ["d"], "default_max_age": 60}));
    let essential = r#"{"id_token":{"acr":{"essential":true,"values":["e"]}}}"#;
    let voluntary = r#"{"id_token":{"acr":{"values":["v"]}}}"#;
    let valueless = r#"{"id_token":{"acr":{"essential":true}}}"#;
    for (changes, is_essential, any_of) in [
        (&[][..], false, &["d"][..]),
        (&[("acr_values", "a b")], false, &["a", "b"]),
        (&[("acr_values", "a"), ("claims", essential)], true, &["e"]),
        (&[("acr_values", "a"), ("claims", voluntary)], false, &["v", "a"]),
        (&[("claims", voluntary)], false, &["v"]),
        (&[("acr_values", "a"), ("claims", valueless)], false, &["a"]),
    ] {
        let request = parse_for(&defaults, &params(changes)).unwrap();
        let acr = request.requested_acr();
        assert_eq!(
            (acr.essential, acr.any_of.iter().map(String::as_str).collect::<Vec<_>>()),
            (is_essential, any_of.to_vec())
        );
        assert_eq!(request.max_age, Some(Seconds(60)));
    }
    assert_eq!(
        parse_for(&defaults, &params(&[("max_age", "5")])).unwrap().max_age,
        Some(Seconds(5))
    );
}

#[test]
fn a_state_that_cannot_be_given_back_is_left_out() {
    let repeated = params(&[("state", "a"), ("state", "b")]);
    assert_eq!(
        return_address(&repeated, &client(json!({})), ISSUER).unwrap().state(),
        None
    );
}

proptest! {
    /// Whatever arrives: an answer, and only ever to the registered address.
    #[test]
    fn any_parameters_give_an_answer(
        pairs in proptest::collection::vec((
            prop_oneof![
                Just("redirect_uri"), Just("response_type"), Just("response_mode"), Just("scope"), Just("state"),
                Just("nonce"), Just("prompt"), Just("max_age"), Just("acr_values"), Just("claims"),
                Just("code_challenge"), Just("code_challenge_method"), Just("ui_locales"), Just("display"),
            ],
            prop_oneof![
                Just(CB.to_owned()), Just("code".to_owned()), Just("openid".to_owned()), Just("S256".to_owned()),
                ".{0,60}".prop_map(|s| s),
            ],
        ), 0..12)
    ) {
        let client = client(json!({}));
        let params = Params::from_pairs(pairs);
        if let Ok(address) = return_address(&params, &client, ISSUER) {
            prop_assert_eq!(address.redirect_uri(), CB);
            match AuthorizationRequest::parse(&params, &client, &address, Channel::Browser) {
                Ok(request) => prop_assert_eq!(request.redirect_uri, CB),
                Err(error) => match address.error(&error).plain() {
                    Delivery::Redirect(url) => prop_assert!(url.starts_with(CB) && url.contains("iss=")),
                    Delivery::FormPost { action, .. } => prop_assert_eq!(action, CB),
                },
            }
        }
    }
}
