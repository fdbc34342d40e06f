//! Where an answer may go. Before a `ReturnAddress` exists, nothing can be redirected (RFC 9700 §4.11).

use super::client::Client;
use super::errors::OAuthError;
use super::params::{Params, encode};
use super::uri::same_redirect;
use super::words::{ResponseMode, ResponseType};

/// Bytes of `state`. It is stored with the request and travels in a URL.
pub const MAX_STATE_BYTES: usize = 4096;

/// An address that is registered for the client that asks; it knows how the answer travels and what is in every answer.
/// Deliberately not deserialisable: what was stored is checked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnAddress {
    redirect_uri: String,
    mode: ResponseMode,
    state: Option<String>,
    issuer: String,
}

/// How the web floor has to deliver an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// 303 to this URL (RFC 9700 §4.12: never 307).
    Redirect(String),
    /// A page that posts these fields by itself (OAuth 2.0 Form Post Response Mode §2).
    FormPost {
        action: String,
        fields: Vec<(String, String)>,
    },
}

/// What a partner is told, not yet on its way: only `send` makes a delivery of it, so that none forgets the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    redirect_uri: String,
    mode: ResponseMode,
    issuer: String,
    fields: Vec<(String, String)>,
}

impl Answer {
    /// Session Management 1.0 §2.
    #[must_use]
    pub fn with_session_state(mut self, state: Option<String>) -> Self {
        self.fields.extend(state.map(|s| ("session_state".to_owned(), s)));
        self
    }

    /// `sign` makes a JWT of the fields; it is called where the partner wants one (JARM §2.3).
    pub fn send<E>(mut self, sign: impl FnOnce(&[(String, String)]) -> Result<String, E>) -> Result<Delivery, E> {
        if self.mode.is_signed() {
            // JARM §2.3: `response` alone; the issuer is a claim in it.
            self.fields = vec![("response".to_owned(), sign(&self.fields)?)];
        } else {
            // RFC 9207 §2: in every authorization response, errors included.
            self.fields.push(("iss".to_owned(), self.issuer.clone()));
        }
        let encoded = || encode(self.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        Ok(match self.mode.road() {
            ResponseMode::Query => Delivery::Redirect(with_query(&self.redirect_uri, &encoded())),
            ResponseMode::FormPost => Delivery::FormPost {
                action: self.redirect_uri,
                fields: self.fields,
            },
            _ => Delivery::Redirect(format!("{}#{}", self.redirect_uri, encoded())),
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("redirect_uri is not registered for this client")]
pub struct NotRegistered;

impl ReturnAddress {
    /// The only way to an address.
    pub fn registered(
        client: &Client,
        redirect_uri: &str,
        mode: ResponseMode,
        state: Option<String>,
        issuer: &str,
    ) -> Result<Self, NotRegistered> {
        // OIDC Core §3.1.2.1, RFC 9700 §2.1: exactly one of the registered strings.
        let known = |registered: &String| same_redirect(registered, redirect_uri, client.application_type);
        if !client.metadata.redirect_uris.iter().any(known) {
            return Err(NotRegistered);
        }
        Ok(Self {
            redirect_uri: redirect_uri.to_owned(),
            mode,
            state,
            issuer: issuer.to_owned(),
        })
    }

    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }
    pub fn mode(&self) -> ResponseMode {
        self.mode
    }
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// A refusal (RFC 6749 §4.1.2.1).
    pub fn error(&self, error: &OAuthError) -> Answer {
        let mut fields = vec![("error".to_owned(), error.code.as_str().to_owned())];
        if !error.description().is_empty() {
            fields.push(("error_description".to_owned(), error.description().to_owned()));
        }
        self.answer(fields)
    }

    /// A positive answer; `id_token` for hybrid clients (OIDC Core §3.3.2.5).
    pub fn code(&self, code: &str, id_token: Option<&str>) -> Answer {
        let mut fields = vec![("code".to_owned(), code.to_owned())];
        fields.extend(id_token.map(|t| ("id_token".to_owned(), t.to_owned())));
        self.answer(fields)
    }

    fn answer(&self, mut fields: Vec<(String, String)>) -> Answer {
        // RFC 6749 §4.1.2: state comes back as it was received.
        fields.extend(self.state.iter().map(|s| ("state".to_owned(), s.clone())));
        Answer {
            redirect_uri: self.redirect_uri.clone(),
            mode: self.mode,
            issuer: self.issuer.clone(),
            fields,
        }
    }
}

/// Adds to the query that the address already has: RFC 6749 §3.1.2, it MUST be retained.
pub(super) fn with_query(uri: &str, encoded: &str) -> String {
    let joint = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{uri}{joint}{encoded}")
}

/// How an error travels while the request is not understood yet: as the client asked if that is safe, else as the
/// response type that it named would have travelled.
pub(super) fn mode_for_errors(params: &Params) -> ResponseMode {
    let response_type = params.single("response_type").ok().flatten().unwrap_or("code");
    // OAuth 2.0 Multiple Response Types §5: whatever has a token in it defaults to the fragment, errors too,
    // also where we do not support the type.
    let front_channel = response_type.split(' ').any(|t| t == "token" || t == "id_token");
    let default = match ResponseType::parse(response_type) {
        Some(known) => known.default_mode(),
        None if front_channel => ResponseMode::Fragment,
        None => ResponseMode::Query,
    };
    let asked = params.single("response_mode").ok().flatten();
    match asked
        .and_then(ResponseMode::from_word)
        .map(|m| m.resolved(front_channel))
    {
        Some(asked) if front_channel && asked.road() == ResponseMode::Query => {
            if asked.is_signed() {
                ResponseMode::FragmentJwt
            } else {
                default
            }
        }
        Some(asked) => asked,
        None => default,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ErrorCode;
    use crate::protocol::authorize::tests::client;
    use serde_json::json;

    impl Answer {
        /// Where nothing is to be signed.
        pub fn plain(self) -> Delivery {
            self.send(|_| Err("signed")).unwrap()
        }
    }

    fn address(uri: &str, mode: ResponseMode, state: Option<&str>) -> ReturnAddress {
        let client = client(json!({"redirect_uris": [uri], "application_type": "native"}));
        ReturnAddress::registered(&client, uri, mode, state.map(str::to_owned), "https://op.example").unwrap()
    }

    #[test]
    fn answers_carry_state_and_issuer_in_every_mode() {
        let refusal = OAuthError::new(ErrorCode::LoginRequired, "no session");
        let query = "error=login_required&error_description=no+session&state=a%26b%3D1&iss=https%3A%2F%2Fop.example";
        for (uri, mode, expected) in [
            (
                "https://rp.example/cb",
                ResponseMode::Query,
                format!("https://rp.example/cb?{query}"),
            ),
            (
                "https://rp.example/cb?x=1",
                ResponseMode::Query,
                format!("https://rp.example/cb?x=1&{query}"),
            ),
            (
                "https://rp.example/cb?",
                ResponseMode::Query,
                format!("https://rp.example/cb?{query}"),
            ),
            (
                "https://rp.example/cb?x=1",
                ResponseMode::Fragment,
                format!("https://rp.example/cb?x=1#{query}"),
            ),
            (
                "com.example.app:/cb",
                ResponseMode::Query,
                format!("com.example.app:/cb?{query}"),
            ),
        ] {
            let delivery = address(uri, mode, Some("a&b=1")).error(&refusal).plain();
            assert_eq!(delivery, Delivery::Redirect(expected));
        }
        assert_eq!(
            address("https://rp.example/cb", ResponseMode::FormPost, None)
                .code("c0de", Some("jwt"))
                .plain(),
            Delivery::FormPost {
                action: "https://rp.example/cb".to_owned(),
                fields: [("code", "c0de"), ("id_token", "jwt"), ("iss", "https://op.example")]
                    .map(|(n, v)| (n.to_owned(), v.to_owned()))
                    .to_vec(),
            }
        );
    }

    #[test]
    fn a_signed_answer_is_one_parameter_on_the_road_that_was_asked_for() {
        let sign = |fields: &[(String, String)]| {
            let names: Vec<&str> = fields.iter().map(|(n, _)| n.as_str()).collect();
            assert_eq!(names, ["code", "state"], "the issuer is a claim of the JWT");
            Ok::<_, ()>("a.b.c".to_owned())
        };
        let uri = "https://rp.example/cb?x=1";
        let sent = |mode| address(uri, mode, Some("st")).code("c0de", None).send(sign).unwrap();
        assert_eq!(
            sent(ResponseMode::QueryJwt),
            Delivery::Redirect(format!("{uri}&response=a.b.c"))
        );
        assert_eq!(
            sent(ResponseMode::FragmentJwt),
            Delivery::Redirect(format!("{uri}#response=a.b.c"))
        );
        assert_eq!(
            sent(ResponseMode::FormPostJwt),
            Delivery::FormPost {
                action: uri.to_owned(),
                fields: vec![("response".to_owned(), "a.b.c".to_owned())],
            }
        );
        let failed = address(uri, ResponseMode::QueryJwt, None)
            .code("c0de", None)
            .send(|_| Err("no key"));
        assert_eq!(failed, Err("no key"));
    }

    #[test]
    fn there_is_no_address_that_is_not_registered() {
        let client = client(json!({"redirect_uris": ["https://rp.example/cb"]}));
        for uri in [
            "https://rp.example/cb?x=1",
            "https://rp.example/CB",
            "https://evil.example/",
            "",
        ] {
            let refused = ReturnAddress::registered(&client, uri, ResponseMode::Query, None, "https://op.example");
            assert_eq!(refused, Err(NotRegistered), "{uri}");
        }
    }

    #[test]
    fn errors_travel_as_the_answer_would_have() {
        for (response_type, response_mode, expected) in [
            ("", "", ResponseMode::Query),
            ("code", "", ResponseMode::Query),
            ("code", "fragment", ResponseMode::Fragment),
            ("code", "form_post", ResponseMode::FormPost),
            ("code", "nonsense", ResponseMode::Query),
            ("code", "jwt", ResponseMode::QueryJwt),
            ("code", "form_post.jwt", ResponseMode::FormPostJwt),
            ("code id_token", "jwt", ResponseMode::FragmentJwt),
            ("code id_token", "query.jwt", ResponseMode::FragmentJwt),
            ("token", "query.jwt", ResponseMode::FragmentJwt),
            ("code id_token", "", ResponseMode::Fragment),
            ("code id_token", "query", ResponseMode::Fragment),
            ("token", "", ResponseMode::Fragment),
            ("id_token token", "query", ResponseMode::Fragment),
            ("nonsense", "", ResponseMode::Query),
        ] {
            let params = Params::from_pairs([("response_type", response_type), ("response_mode", response_mode)]);
            assert_eq!(mode_for_errors(&params), expected, "{response_type} {response_mode}");
        }
    }
}
