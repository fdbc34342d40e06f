//! What the actions of a sign-in answer, in the person's terms.

use super::provider::Provider;
use crate::base::{ReferenceId, Seconds, Timestamp};
use crate::model::MfaCode;
use crate::model::throttle::Throttle;
use crate::policy::{Method, Rule};
use crate::protocol::redirect::Delivery;

/// What a browser gets once something was proved.
pub struct NewCookies {
    pub session: String,
    /// What pages of partners may see change: `browser_state`.
    pub state: String,
    /// So that strangers' failures do not keep it out: `Visitor::knows`.
    pub known: String,
    /// The browser is to be remembered.
    pub remembered: Option<String>,
}

/// What a form's answer leads to.
pub enum Reply {
    /// To the page of whatever is next.
    GoOn,
    /// The same, with the session's new cookie.
    Proved { cookies: NewCookies },
    /// The same page once more, saying why.
    Again(Complaint),
    /// A method that may not be used: 4xx.
    Denied {
        method: Method,
        rules: Vec<Rule>,
        complaint: Complaint,
    },
    /// To another page of this sign-in.
    Show(Destination),
    /// Back to the partner.
    Leave {
        delivery: Delivery,
        cookies: Option<NewCookies>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    Chooser,
    Method(Method),
    Authenticator(String),
    /// The page that waits for the phone of whoever has the name that was typed.
    Phone,
    /// The page where this method is set up.
    Enrol(Method),
}

/// Why a form was refused, in the person's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    pub code: MfaCode,
    pub tries_left: Option<i64>,
    pub wait: Option<Seconds>,
    pub nickname: Option<String>,
    pub reference: ReferenceId,
}

impl Complaint {
    pub fn plain(op: &Provider, code: MfaCode) -> Self {
        Self {
            code,
            tries_left: None,
            wait: None,
            nickname: None,
            reference: ReferenceId::random(&op.entropy),
        }
    }
    pub fn wait(op: &Provider, wait: Seconds) -> Self {
        Self {
            wait: Some(wait),
            ..Self::plain(op, MfaCode::TooManyTries)
        }
    }
    pub fn wrong(op: &Provider, throttle: &Throttle, now: Timestamp) -> Self {
        match throttle.wait(now) {
            Some(wait) => Self::wait(op, wait),
            None => Self {
                tries_left: Some(throttle.tries_left()),
                ..Self::plain(op, MfaCode::CodeWrong)
            },
        }
    }
}
