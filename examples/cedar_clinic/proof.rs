//! What an ID token must show before prescriptions count as signed. Pure functions of the token and the time.
//!
//! The signature, `iss`, `aud`, `exp`, `nonce` and `at_hash` have been verified when a token comes here
//! (`provider.rs`). That says "the provider wrote this for us, for this request". It does not say "this is good
//! enough to sign": that is the relying party's decision, and it is made here.

use openidconnect::{AdditionalClaims, IdTokenClaims, SubjectIdentifier, core::CoreGenderClaim};
use serde::{Deserialize, Serialize};

/// Password and a separate hard token, both proved for this very request (21 CFR 1311.115, 1311.140(a)(4)).
pub const EPCS: &str = "urn:countersign:acr:epcs";

/// How old the proof may be when we read it.
const MAX_AGE_SECONDS: i64 = 120;
/// How far the provider's clock may be ahead of ours.
const SKEW_SECONDS: i64 = 10;

/// The claims beyond the standard that this provider adds for scope `evidence`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Extra {
    #[serde(rename = "urn:countersign:evidence", default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Factor>,
}

impl AdditionalClaims for Extra {}

/// One thing that the person really did: which authenticator, and when.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Factor {
    pub method: String,
    /// Seconds since the epoch, like every time in a JWT.
    pub at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// Whatever else the provider says about it; kept for the record.
    #[serde(flatten)]
    pub rest: serde_json::Map<String, serde_json::Value>,
}

pub type Claims = IdTokenClaims<Extra, CoreGenderClaim>;

/// What was proved, as the chart keeps it.
#[derive(Clone, Debug, Serialize)]
pub struct Proof {
    pub sub: String,
    pub acr: String,
    pub amr: Vec<String>,
    /// Seconds since the epoch: when the oldest factor behind `acr` was proved.
    pub auth_time: i64,
    pub evidence: Vec<Factor>,
}

/// Why a genuine token is not good enough to sign with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("The token says `{0}`, and signing needs `{EPCS}`.")]
    Acr(String),
    #[error("Somebody else than the signed-in prescriber answered the request.")]
    Subject,
    #[error("The token does not say when the person proved themself.")]
    NoAuthTime,
    #[error("The proof is {0} seconds old; signing accepts at most {MAX_AGE_SECONDS}.")]
    Stale(i64),
    #[error("The proof lies {0} seconds in the future.")]
    Future(i64),
    #[error("No password was verified.")]
    NoPassword,
    #[error("A factor over the telephone network was used (`{0}`), which is never enough to sign.")]
    Telephone(String),
}

impl Flaw {
    /// A stable name for logs, tests and support.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Acr(_) => "acr_mismatch",
            Self::Subject => "subject_mismatch",
            Self::NoAuthTime => "auth_time_missing",
            Self::Stale(_) => "auth_time_too_old",
            Self::Future(_) => "auth_time_in_future",
            Self::NoPassword => "amr_without_password",
            Self::Telephone(_) => "amr_telephone",
        }
    }
}

/// Decides whether `claims` prove that `signer` may sign at `now` (seconds since the epoch).
pub fn check_signing(claims: &Claims, signer: &SubjectIdentifier, now: i64) -> Result<Proof, Flaw> {
    let acr = acr(claims);
    // One exact string. acr values are not a ladder: no other value is "at least as good" (RFC 9470 §4; the client
    // compares what it asked for with what it got, OIDC Core §3.1.3.7 point 12).
    if acr != EPCS {
        return Err(Flaw::Acr(acr));
    }
    // We asked for this `sub` (OIDC Core §5.5.1); a colleague at the same browser must not sign.
    if claims.subject() != signer {
        return Err(Flaw::Subject);
    }
    let auth_time = claims.auth_time().ok_or(Flaw::NoAuthTime)?.timestamp();
    let age = now.saturating_sub(auth_time);
    if age > MAX_AGE_SECONDS {
        return Err(Flaw::Stale(age));
    }
    if age < -SKEW_SECONDS {
        return Err(Flaw::Future(age.saturating_neg()));
    }
    let amr = amr(claims);
    if !amr.iter().any(|method| method == "pwd") {
        return Err(Flaw::NoPassword);
    }
    // RFC 8176 §2: `sms` and `tel`. The acr already excludes them; a second, independent look costs nothing.
    if let Some(phone) = amr.iter().find(|method| ["sms", "tel"].contains(&method.as_str())) {
        return Err(Flaw::Telephone(phone.clone()));
    }
    let evidence = claims.additional_claims().evidence.clone();
    Ok(Proof {
        sub: claims.subject().to_string(),
        acr,
        amr,
        auth_time,
        evidence,
    })
}

fn acr(claims: &Claims) -> String {
    claims
        .auth_context_ref()
        .map_or("nothing", |acr| acr.as_str())
        .to_owned()
}

fn amr(claims: &Claims) -> Vec<String> {
    claims
        .auth_method_refs()
        .into_iter()
        .flatten()
        .map(|method| method.as_str().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW: i64 = 1_800_000_000;

    fn claims(change: impl FnOnce(&mut Value)) -> Claims {
        let mut claims = json!({
            "iss": "https://id.example", "aud": ["cedar-ehr"], "exp": NOW + 60, "iat": NOW, "sub": "rivera",
            "acr": EPCS, "amr": ["pwd", "otp", "mfa"], "auth_time": NOW - 30,
            "urn:countersign:evidence": [{"method": "totp", "at": NOW - 5, "nickname": "Office iPhone", "amr": ["otp"]}],
        });
        change(&mut claims);
        serde_json::from_value(claims).unwrap()
    }

    fn verdict(change: impl FnOnce(&mut Value)) -> Result<Proof, Flaw> {
        check_signing(&claims(change), &SubjectIdentifier::new("rivera".into()), NOW)
    }

    #[test]
    fn a_full_proof_is_accepted_and_kept() {
        let proof = verdict(|_| ()).unwrap();
        assert_eq!(
            (proof.sub.as_str(), proof.acr.as_str(), proof.auth_time),
            ("rivera", EPCS, NOW - 30)
        );
        assert_eq!(proof.evidence[0].nickname.as_deref(), Some("Office iPhone"));
        assert_eq!(proof.evidence[0].rest["amr"], json!(["otp"]));
    }

    #[test]
    fn every_shortfall_has_its_name() {
        let code = |change: fn(&mut Value)| verdict(change).unwrap_err().code();
        assert_eq!(code(|c| c["acr"] = json!("urn:countersign:acr:mfa")), "acr_mismatch");
        assert_eq!(
            code(|c| c["acr"] = json!("urn:countersign:acr:epcs-phr")),
            "acr_mismatch"
        );
        assert_eq!(code(|c| drop(c.as_object_mut().unwrap().remove("acr"))), "acr_mismatch");
        assert_eq!(code(|c| c["sub"] = json!("okafor")), "subject_mismatch");
        assert_eq!(
            code(|c| drop(c.as_object_mut().unwrap().remove("auth_time"))),
            "auth_time_missing"
        );
        assert_eq!(code(|c| c["auth_time"] = json!(NOW - 121)), "auth_time_too_old");
        assert_eq!(code(|c| c["auth_time"] = json!(NOW + 11)), "auth_time_in_future");
        assert_eq!(code(|c| c["amr"] = json!(["otp", "mfa"])), "amr_without_password");
        assert_eq!(
            code(|c| drop(c.as_object_mut().unwrap().remove("amr"))),
            "amr_without_password"
        );
        assert_eq!(
            code(|c| c["amr"] = json!(["pwd", "sms", "mca", "mfa"])),
            "amr_telephone"
        );
        assert_eq!(code(|c| c["amr"] = json!(["pwd", "otp", "tel"])), "amr_telephone");
    }

    #[test]
    fn the_bounds_themselves_are_accepted() {
        assert!(verdict(|c| c["auth_time"] = json!(NOW - 120)).is_ok());
        assert!(verdict(|c| c["auth_time"] = json!(NOW + 10)).is_ok());
    }
}
