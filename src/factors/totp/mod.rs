//! Code generators (RFC 6238): 6 digits, 30 seconds, one step of tolerance either way.

use serde::{Deserialize, Serialize};
use totp_rs::{Algorithm, Builder as TotpBuilder};

pub mod enrol;

use super::{Answer, Ask, Credential, Cx, Factor, Fresh, Kept, Opening, Person, Proved, Start, Verdict, Wanted};
use crate::base::encoding::same;
use crate::base::{Secret, Timestamp};
use crate::model::MfaCode;
use crate::policy::Method;

/// RFC 6238 §5.2 recommends one step of delay; the step before and after are taken.
pub const WINDOW_STEPS: i64 = 1;
pub const STEP_SECONDS: i64 = 30;
pub const DIGITS: u8 = 6;
/// 800-63B-4 §3.1.4 asks for 112 bits of key.
pub const SHORTEST_SEED_BYTES: usize = 14;

pub struct Totp;

/// What is sealed in the authenticator's secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seed {
    /// base32 without padding (RFC 4648 §6), as apps show it.
    pub base32: Secret<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeedError {
    #[error("the secret is not base32 (letters A-Z and digits 2-7)")]
    NotBase32,
    #[error("the secret is shorter than 112 bits (23 base32 characters)")]
    TooShort,
}

impl Seed {
    /// Takes what an app or another product shows: spaces, hyphens, padding and lower case are forgiven.
    pub fn parse(text: &str) -> Result<Self, SeedError> {
        let base32: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '='))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let seed = Self {
            base32: Secret::new(base32),
        };
        let length = seed.length().ok_or(SeedError::NotBase32)?;
        if length < SHORTEST_SEED_BYTES {
            Err(SeedError::TooShort)
        } else {
            Ok(seed)
        }
    }

    fn generator(&self) -> Option<totp_rs::Totp> {
        let secret = totp_rs::Secret::try_from_base32(self.base32.expose()).ok()?;
        // "Noncompliant" waives RFC 4226's 128 bits: 112 are enough here, and `parse` has seen to them.
        Some(
            TotpBuilder::new()
                .with_algorithm(Algorithm::SHA1)
                .with_digits(DIGITS)
                .with_step_duration(STEP_SECONDS.unsigned_abs())
                .with_secret(secret)
                .build_noncompliant(),
        )
    }

    fn length(&self) -> Option<usize> {
        totp_rs::Secret::try_from_base32(self.base32.expose())
            .ok()
            .map(|s| s.as_bytes().len())
    }

    /// The code of the step that holds `at`.
    pub fn code_at(&self, at: Timestamp) -> Option<String> {
        Some(self.generator()?.generate(u64::try_from(at.secs()).ok()?).to_string())
    }
}

/// The step within the window whose code this is, newest first.
fn matching_step(credential: &Credential, now: Timestamp, code: &str) -> Option<i64> {
    matching_step_of(&serde_json::from_slice(credential.secret.expose()).ok()?, now, code)
}

fn matching_step_of(seed: &Seed, now: Timestamp, code: &str) -> Option<i64> {
    let generator = seed.generator()?;
    let current = now.secs().div_euclid(STEP_SECONDS);
    (-WINDOW_STEPS..=WINDOW_STEPS).rev().map(|d| current + d).find(|step| {
        let at = u64::try_from(step * STEP_SECONDS).unwrap_or(0);
        same(generator.generate(at).to_string().as_bytes(), code.as_bytes())
    })
}

impl Factor for Totp {
    fn method(&self) -> Method {
        Method::Totp
    }

    fn start_enrolment(
        &self,
        cx: &Cx<'_>,
        person: &Person<'_>,
        _: &[Credential],
        wanted: &Wanted,
    ) -> Result<Start, MfaCode> {
        enrol::start(cx, person, wanted)
    }

    fn show_enrolment(&self, cx: &Cx<'_>, kept: &Kept) -> String {
        enrol::show(cx, kept)
            .and_then(|shown| serde_json::to_string(&shown).ok())
            .unwrap_or_default()
    }

    fn finish_enrolment(&self, cx: &Cx<'_>, kept: &Kept, answer: &Answer) -> Result<Fresh, MfaCode> {
        enrol::finish(cx, kept, answer)
    }

    fn open(&self, _: &Cx<'_>, _: &Ask<'_>) -> Opening {
        Opening::NOTHING
    }

    fn check(
        &self,
        cx: &Cx<'_>,
        _: Option<&Kept>,
        selected: &Credential,
        all: &[Credential],
        answer: &Answer,
    ) -> Verdict {
        let Answer::Code(code) = answer else {
            return Verdict::Wrong;
        };
        let code: Secret<String> = Secret::new(code.expose().chars().filter(|c| !c.is_whitespace()).collect());
        if let Some(step) = matching_step(selected, cx.now, code.expose()) {
            // A step is accepted once, and none before it ever again.
            return if selected.last_step.is_some_and(|last| step <= last) {
                Verdict::Replayed
            } else {
                Verdict::Proved(Proved {
                    step: Some(step),
                    ..Proved::default()
                })
            };
        }
        let other = all.iter().filter(|c| c.id != selected.id);
        match other
            .into_iter()
            .find(|c| matching_step(c, cx.now, code.expose()).is_some())
        {
            Some(c) => Verdict::OtherDevice {
                nickname: c.nickname.clone().unwrap_or_default(),
            },
            None => Verdict::Wrong,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{AuthenticatorId, SystemEntropy};
    use crate::factors::Site;

    /// RFC 6238 appendix B, "12345678901234567890".
    const RFC_SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn credential(id: &str, base32: &str, last_step: Option<i64>) -> Credential {
        let secret = serde_json::to_vec(&Seed::parse(base32).unwrap()).unwrap();
        Credential {
            id: AuthenticatorId::new(id),
            nickname: Some(format!("{id} phone")),
            secret: Secret::new(secret),
            last_step,
            facts: crate::model::authenticator::Facts::default(),
        }
    }

    fn check(at: i64, all: &[Credential], code: &str) -> Verdict {
        let site = Site {
            name: String::new(),
            issuer: String::new(),
            host: String::new(),
        };
        let cx = Cx {
            now: Timestamp::from_secs(at),
            entropy: &SystemEntropy,
            site: &site,
            models: &crate::factors::webauthn::models::Models::default(),
        };
        Totp.check(&cx, None, &all[0], all, &Answer::Code(code.into()))
    }

    #[test]
    fn the_vectors_of_rfc_6238_are_met() {
        let seed = Seed::parse(RFC_SEED).unwrap();
        for (at, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(seed.code_at(Timestamp::from_secs(at)).as_deref(), Some(code));
        }
    }

    #[test]
    fn one_step_either_way_is_taken_and_two_are_not() {
        let all = [credential("a", RFC_SEED, None)];
        let code = "287082"; // step 1: seconds 30 to 59
        for (at, ok) in [(0, true), (59, true), (89, true), (90, false)] {
            assert_eq!(
                matches!(check(at, &all, code), Verdict::Proved(Proved { step: Some(1), .. })),
                ok,
                "at {at}"
            );
        }
        assert!(
            matches!(check(59, &all, "287 082"), Verdict::Proved(_)),
            "spaces are forgiven"
        );
    }

    #[test]
    fn s93_a_step_is_accepted_once_and_none_before_it() {
        assert_eq!(
            check(59, &[credential("a", RFC_SEED, Some(1))], "287082"),
            Verdict::Replayed
        );
        assert_eq!(
            check(59, &[credential("a", RFC_SEED, Some(5))], "287082"),
            Verdict::Replayed
        );
    }

    #[test]
    fn s92_the_code_of_another_device_is_told_apart() {
        let all = [
            credential("a", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", None),
            credential("b", RFC_SEED, None),
        ];
        assert_eq!(
            check(59, &all, "287082"),
            Verdict::OtherDevice {
                nickname: "b phone".into()
            }
        );
        assert_eq!(check(59, &all, "000000"), Verdict::Wrong);
    }

    #[test]
    fn seeds_are_taken_as_apps_show_them_and_short_ones_refused() {
        assert!(Seed::parse("gezd gnbv-gy3t qojq gezd gnbv gy3t qojq ====").is_ok());
        assert_eq!(Seed::parse("JBSWY3DPEHPK3PXP").err(), Some(SeedError::TooShort));
        assert_eq!(Seed::parse("not base32!").err(), Some(SeedError::NotBase32));
    }
}
