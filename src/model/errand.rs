//! What somebody came for, if no partner sent them: our own pages behind the same sign-in.

use serde::{Deserialize, Serialize};

use crate::base::{AuthenticatorId, Seconds};
use crate::policy::Method;

/// The client in whose name our own pages ask. No partner can have it: a colon ends the name in HTTP Basic.
pub const ACCOUNT_CLIENT: &str = "countersign:account";

/// Something may be changed for so long after a current factor was proved (800-63B-4 §4.1.2.1).
pub const CHANGE_WINDOW: Seconds = Seconds::minutes(15);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "errand", rename_all = "snake_case")]
pub enum Errand {
    /// To a page of the account.
    Account { to: LocalPath },
    /// To a page where something can be changed: first a current factor, at the level of the strongest that is enrolled.
    Change { to: LocalPath },
    /// The same, and then a new authenticator is set up.
    Enrol { method: Option<Method>, to: LocalPath },
    /// The same, and it takes the place of this one, which stays until the new one is confirmed (S43, S44).
    Replace {
        authenticator: AuthenticatorId,
        method: Method,
        to: LocalPath,
    },
    /// A forgotten password, after the account's address was proved: something else that is enrolled, and then a new
    /// password. `ticket`: the hash of the ticket that proved it.
    Recover { ticket: String, to: LocalPath },
}

impl Errand {
    pub const fn to(&self) -> &LocalPath {
        match self {
            Self::Account { to }
            | Self::Change { to }
            | Self::Enrol { to, .. }
            | Self::Replace { to, .. }
            | Self::Recover { to, .. } => to,
        }
    }
    /// Is something set up: by this method, or by whichever the person chooses?
    pub const fn sets_up(&self) -> Option<Option<Method>> {
        match self {
            Self::Account { .. } | Self::Change { .. } | Self::Recover { .. } => None,
            Self::Enrol { method, .. } => Some(*method),
            Self::Replace { method, .. } => Some(Some(*method)),
        }
    }
    /// Must a current factor be proved, whatever a session says?
    pub const fn changes(&self) -> bool {
        !matches!(self, Self::Account { .. } | Self::Recover { .. })
    }
    pub const fn recovers(&self) -> bool {
        matches!(self, Self::Recover { .. })
    }
}

/// Bytes of such a path: it may carry a partner's address to return to, percent-encoded.
const LONGEST_PATH: usize = 8 * 1024;

/// A path below `/account`, so that an errand can never lead off our pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalPath(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a path below /account")]
pub struct NotLocal;

impl LocalPath {
    pub fn new(path: &str) -> Result<Self, NotLocal> {
        let below = path == "/account" || path.starts_with("/account/") || path.starts_with("/account?");
        let sound = |c: char| c.is_ascii_graphic() && !matches!(c, '\\' | '"' | '<' | '>' | '#');
        // A browser would walk up a path with dots, and take two slashes for a host.
        let still = !path.split(['/', '?']).any(|part| part == ".." || part == ".") && !path.contains("//");
        if below && still && path.chars().all(sound) && path.len() <= LONGEST_PATH {
            Ok(Self(path.to_owned()))
        } else {
            Err(NotLocal)
        }
    }
    /// The account's first page.
    pub fn home() -> Self {
        Self("/account".to_owned())
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for LocalPath {
    type Error = NotLocal;
    fn try_from(path: String) -> Result<Self, NotLocal> {
        Self::new(&path)
    }
}

impl From<LocalPath> for String {
    fn from(path: LocalPath) -> Self {
        path.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands before a change is another thing than what gives an account back: the password is not asked.
    #[test]
    fn a_recovery_is_no_change() {
        let recovery = Errand::Recover {
            ticket: "t".to_owned(),
            to: LocalPath::home(),
        };
        assert!(recovery.recovers() && !recovery.changes());
        let change = Errand::Change { to: LocalPath::home() };
        assert!(change.changes() && !change.recovers());
    }

    #[test]
    fn an_errand_leads_to_the_account_and_nowhere_else() {
        for good in [
            "/account",
            "/account/security",
            "/account/security?return=rp",
            "/account?x=1",
        ] {
            assert!(LocalPath::new(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/",
            "//evil.example",
            "/accounts",
            "/account//evil",
            "/account/../admin",
            "/account\\x",
            "https://x/account",
            "/account/a b",
            "/account/\u{202e}",
        ] {
            assert_eq!(LocalPath::new(bad), Err(NotLocal), "{bad}");
        }
    }
}
