//! Clients that register themselves (RFC 7591, OIDC Registration 1.0) and look after that (RFC 7592): what they send, and
//! what they are told. Who may, and what of it, is the operator's: see `model::registration`.

use serde_json::{Map, Value, json};

use crate::base::{ClientId, Timestamp};

use super::client::{Client, ClientError, ClientMetadata};
use super::errors::{ErrorCode, OAuthError};
use super::words::SubjectType;

/// Bytes of what a client says of itself, its software statement aside: every process keeps it in memory.
pub const MAX_METADATA_BYTES: usize = 16 * 1024;

/// What a client may say of itself. Whatever else `ClientMetadata` has is the operator's, or is given by us.
pub const MEMBERS: &[&str] = &[
    "client_name",
    "client_uri",
    "logo_uri",
    "policy_uri",
    "tos_uri",
    "contacts",
    "application_type",
    "redirect_uris",
    "post_logout_redirect_uris",
    "grant_types",
    "response_types",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "jwks",
    "jwks_uri",
    "tls_client_auth_subject_dn",
    "tls_client_auth_san_dns",
    "tls_client_auth_san_uri",
    "tls_client_auth_san_ip",
    "tls_client_auth_san_email",
    "tls_client_certificate_bound_access_tokens",
    "dpop_bound_access_tokens",
    "require_pushed_authorization_requests",
    "request_object_signing_alg",
    "require_signed_request_object",
    "request_uris",
    "scope",
    "subject_type",
    "sector_identifier_uri",
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "authorization_signed_response_alg",
    "introspection_signed_response_alg",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "authorization_encrypted_response_alg",
    "authorization_encrypted_response_enc",
    "introspection_encrypted_response_alg",
    "introspection_encrypted_response_enc",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "default_acr_values",
    "default_max_age",
    "require_auth_time",
    "initiate_login_uri",
    "backchannel_token_delivery_mode",
    "backchannel_client_notification_endpoint",
    "backchannel_authentication_request_signing_alg",
    "backchannel_user_code_parameter",
    "backchannel_logout_uri",
    "backchannel_logout_session_required",
    "frontchannel_logout_uri",
    "frontchannel_logout_session_required",
];

/// Ours. The operator may open these to clients: `[workspace.registration] registrant_may_set`.
pub const MAY_BE_OPENED: &[&str] = &[
    "authorization_details_types",
    "resources",
    "access_token_format",
    "profile",
    "require_pkce",
    "dpop_require_nonce",
    "consent",
    "refresh_rotation",
    "authorization_code_lifetime",
    "access_token_lifetime",
    "id_token_lifetime",
    "refresh_token_lifetime",
    "refresh_token_idle_lifetime",
];

/// Never a client's to choose.
pub const NEVER: &[&str] = &[
    "client_secret_hash",
    "client_secret_sealed",
    "policies",
    "registered",
    "serves",
    "may_act",
];

/// What we give: in a request it says nothing (RFC 7591 §3.2.1, RFC 7592 §3).
const GIVEN: &[&str] = &[
    "client_id",
    "client_secret",
    "client_secret_expires_at",
    "client_id_issued_at",
    "registration_access_token",
    "registration_client_uri",
];

/// What an update must not repeat (RFC 7592 §2.2).
const NOT_IN_AN_UPDATE: &[&str] = &[
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
];

/// A body as it came: read, not judged.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    members: Map<String, Value>,
    /// RFC 7591 §2.3: a JWT.
    pub statement: Option<String>,
}

pub fn invalid_metadata(what: impl AsRef<str>) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClientMetadata, what)
}

/// RFC 7591 §3.2.2: redirect URIs have a code of their own.
fn refused(member: &str, problem: &str) -> OAuthError {
    let code = match member {
        "redirect_uris" => ErrorCode::InvalidRedirectUri,
        _ => ErrorCode::InvalidClientMetadata,
    };
    OAuthError::new(code, format!("{member} {problem}"))
}

impl From<ClientError> for OAuthError {
    fn from(e: ClientError) -> Self {
        refused(e.member, &e.problem)
    }
}

impl Asked {
    pub fn parse(body: &[u8]) -> Result<Self, OAuthError> {
        let Ok(Value::Object(mut members)) = serde_json::from_slice(body) else {
            return Err(invalid_metadata("the body must be a JSON object"));
        };
        let statement = match members.remove("software_statement") {
            None | Some(Value::Null) => None,
            Some(Value::String(jwt)) => Some(jwt),
            Some(_) => {
                let what = "software_statement must be a JWT as text";
                return Err(OAuthError::new(ErrorCode::InvalidSoftwareStatement, what));
            }
        };
        // RFC 7592 §2.2: null is as good as left out.
        members.retain(|_, value| !value.is_null());
        let asked = Self { members, statement };
        if Value::Object(asked.members.clone()).to_string().len() > MAX_METADATA_BYTES {
            return Err(invalid_metadata(format!(
                "the metadata must not have more than {MAX_METADATA_BYTES} bytes"
            )));
        }
        Ok(asked)
    }

    /// RFC 7591 §2.3: what the statement says takes precedence over what stands beside it. Other claims are not ours to read.
    #[must_use]
    pub fn overridden(mut self, claims: &Map<String, Value>) -> Self {
        let known = ClientMetadata::member_names();
        let said = claims.iter().filter(|(name, value)| {
            known.contains(&name.as_str()) && !GIVEN.contains(&name.as_str()) && !value.is_null()
        });
        self.members
            .extend(said.map(|(name, value)| (name.clone(), value.clone())));
        self
    }

    /// RFC 7592 §2.2: an update names the client, repeats nothing that only we give, and sets no secret.
    pub fn check_update(&self, client: &Client) -> Result<(), OAuthError> {
        if let Some(name) = NOT_IN_AN_UPDATE.iter().find(|n| self.members.contains_key(**n)) {
            return Err(invalid_metadata(format!("{name} must not be in an update")));
        }
        if self.members.get("client_id").and_then(Value::as_str) != Some(client.id.as_str()) {
            return Err(invalid_metadata("client_id must be the one of this registration"));
        }
        let secret = self.members.get("client_secret");
        let same = |secret: &Value| {
            let text = secret.as_str().map(|s| crate::base::Secret::new(s.to_owned()));
            text.is_some_and(|s| client.has_secret(&s))
        };
        if secret.is_none_or(same) {
            Ok(())
        } else {
            Err(invalid_metadata("client_secret is not the current one"))
        }
    }

    /// The metadata, if there is nothing in it that is not the client's to choose. What nobody knows is dropped (RFC 7591
    /// §2), members in other languages (`client_name#es`) with it. `opened`: what else the operator lets clients say.
    pub fn read(mut self, opened: &[String]) -> Result<ClientMetadata, OAuthError> {
        let known = ClientMetadata::member_names();
        let may = |name: &str| MEMBERS.contains(&name) || opened.iter().any(|o| o == name);
        self.members.retain(|name, _| !GIVEN.contains(&name.as_str()));
        let forbidden = self.members.keys().find(|n| known.contains(&n.as_str()) && !may(n));
        if let Some(name) = forbidden {
            return Err(refused(name, "is not for clients to choose here"));
        }
        // One by one first: an error that names no member helps nobody.
        for (name, value) in self.members.iter().filter(|(n, _)| known.contains(&n.as_str())) {
            let alone = Map::from_iter([(name.clone(), value.clone())]);
            if let Err(e) = ClientMetadata::from_registration(alone) {
                return Err(refused(name, &format!("is malformed: {e}")));
            }
        }
        ClientMetadata::from_registration(self.members).map_err(|e| invalid_metadata(e.to_string()))
    }
}

/// A registration as its client sees it (RFC 7591 §3.2.1, RFC 7592 §3).
pub struct Information<'a> {
    pub client: &'a Client,
    pub issued_at: Timestamp,
    /// Only where it is new: what is kept is a hash.
    pub secret: Option<&'a str>,
    pub access_token: &'a str,
    /// Where it is looked after.
    pub address: String,
    pub statement: Option<&'a str>,
}

impl Information<'_> {
    /// `opened`: see `Asked::read`. The operator's own words about the client are not in it.
    pub fn to_json(&self, opened: &[String]) -> Value {
        let mut members = effective(self.client, opened);
        let mut tell = |name: &str, value: Value| members.insert(name.to_owned(), value);
        tell("client_id", json!(self.client.id));
        tell("client_id_issued_at", json!(self.issued_at.secs()));
        tell("registration_access_token", json!(self.access_token));
        tell("registration_client_uri", json!(self.address));
        if let Some(secret) = self.secret {
            tell("client_secret", json!(secret));
        }
        if self.client.secret_hash.is_some() {
            // RFC 7591 §3.2.1: REQUIRED where there is a secret; 0: it does not expire.
            let ends = self.client.metadata.client_secret_expires_at.unwrap_or(0);
            tell("client_secret_expires_at", json!(ends));
        }
        if let Some(statement) = self.statement {
            tell("software_statement", json!(statement));
        }
        Value::Object(members)
    }
}

/// RFC 7591 §3.2.1: all that is registered, what we filled in included.
fn effective(client: &Client, opened: &[String]) -> Map<String, Value> {
    let mut members = match client.metadata.to_json() {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    members.retain(|name, _| MEMBERS.contains(&name.as_str()) || opened.contains(name));
    let subject = client.metadata.subject_type.unwrap_or(SubjectType::Public);
    for (name, value) in [
        ("application_type", json!(client.application_type)),
        ("grant_types", json!(client.grant_types)),
        ("response_types", json!(client.response_types)),
        ("token_endpoint_auth_method", json!(client.auth)),
        ("scope", json!(client.scope)),
        ("id_token_signed_response_alg", json!(client.id_token_alg)),
        ("subject_type", json!(subject)),
    ] {
        members.insert(name.to_owned(), value);
    }
    members
}

/// A name that no operator's client has by chance.
pub fn client_id(random: &str) -> ClientId {
    ClientId::new(format!("reg-{random}"))
}

#[cfg(test)]
#[path = "registration_tests.rs"]
mod tests;
