//! Asking for a key, and checking what it answers (WebAuthn §7.2).

use serde::{Deserialize, Serialize};
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::internals::AuthenticatorData;
use webauthn_rs_core::proto::{
    Authentication, AuthenticationResult, AuthenticationState, Credential as CoreCredential,
};
use webauthn_rs_proto::{AllowCredentials, UserVerificationPolicy};

use super::enrol::{challenged, new_challenge};
use super::wire::{Assertion, GET, Odd, judge_client_data};
use super::{Held, LIFETIME, Place};
use crate::base::{AuthenticatorId, Secret};
use crate::factors::{Answer, Ask, Credential, Cx, Kept, Opening, Proved, Renewed, Verdict};
use crate::model::MfaCode;
use crate::model::authenticator::{Facts, KeyFacts};
use crate::policy::Proof;

/// What waits for the answer.
#[derive(Serialize, Deserialize)]
struct Asked {
    state: AuthenticationState,
    /// Which keys were asked; empty: any that finds itself.
    of: Vec<AuthenticatorId>,
}

/// Why an answer is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Refusal {
    code: MfaCode,
    event: &'static str,
    reason: &'static str,
}

const fn failed(reason: &'static str) -> Refusal {
    Refusal {
        code: MfaCode::KeyNotRecognised,
        event: "auth.factor.failed",
        reason,
    }
}

const fn elsewhere(reason: &'static str) -> Refusal {
    Refusal {
        code: MfaCode::WrongSite,
        event: "auth.webauthn.origin_mismatch",
        reason,
    }
}

const fn alarm(event: &'static str, reason: &'static str) -> Refusal {
    Refusal {
        event,
        ..failed(reason)
    }
}

impl Refusal {
    const fn of(self, by: Option<AuthenticatorId>) -> Verdict {
        Verdict::Refused {
            code: self.code,
            event: self.event,
            reason: self.reason,
            by,
        }
    }
}

pub(super) fn open(cx: &Cx<'_>, ask: &Ask<'_>) -> Option<Opening> {
    let place = Place::of(cx.site)?;
    let asked: Vec<(&Credential, Held)> = ask
        .acceptable
        .iter()
        .filter_map(|c| Some((c, Held::read(c)?)))
        .collect();
    if asked.is_empty() && !ask.acceptable.is_empty() {
        // An empty list would ask for anybody's key instead of these.
        return None;
    }
    let verification = if ask.verify_user || asked.is_empty() {
        UserVerificationPolicy::Required
    } else {
        UserVerificationPolicy::Preferred
    };
    let builder = place
        .core
        .new_challenge_authenticate_builder(Vec::new(), Some(verification))
        .ok()?;
    let (made, state) = place.core.generate_challenge_authenticate(builder).ok()?;
    let challenge = new_challenge(cx);
    let mut options = challenged(&made.public_key, &challenge)?;
    options.allow_credentials = asked.iter().map(|(_, held)| allowed(held)).collect();
    let kept = Asked {
        state: challenged(&state, &challenge)?,
        of: asked.iter().map(|(c, _)| c.id.clone()).collect(),
    };
    Some(Opening {
        kept: Some((Kept(serde_json::to_string(&kept).ok()?), LIFETIME)),
        send: None,
        show: Some(serde_json::to_string(&options).ok()?),
    })
}

fn allowed(held: &Held) -> AllowCredentials {
    AllowCredentials {
        type_: "public-key".to_owned(),
        id: held.credential.cred_id.clone(),
        transports: held.hints(),
    }
}

pub(super) fn check(cx: &Cx<'_>, kept: Option<&Kept>, all: &[Credential], answer: &Answer) -> Verdict {
    let (Answer::Key(answer), Some(kept)) = (answer, kept) else {
        return Verdict::Wrong;
    };
    let (Some(assertion), Ok(asked)) = (Assertion::read(answer), serde_json::from_str::<Asked>(&kept.0)) else {
        return Verdict::Wrong;
    };
    let raw_id = assertion.credential.raw_id.as_slice();
    let with_secret = all.iter().filter_map(|c| Some((c, Held::read(c)?)));
    let Some((credential, held)) = with_secret.into_iter().find(|(_, h)| h.credential.cred_id == raw_id) else {
        return failed("a key that this account does not have").of(None);
    };
    match judge(cx, &asked, credential, &held, &assertion) {
        Ok(result) => Verdict::Proved(proved(cx, credential, held, &asked, &result)),
        Err(refusal) => refusal.of(Some(credential.id.clone())),
    }
}

fn judge(
    cx: &Cx<'_>,
    asked: &Asked,
    credential: &Credential,
    held: &Held,
    assertion: &Assertion,
) -> Result<AuthenticationResult, Refusal> {
    let place = Place::of(cx.site).ok_or(failed("the issuer's host is not a domain"))?;
    let response = &assertion.credential.response;
    judge_client_data(&response.client_data_json, GET, &place.origin).map_err(|odd| match odd {
        Odd::Unreadable => failed("its client data cannot be read"),
        Odd::OtherType => failed("it answers another kind of question"),
        Odd::OtherOrigin => elsewhere("it was asked by a page of another site"),
        Odd::Framed => elsewhere("it was asked in a frame of another site"),
    })?;
    // §7.2 step 5.
    if !asked.of.is_empty() && !asked.of.contains(&credential.id) {
        return Err(failed("another key than those that were asked"));
    }
    // §7.2 step 6: a key that names its owner names this one; one that was found without a name must.
    match &assertion.user_handle {
        Some(handle) if handle != held.owner.as_str().as_bytes() => {
            return Err(failed("it says to be somebody else's"));
        }
        None if asked.of.is_empty() => return Err(failed("it does not say whose it is")),
        Some(_) | None => {}
    }
    let data = AuthenticatorData::<Authentication>::try_from(response.authenticator_data.as_slice())
        .map_err(|_| failed("its data cannot be read"))?;
    // The core would judge BE before the signature, so that anybody could raise the alarm; and it would refuse a key for
    // not verifying its user where nobody asked. Both are judged below, by what is signed.
    let lenient = CoreCredential {
        backup_eligible: data.backup_eligible,
        registration_policy: UserVerificationPolicy::Discouraged_DO_NOT_USE,
        ..held.credential.clone()
    };
    let result = place
        .core
        .authenticate_single_credential(&assertion.credential, &asked.state, &lenient)
        .map_err(|e| of_core(&e))?;
    // §7.2 step 18, §6.1.3: BE is fixed for life.
    if result.backup_eligible() != held.credential.backup_eligible {
        return Err(alarm(
            "auth.webauthn.be_changed",
            "it says that it can be synced, or no longer can",
        ));
    }
    Ok(result)
}

const fn of_core(e: &WebauthnError) -> Refusal {
    match e {
        WebauthnError::InvalidRPOrigin => elsewhere("it was asked by a page of another site"),
        WebauthnError::InvalidRPIDHash => elsewhere("it signed for another site"),
        // §7.2 step 22: two copies of one private key are in use.
        WebauthnError::CredentialPossibleCompromise => alarm(
            "auth.webauthn.counter_regress",
            "its counter did not grow: it may be a copy",
        ),
        WebauthnError::MismatchedChallenge => failed("it answers another challenge"),
        WebauthnError::UserNotPresent => failed("nobody touched it"),
        WebauthnError::UserNotVerified => failed("it did not verify its user"),
        WebauthnError::CredentialMayNotBeHardwareBound => failed("it is synced, and says that it cannot be"),
        WebauthnError::AuthenticationFailure | WebauthnError::SignatureInvalid => failed("its signature is wrong"),
        _ => failed("it did not pass the checks"),
    }
}

/// What the signed answer shows, and the key as it is from now on.
fn proved(cx: &Cx<'_>, credential: &Credential, held: Held, asked: &Asked, result: &AuthenticationResult) -> Proved {
    let before = credential.facts.key.clone().unwrap_or_default();
    let now = KeyFacts {
        // Of the two copies the sealed one is believed.
        backup_eligible: held.credential.backup_eligible,
        backup_state: result.backup_state(),
        verifies_user: before.verifies_user || result.user_verified(),
        // Nobody had named it: it found itself.
        discoverable: before.discoverable || asked.of.is_empty(),
        ..cx.models.today(&before)
    };
    let proof = Proof {
        // The core refuses an answer without it.
        user_present: true,
        user_verified: result.user_verified(),
        ..now.standing_proof()
    };
    let counted = result.counter() != held.credential.counter;
    let changed = counted || now != before || result.backup_state() != held.credential.backup_state;
    Proved {
        proof,
        by: Some(credential.id.clone()),
        step: None,
        renewed: changed.then(|| renewed(credential, held, now, result)).flatten(),
    }
}

fn renewed(credential: &Credential, mut held: Held, key: KeyFacts, result: &AuthenticationResult) -> Option<Renewed> {
    held.credential.counter = result.counter();
    held.credential.backup_state = result.backup_state();
    Some(Renewed {
        secret: Secret::new(serde_json::to_vec(&held).ok()?),
        facts: Facts {
            key: Some(key),
            ..credential.facts.clone()
        },
    })
}
