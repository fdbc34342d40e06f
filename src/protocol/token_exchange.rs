//! Token exchange (RFC 8693): one access token of ours for another, for somebody else, that never says or opens more.

use crate::base::Secret;

use super::bearer::MAX_ACCESS_TOKEN_BYTES;
use super::errors::OAuthError;
use super::params::Params;
use super::resource;
use super::scope::Scopes;

/// RFC 8693 §3. The only kind that is taken and given: of our ID tokens nothing is kept, so that nobody could take back
/// what came of one.
pub const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";

/// RFC 8693 §2.1.
#[derive(Clone, Debug)]
pub struct ExchangeRequest {
    /// Whom the new token speaks for.
    pub subject: Secret<String>,
    /// Who acts, if it is not the client itself.
    pub actor: Option<Secret<String>>,
    /// `resource` and `audience`: at least one.
    pub resources: Vec<String>,
    pub scope: Option<Scopes>,
}

impl ExchangeRequest {
    pub fn parse(params: &Params) -> Result<Self, OAuthError> {
        let subject = Secret::from(params.required("subject_token")?);
        typed("subject_token_type", params.required("subject_token_type")?)?;
        let actor = params.single("actor_token")?.map(Secret::from);
        match (&actor, params.single("actor_token_type")?) {
            (Some(_), Some(kind)) => typed("actor_token_type", kind)?,
            (Some(_), None) => return Err(OAuthError::invalid_request("parameter actor_token_type is missing")),
            // RFC 8693 §2.1: MUST NOT be included without an actor token.
            (None, Some(_)) => return Err(OAuthError::invalid_request("actor_token_type without actor_token")),
            (None, None) => {}
        }
        if let Some(kind) = params.single("requested_token_type")? {
            typed("requested_token_type", kind)?;
        }
        if [Some(&subject), actor.as_ref()]
            .into_iter()
            .flatten()
            .any(|token| token.expose().len() > MAX_ACCESS_TOKEN_BYTES)
        {
            return Err(OAuthError::invalid_request("a token is longer than any of ours"));
        }
        let named = resource::asked(params)?;
        let resources = resource::distinct(named.iter().map(String::as_str).chain(params.all("audience")))?;
        if resources.is_empty() {
            return Err(OAuthError::invalid_request("resource or audience must say for whom"));
        }
        Ok(Self {
            subject,
            actor,
            resources,
            scope: params.single("scope")?.map(Scopes::parse).transpose()?,
        })
    }
}

fn typed(name: &str, kind: &str) -> Result<(), OAuthError> {
    if kind == ACCESS_TOKEN_TYPE {
        Ok(())
    } else {
        // RFC 8693 §2.2.2.
        Err(OAuthError::invalid_request(format!(
            "{name} must be {ACCESS_TOKEN_TYPE}"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::errors::ErrorCode;

    const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";

    fn read(changes: &[(&'static str, Option<&str>)]) -> Result<ExchangeRequest, OAuthError> {
        let mut pairs = vec![
            ("subject_token", "s.u.b"),
            ("subject_token_type", ACCESS_TOKEN_TYPE),
            ("resource", "https://b.example"),
        ];
        for (name, value) in changes {
            pairs.retain(|(n, _)| n != name);
            pairs.extend(value.map(|value| (*name, value)));
        }
        ExchangeRequest::parse(&Params::from_pairs(pairs))
    }

    #[test]
    fn requests_are_read() {
        let plain = read(&[]).unwrap();
        assert!(!format!("{plain:?}").contains("s.u.b"));
        assert_eq!(
            (plain.subject.expose().as_str(), plain.actor.is_none()),
            ("s.u.b", true)
        );
        let full = read(&[
            ("actor_token", Some("a.c.t")),
            ("actor_token_type", Some(ACCESS_TOKEN_TYPE)),
            ("requested_token_type", Some(ACCESS_TOKEN_TYPE)),
            ("audience", Some("https://c.example")),
            ("scope", Some("orders")),
        ])
        .unwrap();
        assert_eq!(full.resources, ["https://b.example", "https://c.example"]);
        assert_eq!(full.actor.unwrap().expose(), "a.c.t");
        let twice = read(&[("audience", Some("https://b.example"))]).unwrap();
        assert_eq!(twice.resources, ["https://b.example"]);
        let alone = read(&[("resource", None), ("audience", Some("https://c.example"))]).unwrap();
        assert_eq!(alone.resources, ["https://c.example"]);
    }

    #[test]
    fn every_refusal_has_its_code() {
        use ErrorCode::{InvalidRequest, InvalidScope, InvalidTarget};
        let long = "x".repeat(MAX_ACCESS_TOKEN_BYTES + 1);
        for (changes, code) in [
            (&[("subject_token", None)][..], InvalidRequest),
            (&[("subject_token", Some(""))], InvalidRequest),
            (&[("subject_token", Some(&long))], InvalidRequest),
            (&[("subject_token_type", None)], InvalidRequest),
            (&[("subject_token_type", Some(ID_TOKEN))], InvalidRequest),
            (&[("requested_token_type", Some(ID_TOKEN))], InvalidRequest),
            (&[("actor_token", Some("a"))], InvalidRequest),
            (&[("actor_token_type", Some(ACCESS_TOKEN_TYPE))], InvalidRequest),
            (
                &[("actor_token", Some("a")), ("actor_token_type", Some(ID_TOKEN))],
                InvalidRequest,
            ),
            (&[("resource", None)], InvalidRequest),
            (&[("resource", Some("/v1"))], InvalidTarget),
            (&[("scope", Some("\""))], InvalidScope),
        ] {
            assert_eq!(read(changes).unwrap_err().code, code, "{changes:?}");
        }
    }
}
