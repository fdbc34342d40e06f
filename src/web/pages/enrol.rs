//! Setting up a method: which one, its own page, and that it is done.

use serde::Serialize;

use super::{Channel, RefusedMethod};
use crate::policy::Method;
use crate::web::page::Page;

/// `enrol`: `<button name="method" value="totp">`; `action=skip|cancel`.
#[derive(Clone, Debug, Serialize)]
pub struct Enrol {
    pub methods: Vec<Method>,
    /// Ways that are missing here, and why.
    pub refused: Vec<RefusedMethod>,
    pub why: EnrolWhy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnrolWhy {
    Demanded,
    Recommended,
    Wanted,
}

impl Page for Enrol {
    const ID: &'static str = "enrol";
    const TEMPLATE: &'static str = "enrol";

    fn samples() -> Vec<Self> {
        let refused = RefusedMethod {
            method: Method::Sms,
            because: super::Because::Prescriber,
            detail: None,
        };
        let all = vec![
            Method::Totp,
            Method::Webauthn,
            Method::Sms,
            Method::Voice,
            Method::RecoveryCode,
        ];
        let of = |why, refused| Self {
            methods: all.clone(),
            refused,
            why,
        };
        vec![
            of(EnrolWhy::Recommended, vec![]),
            of(EnrolWhy::Wanted, vec![]),
            of(EnrolWhy::Demanded, vec![refused]),
        ]
    }
}

/// `enrol`, when it is done: `action=continue`.
#[derive(Clone, Debug, Serialize)]
pub struct Enrolled {
    pub method: Method,
    pub nickname: String,
    /// Nothing but this one would let the person in if it were lost.
    pub needs_backup: bool,
}

impl Page for Enrolled {
    const ID: &'static str = "enrol";
    const TEMPLATE: &'static str = "enrolled";

    fn samples() -> Vec<Self> {
        let of = |method, nickname: &str, needs_backup| Self {
            method,
            nickname: nickname.to_owned(),
            needs_backup,
        };
        vec![
            of(Method::Totp, "Office iPhone", true),
            of(Method::Webauthn, "<script>alert(1)</script>", false),
        ]
    }
}

/// `enrol-totp`: fields `code`, `nickname`; `action=choose|cancel`.
#[derive(Clone, Debug, Serialize)]
pub struct EnrolTotp {
    /// In groups of four letters.
    pub secret: String,
    /// Opens an app on the same device.
    pub uri: String,
    /// The QR code of the same secret, made by us: the one thing that is not escaped.
    pub svg: String,
    pub digits: u8,
    pub nickname: String,
    /// Where the secret can be sent instead, to set up on another screen.
    pub links: Vec<LinkBy>,
    /// A link was sent: this page shows no secret any more.
    pub sent: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkBy {
    Sms,
    Email,
}

impl Page for EnrolTotp {
    const ID: &'static str = "enrol-totp";
    const TEMPLATE: &'static str = "totp/enrol";

    fn samples() -> Vec<Self> {
        let shown = Self {
            secret: "JBSW Y3DP EHPK 3PXP".to_owned(),
            uri: "otpauth://totp/Cedar:rivera?secret=JBSWY3DPEHPK3PXP&issuer=Cedar".to_owned(),
            svg: "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 2 2\"><path d=\"M0 0h1v1H0z\"/></svg>"
                .to_owned(),
            digits: 6,
            nickname: String::new(),
            links: vec![LinkBy::Sms, LinkBy::Email],
            sent: false,
        };
        let sent = Self {
            secret: String::new(),
            uri: String::new(),
            svg: String::new(),
            nickname: "\"><script>alert(1)</script>".to_owned(),
            links: vec![],
            sent: true,
            ..shown.clone()
        };
        vec![shown, sent]
    }
}

/// `enrol-phone`: a number, then its confirmation, then the code that was sent.
/// Fields `number` or `code` and `nickname`; `method=sms|voice`, `action=edit|resend|choose|cancel`.
#[derive(Clone, Debug, Serialize)]
pub struct EnrolPhone {
    pub stage: PhoneStage,
    pub channel: Channel,
    /// The other channel is there, too.
    pub both: bool,
    /// As typed.
    pub number: String,
    /// As understood, for confirmation.
    pub formatted: String,
    pub digits: u8,
    pub minutes: u32,
    pub nickname: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhoneStage {
    Number,
    Confirm,
    Code,
}

impl Page for EnrolPhone {
    const ID: &'static str = "enrol-phone";
    const TEMPLATE: &'static str = "phone/enrol";

    fn samples() -> Vec<Self> {
        let number = Self {
            stage: PhoneStage::Number,
            channel: Channel::Sms,
            both: true,
            number: "\"><script>alert(1)</script>".to_owned(),
            formatted: String::new(),
            digits: 6,
            minutes: 5,
            nickname: String::new(),
        };
        let confirm = Self {
            stage: PhoneStage::Confirm,
            channel: Channel::Voice,
            number: "+14155550801".to_owned(),
            formatted: "+1 415 555 0801".to_owned(),
            ..number.clone()
        };
        let code = Self {
            stage: PhoneStage::Code,
            both: false,
            nickname: "My phone".to_owned(),
            ..confirm.clone()
        };
        let texted = Self {
            channel: Channel::Sms,
            both: true,
            ..code.clone()
        };
        vec![number, confirm, code, texted]
    }
}

/// `enrol-webauthn`: field `nickname`, hidden `credential`; `action=choose|cancel`.
#[derive(Clone, Debug, Serialize)]
pub struct EnrolWebauthn {
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON`.
    pub options: String,
    pub nickname: String,
}

impl Page for EnrolWebauthn {
    const ID: &'static str = "enrol-webauthn";
    const TEMPLATE: &'static str = "webauthn/enrol";

    fn samples() -> Vec<Self> {
        vec![Self {
            options: "{\"challenge\":\"<script>alert(1)</script>\"}".to_owned(),
            nickname: "\"><script>alert(1)</script>".to_owned(),
        }]
    }
}

/// `recovery-codes`: `action=saved|choose|cancel`.
#[derive(Clone, Debug, Serialize)]
pub struct RecoveryCodes {
    pub codes: Vec<String>,
    /// Older codes end with these.
    pub replaces: bool,
    pub download_href: String,
}

impl Page for RecoveryCodes {
    const ID: &'static str = "recovery-codes";
    const TEMPLATE: &'static str = "recovery/enrol";

    fn samples() -> Vec<Self> {
        let of = |replaces| Self {
            codes: (0..10).map(|n| format!("A{n}CD-EFGH-JKMN-PQRS")).collect(),
            replaces,
            download_href: "/sign-in/5yqkQ0aTz2/enrol/recovery_code/codes.txt".to_owned(),
        };
        vec![of(false), of(true)]
    }
}
