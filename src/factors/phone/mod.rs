//! Text message and voice call: a code over the telephone network (800-63B-4 §3.1.3.3, restricted).

pub mod enrol;
mod number;

use super::{
    Answer, Ask, Channel, Credential, Cx, Factor, Fresh, Kept, Memory, Message, Opening, Person, Start, Verdict, Wanted,
};
use crate::base::Secret;
use crate::base::encoding::same;
use crate::model::MfaCode;
use crate::model::challenge::CODE_LIFETIME;
use crate::policy::Method;

pub use number::{Number, NumberError};

/// 800-63B-4 §3.1.3.2: at least six decimal digits.
pub const DIGITS: u32 = 6;
/// A call says the code this often.
const SPOKEN: usize = 2;

pub struct Phone {
    method: Method,
    channel: Channel,
}

pub static SMS: Phone = Phone {
    method: Method::Sms,
    channel: Channel::Sms,
};
pub static VOICE: Phone = Phone {
    method: Method::Voice,
    channel: Channel::Voice,
};

impl Phone {
    fn message(&self, cx: &Cx<'_>, to: String, code: &str) -> Message {
        let body = match self.channel {
            // The last line binds the code to our host, so that phones fill it in only there.
            Channel::Sms => format!(
                "{code} is your {} code. It is valid for {} minutes. We never ask for it by phone.\n\n@{} #{code}",
                cx.site.name,
                CODE_LIFETIME.0 / 60,
                cx.site.host,
            ),
            _ => {
                let spoken = code.chars().map(String::from).collect::<Vec<_>>().join(", ");
                let once = format!("Your {} code is: {spoken}.", cx.site.name);
                vec![once; SPOKEN].join(" Again: ")
            }
        };
        Message {
            channel: self.channel,
            to,
            subject: None,
            body,
            html: None,
            code: Some(code.to_owned()),
            link: None,
            push: None,
        }
    }
}

/// Blanks that people type are forgiven.
fn is_code(given: &Secret<String>, expected: &str) -> bool {
    let typed: Secret<String> = Secret::new(given.expose().chars().filter(|c| !c.is_whitespace()).collect());
    same(typed.expose().as_bytes(), expected.as_bytes())
}

impl Factor for Phone {
    fn method(&self) -> Method {
        self.method
    }

    fn memory(&self) -> Memory {
        Memory::Row
    }

    fn start_enrolment(
        &self,
        cx: &Cx<'_>,
        _: &Person<'_>,
        _: &[Credential],
        wanted: &Wanted,
    ) -> Result<Start, MfaCode> {
        enrol::start(self, cx, wanted)
    }

    fn show_enrolment(&self, _: &Cx<'_>, kept: &Kept) -> String {
        enrol::show(kept)
    }

    fn finish_enrolment(&self, _: &Cx<'_>, kept: &Kept, answer: &Answer) -> Result<Fresh, MfaCode> {
        enrol::finish(kept, answer)
    }

    fn open(&self, cx: &Cx<'_>, ask: &Ask<'_>) -> Opening {
        let code = cx.entropy.digits(DIGITS);
        let number: Option<Number> = serde_json::from_slice(ask.selected.secret.expose()).ok();
        Opening {
            send: number.map(|n| self.message(cx, n.e164, &code)),
            kept: Some((Kept(code), CODE_LIFETIME)),
            show: None,
        }
    }

    fn check(&self, _: &Cx<'_>, kept: Option<&Kept>, _: &Credential, _: &[Credential], answer: &Answer) -> Verdict {
        let (Some(kept), Answer::Code(code)) = (kept, answer) else {
            return Verdict::Wrong;
        };
        if is_code(code, &kept.0) {
            Verdict::right()
        } else {
            Verdict::Wrong
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{AuthenticatorId, SystemEntropy, Timestamp};
    use crate::factors::Site;

    #[test]
    fn a_call_says_the_six_digits_twice_and_a_text_names_the_host() {
        let site = Site {
            name: "Cedar".into(),
            issuer: "https://id.example".into(),
            host: "id.example".into(),
        };
        let cx = Cx {
            now: Timestamp::from_secs(0),
            entropy: &SystemEntropy,
            site: &site,
            models: &crate::factors::webauthn::models::Models::default(),
        };
        let secret = serde_json::to_vec(&Number {
            e164: "+14155550801".into(),
        })
        .unwrap();
        let credential = Credential {
            id: AuthenticatorId::new("a"),
            nickname: None,
            secret: Secret::new(secret),
            last_step: None,
            facts: crate::model::authenticator::Facts::default(),
        };
        let ask = Ask {
            selected: &credential,
            acceptable: &[],
            verify_user: false,
        };
        let call = VOICE.open(&cx, &ask);
        let message = call.send.unwrap();
        let code = message.code.unwrap();
        let spoken = code.chars().map(String::from).collect::<Vec<_>>().join(", ");
        assert_eq!(message.body.matches(&spoken).count(), 2);
        let text = SMS.open(&cx, &ask);
        assert!(text.send.unwrap().body.contains("@id.example #"));
        let kept = text.kept.unwrap().0;
        let right = Answer::Code(Secret::new(kept.0.clone()));
        assert!(matches!(
            SMS.check(&cx, Some(&kept), &credential, &[], &right),
            Verdict::Proved(_)
        ));
        assert_eq!(
            SMS.check(&cx, Some(&kept), &credential, &[], &Answer::Code("".into())),
            Verdict::Wrong
        );
        assert_eq!(SMS.check(&cx, None, &credential, &[], &right), Verdict::Wrong);
    }
}
