//! What the events behind an acr are called in `amr` (RFC 8176), computed from what was really used.

use std::collections::BTreeSet;

use super::evidence::{Activation, Method, Proof};

/// For a recovery code; no value of RFC 8176 fits, least of all `otp`.
pub const AMR_RECOVERY: &str = "urn:countersign:amr:recovery";

/// The kinds of factor: two different ones make `mfa` (800-63B-4 §2.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Something known, verified by us.
    Knowledge,
    /// Something had.
    Possession,
    /// Something known or been, verified by the authenticator and stated under its signature.
    Unlock,
}

/// The kinds of factor that one event proved.
pub fn kinds(method: Method, proof: &Proof) -> impl Iterator<Item = Kind> {
    let (first, second) = match method {
        Method::Password => (Kind::Knowledge, false),
        Method::Webauthn => (Kind::Possession, proof.user_verified),
        Method::Push => (Kind::Possession, proof.activation != Activation::None),
        Method::Totp | Method::Sms | Method::Voice | Method::RecoveryCode => (Kind::Possession, false),
    };
    std::iter::once(first).chain(second.then_some(Kind::Unlock))
}

/// The order in which values are listed, whatever the order of the events.
const ORDER: [&str; 13] = [
    "pwd",
    "otp",
    "sms",
    "tel",
    "hwk",
    "swk",
    "user",
    "pin",
    "fpt",
    "face",
    AMR_RECOVERY,
    "mca",
    "mfa",
];

/// The `amr` of these uses: no value twice, in a fixed order.
pub fn amr<'a>(used: impl IntoIterator<Item = (Method, &'a Proof)>) -> Vec<String> {
    let mut values = BTreeSet::new();
    let mut proved = BTreeSet::new();
    for (method, proof) in used {
        values.extend(of_one(method, proof));
        proved.extend(kinds(method, proof));
    }
    if proved.len() >= 2 {
        values.insert("mfa");
    }
    ORDER
        .iter()
        .filter(|v| values.contains(*v))
        .map(|v| (*v).to_owned())
        .collect()
}

/// What one use is called by itself, without `mfa`.
pub fn of_one(method: Method, proof: &Proof) -> Vec<&'static str> {
    match method {
        Method::Password => vec!["pwd"],
        Method::Totp => vec!["otp"],
        // Never `otp`: partners that look for it would let text messages in.
        Method::Sms => vec!["sms", "mca"],
        Method::Voice => vec!["tel", "mca"],
        Method::RecoveryCode => vec![AMR_RECOVERY],
        Method::Push => [key(proof), "user", "mca"].into_iter().chain(unlocked(proof)).collect(),
        Method::Webauthn => [key(proof), "user"].into_iter().chain(unlocked(proof)).collect(),
    }
}

/// RFC 8176 `hwk` is a claim about hardware: only attestation can make it, and a key that syncs has left it.
fn key(proof: &Proof) -> &'static str {
    let in_hardware = proof.attested && proof.hardware && !proof.backup_eligible && !proof.backup_state;
    if in_hardware { "hwk" } else { "swk" }
}

fn unlocked(proof: &Proof) -> Option<&'static str> {
    match proof.activation {
        Activation::None => None,
        Activation::Pin => Some("pin"),
        Activation::Fingerprint => Some("fpt"),
        Activation::Face => Some("face"),
    }
}
