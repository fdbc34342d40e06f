//! Our own TLS: certificate chain and key from PEM files.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::NoClientAuth;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CipherSuite, DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};

use super::{ConfigError, TlsSection};

/// TLS 1.2 and 1.3, with rustls' defaults but for the ciphers of 1.2.
pub fn server(tls: &TlsSection) -> Result<ServerConfig, ConfigError> {
    configured(tls, "server.tls", Arc::new(NoClientAuth))
}

/// The same, and clients are asked for certificates.
pub fn mutual(tls: &TlsSection) -> Result<ServerConfig, ConfigError> {
    let clients = AnyCertificate(provider().signature_verification_algorithms);
    configured(tls, "server.mtls", Arc::new(clients))
}

fn configured(
    tls: &TlsSection,
    place: &str,
    clients: Arc<dyn ClientCertVerifier>,
) -> Result<ServerConfig, ConfigError> {
    let wrong = |key: &str, path: &std::path::Path, why: String| {
        ConfigError::new(format!("{place}.{key}"), format!("{}: {why}", path.display()))
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&tls.cert)
        .and_then(Iterator::collect)
        .map_err(|e| wrong("cert", &tls.cert, e.to_string()))?;
    if chain.is_empty() {
        return Err(wrong("cert", &tls.cert, "holds no certificate".into()));
    }
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|e| wrong("key", &tls.key, e.to_string()))?;
    ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| ConfigError::new(place, e.to_string()))?
        .with_client_cert_verifier(clients)
        .with_single_cert(chain, key)
        .map_err(|e| wrong("key", &tls.key, e.to_string()))
}

/// RFC 9325 §4.2 recommends AES-GCM for TLS 1.2, and FAPI 1.0 Advanced §8.5, by which FAPI-CIBA goes, permits nothing else.
fn provider() -> CryptoProvider {
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.cipher_suites.retain(|suite| {
        !matches!(
            suite.suite(),
            CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
                | CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
        )
    });
    provider
}

/// Takes a certificate of whomever, or none. RFC 8705 §2.2: self-signed ones are as good as their registration, and which client
/// this is is not yet known; the handshake shows that the key is held (RFC 8446 §4.4.3), and the endpoints find out the rest.
#[derive(Debug)]
struct AnyCertificate(WebPkiSupportedAlgorithms);

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// RFC 8446 §4.2.4: no hint, so that clients with certificates of their own making send them.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
