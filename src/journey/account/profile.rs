//! Name and language (OIDC Core §5.1: name, given_name, family_name, locale).

use serde_json::Value;

use super::{Answer, Mistake, alone, commit};
use crate::journey::errands::Gate;
use crate::journey::notices::{self, Circumstances, Letter, Undo};
use crate::journey::provider::Provider;
use crate::journey::records::record;
use crate::journey::scene::Trouble;
use crate::journey::visitor::Visitor;
use crate::model::User;
use crate::model::audit::Outcome;

/// Characters of a name.
const LONGEST_NAME: usize = 128;

/// The fields of the form, as they were typed; one that is missing is left as it is.
#[derive(Clone, Debug, Default)]
pub struct Edited {
    pub name: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    /// The primary language subtag; empty: none.
    pub language: Option<String>,
}

/// Has an operator confirmed who this is? Then the name is what was confirmed: who signs prescriptions must not be able
/// to do it under a name of their choice (21 CFR 1311.105).
pub const fn name_is_confirmed(user: &User) -> bool {
    user.standing.identity_confirmed_at.is_some()
}

pub async fn edit(op: &Provider, visitor: &Visitor, edited: &Edited) -> Result<Answer, Trouble> {
    let names = [
        ("name", &edited.name),
        ("given_name", &edited.given_name),
        ("family_name", &edited.family_name),
    ];
    if names
        .iter()
        .any(|(_, typed)| typed.as_deref().is_some_and(|t| !is_name(t)))
    {
        return Ok(Mistake::Name.refuse(op));
    }
    let mut tx = op.store.begin().await?;
    let Some(mut owner) = alone(op, &mut tx, visitor, Gate::Changing).await? else {
        return Ok(Answer::Shut);
    };
    let renamed: Vec<&str> = names
        .iter()
        .filter(|(claim, typed)| put(&mut owner.user, claim, typed.as_deref()))
        .map(|(claim, _)| *claim)
        .collect();
    if !renamed.is_empty() && name_is_confirmed(&owner.user) {
        return Ok(Mistake::NameConfirmed.refuse(op));
    }
    let language = edited.language.as_deref();
    let spoken = language.is_some_and(|l| !speaks(&owner.user, l)) && put(&mut owner.user, "locale", language);
    if renamed.is_empty() && !spoken {
        return Ok(Answer::Done);
    }
    owner.user.updated_at = owner.scene.now;
    if !tx.save_user(&owner.user).await? {
        return Err(Trouble::Busy);
    }
    let mut changed: Vec<String> = renamed.iter().map(|c| (*c).to_owned()).collect();
    changed.extend(spoken.then(|| "locale".to_owned()));
    tx.audit(record(&owner.scene, "profile.changed", Outcome::Success, visitor).with("changed", changed));
    if !renamed.is_empty() {
        let letter = Letter {
            key: "profile-changed",
            facts: Some(Circumstances::of(owner.scene.now, visitor, None)),
            ..Letter::default()
        };
        let undo = Undo {
            what: letter.key.to_owned(),
            ..Undo::default()
        };
        notices::tell(op, &mut tx, &owner.user, letter, undo).await?;
    }
    commit(op, tx).await?;
    Ok(Answer::Done)
}

/// Writes a claim; `true` if that changed something. An empty text takes it away.
fn put(user: &mut User, claim: &str, typed: Option<&str>) -> bool {
    let Some(typed) = typed.map(str::trim) else {
        return false;
    };
    let old = user.claims.get(claim).and_then(Value::as_str).unwrap_or_default();
    if old == typed {
        return false;
    }
    if typed.is_empty() {
        user.claims.remove(claim);
    } else {
        user.claims.insert(claim.to_owned(), typed.into());
    }
    true
}

/// `es-MX` is not overwritten by `es`.
fn speaks(user: &User, language: &str) -> bool {
    let known = user.claims.get("locale").and_then(Value::as_str).unwrap_or_default();
    let primary = known.split(['-', '_']).next().unwrap_or_default();
    primary.eq_ignore_ascii_case(language)
}

/// Names are shown to others, in letters and at partners: nothing that hides or turns around what stands beside it.
fn is_name(text: &str) -> bool {
    let unseen = |c: char| {
        // Joiners (U+200C, U+200D) belong to the spelling of names in many scripts.
        let invisible = matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        c.is_control() || invisible
    };
    text.trim().chars().count() <= LONGEST_NAME && !text.chars().any(unseen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_people_have_and_nothing_that_hides() {
        for good in ["", "Ana Rivera", "Ñandú O’Brien-Łuczak", "李小龙", "  spaced  "] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["a\nb", "a\u{202e}b", "a\u{2066}b", "a\u{200b}b", &"x".repeat(129)] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
