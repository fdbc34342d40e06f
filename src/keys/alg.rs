//! The signature algorithms that exist here. What is not in this enum cannot be asked for: no `none`, no HMAC.

use std::fmt;

use jsonwebtoken::Algorithm;
use serde::{Deserialize, Serialize};

/// A JWS algorithm (RFC 7518 §3.1, RFC 8037 §3.1); FAPI 2.0 §5.4.1 allows all of them but RS256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Alg {
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "ES384")]
    Es384,
    #[serde(rename = "PS256")]
    Ps256,
    #[serde(rename = "RS256")]
    Rs256,
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Alg {
    /// What others may sign with, for metadata and allow-lists.
    pub const ALL: [Self; 5] = [Self::Es256, Self::Es384, Self::Ps256, Self::Rs256, Self::EdDsa];
    /// FAPI 2.0 Security Profile §5.4.1: PS256, ES256, EdDSA with Ed25519.
    pub const FAPI: [Self; 3] = [Self::Ps256, Self::Es256, Self::EdDsa];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Names are case-sensitive (RFC 7515 §4.1.1). RFC 9864 §2.2: newer libraries say which EdDSA it is; here there is one.
    pub fn parse(name: &str) -> Option<Self> {
        let is = |alg: &Self| alg.name() == name || (*alg == Self::EdDsa && name == "Ed25519");
        Self::ALL.into_iter().find(is)
    }

    /// The kind of key it takes.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Es256 => Kind::P256,
            Self::Es384 => Kind::P384,
            Self::Ps256 | Self::Rs256 => Kind::Rsa,
            Self::EdDsa => Kind::Ed25519,
        }
    }

    pub(super) const fn for_jsonwebtoken(self) -> Algorithm {
        match self {
            Self::Es256 => Algorithm::ES256,
            Self::Es384 => Algorithm::ES384,
            Self::Ps256 => Algorithm::PS256,
            Self::Rs256 => Algorithm::RS256,
            Self::EdDsa => Algorithm::EdDSA,
        }
    }
}

impl fmt::Display for Alg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The kind of a key pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    #[serde(rename = "P-256")]
    P256,
    #[serde(rename = "P-384")]
    P384,
    #[serde(rename = "RSA")]
    Rsa,
    #[serde(rename = "Ed25519")]
    Ed25519,
}

impl Kind {
    /// The kinds that our ring signs with. The first two cost microseconds to generate, RSA 50 to 300 ms.
    pub const OURS: [Self; 3] = [Self::P256, Self::Ed25519, Self::Rsa];

    /// The kinds that others encrypt to (RFC 7518 §4.3, §4.6).
    pub const OPENING: [Self; 2] = [Self::P256, Self::Rsa];

    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::Rsa => "RSA",
            Self::Ed25519 => "Ed25519",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        [Self::P256, Self::P384, Self::Rsa, Self::Ed25519]
            .into_iter()
            .find(|kind| kind.name() == name)
    }

    /// What a key of this kind signs with; the first is its default.
    pub const fn algs(self) -> &'static [Alg] {
        match self {
            Self::P256 => &[Alg::Es256],
            Self::P384 => &[Alg::Es384],
            Self::Rsa => &[Alg::Rs256, Alg::Ps256],
            Self::Ed25519 => &[Alg::EdDsa],
        }
    }

    /// Does a new pair take long enough (RSA: a search for primes) to keep it off the path of a request or a start?
    pub const fn slow_to_generate(self) -> bool {
        matches!(self, Self::Rsa)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a key is for (RFC 7517 §4.2). No key is for both (SP 800-57 part 1 §5.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Usage {
    #[default]
    Sig,
    Enc,
}

impl Usage {
    pub const ALL: [Self; 2] = [Self::Sig, Self::Enc];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Sig => "sig",
            Self::Enc => "enc",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|usage| usage.name() == name)
    }

    /// The kinds of keys that our ring has for it.
    pub const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Sig => &Kind::OURS,
            Self::Enc => &Kind::OPENING,
        }
    }

    /// Is the next key there before its turn? Relying parties have to have it when it signs. Whoever encrypts takes a key
    /// as they find it published, and may not find one that is not meant yet.
    pub const fn waits(self) -> bool {
        matches!(self, Self::Sig)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(super) const fn is_sig(&self) -> bool {
        matches!(self, Self::Sig)
    }
}
