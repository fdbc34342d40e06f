//! How a client gets tokens, and what the authorization endpoint answers it with.

use super::super::client::ClientMetadata;
use super::super::words::{AuthMethod, GrantType, ResponseType};
use super::{Check, ensure};

impl ClientMetadata {
    /// RFC 7591 §2.1: `grant_types` and `response_types` correspond.
    pub(super) fn check_grants(&self, auth: AuthMethod) -> Check<(Vec<GrantType>, Vec<ResponseType>)> {
        let asked = self.asked_grants()?;
        let browser = asked
            .as_ref()
            .is_none_or(|grants| grants.contains(&GrantType::AuthorizationCode));
        let response_types = self.check_response_types(browser)?;
        let hybrid = response_types.iter().any(|r| r.has_front_channel_token());
        let Some(grants) = asked else {
            let mut grants = vec![GrantType::AuthorizationCode];
            if hybrid {
                grants.push(GrantType::Implicit);
            }
            return Ok((grants, response_types));
        };
        ensure(browser || response_types.is_empty(), "grant_types", || {
            "must have authorization_code, because response_types has code".to_owned()
        })?;
        // An API that only asks what tokens are worth gets none itself.
        let only_asks = grants.is_empty() && !self.serves.is_empty();
        ensure(
            only_asks || grants.iter().any(|grant| grant.begins()),
            "grant_types",
            || "has nothing that begins with this client; authorization_code, say".to_owned(),
        )?;
        ensure(!hybrid || grants.contains(&GrantType::Implicit), "grant_types", || {
            "must have implicit, because response_types has code id_token (OIDC Registration §2)".to_owned()
        })?;
        let secret = grants.iter().find(|grant| grant.is_confidential());
        match secret.filter(|_| auth == AuthMethod::None) {
            Some(grant) => Err(("grant_types", format!("cannot have {grant} for a public client"))),
            None => Ok((grants, response_types)),
        }
    }

    fn asked_grants(&self) -> Check<Option<Vec<GrantType>>> {
        let Some(asked) = &self.grant_types else {
            return Ok(None);
        };
        let parse = |text: &String| {
            GrantType::from_word(text).ok_or_else(|| {
                let known: Vec<&str> = GrantType::ALL.iter().map(|g| g.as_str()).collect();
                let problem = format!("has {text:?}; supported are {}", known.join(", "));
                ("grant_types", problem)
            })
        };
        asked.iter().map(parse).collect::<Check<_>>().map(Some)
    }

    /// `browser`: does it send people to the authorization endpoint?
    fn check_response_types(&self, browser: bool) -> Check<Vec<ResponseType>> {
        let Some(asked) = &self.response_types else {
            return Ok(if browser { vec![ResponseType::Code] } else { Vec::new() });
        };
        let parse = |text: &String| {
            // RFC 9700 §2.1.2: no access token from the authorization endpoint.
            ResponseType::parse(text).ok_or_else(|| {
                let problem = format!("has {text:?}; supported are code and code id_token");
                ("response_types", problem)
            })
        };
        let types = asked.iter().map(parse).collect::<Check<Vec<_>>>()?;
        ensure(!browser || !types.is_empty(), "response_types", || {
            "is empty".to_owned()
        })?;
        Ok(types)
    }
}
