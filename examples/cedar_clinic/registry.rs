//! The state's registry of dispensed prescriptions: somebody else's API. It takes access tokens that are for it alone
//! (RFC 8707), decides for itself how well the person must have been proved, and says so (RFC 9470).

use std::time::Duration;

use openidconnect::AccessToken;
use reqwest::{StatusCode, header::WWW_AUTHENTICATE, redirect::Policy};
use serde::{Deserialize, Serialize};

const TIMEOUT: Duration = Duration::from_secs(10);
/// What the registry says where the person was proved too weakly, or too long ago (RFC 9470 §3).
const STEP_UP: &str = "insufficient_user_authentication";

pub struct Registry {
    /// Its address, which is also what its tokens are for.
    pub url: String,
    http: reqwest::Client,
}

/// One prescription that some pharmacy has filled.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Dispensed {
    pub drug: String,
    pub quantity: String,
    pub filled: String,
    pub pharmacy: String,
}

/// What a call needs beyond the token that came with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// Any of these, best first.
    pub acr_values: Vec<String>,
    /// Seconds.
    pub max_age: Option<u64>,
}

#[derive(Debug)]
pub enum Reply {
    History(Vec<Dispensed>),
    StepUp(Challenge),
    /// The token is not good there, or no longer.
    Rejected,
}

impl Registry {
    pub fn new(url: &str) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder().redirect(Policy::none()).timeout(TIMEOUT);
        Ok(Self {
            url: url.to_owned(),
            http: client.build()?,
        })
    }

    pub async fn history(&self, token: &AccessToken) -> Result<Reply, reqwest::Error> {
        let request = self.http.get(format!("{}/history", self.url));
        let answer = request.bearer_auth(token.secret()).send().await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(Reply::History(answer.error_for_status()?.json().await?));
        }
        let said = answer.headers().get_all(WWW_AUTHENTICATE).iter();
        let challenge = said.filter_map(|value| step_up(value.to_str().ok()?)).next();
        Ok(challenge.map_or(Reply::Rejected, Reply::StepUp))
    }
}

/// The challenge in a `WWW-Authenticate` of scheme Bearer, if it asks for a step-up.
fn step_up(header: &str) -> Option<Challenge> {
    let (scheme, rest) = header.split_once(' ')?;
    let parameters = parameters(rest);
    let get = |name: &str| parameters.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    if !scheme.eq_ignore_ascii_case("bearer") || get("error") != Some(STEP_UP) {
        return None;
    }
    Some(Challenge {
        acr_values: get("acr_values")
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        max_age: get("max_age").and_then(|age| age.parse().ok()),
    })
}

/// `name="value", name=token …` (RFC 9110 §11.2); what cannot be read ends it.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start_matches([' ', ',']);
    while let Some((name, after)) = rest.split_once('=') {
        let Some((value, left)) = value(after.trim_start()) else {
            break;
        };
        found.push((name.trim().to_ascii_lowercase(), value));
        rest = left.trim_start_matches([' ', ',']);
    }
    found
}

/// A quoted string or a token, and what comes after it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ']).unwrap_or(text.len());
        return Some((text.get(..end)?.to_owned(), text.get(end..)?));
    };
    let (mut value, mut escaped) = (String::new(), false);
    for (at, c) in quoted.char_indices() {
        match c {
            _ if escaped => (value.push(c), escaped = false).1,
            '\\' => escaped = true,
            '"' => return Some((value, quoted.get(at + 1..)?)),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_up_is_read_and_nothing_else_is_one() {
        let asked = step_up(
            "Bearer realm=\"a, \\\"b\\\"\", error=\"insufficient_user_authentication\", acr_values=\"x y\", max_age=300",
        );
        let expected = Challenge {
            acr_values: vec!["x".into(), "y".into()],
            max_age: Some(300),
        };
        assert_eq!(asked, Some(expected));
        for other in [
            "Bearer",
            "Bearer realm=\"a\"",
            "Bearer error=\"invalid_token\", acr_values=\"x\"",
            "Basic error=\"insufficient_user_authentication\"",
            "Bearer error=\"insufficient_user_authentication",
        ] {
            assert_eq!(step_up(other), None, "{other}");
        }
    }
}
