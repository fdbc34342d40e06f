//! A phone: waiting for it, and pairing it.

use serde::Serialize;

use crate::factors::push::enrol::Shown;
use crate::web::page::Page;

/// What `wait.mjs` needs to go on by itself.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Wait {
    /// As it stands on this page.
    pub state: String,
    /// How long this page is good for.
    pub seconds: i64,
    /// Where changes are told.
    pub events: String,
    /// What to load when there is one.
    pub page: String,
}

/// `verify-push`: `[data-number]` holds the number; `action=resend|choose|cancel`. Goes on by itself.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyPush {
    /// `None`: nobody is known yet, and nobody's device is named.
    pub nickname: Option<String>,
    pub waiting: bool,
    /// `None`: a tap is enough.
    pub number: Option<String>,
    /// The device has not been told: the request waits in the app.
    pub unreached: bool,
    pub wait: Option<Wait>,
    pub app_href: String,
}

impl Page for VerifyPush {
    const ID: &'static str = "verify-push";
    const TEMPLATE: &'static str = "push/challenge";

    fn samples() -> Vec<Self> {
        let of = |waiting: bool, number: Option<&str>| Self {
            nickname: number.map(|_| "<script>alert(1)</script>".to_owned()),
            waiting,
            number: number.map(str::to_owned),
            unreached: waiting && number.is_none(),
            wait: waiting.then(|| Wait {
                state: "Rq12ab34.waiting".to_owned(),
                seconds: 299,
                events: "/sign-in/a/wait".to_owned(),
                page: "/sign-in/a/verify/b".to_owned(),
            }),
            app_href: "https://id.example/authenticator".to_owned(),
        };
        vec![of(true, Some("482913")), of(true, None), of(false, None)]
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PushStage {
    /// The code is there for whoever asks to see it.
    Hidden,
    Revealed,
    /// A device has redeemed it: the number is to be typed there.
    Confirm,
}

/// `enrol-push`: `action=reveal|link-sms|link-voice|link-email|choose|cancel`, field `number`; `[data-pairing-link]`,
/// `[data-secret]`, `[data-number]`. Goes on by itself.
#[derive(Debug, Serialize)]
pub struct EnrolPush {
    pub stage: PushStage,
    pub shown: Shown,
    /// A number of this person's is known: it need not be typed.
    pub known_number: bool,
    pub by_sms: bool,
    pub by_voice: bool,
    pub by_email: bool,
    pub number_typed: String,
    pub wait: Wait,
    /// Where the app is, as people type it.
    pub app: String,
}

impl Page for EnrolPush {
    const ID: &'static str = "enrol-push";
    const TEMPLATE: &'static str = "push/enrol";

    fn samples() -> Vec<Self> {
        let of = |stage, shown| Self {
            stage,
            shown,
            known_number: stage == PushStage::Revealed,
            by_sms: true,
            by_voice: true,
            by_email: stage == PushStage::Hidden,
            number_typed: String::new(),
            wait: Wait {
                state: "none".to_owned(),
                seconds: 600,
                events: "/sign-in/a/wait".to_owned(),
                page: "/sign-in/a/enrol/push".to_owned(),
            },
            app: "id.example/authenticator".to_owned(),
        };
        let revealed = Shown {
            link: Some("https://id.example/authenticator#pair=ABCDEFGHIJKLMNOPQRSTUVWXYZ".to_owned()),
            secret: Some("ABCD EFGH IJKL MNOP QRST UVWX YZ".to_owned()),
            svg: Some("<svg></svg>".to_owned()),
            ..Shown::default()
        };
        let sent = Shown {
            sent: true,
            ..Shown::default()
        };
        let redeemed = Shown {
            device: Some("<script>alert(1)</script>".to_owned()),
            number: Some("482913".to_owned()),
            ..Shown::default()
        };
        vec![
            of(PushStage::Hidden, Shown::default()),
            of(PushStage::Hidden, sent),
            of(PushStage::Revealed, revealed),
            of(PushStage::Confirm, redeemed),
        ]
    }
}
