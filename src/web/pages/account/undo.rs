//! "This was not me".

use serde::Serialize;

use crate::policy::Method;
use crate::web::page::Page;

/// `account-undo`: `action=undo`.
#[derive(Clone, Debug, Serialize)]
pub struct AccountUndo {
    pub state: UndoState,
    /// What would be put aside, or was.
    pub method: Option<Method>,
    pub nickname: Option<String>,
    /// The old address comes back.
    pub email: bool,
    /// What support asks for.
    pub reference: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UndoState {
    Ask,
    Done,
    /// Unknown, expired or used: the frame's trouble says so.
    Gone,
}

impl AccountUndo {
    pub const fn gone() -> Self {
        Self {
            state: UndoState::Gone,
            method: None,
            nickname: None,
            email: false,
            reference: None,
        }
    }
}

impl Page for AccountUndo {
    const ID: &'static str = "account-undo";
    const TEMPLATE: &'static str = "account/undo";

    fn samples() -> Vec<Self> {
        let of = |state, method, nickname: Option<&str>, email| Self {
            state,
            method,
            nickname: nickname.map(str::to_owned),
            email,
            reference: (state == UndoState::Done).then(|| "7KQ2-M9XD".to_owned()),
        };
        vec![
            of(
                UndoState::Ask,
                Some(Method::Totp),
                Some("<script>alert(1)</script>"),
                false,
            ),
            of(UndoState::Ask, None, None, true),
            of(UndoState::Ask, None, None, false),
            of(UndoState::Done, Some(Method::Webauthn), Some("Key"), false),
            of(UndoState::Done, None, None, true),
            Self::gone(),
        ]
    }
}
