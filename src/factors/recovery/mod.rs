//! Recovery codes: a list of look-up secrets that the person keeps on paper (800-63B-4 §3.1.2). Each is good once.

mod codes;

use serde::{Deserialize, Serialize};

use super::{
    Answer, Ask, Credential, Cx, Factor, Fresh, Kept, Memory, Opening, Person, Proved, Renewed, Start, Verdict, Wanted,
};
use crate::base::{Seconds, Secret};
use crate::model::MfaCode;
use crate::model::authenticator::Facts;
use crate::policy::{Method, Proof};

pub use codes::{CODES, read as read_code};
use codes::{Found, List};

/// How long codes that nobody has confirmed may be shown.
pub const LIFETIME: Seconds = Seconds::minutes(15);

pub struct Recovery;

/// What waits for the person to say that the codes are saved; the page shows it as it is.
#[derive(Serialize, Deserialize)]
struct Shown {
    codes: Vec<Secret<String>>,
}

impl Factor for Recovery {
    fn method(&self) -> Method {
        Method::RecoveryCode
    }

    fn memory(&self) -> Memory {
        Memory::None
    }

    fn start_enrolment(&self, cx: &Cx<'_>, _: &Person<'_>, _: &[Credential], _: &Wanted) -> Result<Start, MfaCode> {
        let shown = Shown {
            codes: codes::make(cx.entropy),
        };
        Ok(Start {
            kept: Kept(serde_json::to_string(&shown).map_err(|_| MfaCode::SecretExpired)?),
            lifetime: LIFETIME,
            send: None,
        })
    }

    fn show_enrolment(&self, _: &Cx<'_>, kept: &Kept) -> String {
        kept.0.clone()
    }

    /// Nothing is proved by it: whoever has the page has the codes.
    fn finish_enrolment(&self, cx: &Cx<'_>, kept: &Kept, _: &Answer) -> Result<Fresh, MfaCode> {
        let shown: Shown = serde_json::from_str(&kept.0).map_err(|_| MfaCode::SecretExpired)?;
        let list = List::of(cx.entropy, &shown.codes).ok_or(MfaCode::SecretExpired)?;
        Ok(Fresh {
            facts: Facts {
                codes_left: Some(list.left()),
                ..Facts::default()
            },
            secret: list.to_secret().ok_or(MfaCode::SecretExpired)?,
            found_by: None,
            last_step: None,
            proof: None,
            nickname: "Recovery codes".to_owned(),
        })
    }

    fn open(&self, _: &Cx<'_>, _: &Ask<'_>) -> Opening {
        Opening::NOTHING
    }

    fn check(&self, _: &Cx<'_>, _: Option<&Kept>, selected: &Credential, _: &[Credential], answer: &Answer) -> Verdict {
        let Answer::Code(typed) = answer else {
            return Verdict::Wrong;
        };
        let (Some(code), Some(mut list)) = (codes::read(typed.expose()), List::from_secret(&selected.secret)) else {
            return Verdict::Wrong;
        };
        match list.spend(&code) {
            Found::Nothing => Verdict::Wrong,
            // Told apart for the log only: on the page both are MFA-170.
            Found::Used => Verdict::Replayed,
            Found::Unused => spent(&list, selected),
        }
    }
}

/// 800-63B-4 §3.1.2.2: a look-up secret is used once. Which answer was first, the guarded write of the list decides.
fn spent(list: &List, selected: &Credential) -> Verdict {
    let Some(secret) = list.to_secret() else {
        return Verdict::Wrong;
    };
    Verdict::Proved(Proved {
        proof: Proof::default(),
        renewed: Some(Renewed {
            secret,
            facts: Facts {
                codes_left: Some(list.left()),
                ..selected.facts.clone()
            },
        }),
        ..Proved::default()
    })
}

#[cfg(test)]
mod tests;
