//! Addresses of a client, and where its keys are.

use serde_json::Value;
use url::{Origin, Url};

use super::super::client::ClientMetadata;
use super::super::uri::{check_redirect, check_web, without_fragment};
use super::super::words::{ApplicationType, GrantType, Profile, RequestObjectAlg};
use super::{Check, ensure};

/// A JWK Set of public keys (RFC 7517 §5)? The error completes "jwks …".
pub fn check_key_set(jwks: &Value) -> Result<(), &'static str> {
    let keys = jwks.get("keys").and_then(Value::as_array);
    let keys = keys.ok_or("must be a JWK Set: an object with an array named keys")?;
    let public =
        |key: &Value| key.get("kty").is_some_and(Value::is_string) && key.get("d").is_none() && key.get("k").is_none();
    if keys.iter().all(public) {
        Ok(())
    } else {
        Err("must hold public keys only, each with kty")
    }
}

impl ClientMetadata {
    pub(super) fn check_addresses(&self, application: ApplicationType, grants: &[GrantType]) -> Check {
        let redirects = !grants.contains(&GrantType::AuthorizationCode) || !self.redirect_uris.is_empty();
        ensure(redirects, "redirect_uris", || "is missing".to_owned())?;
        for uri in &self.redirect_uris {
            check_redirect(uri, application).map_err(|p| ("redirect_uris", p))?;
        }
        for uri in &self.post_logout_redirect_uris {
            check_redirect(uri, application).map_err(|p| ("post_logout_redirect_uris", p))?;
        }
        for (member, uri) in [
            ("client_uri", &self.client_uri),
            ("logo_uri", &self.logo_uri),
            ("policy_uri", &self.policy_uri),
            ("tos_uri", &self.tos_uri),
            ("jwks_uri", &self.jwks_uri),
            ("sector_identifier_uri", &self.sector_identifier_uri),
            ("initiate_login_uri", &self.initiate_login_uri),
            ("backchannel_logout_uri", &self.backchannel_logout_uri),
            ("frontchannel_logout_uri", &self.frontchannel_logout_uri),
        ] {
            if let Some(uri) = uri {
                check_web(uri).map_err(|p| (member, p))?;
            }
        }
        Ok(())
    }

    pub(super) fn check_logout(&self) -> Check {
        // What is posted there says who was signed in; see delivery/outbound.rs.
        let https = self
            .backchannel_logout_uri
            .as_ref()
            .is_none_or(|uri| uri.starts_with("https://"));
        ensure(https, "backchannel_logout_uri", || {
            "must begin with https://".to_owned()
        })?;
        // Front-Channel Logout 1.0 §2: scheme, host and port of a registered redirection URI. Our page shows it in a frame.
        let shared = self.frontchannel_logout_uri.as_deref().is_none_or(|uri| {
            let ours = origin(uri);
            ours.is_some() && self.redirect_uris.iter().any(|redirect| origin(redirect) == ours)
        });
        ensure(shared, "frontchannel_logout_uri", || {
            "must have the scheme, host and port of one of the redirect_uris (Front-Channel Logout 1.0 §2)".to_owned()
        })
    }

    pub(super) fn check_keys(&self) -> Check {
        // RFC 7591 §2: jwks and jwks_uri MUST NOT both be present.
        ensure(self.jwks.is_none() || self.jwks_uri.is_none(), "jwks", || {
            "and jwks_uri exclude each other (RFC 7591 §2)".to_owned()
        })?;
        // RFC 7517 §5, RFC 9700: keys that decide who somebody is come by TLS; see delivery/outbound.rs.
        let https = self.jwks_uri.as_ref().is_none_or(|uri| uri.starts_with("https://"));
        ensure(https, "jwks_uri", || "must begin with https://".to_owned())?;
        let Some(jwks) = &self.jwks else { return Ok(()) };
        check_key_set(jwks).map_err(|problem| ("jwks", problem.to_owned()))
    }

    /// RFC 9101 §10.5 and §10.4.1.
    pub(super) fn check_request_objects(&self) -> Check {
        let alg = self.request_object_signing_alg;
        let fapi2 = self.profile == Some(Profile::Fapi2);
        let weak = matches!(alg, Some(RequestObjectAlg::Rs256 | RequestObjectAlg::None));
        ensure(!(fapi2 && weak), "request_object_signing_alg", || {
            "must be ES256, PS256 or EdDSA under profile fapi2 (FAPI 2.0 §5.4)".to_owned()
        })?;
        let unsigned = alg == Some(RequestObjectAlg::None);
        ensure(
            !(self.require_signed_request_object && unsigned),
            "request_object_signing_alg",
            || "cannot be none where require_signed_request_object is true".to_owned(),
        )?;
        let keys = self.jwks.is_some() || self.jwks_uri.is_some();
        ensure(keys || !self.require_signed_request_object, "jwks", || {
            "is missing, which require_signed_request_object needs".to_owned()
        })?;
        for uri in &self.request_uris {
            // OIDC Registration §2: it may end with the hash of what is there.
            check_web(without_fragment(uri)).map_err(|p| ("request_uris", p))?;
            // They are fetched: see delivery/outbound.rs.
            ensure(uri.starts_with("https://"), "request_uris", || {
                format!("has {uri}: it must begin with https://")
            })?;
        }
        Ok(())
    }
}

/// Scheme, host and port; `None` where the address has no such thing.
fn origin(uri: &str) -> Option<Origin> {
    Url::parse(uri).ok().map(|url| url.origin()).filter(Origin::is_tuple)
}
