//! What browsers send: the JSON of `PublicKeyCredential.toJSON()` (WebAuthn Level 3 §5.1), and the client data in it.

use serde::{Deserialize, Deserializer};
use webauthn_rs_proto::{
    AuthenticatorAssertionResponseRaw, AuthenticatorAttestationResponseRaw, AuthenticatorTransport, CredProps,
    PublicKeyCredential, RegisterPublicKeyCredential, RegistrationExtensionsClientOutputs,
};

use crate::base::encoding::{base64url, from_base64url};

/// Bytes of an answer. An attestation chain of three certificates stays below a tenth of it.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Ways to reach a key that are remembered; WebAuthn §5.8.4 knows six.
const MAX_TRANSPORTS: usize = 8;

/// base64url without padding, as `toJSON()` writes bytes.
#[derive(Debug, Default)]
struct Bytes(Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(de: D) -> Result<Self, D::Error> {
        let text = String::deserialize(de)?;
        let bytes = from_base64url(&text).ok_or_else(|| serde::de::Error::custom("not base64url"))?;
        Ok(Self(bytes))
    }
}

/// A new key's answer.
#[derive(Debug)]
pub struct Registration {
    pub credential: RegisterPublicKeyCredential,
    pub transports: Vec<AuthenticatorTransport>,
    /// What the browser says of it (`credProps`); unsigned, a hint.
    pub discoverable: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RegistrationJson {
    #[serde(rename = "type")]
    kind: String,
    raw_id: Bytes,
    response: AttestationJson,
    #[serde(default)]
    client_extension_results: ExtensionsJson,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AttestationJson {
    #[serde(rename = "clientDataJSON")]
    client_data: Bytes,
    attestation_object: Bytes,
    #[serde(default)]
    transports: Option<Vec<AuthenticatorTransport>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ExtensionsJson {
    cred_props: Option<CredPropsJson>,
}

#[derive(Deserialize)]
struct CredPropsJson {
    #[serde(default)]
    rk: Option<bool>,
}

impl Registration {
    pub fn read(answer: &str) -> Option<Self> {
        let json: RegistrationJson = read(answer)?;
        let rk = json.client_extension_results.cred_props.and_then(|props| props.rk);
        let mut transports = json.response.transports.unwrap_or_default();
        transports.retain(|t| *t != AuthenticatorTransport::Unknown);
        transports.truncate(MAX_TRANSPORTS);
        let credential = RegisterPublicKeyCredential {
            id: base64url(&json.raw_id.0),
            raw_id: json.raw_id.0,
            response: AuthenticatorAttestationResponseRaw {
                attestation_object: json.response.attestation_object.0,
                client_data_json: json.response.client_data.0,
                transports: None,
            },
            extensions: RegistrationExtensionsClientOutputs {
                cred_props: rk.map(|rk| CredProps { rk: Some(rk) }),
                ..RegistrationExtensionsClientOutputs::default()
            },
            type_: json.kind,
        };
        (credential.type_ == PUBLIC_KEY).then_some(Self {
            credential,
            transports,
            discoverable: rk == Some(true),
        })
    }
}

/// WebAuthn §5.8.2: the one type of credential.
const PUBLIC_KEY: &str = "public-key";

/// An enrolled key's answer.
#[derive(Debug)]
pub struct Assertion {
    pub credential: PublicKeyCredential,
    pub user_handle: Option<Vec<u8>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssertionJson {
    #[serde(rename = "type")]
    kind: String,
    raw_id: Bytes,
    response: SignatureJson,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignatureJson {
    #[serde(rename = "clientDataJSON")]
    client_data: Bytes,
    authenticator_data: Bytes,
    signature: Bytes,
    #[serde(default)]
    user_handle: Option<Bytes>,
}

impl Assertion {
    pub fn read(answer: &str) -> Option<Self> {
        let json: AssertionJson = read(answer)?;
        // Keys that know no user handle leave it out, or empty (CTAP 2.2 §6.2.2).
        let user_handle = json.response.user_handle.map(|h| h.0).filter(|h| !h.is_empty());
        let credential = PublicKeyCredential {
            id: base64url(&json.raw_id.0),
            raw_id: json.raw_id.0,
            response: AuthenticatorAssertionResponseRaw {
                authenticator_data: json.response.authenticator_data.0,
                client_data_json: json.response.client_data.0,
                signature: json.response.signature.0,
                user_handle: user_handle.clone(),
            },
            // The one extension that would matter is the `appid` of old U2F keys, which is never asked for.
            extensions: webauthn_rs_proto::AuthenticationExtensionsClientOutputs::default(),
            type_: json.kind,
        };
        (credential.type_ == PUBLIC_KEY).then_some(Self {
            credential,
            user_handle,
        })
    }
}

fn read<'a, T: Deserialize<'a>>(answer: &'a str) -> Option<T> {
    if answer.len() > MAX_ANSWER_BYTES {
        return None;
    }
    serde_json::from_str(answer).ok()
}

/// What the browser states of the page that asked (WebAuthn §5.8.1). The core compares the challenge.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    origin: String,
    #[serde(default)]
    cross_origin: Option<bool>,
    #[serde(default)]
    top_origin: Option<String>,
}

/// What is wrong with the client data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Odd {
    #[error("its client data cannot be read")]
    Unreadable,
    #[error("it answers another kind of question")]
    OtherType,
    #[error("it was asked by a page of another site")]
    OtherOrigin,
    #[error("it was asked in a frame of another site")]
    Framed,
}

/// The type that a browser writes for `navigator.credentials.create()` and `get()`.
pub const CREATE: &str = "webauthn.create";
pub const GET: &str = "webauthn.get";

/// WebAuthn §7.1 and §7.2: the type, the origin letter by letter, and no frame of anybody else's around us.
pub fn judge_client_data(bytes: &[u8], kind: &str, origin: &str) -> Result<(), Odd> {
    let data: ClientData = serde_json::from_slice(bytes).map_err(|_| Odd::Unreadable)?;
    if data.kind != kind {
        // A signature made for one ceremony must not serve in the other.
        return Err(Odd::OtherType);
    }
    if data.origin != origin {
        return Err(Odd::OtherOrigin);
    }
    if data.cross_origin == Some(true) || data.top_origin.is_some() {
        return Err(Odd::Framed);
    }
    Ok(())
}
