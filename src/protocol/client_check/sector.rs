//! For whom a pairwise subject is one and the same (OIDC Core §8.1).

use std::collections::BTreeSet;

use url::Url;

use super::super::client::ClientMetadata;
use super::super::words::SubjectType;
use super::{Check, ensure};

impl ClientMetadata {
    /// The sector identifier; `None`: this client is told who somebody is to everybody.
    pub(super) fn check_sector(&self) -> Check<Option<String>> {
        if let Some(uri) = &self.sector_identifier_uri {
            // OIDC Registration §2. It is fetched: see delivery/outbound.rs.
            ensure(uri.starts_with("https://"), "sector_identifier_uri", || {
                "must begin with https://".to_owned()
            })?;
        }
        if self.subject_type != Some(SubjectType::Pairwise) {
            return Ok(None);
        }
        if let Some(uri) = &self.sector_identifier_uri {
            let host = host_of(uri).ok_or(("sector_identifier_uri", "has no host".to_owned()))?;
            return Ok(Some(host));
        }
        let hosts: Option<BTreeSet<String>> = self.redirect_uris.iter().map(|uri| host_of(uri)).collect();
        let mut hosts = hosts.unwrap_or_default().into_iter();
        match (hosts.next(), hosts.next()) {
            (Some(only), None) => Ok(Some(only)),
            _ => Err((
                "sector_identifier_uri",
                "is missing, which pairwise subjects need where the redirect_uris are not all of one host".to_owned(),
            )),
        }
    }
}

fn host_of(uri: &str) -> Option<String> {
    Url::parse(uri).ok()?.host_str().map(str::to_owned)
}
