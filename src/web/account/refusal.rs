//! Refused forms of the account in the person's words.

use crate::journey::account::{Mistake, Refusal};
use crate::web::pages::Trouble;
use crate::web::sign_in::wording;

/// The words, and the reference for support.
pub fn words(refusal: &Refusal) -> (Trouble, String) {
    match refusal {
        Refusal::Complaint(complaint) => (wording::words(complaint), complaint.reference.to_string()),
        Refusal::Password(refusal, reference) => (Trouble::password_refused(*refusal), reference.to_string()),
        Refusal::Mistake(mistake, reference) => (Trouble::mistake(key(*mistake)), reference.to_string()),
    }
}

/// The message in `locales/`.
const fn key(mistake: Mistake) -> &'static str {
    match mistake {
        Mistake::Name => "mistake-name",
        Mistake::NameConfirmed => "mistake-name-confirmed",
        Mistake::Language => "mistake-language",
        Mistake::Address => "mistake-address",
        Mistake::SameAddress => "mistake-same-address",
        Mistake::Unconfirmed => "mistake-unconfirmed",
        Mistake::Gone => "mistake-gone",
    }
}

#[cfg(test)]
mod tests {
    use fluent_bundle::FluentArgs;

    use super::*;
    use crate::web::locale::{Locale, Texts};

    #[test]
    fn every_mistake_has_a_title_a_sentence_and_a_remedy() {
        let texts = Texts::load().unwrap();
        for mistake in [
            Mistake::Name,
            Mistake::NameConfirmed,
            Mistake::Language,
            Mistake::Address,
            Mistake::SameAddress,
            Mistake::Unconfirmed,
            Mistake::Gone,
        ] {
            for part in ["", ".text", ".remedy"] {
                let text = texts.get(Locale::Es, &format!("{}{part}", key(mistake)), &FluentArgs::new());
                assert!(text.is_some_and(|t| t.len() > 10), "{mistake:?} {part}");
            }
        }
    }
}
