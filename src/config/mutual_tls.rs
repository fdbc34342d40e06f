//! What is set up for clients with certificates (RFC 8705).

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use actix_web::http::header::HeaderName;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;

use super::{ConfigError, TlsSection, issuer};
use crate::journey::Issuer;
use crate::journey::mutual_tls::MutualTls;
use crate::keys::Anchors;

/// `[server] mtls = { … }` as it is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MtlsSection {
    /// A listener of ours that asks for certificates. Without it a proxy does.
    listen: Option<SocketAddr>,
    /// By what name clients reach it.
    issuer_alias: Option<String>,
    /// Authorities that vouch for clients (`tls_client_auth`), PEM.
    client_ca: Option<PathBuf>,
    /// Our own certificate there; without it that of `server.tls`.
    cert: Option<PathBuf>,
    key: Option<PathBuf>,
}

#[derive(Clone, Debug, Default)]
pub struct Mutual {
    /// Where we ask for certificates ourselves, and how we speak TLS there.
    pub listen: Option<(SocketAddr, TlsSection)>,
    pub alias: Option<String>,
    client_ca: Option<PathBuf>,
    /// Where trusted proxies write them.
    pub header: Option<HeaderName>,
}

type Wrong = (&'static str, String);

impl Mutual {
    pub(super) fn check(
        written: Option<MtlsSection>,
        tls: Option<&TlsSection>,
        ours: &Issuer,
        base: &Path,
    ) -> Result<Self, Wrong> {
        let Some(written) = written else {
            return Ok(Self::default());
        };
        let own = match (written.cert, written.key) {
            (Some(cert), Some(key)) => Some(TlsSection { cert, key }.beside(base)),
            (None, None) => tls.cloned(),
            (Some(_), None) => return Err(("server.mtls.key", "is missing beside cert".to_owned())),
            (None, Some(_)) => return Err(("server.mtls.cert", "is missing beside key".to_owned())),
        };
        let listen = match (written.listen, own) {
            (None, _) => None,
            (Some(at), Some(own)) => Some((at, own)),
            (Some(_), None) => {
                let why = "is missing, and server.tls too: without a certificate of our own no client can show one";
                return Err(("server.mtls.cert", why.to_owned()));
            }
        };
        if let Some(alias) = &written.issuer_alias {
            check_alias(alias, ours).map_err(|why| ("server.mtls.issuer_alias", why))?;
        }
        Ok(Self {
            listen,
            alias: written.issuer_alias,
            client_ca: written.client_ca.map(|path| base.join(path)),
            header: None,
        })
    }

    /// With the header that proxies write. `proxies`: is any of them trusted?
    pub(super) fn handed_on(mut self, header: Option<String>, proxies: bool) -> Result<Self, Wrong> {
        const KEY: &str = "server.client_cert_header";
        if let Some(name) = header {
            self.header = Some(HeaderName::try_from(name).map_err(|_| (KEY, "is no name of a header".to_owned()))?);
            if !proxies {
                return Err((KEY, "is read from trusted_proxies only, and there are none".to_owned()));
            }
        }
        if self.listen.is_none() && self.header.is_none() && (self.alias.is_some() || self.client_ca.is_some()) {
            let why = "needs a way for certificates to get here: mtls.listen, or client_cert_header behind a proxy";
            return Err(("server.mtls", why.to_owned()));
        }
        Ok(self)
    }

    /// Reads the authorities.
    pub fn open(&self) -> Result<MutualTls, ConfigError> {
        Ok(MutualTls {
            offered: self.listen.is_some() || self.header.is_some(),
            alias: self.alias.clone(),
            anchors: self.client_ca.as_deref().map(anchors).transpose()?,
        })
    }
}

/// RFC 8705 §5: the same endpoints by another name; the paths below it are ours.
fn check_alias(alias: &str, ours: &Issuer) -> Result<(), String> {
    let alias = issuer(alias)?;
    if !alias.secure {
        return Err("must be https, for certificates are shown in TLS".to_owned());
    }
    if alias.path != ours.path {
        return Err("must have the path of the issuer".to_owned());
    }
    if alias.url == ours.url {
        return Err("is the issuer itself: leave it out, or give it a name of its own".to_owned());
    }
    Ok(())
}

fn anchors(path: &Path) -> Result<Anchors, ConfigError> {
    let wrong = |why: String| ConfigError::new("server.mtls.client_ca", format!("{}: {why}", path.display()));
    let all: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|e| wrong(e.to_string()))?;
    if all.is_empty() {
        return Err(wrong("holds no certificate; it must be PEM".into()));
    }
    Anchors::new(all).map_err(|why| wrong(format!("holds a certificate that cannot be used: {why}")))
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn load(server: &str) -> Result<Config, String> {
        let text = format!("[server]\nissuer = \"https://id.example.org/x\"\n{server}\n");
        Config::from_text(&text, "c.toml", Path::new("/etc/cs"), std::iter::empty()).map_err(|e| e.to_string())
    }

    #[test]
    fn certificates_come_by_a_listener_or_by_a_proxy() {
        assert!(!load("").unwrap().mutual_tls.open().unwrap().offered);
        let own = load("tls = { cert = \"a\", key = \"b\" }\nmtls = { listen = \"127.0.0.1:1\" }").unwrap();
        assert_eq!(own.mutual_tls.listen.as_ref().unwrap().1.cert, Path::new("/etc/cs/a"));
        assert!(own.mutual_tls.open().unwrap().offered);
        let apart = "mtls = { listen = \"127.0.0.1:1\", cert = \"a\", key = \"b\", issuer_alias = \"https://m.example.org/x\" }";
        assert_eq!(
            load(apart).unwrap().mutual_tls.alias.as_deref(),
            Some("https://m.example.org/x")
        );
        let handed = load("trusted_proxies = [\"10.0.0.0/8\"]\nclient_cert_header = \"Client-Cert\"").unwrap();
        assert!(handed.mutual_tls.open().unwrap().offered);
    }

    #[test]
    fn what_could_not_work_is_refused_and_named() {
        for (server, key) in [
            ("client_cert_header = \"Client-Cert\"", "server.client_cert_header"),
            (
                "trusted_proxies = [\"10.0.0.0/8\"]\nclient_cert_header = \"a b\"",
                "server.client_cert_header",
            ),
            ("mtls = { listen = \"127.0.0.1:1\" }", "server.mtls.cert"),
            ("mtls = { listen = \"127.0.0.1:1\", cert = \"a\" }", "server.mtls.key"),
            ("mtls = { listen = \"127.0.0.1:1\", key = \"a\" }", "server.mtls.cert"),
            ("mtls = { client_ca = \"a\" }", "server.mtls"),
            ("mtls = { issuer_alias = \"https://m.example.org/x\" }", "server.mtls"),
            (
                "mtls = { issuer_alias = \"http://m.example.org/x\" }",
                "server.mtls.issuer_alias",
            ),
            (
                "mtls = { issuer_alias = \"https://m.example.org\" }",
                "server.mtls.issuer_alias",
            ),
            (
                "mtls = { issuer_alias = \"https://id.example.org/x\" }",
                "server.mtls.issuer_alias",
            ),
            ("mtls = { lissten = \"127.0.0.1:1\" }", "lissten"),
        ] {
            let error = load(server).unwrap_err();
            assert!(error.contains(key), "{server}: {error}");
        }
    }
}
