//! Pairing: a secret that is good once brings a device's key; the first request, answered with the number that the browser
//! shows, makes it an authenticator (S60, S62, S8).

use fast_qr::QRBuilder;
use fast_qr::convert::Builder;
use fast_qr::convert::svg::SvgBuilder;
use serde::{Deserialize, Serialize};

use super::{Device, Question, facts, judge};
use crate::base::encoding::base32;
use crate::base::{Seconds, Secret};
use crate::factors::{Answer, Cx, Fresh, Kept, Start, Verdict, Wanted};
use crate::model::{MfaCode, PushAddress};
use crate::policy::Activation;

/// RFC 4086; 800-63B-4 §4.1.2.2 asks for 112 bits where no identifier goes with it.
const SECRET_BYTES: usize = 16;
/// What a call speaks instead. It finds a pairing and binds nothing; guesses are counted.
const SPOKEN_DIGITS: u32 = 12;
/// 800-63B-4 §4.1.2.2: no longer than ten minutes.
pub const LIFETIME: Seconds = Seconds::minutes(10);

/// A pairing on its way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pairing {
    pub secret: Secret<String>,
    pub spoken: Secret<String>,
    /// The person has asked to see the code.
    #[serde(default)]
    pub revealed: bool,
    /// The link went out by message instead of being shown.
    #[serde(default)]
    pub sent: bool,
    /// Who has redeemed the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Paired>,
}

/// A device that has redeemed the secret and is asked to confirm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paired {
    pub device: Device,
    pub name: String,
    pub address: Option<PushAddress>,
    /// The request that confirms.
    pub request: String,
    pub question: Question,
}

/// What the page shows. The link is there only once it was asked for (S59, S60).
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Shown {
    pub link: Option<String>,
    /// The secret in groups of four, as people copy it.
    pub secret: Option<String>,
    /// The QR code of the link.
    pub svg: Option<String>,
    pub sent: bool,
    /// The device that has redeemed the secret …
    pub device: Option<String>,
    /// … and the number to type there.
    pub number: Option<String>,
}

impl Pairing {
    pub fn read(kept: &Kept) -> Option<Self> {
        serde_json::from_str(&kept.0).ok()
    }

    pub fn keep(&self) -> Kept {
        Kept(serde_json::to_string(self).unwrap_or_default())
    }

    /// Where the app opens. What follows the # stays in the phone: no server's log sees it.
    pub fn link(&self, issuer: &str) -> String {
        format!("{issuer}/authenticator#pair={}", self.secret.expose())
    }
}

/// A secret as it is looked up: people type it with blanks, hyphens and in small letters.
pub fn normalised(typed: &str) -> String {
    let kept = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
    kept.map(|c| c.to_ascii_uppercase()).collect()
}

pub(super) fn start(cx: &Cx<'_>, wanted: &Wanted) -> Result<Start, MfaCode> {
    let mut bytes = [0u8; SECRET_BYTES];
    cx.entropy.fill(&mut bytes);
    let pairing = Pairing {
        secret: Secret::new(base32(&bytes)),
        spoken: Secret::new(cx.entropy.digits(SPOKEN_DIGITS)),
        revealed: false,
        sent: matches!(wanted, Wanted::OnAnotherScreen),
        device: None,
    };
    Ok(Start {
        kept: pairing.keep(),
        lifetime: LIFETIME,
        send: None,
    })
}

pub(super) fn show(cx: &Cx<'_>, kept: &Kept) -> String {
    let shown = Pairing::read(kept).map(|pairing| drawn(cx, &pairing));
    serde_json::to_string(&shown.unwrap_or_default()).unwrap_or_default()
}

fn drawn(cx: &Cx<'_>, pairing: &Pairing) -> Shown {
    if let Some(paired) = &pairing.device {
        return Shown {
            device: Some(paired.name.clone()),
            number: paired.question.number.clone(),
            ..Shown::default()
        };
    }
    if !pairing.revealed {
        return Shown {
            sent: pairing.sent,
            ..Shown::default()
        };
    }
    let link = pairing.link(&cx.site.issuer);
    let code = QRBuilder::new(link.as_str()).build().ok();
    let letters: Vec<char> = pairing.secret.expose().chars().collect();
    let grouped: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Shown {
        svg: code.map(|code| SvgBuilder::default().margin(2).to_str(&code)),
        secret: Some(grouped.join(" ")),
        link: Some(link),
        ..Shown::default()
    }
}

/// The device's answer to the first request, judged once more from what was kept.
pub(super) fn finish(kept: &Kept, answer: &Answer) -> Result<Fresh, MfaCode> {
    let pairing = Pairing::read(kept).ok_or(MfaCode::SecretExpired)?;
    let (Some(paired), Answer::Device(said)) = (pairing.device, answer) else {
        return Err(MfaCode::PushTimedOut);
    };
    if said.request != paired.request {
        return Err(MfaCode::PushTimedOut);
    }
    match judge(&paired.question, said) {
        Verdict::Proved(proved) => Ok(Fresh {
            secret: Secret::new(serde_json::to_vec(&paired.device).map_err(|_| MfaCode::SecretExpired)?),
            facts: facts(&paired.device, proved.proof.activation != Activation::None),
            found_by: None,
            last_step: None,
            proof: Some(proved.proof),
            nickname: paired.name,
        }),
        Verdict::Declined { .. } => Err(MfaCode::PushDenied),
        _ => Err(MfaCode::PushNumberWrong),
    }
}
