//! What the profile `fapi2` asks of a registration.

use super::super::client::ClientMetadata;
use super::super::words::{AssertionAlg, AuthMethod, ResponseType, SigningAlg};
use super::{Check, ensure};

impl ClientMetadata {
    /// FAPI 2.0 Security Profile §5.3.2 and §5.4.
    pub(super) fn check_fapi2(&self, auth: AuthMethod, response_types: &[ResponseType]) -> Check {
        let strong = matches!(
            auth,
            AuthMethod::PrivateKeyJwt | AuthMethod::TlsClientAuth | AuthMethod::SelfSignedTlsClientAuth
        );
        ensure(strong, "token_endpoint_auth_method", || {
            "must be private_key_jwt or mutual TLS under profile fapi2".to_owned()
        })?;
        let code_only = response_types.iter().all(|r| *r == ResponseType::Code);
        ensure(code_only, "response_types", || {
            "must be code under profile fapi2".to_owned()
        })?;
        let https = self.redirect_uris.iter().all(|uri| uri.starts_with("https://"));
        ensure(https, "redirect_uris", || {
            "must be https under profile fapi2".to_owned()
        })?;
        for (member, alg) in [
            (
                "token_endpoint_auth_signing_alg",
                self.token_endpoint_auth_signing_alg.and_then(AssertionAlg::signing),
            ),
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
}
