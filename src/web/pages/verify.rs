//! Type the code: of a generator, or that we sent.

use serde::Serialize;

use crate::web::page::Page;

/// `verify-totp`: field `code` (blanks between the digits are fine); `action=choose|cancel`.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyTotp {
    pub nickname: String,
    pub digits: u8,
    pub can_choose: bool,
}

impl Page for VerifyTotp {
    const ID: &'static str = "verify-totp";
    const TEMPLATE: &'static str = "totp/challenge";

    fn samples() -> Vec<Self> {
        let of = |nickname: &str, digits, can_choose| Self {
            nickname: nickname.to_owned(),
            digits,
            can_choose,
        };
        vec![of("Office iPhone", 6, true), of("<script>alert(1)</script>", 8, false)]
    }
}

/// `verify-phone`: field `code`; `action=resend|choose|cancel`.
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
        };
        let call = Self {
            channel: Channel::Voice,
            minutes: 1,
            resent: true,
            can_choose: false,
            help_open: true,
            update_href: None,
            ..text.clone()
        };
        let text_again = Self {
            resent: true,
            ..text.clone()
        };
        vec![text, call, text_again]
    }
}
