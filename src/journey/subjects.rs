//! What a partner knows a person by, and whom it means by that (OIDC Core §8).

use super::provider::{Current, LoadError, Provider};
use crate::base::encoding::{base64url, from_base64url};
use crate::base::{Entropy, Timestamp, UserId};
use crate::keys::{Alg, Expected, Expiry, SealError, Sealer, TypRule, Verified, jwe};
use crate::protocol::authorize::AuthorizationRequest;
use crate::protocol::client::Client;
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::subject::{PairwiseSalt, Subject};
use crate::storage::{self, Store, Tx};

/// What the salt is stored and sealed as.
const SALT: &str = "pairwise-salt";

/// The salt of this workspace, made when it is looked for the first time. Of two that look at once both find the first.
pub(super) async fn salt(store: &Store, sealer: &Sealer, entropy: &dyn Entropy) -> Result<PairwiseSalt, LoadError> {
    let known = store.view().await?.meta(SALT).await?;
    let sealed = match known {
        Some(sealed) => sealed,
        None => {
            let mut secret = [0; PairwiseSalt::BYTES];
            entropy.fill(&mut secret);
            let sealed = base64url(&sealer.seal(entropy, SALT, SALT, &secret)?);
            let mut tx = store.begin().await?;
            let kept = tx.meta_or_insert(SALT, &sealed).await?;
            tx.commit().await?;
            kept
        }
    };
    let sealed = from_base64url(&sealed).ok_or(SealError::NotSealed)?;
    Ok(PairwiseSalt::new(sealer.open(SALT, SALT, &sealed)?.expose()))
}

/// What this client knows the person by.
pub fn subject(op: &Provider, client: &Client, user: &UserId) -> Subject {
    Subject::of(user, client, &op.salt)
}

/// Before a client is told of somebody for the first time: what it says later can be understood then.
pub async fn remember(op: &Provider, tx: &mut Tx, client: &Client, user: &UserId) -> Result<(), storage::Error> {
    match client.sector {
        Some(_) => tx.remember_subject(&subject(op, client, user), user).await,
        None => Ok(()),
    }
}

/// Whom this client means by a `sub`. Another sector's pairwise subject, or a public one, is nobody to a client that has
/// its own.
pub async fn person(op: &Provider, tx: &mut Tx, client: &Client, sub: &str) -> Result<Option<UserId>, storage::Error> {
    if client.sector.is_none() {
        return Ok(Some(UserId::new(sub)));
    }
    let found = tx.behind_subject(sub).await?;
    Ok(found.filter(|user| subject(op, client, user).as_str() == sub))
}

/// The person whom the request is about, if it says so: by `id_token_hint` or a demanded `sub` (OIDC Core §3.1.2.2).
pub(super) async fn asked_for(
    op: &Provider,
    tx: &mut Tx,
    (current, client): (&Current, &Client),
    request: &AuthorizationRequest,
    now: Timestamp,
) -> Result<Result<Option<UserId>, OAuthError>, storage::Error> {
    let hinted = match &request.id_token_hint {
        None => None,
        Some(token) => {
            let refused = || OAuthError::invalid_request("id_token_hint is not an ID token of ours for this client");
            let sub = hint(op, current, token, now).and_then(|h| h.text("sub").map(str::to_owned));
            let Some(sub) = sub else { return Ok(Err(refused())) };
            match person(op, tx, client, &sub).await? {
                Some(user) => Some((sub, user)),
                None => return Ok(Err(refused())),
            }
        }
    };
    let mismatch = || OAuthError::new(ErrorCode::LoginRequired, "subject_mismatch");
    let demanded = request.claims.subjects();
    Ok(match (hinted, demanded) {
        (None, None) => Ok(None),
        (Some((_, user)), None) => Ok(Some(user)),
        (Some((sub, user)), Some(demanded)) if demanded.contains(&sub) => Ok(Some(user)),
        (Some(_), Some(_)) => Err(mismatch()),
        (None, Some(demanded)) => match demanded.first() {
            Some(only) if demanded.len() == 1 => person(op, tx, client, only).await?.map(Some).ok_or_else(mismatch),
            _ => Err(OAuthError::invalid_request(
                "claims: exactly one value of sub can be demanded",
            )),
        },
    })
}

/// An ID token of ours, however old (RP-Initiated Logout §2 and OIDC Core §3.1.2.1 accept expired ones). One that was
/// encrypted to its client comes decrypted, or encrypted to us (OIDC Core §3.1.2.1).
pub(super) fn hint(op: &Provider, current: &Current, token: &str, now: Timestamp) -> Option<Verified> {
    let opened = match jwe::looks_encrypted(token) {
        true => Some(String::from_utf8(current.ring.decrypt(token, now).ok()?).ok()?),
        false => None,
    };
    let expected = Expected {
        algs: &Alg::ALL,
        typ: TypRule::AbsentOr(&["JWT"]),
        issuer: Some(&op.issuer.url),
        audience: None,
        expiry: Expiry::Ignored,
        now,
    };
    current.ring.verify(opened.as_deref().unwrap_or(token), &expected).ok()
}
