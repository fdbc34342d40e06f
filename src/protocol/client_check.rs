//! From metadata to a `Client`: what does not fit together is refused here, once, in words.

use serde_json::Value;

use crate::base::{ClientId, Seconds};

use super::claims::{SCOPE_AUTHENTICATORS, SCOPES};
use super::client::{self as limits, Checked, Client, ClientError, ClientMetadata};
use super::scope::Scopes;
use super::uri::{check_redirect, check_web};
use super::words::{
    ApplicationType, AuthMethod, Consent, GrantType, Profile, RefreshRotation, RequestObjectAlg, ResponseType,
    SigningAlg, SubjectType,
};

/// What people have set up is nobody's business who does not ask for it in their registration.
fn default_scope() -> Scopes {
    SCOPES.iter().copied().filter(|s| *s != SCOPE_AUTHENTICATORS).collect()
}

type Check<T = ()> = Result<T, (&'static str, String)>;

impl ClientMetadata {
    /// Makes a client of it, or says which member is wrong and why.
    pub fn check(mut self) -> Result<Client, ClientError> {
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
        self.refuse_what_is_not_built()?;
        let profile = self.profile.unwrap_or(Profile::Oidc);
        let application_type = self.application_type.unwrap_or(ApplicationType::Web);
        let auth = self.token_endpoint_auth_method.unwrap_or(AuthMethod::ClientSecretBasic);
        let response_types = self.check_response_types()?;
        let grant_types = self.check_grant_types(&response_types)?;
        self.check_addresses(application_type, &grant_types)?;
        self.check_keys()?;
        self.check_authentication(auth)?;
        self.check_request_objects()?;
        let fapi2 = profile == Profile::Fapi2;
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
            id_token_lifetime: id,
            refresh_token_lifetime: refresh,
            refresh_token_idle_lifetime: idle,
            secret_hash: self.client_secret_hash.clone().filter(|_| auth.uses_secret()),
            metadata: self,
            _checked: Checked,
        })
    }

    /// Of code, access token, ID token, refresh token, unused refresh token.
    fn check_lifetimes(&self, fapi2: bool) -> Check<[Seconds; 5]> {
        // FAPI 2.0 §5.3.2.1: codes live at most 60 seconds.
        let most_code = if fapi2 {
            limits::CODE_LIFETIME
        } else {
            limits::MAX_CODE_LIFETIME
        };
        let [code, access, id, refresh, idle] = [
            self.authorization_code_lifetime,
            self.access_token_lifetime,
            self.id_token_lifetime,
            self.refresh_token_lifetime,
            self.refresh_token_idle_lifetime,
        ];
        let (most_access, most_id) = (limits::MAX_ACCESS_TOKEN_LIFETIME, limits::MAX_ID_TOKEN_LIFETIME);
        let most_refresh = limits::MAX_REFRESH_TOKEN_LIFETIME;
        Ok([
            lifetime("authorization_code_lifetime", code, limits::CODE_LIFETIME, most_code)?,
            lifetime(
                "access_token_lifetime",
                access,
                limits::ACCESS_TOKEN_LIFETIME,
                most_access,
            )?,
            lifetime("id_token_lifetime", id, limits::ID_TOKEN_LIFETIME, most_id)?,
            lifetime(
                "refresh_token_lifetime",
                refresh,
                limits::REFRESH_TOKEN_LIFETIME,
                most_refresh,
            )?,
            lifetime(
                "refresh_token_idle_lifetime",
                idle,
                limits::REFRESH_TOKEN_IDLE_LIFETIME,
                most_refresh,
            )?,
        ])
    }

    fn check_id(&self) -> Check {
        // RFC 6749 Appendix A.1: client-id = *VSCHAR; a space would make it hard to type and to log.
        let sound = !self.client_id.is_empty() && self.client_id.bytes().all(|b| b.is_ascii_graphic());
        ensure(sound && self.client_id.len() <= 255, "client_id", || {
            "must be 1 to 255 printable ASCII characters without spaces".to_owned()
        })?;
        let negative = self.default_max_age.is_some_and(|s| s.0 < 0);
        ensure(!negative, "default_max_age", || "must not be negative".to_owned())
    }

    /// What would be promised and not kept. A line goes when its feature comes.
    fn refuse_what_is_not_built(&self) -> Check {
        let later =
            |unbuilt: bool, member| ensure(!unbuilt, member, || "asks for what is not supported here".to_owned());
        later(self.subject_type == Some(SubjectType::Pairwise), "subject_type")?;
        later(self.backchannel_logout_uri.is_some(), "backchannel_logout_uri")?;
        later(self.frontchannel_logout_uri.is_some(), "frontchannel_logout_uri")?;
        later(
            self.tls_client_certificate_bound_access_tokens,
            "tls_client_certificate_bound_access_tokens",
        )?;
        later(
            matches!(
                self.token_endpoint_auth_method,
                Some(AuthMethod::TlsClientAuth | AuthMethod::SelfSignedTlsClientAuth)
            ),
            "token_endpoint_auth_method",
        )
    }

    fn check_response_types(&self) -> Check<Vec<ResponseType>> {
        let Some(asked) = &self.response_types else {
            return Ok(vec![ResponseType::Code]);
        };
        let parse = |text: &String| {
            // RFC 9700 §2.1.2: no access token from the authorization endpoint.
            ResponseType::parse(text).ok_or_else(|| {
                let problem = format!("has {text:?}; supported are code and code id_token");
                ("response_types", problem)
            })
        };
        let types = asked.iter().map(parse).collect::<Check<Vec<_>>>()?;
        ensure(!types.is_empty(), "response_types", || "is empty".to_owned())?;
        Ok(types)
    }

    fn check_grant_types(&self, response_types: &[ResponseType]) -> Check<Vec<GrantType>> {
        let Some(asked) = &self.grant_types else {
            let mut grants = vec![GrantType::AuthorizationCode];
            if response_types.iter().any(|r| r.has_front_channel_token()) {
                grants.push(GrantType::Implicit);
            }
            return Ok(grants);
        };
        let parse = |text: &String| {
            GrantType::from_word(text).ok_or_else(|| {
                let problem = format!("has {text:?}; supported are authorization_code and refresh_token");
                ("grant_types", problem)
            })
        };
        let grants = asked.iter().map(parse).collect::<Check<Vec<_>>>()?;
        // RFC 7591 §2.1: response_types and grant_types correspond.
        ensure(grants.contains(&GrantType::AuthorizationCode), "grant_types", || {
            "must have authorization_code, because response_types has code".to_owned()
        })?;
        let hybrid = response_types.iter().any(|r| r.has_front_channel_token());
        ensure(!hybrid || grants.contains(&GrantType::Implicit), "grant_types", || {
            "must have implicit, because response_types has code id_token (OIDC Registration §2)".to_owned()
        })?;
        Ok(grants)
    }

    fn check_addresses(&self, application: ApplicationType, grants: &[GrantType]) -> Check {
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

    fn check_keys(&self) -> Check {
        // RFC 7591 §2: jwks and jwks_uri MUST NOT both be present.
        ensure(self.jwks.is_none() || self.jwks_uri.is_none(), "jwks", || {
            "and jwks_uri exclude each other (RFC 7591 §2)".to_owned()
        })?;
        // RFC 7517 §5, RFC 9700: keys that decide who somebody is come by TLS; see delivery/outbound.rs.
        let https = self.jwks_uri.as_ref().is_none_or(|uri| uri.starts_with("https://"));
        ensure(https, "jwks_uri", || "must begin with https://".to_owned())?;
        let Some(jwks) = &self.jwks else { return Ok(()) };
        let keys = jwks.get("keys").and_then(Value::as_array);
        let Some(keys) = keys else {
            return Err((
                "jwks",
                "must be a JWK Set: an object with an array named keys".to_owned(),
            ));
        };
        for key in keys {
            let public =
                key.get("kty").is_some_and(Value::is_string) && key.get("d").is_none() && key.get("k").is_none();
            ensure(public, "jwks", || {
                "must hold public keys only, each with kty".to_owned()
            })?;
        }
        Ok(())
    }

    fn check_authentication(&self, auth: AuthMethod) -> Check {
        let has_secret = self.client_secret_hash.is_some();
        let empty = self.client_secret_hash.as_deref() == Some(crate::base::encoding::hash_token("").as_str());
        let has_keys = self.jwks.is_some() || self.jwks_uri.is_some();
        match auth {
            AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost => {
                ensure(has_secret && !empty, "client_secret", || {
                    format!(
                        "is missing, which {auth} needs; for a public client say token_endpoint_auth_method = \"none\""
                    )
                })
            }
            AuthMethod::PrivateKeyJwt => ensure(has_keys, "jwks", || {
                "or jwks_uri is missing, which private_key_jwt needs".to_owned()
            }),
            AuthMethod::None => ensure(!has_secret, "client_secret", || {
                "is given, but token_endpoint_auth_method is none".to_owned()
            }),
            AuthMethod::TlsClientAuth | AuthMethod::SelfSignedTlsClientAuth => Ok(()),
        }
    }

    /// FAPI 2.0 Security Profile §5.3.2 and §5.4.
    fn check_fapi2(&self, auth: AuthMethod, response_types: &[ResponseType]) -> Check {
        let strong = matches!(
            auth,
            AuthMethod::PrivateKeyJwt | AuthMethod::TlsClientAuth | AuthMethod::SelfSignedTlsClientAuth
        );
        ensure(strong, "token_endpoint_auth_method", || {
            "must be private_key_jwt or mutual TLS under profile fapi2".to_owned()
        })?;
        ensure(response_types == [ResponseType::Code], "response_types", || {
            "must be code under profile fapi2".to_owned()
        })?;
        let https = self.redirect_uris.iter().all(|uri| uri.starts_with("https://"));
        ensure(https, "redirect_uris", || {
            "must be https under profile fapi2".to_owned()
        })?;
        for (member, alg) in [
            ("token_endpoint_auth_signing_alg", self.token_endpoint_auth_signing_alg),
            ("id_token_signed_response_alg", self.id_token_signed_response_alg),
            ("userinfo_signed_response_alg", self.userinfo_signed_response_alg),
            (
                "authorization_signed_response_alg",
                self.authorization_signed_response_alg,
            ),
            (
                "introspection_signed_response_alg",
                self.introspection_signed_response_alg,
            ),
        ] {
            ensure(alg != Some(SigningAlg::Rs256), member, || {
                "must be ES256, PS256 or EdDSA under profile fapi2 (FAPI 2.0 §5.4)".to_owned()
            })?;
        }
        Ok(())
    }

    /// RFC 9101 §10.5 and §10.4.1.
    fn check_request_objects(&self) -> Check {
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
            check_web(uri).map_err(|p| ("request_uris", p))?;
            // They are fetched: see delivery/outbound.rs.
            ensure(uri.starts_with("https://"), "request_uris", || {
                format!("has {uri}: it must begin with https://")
            })?;
        }
        Ok(())
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

fn lifetime(member: &'static str, asked: Option<Seconds>, default: Seconds, most: Seconds) -> Check<Seconds> {
    let chosen = asked.unwrap_or(default);
    ensure(chosen.0 >= 1 && chosen <= most, member, || {
        format!("must be 1 to {} seconds", most.0)
    })?;
    Ok(chosen)
}

fn ensure(holds: bool, member: &'static str, problem: impl FnOnce() -> String) -> Check {
    if holds { Ok(()) } else { Err((member, problem())) }
}

#[cfg(test)]
#[path = "client_check_tests.rs"]
mod tests;
