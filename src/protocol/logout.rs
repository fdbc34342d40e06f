//! RP-Initiated Logout 1.0: what a partner may ask at `/logout`, and where the browser may go afterwards.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::base::{ClientId, Seconds, SessionId, Timestamp, UserId};

use super::authorize::MAX_HINT_BYTES;
use super::client::Client;
use super::errors::OAuthError;
use super::params::{Params, encode};
use super::redirect::{MAX_STATE_BYTES, with_query};
use super::subject::Subject;

/// Back-Channel Logout 1.0 §2.4 recommends at most two minutes.
pub const LOGOUT_TOKEN_LIFETIME: Seconds = Seconds(120);
/// `typ` of its JOSE header (§2.4).
pub const LOGOUT_TOKEN_TYP: &str = "logout+jwt";
/// The member of `events` (§2.4).
pub const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The parameters, by GET or POST (RP-Initiated Logout §2). Kept while the person is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutRequest {
    /// Verify its signature and issuer; an expired one is accepted (§2).
    pub id_token_hint: Option<String>,
    pub logout_hint: Option<String>,
    pub client_id: Option<ClientId>,
    pub post_logout_redirect_uri: Option<String>,
    pub state: Option<String>,
    pub ui_locales: Vec<String>,
}

/// What a verified `id_token_hint` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    pub sub: UserId,
    pub aud: ClientId,
    pub sid: Option<SessionId>,
}

/// Where the browser goes after logout: registered, or it does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AfterLogout {
    url: String,
}

impl AfterLogout {
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl LogoutRequest {
    pub fn parse(params: &Params) -> Result<Self, OAuthError> {
        let take = |name: &str, most: usize| match params.single(name)? {
            Some(text) if text.len() > most => Err(OAuthError::invalid_request(format!(
                "{name} is longer than {most} bytes"
            ))),
            other => Ok(other.map(str::to_owned)),
        };
        let locales = params.single("ui_locales")?.unwrap_or("");
        Ok(Self {
            id_token_hint: params.single("id_token_hint")?.map(str::to_owned),
            logout_hint: take("logout_hint", MAX_HINT_BYTES)?,
            client_id: params.single("client_id")?.map(ClientId::new),
            post_logout_redirect_uri: params.single("post_logout_redirect_uri")?.map(str::to_owned),
            state: take("state", MAX_STATE_BYTES)?,
            ui_locales: locales
                .split(' ')
                .filter(|l| !l.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    }

    /// Which client asks; `None`: nobody says.
    pub fn client<'a>(&'a self, hint: Option<&'a Hint>) -> Result<Option<&'a ClientId>, OAuthError> {
        match (&self.client_id, hint) {
            // §2: with both, the ID token must have been issued to this client.
            (Some(id), Some(hint)) if *id != hint.aud => Err(OAuthError::invalid_request(
                "id_token_hint was issued to another client",
            )),
            (Some(id), _) => Ok(Some(id)),
            (None, Some(hint)) => Ok(Some(&hint.aud)),
            (None, None) => Ok(None),
        }
    }

    /// The address to go to afterwards, with `state`. An address that is not registered, or of nobody, is an
    /// error for a page: §3, nobody is sent anywhere else.
    pub fn after(&self, client: Option<&Client>) -> Result<Option<AfterLogout>, OAuthError> {
        let Some(asked) = &self.post_logout_redirect_uri else {
            return Ok(None);
        };
        let client = client
            .ok_or_else(|| OAuthError::invalid_request("post_logout_redirect_uri needs id_token_hint or client_id"))?;
        // §3: exactly one of the registered values.
        if !client.metadata.post_logout_redirect_uris.contains(asked) {
            return Err(OAuthError::invalid_request(
                "post_logout_redirect_uri is not registered for this client",
            ));
        }
        let url = match &self.state {
            Some(state) => with_query(asked, &encode([("state", state.as_str())])),
            None => asked.clone(),
        };
        Ok(Some(AfterLogout { url }))
    }
}

/// Must the person confirm? Without a hint that fits their session, a link anywhere could log them out (§2, §6).
pub fn must_confirm(hint: Option<&Hint>, session: Option<(&UserId, &SessionId)>) -> bool {
    match (hint, session) {
        // Nobody is signed in: nothing to lose.
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(hint), Some((sub, sid))) => hint.sub != *sub || hint.sid.as_ref().is_some_and(|s| s != sid),
    }
}

/// Where a client's page ends what the browser holds of a session (Front-Channel Logout 1.0 §2).
pub fn front_channel(client: &Client, issuer: &str, sid: &SessionId) -> Option<String> {
    let uri = client.metadata.frontchannel_logout_uri.as_deref()?;
    if !client.metadata.frontchannel_logout_session_required {
        return Some(uri.to_owned());
    }
    Some(with_query(uri, &encode([("iss", issuer), ("sid", sid.as_str())])))
}

/// Of whom a logout token speaks (Back-Channel Logout §2.4).
#[derive(Clone, Copy, Debug)]
pub struct LogoutToken<'a> {
    pub issuer: &'a str,
    pub client: &'a ClientId,
    pub sub: &'a Subject,
    pub sid: Option<&'a SessionId>,
}

impl LogoutToken<'_> {
    /// Never with a nonce, so that it cannot pass for an ID token.
    pub fn claims(&self, jti: &str, now: Timestamp) -> Value {
        let mut claims = json!({
            "iss": self.issuer,
            "aud": self.client,
            "sub": self.sub,
            "iat": now.secs(),
            "exp": now.plus(LOGOUT_TOKEN_LIFETIME).secs(),
            "jti": jti,
            "events": { LOGOUT_EVENT: {} },
        });
        if let Some(sid) = self.sid {
            claims["sid"] = json!(sid);
        }
        claims
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::authorize::tests::client;
    use serde_json::json;

    fn request(pairs: &[(&str, &str)]) -> LogoutRequest {
        LogoutRequest::parse(&Params::from_pairs(pairs.iter().copied())).unwrap()
    }

    fn hint(sub: &str, aud: &str, sid: Option<&str>) -> Hint {
        Hint {
            sub: UserId::new(sub),
            aud: ClientId::new(aud),
            sid: sid.map(SessionId::new),
        }
    }

    #[test]
    fn the_browser_goes_only_to_registered_addresses() {
        let rp = client(json!({"post_logout_redirect_uris": ["https://rp.example/out", "https://rp.example/out?a=1"]}));
        let out = "https://rp.example/out";
        for (pairs, client, expected) in [
            (&[][..], Some(&rp), Ok(None)),
            (
                &[("post_logout_redirect_uri", out)],
                Some(&rp),
                Ok(Some("https://rp.example/out")),
            ),
            (
                &[("post_logout_redirect_uri", out), ("state", "a b")],
                Some(&rp),
                Ok(Some("https://rp.example/out?state=a+b")),
            ),
            (
                &[
                    ("post_logout_redirect_uri", "https://rp.example/out?a=1"),
                    ("state", "s"),
                ],
                Some(&rp),
                Ok(Some("https://rp.example/out?a=1&state=s")),
            ),
            (&[("post_logout_redirect_uri", out)], None, Err(())),
            (
                &[("post_logout_redirect_uri", "https://rp.example/out/")],
                Some(&rp),
                Err(()),
            ),
            (
                &[("post_logout_redirect_uri", "https://rp.example/cb")],
                Some(&rp),
                Err(()),
            ),
        ] {
            let after = request(pairs).after(client);
            let url = after.as_ref().map(|a| a.as_ref().map(AfterLogout::url)).map_err(|_| ());
            assert_eq!(url, expected, "{pairs:?}");
        }
    }

    #[test]
    fn the_client_of_the_hint_is_the_client() {
        let (rp, other) = (hint("u", "rp", None), hint("u", "other", None));
        let named = request(&[("client_id", "rp")]);
        assert_eq!(named.client(Some(&rp)).unwrap(), Some(&ClientId::new("rp")));
        assert!(named.client(Some(&other)).is_err());
        assert_eq!(request(&[]).client(Some(&other)).unwrap(), Some(&other.aud));
        assert_eq!(request(&[]).client(None).unwrap(), None);
    }

    #[test]
    fn whoever_is_not_named_by_the_hint_is_asked() {
        let (user, session) = (UserId::new("u"), SessionId::new("s"));
        let here = Some((&user, &session));
        for (hint, session, asked) in [
            (None, None, false),
            (None, here, true),
            (Some(hint("u", "rp", Some("s"))), here, false),
            (Some(hint("u", "rp", None)), here, false),
            (Some(hint("u", "rp", Some("old"))), here, true),
            (Some(hint("v", "rp", Some("s"))), here, true),
        ] {
            assert_eq!(must_confirm(hint.as_ref(), session), asked, "{hint:?}");
        }
    }

    #[test]
    fn malformed_requests_are_refused() {
        let long = "x".repeat(MAX_STATE_BYTES + 1);
        for pairs in [
            &[("state", "a"), ("state", "b")][..],
            &[("state", &long)],
            &[("logout_hint", &long)],
        ] {
            assert!(LogoutRequest::parse(&Params::from_pairs(pairs.iter().copied())).is_err());
        }
    }

    #[test]
    fn frames_name_the_session_where_the_client_wants_to_know() {
        let address = |members: Value| front_channel(&client(members), "https://op.example", &SessionId::new("s"));
        let uri = "https://rp.example/out?a=1";
        let plain = json!({"frontchannel_logout_uri": uri});
        assert_eq!(address(json!({})), None);
        assert_eq!(address(plain).as_deref(), Some(uri));
        let asking = json!({"frontchannel_logout_uri": uri, "frontchannel_logout_session_required": true});
        let whole = "https://rp.example/out?a=1&iss=https%3A%2F%2Fop.example&sid=s";
        assert_eq!(address(asking).as_deref(), Some(whole));
    }

    #[test]
    fn logout_tokens_say_who_and_which_session() {
        let token = LogoutToken {
            issuer: "https://op.example",
            client: &ClientId::new("rp"),
            sub: &serde_json::from_value(json!("u")).unwrap(),
            sid: Some(&SessionId::new("s")),
        }
        .claims("j", Timestamp::from_secs(10));
        assert_eq!(
            token,
            json!({"iss": "https://op.example", "aud": "rp", "sub": "u", "sid": "s", "iat": 10, "exp": 130, "jti": "j",
                   "events": {"http://schemas.openid.net/event/backchannel-logout": {}}})
        );
    }
}
