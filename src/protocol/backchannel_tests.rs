use super::*;
use crate::protocol::authorize::tests::client;
use serde_json::json;

const ISSUER: &str = "https://op.example";
const NOW: i64 = 1_800_000_000;

fn partner(changes: Value) -> Client {
    let mut all = json!({"grant_types": ["urn:openid:params:grant-type:ciba"], "response_types": []});
    for (name, value) in changes.as_object().unwrap() {
        all[name] = value.clone();
    }
    client(all)
}

fn parse(client: &Client, changes: &[(&str, &str)]) -> Result<BackchannelRequest, OAuthError> {
    let base = [("scope", "openid"), ("login_hint", "kim")];
    let kept = base.into_iter().filter(|(n, _)| !changes.iter().any(|(m, _)| n == m));
    let params = Params::from_pairs(kept.chain(changes.iter().copied().filter(|(_, v)| *v != "absent")));
    BackchannelRequest::parse(&params, client)
}

#[test]
fn a_sound_request_is_read() {
    let asked = parse(
        &partner(json!({})),
        &[
            ("binding_message", "Till 4, W4SCT"),
            ("requested_expiry", "30"),
            ("acr_values", "a b"),
        ],
    )
    .unwrap();
    assert_eq!(asked.hint, Hint::Login("kim".to_owned()));
    assert_eq!(asked.binding_message.as_deref(), Some("Till 4, W4SCT"));
    assert_eq!(asked.requested_expiry, Some(Seconds(30)));
    assert_eq!(asked.request.acr_values, ["a", "b"]);
    assert!(asked.notification_token.is_none());
}

#[test]
fn every_refusal_has_its_code() {
    use ErrorCode::*;
    let long = "x".repeat(MAX_BINDING_MESSAGE + 1);
    for (changes, code) in [
        (&[("login_hint", "absent")][..], InvalidRequest),
        (&[("login_hint", "")], InvalidRequest),
        (&[("id_token_hint", "e30.e30.x")], InvalidRequest),
        (&[("login_hint_token", "x")], InvalidRequest),
        (&[("login_hint", "a"), ("login_hint", "b")], InvalidRequest),
        (&[("scope", "profile")], InvalidScope),
        (&[("scope", "absent")], InvalidScope),
        (&[("binding_message", "  ")], InvalidBindingMessage),
        (&[("binding_message", "a\nb")], InvalidBindingMessage),
        (&[("binding_message", "pay \u{202e}001")], InvalidBindingMessage),
        (&[("binding_message", "caf\u{e9}")], InvalidBindingMessage),
        (&[("binding_message", &long)], InvalidBindingMessage),
        (&[("requested_expiry", "0")], InvalidRequest),
        (&[("requested_expiry", "-1")], InvalidRequest),
        (&[("requested_expiry", "+30")], InvalidRequest),
        (&[("requested_expiry", "soon")], InvalidRequest),
        (&[("requested_expiry", "99999999999999999999")], InvalidRequest),
        (&[("user_code", "1234")], InvalidRequest),
        (&[("authorization_details", "[]")], InvalidAuthorizationDetails),
    ] {
        let error = parse(&partner(json!({})), changes).unwrap_err();
        assert_eq!(error.code, code, "{changes:?}");
    }
}

#[test]
fn a_ping_needs_a_bearer_token() {
    let pinged = partner(json!({
        "backchannel_token_delivery_mode": "ping",
        "backchannel_client_notification_endpoint": "https://rp.example/ping"
    }));
    let name = "client_notification_token";
    let long = "x".repeat(MAX_NOTIFICATION_TOKEN + 1);
    for bad in ["absent", "", "==", "a b", "a\r\nHost: x", "\u{e9}", long.as_str()] {
        let error = parse(&pinged, &[(name, bad)]).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidRequest, "{bad}");
    }
    let asked = parse(&pinged, &[(name, "8d67dc78-7faa.~+/==")]).unwrap();
    assert!(asked.notification_token.is_some() && !format!("{asked:?}").contains("8d67dc78"));
}

fn claims(changes: Value) -> Map<String, Value> {
    let mut all = json!({
        "iss": "rp", "aud": ISSUER, "scope": "openid", "login_hint": "kim", "requested_expiry": 30,
        "exp": NOW + 300, "nbf": NOW, "iat": NOW, "jti": "once"
    });
    for (name, value) in changes.as_object().unwrap() {
        all[name] = value.clone();
    }
    all.as_object_mut().unwrap().retain(|_, v| *v != "absent");
    all.as_object().unwrap().clone()
}

fn read(changes: Value) -> Result<(Params, String, Timestamp), OAuthError> {
    let client = partner(json!({}));
    let rules = Rules {
        client: &client,
        issuer: ISSUER,
        signed: true,
        now: Timestamp::from_secs(NOW),
    };
    signed_params(&claims(changes), &rules)
}

#[test]
fn a_signed_request_says_all_of_itself() {
    let (params, jti, until) = read(json!({})).unwrap();
    assert_eq!(params.single("requested_expiry").unwrap(), Some("30"));
    assert_eq!((jti.as_str(), until.secs()), ("once", NOW + 300));
    for name in ["iss", "aud", "exp", "nbf", "iat", "jti"] {
        let error = read(json!({ name: "absent" })).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidRequest, "{name}");
    }
    for bad in [
        json!({"iss": "another"}),
        json!({"aud": "https://another.example"}),
        json!({"exp": NOW - 1}),
        json!({"exp": NOW + 70 * 60}),
        json!({"nbf": NOW + 600}),
        json!({"nbf": NOW - 70 * 60}),
        json!({"jti": ""}),
        json!({"sub": "rp"}),
    ] {
        assert_eq!(read(bad.clone()).unwrap_err().code, ErrorCode::InvalidRequest, "{bad}");
    }
}

#[test]
fn who_signs_signs_everything() {
    let keys = json!({"keys": [{"kty": "EC"}]});
    let signs = partner(json!({"backchannel_authentication_request_signing_alg": "ES256", "jwks": keys}));
    let check = |client: &Client, pairs: &[(&str, &str)]| {
        check_signed(client, &Params::from_pairs(pairs.iter().copied())).is_ok()
    };
    assert!(!check(&signs, &[("login_hint", "kim")]));
    assert!(check(&signs, &[("request", "e30"), ("client_id", "rp")]));
    assert!(!check(&signs, &[("request", "e30"), ("login_hint", "kim")]));
    assert!(check(&partner(json!({})), &[("login_hint", "kim")]));
}
