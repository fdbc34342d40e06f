//! Who shows a key with a request, and may so use what is bound to that key (RFC 9449).

use super::clients::alg;
use super::provider::{LoadError, Provider};
use crate::base::encoding::{base64url, from_base64url, hash_token};
use crate::base::{Seconds, Timestamp};
use crate::keys::{Alg, Expected, Expiry, TypRule, jose};
use crate::protocol::claims::Confirmation;
use crate::protocol::client::Client;
use crate::protocol::dpop::{self, Shown, TYP};
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::storage::{self, Tx};

/// What a sealed nonce is called.
const NONCE: &str = "dpop-nonce";
/// So long a nonce is good: nobody can make proofs for later than that. Nothing is kept of it; it is the time, sealed.
const NONCE_LIFETIME: Seconds = Seconds::minutes(5);
/// RFC 9449 §8.2: an older one is answered with a new one, so that the client is never refused for its age.
const NONCE_RENEWED_AFTER: Seconds = Seconds::minutes(2);

/// A key that was shown. What shows it has still to be spent.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The key's thumbprint (RFC 7638).
    pub jkt: String,
    spent_as: String,
    forget_after: Timestamp,
}

/// Why a request does not show what it should.
#[derive(Debug, thiserror::Error)]
pub enum Unproven {
    #[error(transparent)]
    Refused(#[from] OAuthError),
    /// RFC 9449 §8 and §9.
    #[error("a nonce of ours is missing in the proof, or too old")]
    NonceNeeded { nonce: String },
    #[error(transparent)]
    Load(#[from] LoadError),
}

impl Unproven {
    /// What the client is told; `None`: it is our trouble.
    pub fn error(&self) -> Option<OAuthError> {
        match self {
            Self::Refused(error) => Some(error.clone()),
            Self::NonceNeeded { .. } => Some(OAuthError::new(
                ErrorCode::UseDpopNonce,
                "the proof must carry the nonce of this answer",
            )),
            Self::Load(_) => None,
        }
    }
}

/// Everything about a proof that needs no database (RFC 9449 §4.3). `access_token`: which one comes with it.
pub fn check(
    op: &Provider,
    client: &Client,
    shown: &Shown<'_>,
    access_token: Option<&str>,
) -> Result<Option<Proof>, Unproven> {
    let Some(jws) = shown.proof()? else { return Ok(None) };
    let algs: Vec<Alg> = client.dpop_algs().into_iter().map(alg).collect();
    let expected = Expected {
        algs: &algs,
        typ: TypRule::OneOf(&[TYP]),
        issuer: None,
        audience: None,
        expiry: Expiry::IfPresent,
        now: op.now(),
    };
    let (verified, key) = jose::verify_embedded(jws, &expected).map_err(dpop::invalid)?;
    let sound = dpop::check(&verified.claims, shown, access_token, expected.now)?;
    check_nonce(op, client, sound.nonce.as_deref())?;
    let jkt = key.public.thumbprint();
    Ok(Some(Proof {
        // RFC 9449 §11.1: once, wherever; each key counts for itself, so nobody can use up another's.
        spent_as: hash_token(&format!("dpop\n{jkt}\n{}", sound.jti)),
        forget_after: sound.forget_after,
        jkt,
    }))
}

/// RFC 9449 §4.3, 10. One that is there has to be good, even where none is demanded.
fn check_nonce(op: &Provider, client: &Client, nonce: Option<&str>) -> Result<(), Unproven> {
    let good = match nonce {
        None => !client.require_dpop_nonce,
        Some(nonce) => made_at(op, nonce).is_some_and(|at| !at.older_than(NONCE_LIFETIME, op.now())),
    };
    if good {
        return Ok(());
    }
    Err(Unproven::NonceNeeded { nonce: fresh(op)? })
}

fn fresh(op: &Provider) -> Result<String, LoadError> {
    let now = op.now().secs().to_be_bytes();
    Ok(base64url(&op.sealer.seal(&op.entropy, NONCE, "", &now)?))
}

fn made_at(op: &Provider, nonce: &str) -> Option<Timestamp> {
    let plain = op.sealer.open(NONCE, "", &from_base64url(nonce)?).ok()?;
    let secs = plain.expose().as_slice().try_into().ok()?;
    Some(Timestamp::from_secs(i64::from_be_bytes(secs)))
}

/// The nonce to go on with, for an answer to a proof whose nonce was good and is getting old.
pub fn renewal(op: &Provider, shown: &Shown<'_>) -> Option<String> {
    let said = jose::unverified_claims(shown.proof().ok()??).ok()?;
    let made = made_at(op, said.get("nonce")?.as_str()?)?;
    if made.older_than(NONCE_RENEWED_AFTER, op.now()) {
        fresh(op).ok()
    } else {
        None
    }
}

impl Proof {
    /// Spends it, in the caller's transaction: each proof is good for one request.
    pub async fn spend(&self, tx: &mut Tx) -> Result<Result<(), OAuthError>, storage::Error> {
        let first = tx.spend_once(&self.spent_as, self.forget_after).await?;
        Ok(if first {
            Ok(())
        } else {
            Err(dpop::invalid("it was used before"))
        })
    }

    /// The same where nothing else is written down.
    pub async fn spend_alone(&self, op: &Provider) -> Result<Result<(), OAuthError>, storage::Error> {
        let mut tx = op.store.begin().await?;
        let spent = self.spend(&mut tx).await?;
        if spent.is_ok() {
            tx.commit().await?;
        }
        Ok(spent)
    }
}

/// What a refresh token is bound to. It stands in the token: what is stored is the hash of all of it, so nobody can put
/// anything else in its place.
pub fn binding_of(refresh_token: &str) -> Confirmation {
    let (rest, x5t) = match refresh_token.split_once('~') {
        Some((rest, x5t)) => (rest, Some(x5t)),
        None => (refresh_token, None),
    };
    Confirmation {
        jkt: rest.split_once('.').map(|(_, jkt)| jkt.to_owned()),
        x5t_s256: x5t.map(str::to_owned),
    }
}

/// A refresh token that is of use only with this key (RFC 9449 §5) and this certificate (RFC 8705 §4).
pub fn bound(secret: String, to: &Confirmation) -> String {
    let mut token = secret;
    for (mark, thumbprint) in [('.', &to.jkt), ('~', &to.x5t_s256)] {
        if let Some(thumbprint) = thumbprint {
            token.push(mark);
            token.push_str(thumbprint);
        }
    }
    token
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_says_what_it_is_bound_to() {
        for jkt in [None, Some("key-_".to_owned())] {
            for x5t_s256 in [None, Some("certificate-_".to_owned())] {
                let to = Confirmation {
                    jkt: jkt.clone(),
                    x5t_s256,
                };
                assert_eq!(binding_of(&bound("secret-_".to_owned(), &to)), to);
            }
        }
    }
}
