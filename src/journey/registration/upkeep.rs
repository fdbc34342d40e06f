//! The end of clients: of those that nobody uses, and what goes with any that goes.

use crate::base::{ClientId, Timestamp};
use crate::journey::provider::{LoadError, Provider};
use crate::model::audit::{AuditRecord, Outcome};
use crate::storage::{self, Tx};

/// Takes a client out of the workspace, with all that it was granted (RFC 7592 §2.3). The caller writes the record.
pub async fn drop_client(tx: &mut Tx, client: &ClientId, now: Timestamp) -> Result<(), storage::Error> {
    tx.next_generation().await?;
    tx.delete_item("client", client.as_str()).await?;
    tx.forget_registration(client).await?;
    tx.strip_client(client, now).await
}

/// Registered clients that nobody has signed in to for as long as the operator allows. Before the sweep: it takes away the
/// grants that tell of use. Answers which went.
pub async fn forget_unused(op: &Provider) -> Result<Vec<ClientId>, LoadError> {
    let mut tx = op.store.begin().await?;
    let current = op.current_in(&mut tx).await?;
    let now = op.now();
    tx.note_use_of_registered().await?;
    let unused = match current.workspace.settings.registration.unused() {
        Some(allowed) => tx.unused_registrations(now.minus(allowed), now).await?,
        None => Vec::new(),
    };
    for client in &unused {
        drop_client(&mut tx, client, now).await?;
        let record = AuditRecord::new("client.deleted", Outcome::Success, now);
        tx.audit(record.client(client).reason("unused"));
    }
    tx.commit().await?;
    Ok(unused)
}
