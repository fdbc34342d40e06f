//! What a client was granted, and by what evidence: frozen when the code is minted.

use serde::{Deserialize, Serialize};

use crate::base::{ClientId, GrantId, SessionId, Timestamp, UserId};
use crate::policy::FactorEvent;
use crate::protocol::authorize::AuthorizationRequest;

/// Never changed afterwards: refresh and silent renewal copy it (RFC 9068 §2.2.1, OIDC Core §12.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frozen {
    /// The request that was answered, without the hints that named the person.
    pub request: AuthorizationRequest,
    pub acr: String,
    /// An acr that was asked or demanded stands for one act: no refresh, short-lived tokens.
    pub one_act: bool,
    pub amr: Vec<String>,
    pub auth_time: Timestamp,
    /// The events behind the acr.
    pub events: Vec<FactorEvent>,
    /// The browser was a remembered one, which the partner's policy may let pass with less.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub remembered: bool,
    /// No browser was there, so there is no session that a token could name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub browserless: bool,
    /// When the request arrived: `max_age` and `prompt=login` are seen from there.
    pub arrived: Timestamp,
    /// The generation of the workspace that decided.
    pub policy_version: i64,
}

impl Grant {
    /// `sid` of its tokens (OIDC Front-Channel Logout 1.0 §3).
    pub fn sid(&self) -> Option<String> {
        (!self.frozen.browserless).then(|| self.session.to_string())
    }
}

#[derive(Clone, Debug)]
pub struct Grant {
    pub id: GrantId,
    pub client: ClientId,
    pub user: UserId,
    pub session: SessionId,
    pub frozen: Frozen,
    pub created_at: Timestamp,
    /// After this nothing may be renewed from it.
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}
