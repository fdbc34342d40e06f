//! The letters that there are, and one sample of each. Who adds one adds its words in every file of `locales/`.

use crate::base::Timestamp;
use crate::factors::Site;
use crate::journey::notices::{Circumstances, Letter};

/// What one letter is about.
struct Kind {
    key: &'static str,
    /// The variables of its words.
    args: &'static [&'static str],
    holds: Holds,
}

/// What stands below the words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// When and where it happened, and "this was not me".
    Facts,
    Link,
    CodeAndLink,
    Nothing,
}

const fn kind(key: &'static str, args: &'static [&'static str], holds: Holds) -> Kind {
    Kind { key, args, holds }
}

const LETTERS: [Kind; 27] = [
    kind("authenticator-added", &["method", "nickname"], Holds::Facts),
    kind("authenticator-removed", &["method", "nickname"], Holds::Facts),
    kind("authenticator-renamed", &["old", "nickname"], Holds::Facts),
    kind("primary-changed", &["nickname"], Holds::Facts),
    kind("preferred-changed", &["method"], Holds::Facts),
    kind("password-changed", &[], Holds::Facts),
    kind("password-reset", &[], Holds::Facts),
    kind("recovery-codes-issued", &[], Holds::Facts),
    kind("recovery-code-used", &["left"], Holds::Facts),
    kind("email-changed", &["old", "email"], Holds::Facts),
    kind("profile-changed", &[], Holds::Facts),
    kind("new-device", &[], Holds::Facts),
    kind("authenticator-disabled", &["method", "nickname"], Holds::Facts),
    kind("account-closed", &[], Holds::Facts),
    kind("mfa-reset", &[], Holds::Facts),
    kind("undone", &[], Holds::Facts),
    kind("verify-email", &[], Holds::CodeAndLink),
    kind("register", &[], Holds::CodeAndLink),
    kind("register-known", &[], Holds::Link),
    kind("reset-password", &[], Holds::CodeAndLink),
    kind("reset-unknown", &[], Holds::Nothing),
    kind("update-phone", &[], Holds::Link),
    kind("setup-link", &[], Holds::Link),
    kind("pairing-link", &[], Holds::Link),
    kind("pairing-call", &["digits"], Holds::Nothing),
    kind("push-reported", &[], Holds::Link),
    kind("email-in-use", &["email"], Holds::Nothing),
];

/// The variables of a letter's words; none for a letter that is not known.
pub(super) fn arguments_of(key: &str) -> &'static [&'static str] {
    let found = LETTERS.iter().find(|letter| letter.key == key);
    found.map_or(&[], |letter| letter.args)
}

/// One of each letter, as full as it gets; and one that knows no more than the time.
pub(super) fn samples() -> Vec<Letter> {
    let mut all: Vec<Letter> = LETTERS.iter().map(sample).collect();
    let bare = all.iter().find(|letter| letter.facts.is_some()).cloned();
    all.extend(bare.map(|letter| Letter {
        facts: letter.facts.map(|facts| Circumstances {
            place: None,
            browser: None,
            partner: None,
            ..facts
        }),
        undo: None,
        ..letter
    }));
    all
}

pub(super) fn sample_site() -> Site {
    Site {
        name: "Cedar Health ID".to_owned(),
        issuer: "https://id.example.org".to_owned(),
        host: "id.example.org".to_owned(),
    }
}

fn sample(kind: &Kind) -> Letter {
    let link = |path: &str| format!("https://id.example.org/{path}/v0Q8Jr5mTq3Zx1Lk7Yb2Wn6Hd4Sc9Gf_Ae-PuRiOtE0");
    let facts = kind.holds == Holds::Facts;
    Letter {
        key: kind.key,
        args: kind.args.iter().map(|name| (*name, value(name).to_owned())).collect(),
        facts: facts.then(|| Circumstances {
            // 2026-11-25 03:18 UTC
            at: Timestamp::from_secs(1_795_576_680),
            place: Some("2001:db8::7".to_owned()),
            browser: Some("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/133.0".to_owned()),
            partner: Some("Cedar Clinic EHR".to_owned()),
        }),
        code: (kind.holds == Holds::CodeAndLink).then(|| "482917".to_owned()),
        link: matches!(kind.holds, Holds::Link | Holds::CodeAndLink).then(|| link("account/continue")),
        undo: facts.then(|| link("account/undo")),
    }
}

fn value(argument: &str) -> &'static str {
    match argument {
        "method" => "totp",
        "nickname" => "Office iPhone",
        "left" => "7",
        "email" => "m.rivera@cedar.example",
        _ => "Old iPhone",
    }
}

#[cfg(test)]
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    LETTERS.iter().map(|letter| letter.key)
}
