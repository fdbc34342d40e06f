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

use super::errand::Errand;
use crate::base::{AuthenticatorId, AuthorizationId, CeremonyId, ClientId, Seconds, Timestamp, UserId};
use crate::protocol::authorize::AuthorizationRequest;

/// How long a person may take on our pages.
pub const AUTHORIZATION_LIFETIME: Seconds = Seconds::minutes(30);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    /// Nobody is known yet.
    Asked,
    /// A name was typed; whether it is anybody's is not said until something is proved.
    Named {
        name: String,
        /// When a phone was asked, or seemed to be: see `journey::push::by_name`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phone_asked_at: Option<Timestamp>,
    },
    /// It is about this person: nobody else may finish it.
    Bound {
        user: UserId,
        #[serde(default)]
        consented: bool,
        /// What was set up on the way, if anything was.
        #[serde(default, skip_serializing_if = "SetUp::is_nothing")]
        set_up: SetUp,
    },
}

/// How far setting something up has come, where it is a part of this request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "set_up", rename_all = "snake_case")]
pub enum SetUp {
    #[default]
    Nothing,
    /// Done; its owner has not read so yet.
    Done { authenticator: AuthenticatorId },
    /// Done and read, or recommended and declined.
    Over,
}

impl SetUp {
    fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }
}

impl Stage {
    /// About this person, nothing more.
    pub const fn bound(user: UserId) -> Self {
        Self::Bound {
            user,
            consented: false,
            set_up: SetUp::Nothing,
        }
    }
    /// The same stage with another state of what is set up; `None` where nobody is known.
    pub fn with_set_up(&self, set_up: SetUp) -> Option<Self> {
        match self {
            Self::Bound { user, consented, .. } => Some(Self::Bound {
                user: user.clone(),
                consented: *consented,
                set_up,
            }),
            Self::Asked | Self::Named { .. } => None,
        }
    }
    pub const fn set_up(&self) -> &SetUp {
        match self {
            Self::Bound { set_up, .. } => set_up,
            Self::Asked | Self::Named { .. } => &SetUp::Nothing,
        }
    }
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
    /// What the person came for, if no partner sent them.
    pub errand: Option<Errand>,
    /// What is proved on the way belongs to this ceremony.
    pub ceremony: CeremonyId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// The pushed request that it came from (RFC 9126), by its hash; its end uses that up.
    pub pushed: Option<String>,
    /// The client's keys that its answer is encrypted to, as a JWK Set, where it wants that.
    pub encrypt_to: Option<String>,
    /// What a client polls for (RFC 8628, CIBA), by its hash; the answer goes there.
    pub deferred: Option<String>,
}

impl Authorization {
    pub const fn expired(&self, now: Timestamp) -> bool {
        now.micros() >= self.expires_at.micros()
    }
}
