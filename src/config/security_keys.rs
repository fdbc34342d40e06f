//! `[webauthn]`: the metadata of security keys, and the operator's own lists.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;

use super::ConfigError;
use crate::base::Timestamp;
use crate::factors::webauthn::Aaguid;
use crate::factors::webauthn::metadata::{self, Publisher};
use crate::factors::webauthn::models::{Certification, Models, Rules};

/// Whose certificate signs the metadata of the FIDO Alliance.
const SIGNER: &str = "mds.fidoalliance.org";

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WebauthnSection {
    /// The publisher's BLOB, or a bare payload that the operator vouches for.
    metadata: Option<PathBuf>,
    /// What the BLOB's signature must lead to (PEM or DER).
    metadata_root: Option<PathBuf>,
    /// The name in the certificate that signs it.
    metadata_signer: Option<String>,
    fips_aaguids: Vec<String>,
    deny_aaguids: Vec<String>,
    allow_aaguids: Vec<String>,
    minimum_certification: Option<String>,
}

impl WebauthnSection {
    /// `name`: the configuration's, for errors; `base`: what relative paths are seen from.
    pub(super) fn models(&self, name: &str, base: &Path, now: Timestamp) -> Result<Models, ConfigError> {
        let wrong = |key: &str, why: String| ConfigError::new(format!("{name}: webauthn.{key}"), why);
        let list = |key: &str, texts: &[String]| aaguids(texts).map_err(|why| wrong(key, why));
        let level = |text: &String| text.parse::<Certification>().map_err(|e| format!("`{text}` {e}"));
        let rules = Rules {
            deny: list("deny_aaguids", &self.deny_aaguids)?,
            allow: list("allow_aaguids", &self.allow_aaguids)?,
            fips: list("fips_aaguids", &self.fips_aaguids)?,
            minimum: self
                .minimum_certification
                .as_ref()
                .map(level)
                .transpose()
                .map_err(|why| wrong("minimum_certification", why))?,
        };
        let Some(file) = &self.metadata else {
            return match self.needs_metadata() {
                // Without metadata nothing is attested: the list would admit nobody, or promise what cannot be kept.
                Some(key) => Err(wrong(
                    key,
                    "counts only for attested models: set webauthn.metadata".into(),
                )),
                None => Ok(Models::new(BTreeMap::new(), rules)),
            };
        };
        if self.metadata_signer.is_some() && self.metadata_root.is_none() {
            let why = "counts only for a signature that is checked: set webauthn.metadata_root";
            return Err(wrong("metadata_signer", why.into()));
        }
        let read = |key: &str, path: &Path| {
            let path = base.join(path);
            std::fs::read(&path).map_err(|e| wrong(key, format!("{} cannot be read: {e}", path.display())))
        };
        let bytes = read("metadata", file)?;
        let roots = match &self.metadata_root {
            Some(path) => certificates(&read("metadata_root", path)?).map_err(|why| wrong("metadata_root", why))?,
            None => Vec::new(),
        };
        let publisher = self.metadata_root.as_ref().map(|_| Publisher {
            roots: &roots,
            name: self.metadata_signer.as_deref().unwrap_or(SIGNER),
        });
        let known = metadata::read(&bytes, publisher, now)
            .map_err(|e| wrong("metadata", format!("{} {e}", base.join(file).display())))?;
        Ok(Models::new(known, rules))
    }

    fn needs_metadata(&self) -> Option<&'static str> {
        let set = [
            (self.metadata_root.is_some(), "metadata_root"),
            (self.metadata_signer.is_some(), "metadata_signer"),
            (!self.fips_aaguids.is_empty(), "fips_aaguids"),
            (!self.allow_aaguids.is_empty(), "allow_aaguids"),
            (self.minimum_certification.is_some(), "minimum_certification"),
        ];
        set.into_iter().find(|(is_set, _)| *is_set).map(|(_, key)| key)
    }
}

fn aaguids(texts: &[String]) -> Result<BTreeSet<Aaguid>, String> {
    let parse = |text: &String| {
        Aaguid::parse(text)
            .filter(|a| !a.is_nothing())
            .ok_or_else(|| format!("`{text}` is not an AAGUID; write it as cb69481e-8ff7-4039-93ec-0a2729a154a8"))
    };
    texts.iter().map(parse).collect()
}

/// One or several in PEM, or one in DER.
fn certificates(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(bytes)
        .collect::<Result<_, _>>()
        .map_err(|e| format!("is not a certificate in PEM: {e}"))?;
    let found = if found.is_empty() {
        vec![CertificateDer::from(bytes.to_vec())]
    } else {
        found
    };
    let mut store = rustls::RootCertStore::empty();
    for certificate in &found {
        let unfit = |e| format!("holds no certificate in PEM or DER that can be a root: {e}");
        store.add(certificate.clone()).map_err(unfit)?;
    }
    Ok(found)
}
