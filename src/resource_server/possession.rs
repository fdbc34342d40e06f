//! Tokens that are of use only to who holds something: a key (RFC 9449 §7), a certificate (RFC 8705 §3).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};

use super::{Refusal, ResourceServer, Token};
use crate::base::Timestamp;
use crate::base::encoding::{base64url, hash_token, sha256};
use crate::keys::{Expected, Expiry, JwkSet, TypRule, jose};
use crate::protocol::bearer::{AccessTokenPresented, NoToken};
use crate::protocol::challenge::TokenScheme;
use crate::protocol::claims::Confirmation;
use crate::protocol::dpop::{self, Shown};

/// A call, as far as it shows who makes it.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Every Authorization header.
    pub authorization: &'a [&'a str],
    /// Every DPoP header.
    pub dpop: &'a [&'a str],
    pub method: &'a str,
    /// Where it went, by the name that clients know this API by.
    pub url: &'a str,
    /// The client's certificate, DER: of the connection, or as a proxy hands it on that nobody can get around.
    pub certificate: Option<&'a [u8]>,
    /// Where proofs have to carry a nonce (RFC 9449 §9): those that are good now.
    pub nonces: Option<&'a [&'a str]>,
}

/// What says whether the token is good.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// The issuer's keys: the token is a JWT.
    Keys(&'a JwkSet),
    /// What the introspection endpoint said of `Call::token`.
    Introspection(&'a Value),
}

/// Proofs that were seen (RFC 9449 §11.1). Several processes of one API need a place that they share.
pub trait Replays {
    /// Writes it down. `false`: it is there already, or nothing can be written down; the call is refused then.
    fn is_new(&self, proof: &str, forget_after: Timestamp, now: Timestamp) -> bool;
}

/// The proofs of one process, in memory.
#[derive(Debug)]
pub struct Remembered {
    most: usize,
    seen: Mutex<HashMap<String, Timestamp>>,
}

impl Remembered {
    /// `most`: proofs at once; about 100 bytes each, for a minute. When it is full, calls are refused rather than
    /// believed twice.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            seen: Mutex::default(),
        }
    }
}

impl Replays for Remembered {
    fn is_new(&self, proof: &str, forget_after: Timestamp, now: Timestamp) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= self.most {
            seen.retain(|_, until| *until >= now);
        }
        seen.len() < self.most && seen.insert(proof.to_owned(), forget_after).is_none()
    }
}

impl Call<'_> {
    /// What to ask the introspection endpoint about.
    pub fn token(&self) -> Result<String, Refusal> {
        Ok(self.presented()?.token.expose().clone())
    }

    fn presented(&self) -> Result<AccessTokenPresented, Refusal> {
        AccessTokenPresented::extract(self.authorization, None).map_err(|e| match e {
            NoToken::Missing => Refusal::NoToken,
            NoToken::Refused(error) => Refusal::Malformed(error),
        })
    }
}

impl ResourceServer {
    /// Everything about the token of a call: as `verify` and `introspected`, and that the caller holds what it is bound
    /// to. What the call itself needs is still `Demands::check`'s to say.
    pub fn admit(
        &self,
        call: &Call<'_>,
        source: Source<'_>,
        replays: &dyn Replays,
        now: Timestamp,
    ) -> Result<Token, Refusal> {
        let presented = call.presented()?;
        let token = match source {
            Source::Keys(keys) => self.read_jwt(presented.token.expose(), keys, now)?,
            Source::Introspection(answer) => self.read_answer(answer, now)?,
        };
        let shown = call.certificate.map(|der| base64url(&sha256(der)));
        if token.bound_to.x5t_s256.is_some() && token.bound_to.x5t_s256 != shown {
            // RFC 8705 §3.
            return Err(Refusal::InvalidToken("it is bound to another certificate".to_owned()));
        }
        match (presented.scheme, &token.bound_to.jkt) {
            (TokenScheme::Bearer, None) => {}
            // RFC 9449 §7.2: or a stolen token would be as good as any.
            (TokenScheme::Bearer, Some(_)) => return Err(Refusal::NotHeld("it is bound to a key".to_owned())),
            (TokenScheme::Dpop, None) => return Err(Refusal::NotHeld("it is bound to no key".to_owned())),
            (TokenScheme::Dpop, Some(jkt)) => self.prove(call, presented.token.expose(), jkt, replays, now)?,
        }
        Ok(token)
    }

    /// RFC 9449 §7.1 and §4.3.
    fn prove(
        &self,
        call: &Call<'_>,
        token: &str,
        jkt: &str,
        replays: &dyn Replays,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let shown = Shown {
            headers: call.dpop.to_vec(),
            method: call.method,
            url: call.url.to_owned(),
            alias: None,
            certificate: None,
        };
        let proof = shown.proof().map_err(Refusal::Unproven)?;
        let proof = proof.ok_or_else(|| Refusal::Unproven(dpop::invalid("it is missing")))?;
        let expected = Expected {
            algs: &self.algs,
            typ: TypRule::OneOf(&[dpop::TYP]),
            issuer: None,
            audience: None,
            expiry: Expiry::IfPresent,
            now,
        };
        let read = jose::verify_embedded(proof, &expected);
        let (verified, key) = read.map_err(|e| Refusal::Unproven(dpop::invalid(e)))?;
        let sound = dpop::check(&verified.claims, &shown, Some(token), now).map_err(Refusal::Unproven)?;
        if key.public.thumbprint() != jkt {
            return Err(Refusal::NotHeld("it is bound to another key".to_owned()));
        }
        let fresh = |nonces: &[&str]| sound.nonce.as_deref().is_some_and(|nonce| nonces.contains(&nonce));
        if !call.nonces.is_none_or(fresh) {
            return Err(Refusal::NonceNeeded);
        }
        let name = hash_token(&format!("{jkt}\n{}", sound.jti));
        if replays.is_new(&name, sound.forget_after, now) {
            Ok(())
        } else {
            Err(Refusal::Unproven(dpop::invalid("it was used before")))
        }
    }
}

/// What a token is bound to. What is not understood cannot be checked, and the token is not taken (RFC 7800 §3.1).
pub(super) fn bound_to(claims: &Map<String, Value>) -> Result<Confirmation, Refusal> {
    let Some(cnf) = claims.get("cnf") else {
        return Ok(Confirmation::default());
    };
    match serde_json::from_value::<Confirmation>(cnf.clone()) {
        Ok(known) if !known.is_empty() => Ok(known),
        _ => Err(Refusal::InvalidToken("it is bound to something unknown".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_proof_is_new_once_and_nothing_is_believed_that_cannot_be_written_down() {
        let at = Timestamp::from_secs;
        let seen = Remembered::new(2);
        assert!(seen.is_new("a", at(100), at(40)));
        assert!(!seen.is_new("a", at(100), at(41)));
        assert!(seen.is_new("b", at(160), at(100)));
        // Full: a third one is refused until the first is forgotten.
        assert!(!seen.is_new("c", at(160), at(100)));
        assert!(seen.is_new("c", at(161), at(101)));
        assert!(!seen.is_new("b", at(160), at(101)));
    }

    #[test]
    fn what_a_token_is_bound_to_has_to_be_understood() {
        let read = |cnf: Value| bound_to(json!({ "cnf": cnf }).as_object().unwrap());
        assert_eq!(bound_to(&Map::new()), Ok(Confirmation::default()));
        assert_eq!(read(json!({"jkt": "k"})).unwrap().jkt.as_deref(), Some("k"));
        let both = read(json!({"jkt": "k", "x5t#S256": "c"})).unwrap();
        assert_eq!(both.x5t_s256.as_deref(), Some("c"));
        for unknown in [
            json!({}),
            json!(null),
            json!("k"),
            json!({"jkt": 1}),
            json!({"jwk": {}}),
            json!({"jkt": "k", "kid": "x"}),
        ] {
            assert!(read(unknown.clone()).is_err(), "{unknown}");
        }
    }
}
