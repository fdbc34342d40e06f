//! FIDO Metadata Service 3: from the file's bytes to models. A file without a signature is the operator's own word.

use std::collections::BTreeMap;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use serde::Deserialize;

use super::Aaguid;
use super::blob;
use super::models::{Certification, Model};
use crate::base::Timestamp;
use crate::base::encoding::from_base64;

pub use blob::{BlobError, Publisher};

/// Why metadata cannot be used: one sentence without its subject, which is the file.
#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    #[error("{0}")]
    Blob(#[from] BlobError),
    #[error("is a signed BLOB, so `metadata_root` must name the certificate that its signature leads to")]
    NeedsRoot,
    #[error("is not signed, although `metadata_root` is set; use the publisher's BLOB, or leave `metadata_root` out")]
    NotSigned,
    #[error("is not a metadata payload: {0}")]
    Malformed(serde_json::Error),
    #[error("names the model `{0}`, which is not an AAGUID (hexadecimal, 8-4-4-4-12)")]
    NotAnAaguid(String),
    #[error("names no model that has an AAGUID; is it the right file?")]
    Empty,
}

#[derive(Deserialize)]
struct Payload {
    entries: Vec<Entry>,
}

/// §3.1.1 MetadataBLOBPayloadEntry.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    /// Missing for UAF and U2F authenticators, which have none.
    aaguid: Option<String>,
    metadata_statement: Option<Statement>,
    #[serde(default)]
    status_reports: Vec<Report>,
}

/// Of the FIDO Metadata Statement, what bears on a decision.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Statement {
    description: String,
    attestation_root_certificates: Vec<String>,
    key_protection: Vec<String>,
    attachment_hint: Vec<String>,
    authenticator_get_info: GetInfo,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct GetInfo {
    transports: Vec<String>,
    options: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct Report {
    status: String,
}

/// §3.1.4 AuthenticatorStatus: what makes a model unfit. An update that mends it cannot be told from the AAGUID, so
/// that a later report does not clear it.
const UNFIT: [&str; 5] = [
    "REVOKED",
    "USER_VERIFICATION_BYPASS",
    "ATTESTATION_KEY_COMPROMISE",
    "USER_KEY_REMOTE_COMPROMISE",
    "USER_KEY_PHYSICAL_COMPROMISE",
];

/// The models of a file. `publisher`: whose signature must be on it; `None` only for a bare payload.
pub fn read(
    bytes: &[u8],
    publisher: Option<Publisher<'_>>,
    now: Timestamp,
) -> Result<BTreeMap<Aaguid, Model>, MetadataError> {
    let bare = bytes.trim_ascii_start().starts_with(b"{");
    match (publisher, bare) {
        // Whoever can write the file must not be able to take the signature away.
        (Some(_), true) => Err(MetadataError::NotSigned),
        (None, false) => Err(MetadataError::NeedsRoot),
        (None, true) => models(bytes),
        (Some(publisher), false) => {
            let jwt = std::str::from_utf8(bytes).map_err(|_| BlobError::NotJwt)?;
            models(&blob::open(jwt, publisher, now)?)
        }
    }
}

fn models(payload: &[u8]) -> Result<BTreeMap<Aaguid, Model>, MetadataError> {
    let payload: Payload = serde_json::from_slice(payload).map_err(MetadataError::Malformed)?;
    let mut models = BTreeMap::new();
    for entry in payload.entries {
        let Some(text) = entry.aaguid.clone() else { continue };
        let aaguid = Aaguid::parse(&text).filter(|a| !a.is_nothing());
        let aaguid = aaguid.ok_or(MetadataError::NotAnAaguid(text))?;
        let model = model(entry);
        match models.remove(&aaguid) {
            None => models.insert(aaguid, model),
            Some(other) => models.insert(aaguid, weaker(other, model)),
        };
    }
    if models.is_empty() {
        return Err(MetadataError::Empty);
    }
    Ok(models)
}

fn model(entry: Entry) -> Model {
    let statement = entry.metadata_statement.unwrap_or_default();
    let reported = |status: &&str| entry.status_reports.iter().any(|r| r.status == *status);
    Model {
        name: statement.description.trim().to_owned(),
        hardware: in_hardware(&statement),
        roaming: roams(&statement),
        certification: entry.status_reports.iter().filter_map(|r| level(&r.status)).max(),
        denied: UNFIT.into_iter().find(reported),
        // One that cannot be read vouches for nobody.
        roots: statement
            .attestation_root_certificates
            .iter()
            .filter_map(|text| root(text))
            .collect(),
    }
}

/// Two entries of one model: what both say.
fn weaker(a: Model, b: Model) -> Model {
    Model {
        hardware: a.hardware && b.hardware,
        roaming: a.roaming && b.roaming,
        certification: a.certification.min(b.certification),
        denied: a.denied.or(b.denied),
        roots: a.roots.into_iter().filter(|root| b.roots.contains(root)).collect(),
        name: a.name,
    }
}

fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|w| w == word)
}

/// FIDO Registry §3.2, key protection types.
fn in_hardware(statement: &Statement) -> bool {
    let protection = &statement.key_protection;
    let hard = ["hardware", "secure_element", "tee"];
    hard.iter().any(|word| has(protection, word)) && !has(protection, "software")
}

/// FIDO Registry §3.4: attached from outside, and never built in. Where the hint is missing: how it is reached.
fn roams(statement: &Statement) -> bool {
    let info = &statement.authenticator_get_info;
    let platform = info.options.get("plat").and_then(serde_json::Value::as_bool) == Some(true);
    if platform || has(&info.transports, "internal") || has(&statement.attachment_hint, "internal") {
        return false;
    }
    let reached = ["usb", "nfc", "ble", "smart-card"];
    has(&statement.attachment_hint, "external")
        || (statement.attachment_hint.is_empty() && reached.iter().any(|way| has(&info.transports, way)))
}

fn level(status: &str) -> Option<Certification> {
    // The status of the time before there were levels is worth the first (§3.1.4).
    match status.strip_prefix("FIDO_CERTIFIED")? {
        "" => Some(Certification::L1),
        rest => rest.strip_prefix('_')?.parse().ok(),
    }
}

fn root(text: &str) -> Option<CertificateDer<'static>> {
    let dense: String = text.split_whitespace().collect();
    let der = CertificateDer::from(from_base64(&dense)?);
    RootCertStore::empty().add(der.clone()).ok()?;
    Some(der)
}
