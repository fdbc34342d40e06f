//! Clients that share a sector name it by a document, which must name them (OIDC Core §8.1, OIDC Registration §5).

use super::provider::Provider;
use crate::delivery::Outbound;
use crate::delivery::outbound::OutboundError;
use crate::model::workspace::Problem;
use crate::protocol::client::ClientMetadata;
use crate::storage;
use crate::storage::workspace::Item;

/// Why a client cannot belong to the sector that it names. Completes "sector_identifier_uri …".
#[derive(Debug, thiserror::Error)]
pub enum SectorFault {
    #[error("cannot be read: {0}")]
    Unreachable(#[from] OutboundError),
    #[error("is no JSON array of addresses")]
    Malformed,
    #[error("does not name the redirect_uri {0}")]
    NotNamed(String),
}

/// Does the document at `sector_identifier_uri` name every redirect address? A client without one has nothing to show.
/// Nothing of the database may be held meanwhile: somebody else's server may be slow.
pub async fn check(outbound: &Outbound, client: &ClientMetadata) -> Result<(), SectorFault> {
    let Some(address) = &client.sector_identifier_uri else {
        return Ok(());
    };
    let body = outbound.get(address).await?;
    let named: Vec<String> = serde_json::from_slice(&body).map_err(|_| SectorFault::Malformed)?;
    // Exact strings, as everywhere with redirect addresses.
    match client.redirect_uris.iter().find(|uri| !named.contains(uri)) {
        Some(missing) => Err(SectorFault::NotNamed(missing.clone())),
        None => Ok(()),
    }
}

#[derive(Debug, thiserror::Error)]
pub enum NotInSector {
    #[error(transparent)]
    Problem(#[from] Problem),
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// The same for the clients of a file, as far as they are new or have changed.
pub(super) async fn check_changed(op: &Provider, clients: &[ClientMetadata]) -> Result<(), NotInSector> {
    let named = |c: &&ClientMetadata| c.sector_identifier_uri.is_some();
    if !clients.iter().any(|c| named(&c)) {
        return Ok(());
    }
    let stored = op.store.view().await?.items().await?;
    for metadata in clients.iter().filter(named).filter(|c| !is_known(&stored, c)) {
        // What is wrong with it otherwise is said when the file is put together.
        if let Ok(client) = metadata.clone().check() {
            let place = format!("client {}: sector_identifier_uri", client.id);
            let checked = check(&op.outbound, &client.metadata).await;
            checked.map_err(|why| Problem::new(place, why.to_string()))?;
        }
    }
    Ok(())
}

fn is_known(stored: &[Item], new: &ClientMetadata) -> bool {
    let item = stored.iter().find(|i| i.kind == "client" && i.name == new.client_id);
    let old = item.and_then(|i| serde_json::from_str::<ClientMetadata>(&i.body).ok());
    old.is_some_and(|old| {
        old.sector_identifier_uri == new.sector_identifier_uri && old.redirect_uris == new.redirect_uris
    })
}
