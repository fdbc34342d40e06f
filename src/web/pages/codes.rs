//! What went wrong, in the words of the person in front of the page: a title, one sentence, one remedy.
//! The words are in `locales/`; here is which code says which words.

use serde::Serialize;

use crate::base::Seconds;
use crate::factors::password::rules::PasswordRefusal;

/// The codes that a person can read out to support. They are stable: a code never changes its meaning.
pub const MFA_CODES: [&str; 29] = [
    "MFA-101", "MFA-102", "MFA-103", "MFA-104", "MFA-110", "MFA-111", "MFA-112", "MFA-113", "MFA-114", "MFA-120",
    "MFA-130", "MFA-131", "MFA-132", "MFA-133", "MFA-134", "MFA-135", "MFA-136", "MFA-137", "MFA-140", "MFA-141",
    "MFA-142", "MFA-150", "MFA-151", "MFA-152", "MFA-160", "MFA-161", "MFA-170", "MFA-180", "MFA-190",
];

/// One thing that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// `MFA-nnn` or an OAuth code; what `data-error` carries.
    code: String,
    /// The message in `locales/`.
    key: String,
    args: Details,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
struct Details {
    left: Option<u32>,
    minutes: Option<i64>,
    device: Option<String>,
    version: Option<String>,
    least: Option<u32>,
    hint: Option<&'static str>,
}

impl Trouble {
    /// The words for an `MFA-nnn` or OAuth code. An unknown code gets the words of `server_error`: it still shows,
    /// and support can still find it.
    pub fn new(code: &str) -> Self {
        let key = match MFA_CODES.contains(&code) {
            true => code.to_ascii_lowercase(),
            false => oauth_key(code).to_owned(),
        };
        Self::with_key(code, &key)
    }

    /// Sign-in refused. The same words whether the account exists or not.
    pub fn wrong_password() -> Self {
        Self::with_key("MFA-110", "wrong-password")
    }

    /// The anti-forgery value or the interaction is out of date.
    pub fn stale_form() -> Self {
        Self::with_key("invalid_request", "stale-form")
    }

    /// What stands before a change of the account cannot be proved with what is set up and in use.
    pub fn nothing_left() -> Self {
        Self::with_key("MFA-151", "nothing-left")
    }

    /// A name that is no name.
    pub fn nickname_unfit() -> Self {
        Self::with_key("invalid_request", "nickname-unfit")
    }

    /// Another of the person's methods is called so (S91).
    pub fn nickname_taken() -> Self {
        Self::with_key("invalid_request", "nickname-taken")
    }

    /// A link of a letter that is unknown, expired or used: the same words for all three.
    pub fn link_gone() -> Self {
        Self::with_key("invalid_request", "link-gone")
    }

    /// A form whose words are under `key`: what was typed or chosen can be put right.
    pub fn mistake(key: &str) -> Self {
        Self::with_key("invalid_request", key)
    }

    /// Why a new password is not taken (800-63B-4 §3.1.1.2: the reason is told).
    pub fn password_refused(refusal: PasswordRefusal) -> Self {
        let mut trouble = Self::with_key("invalid_request", &format!("password-refused-{}", refusal.code()));
        match refusal {
            PasswordRefusal::TooShort { least } => trouble.args.least = u32::try_from(least).ok(),
            PasswordRefusal::Guessable { hint } => trouble.args.hint = Some(hint.as_str()),
            PasswordRefusal::TooLong | PasswordRefusal::ContainsName | PasswordRefusal::Breached => {}
        }
        trouble
    }

    fn with_key(code: &str, key: &str) -> Self {
        Self {
            code: code.to_owned(),
            key: key.to_owned(),
            args: Details::default(),
        }
    }

    pub fn code(&self) -> &str {
        &self.code
    }

    /// MFA-110: how many more tries there are.
    #[must_use]
    pub fn tries_left(mut self, tries: u32) -> Self {
        self.args.left = Some(tries);
        self
    }

    /// MFA-113: how long to wait; shown in minutes, rounded up.
    #[must_use]
    pub fn wait(mut self, wait: Seconds) -> Self {
        self.args.minutes = Some(wait.0.max(1).saturating_add(59) / 60);
        self
    }

    /// MFA-141: the nickname of the device that the code is from.
    #[must_use]
    pub fn device(mut self, nickname: &str) -> Self {
        self.args.device = Some(nickname.to_owned());
        self
    }

    /// MFA-135: the oldest version of the app that will do.
    #[must_use]
    pub fn version(mut self, version: &str) -> Self {
        self.args.version = Some(version.to_owned());
        self
    }
}

fn oauth_key(code: &str) -> &'static str {
    match code {
        "access_denied" => "oauth-denied",
        "invalid_client" | "unauthorized_client" => "oauth-client",
        "login_required" | "interaction_required" | "consent_required" | "account_selection_required" => "oauth-login",
        "unmet_authentication_requirements" => "oauth-unmet",
        "temporarily_unavailable" | "slow_down" => "oauth-busy",
        "not_found" => "oauth-missing",
        invalid if invalid.starts_with("invalid_") => "oauth-request",
        "unsupported_response_type"
        | "request_not_supported"
        | "request_uri_not_supported"
        | "registration_not_supported" => "oauth-request",
        _ => "oauth-server",
    }
}

#[cfg(test)]
mod tests {
    use fluent_bundle::FluentArgs;

    use super::*;
    use crate::web::locale::{Locale, Texts};

    const FIELDS: [&str; 9] = [
        "device-code-unknown",
        "email-unfit",
        "name-unfit",
        "letter-over",
        "password-refused-too-short",
        "password-refused-too-long",
        "password-refused-breached",
        "password-refused-guessable",
        "password-refused-contains-name",
    ];
    const OAUTH_CODES: [&str; 11] = [
        "access_denied",
        "invalid_request",
        "invalid_request_uri",
        "unauthorized_client",
        "unsupported_response_type",
        "login_required",
        "unmet_authentication_requirements",
        "temporarily_unavailable",
        "not_found",
        "server_error",
        "what_is_this",
    ];

    #[test]
    fn every_code_has_a_title_a_sentence_and_a_remedy_in_every_language() {
        let texts = Texts::load().unwrap();
        let mut args = FluentArgs::new();
        for name in ["left", "minutes", "device", "version", "partner", "least", "hint"] {
            args.set(name, "unknown");
        }
        let troubles = MFA_CODES.iter().chain(&OAUTH_CODES).map(|code| Trouble::new(code));
        let more = [
            Trouble::wrong_password(),
            Trouble::stale_form(),
            Trouble::nothing_left(),
            Trouble::nickname_unfit(),
            Trouble::nickname_taken(),
            Trouble::link_gone(),
        ];
        for trouble in troubles.chain(more).chain(FIELDS.map(Trouble::mistake)) {
            for locale in Locale::ALL {
                for part in ["", ".text", ".remedy"] {
                    let text = texts.get(locale, &format!("{}{part}", trouble.key), &args).unwrap();
                    assert!(
                        text.len() > 10 && !text.contains('{'),
                        "{} {part}: {text}",
                        trouble.code
                    );
                    assert_eq!(text.ends_with('.'), !part.is_empty(), "{} {part}: {text}", trouble.code);
                }
            }
        }
    }

    #[test]
    fn what_is_known_is_said() {
        let texts = Texts::load().unwrap();
        let say = |key: &str, name: &'static str, value: fluent_bundle::FluentValue<'static>| {
            let mut args = FluentArgs::new();
            args.set(name, value);
            texts.get(Locale::En, key, &args).unwrap()
        };
        assert!(say("mfa-110.text", "left", 1.into()).contains("one try left"));
        assert!(say("mfa-110.text", "left", 4.into()).contains("4 tries left"));
        assert!(say("mfa-113.text", "minutes", 5.into()).contains("5 minutes"));
        assert!(say("mfa-135.text", "version", "1.5.0".into()).contains("1.5.0"));
        assert!(say("mfa-141.text", "device", "Office iPhone".into()).contains("“Office iPhone”"));
        assert_eq!(Trouble::new("MFA-113").wait(Seconds(61)).args.minutes, Some(2));
    }

    #[test]
    fn codes_are_sorted_and_single() {
        assert!(MFA_CODES.is_sorted_by(|a, b| a < b));
    }
}
