//! What a person is told of their own authenticators while somebody proves something with them, or tries to.

use std::collections::BTreeMap;

use crate::factors::Renewed;
use crate::journey::notices::{self, Circumstances, Letter, Undo};
use crate::journey::provider::Provider;
use crate::journey::records::record;
use crate::journey::scene::{Scene, Trouble};
use crate::journey::visitor::Visitor;
use crate::model::Authenticator;
use crate::model::audit::Outcome;
use crate::storage::Tx;

/// A saved code opens the account when all else is lost: its owner hears of each that is used (800-63B-4 §4.2.3).
pub(super) async fn code_used(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    renewed: &Renewed,
) -> Result<(), Trouble> {
    let left = renewed.facts.codes_left.unwrap_or_default();
    tx.audit(record(scene, "recovery_code.used", Outcome::Success, visitor).with("left", left));
    let args = BTreeMap::from([("left", left.to_string())]);
    tell(op, tx, scene, visitor, ("recovery-code-used", args)).await
}

/// Switched off after too many wrong tries (800-63B-4 §3.2.2).
pub(super) async fn disabled(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    authenticator: &Authenticator,
) -> Result<(), Trouble> {
    let args = BTreeMap::from([
        ("method", authenticator.method.as_str().to_owned()),
        ("nickname", authenticator.label().to_owned()),
    ]);
    tell(op, tx, scene, visitor, ("authenticator-disabled", args)).await
}

async fn tell(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    (key, args): (&'static str, BTreeMap<&'static str, String>),
) -> Result<(), Trouble> {
    let Some(user) = &scene.user else { return Ok(()) };
    let partner = scene
        .authorization
        .errand
        .is_none()
        .then_some(scene.client.name.as_str());
    let letter = Letter {
        key,
        args,
        facts: Some(Circumstances::of(scene.now, visitor, partner)),
        ..Letter::default()
    };
    let undo = Undo {
        what: key.to_owned(),
        ..Undo::default()
    };
    notices::tell_by_mail(op, tx, user, letter, undo).await?;
    op.outbox.notify_one();
    Ok(())
}
