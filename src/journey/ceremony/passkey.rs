//! A passkey that says itself whose it is: the first factor without a name (conditional UI in the browser's autofill).

use super::in_page::{self, InPage};
use super::{Tried, settle, unseal};
use crate::base::AuthorizationId;
use crate::factors::webauthn::{self, Webauthn};
use crate::factors::{Answer, Ask, Factor, Verdict};
use crate::journey::provider::Provider;
use crate::journey::records::record;
use crate::journey::reply::{Complaint, Reply};
use crate::journey::scene::{Scene, Trouble};
use crate::journey::visitor::Visitor;
use crate::model::audit::Outcome;
use crate::model::throttle::ThrottleKey;
use crate::model::{AuthenticatorStatus, MfaCode, Stage};
use crate::policy::Method;

/// What the sign-in page hands to the browser, if passkeys are a first factor here.
pub fn autofill(op: &Provider, scene: &Scene) -> Result<Option<InPage>, Trouble> {
    let first = scene.parties().pool().first_factor;
    let open = first.contains(&Method::Webauthn) && !scene.requirement().refused.contains_key(&Method::Webauthn);
    if !open || matches!(scene.authorization.stage, Stage::Bound { .. }) {
        return Ok(None);
    }
    let site = op.site(&scene.current.workspace);
    let nobody = in_page::nobody();
    let ask = Ask {
        selected: &nobody,
        acceptable: &[],
        verify_user: true,
    };
    let opening = Webauthn.open(&op.cx(scene.now, &site), &ask);
    match (opening.show, opening.kept) {
        (Some(show), Some((kept, lifetime))) => Ok(Some(InPage {
            show,
            kept: in_page::seal(op, scene, kept, scene.now.plus(lifetime))?,
        })),
        _ => Ok(None),
    }
}

/// The passkey's answer. It names its owner; nobody is told whether that name exists.
pub async fn passkey(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    answer: String,
    kept: Option<&str>,
) -> Result<Reply, Trouble> {
    let mut tx = op.store.begin().await?;
    let mut scene = Scene::load(op, &mut tx, id, visitor).await?;
    if matches!(scene.authorization.stage, Stage::Bound { .. }) || scene.authorization.expired(scene.now) {
        return Ok(Reply::GoOn);
    }
    let Some(kept) = in_page::take(op, &mut tx, &scene, kept).await? else {
        return Ok(Reply::Again(Complaint::plain(op, MfaCode::CodeExpired)));
    };
    if let Some(owner) = webauthn::owner(&answer) {
        scene.meet(&mut tx, &owner).await?;
    }
    let site = op.site(&scene.current.workspace);
    let keys: Vec<_> = scene
        .authenticators
        .iter()
        .filter(|a| a.method == Method::Webauthn && a.status == AuthenticatorStatus::Active)
        .cloned()
        .collect();
    let all: Vec<_> = keys.iter().filter_map(|a| unseal(op, a)).collect();
    let verdict = match all.first() {
        Some(any) => Webauthn.check(&op.cx(scene.now, &site), Some(&kept), any, &all, &Answer::Key(answer)),
        None => Verdict::Wrong,
    };
    let Some(key) = super::answered_by(&verdict).and_then(|by| keys.iter().find(|a| a.id == *by)) else {
        let complaint = Complaint::plain(op, MfaCode::KeyNotRecognised);
        let failed = record(&scene, "auth.factor.failed", Outcome::Failure, visitor);
        tx.audit(
            failed
                .reason("a passkey that is nobody's")
                .reference(&complaint.reference)
                .with("method", Method::Webauthn.as_str()),
        );
        tx.commit().await?;
        return Ok(Reply::Again(complaint));
    };
    let throttles = vec![ThrottleKey::account(&key.user), ThrottleKey::authenticator(&key.id)];
    let tried = Tried {
        authenticator: key,
        keys: throttles,
        verdict,
        rehashed: None,
    };
    let reply = settle(op, &mut tx, &mut scene, visitor, tried).await?;
    tx.commit().await?;
    Ok(reply)
}
