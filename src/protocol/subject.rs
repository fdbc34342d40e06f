//! Whom a partner is told about: `sub` (OIDC Core §8).

use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};

use crate::base::UserId;
use crate::base::encoding::base64url;

use super::client::Client;

/// What a partner knows a person by. It is not who they are: inside, a person is a `UserId`, and `Subject::of` is the only
/// way from one to the other. (Read back, it is what stood in a token of ours.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Subject(String);

/// The secret of a workspace without which nobody can tell who is behind a pairwise subject. It never changes: everybody
/// would be somebody else.
pub struct PairwiseSalt(hmac::Key);

impl PairwiseSalt {
    pub const BYTES: usize = 32;

    pub fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }
}

impl Subject {
    pub fn of(user: &UserId, client: &Client, salt: &PairwiseSalt) -> Self {
        let Some(sector) = &client.sector else {
            return Self(user.to_string());
        };
        // OIDC Core §8.1: the same for one sector, and of no use to another. Neither part can hold a line break, so no two
        // pairs look alike.
        let both = format!("{sector}\n{user}");
        Self(base64url(hmac::sign(&salt.0, both.as_bytes()).as_ref()))
    }

    /// A client in its own name, where no person is (RFC 9068 §2.2).
    pub fn of_client(client: &Client) -> Self {
        Self(client.id.to_string())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::authorize::tests::client;
    use serde_json::json;

    fn of(user: &str, host: &str, salt: &PairwiseSalt) -> Subject {
        let uri = format!("https://{host}/cb");
        let client = client(json!({"subject_type": "pairwise", "redirect_uris": [uri]}));
        Subject::of(&UserId::new(user), &client, salt)
    }

    #[test]
    fn one_sector_sees_one_subject_and_another_sector_another() {
        let salt = PairwiseSalt::new(&[7; PairwiseSalt::BYTES]);
        let here = of("u", "a.example", &salt);
        assert_eq!(here, of("u", "a.example", &salt));
        assert_eq!(here.as_str().len(), 43);
        assert_ne!(here, of("u", "b.example", &salt));
        assert_ne!(here, of("v", "a.example", &salt));
        assert_ne!(
            here,
            of("u", "a.example", &PairwiseSalt::new(&[8; PairwiseSalt::BYTES]))
        );
        let public = Subject::of(&UserId::new("u"), &client(json!({})), &salt);
        assert_eq!(public.as_str(), "u");
    }
}
