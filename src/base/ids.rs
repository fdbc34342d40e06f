//! Identifiers. Each is its own type, so that a session can never be passed where a user is meant.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Entropy;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// 128 random bits.
            pub fn random(entropy: &dyn Entropy) -> Self {
                Self(entropy.id())
            }
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    )*};
}

id! {
    /// A person in a pool. It is the `sub` of public subject types (OIDC Core §8).
    UserId,
    /// An OAuth client; operators choose the text.
    ClientId,
    /// One enrolled instance of a method.
    AuthenticatorId,
    /// One browser session. It is the `sid` of ID tokens.
    SessionId,
    /// One uninterrupted act of authentication.
    CeremonyId,
    /// One successful verification.
    EventId,
    /// One authorization request on its way through the pages.
    AuthorizationId,
    /// What a client was granted: the family that codes and refresh tokens descend from.
    GrantId,
    /// One signing key (`kid`).
    KeyId,
    /// One message in the outbox.
    MessageId,
    /// What a person can read to support, and an operator can find in log and audit.
    ReferenceId,
}
