//! STUB

use super::{Answer, Ask, Credential, Cx, Factor, Fresh, Kept, Memory, Opening, Person, Start, Verdict, Wanted};
use crate::model::MfaCode;
use crate::policy::Method;

pub mod models;

pub struct Webauthn;

impl Factor for Webauthn {
    fn method(&self) -> Method {
        Method::Webauthn
    }
    fn memory(&self) -> Memory {
        Memory::Page
    }
    fn start_enrolment(&self, _: &Cx<'_>, _: &Person<'_>, _: &[Credential], _: &Wanted) -> Result<Start, MfaCode> {
        Err(MfaCode::MethodRefused)
    }
    fn show_enrolment(&self, _: &Cx<'_>, _: &Kept) -> String {
        String::new()
    }
    fn finish_enrolment(&self, _: &Cx<'_>, _: &Kept, _: &Answer) -> Result<Fresh, MfaCode> {
        Err(MfaCode::MethodRefused)
    }
    fn open(&self, _: &Cx<'_>, _: &Ask<'_>) -> Opening {
        Opening::NOTHING
    }
    fn check(&self, _: &Cx<'_>, _: Option<&Kept>, _: &Credential, _: &[Credential], _: &Answer) -> Verdict {
        Verdict::Wrong
    }
}

/// Whose key the answer says that it is (`userHandle`). Only a claim until it is checked.
pub fn owner(_answer: &str) -> Option<crate::base::UserId> {
    None
}
