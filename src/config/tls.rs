//! Our own TLS: certificate chain and key from PEM files.

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{ConfigError, TlsSection};

/// TLS 1.2 and 1.3 with rustls' defaults.
pub fn server(tls: &TlsSection) -> Result<ServerConfig, ConfigError> {
    let wrong = |key: &str, path: &std::path::Path, why: String| {
        ConfigError::new(format!("server.tls.{key}"), format!("{}: {why}", path.display()))
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&tls.cert)
        .and_then(Iterator::collect)
        .map_err(|e| wrong("cert", &tls.cert, e.to_string()))?;
    if chain.is_empty() {
        return Err(wrong("cert", &tls.cert, "holds no certificate".into()));
    }
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|e| wrong("key", &tls.key, e.to_string()))?;
    ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|e| wrong("key", &tls.key, e.to_string()))
}
