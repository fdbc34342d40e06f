//! The attestation object of a new key (WebAuthn §6.5): which model it says to be, and whether that is proved.

use std::collections::BTreeMap;

use rustls::pki_types::CertificateDer;
use serde_cbor_2::Value;
use webauthn_rs_core::attestation::{AttestationX509Extension, FidoGenCeAaguid};
use webauthn_rs_core::internals::AuthenticatorData;
use webauthn_rs_core::proto::{Credential, ParsedAttestationData, Registration};

use super::models::Models;
use super::{Aaguid, chain};
use crate::base::Timestamp;

/// What the core can check. A statement in another format (`tpm`, `android-safetynet`, `compound`) is no evidence
/// against the key: it is set aside, and the key counts as one that shows none.
const CHECKED: [&str; 5] = ["none", "packed", "fido-u2f", "apple", "android-key"];

pub struct Statement {
    format: String,
    fields: BTreeMap<Value, Value>,
    authenticator_data: Vec<u8>,
    pub aaguid: Aaguid,
}

/// A chain was shown, and does not lead to a root of the model that the key says to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Untrusted;

impl Statement {
    pub fn read(attestation_object: &[u8]) -> Option<Self> {
        let Value::Map(mut object) = serde_cbor_2::from_slice(attestation_object).ok()? else {
            return None;
        };
        let mut take = |key: &str| object.remove(&Value::Text(key.to_owned()));
        let (Some(Value::Text(format)), Some(Value::Map(fields)), Some(Value::Bytes(authenticator_data))) =
            (take("fmt"), take("attStmt"), take("authData"))
        else {
            return None;
        };
        // WebAuthn §8.7: a statement of format `none` is empty.
        if format == "none" && !fields.is_empty() {
            return None;
        }
        let parsed = AuthenticatorData::<Registration>::try_from(authenticator_data.as_slice()).ok()?;
        Some(Self {
            format,
            fields,
            aaguid: Aaguid::new(parsed.acd?.aaguid),
            authenticator_data,
        })
    }

    /// The object without its statement, where nobody here could check it.
    pub fn set_aside(&self) -> Option<Vec<u8>> {
        if CHECKED.contains(&self.format.as_str()) {
            return None;
        }
        let text = |t: &str| Value::Text(t.to_owned());
        let object = BTreeMap::from([
            (text("fmt"), text("none")),
            (text("attStmt"), Value::Map(BTreeMap::new())),
            (text("authData"), Value::Bytes(self.authenticator_data.clone())),
        ]);
        serde_cbor_2::to_vec(&Value::Map(object)).ok()
    }

    /// The certificates, the key's own first.
    fn certificates(&self) -> Vec<CertificateDer<'_>> {
        let Some(Value::Array(list)) = self.fields.get(&Value::Text("x5c".to_owned())) else {
            return Vec::new();
        };
        let der = |value: &'_ Value| match value {
            Value::Bytes(bytes) => Some(CertificateDer::from(bytes.clone())),
            _ => None,
        };
        list.iter().filter_map(der).collect()
    }

    /// Is the model proved? `credential`: what the core made of this very statement, its signature verified.
    ///
    /// Only `packed` counts. `fido-u2f` does not sign the AAGUID (§8.6); a key of `android-key` signs whatever AAGUID the
    /// app that made it writes down; `apple` names no model.
    pub fn attested(&self, credential: &Credential, models: &Models, now: Timestamp) -> Result<bool, Untrusted> {
        let chain = self.certificates();
        let known = models.get(&self.aaguid).filter(|m| !m.roots.is_empty());
        let (Some(model), false, "packed") = (known, chain.is_empty(), self.format.as_str()) else {
            return Ok(false);
        };
        if !chain::leads_to(&chain, &model.roots, now) {
            return Err(Untrusted);
        }
        // §8.2.1: where models share a root, the certificate says which it is for. The core has compared it then.
        Ok(!models.shares_root(&self.aaguid) || names_its_model(credential))
    }
}

fn names_its_model(credential: &Credential) -> bool {
    let ParsedAttestationData::Basic(chain) = &credential.attestation.data else {
        return false;
    };
    let extensions = chain.first().and_then(|leaf| leaf.tbs_certificate().extensions());
    extensions.is_some_and(|all| all.iter().any(|e| e.extn_id == FidoGenCeAaguid::OID))
}
