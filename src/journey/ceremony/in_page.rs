//! Challenges that travel sealed in the page and come back with the answer: opening a page costs no commit, and each
//! challenge is good once, for this sign-in, for a few minutes.

use serde::{Deserialize, Serialize};

use super::usable_credentials;
use crate::base::encoding::{base64url, from_base64url};
use crate::base::{AuthenticatorId, Entropy, Timestamp};
use crate::factors::{Ask, Credential, Kept, Memory, factor};
use crate::journey::provider::{LoadError, Provider};
use crate::journey::scene::{Scene, Trouble};
use crate::model::Authenticator;
use crate::policy::Decision;
use crate::storage::Tx;

/// What a challenge that is kept in the page is called.
const PAGE_MEMORY: &str = "page-challenge";

/// What the page holds.
#[derive(Clone, Debug)]
pub struct InPage {
    /// For the browser (JSON).
    pub show: String,
    /// Comes back with the answer.
    pub kept: String,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    id: String,
    kept: Kept,
    expires_at: Timestamp,
}

/// Opens the challenge of one authenticator's page, for every credential of its method that would do.
pub fn open_in_page(op: &Provider, scene: &Scene, device: &Authenticator) -> Result<Option<InPage>, Trouble> {
    let Some(factor) = factor(device.method).filter(|f| f.memory() == Memory::Page) else {
        return Ok(None);
    };
    let all = usable_credentials(op, scene, device.method);
    let Some(selected) = all.iter().find(|c| c.id == device.id) else {
        return Ok(None);
    };
    let acceptable: Vec<Credential> = match scene.to_prove() {
        Decision::Prove { acceptable, .. } => all.iter().filter(|c| acceptable.contains(&c.id)).cloned().collect(),
        _ => vec![selected.clone()],
    };
    // The address of a key that would not do has no page: the chooser says why.
    if !acceptable.iter().any(|c| c.id == device.id) {
        return Ok(None);
    }
    let site = op.site(&scene.current.workspace);
    let ask = Ask {
        selected,
        acceptable: &acceptable,
        verify_user: scene.needs_user_verification(&device.id),
    };
    let opening = factor.open(&op.cx(scene.now, &site), &ask);
    match (opening.show, opening.kept) {
        (Some(show), Some((kept, lifetime))) => Ok(Some(InPage {
            show,
            kept: seal(op, scene, kept, scene.now.plus(lifetime))?,
        })),
        _ => Ok(None),
    }
}

pub(super) fn seal(op: &Provider, scene: &Scene, kept: Kept, expires_at: Timestamp) -> Result<String, Trouble> {
    let sealed = Sealed {
        id: op.entropy.id(),
        kept,
        expires_at,
    };
    let plain = serde_json::to_vec(&sealed).map_err(|e| crate::storage::Error::corrupt("a challenge to be kept", e))?;
    let sealed = op
        .sealer
        .seal(&op.entropy, PAGE_MEMORY, scene.authorization.id.as_str(), &plain);
    Ok(base64url(&sealed.map_err(LoadError::from)?))
}

/// What was kept, once: whoever sends the same page again gets nothing.
pub(super) async fn take(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    kept: Option<&str>,
) -> Result<Option<Kept>, Trouble> {
    let opened = kept.and_then(from_base64url).and_then(|sealed| {
        let plain = op
            .sealer
            .open(PAGE_MEMORY, scene.authorization.id.as_str(), &sealed)
            .ok()?;
        serde_json::from_slice::<Sealed>(plain.expose()).ok()
    });
    let Some(opened) = opened.filter(|o| o.expires_at > scene.now) else {
        return Ok(None);
    };
    let first = tx
        .spend_once(&format!("challenge:{}", opened.id), opened.expires_at)
        .await?;
    Ok(first.then_some(opened.kept))
}

/// Whose challenge is opened where nobody is known: none of anybody's.
pub(super) fn nobody() -> Credential {
    Credential {
        id: AuthenticatorId::new(""),
        nickname: None,
        secret: crate::base::Secret::new(Vec::new()),
        last_step: None,
        facts: crate::model::authenticator::Facts::default(),
    }
}
