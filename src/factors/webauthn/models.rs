//! Models of security keys: what the operator's metadata and lists say of an AAGUID. What is unknown counts for nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use rustls::pki_types::CertificateDer;

use super::Aaguid;
use crate::model::authenticator::KeyFacts;

/// One model, as its maker declared it to the publisher of the metadata.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub name: String,
    /// What an attestation of this model must lead to.
    pub(super) roots: Vec<CertificateDer<'static>>,
    /// It keeps its keys in hardware, a secure element or a trusted execution environment.
    pub hardware: bool,
    /// It is carried about, apart from the computer.
    pub roaming: bool,
    pub certification: Option<Certification>,
    /// The status for which it must not be used, as the metadata name it.
    pub denied: Option<&'static str>,
}

/// FIDO's authenticator certification levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certification {
    L1,
    L1Plus,
    L2,
    L2Plus,
    L3,
    L3Plus,
}

impl Certification {
    const ALL: [(Self, &'static str); 6] = [
        (Self::L1, "L1"),
        (Self::L1Plus, "L1plus"),
        (Self::L2, "L2"),
        (Self::L2Plus, "L2plus"),
        (Self::L3, "L3"),
        (Self::L3Plus, "L3plus"),
    ];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a certification level; write L1, L1plus, L2, L2plus, L3 or L3plus")]
pub struct UnknownLevel;

impl FromStr for Certification {
    type Err = UnknownLevel;
    fn from_str(text: &str) -> Result<Self, UnknownLevel> {
        let found = Self::ALL.into_iter().find(|(_, name)| *name == text);
        found.map(|(level, _)| level).ok_or(UnknownLevel)
    }
}

impl fmt::Display for Certification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = Self::ALL.into_iter().find(|(level, _)| level == self);
        f.write_str(found.map_or("", |(_, name)| name))
    }
}

/// The operator's own lists.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Never to be enrolled, whatever the metadata say.
    pub deny: BTreeSet<Aaguid>,
    /// If it names any: nothing else may be enrolled.
    pub allow: BTreeSet<Aaguid>,
    /// For these the operator holds a FIPS 140 certificate.
    pub fips: BTreeSet<Aaguid>,
    /// If set: nothing below it may be enrolled.
    pub minimum: Option<Certification>,
}

/// Why a model may not be enrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAccepted {
    #[error("its model is on the operator's deny list")]
    OnDenyList,
    #[error("its model is denied for its status in the metadata: {0}")]
    Status(&'static str),
    #[error("its model is not on the operator's allow list, or not attested")]
    NotAllowed,
    #[error("its model is below the operator's minimum certification, or not attested")]
    BelowMinimum,
}

/// What is known of models. The default knows none: no key counts as attested then.
#[derive(Clone, Debug, Default)]
pub struct Models {
    known: BTreeMap<Aaguid, Model>,
    rules: Rules,
}

impl Models {
    pub const fn new(known: BTreeMap<Aaguid, Model>, rules: Rules) -> Self {
        Self { known, rules }
    }

    pub fn get(&self, aaguid: &Aaguid) -> Option<&Model> {
        self.known.get(aaguid)
    }

    /// How many models are known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Is there anything that an attestation could be compared with? If not, it is not asked for: it is personal data
    /// of a kind (WebAuthn §14.4.1), and of no use.
    pub fn wants_attestation(&self) -> bool {
        self.known.values().any(|m| !m.roots.is_empty())
    }

    /// Do other models share a root with this one? Then a certificate must say which of them it is for.
    pub(super) fn shares_root(&self, aaguid: &Aaguid) -> bool {
        let Some(model) = self.known.get(aaguid) else {
            return false;
        };
        let others = self.known.iter().filter(|(other, _)| *other != aaguid);
        others
            .into_iter()
            .any(|(_, m)| m.roots.iter().any(|root| model.roots.contains(root)))
    }

    /// May a key of this model be enrolled? `aaguid`: as the key says. A denied model is refused even where that is only
    /// a claim; an allowed one must have proved it, for anybody can claim.
    pub(super) fn accept(&self, aaguid: &Aaguid, attested: bool) -> Result<(), NotAccepted> {
        self.not_denied(aaguid)?;
        let listed = attested && self.rules.allow.contains(aaguid);
        if !(self.rules.allow.is_empty() || listed) {
            return Err(NotAccepted::NotAllowed);
        }
        let level = self
            .known
            .get(aaguid)
            .and_then(|m| m.certification)
            .filter(|_| attested);
        if self.rules.minimum.is_some() && level < self.rules.minimum {
            return Err(NotAccepted::BelowMinimum);
        }
        Ok(())
    }

    fn not_denied(&self, aaguid: &Aaguid) -> Result<(), NotAccepted> {
        if self.rules.deny.contains(aaguid) {
            return Err(NotAccepted::OnDenyList);
        }
        match self.known.get(aaguid).and_then(|m| m.denied) {
            Some(status) => Err(NotAccepted::Status(status)),
            None => Ok(()),
        }
    }

    /// What an attestation of this model is worth.
    pub(super) fn vouch(&self, aaguid: &Aaguid, facts: KeyFacts) -> KeyFacts {
        let Some(model) = self.known.get(aaguid) else {
            return facts;
        };
        KeyFacts {
            attested: true,
            model: Some(model.name.clone()),
            hardware: model.hardware,
            roaming: model.roaming,
            fips_listed: self.rules.fips.contains(aaguid),
            ..facts
        }
    }

    /// What was found at registration, as far as it still holds today. It can only become less: a model that has been
    /// denied since vouches for nothing any more, and what left the FIPS list is not on it.
    pub(super) fn today(&self, facts: &KeyFacts) -> KeyFacts {
        let aaguid = facts.aaguid.as_deref().and_then(Aaguid::parse);
        let denied = aaguid.is_some_and(|a| self.not_denied(&a).is_err());
        let listed = aaguid.is_some_and(|a| self.rules.fips.contains(&a));
        KeyFacts {
            attested: facts.attested && !denied,
            hardware: facts.hardware && !denied,
            roaming: facts.roaming && !denied,
            fips_listed: facts.fips_listed && listed && !denied,
            ..facts.clone()
        }
    }
}
