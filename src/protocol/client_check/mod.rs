//! From metadata to a `Client`: what does not fit together is refused here, once, in words.

mod addresses;
mod encryption;
mod backchannel;
mod fapi2;
mod grants;
mod lifetimes;
mod sector;
mod resources;
mod secrets;

pub use addresses::check_key_set;

use crate::base::ClientId;

use super::claims::{SCOPE_AUTHENTICATORS, SCOPES};
use super::client::{Checked, Client, ClientError, ClientMetadata};
use super::scope::Scopes;
use super::words::{ApplicationType, AuthMethod, Consent, Profile, RefreshRotation, SigningAlg, TokenFormat};

/// What people have set up is nobody's business who does not ask for it in their registration.
fn default_scope() -> Scopes {
    SCOPES.iter().copied().filter(|s| *s != SCOPE_AUTHENTICATORS).collect()
}

type Check<T = ()> = Result<T, (&'static str, String)>;

impl ClientMetadata {
    /// Makes a client of it, or says which member is wrong and why.
    pub fn check(mut self) -> Result<Client, ClientError> {
        self.check_secret()?;
        self.hide_secret();
        let client = self.client_id.clone();
        self.checked().map_err(|(member, problem)| ClientError {
            client,
            member,
            problem,
        })
    }

    fn checked(self) -> Check<Client> {
        self.check_id()?;
        let profile = self.profile.unwrap_or(Profile::Oidc);
        let application_type = self.application_type.unwrap_or(ApplicationType::Web);
        let auth = self.token_endpoint_auth_method.unwrap_or(AuthMethod::ClientSecretBasic);
        let (grant_types, response_types) = self.check_grants(auth)?;
        let fapi2 = profile == Profile::Fapi2;
        self.check_addresses(application_type, &grant_types)?;
        self.check_logout()?;
        self.check_keys()?;
        self.check_authentication(auth)?;
        self.check_assertion_alg(auth)?;
        let certificate_subject = self.check_certificate(auth)?;
        self.check_request_objects()?;
        self.check_resources(auth)?;
        self.check_backchannel(&grant_types, fapi2)?;
        if fapi2 {
            self.check_fapi2(auth, &response_types)?;
        }
        let [code, access, id, refresh, idle] = self.check_lifetimes(fapi2)?;
        let id_token_alg = self.id_token_signed_response_alg.unwrap_or(SigningAlg::Es256);
        Ok(Client {
            id: ClientId::new(&self.client_id),
            name: self.client_name.clone().unwrap_or_else(|| self.client_id.clone()),
            auth,
            profile,
            application_type,
            grant_types,
            response_types,
            scope: self.scope.clone().unwrap_or_else(default_scope),
            id_token_alg,
            response_alg: self.authorization_signed_response_alg.unwrap_or(id_token_alg),
            introspection_alg: self.introspection_signed_response_alg.unwrap_or(id_token_alg),
            encryption: self.check_encryption()?,
            sector: self.check_sector()?,
            require_pkce: self.check_pkce(auth, fapi2)?,
            // FAPI 2.0 §5.3.2.1: only sender-constrained tokens, by this or by mutual TLS.
            require_dpop: self.dpop_bound_access_tokens || (fapi2 && !self.tls_client_certificate_bound_access_tokens),
            require_dpop_nonce: self.dpop_require_nonce.unwrap_or(fapi2),
            require_signed_request_object: self.require_signed_request_object,
            require_par: fapi2 || self.require_pushed_authorization_requests,
            consent: self.consent.unwrap_or(Consent::Remembered),
            refresh_rotation: self.check_rotation(auth, fapi2)?,
            code_lifetime: code,
            access_token_lifetime: access,
            access_token_format: self.access_token_format.unwrap_or(TokenFormat::Jwt),
            id_token_lifetime: id,
            refresh_token_lifetime: refresh,
            refresh_token_idle_lifetime: idle,
            certificate_subject,
            require_certificate: self.tls_client_certificate_bound_access_tokens,
            secret_hash: self.client_secret_hash.clone().filter(|_| auth.uses_secret()),
            metadata: self,
            _checked: Checked,
        })
    }

    fn check_id(&self) -> Check {
        // RFC 6749 Appendix A.1: client-id = *VSCHAR; a space would make it hard to type and to log.
        let sound = !self.client_id.is_empty() && self.client_id.bytes().all(|b| b.is_ascii_graphic());
        ensure(sound && self.client_id.len() <= 255, "client_id", || {
            "must be 1 to 255 printable ASCII characters without spaces".to_owned()
        })?;
        let negative = self.default_max_age.is_some_and(|s| s.0 < 0);
        ensure(!negative, "default_max_age", || "must not be negative".to_owned())?;
        let ended = self.client_secret_expires_at.is_some_and(|at| at < 0);
        ensure(!ended, "client_secret_expires_at", || "must not be negative".to_owned())
    }

    fn check_authentication(&self, auth: AuthMethod) -> Check {
        let has_secret = self.client_secret_hash.is_some();
        let empty = self.client_secret_hash.as_deref() == Some(crate::base::encoding::hash_token("").as_str());
        let has_keys = self.jwks.is_some() || self.jwks_uri.is_some();
        match auth {
            AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost | AuthMethod::ClientSecretJwt => {
                ensure(has_secret && !empty, "client_secret", || {
                    format!(
                        "is missing, which {auth} needs; for a public client say token_endpoint_auth_method = \"none\""
                    )
                })
            }
            AuthMethod::PrivateKeyJwt | AuthMethod::SelfSignedTlsClientAuth => ensure(has_keys, "jwks", || {
                format!("or jwks_uri is missing, which {auth} needs")
            }),
            AuthMethod::None => ensure(!has_secret, "client_secret", || {
                "is given, but token_endpoint_auth_method is none".to_owned()
            }),
            // RFC 8705 §2.1.2; that there is one is seen by `check_certificate`.
            AuthMethod::TlsClientAuth => Ok(()),
        }
    }

    fn check_pkce(&self, auth: AuthMethod, fapi2: bool) -> Check<bool> {
        let needed = fapi2 || auth == AuthMethod::None;
        // RFC 9700 §2.1.1: public clients MUST use PKCE. FAPI 2.0 §5.3.2.2: everybody.
        ensure(!needed || self.require_pkce != Some(false), "require_pkce", || {
            "cannot be false for public clients and under profile fapi2".to_owned()
        })?;
        Ok(needed || self.require_pkce == Some(true))
    }

    fn check_rotation(&self, auth: AuthMethod, fapi2: bool) -> Check<RefreshRotation> {
        let (asked, public) = (self.refresh_rotation, auth == AuthMethod::None);
        // RFC 9700 §4.14.2: refresh tokens of public clients are rotated or sender-constrained.
        ensure(
            !(public && asked == Some(RefreshRotation::None)),
            "refresh_rotation",
            || "cannot be none for public clients (RFC 9700 §4.14.2)".to_owned(),
        )?;
        // FAPI 2.0 §5.3.2.1: no rotation, except to migrate.
        ensure(
            !(fapi2 && asked == Some(RefreshRotation::Rotate)),
            "refresh_rotation",
            || "must be none or migration under profile fapi2".to_owned(),
        )?;
        let default = if fapi2 {
            RefreshRotation::None
        } else {
            RefreshRotation::Rotate
        };
        Ok(asked.unwrap_or(default))
    }
}

fn ensure(holds: bool, member: &'static str, problem: impl FnOnce() -> String) -> Check {
    if holds { Ok(()) } else { Err((member, problem())) }
}

#[cfg(test)]
mod tests;
