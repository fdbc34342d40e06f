//! The acr values that are built in, as data. Sources: 800-63B-4 §2, EAP ACR Values 1.0, 21 CFR 1311.115.

use super::acr::{Predicate, Quality, Role, Sort};
use super::evidence::Method;
use crate::base::Seconds;
use Method::{Password, Push, RecoveryCode, Sms, Totp, Voice, Webauthn};
use Quality::{
    Activated, Apart, Attested, CodeTransferred, DeviceBound, FipsListed, Hardware, RiskAccepted, Roaming, UserVerified,
};

/// Any one factor. NIST AAL1.
pub const ACR_1FA: &str = "urn:countersign:acr:1fa";
/// Two different factors, whatever their strength.
pub const ACR_MFA: &str = "urn:countersign:acr:mfa";
/// NIST AAL2.
pub const ACR_AAL2: &str = "urn:countersign:acr:aal2";
/// Phishing-resistant (EAP ACR Values 1.0).
pub const ACR_PHR: &str = "phr";
/// Phishing-resistant, hardware-protected (EAP ACR Values 1.0).
pub const ACR_PHRH: &str = "phrh";
/// NIST AAL2 and phishing-resistant.
pub const ACR_AAL2_PHR: &str = "urn:countersign:acr:aal2-phr";
/// NIST AAL3.
pub const ACR_AAL3: &str = "urn:countersign:acr:aal3";
/// Two-factor signing of 21 CFR 1311.115.
pub const ACR_EPCS: &str = "urn:countersign:acr:epcs";
/// The same, with an attested roaming security key.
pub const ACR_EPCS_PHR: &str = "urn:countersign:acr:epcs-phr";

const fn sort(method: Method, with: &'static [Quality]) -> Sort {
    Sort { method, with }
}

const PASSWORD: Role = Role(&[sort(Password, &[])]);
const ANY_POSSESSION: Role = Role(&[
    sort(Totp, &[]),
    sort(Push, &[]),
    sort(Webauthn, &[]),
    sort(Sms, &[]),
    sort(Voice, &[]),
    sort(RecoveryCode, &[]),
]);
const ANY_TWO_IN_ONE: Role = Role(&[sort(Webauthn, &[UserVerified]), sort(Push, &[Activated])]);
/// 800-63B-4 §2.2.1. The recovery codes are a look-up list (§3.1.2), each used once.
const AAL2_POSSESSION: Role = Role(&[
    sort(Totp, &[]),
    sort(Push, &[CodeTransferred]),
    sort(Webauthn, &[]),
    sort(Sms, &[RiskAccepted]),
    sort(Voice, &[RiskAccepted]),
    sort(RecoveryCode, &[]),
]);
const AAL2_TWO_IN_ONE: Role = Role(&[
    sort(Webauthn, &[UserVerified]),
    sort(Push, &[CodeTransferred, Activated]),
]);
const PASSKEY: Role = Role(&[sort(Webauthn, &[])]);
const PASSKEY_VERIFIED: Role = Role(&[sort(Webauthn, &[UserVerified])]);
const HARDWARE_KEY: Role = Role(&[sort(Webauthn, &[Attested, Hardware, DeviceBound])]);
// User presence, which is the intent of 800-63B-4 §2.3.2, is checked for every assertion that is accepted at all.
const AAL3_KEY: Role = Role(&[sort(Webauthn, &[Attested, Hardware, DeviceBound, FipsListed])]);
const AAL3_KEY_VERIFIED: Role = Role(&[sort(
    Webauthn,
    &[Attested, Hardware, DeviceBound, FipsListed, UserVerified],
)]);
/// A hard token apart from the computer (21 CFR 1311.115(a)(3)).
const HARD_TOKEN: Role = Role(&[
    sort(Totp, &[Apart]),
    sort(Push, &[CodeTransferred, Apart]),
    sort(Webauthn, &[Attested, Roaming, DeviceBound]),
]);
const ROAMING_KEY: Role = Role(&[sort(Webauthn, &[Attested, Roaming, Hardware, DeviceBound])]);

/// How long a single factor may carry a session (800-63B-4 §2.1.3).
const AAL1_OVERALL: Seconds = Seconds::days(30);
/// 800-63B-4 §2.2.3.
const AAL2_OVERALL: Seconds = Seconds::hours(24);
const AAL2_IDLE: Seconds = Seconds::hours(1);
/// 800-63B-4 §2.3.3.
const AAL3_OVERALL: Seconds = Seconds::hours(12);
const AAL3_IDLE: Seconds = Seconds::minutes(15);
/// How old a factor may be when something is signed with it (21 CFR 1311.140(a)(4): the prompt follows the display).
const SIGNING_OVERALL: Seconds = Seconds(120);

const fn session(
    value: &'static str,
    promise: &'static str,
    alternatives: &'static [&'static [Role]],
    overall: Seconds,
    idle: Option<Seconds>,
) -> Predicate {
    Predicate {
        value,
        promise,
        alternatives,
        one_ceremony: false,
        overall,
        idle,
        only_when_asked: false,
    }
}

const fn signing(value: &'static str, promise: &'static str, alternatives: &'static [&'static [Role]]) -> Predicate {
    Predicate {
        value,
        promise,
        alternatives,
        one_ceremony: true,
        overall: SIGNING_OVERALL,
        idle: None,
        only_when_asked: true,
    }
}

/// Every acr that is built in. The order is the one in which an acr is named when nothing was asked;
/// it is presentation, not strength.
pub const BUILT_IN: [Predicate; 9] = [
    signing(
        ACR_EPCS_PHR,
        "two-factor signing with an attested roaming security key",
        &[&[PASSWORD, ROAMING_KEY]],
    ),
    signing(
        ACR_EPCS,
        "two-factor signing of 21 CFR 1311.115",
        &[&[PASSWORD, HARD_TOKEN]],
    ),
    session(
        ACR_AAL3,
        "NIST AAL3",
        &[&[AAL3_KEY_VERIFIED], &[PASSWORD, AAL3_KEY]],
        AAL3_OVERALL,
        Some(AAL3_IDLE),
    ),
    session(
        ACR_AAL2_PHR,
        "NIST AAL2 and phishing-resistant",
        &[&[PASSKEY_VERIFIED], &[PASSWORD, PASSKEY]],
        AAL2_OVERALL,
        Some(AAL2_IDLE),
    ),
    session(
        ACR_AAL2,
        "NIST AAL2",
        &[&[AAL2_TWO_IN_ONE], &[PASSWORD, AAL2_POSSESSION]],
        AAL2_OVERALL,
        Some(AAL2_IDLE),
    ),
    session(
        ACR_PHRH,
        "phishing-resistant, hardware-protected",
        &[&[HARDWARE_KEY]],
        AAL3_OVERALL,
        None,
    ),
    session(ACR_PHR, "phishing-resistant", &[&[PASSKEY]], AAL2_OVERALL, None),
    session(
        ACR_MFA,
        "two different factors",
        &[&[ANY_TWO_IN_ONE], &[PASSWORD, ANY_POSSESSION]],
        AAL2_OVERALL,
        Some(AAL2_IDLE),
    ),
    session(
        ACR_1FA,
        "any one factor",
        &[&[PASSWORD], &[ANY_POSSESSION]],
        AAL1_OVERALL,
        None,
    ),
];
