//! What CIBA asks of a registration (CIBA Core §4, FAPI-CIBA §5.2.2).

use super::super::client::ClientMetadata;
use super::super::uri::check_web;
use super::super::words::{DeliveryMode, GrantType, SigningAlg};
use super::{Check, ensure};

impl ClientMetadata {
    pub(super) fn check_backchannel(&self, grants: &[GrantType], fapi2: bool) -> Check {
        let ciba = grants.contains(&GrantType::Ciba);
        let (mode, endpoint) = (
            self.backchannel_token_delivery_mode,
            self.backchannel_client_notification_endpoint.as_ref(),
        );
        ensure(ciba || mode.is_none(), "backchannel_token_delivery_mode", || {
            format!("is given, but grant_types has no {}", GrantType::Ciba)
        })?;
        let ping = mode == Some(DeliveryMode::Ping);
        ensure(
            ping == endpoint.is_some(),
            "backchannel_client_notification_endpoint",
            || "belongs to backchannel_token_delivery_mode ping, which needs it".to_owned(),
        )?;
        if let Some(uri) = endpoint {
            check_web(uri).map_err(|p| ("backchannel_client_notification_endpoint", p))?;
            // CIBA Core §4: an HTTPS URL. It is called by delivery/outbound.rs.
            ensure(
                uri.starts_with("https://"),
                "backchannel_client_notification_endpoint",
                || "must begin with https://".to_owned(),
            )?;
        }
        ensure(
            !self.backchannel_user_code_parameter,
            "backchannel_user_code_parameter",
            || "asks for what is not supported here".to_owned(),
        )?;
        let alg = self.backchannel_authentication_request_signing_alg;
        ensure(
            !(fapi2 && alg == Some(SigningAlg::Rs256)),
            "backchannel_authentication_request_signing_alg",
            || "must be ES256, PS256 or EdDSA under profile fapi2 (FAPI 2.0 §5.4)".to_owned(),
        )?;
        let keys = self.jwks.is_some() || self.jwks_uri.is_some();
        let signs = alg.is_some() || (ciba && fapi2);
        ensure(keys || !signs, "jwks", || {
            "or jwks_uri is missing, which signed backchannel requests need".to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn check(changes: Value) -> Result<(), &'static str> {
        let mut all = json!({
            "client_id": "a", "client_secret": "a-secret-of-sufficient-length",
            "grant_types": ["urn:openid:params:grant-type:ciba"],
        });
        for (name, value) in changes.as_object().unwrap() {
            all[name] = value.clone();
        }
        let metadata: ClientMetadata = serde_json::from_value(all).unwrap();
        metadata.check().map(|_| ()).map_err(|e| e.member)
    }

    #[test]
    fn a_client_that_only_polls_needs_no_redirect_uri() {
        assert_eq!(check(json!({})), Ok(()));
        assert_eq!(check(json!({"backchannel_token_delivery_mode": "poll"})), Ok(()));
        let device = json!({"grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
            "client_secret": null, "token_endpoint_auth_method": "none"});
        assert_eq!(check(device), Ok(()));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let endpoint = "backchannel_client_notification_endpoint";
        let mode = "backchannel_token_delivery_mode";
        for (changes, member) in [
            (
                json!({"grant_types": ["authorization_code"], "redirect_uris": ["https://a.example/"], mode: "poll"}),
                mode,
            ),
            (json!({mode: "ping"}), endpoint),
            (json!({mode: "poll", endpoint: "https://a.example/ping"}), endpoint),
            (json!({mode: "ping", endpoint: "http://localhost/ping"}), endpoint),
            (json!({mode: "ping", endpoint: "javascript:alert(1)"}), endpoint),
            (
                json!({"backchannel_user_code_parameter": true}),
                "backchannel_user_code_parameter",
            ),
            (
                json!({"backchannel_authentication_request_signing_alg": "ES256"}),
                "jwks",
            ),
            (
                json!({"client_secret": null, "token_endpoint_auth_method": "none"}),
                "grant_types",
            ),
            (json!({"grant_types": ["refresh_token"]}), "grant_types"),
        ] {
            assert_eq!(check(changes.clone()), Err(member), "{changes}");
        }
    }
}
