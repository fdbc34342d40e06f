//! Setting up a security key or passkey (WebAuthn §7.1).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{
    COSEAlgorithm, COSEKey, COSEKeyType, Credential as CoreCredential, ECDSACurve, ParsedAttestation, RegistrationState,
};
use webauthn_rs_proto::{
    AttestationConveyancePreference, AttestationFormat, AuthenticatorTransport, PublicKeyCredentialCreationOptions,
    PublicKeyCredentialDescriptor, RequestRegistrationExtensions, ResidentKeyRequirement, UserVerificationPolicy,
};

use super::attest::{Statement, Untrusted};
use super::models::NotAccepted;
use super::wire::{CREATE, Odd, Registration, judge_client_data};
use super::{Held, LIFETIME, Place, USER_HANDLE_BYTES};
use crate::base::encoding::base64url;
use crate::base::{Secret, UserId};
use crate::factors::{Answer, Credential, Cx, Fresh, Kept, Person, Start};
use crate::model::MfaCode;
use crate::model::authenticator::{Facts, KeyFacts};

/// WebAuthn §13.4.3 asks for 16 random bytes at the least.
const CHALLENGE_BYTES: usize = 32;
/// WebAuthn §4 (credential ID): at least 16 bytes, at most 1023.
const CREDENTIAL_ID_BYTES: std::ops::RangeInclusive<usize> = 16..=1023;

/// What waits for the new key.
#[derive(Serialize, Deserialize)]
struct Pending {
    state: RegistrationState,
    options: PublicKeyCredentialCreationOptions,
    owner: UserId,
}

/// Why a key is not enrolled.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the set-up that it answers cannot be read")]
    Stale,
    #[error("it is not the answer of a browser")]
    NotAnAnswer,
    #[error("{0}")]
    ClientData(#[from] Odd),
    #[error("it did not pass the checks: {0}")]
    Core(WebauthnError),
    #[error("its identifier or its kind of public key is not acceptable")]
    Unfit,
    #[error("its attestation does not lead to a root of its model")]
    Untrusted,
    #[error("{0}")]
    Model(#[from] NotAccepted),
}

impl Refusal {
    pub(super) const fn code(&self) -> MfaCode {
        match self {
            Self::Stale => MfaCode::SecretExpired,
            Self::ClientData(Odd::OtherOrigin | Odd::Framed)
            | Self::Core(WebauthnError::InvalidRPIDHash | WebauthnError::InvalidRPOrigin) => MfaCode::WrongSite,
            Self::NotAnAnswer
            | Self::ClientData(Odd::Unreadable | Odd::OtherType)
            | Self::Core(_)
            | Self::Unfit
            | Self::Untrusted
            | Self::Model(_) => MfaCode::KeyNotRecognised,
        }
    }
}

/// A challenge from our own entropy in what the core has made: the state and the options are the core's to write, chance
/// is ours to give.
pub(super) fn challenged<T: Serialize + serde::de::DeserializeOwned>(made: &T, challenge: &[u8]) -> Option<T> {
    let mut json = serde_json::to_value(made).ok()?;
    json.as_object_mut()?
        .insert("challenge".to_owned(), Value::String(base64url(challenge)))?;
    serde_json::from_value(json).ok()
}

pub(super) fn new_challenge(cx: &Cx<'_>) -> [u8; CHALLENGE_BYTES] {
    let mut bytes = [0u8; CHALLENGE_BYTES];
    cx.entropy.fill(&mut bytes);
    bytes
}

pub(super) fn start(cx: &Cx<'_>, person: &Person<'_>, held: &[Credential]) -> Option<Start> {
    let place = Place::of(cx.site)?;
    let handle = person.id.as_str().as_bytes();
    let name = Some(person.display_name)
        .filter(|n| !n.is_empty())
        .unwrap_or(person.username);
    if handle.len() > USER_HANDLE_BYTES {
        return None;
    }
    let held: Vec<Held> = held.iter().filter_map(Held::read).collect();
    let attested = cx.models.wants_attestation();
    let builder = place
        .core
        .new_challenge_register_builder(handle, person.username, name)
        .ok()?
        .attestation(if attested {
            AttestationConveyancePreference::Direct
        } else {
            AttestationConveyancePreference::None
        })
        // The one format in which a model is proved, so that a computer that has several chooses it.
        .attestation_formats(attested.then(|| vec![AttestationFormat::Packed]))
        .credential_algorithms(vec![COSEAlgorithm::ES256, COSEAlgorithm::ES384, COSEAlgorithm::RS256])
        .user_verification_policy(UserVerificationPolicy::Preferred)
        .exclude_credentials(Some(held.iter().map(|h| h.credential.cred_id.clone()).collect()))
        .extensions(Some(RequestRegistrationExtensions {
            cred_props: Some(true),
            uvm: None,
            ..RequestRegistrationExtensions::default()
        }));
    let (made, state) = place.core.generate_challenge_register(builder).ok()?;
    let challenge = new_challenge(cx);
    let mut options = challenged(&made.public_key, &challenge)?;
    options.exclude_credentials = Some(held.iter().map(descriptor).collect());
    if let Some(wish) = options.authenticator_selection.as_mut() {
        // A key whose store is full still becomes a second factor; the core can only require or discourage.
        wish.resident_key = Some(ResidentKeyRequirement::Preferred);
    }
    let pending = Pending {
        state: challenged(&state, &challenge)?,
        options,
        owner: person.id.clone(),
    };
    Some(Start {
        kept: Kept(serde_json::to_string(&pending).ok()?),
        lifetime: LIFETIME,
        send: None,
    })
}

fn descriptor(held: &Held) -> PublicKeyCredentialDescriptor {
    PublicKeyCredentialDescriptor {
        type_: "public-key".to_owned(),
        id: held.credential.cred_id.clone(),
        transports: held.hints(),
    }
}

/// The options, as `parseCreationOptionsFromJSON` takes them (WebAuthn §5.1.8).
pub(super) fn show(kept: &Kept) -> Option<String> {
    let pending: Pending = serde_json::from_str(&kept.0).ok()?;
    serde_json::to_string(&pending.options).ok()
}

pub(super) fn finish(cx: &Cx<'_>, kept: &Kept, answer: &Answer) -> Result<Fresh, Refusal> {
    let pending: Pending = serde_json::from_str(&kept.0).map_err(|_| Refusal::Stale)?;
    let place = Place::of(cx.site).ok_or(Refusal::Stale)?;
    let Answer::Key(answer) = answer else {
        return Err(Refusal::NotAnAnswer);
    };
    let mut registration = Registration::read(answer).ok_or(Refusal::NotAnAnswer)?;
    let response = &mut registration.credential.response;
    judge_client_data(&response.client_data_json, CREATE, &place.origin)?;
    let statement = Statement::read(&response.attestation_object).ok_or(Refusal::NotAnAnswer)?;
    if let Some(plain) = statement.set_aside() {
        response.attestation_object = plain;
    }
    // Challenge, origin, RP ID, presence, algorithm, and the statement's own signature. Its chain is ours to judge.
    let credential = place
        .core
        .register_credential(&registration.credential, &pending.state, None)
        .map_err(Refusal::Core)?;
    if !CREDENTIAL_ID_BYTES.contains(&credential.cred_id.len()) || !one_kind(&credential.cred) {
        return Err(Refusal::Unfit);
    }
    let attested = statement.attested(&credential, cx.models, cx.now);
    let attested = attested.map_err(|Untrusted| Refusal::Untrusted)?;
    cx.models.accept(&statement.aaguid, attested)?;
    let facts = KeyFacts {
        aaguid: Some(statement.aaguid)
            .filter(|a| !a.is_nothing())
            .map(|a| a.to_string()),
        backup_eligible: credential.backup_eligible,
        backup_state: credential.backup_state,
        verifies_user: credential.user_verified,
        discoverable: registration.discoverable,
        ..KeyFacts::default()
    };
    let facts = if attested {
        cx.models.vouch(&statement.aaguid, facts)
    } else {
        facts
    };
    fresh(credential, facts, registration.transports, pending.owner)
}

fn fresh(
    credential: CoreCredential,
    facts: KeyFacts,
    transports: Vec<AuthenticatorTransport>,
    owner: UserId,
) -> Result<Fresh, Refusal> {
    let nickname = nickname(&facts, &transports);
    let id = credential.cred_id.clone();
    let held = Held {
        credential: CoreCredential {
            // It has been judged; what it showed is in the facts.
            attestation: ParsedAttestation::default(),
            ..credential
        },
        owner,
        transports,
    };
    Ok(Fresh {
        secret: Secret::new(serde_json::to_vec(&held).map_err(|_| Refusal::Unfit)?),
        facts: Facts {
            key: Some(facts),
            ..Facts::default()
        },
        found_by: Some(id),
        last_step: None,
        // Under attestation `none` nothing is signed at a registration: the key is proved by its first assertion.
        proof: None,
        nickname,
    })
}

/// RFC 9053 §2.1: the curve belongs to the algorithm. The core would take ES256 on P-384.
const fn one_kind(key: &COSEKey) -> bool {
    match (&key.key, key.type_) {
        (COSEKeyType::EC_EC2(ec), COSEAlgorithm::ES256) => matches!(ec.curve, ECDSACurve::SECP256R1),
        (COSEKeyType::EC_EC2(ec), COSEAlgorithm::ES384) => matches!(ec.curve, ECDSACurve::SECP384R1),
        (COSEKeyType::RSA(_), COSEAlgorithm::RS256) => true,
        _ => false,
    }
}

fn nickname(facts: &KeyFacts, transports: &[AuthenticatorTransport]) -> String {
    let built_in = [AuthenticatorTransport::Internal, AuthenticatorTransport::Hybrid];
    let passkey = facts.backup_eligible || transports.iter().any(|t| built_in.contains(t));
    let plain = if passkey { "Passkey" } else { "Security key" };
    let model = facts.model.as_deref().filter(|m| !m.is_empty());
    model.unwrap_or(plain).to_owned()
}
