//! The claim `urn:countersign:evidence`: what was used, event by event, for whoever wants full proof.

use serde_json::{Map, Value, json};

use super::amr::of_one;
use super::evidence::{FactorEvent, Method};

/// One member of the claim. Says only what the event says; what concerns security keys is left out for the rest.
pub fn evidence_claim(event: &FactorEvent, same_ceremony: bool) -> Value {
    let mut claim = Map::new();
    claim.insert("method".into(), event.method.as_str().into());
    claim.insert("amr".into(), json!(of_one(event.method, &event.proof)));
    // NumericDate (RFC 7519 §2), like auth_time.
    claim.insert("at".into(), event.at.secs().into());
    claim.insert("nickname".into(), json!(event.nickname));
    claim.insert("same_ceremony".into(), same_ceremony.into());
    if matches!(event.method, Method::Webauthn | Method::Push) {
        claim.insert("user_verified".into(), event.proof.user_verified.into());
        claim.insert("attested".into(), event.proof.attested.into());
    }
    if event.method == Method::Webauthn {
        claim.insert("backup_eligible".into(), event.proof.backup_eligible.into());
        claim.insert("aaguid".into(), json!(event.proof.aaguid));
    }
    claim
        .into_iter()
        .filter(|(_, v)| !v.is_null())
        .collect::<Map<_, _>>()
        .into()
}
