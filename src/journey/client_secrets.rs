//! Secrets of clients that sign with them (`client_secret_jwt`): the only ones that we have to know (OIDC Core §9).

use super::provider::Provider;
use crate::base::Secret;
use crate::base::encoding::{base64url, from_base64url};
use crate::keys::{MacAlg, SealError};
use crate::protocol::client::{Client, ClientMetadata};
use crate::protocol::words::{AssertionAlg, AuthMethod};

/// What a sealed secret of a client is called.
const CLIENT_SECRET: &str = "client-secret";

/// Before a registration is stored: keeps the secret of who signs with it, sealed for this client; of nobody else.
pub fn seal(op: &Provider, metadata: &mut ClientMetadata) -> Result<(), SealError> {
    if metadata.token_endpoint_auth_method != Some(AuthMethod::ClientSecretJwt) {
        metadata.client_secret_sealed = None;
    } else if let Some(secret) = &metadata.client_secret {
        let plain = secret.expose().as_bytes();
        let sealed = op.sealer.seal(&op.entropy, CLIENT_SECRET, &metadata.client_id, plain)?;
        metadata.client_secret_sealed = Some(base64url(&sealed));
    }
    Ok(())
}

/// Is there a secret that can be opened, and under the master key of today? If not, one that is named again is sealed anew.
pub(super) fn is_sound(op: &Provider, metadata: &ClientMetadata) -> bool {
    let sealed = metadata.client_secret_sealed.as_deref().and_then(from_base64url);
    sealed.is_some_and(|sealed| {
        op.sealer.is_current(&sealed) && op.sealer.open(CLIENT_SECRET, &metadata.client_id, &sealed).is_ok()
    })
}

/// The secret that this client signs with, and how; `None`: it signs with none, or it cannot be opened.
pub(super) fn mac_of(op: &Provider, client: &Client) -> Option<(Secret<Vec<u8>>, MacAlg)> {
    if client.auth != AuthMethod::ClientSecretJwt {
        return None;
    }
    let alg = match client.metadata.mac_alg() {
        AssertionAlg::Hs256 => MacAlg::Hs256,
        AssertionAlg::Hs384 => MacAlg::Hs384,
        AssertionAlg::Hs512 => MacAlg::Hs512,
        AssertionAlg::Es256 | AssertionAlg::Ps256 | AssertionAlg::EdDsa | AssertionAlg::Rs256 => return None,
    };
    let sealed = from_base64url(client.metadata.client_secret_sealed.as_ref()?)?;
    match op.sealer.open(CLIENT_SECRET, client.id.as_str(), &sealed) {
        Ok(secret) => Some((secret, alg)),
        Err(e) => {
            tracing::error!(client = %client.id, cause = %e, "the client's secret cannot be opened; set it anew");
            None
        }
    }
}
