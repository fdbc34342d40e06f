//! What was proved on another device, and is taken into the session of the browser that waited for it.

use crate::base::Timestamp;
use crate::journey::evidence::succeed;
use crate::journey::provider::Provider;
use crate::journey::reply::{Complaint, Reply};
use crate::journey::scene::{Scene, Trouble};
use crate::journey::visitor::Visitor;
use crate::model::throttle::ThrottleKey;
use crate::model::{Authenticator, MfaCode};
use crate::policy::Proof;
use crate::storage::Tx;

/// What a device has proved on another screen, and when.
pub async fn proved_elsewhere(
    op: &Provider,
    tx: &mut Tx,
    scene: &mut Scene,
    visitor: &Visitor,
    (authenticator, proof, at): (&Authenticator, Proof, Timestamp),
) -> Result<Reply, Trouble> {
    if !tx.use_authenticator(&authenticator.id, None, scene.now).await? {
        return Ok(Reply::Again(Complaint::plain(op, MfaCode::DeviceUnregistered)));
    }
    for key in [
        ThrottleKey::account(&authenticator.user),
        ThrottleKey::authenticator(&authenticator.id),
    ] {
        tx.clear_failures(&key).await?;
    }
    succeed(op, tx, scene, visitor, authenticator, (proof, at)).await
}
