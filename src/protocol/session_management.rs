//! Session Management 1.0: what a partner's page compares, to see whether somebody is still signed in.

use url::Url;

use crate::base::ClientId;
use crate::base::encoding::{base64url, sha256};

/// `session_state` of an authorization response (§2), as `static/check-session.js` computes it again:
/// base64url(SHA-256(client, space, origin, space, state of the browser, space, salt)), a dot, the salt.
/// `None` where the address is no web page: nobody there could ask.
pub fn session_state(client: &ClientId, redirect_uri: &str, browser_state: &str, salt: &str) -> Option<String> {
    let origin = Url::parse(redirect_uri).ok()?.origin();
    if !origin.is_tuple() {
        return None;
    }
    let said = format!("{client} {} {browser_state} {salt}", origin.ascii_serialization());
    Some(format!("{}.{salt}", base64url(&sha256(said.as_bytes()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_holds_for_one_client_origin_browser_and_salt() {
        let state = |client: &str, uri, browser, salt| session_state(&ClientId::new(client), uri, browser, salt);
        let known = state("rp", "https://rp.example/cb", "b", "s");
        // printf 'rp https://rp.example b s' | openssl dgst -sha256 -binary | basenc --base64url
        assert_eq!(known.as_deref(), Some("yhx7DxQsEvEkt6XLc_FlxsSJC_8dNDMWpAT_xNlNPCQ.s"));
        assert_eq!(known, state("rp", "https://RP.example:443/other?x=1", "b", "s"));
        for other in [
            state("rq", "https://rp.example/cb", "b", "s"),
            state("rp", "https://rp.example:8443/cb", "b", "s"),
            state("rp", "http://rp.example/cb", "b", "s"),
            state("rp", "https://rp.example/cb", "", "s"),
            state("rp", "https://rp.example/cb", "b", "t"),
        ] {
            assert!(other.is_some() && other != known);
        }
        assert_eq!(state("app", "com.example.app:/cb", "b", "s"), None);
    }
}
