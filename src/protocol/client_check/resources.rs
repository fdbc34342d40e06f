//! Which APIs a client may have tokens for, and which it is. That they are known is checked where the workspace is put
//! together.

use super::super::client::ClientMetadata;
use super::super::words::AuthMethod;
use super::{Check, ensure};

impl ClientMetadata {
    pub(super) fn check_resources(&self, auth: AuthMethod) -> Check {
        // RFC 7662 §2.1: whoever asks what tokens are worth has to show who they are.
        ensure(auth != AuthMethod::None || self.serves.is_empty(), "serves", || {
            "is only for clients that authenticate".to_owned()
        })?;
        let nobody = self.may_act.as_deref() == Some("");
        ensure(!nobody, "may_act", || {
            "is empty: leave it out, or name somebody".to_owned()
        })
    }
}
