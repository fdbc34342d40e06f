//! The metadata as FIDO publishes them: a signed "BLOB", a JWT (FIDO Metadata Service 3 §3.1.7).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use rustls::pki_types::CertificateDer;
use serde::Deserialize;

use super::chain;
use crate::base::Timestamp;
use crate::base::encoding::{from_base64, from_base64url};

/// Why a BLOB is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    #[error("is not a JWT of three parts; download it again")]
    NotJwt,
    #[error("has a JWT header that is malformed, or that has no certificates (x5c); download it again")]
    BadHeader,
    #[error("is signed with an algorithm other than RS256 and ES256")]
    Algorithm,
    #[error(
        "is signed by a certificate that does not lead to `metadata_root`, or that has expired; \
         download it again, and the root from the publisher"
    )]
    Untrusted,
    #[error("is signed by a certificate of another name than `metadata_signer`")]
    OtherSigner,
    #[error("has been changed: its signature is wrong; download it again")]
    BadSignature,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    x5c: Vec<String>,
}

/// Whom the operator trusts to publish metadata.
#[derive(Clone, Copy, Debug)]
pub struct Publisher<'a> {
    pub roots: &'a [CertificateDer<'a>],
    /// A root of the public web issues to everybody: only this name's certificate may sign.
    pub name: &'a str,
}

/// The payload, once everything about its signature holds (§3.2, steps 4 to 6).
pub fn open(jwt: &str, publisher: Publisher<'_>, now: Timestamp) -> Result<Vec<u8>, BlobError> {
    let jwt = jwt.trim();
    let (signed, signature) = jwt.rsplit_once('.').ok_or(BlobError::NotJwt)?;
    let (header, payload) = signed.split_once('.').ok_or(BlobError::NotJwt)?;
    let header = from_base64url(header).ok_or(BlobError::BadHeader)?;
    let header: Header = serde_json::from_slice(&header).map_err(|_| BlobError::BadHeader)?;
    let signature = from_base64url(signature).ok_or(BlobError::NotJwt)?;
    // The algorithm is the header's to name and ours to accept: two, and each needs a key of its own kind (RFC 8725 §3.1).
    let algorithm: &dyn VerificationAlgorithm = match header.alg.as_str() {
        "RS256" => &RSA_PKCS1_2048_8192_SHA256,
        "ES256" => &ECDSA_P256_SHA256_FIXED,
        _ => return Err(BlobError::Algorithm),
    };
    // RFC 7515 §4.1.6: base64 with padding, the signer's first.
    let certificates: Option<Vec<CertificateDer<'static>>> = header
        .x5c
        .iter()
        .map(|text| from_base64(text).map(CertificateDer::from))
        .collect();
    let certificates = certificates.filter(|c| !c.is_empty()).ok_or(BlobError::BadHeader)?;
    if !chain::leads_to(&certificates, publisher.roots, now) {
        return Err(BlobError::Untrusted);
    }
    let key = chain::key_of(&certificates[0], publisher.name).ok_or(BlobError::OtherSigner)?;
    UnparsedPublicKey::new(algorithm, &key)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| BlobError::BadSignature)?;
    from_base64url(payload).ok_or(BlobError::NotJwt)
}
