//! What a proof of possession has to say (RFC 9449 §4). Who signed it, and whether it is new, is found out elsewhere.

use serde_json::{Map, Value};
use url::Url;

use crate::base::encoding::{base64url, from_base64url, same, sha256};
use crate::base::{Seconds, Timestamp};

use super::client_auth::{MAX_JTI_BYTES, number};
use super::errors::{ErrorCode, OAuthError};
use super::params::Params;

/// RFC 9449 §4.1.
pub const HEADER: &str = "DPoP";
/// RFC 9449 §8.
pub const NONCE_HEADER: &str = "DPoP-Nonce";
/// RFC 9449 §4.2.
pub const TYP: &str = "dpop+jwt";
/// A proof is made for one request that follows at once. So long its `jti` is remembered.
pub const PROOF_LIFETIME: Seconds = Seconds(60);
/// How far ahead the client's clock may be. FAPI 2.0 §5.3.2.1: 10 s must be taken, above 60 s refused. A little more than
/// that, so that ten seconds by another clock are not eleven by ours.
pub const MAX_AHEAD: Seconds = Seconds(15);

/// A request, as far as a proof is about it.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// Every DPoP header.
    pub headers: Vec<&'a str>,
    pub method: &'a str,
    /// Where the request went, by the names that we are known by: a proxy may have changed the host.
    pub url: String,
    /// The same below the name for clients with certificates (RFC 8705 §5), where there is one.
    pub alias: Option<String>,
    /// The thumbprint of the certificate that the connection shows (RFC 8705 §3.1).
    pub certificate: Option<String>,
}

impl Shown<'_> {
    /// The one proof; `None`: the client shows no key.
    pub fn proof(&self) -> Result<Option<&str>, OAuthError> {
        match self.headers.as_slice() {
            [] => Ok(None),
            [proof] => Ok(Some(proof)),
            // RFC 9449 §4.3, 1.
            _ => Err(invalid("there is more than one")),
        }
    }
}

/// A proof that fits its request; its `jti` has still to be new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    pub jti: String,
    pub nonce: Option<String>,
    /// Remember `jti` until then.
    pub forget_after: Timestamp,
}

/// `invalid_dpop_proof` (RFC 9449 §5).
pub fn invalid(what: impl std::fmt::Display) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidDpopProof, format!("DPoP proof: {what}"))
}

/// The claims of a proof whose signature was verified (RFC 9449 §4.3). `access_token`: which one comes with it.
pub fn check(
    claims: &Map<String, Value>,
    shown: &Shown<'_>,
    access_token: Option<&str>,
    now: Timestamp,
) -> Result<Sound, OAuthError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    // RFC 9449 §4.3, 8 and 9.
    if text("htm") != Some(shown.method) {
        return Err(invalid("htm is not the method of this request"));
    }
    let ours = |htu: &str| same_target(htu, &shown.url) || shown.alias.as_ref().is_some_and(|a| same_target(htu, a));
    if !text("htu").is_some_and(ours) {
        return Err(invalid("htu is not the address of this request"));
    }
    let iat = number(claims.get("iat"))
        .map_err(invalid)?
        .ok_or_else(|| invalid("iat is missing"))?;
    // RFC 9449 §4.3, 11.
    if iat + PROOF_LIFETIME.0 < now.secs() {
        return Err(invalid("iat is too long ago"));
    }
    if iat > now.secs() + MAX_AHEAD.0 {
        return Err(invalid("iat is in the future"));
    }
    if let Some(token) = access_token {
        // RFC 9449 §4.3, 12.
        let hash = base64url(&sha256(token.as_bytes()));
        if !text("ath").is_some_and(|ath| same(ath.as_bytes(), hash.as_bytes())) {
            return Err(invalid("ath is not the hash of the access token"));
        }
    }
    let nonce = match claims.get("nonce") {
        None => None,
        Some(Value::String(nonce)) => Some(nonce.clone()),
        Some(_) => return Err(invalid("nonce must be a text")),
    };
    match text("jti") {
        Some(jti) if (1..=MAX_JTI_BYTES).contains(&jti.len()) => Ok(Sound {
            jti: jti.to_owned(),
            nonce,
            forget_after: Timestamp::from_secs(iat + PROOF_LIFETIME.0 + 1),
        }),
        _ => Err(invalid("jti is missing or too long")),
    }
}

/// RFC 9449 §4.3, 9: without query and fragment, after the normalisation of RFC 3986 §6.2.2 and §6.2.3.
fn same_target(htu: &str, url: &str) -> bool {
    matches!((normal(htu), normal(url)), (Some(a), Some(b)) if a == b)
}

/// The parser lowers scheme and host, drops the default port and resolves dots; escapes it leaves as they are.
fn normal(text: &str) -> Option<String> {
    // It also forgives white space and backslashes, which two readers could read in two ways.
    if !text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') {
        return None;
    }
    // And any number of slashes before the host.
    let (_, after) = text.split_once("://")?;
    if after.starts_with('/') {
        return None;
    }
    let mut url = Url::parse(text).ok().filter(Url::has_host)?;
    url.set_query(None);
    url.set_fragment(None);
    Some(unescaped(url.as_str()))
}

/// RFC 3986 §6.2.2.1 and §6.2.2.2: escapes in capitals, and none where none is needed.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let escaped = part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (escaped, part.get(..2), part.get(2..)) {
            (Some(byte), _, Some(rest)) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                out.push(char::from(byte));
                out.push_str(rest);
            }
            (Some(_), Some(hex), Some(rest)) => out.extend(["%", hex.to_ascii_uppercase().as_str(), rest]),
            _ => out.extend(["%", part]),
        }
    }
    out
}

/// The key that a code is to be bound to (RFC 9449 §10): a SHA-256 thumbprint (RFC 7638).
pub fn jkt(params: &Params) -> Result<Option<String>, OAuthError> {
    match params.single("dpop_jkt")? {
        Some(jkt) if from_base64url(jkt).is_none_or(|hash| hash.len() != 32) => Err(OAuthError::invalid_request(
            "dpop_jkt is no SHA-256 thumbprint in base64url",
        )),
        other => Ok(other.map(str::to_owned)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::dpop;
    use proptest::prelude::*;
    use serde_json::json;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn shown() -> Shown<'static> {
        Shown {
            headers: vec!["proof"],
            method: "POST",
            url: "https://op.example/token".to_owned(),
            alias: Some("https://mtls.op.example/token".to_owned()),
            certificate: None,
        }
    }

    fn judge(other: Value, access_token: Option<&str>) -> Result<Sound, OAuthError> {
        let mut claims = json!({"htm": "POST", "htu": "https://op.example/token", "iat": NOW.secs(), "jti": "j"});
        for (name, value) in other.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let mut claims = claims.as_object().unwrap().clone();
        claims.retain(|_, value| !value.is_null());
        check(&claims, &shown(), access_token, NOW)
    }

    #[test]
    fn a_proof_is_about_one_request_and_one_moment() {
        let now = NOW.secs();
        for good in [
            json!({}),
            json!({"iat": now - 60}),
            json!({"iat": now + 15}),
            json!({"iat": now as f64 + 0.5}),
            json!({"nonce": "n", "exp": now + 300}),
        ] {
            assert!(judge(good.clone(), None).is_ok(), "{good}");
        }
        for bad in [
            json!({"htm": "post"}),
            json!({"htm": "GET"}),
            json!({"htm": null}),
            json!({"htu": null}),
            json!({"htu": 7}),
            json!({"iat": now - 61}),
            json!({"iat": now + 16}),
            json!({"iat": "now"}),
            json!({"iat": 1e300}),
            json!({"iat": null}),
            json!({"jti": null}),
            json!({"jti": ""}),
            json!({"jti": 5}),
            json!({"jti": "x".repeat(MAX_JTI_BYTES + 1)}),
            json!({"nonce": 5}),
        ] {
            let refused = judge(bad.clone(), None).unwrap_err();
            assert_eq!(refused.code, ErrorCode::InvalidDpopProof, "{bad}");
        }
        // It is remembered for as long as it could be taken.
        let sound = judge(json!({"iat": now + 15}), None).unwrap();
        assert!(sound.forget_after > NOW.plus(Seconds(75)));
    }

    #[test]
    fn a_proof_names_the_token_that_comes_with_it() {
        let ath = |token: &str| json!({"ath": base64url(&sha256(token.as_bytes()))});
        assert!(judge(ath("token"), Some("token")).is_ok());
        for bad in [ath("another"), json!({}), json!({"ath": "token"}), json!({"ath": ""})] {
            assert!(judge(bad, Some("token")).is_err());
        }
    }

    #[test]
    fn addresses_are_compared_by_what_they_mean() {
        for same in [
            "https://op.example/token",
            "HTTPS://OP.example:443/token",
            "https://op.example/token?a=b#c",
            "https://op.example/x/../token",
            "https://op.example/%74oken",
            "https://mtls.op.example/token",
        ] {
            assert!(judge(json!({"htu": same}), None).is_ok(), "{same}");
        }
        for other in [
            "",
            "/token",
            "http://op.example/token",
            "https://mtls.op.example/userinfo",
            "https://op.example/Token",
            "https://op.example/token/",
            "https://op.example:8443/token",
            "https://op.example.evil.example/token",
            "https://user@op.example/token",
            "https://op.example\\token",
            " https://op.example/token",
            "https://op.example/token%2f",
            "https://op.example/userinfo",
            "data:token",
            "https:///op.example/token",
            "https:op.example/token",
        ] {
            assert!(judge(json!({"htu": other}), None).is_err(), "{other}");
        }
        assert!(same_target(
            "https://a.example/%c3%A9",
            "https://a.example/é".replace('é', "%C3%a9").as_str()
        ));
    }

    #[test]
    fn one_proof_or_none() {
        let with = |headers: Vec<&'static str>| Shown { headers, ..shown() };
        assert_eq!(with(vec![]).proof(), Ok(None));
        assert_eq!(with(vec!["a"]).proof(), Ok(Some("a")));
        assert!(with(vec!["a", "a"]).proof().is_err());
    }

    #[test]
    fn a_thumbprint_is_32_bytes() {
        let ask = |text: &str| jkt(&Params::from_pairs([("dpop_jkt", text)]));
        assert!(ask(&base64url(&[7; 32])).unwrap().is_some());
        for bad in [base64url(&[7; 31]), base64url(&[7; 33]), "x".repeat(43) + "="] {
            assert_eq!(ask(&bad).unwrap_err().code, ErrorCode::InvalidRequest, "{bad}");
        }
        let twice = Params::from_pairs([("dpop_jkt", "a"), ("dpop_jkt", "a")]);
        assert!(jkt(&twice).is_err());
        assert_eq!(jkt(&Params::default()), Ok(None));
    }

    // What the fuzzer checks as well.
    include!("../../fuzz/properties/dpop_proof.rs");

    proptest! {
        #[test]
        fn any_proof_is_about_this_request(
            htm in "POST|GET|post", htu in "https://op.example(:443)?/(token|x|%74oken)[?#]?a?|data:x", iat in 1_799_999_000..1_800_001_000_i64,
            jti in "[a-z]{0,2}", ath in proptest::option::of("[a-z]{0,2}"),
        ) {
            let claims = json!({"htm": htm, "htu": htu, "iat": iat, "jti": jti, "ath": ath});
            dpop_proof_property(claims.to_string().as_bytes());
        }

        #[test]
        fn any_address_gives_an_answer(text in "\\PC{0,60}", escaped in "https://a(%[0-9a-fA-F]{0,2}|[a-zé/]){0,9}") {
            let _ = same_target(&text, &text);
            let _ = (unescaped(&text), unescaped(&escaped), normal(&escaped));
        }
    }
}
