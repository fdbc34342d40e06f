//! A phone that approves sign-ins: where messages reach it.

use serde::{Deserialize, Serialize};

use crate::base::encoding::{base64url, sha256};

/// Where a device's push service takes messages for it, in the words of the protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PushAddress {
    /// RFC 8030, with the keys of RFC 8291.
    Webpush {
        endpoint: String,
        p256dh: String,
        auth: String,
    },
    Apns {
        token: String,
    },
    Fcm {
        token: String,
    },
}

impl PushAddress {
    /// What it is found by when its push service says that it is gone.
    pub fn hash(&self) -> String {
        let at = match self {
            Self::Webpush { endpoint, .. } => endpoint,
            Self::Apns { token } | Self::Fcm { token } => token,
        };
        base64url(&sha256(at.as_bytes()))
    }
}
