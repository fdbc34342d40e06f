//! One authorization request on its way through the pages.
//!
//! ```text
//!            name typed            a factor proved
//!   Asked ───────────────► Named ─────────────────► Bound ──► finished (code, or error to the partner)
//!     │        a factor proved (name and password)    ▲ │
//!     ├───────────────────────────────────────────────┘ │ consent given: Bound { consented }
//!     └── a session is there, and not asked to choose ──┘
//! ```
//! `finished_at` is written once, by one guarded UPDATE, in the transaction that mints the code.

use serde::{Deserialize, Serialize};

use crate::base::{AuthorizationId, CeremonyId, ClientId, Seconds, Timestamp, UserId};
use crate::protocol::authorize::AuthorizationRequest;

/// How long a person may take on our pages.
pub const AUTHORIZATION_LIFETIME: Seconds = Seconds::minutes(30);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    /// Nobody is known yet.
    Asked,
    /// A name was typed; whether it is anybody's is not said until something is proved.
    Named { name: String },
    /// It is about this person: nobody else may finish it.
    Bound {
        user: UserId,
        #[serde(default)]
        consented: bool,
    },
}

impl Stage {
    pub const fn user(&self) -> Option<&UserId> {
        match self {
            Self::Bound { user, .. } => Some(user),
            Self::Asked | Self::Named { .. } => None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Authorization {
    pub id: AuthorizationId,
    /// The browser that may go on with it; bound at the first page when it came by a cross-site POST.
    pub browser_hash: Option<String>,
    pub client: ClientId,
    /// Nobody else may finish it: from `id_token_hint` or a demanded `sub` (OIDC Core §3.1.2.2).
    pub subject: Option<UserId>,
    pub request: AuthorizationRequest,
    pub stage: Stage,
    /// What is proved on the way belongs to this ceremony.
    pub ceremony: CeremonyId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

impl Authorization {
    pub const fn expired(&self, now: Timestamp) -> bool {
        now.micros() >= self.expires_at.micros()
    }
}
