//! For whom an access token is, and what that means for it (RFC 8707).

use super::provider::Provider;
use crate::base::Seconds;
use crate::model::{Resource, Workspace};
use crate::protocol::audience::Audience;
use crate::protocol::client::Client;
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::resource::check_permitted;
use crate::protocol::scope::Scopes;
use crate::protocol::words::TokenFormat;

/// Seen by the registration of the client and the resources as they are now.
#[derive(Clone, Debug)]
pub struct Target {
    pub audience: Audience,
    pub lifetime: Seconds,
    pub format: TokenFormat,
    /// The scopes that mean something there; `None`: the issuer's own, where all of them may stand.
    knows: Option<Scopes>,
}

impl Target {
    pub fn of(op: &Provider, workspace: &Workspace, client: &Client, resources: &[String]) -> Result<Self, OAuthError> {
        check_permitted(resources, client)?;
        let known: Vec<&Resource> = resources
            .iter()
            .filter_map(|uri| workspace.resources.get(uri))
            .collect();
        let mine = client.access_token_lifetime;
        let theirs = known.iter().filter_map(|r| r.access_token_lifetime);
        let said = known.iter().filter_map(|r| r.format);
        Ok(Self {
            // RFC 9068 §2.2: without a resource indicator a default one; ours is the issuer, whose userinfo it opens.
            audience: Audience::of(resources.to_vec()).unwrap_or_else(|| Audience::One(op.issuer.url.clone())),
            lifetime: theirs.fold(mine, Seconds::min),
            // Of several with different words the more careful: one that says nothing tells nothing to the wrong one.
            format: said.reduce(careful).unwrap_or(client.access_token_format),
            knows: (!known.is_empty())
                .then(|| known.iter().flat_map(|r| r.scopes.iter().map(String::as_str)).collect()),
        })
    }

    /// What of these scopes a token for it carries.
    pub fn scope(&self, granted: &Scopes) -> Result<Scopes, OAuthError> {
        let scope = self
            .knows
            .as_ref()
            .map_or_else(|| granted.clone(), |knows| granted.common(knows));
        if scope.is_empty() {
            // RFC 6749 §3.3.
            return Err(OAuthError::new(
                ErrorCode::InvalidScope,
                "the resource knows none of these scopes",
            ));
        }
        Ok(scope)
    }
}

fn careful(a: TokenFormat, b: TokenFormat) -> TokenFormat {
    if a == TokenFormat::Opaque { a } else { b }
}

/// Could there be a token for what is asked? Said when it is asked, not only when a code is redeemed.
pub fn check(
    op: &Provider,
    workspace: &Workspace,
    client: &Client,
    asked: (&[String], &Scopes),
) -> Result<(), OAuthError> {
    let (resources, scope) = asked;
    Target::of(op, workspace, client, resources)?.scope(scope).map(drop)
}
