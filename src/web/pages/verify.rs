//! Type the code: of a generator, or that we sent.

use serde::Serialize;

use crate::web::page::Page;

/// `verify-totp`: field `code` (blanks between the digits are fine); `action=choose|cancel`.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyTotp {
    pub nickname: String,
    pub digits: u8,
    pub can_choose: bool,
    /// "Remember this browser" may be offered.
    pub remember: bool,
}

impl Page for VerifyTotp {
    const ID: &'static str = "verify-totp";
    const TEMPLATE: &'static str = "totp/challenge";

    fn samples() -> Vec<Self> {
        let of = |nickname: &str, digits, can_choose| Self {
            nickname: nickname.to_owned(),
            digits,
            can_choose,
            remember: can_choose,
        };
        vec![of("Office iPhone", 6, true), of("<script>alert(1)</script>", 8, false)]
    }
}

/// `verify-webauthn`: hidden fields `credential`, `kept`; `action=choose|cancel`.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyWebauthn {
    /// For `PublicKeyCredential.parseRequestOptionsFromJSON`.
    pub options: String,
    /// Comes back with the answer.
    pub kept: String,
    /// What the keys that would do are called.
    pub nicknames: Vec<String>,
    /// The browser may ask at once; not again after something went wrong.
    pub at_once: bool,
    pub remember: bool,
}

impl Page for VerifyWebauthn {
    const ID: &'static str = "verify-webauthn";
    const TEMPLATE: &'static str = "webauthn/challenge";

    fn samples() -> Vec<Self> {
        let of = |nicknames: &[&str], at_once| Self {
            options: "{\"challenge\":\"<script>alert(1)</script>\"}".to_owned(),
            kept: "c2VhbGVk".to_owned(),
            nicknames: nicknames.iter().map(|n| (*n).to_owned()).collect(),
            at_once,
            remember: !at_once,
        };
        vec![
            of(&["YubiKey on my keyring"], true),
            of(&["Blue", "<script>alert(1)</script>"], false),
        ]
    }
}

/// `verify-recovery-code`: field `code`; `action=choose|cancel`.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyRecoveryCode {
    pub left: u32,
}

impl Page for VerifyRecoveryCode {
    const ID: &'static str = "verify-recovery-code";
    const TEMPLATE: &'static str = "recovery/challenge";

    fn samples() -> Vec<Self> {
        vec![Self { left: 10 }, Self { left: 1 }]
    }
}

/// `verify-phone`: field `code`; `action=resend|choose|cancel`, `method=sms|voice` for the other channel.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyPhone {
    pub channel: Channel,
    /// Such as `(***) ***-*801`.
    pub masked_number: String,
    pub digits: u8,
    /// How long the code is good for.
    pub minutes: u32,
    /// A new code was just sent: the page says so.
    pub resent: bool,
    pub can_choose: bool,
    /// The list of what to try stands open from the start (after MFA-120).
    pub help_open: bool,
    /// Where to go with a new number or carrier.
    pub update_href: Option<String>,
    /// The other channel of the same person: "Call me instead".
    pub other: Option<Channel>,
    /// "Remember this browser" may be offered.
    pub remember: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    Sms,
    Voice,
}

impl Page for VerifyPhone {
    const ID: &'static str = "verify-phone";
    const TEMPLATE: &'static str = "phone/challenge";

    fn samples() -> Vec<Self> {
        let text = Self {
            channel: Channel::Sms,
            masked_number: "(***) ***-*801".to_owned(),
            digits: 6,
            minutes: 5,
            resent: false,
            can_choose: true,
            help_open: false,
            update_href: Some("/account/security".to_owned()),
            other: Some(Channel::Voice),
            remember: true,
        };
        let call = Self {
            channel: Channel::Voice,
            minutes: 1,
            resent: true,
            can_choose: false,
            help_open: true,
            update_href: None,
            other: None,
            remember: false,
            ..text.clone()
        };
        let text_again = Self {
            resent: true,
            ..text.clone()
        };
        vec![text, call, text_again]
    }
}
