//! Texts and calls over Twilio's REST API of 2010-04-01, which other carriers speak as well (`base_url`).

use reqwest::Client;
use serde::Deserialize;
use url::Url;

use super::carrier::{CarrierError, Failure, Parcel};
use super::settings::{Sender, TwilioSettings};
use super::wire::{self, Answer, Timeouts};
use crate::factors::Channel;

const VERSION: &str = "2010-04-01";
/// Characters of the carrier's own name for a message that are kept; theirs have 34.
const REFERENCE_CHARS: usize = 64;

pub struct Twilio {
    client: Client,
    settings: TwilioSettings,
}

/// The only two members that are read. `message` and `more_info` are left alone: they repeat the number.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    sid: Option<String>,
    code: Option<i64>,
}

impl Twilio {
    pub(super) fn open(settings: TwilioSettings, timeouts: Timeouts) -> Result<Self, CarrierError> {
        let client = wire::client(&settings.base_url, timeouts)?;
        Ok(Self { client, settings })
    }

    /// Answers the carrier's name for the message. The API knows no key of idempotence: when an answer is lost
    /// on the way, the next try sends the text a second time, with the same code.
    pub(super) async fn deliver(&self, parcel: &Parcel<'_>) -> Result<Option<String>, Failure> {
        let message = parcel.message;
        let (resource, content) = match message.channel {
            Channel::Sms => ("Messages.json", ("Body", message.body.clone())),
            Channel::Voice => ("Calls.json", ("Twiml", spoken(&message.body))),
            Channel::Email | Channel::Push | Channel::Ping | Channel::Logout => {
                return Err(Failure::permanent("this carrier takes texts and calls only"));
            }
        };
        let sender = match &self.settings.sender {
            Sender::From(from) => ("From", from.clone()),
            Sender::MessagingService(service) => ("MessagingServiceSid", service.clone()),
        };
        let request = self
            .client
            .post(self.address(resource))
            .basic_auth(&self.settings.account_sid, Some(self.settings.auth_token.expose()))
            .form(&[("To", message.to.clone()), sender, content]);
        let answer = wire::send(request, parcel.now).await?;
        let said = said(&answer);
        let code = said.code.map(|code| format!("error {code}"));
        answer.judge(code.as_deref())?;
        Ok(said.sid.filter(|sid| is_name(sid)))
    }

    fn address(&self, resource: &str) -> Url {
        let mut url = self.settings.base_url.clone();
        // An https address always has a path.
        if let Ok(mut path) = url.path_segments_mut() {
            let account = self.settings.account_sid.as_str();
            path.pop_if_empty().extend([VERSION, "Accounts", account, resource]);
        }
        url
    }
}

fn said(answer: &Answer) -> Said {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// It is written to the log: neither a text nor a number.
fn is_name(sid: &str) -> bool {
    sid.len() <= REFERENCE_CHARS
        && sid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && sid.bytes().any(|b| b.is_ascii_alphabetic())
}

/// TwiML that says it. The text says the digits twice already.
fn spoken(text: &str) -> String {
    let mut xml = String::with_capacity(text.len() + 48);
    xml.push_str("<Response><Say>");
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\'' => xml.push_str("&apos;"),
            // XML 1.0 §2.2 has no way to write most of these.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => xml.push(' '),
            c => xml.push(c),
        }
    }
    xml.push_str("</Say></Response>");
    xml
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spoken_cannot_leave_its_element() {
        assert_eq!(
            spoken("A & B's <Dial>\u{0}\n\"</Say>"),
            "<Response><Say>A &amp; B&apos;s &lt;Dial&gt;  &quot;&lt;/Say&gt;</Say></Response>"
        );
    }

    #[test]
    fn a_name_that_is_none_is_not_written_down() {
        assert!(is_name("SM0123456789abcdef"));
        assert!(!is_name(""));
        assert!(!is_name("+14155550801"));
        assert!(!is_name("14155550801"));
        assert!(!is_name(&"a".repeat(65)));
    }
}
