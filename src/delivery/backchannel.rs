//! To partners: that a session is over (Back-Channel Logout 1.0 §2.5).
//!
//! What waits in the outbox are the facts. The token is made when it leaves, at each try anew: it lives for two minutes, and
//! a try may come hours later. So `jti` never comes twice either, and nobody refuses a repetition as a replay.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::carrier::{Failure, Parcel};
use super::outbound::Outbound;
use super::wire;
use crate::base::{ClientId, Secret, SessionId, Timestamp, UserId};

/// Who is no longer signed in, and in which session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEnd {
    pub user: UserId,
    pub session: SessionId,
}

/// A notice as it leaves.
pub struct Notice {
    /// Where this partner wants to be told.
    pub address: String,
    pub logout_token: Secret<String>,
}

/// Who knows the partners and signs for them.
pub trait Partners: Send + Sync {
    /// As the partner is registered now; the error says why it is told nothing.
    fn notice(&self, partner: &ClientId, end: &SessionEnd, now: Timestamp) -> Result<Notice, String>;
}

pub struct Backchannel {
    partners: Arc<dyn Partners>,
    outbound: Outbound,
}

/// What a message to a partner is about.
pub(super) fn read(body: &str) -> Option<SessionEnd> {
    serde_json::from_str(body).ok()
}

impl Backchannel {
    pub(super) fn new(partners: Arc<dyn Partners>, outbound: Outbound) -> Self {
        Self { partners, outbound }
    }

    /// §2.8: 200 is success; 204 and the like are what frameworks make of it.
    pub(super) async fn deliver(&self, parcel: &Parcel<'_>) -> Result<(), Failure> {
        let end = read(&parcel.message.body).ok_or_else(|| Failure::permanent("it names no session"))?;
        let partner = ClientId::new(&parcel.message.to);
        let notice = self
            .partners
            .notice(&partner, &end, parcel.now)
            .map_err(Failure::permanent)?;
        let request = self
            .outbound
            .post(&notice.address)
            .map_err(|e| Failure::permanent(e.to_string()))?;
        let form = [("logout_token", notice.logout_token.expose().as_str())];
        wire::send(request.form(&form), parcel.now).await?.judge(None)
    }
}
