//! Setting up a phone: a code goes to the number, and the number counts once the code has come back (S25-S29).

use serde::{Deserialize, Serialize};

use super::{CODE_LIFETIME, DIGITS, Number, Phone, is_code};
use crate::base::Secret;
use crate::factors::{Answer, Cx, Fresh, Kept, Start, Wanted};
use crate::model::MfaCode;
use crate::model::authenticator::Facts;
use crate::policy::Proof;

/// What waits for the code.
#[derive(Serialize, Deserialize)]
struct Pending {
    number: Number,
    code: Secret<String>,
}

pub(super) fn start(phone: &Phone, cx: &Cx<'_>, wanted: &Wanted) -> Result<Start, MfaCode> {
    let Wanted::Number(number) = wanted else {
        return Err(MfaCode::NumberInvalid);
    };
    let code = cx.entropy.digits(DIGITS);
    let message = phone.message(cx, number.e164.clone(), &code);
    let pending = Pending {
        number: number.clone(),
        code: Secret::new(code),
    };
    Ok(Start {
        kept: Kept(serde_json::to_string(&pending).map_err(|_| MfaCode::NumberInvalid)?),
        lifetime: CODE_LIFETIME,
        send: Some(message),
    })
}

/// The number that is being confirmed: its owner has just typed it.
pub fn pending_number(kept: &Kept) -> Option<Number> {
    let pending: Pending = serde_json::from_str(&kept.0).ok()?;
    Some(pending.number)
}

pub(super) fn show(kept: &Kept) -> String {
    pending_number(kept).map(|n| n.end()).unwrap_or_default()
}

pub(super) fn finish(kept: &Kept, answer: &Answer) -> Result<Fresh, MfaCode> {
    let pending: Pending = serde_json::from_str(&kept.0).map_err(|_| MfaCode::CodeExpired)?;
    match answer {
        Answer::Code(code) if is_code(code, pending.code.expose()) => {}
        _ => return Err(MfaCode::CodeWrong),
    }
    let end = pending.number.end();
    Ok(Fresh {
        secret: Secret::new(serde_json::to_vec(&pending.number).map_err(|_| MfaCode::CodeExpired)?),
        facts: Facts {
            number_end: Some(end.clone()),
            ..Facts::default()
        },
        found_by: Some(pending.number.e164.into_bytes()),
        last_step: None,
        proof: Some(Proof::default()),
        nickname: format!("Phone …{end}"),
    })
}
