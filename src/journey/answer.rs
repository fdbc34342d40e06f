//! The last step of every answer to a partner: signed, and encrypted, where the partner wants it so (JARM).

use serde::Serialize;
use std::collections::BTreeMap;

use super::clients::alg;
use super::encryption::{kept, sealed};
use super::provider::{Current, LoadError, Provider};
use crate::base::{Seconds, Timestamp};
use crate::protocol::client::Client;
use crate::protocol::redirect::{Answer, Delivery};

/// JARM §2.1: ten minutes at most. The browser brings it at once.
const RESPONSE_LIFETIME: Seconds = Seconds::minutes(2);

/// JARM §2.1.
#[derive(Serialize)]
struct ResponseClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    exp: i64,
    #[serde(flatten)]
    fields: BTreeMap<&'a str, &'a str>,
}

/// Whom an answer is for.
#[derive(Clone, Copy)]
pub struct Partner<'a> {
    pub current: &'a Current,
    pub client: &'a Client,
    /// What `encryption::keys_in_front` has found.
    pub encrypt_to: Option<&'a str>,
}

pub fn send(op: &Provider, partner: Partner<'_>, answer: Answer, now: Timestamp) -> Result<Delivery, LoadError> {
    let Partner {
        current,
        client,
        encrypt_to,
    } = partner;
    answer.send(|fields| {
        let claims = ResponseClaims {
            iss: &op.issuer.url,
            aud: client.id.as_str(),
            exp: now.plus(RESPONSE_LIFETIME).secs(),
            fields: fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect(),
        };
        // JARM §2.2: signed, then encrypted.
        let to = kept(encrypt_to, client.encryption.response)?;
        let signed = current.ring.sign(alg(client.response_alg), "JWT", &claims)?;
        Ok(sealed(op, to.as_ref(), signed)?)
    })
}
