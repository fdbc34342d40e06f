//! A client: how it is written (RFC 7591 member names) and the checked form that everything else works with.

use serde::de::value::Error as PlainError;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::base::encoding::{hash_token, same};
use crate::base::{ClientId, Seconds, Secret, Timestamp};

use super::certificate::CertificateSubject;
use super::encryption::Encryptions;
use super::scope::Scopes;
use super::words::{
    ApplicationType, AssertionAlg, AuthMethod, Consent, ContentEncryption, DeliveryMode, EncryptionAlg, GrantType,
    Profile, RefreshRotation, RequestObjectAlg, ResponseType, SigningAlg, SubjectType, TokenFormat,
};

/// Lifetimes: what a client gets without asking, and the most it can ask for.
pub const CODE_LIFETIME: Seconds = Seconds(60);
/// RFC 6749 §4.1.2: a maximum of ten minutes is recommended.
pub const MAX_CODE_LIFETIME: Seconds = Seconds::minutes(10);
pub const ACCESS_TOKEN_LIFETIME: Seconds = Seconds::minutes(10);
pub const MAX_ACCESS_TOKEN_LIFETIME: Seconds = Seconds::hours(24);
pub const ID_TOKEN_LIFETIME: Seconds = Seconds::minutes(10);
pub const MAX_ID_TOKEN_LIFETIME: Seconds = Seconds::hours(24);
pub const REFRESH_TOKEN_LIFETIME: Seconds = Seconds::days(30);
pub const MAX_REFRESH_TOKEN_LIFETIME: Seconds = Seconds::days(365);
/// How long a refresh token may lie unused.
pub const REFRESH_TOKEN_IDLE_LIFETIME: Seconds = Seconds::days(14);

/// A client as operators write it in `workspace.toml` and as partners register it (RFC 7591 §2, OIDC Registration §2).
/// Unknown members are an error; `from_registration` drops them first. `check` makes a `Client` of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientMetadata {
    pub client_id: String,
    /// Plain, at intake only: `hide_secret` puts its hash into `client_secret_hash`.
    pub client_secret: Option<Secret<String>>,
    /// base64url SHA-256, as `base::encoding::hash_token` writes it.
    pub client_secret_hash: Option<String>,
    /// base64url of the secret, sealed for this client under the master key: kept only for `client_secret_jwt`, whose MAC
    /// needs it.
    pub client_secret_sealed: Option<String>,
    /// Seconds since 1970; 0: never (RFC 7591 §3.2.1).
    pub client_secret_expires_at: Option<i64>,
    pub client_name: Option<String>,
    pub client_uri: Option<String>,
    pub logo_uri: Option<String>,
    pub policy_uri: Option<String>,
    pub tos_uri: Option<String>,
    pub contacts: Vec<String>,
    pub application_type: Option<ApplicationType>,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    /// Default: `["authorization_code"]` (RFC 7591 §2).
    pub grant_types: Option<Vec<String>>,
    /// Default: `["code"]` (RFC 7591 §2).
    pub response_types: Option<Vec<String>>,
    /// Default: `client_secret_basic` (RFC 7591 §2).
    pub token_endpoint_auth_method: Option<AuthMethod>,
    pub token_endpoint_auth_signing_alg: Option<AssertionAlg>,
    pub jwks: Option<Value>,
    pub jwks_uri: Option<String>,
    pub tls_client_auth_subject_dn: Option<String>,
    pub tls_client_auth_san_dns: Option<String>,
    pub tls_client_auth_san_uri: Option<String>,
    pub tls_client_auth_san_ip: Option<String>,
    pub tls_client_auth_san_email: Option<String>,
    pub tls_client_certificate_bound_access_tokens: bool,
    /// RFC 9449 §5.2.
    pub dpop_bound_access_tokens: bool,
    pub require_pushed_authorization_requests: bool,
    /// What it may ask for in `authorization_details` (RFC 9396 §10). Default: nothing.
    pub authorization_details_types: Vec<String>,
    /// Default: every algorithm that we take, and never `none`.
    pub request_object_signing_alg: Option<RequestObjectAlg>,
    /// RFC 9101 §10.5.
    pub require_signed_request_object: bool,
    /// Where its request objects may be fetched from.
    pub request_uris: Vec<String>,
    /// What the client may ask for. Default: every scope that OpenID Connect defines, and `evidence`.
    pub scope: Option<Scopes>,
    pub subject_type: Option<SubjectType>,
    pub sector_identifier_uri: Option<String>,
    /// Default here: ES256 (OIDC Registration §2 says RS256, which costs forty times as much to sign).
    pub id_token_signed_response_alg: Option<SigningAlg>,
    pub userinfo_signed_response_alg: Option<SigningAlg>,
    /// Of answers by the response modes `….jwt` (JARM §3). Default: as ID tokens are signed.
    pub authorization_signed_response_alg: Option<SigningAlg>,
    /// Of introspection answers, where they are asked for signed (RFC 9701 §6). Default: as ID tokens are signed.
    pub introspection_signed_response_alg: Option<SigningAlg>,
    // What is encrypted to it, after it was signed. Default: nothing; of each `enc`: A128CBC-HS256.
    pub id_token_encrypted_response_alg: Option<EncryptionAlg>,
    pub id_token_encrypted_response_enc: Option<ContentEncryption>,
    pub userinfo_encrypted_response_alg: Option<EncryptionAlg>,
    pub userinfo_encrypted_response_enc: Option<ContentEncryption>,
    pub authorization_encrypted_response_alg: Option<EncryptionAlg>,
    pub authorization_encrypted_response_enc: Option<ContentEncryption>,
    pub introspection_encrypted_response_alg: Option<EncryptionAlg>,
    pub introspection_encrypted_response_enc: Option<ContentEncryption>,
    /// How it may encrypt its request objects. It binds to nothing (OIDC Registration §2).
    pub request_object_encryption_alg: Option<EncryptionAlg>,
    pub request_object_encryption_enc: Option<ContentEncryption>,
    pub default_acr_values: Vec<String>,
    pub default_max_age: Option<Seconds>,
    pub require_auth_time: bool,
    pub initiate_login_uri: Option<String>,
    pub backchannel_logout_uri: Option<String>,
    pub backchannel_logout_session_required: bool,
    pub frontchannel_logout_uri: Option<String>,
    pub frontchannel_logout_session_required: bool,
    /// How the client learns that somebody has answered (CIBA Core §4). Default here, with the grant: `poll`.
    pub backchannel_token_delivery_mode: Option<DeliveryMode>,
    /// Where pings go.
    pub backchannel_client_notification_endpoint: Option<String>,
    /// Whoever registers it signs every request.
    pub backchannel_authentication_request_signing_alg: Option<SigningAlg>,
    pub backchannel_user_code_parameter: bool,
    // --- ours
    /// It registered itself, and lives by `[workspace.registration]`.
    pub registered: bool,
    /// Names of `[[policies]]`.
    pub policies: Vec<String>,
    /// URIs of `[[resources]]` that it may have tokens for (RFC 8707).
    pub resources: Vec<String>,
    /// URIs of `[[resources]]` that it is: it may ask what their tokens are worth, and exchange them.
    pub serves: Vec<String>,
    /// Default: `jwt`. A resource's own word counts more.
    pub access_token_format: Option<TokenFormat>,
    /// The only party that may act for people with this client's tokens (RFC 8693 §4.4): a `sub`, or a client_id.
    pub may_act: Option<String>,
    pub profile: Option<Profile>,
    /// Default: true for public clients and under `fapi2`, else false: older confidential partners send none
    /// (as does the OpenID conformance suite's basic plan). A challenge that is sent is always honoured.
    pub require_pkce: Option<bool>,
    /// Must its proofs carry a nonce of ours (RFC 9449 §8)? Default: true under `fapi2`.
    pub dpop_require_nonce: Option<bool>,
    pub consent: Option<Consent>,
    /// Default: `rotate`, under `fapi2` `none`.
    pub refresh_rotation: Option<RefreshRotation>,
    // Seconds.
    pub authorization_code_lifetime: Option<Seconds>,
    pub access_token_lifetime: Option<Seconds>,
    pub id_token_lifetime: Option<Seconds>,
    pub refresh_token_lifetime: Option<Seconds>,
    pub refresh_token_idle_lifetime: Option<Seconds>,
}

/// A client that may be worked with: only `ClientMetadata::check` makes one.
#[derive(Clone, Debug)]
pub struct Client {
    pub id: ClientId,
    /// What people are shown.
    pub name: String,
    pub auth: AuthMethod,
    pub profile: Profile,
    pub application_type: ApplicationType,
    pub grant_types: Vec<GrantType>,
    pub response_types: Vec<ResponseType>,
    pub scope: Scopes,
    pub id_token_alg: SigningAlg,
    pub response_alg: SigningAlg,
    pub introspection_alg: SigningAlg,
    pub encryption: Encryptions,
    /// Whose pairwise subjects it sees; `None`: it sees public ones (OIDC Core §8).
    pub sector: Option<String>,
    pub require_pkce: bool,
    pub require_par: bool,
    /// No token leaves that is not bound to a key.
    pub require_dpop: bool,
    pub require_dpop_nonce: bool,
    pub require_signed_request_object: bool,
    pub consent: Consent,
    pub refresh_rotation: RefreshRotation,
    pub code_lifetime: Seconds,
    pub access_token_lifetime: Seconds,
    pub access_token_format: TokenFormat,
    pub id_token_lifetime: Seconds,
    pub refresh_token_lifetime: Seconds,
    pub refresh_token_idle_lifetime: Seconds,
    /// base64url SHA-256 of the secret, where `auth` uses one.
    pub secret_hash: Option<String>,
    /// What its certificate says, where `auth` is `tls_client_auth`.
    pub certificate_subject: Option<CertificateSubject>,
    /// No access token leaves that is not bound to a certificate (RFC 8705 §3).
    pub require_certificate: bool,
    /// The rest, as written; the plain secret is no longer in it.
    pub metadata: ClientMetadata,
    pub(super) _checked: Checked,
}

/// Only this folder can write it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checked;

/// What is wrong with a client's metadata, in a sentence that names the member.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("client {client}: {member} {problem}")]
pub struct ClientError {
    pub client: String,
    pub member: &'static str,
    pub problem: String,
}

impl ClientMetadata {
    /// RFC 7591 §2: the server ignores what it does not understand.
    pub fn from_registration(mut members: Map<String, Value>) -> Result<Self, serde_json::Error> {
        let known = Self::member_names();
        members.retain(|name, _| known.contains(&name.as_str()));
        serde_json::from_value(Value::Object(members))
    }

    /// As JSON without the members that were not given.
    pub fn to_json(&self) -> Value {
        match serde_json::to_value(self) {
            Ok(Value::Object(mut members)) => {
                members.retain(|_, v| {
                    !(v.is_null() || *v == Value::Bool(false) || v.as_array().is_some_and(Vec::is_empty))
                });
                Value::Object(members)
            }
            Ok(other) => other,
            Err(_) => Value::Null,
        }
    }

    /// Replaces the plain secret by its hash; do this before it is stored.
    pub fn hide_secret(&mut self) {
        if let Some(secret) = self.client_secret.take() {
            self.client_secret_hash = Some(hash_token(secret.expose()));
        }
    }

    /// Every member that we know.
    pub fn member_names() -> &'static [&'static str] {
        let mut names: &'static [&'static str] = &[];
        let _ = Self::deserialize(MemberNames(&mut names));
        names
    }
}

impl Client {
    pub fn is_public(&self) -> bool {
        self.auth == AuthMethod::None
    }
    pub fn may_use(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }
    /// Compares in constant time with the stored hash.
    pub fn has_secret(&self, secret: &Secret<String>) -> bool {
        let given = hash_token(secret.expose());
        self.secret_hash
            .as_ref()
            .is_some_and(|stored| same(stored.as_bytes(), given.as_bytes()))
    }
    /// RFC 7591 §3.2.1: is its secret no longer good?
    pub fn secret_has_expired(&self, now: Timestamp) -> bool {
        let ends = self.metadata.client_secret_expires_at.filter(|at| *at != 0);
        ends.is_some_and(|at| self.secret_hash.is_some() && Timestamp::from_secs(at) <= now)
    }
    /// What its client assertions may be signed with, where it signs them with a key of its own.
    pub fn assertion_algs(&self) -> Vec<SigningAlg> {
        let registered = self.metadata.token_endpoint_auth_signing_alg;
        self.algs(registered.and_then(AssertionAlg::signing))
    }
    /// What its request objects may be signed with.
    pub fn request_object_algs(&self) -> Vec<SigningAlg> {
        let registered = self.metadata.request_object_signing_alg;
        self.algs(registered.and_then(RequestObjectAlg::signing))
    }
    /// What its signed backchannel requests may be signed with.
    pub fn backchannel_algs(&self) -> Vec<SigningAlg> {
        self.algs(self.metadata.backchannel_authentication_request_signing_alg)
    }
    /// What its proofs of possession may be signed with.
    pub fn dpop_algs(&self) -> Vec<SigningAlg> {
        self.algs(None)
    }
    fn algs(&self, registered: Option<SigningAlg>) -> Vec<SigningAlg> {
        match (registered, self.profile) {
            (Some(alg), _) => vec![alg],
            // FAPI 2.0 §5.4: PS256, ES256 or EdDSA.
            (None, Profile::Fapi2) => vec![SigningAlg::Ps256, SigningAlg::Es256, SigningAlg::EdDsa],
            (None, Profile::Oidc) => SigningAlg::ALL.to_vec(),
        }
    }
}

/// Reads nothing; learns the member names that a struct would take, so that they are written down only once.
struct MemberNames<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for MemberNames<'_> {
    type Error = PlainError;
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, PlainError> {
        Err(de::Error::custom("not a struct"))
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, PlainError> {
        *self.0 = fields;
        Err(de::Error::custom("only the names"))
    }
    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn unknown_members_are_an_error_in_a_workspace_and_dropped_at_registration() {
        let members = json!({"client_id": "a", "client_name": "A", "client_name#es": "Á", "software_id": "x"});
        let error = serde_json::from_value::<ClientMetadata>(members.clone()).unwrap_err();
        assert!(error.to_string().contains("unknown field"), "{error}");
        let client = ClientMetadata::from_registration(members.as_object().unwrap().clone()).unwrap();
        assert_eq!(client.client_name.as_deref(), Some("A"));
        assert!(ClientMetadata::member_names().contains(&"backchannel_logout_uri"));
    }

    #[test]
    fn toml_is_read_as_well() {
        let text = r#"
            client_id = "cedar-ehr"
            client_secret = "a-secret-of-sufficient-length"
            redirect_uris = ["http://localhost:8081/callback"]
            scope = "openid profile"
            policies = ["epcs"]
            access_token_lifetime = 300
            jwks = { keys = [] }
        "#;
        let client: ClientMetadata = toml::from_str(text).unwrap();
        assert_eq!(client.access_token_lifetime, Some(Seconds(300)));
        assert_eq!(client.jwks, Some(json!({"keys": []})));
    }

    #[test]
    fn secrets_are_stored_as_hashes_and_never_shown() {
        let mut metadata: ClientMetadata =
            serde_json::from_value(json!({"client_id": "a", "client_secret": "s3cret"})).unwrap();
        assert!(!format!("{metadata:?}").contains("s3cret"));
        metadata.hide_secret();
        let json = metadata.to_json();
        assert_eq!(
            json,
            json!({"client_id": "a", "client_secret_hash": hash_token("s3cret")})
        );
        let client = serde_json::from_value::<ClientMetadata>(json!({
            "client_id": "a", "client_secret": "s3cret", "redirect_uris": ["https://a.example/cb"]
        }))
        .unwrap()
        .check()
        .unwrap();
        assert!(client.has_secret(&Secret::from("s3cret")));
        assert!(!client.has_secret(&Secret::from("s3cres")));
        assert!(client.metadata.client_secret.is_none());
    }
}
