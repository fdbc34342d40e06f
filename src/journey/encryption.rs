//! What is encrypted to clients (RFC 7516). The key is found before anything is done that cannot be undone; without it
//! nothing leaves, and never as it is.

use serde_json::{Value, json};

use super::client_keys::{NoKeys, key_to_encrypt_to};
use super::provider::{LoadError, Provider};
use crate::keys::{EncryptionKey, JweError, JwkSet, RingError, jwe};
use crate::protocol::client::Client;
use crate::protocol::encryption::Encryption;
use crate::protocol::errors::{ErrorCode, OAuthError};

/// A key of a client's, and how it wants to be written to.
#[derive(Clone, Debug)]
pub struct Recipient {
    key: EncryptionKey,
    how: Encryption,
}

impl Recipient {
    /// Signed first, then encrypted (RFC 7519 §11.2).
    pub fn seal_jwt(&self, op: &Provider, jwt: &str) -> Result<String, RingError> {
        self.seal(op, true, jwt.as_bytes())
    }

    /// Claims that nobody has signed.
    pub fn seal_claims(&self, op: &Provider, claims: &Value) -> Result<String, RingError> {
        self.seal(op, false, claims.to_string().as_bytes())
    }

    fn seal(&self, op: &Provider, nested: bool, plain: &[u8]) -> Result<String, RingError> {
        Ok(jwe::encrypt(&self.key, self.how, nested, plain, &op.entropy)?)
    }
}

/// Nested where there is somebody to encrypt to.
pub fn sealed(op: &Provider, to: Option<&Recipient>, jwt: String) -> Result<String, RingError> {
    match to {
        Some(to) => to.seal_jwt(op, &jwt),
        None => Ok(jwt),
    }
}

/// To whom something goes that the client wants so; `None`: it wants it as it is. Nothing of the database may be held
/// meanwhile.
pub async fn recipient(
    op: &Provider,
    client: &Client,
    wanted: Option<Encryption>,
) -> Result<Option<Recipient>, OAuthError> {
    let Some(how) = wanted else { return Ok(None) };
    match key_to_encrypt_to(op, client, how.alg).await {
        Ok(key) => Ok(Some(Recipient { key, how })),
        Err(why) => {
            tracing::warn!(client = %client.id, alg = %how.alg, %why, "there is no key to encrypt to");
            let code = match why {
                NoKeys::Unreachable => ErrorCode::TemporarilyUnavailable,
                NoKeys::None | NoKeys::NoneFor(_) | NoKeys::Unusable(_) => ErrorCode::InvalidClientMetadata,
            };
            let what = format!("nothing can be encrypted to this client: {why}");
            Err(OAuthError::new(code, what))
        }
    }
}

/// Does something that goes through the browser have to be encrypted?
pub fn in_front(client: &Client) -> bool {
    let hybrid = client.response_types.iter().any(|r| r.has_front_channel_token());
    client.encryption.response.is_some() || (hybrid && client.encryption.id_token.is_some())
}

/// The keys for what goes through the browser, to be kept with the sign-in: at its end, on whatever node, a transaction is
/// open, and nobody's site can be asked.
pub async fn keys_in_front(op: &Provider, client: &Client) -> Result<Option<String>, OAuthError> {
    let mut keys = Vec::new();
    for wanted in [client.encryption.response, client.encryption.id_token] {
        if let Some(to) = recipient(op, client, wanted).await? {
            keys.push(to.key.to_value());
        }
    }
    Ok(Some(json!({ "keys": keys }).to_string()))
}

/// The recipient among keys that were kept.
pub fn kept(keys: Option<&str>, wanted: Option<Encryption>) -> Result<Option<Recipient>, LoadError> {
    let Some(how) = wanted else { return Ok(None) };
    let set = keys.and_then(|keys| JwkSet::parse(keys.as_bytes()).ok());
    let key = set.as_ref().and_then(|set| set.recipient(how.alg)).cloned();
    // It was not wanted yet when the sign-in began.
    let key = key.ok_or(RingError::Encrypt(JweError::NoRecipient))?;
    Ok(Some(Recipient { key, how }))
}
