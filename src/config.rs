//! `countersign.toml`: a `Config` that exists can run.
//! Errors are one sentence that names the file, the line or the environment variable, the key and the mend.

pub mod breached;
pub mod master_key;
pub mod mutual_tls;
pub mod read;
mod security_keys;
pub mod tls;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

use crate::base::{Clock, SystemClock};
use crate::delivery::OutboundSettings;
use crate::delivery::settings::Delivery;
use crate::factors::webauthn::models::Models;
use crate::journey::Issuer;

/// What an operator is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ConfigError {
    pub place: String,
    pub problem: String,
}

impl ConfigError {
    pub fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            problem: problem.into(),
        }
    }
}

/// The file as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileConfig {
    server: ServerSection,
    #[serde(default)]
    database: DatabaseSection,
    #[serde(default)]
    keys: KeysSection,
    #[serde(default)]
    pages: PagesSection,
    #[serde(default)]
    delivery: Delivery,
    #[serde(default)]
    passwords: PasswordsSection,
    #[serde(default)]
    outbound: OutboundSettings,
    #[serde(default)]
    sandbox: SandboxSection,
    #[serde(default)]
    log: LogSection,
    #[serde(default)]
    limits: LimitsSection,
    #[serde(default)]
    webauthn: security_keys::WebauthnSection,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServerSection {
    issuer: String,
    #[serde(default = "default_listen")]
    listen: SocketAddr,
    #[serde(default)]
    tls: Option<TlsSection>,
    /// For clients with certificates (RFC 8705).
    #[serde(default)]
    mtls: Option<mutual_tls::MtlsSection>,
    /// Where trusted proxies write a client's certificate.
    #[serde(default)]
    client_cert_header: Option<String>,
    #[serde(default)]
    trusted_proxies: Vec<IpNet>,
    /// 0: as many as there are cores.
    #[serde(default)]
    workers: usize,
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSection {
    pub cert: PathBuf,
    pub key: PathBuf,
}

impl TlsSection {
    /// Paths as they are seen from this folder; absolute ones stay.
    fn beside(self, base: &Path) -> Self {
        Self {
            cert: base.join(self.cert),
            key: base.join(self.key),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct DatabaseSection {
    url: String,
}

impl Default for DatabaseSection {
    fn default() -> Self {
        Self {
            url: "sqlite://data/countersign.db".into(),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct KeysSection {
    dir: PathBuf,
}

impl Default for KeysSection {
    fn default() -> Self {
        Self { dir: "keys".into() }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PagesSection {
    /// Templates of the operator that replace ours of the same name.
    templates: Option<PathBuf>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PasswordsSection {
    /// Replaces the list of common passwords that comes with the program.
    breached: Option<PathBuf>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SandboxSection {
    enabled: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LogSection {
    format: LogFormat,
    /// As in `RUST_LOG`: `info`, `countersign=debug,warn` …
    level: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LimitsSection {
    /// Password verifications at once; 0: as many as there are cores.
    password_hashing: usize,
}

#[derive(Clone, Debug)]
pub struct Config {
    pub issuer: Issuer,
    pub listen: SocketAddr,
    pub tls: Option<TlsSection>,
    pub mutual_tls: mutual_tls::Mutual,
    pub trusted_proxies: Vec<IpNet>,
    pub workers: usize,
    pub database_url: String,
    pub keys_dir: PathBuf,
    pub templates: Option<PathBuf>,
    pub delivery: Delivery,
    /// For addresses that clients and devices name.
    pub outbound: OutboundSettings,
    /// A list that `countersign passwords build` has written; without it, ours.
    pub breached: Option<PathBuf>,
    pub sandbox: bool,
    pub log_format: LogFormat,
    pub log_level: String,
    pub password_hashing: usize,
    /// What is known of models of security keys, and which may be enrolled.
    pub models: Models,
}

impl Config {
    /// Reads the file; `COUNTERSIGN_SECTION__KEY` in the environment overrides each key.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| ConfigError::new(path.display().to_string(), format!("cannot be read: {e}")))?;
        let base = path.parent().unwrap_or(Path::new(""));
        Self::from_text(&text, &path.display().to_string(), base, std::env::vars())
    }

    /// `base`: what relative paths of the file are seen from.
    pub fn from_text(
        text: &str,
        name: &str,
        base: &Path,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let file: FileConfig = read::with_environment(text, name, env)?;
        Self::check(file, name, base)
    }

    fn check(file: FileConfig, name: &str, base: &Path) -> Result<Self, ConfigError> {
        let wrong = |key: &str, why: &str| ConfigError::new(format!("{name}: {key}"), why);
        let issuer = issuer(&file.server.issuer).map_err(|why| wrong("server.issuer", &why))?;
        let loopback = is_loopback_name(&file.server.issuer);
        if file.sandbox.enabled && !loopback {
            return Err(wrong(
                "sandbox.enabled",
                "the sandbox shows every code, so it runs only where the issuer's host is localhost, *.localhost or 127.0.0.1",
            ));
        }
        if !issuer.secure && !loopback {
            return Err(wrong(
                "server.issuer",
                "must be https, for cookies and tokens would travel in the clear",
            ));
        }
        let delivery = file.delivery.beside(base);
        let models = file.webauthn.models(name, base, SystemClock::default().now())?;
        let beside = |path: PathBuf| if path.is_absolute() { path } else { base.join(path) };
        let tls = file.server.tls.map(|t| t.beside(base));
        let mutual_tls = mutual_tls::Mutual::check(file.server.mtls, tls.as_ref(), &issuer, base);
        let header = file.server.client_cert_header;
        let mutual_tls = mutual_tls.and_then(|m| m.handed_on(header, !file.server.trusted_proxies.is_empty()));
        Ok(Self {
            mutual_tls: mutual_tls.map_err(|(key, why)| wrong(key, &why))?,
            issuer,
            listen: file.server.listen,
            tls,
            trusted_proxies: file.server.trusted_proxies,
            workers: cores_if_zero(file.server.workers),
            database_url: database_url(&file.database.url, base),
            keys_dir: beside(file.keys.dir),
            templates: file.pages.templates.map(beside),
            delivery: delivery.map_err(|e| ConfigError::new(name, e.to_string()))?,
            outbound: file.outbound.beside(base).map_err(|e| ConfigError::new(name, e))?,
            breached: file.passwords.breached.map(beside),
            sandbox: file.sandbox.enabled,
            log_format: file.log.format,
            log_level: file.log.level.unwrap_or_else(|| "info".into()),
            password_hashing: cores_if_zero(file.limits.password_hashing),
            models,
        })
    }
}

fn cores_if_zero(n: usize) -> usize {
    if n > 0 {
        n
    } else {
        std::thread::available_parallelism().map_or(1, usize::from)
    }
}

/// Relative SQLite files lie beside the configuration, wherever the program is started.
fn database_url(url: &str, base: &Path) -> String {
    match url.strip_prefix("sqlite://") {
        Some(path) if !Path::new(path).is_absolute() => format!("sqlite://{}", base.join(path).display()),
        _ => url.to_owned(),
    }
}

/// RFC 8414 §2: a URL without query or fragment; no slash at its end, for partners compare it as text.
fn issuer(text: &str) -> Result<Issuer, String> {
    let url = Url::parse(text).map_err(|e| format!("is not a URL: {e}"))?;
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() {
        return Err("must be an https URL".into());
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err("must have no query, fragment or user (RFC 8414 section 2)".into());
    }
    if text.ends_with('/') {
        return Err("must not end with a slash, for partners compare it letter by letter".into());
    }
    let host = url.host_str().unwrap_or_default();
    Ok(Issuer {
        url: text.to_owned(),
        host: url
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
        path: url.path().trim_end_matches('/').to_owned(),
        secure: url.scheme() == "https",
    })
}

fn is_loopback_name(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let host = url.host_str().unwrap_or_default();
    host == "localhost" || host.ends_with(".localhost") || host == "127.0.0.1"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, env: &[(&str, &str)]) -> Result<Config, String> {
        let env = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Config::from_text(text, "countersign.toml", Path::new("/etc/countersign"), env).map_err(|e| e.to_string())
    }

    const LEAST: &str = "[server]\nissuer = \"http://localhost:8080\"\n[sandbox]\nenabled = true\n";

    #[test]
    fn the_least_file_runs_and_paths_are_beside_it() {
        let config = load(LEAST, &[]).unwrap();
        assert_eq!(config.database_url, "sqlite:///etc/countersign/data/countersign.db");
        assert_eq!(config.keys_dir, Path::new("/etc/countersign/keys"));
        assert_eq!(config.issuer.host, "localhost:8080");
        let lists =
            "[passwords]\nbreached = \"pwned.filter\"\n[delivery.lookup]\ntransport = \"table\"\nfile = \"l.csv\"\n";
        let config = load(&format!("{LEAST}{lists}"), &[]).unwrap();
        assert_eq!(
            config.breached.as_deref(),
            Some(Path::new("/etc/countersign/pwned.filter"))
        );
        assert!(format!("{:?}", config.delivery.lookup).contains("/etc/countersign/l.csv"));
    }

    #[test]
    fn errors_name_file_line_and_key() {
        let unknown = load("[server]\nissuer = \"http://localhost\"\nlissten = 1\n", &[]).unwrap_err();
        assert!(unknown.starts_with("countersign.toml:3: lissten:"), "{unknown}");
        let kind = load("[server]\nissuer = 5\n", &[]).unwrap_err();
        assert!(kind.starts_with("countersign.toml:2: issuer:"), "{kind}");
        let broken = load("[server]\nissuer = \"http://localhost\"\n[server\n", &[]).unwrap_err();
        assert!(broken.starts_with("countersign.toml:3"), "{broken}");
        assert!(!broken.contains('\n'), "{broken}");
    }

    #[test]
    fn what_others_make_us_fetch_has_its_own_lists() {
        let lists = |text: &str| load(&format!("{LEAST}[outbound]\n{text}\n"), &[]);
        let config = lists("allow_hosts = [\"push.internal.example\"]").unwrap();
        assert_eq!(config.outbound.allow_hosts, ["push.internal.example"]);
        let url = lists("allow_hosts = [\"https://push.example\"]").unwrap_err();
        assert!(url.starts_with("countersign.toml: outbound.allow_hosts:"), "{url}");
        let missing = lists("trust_anchors = [\"no-such-ca.pem\"]").unwrap_err();
        assert!(missing.contains("/etc/countersign/no-such-ca.pem"), "{missing}");
        let push = "[delivery.push]\nwebpush = { key = \"vapid.pem\", contact = \"mailto:ops@example.org\" }\n";
        let push = load(&format!("{LEAST}{push}"), &[]).unwrap_err();
        assert!(
            push.contains("delivery.push.webpush.key: /etc/countersign/vapid.pem"),
            "{push}"
        );
        let unknown = load(&format!("{LEAST}[delivery.push.apns]\nkeyy = 1\n"), &[]).unwrap_err();
        assert!(unknown.contains("keyy"), "{unknown}");
    }

    #[test]
    fn the_environment_overrides_each_key() {
        let config = load(
            LEAST,
            &[
                ("COUNTERSIGN_SERVER__LISTEN", "127.0.0.1:9"),
                ("COUNTERSIGN_SERVER__WORKERS", "3"),
            ],
        )
        .unwrap();
        assert_eq!((config.listen.port(), config.workers), (9, 3));
        let wrong = load(LEAST, &[("COUNTERSIGN_SERVER__LISSTEN", "x")]).unwrap_err();
        assert!(wrong.contains("COUNTERSIGN_SERVER__LISSTEN"), "{wrong}");
    }

    #[test]
    fn the_sandbox_and_plain_http_stay_on_loopback() {
        let far = load(
            "[server]\nissuer = \"https://id.example.org\"\n[sandbox]\nenabled = true\n",
            &[],
        )
        .unwrap_err();
        assert!(far.contains("sandbox.enabled"), "{far}");
        let plain = load("[server]\nissuer = \"http://id.example.org\"\n", &[]).unwrap_err();
        assert!(plain.contains("must be https"), "{plain}");
        let near_miss = load("[server]\nissuer = \"http://localhost.example.org\"\n", &[]).unwrap_err();
        assert!(near_miss.contains("must be https"), "{near_miss}");
    }
}
