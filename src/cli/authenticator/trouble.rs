//! What can go wrong between this device and a server, each in one sentence.

use std::fmt;

use super::message::Refused;
use super::safe::safe;

#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// What was typed cannot be used.
    #[error("{0}")]
    Usage(String),
    #[error("{issuer} cannot be reached: {cause}")]
    Unreachable { issuer: String, cause: String },
    #[error("{issuer} does not speak this protocol: {what}")]
    Odd { issuer: String, what: String },
    #[error("{0}")]
    Refused(Refusal),
    /// Of our own key; it cannot happen with one that was read.
    #[error("the device's key cannot sign: {0}")]
    Key(#[from] crate::keys::KeyError),
}

impl Trouble {
    /// Did the server say this `error`?
    pub fn is(&self, error: &str) -> bool {
        self.refusal().is_some_and(|r| r.body.error == error)
    }

    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Usage(_) | Self::Unreachable { .. } | Self::Odd { .. } | Self::Key(_) => None,
        }
    }
}

/// An error that the server answered.
#[derive(Debug)]
pub struct Refusal {
    pub status: u16,
    pub body: Refused,
    /// Seconds, of `Retry-After`.
    pub wait: Option<u32>,
}

impl Refusal {
    /// The sentence without the code.
    fn sentence(&self) -> String {
        let said = match self.body.error.as_str() {
            "invalid_signature" => {
                "the server does not accept this device's signature: remove the account and pair again"
            }
            "clock_skew" => {
                "the clock of this device is more than five minutes off, and correcting for it did not help"
            }
            "unregistered" => "this device is not registered there any more, or is suspended: pair it again",
            "replayed" => "the server has seen this message before: try again",
            "notifications_off" => "the server takes only devices that allow notifications",
            "app_too_old" => "the server asks for a newer version of this program: install it and try again",
            "wrong_number" => return self.wrong_number(),
            "same_device" => "the browser that signs in cannot approve itself: use another device",
            "pairing_unknown" => {
                "the pairing link is unknown, was used, or is older than ten minutes: ask for a new one in the browser"
            }
            "request_unknown" => "no such request waits for this device: see countersign authenticator list",
            "answered" => "this request has been answered already",
            "last_authenticator" => {
                "it is the account's last authenticator and cannot be removed: set up another one first"
            }
            "expired" => {
                "the time of this request is over, or the browser has asked anew: see countersign authenticator list"
            }
            "slow_down" => return self.slow_down(),
            _ => return self.unknown(),
        };
        said.to_owned()
    }

    fn wrong_number(&self) -> String {
        let left = match self.body.tries_left {
            Some(0) => "that was the last try, and the request is over".to_owned(),
            Some(1) => "1 try is left".to_owned(),
            Some(n) => format!("{n} tries are left"),
            None => "look again".to_owned(),
        };
        format!("this is not the number that the browser shows: {left}")
    }

    fn slow_down(&self) -> String {
        let wait = self.wait.map_or("a minute".to_owned(), |s| format!("{s} seconds"));
        format!("too many secrets or numbers were tried: wait {wait}")
    }

    fn unknown(&self) -> String {
        let description = self.body.error_description.as_deref().unwrap_or_default();
        let description = if description.is_empty() {
            String::new()
        } else {
            format!(": {}", safe(description))
        };
        format!(
            "the server refused it with HTTP {} {}{description}",
            self.status,
            safe(&self.body.error)
        )
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())?;
        match &self.body.mfa {
            Some(code) => write!(f, " ({})", safe(code)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &str) -> String {
        let body = serde_json::from_str(body).unwrap();
        Trouble::Refused(Refusal {
            status,
            body,
            wait: Some(7),
        })
        .to_string()
    }

    #[test]
    fn every_error_of_the_protocol_is_one_sentence_with_its_code() {
        let table = include_str!("../../../docs/authenticator-protocol.md");
        let rows = table.lines().filter_map(|line| line.strip_prefix("| 4"));
        let mut seen = 0;
        for row in rows {
            let cells: Vec<&str> = row.split('|').map(|c| c.trim().trim_matches('`')).collect();
            let body = serde_json::json!({ "error": cells[1], "mfa": Some(cells[2]).filter(|m| !m.is_empty()) });
            let sentence = said(400, &body.to_string());
            assert!(sentence.contains(cells[2]), "{sentence}");
            assert_eq!(
                sentence.contains("refused it with"),
                cells[1] == "invalid_request",
                "{sentence}"
            );
            assert!(!sentence.contains('\n'));
            seen += 1;
        }
        assert_eq!(seen, 15, "the table of the document was found");
    }

    #[test]
    fn numbers_and_waits_are_said() {
        let wrong = |left: u32| {
            said(
                403,
                &format!(r#"{{"error":"wrong_number","mfa":"MFA-133","tries_left":{left}}}"#),
            )
        };
        assert!(wrong(2).ends_with("2 tries are left (MFA-133)"));
        assert!(wrong(0).contains("the request is over"));
        assert!(said(429, r#"{"error":"slow_down"}"#).ends_with("wait 7 seconds"));
    }

    #[test]
    fn what_a_server_says_cannot_steer_the_terminal() {
        let sentence = said(
            500,
            r#"{"error":"x\u001b[2J","error_description":"a\nb\u202e","mfa":"\u0007"}"#,
        );
        assert_eq!(
            sentence,
            r"the server refused it with HTTP 500 x\u{1b}[2J: a\u{a}b\u{202e} (\u{7})"
        );
    }
}
