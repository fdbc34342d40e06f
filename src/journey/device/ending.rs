//! The end of a sign-in for a device: the device learns of it when it asks next, the person on a page of ours.

use crate::journey::issue;
use crate::journey::next::Step;
use crate::journey::provider::Provider;
use crate::journey::scene::{Scene, Trouble};
use crate::journey::visitor::Visitor;
use crate::model::deferred::{COLLECT, DeferredState, grant_key};
use crate::protocol::redirect::Delivery;
use crate::storage::Tx;

/// Paths below the issuer of the pages where it ends.
pub const DONE: &str = "/device/done";
pub const REFUSED: &str = "/device/refused";

/// Exactly one of several browsers with the same code settles it.
pub async fn settle(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    (hash, step): (&str, Step),
) -> Result<Option<Delivery>, Trouble> {
    let now = scene.now;
    let path = match step {
        Step::Issue(assurance) => {
            if !tx.settle_deferred(hash, DeferredState::Granted, None, now).await? {
                // Out of time, or another browser was first.
                return Ok(Some(to(op, REFUSED)));
            }
            let until = scene.authorization.expires_at.max(now.plus(COLLECT));
            issue::keep(op, tx, scene, visitor, (&assurance, &grant_key(hash), until)).await?;
            DONE
        }
        Step::Refuse(error, reason) => {
            let why = issue::record_refusal(tx, scene, visitor, &error, reason.as_ref());
            tx.settle_deferred(hash, DeferredState::Denied, Some(&why), now).await?;
            REFUSED
        }
        _ => return Ok(None),
    };
    Ok(Some(to(op, path)))
}

fn to(op: &Provider, path: &str) -> Delivery {
    Delivery::Redirect(format!("{}{path}", op.issuer.url))
}
