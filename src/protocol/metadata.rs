//! The discovery document (OIDC Discovery §3, RFC 8414 §2): what exists, and nothing that does not.

use serde_json::{Value, json};

use super::claims::{PROTOCOL_CLAIMS, SCOPE_CLAIMS, SCOPES};
use super::words::{
    AssertionAlg, AuthMethod, ContentEncryption, DeliveryMode, Display, EncryptionAlg, GrantType, Prompt, ResponseMode,
    ResponseType, SigningAlg, SubjectType,
};

/// Paths below the issuer.
pub const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
pub const OAUTH_CONFIGURATION: &str = "/.well-known/oauth-authorization-server";
pub const AUTHORIZE: &str = "/authorize";
pub const TOKEN: &str = "/token";
pub const USERINFO: &str = "/userinfo";
pub const JWKS: &str = "/jwks";
/// RFC 9126.
pub const PAR: &str = "/par";
/// RFC 7662.
pub const INTROSPECT: &str = "/introspect";
/// RFC 7009.
pub const REVOKE: &str = "/revoke";
/// RFC 8628.
pub const DEVICE_AUTHORIZATION: &str = "/device_authorization";
/// Where people type the code of a device.
pub const DEVICE: &str = "/device";
/// CIBA Core 1.0.
pub const BACKCHANNEL: &str = "/bc-authorize";
pub const LOGOUT: &str = "/logout";
/// Session Management 1.0 §3.3.
pub const CHECK_SESSION: &str = "/check-session";
/// RFC 7591, RFC 7592.
pub const REGISTER: &str = "/register";

/// How clients authenticate that have no certificate; the last one is for who cannot keep a secret.
const CLIENTS: [AuthMethod; 5] = [
    AuthMethod::ClientSecretBasic,
    AuthMethod::ClientSecretPost,
    AuthMethod::ClientSecretJwt,
    AuthMethod::PrivateKeyJwt,
    AuthMethod::None,
];
/// What clients with certificates call, by the names of the metadata (RFC 8705 §5).
pub const ALIASED: [(&str, &str); 7] = [
    ("token_endpoint", TOKEN),
    ("pushed_authorization_request_endpoint", PAR),
    ("device_authorization_endpoint", DEVICE_AUTHORIZATION),
    ("backchannel_authentication_endpoint", BACKCHANNEL),
    ("introspection_endpoint", INTROSPECT),
    ("revocation_endpoint", REVOKE),
    ("userinfo_endpoint", USERINFO),
];

/// What the protocol cannot know by itself.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// Without a slash at its end.
    pub issuer: &'a str,
    pub acr_values: &'a [String],
    pub response_types: &'a [ResponseType],
    /// What others can encrypt to us with.
    pub request_encryption_algs: &'a [EncryptionAlg],
    /// What the key ring can sign with. OIDC Discovery §3: RS256 MUST be among them.
    pub id_token_algs: &'a [SigningAlg],
    pub ui_locales: &'a [String],
    /// Scopes that the operator added.
    pub more_scopes: &'a [String],
    pub details_types: &'a [String],
    /// How clients with certificates authenticate; empty: none can show one.
    pub certificate_methods: &'a [AuthMethod],
    /// Where they call (RFC 8705 §5).
    pub alias: Option<&'a str>,
    /// May clients register themselves?
    pub registration: bool,
}

impl Offer<'_> {
    fn auth_methods(&self) -> Vec<AuthMethod> {
        CLIENTS.iter().chain(self.certificate_methods).copied().collect()
    }
}

/// An address below the issuer.
pub fn endpoint(issuer: &str, path: &str) -> String {
    format!("{}{path}", issuer.trim_end_matches('/'))
}

/// Where a client asks that sends no browser.
fn without_browser(issuer: &str) -> Value {
    let at = |path: &str| endpoint(issuer, path);
    json!({
        // RFC 8628 §4.
        "device_authorization_endpoint": at(DEVICE_AUTHORIZATION),
        // CIBA Core §4.
        "backchannel_authentication_endpoint": at(BACKCHANNEL),
        "backchannel_token_delivery_modes_supported": DeliveryMode::ALL,
        "backchannel_authentication_request_signing_alg_values_supported": SigningAlg::ALL,
        "backchannel_user_code_parameter_supported": false,
    })
}

/// Everything that exists.
pub fn metadata(offer: &Offer<'_>) -> Value {
    let mut all = always(offer);
    if !offer.certificate_methods.is_empty() {
        // RFC 8705 §3.3.
        all["tls_client_certificate_bound_access_tokens"] = true.into();
    }
    if let Some(alias) = offer.alias {
        let aliases = ALIASED.map(|(name, path)| (name.to_owned(), endpoint(alias, path).into()));
        all["mtls_endpoint_aliases"] = Value::Object(aliases.into_iter().collect());
    }
    if let (Some(members), Value::Object(more)) = (all.as_object_mut(), without_browser(offer.issuer)) {
        members.extend(more);
    }
    all
}

/// A feature that comes later adds its line here.
fn always(offer: &Offer<'_>) -> Value {
    let at = |path: &str| endpoint(offer.issuer, path);
    let scopes = SCOPES
        .iter()
        .copied()
        .chain(offer.more_scopes.iter().map(String::as_str));
    let hybrid = offer.response_types.iter().any(|r| r.has_front_channel_token());
    let claims = SCOPE_CLAIMS.iter().flat_map(|(_, claims)| claims.iter());
    let mut document = json!({
        "issuer": offer.issuer,
        "authorization_endpoint": at(AUTHORIZE),
        "token_endpoint": at(TOKEN),
        "userinfo_endpoint": at(USERINFO),
        "jwks_uri": at(JWKS),
        "end_session_endpoint": at(LOGOUT),
        // RFC 9126 §5. Who must push is said client by client.
        "pushed_authorization_request_endpoint": at(PAR),
        "require_pushed_authorization_requests": false,
        "scopes_supported": scopes.collect::<Vec<_>>(),
        "response_types_supported": offer.response_types,
        "response_modes_supported": ResponseMode::ALL,
        "grant_types_supported": GrantType::ALL.iter().filter(|g| hybrid || **g != GrantType::Implicit)
            .collect::<Vec<_>>(),
        "subject_types_supported": SubjectType::ALL,
        "id_token_signing_alg_values_supported": offer.id_token_algs,
        "userinfo_signing_alg_values_supported": offer.id_token_algs,
        // JARM §4.
        "authorization_signing_alg_values_supported": offer.id_token_algs,
        "token_endpoint_auth_methods_supported": offer.auth_methods(),
        "token_endpoint_auth_signing_alg_values_supported": AssertionAlg::ALL,
        // RFC 7009 §2.1: clients authenticate as at the token endpoint.
        "revocation_endpoint": at(REVOKE),
        "revocation_endpoint_auth_methods_supported": offer.auth_methods(),
        "revocation_endpoint_auth_signing_alg_values_supported": AssertionAlg::ALL,
        // RFC 7662 §2.1: not for clients that have only a name. RFC 9701 §7.
        "introspection_endpoint": at(INTROSPECT),
        "introspection_endpoint_auth_methods_supported": offer.auth_methods().into_iter()
            .filter(|m| *m != AuthMethod::None).collect::<Vec<_>>(),
        "introspection_endpoint_auth_signing_alg_values_supported": AssertionAlg::ALL,
        "introspection_signing_alg_values_supported": offer.id_token_algs,
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": offer.acr_values,
        "prompt_values_supported": Prompt::ALL,
        "display_values_supported": Display::ALL,
        "claim_types_supported": ["normal"],
        "claims_supported": PROTOCOL_CLAIMS.iter().chain(claims).collect::<Vec<_>>(),
        "claims_parameter_supported": true,
        "ui_locales_supported": offer.ui_locales,
        // OIDC Discovery §3, RFC 9101 §10.5. `none` is taken only from who has registered it, so it is not offered.
        "request_parameter_supported": true,
        "request_uri_parameter_supported": true,
        "require_request_uri_registration": true,
        "require_signed_request_object": false,
        "request_object_signing_alg_values_supported": SigningAlg::ALL,
        // RFC 9396 §10.
        "authorization_details_types_supported": offer.details_types,
        // RFC 9449 §5.1.
        "dpop_signing_alg_values_supported": SigningAlg::ALL,
        // RFC 9207 §3.
        "authorization_response_iss_parameter_supported": true,
    });
    if let (Value::Object(all), Value::Object(sessions)) = (&mut document, session_ends(at(CHECK_SESSION))) {
        all.extend(sessions);
    }
    if offer.registration {
        // RFC 8414 §2.
        document["registration_endpoint"] = at(REGISTER).into();
    }
    with_encryption(document, offer)
}

/// OIDC Discovery §3, JARM §4, RFC 9701 §7. To clients we encrypt with whatever key they have; to us they encrypt to those
/// that we have.
fn with_encryption(mut document: Value, offer: &Offer<'_>) -> Value {
    for what in ["id_token", "userinfo", "authorization", "introspection"] {
        document[format!("{what}_encryption_alg_values_supported")] = json!(EncryptionAlg::ALL);
        document[format!("{what}_encryption_enc_values_supported")] = json!(ContentEncryption::ALL);
    }
    document["request_object_encryption_alg_values_supported"] = json!(offer.request_encryption_algs);
    document["request_object_encryption_enc_values_supported"] = json!(ContentEncryption::ALL);
    document
}

/// How partners learn of a session's end: Session Management 1.0 §3.3, Front-Channel Logout 1.0 §3, Back-Channel Logout 1.0
/// §2.1.
fn session_ends(check_session: String) -> Value {
    json!({
        "check_session_iframe": check_session,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(response_types: &[ResponseType]) -> Value {
        metadata(&Offer {
            issuer: "https://op.example",
            acr_values: &["phr".to_owned()],
            response_types,
            request_encryption_algs: &[EncryptionAlg::EcdhEs],
            id_token_algs: &[SigningAlg::Es256, SigningAlg::Rs256],
            ui_locales: &["en".to_owned(), "es".to_owned()],
            more_scopes: &["orders".to_owned()],
            details_types: &["payment".to_owned()],
            certificate_methods: &[],
            alias: None,
            registration: false,
        })
    }

    #[test]
    fn required_members_are_there() {
        let doc = document(&[ResponseType::Code]);
        // OIDC Discovery §3: REQUIRED.
        for name in [
            "issuer",
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "response_types_supported",
            "subject_types_supported",
            "id_token_signing_alg_values_supported",
        ] {
            assert!(!doc[name].is_null(), "{name}");
        }
        assert_eq!(doc["token_endpoint"], "https://op.example/token");
        assert_eq!(doc["require_request_uri_registration"], true);
        assert_eq!(
            doc["request_object_encryption_alg_values_supported"],
            json!(["ECDH-ES"])
        );
        assert_eq!(
            doc["introspection_encryption_enc_values_supported"]
                .as_array()
                .unwrap()
                .len(),
            4
        );
        assert!(!doc.to_string().contains("RSA1_5"));
        assert_eq!(
            doc["grant_types_supported"],
            json!([
                "authorization_code",
                "refresh_token",
                "urn:ietf:params:oauth:grant-type:device_code",
                "urn:openid:params:grant-type:ciba",
                "client_credentials",
                "urn:ietf:params:oauth:grant-type:token-exchange"
            ])
        );
        assert!(doc["scopes_supported"].as_array().unwrap().contains(&json!("orders")));
        assert!(
            doc["claims_supported"]
                .as_array()
                .unwrap()
                .contains(&json!("urn:countersign:evidence"))
        );
    }

    #[test]
    fn hybrid_appears_when_it_is_offered() {
        let doc = document(ResponseType::ALL);
        assert_eq!(doc["response_types_supported"], json!(["code", "code id_token"]));
        assert!(
            doc["grant_types_supported"]
                .as_array()
                .unwrap()
                .contains(&json!("implicit"))
        );
    }
}
