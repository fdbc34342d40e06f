//! "Remember this browser": never a factor.

use crate::base::{Entropy, Seconds};
use crate::journey::provider::Provider;
use crate::journey::records::record;
use crate::journey::reply::Reply;
use crate::journey::scene::{Scene, Trouble};
use crate::journey::visitor::Visitor;
use crate::model::audit::Outcome;
use crate::storage::Tx;

/// How long a browser is remembered.
const REMEMBERED: Seconds = Seconds::days(30);

/// Once somebody has proved more than a password, and where the partner's policy heeds it (800-63B-4 §5.1).
pub(super) async fn keep(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    reply: &mut Reply,
) -> Result<(), Trouble> {
    let (Reply::Proved { cookies }
    | Reply::Leave {
        cookies: Some(cookies), ..
    }) = reply
    else {
        return Ok(());
    };
    let Some(user) = scene
        .user
        .as_ref()
        .filter(|_| scene.requirement().allow_remembered_browser)
    else {
        return Ok(());
    };
    let token = op.entropy.token();
    let times = (scene.now, scene.now.plus(REMEMBERED));
    tx.remember_browser(&token, &user.id, visitor.short_user_agent().as_deref(), times)
        .await?;
    tx.audit(record(scene, "auth.browser.remembered", Outcome::Success, visitor));
    cookies.remembered = Some(token);
    Ok(())
}
