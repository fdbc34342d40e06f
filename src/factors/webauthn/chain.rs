//! Certificate chains (RFC 5280 §6), with the same code that checks the certificates of TLS.

use std::time::Duration;

use rustls::RootCertStore;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;

use crate::base::Timestamp;

/// Certificates between a leaf and its root, the leaf included. Known chains have three at most.
const MAX_CHAIN: usize = 6;

/// Does the chain (leaf first) lead to one of these roots, at this moment?
pub fn leads_to(chain: &[CertificateDer<'_>], roots: &[CertificateDer<'_>], now: Timestamp) -> bool {
    let Some((leaf, between)) = chain.split_first().filter(|_| chain.len() <= MAX_CHAIN) else {
        return false;
    };
    // FIDO Metadata Statement §4 (attestationRootCertificates): the certificate itself may be what is trusted.
    if roots.iter().any(|root| root == leaf) {
        return true;
    }
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(roots.iter().map(CertificateDer::clone).map(CertificateDer::into_owned));
    let Ok(leaf) = ParsedCertificate::try_from(leaf) else {
        return false;
    };
    let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms.all;
    let now = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now.secs()).unwrap_or(0)));
    verify_server_cert_signed_by_trust_anchor(&leaf, &store, between, now, algorithms).is_ok()
}

/// The certificate's public key (SubjectPublicKeyInfo), if it was issued to this name.
pub fn key_of(leaf: &CertificateDer<'_>, name: &str) -> Option<Vec<u8>> {
    let name = ServerName::try_from(name).ok()?;
    let leaf = ParsedCertificate::try_from(leaf).ok()?;
    verify_server_name(&leaf, &name).ok()?;
    Some(leaf.subject_public_key_info().to_vec())
}
