//! How our keys turn: next, current, retired, gone. Pure: rows in, changed rows out; the caller stores them.
//!
//! ```text
//!            rotate                rotate                    verify_until
//!   (new) ──────────▶ Next ──────────────▶ Current ──▶ Retired ──────────▶ gone
//!          published,        signs                      verifies only,
//!          signs nothing                                private half destroyed
//! ```
//! A next key is published before it signs, so that relying parties have it in their caches when it does.
//!
//! Keys that others encrypt to have no next one (`Usage::waits`). A retired one is no longer published, and opens what was
//! encrypted by who still has it in a cache (OIDC Core §10.2.1); its private half is kept until then.

use serde::{Deserialize, Serialize};

use super::jwe::Opener;
use super::{KeyPair, Kind, PublicKey, RingError, Sealer, Usage};
use crate::base::{Entropy, KeyId, Seconds, Timestamp};

/// What the seal calls a private key (PKCS#8), and the public key that is left of it (JWK).
const SIGNING: &str = "signing-key";
const VERIFYING: &str = "verification-key";
/// A private key that others encrypt to (PKCS#8), for as long as it is there.
const OPENING: &str = "decryption-key";

/// One key of ours as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// RFC 7638 thumbprint of the public key.
    pub kid: KeyId,
    pub kind: Kind,
    #[serde(rename = "use", default, skip_serializing_if = "Usage::is_sig")]
    pub usage: Usage,
    #[serde(flatten)]
    pub stage: Stage,
    pub created_at: Timestamp,
    /// Sealed for this `kid`: PKCS#8 while it may sign or open, the bare public JWK afterwards. The public key is sealed too:
    /// who can write to the database must not be able to add a key that we trust.
    #[serde(with = "base64url_text")]
    pub sealed: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Stage {
    Next,
    Current {
        activated_at: Timestamp,
    },
    Retired {
        /// None: it was dropped before its turn.
        activated_at: Option<Timestamp>,
        retired_at: Timestamp,
        /// When the last token that it signed has expired, or nobody encrypts to it any more.
        verify_until: Timestamp,
    },
}

impl Stage {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current { .. } => "current",
            Self::Retired { .. } => "retired",
        }
    }
}

/// Everything that a turn of the ring needs besides the rows.
pub struct Turning<'a> {
    pub sealer: &'a Sealer,
    pub entropy: &'a dyn Entropy,
    pub now: Timestamp,
    /// Which keys turn.
    pub usage: Usage,
}

impl Turning<'_> {
    /// The row of a new pair: current at the first start, next ever after.
    pub fn record(&self, pair: &KeyPair, stage: Stage) -> Result<KeyRecord, RingError> {
        let kid = KeyId::new(pair.public().thumbprint());
        let pkcs8 = pair.to_pkcs8()?;
        let sealed = self.seal(purpose(self.usage, &stage), &kid, pkcs8.expose())?;
        Ok(KeyRecord {
            kid,
            kind: pair.public().kind(),
            usage: self.usage,
            stage,
            created_at: self.now,
            sealed,
        })
    }

    /// Shorthand for the first start.
    pub fn first(&self, pair: &KeyPair) -> Result<KeyRecord, RingError> {
        self.record(pair, Stage::Current { activated_at: self.now })
    }

    /// Next becomes current, current retires and verifies for `verify_for` (the longest life of a token) more,
    /// `fresh` is the new next, or current where none waits. Gives the rows that changed; nothing else did.
    pub fn rotate(&self, all: &[KeyRecord], fresh: &KeyPair, verify_for: Seconds) -> Result<Vec<KeyRecord>, RingError> {
        let kind = fresh.public().kind();
        let ours = |r: &&KeyRecord| r.kind == kind && r.usage == self.usage;
        let of_kind = |state: &str| all.iter().filter(ours).find(|r| r.stage.name() == state);
        let mut changed = Vec::with_capacity(3);
        if let Some(current) = of_kind("current") {
            changed.push(self.retired(current, verify_for)?);
        }
        if !self.usage.waits() {
            changed.push(self.first(fresh)?);
            return Ok(changed);
        }
        let next = of_kind("next").ok_or(RingError::NoNext(kind))?;
        changed.push(KeyRecord {
            stage: Stage::Current { activated_at: self.now },
            ..next.clone()
        });
        changed.push(self.record(fresh, Stage::Next)?);
        Ok(changed)
    }

    /// Takes one key out of service: a current one is followed by the next, a next one is replaced by `fresh`, a
    /// retired one may have its time cut short. `verify_for` zero ends every token that it signed at once.
    pub fn retire(
        &self,
        all: &[KeyRecord],
        kid: &KeyId,
        fresh: &KeyPair,
        verify_for: Seconds,
    ) -> Result<Vec<KeyRecord>, RingError> {
        let record = all
            .iter()
            .find(|r| r.kid == *kid && r.usage == self.usage)
            .ok_or_else(|| RingError::UnknownKid(kid.clone()))?;
        if record.kind != fresh.public().kind() && !matches!(record.stage, Stage::Retired { .. }) {
            return Err(RingError::WrongReplacement(record.kind));
        }
        match record.stage {
            Stage::Current { .. } => self.rotate(all, fresh, verify_for),
            Stage::Next => Ok(vec![
                self.retired(record, Seconds(0))?,
                self.record(fresh, Stage::Next)?,
            ]),
            Stage::Retired {
                activated_at,
                retired_at,
                verify_until,
            } => {
                let verify_until = verify_until.min(self.now.plus(verify_for));
                let stage = Stage::Retired {
                    activated_at,
                    retired_at,
                    verify_until,
                };
                Ok(vec![KeyRecord {
                    stage,
                    ..record.clone()
                }])
            }
        }
    }

    /// The same row under the first master key; None if it is already.
    pub fn reseal(&self, record: &KeyRecord) -> Result<Option<KeyRecord>, RingError> {
        if self.sealer.is_current(&record.sealed) {
            return Ok(None);
        }
        let purpose = purpose(record.usage, &record.stage);
        let plain = open(self.sealer, record)?;
        let sealed = self.seal(purpose, &record.kid, plain.expose())?;
        Ok(Some(KeyRecord {
            sealed,
            ..record.clone()
        }))
    }

    /// SP 800-57 part 1 §5.3.6: a private signature key is destroyed when it no longer signs. One that opens is kept as it is.
    fn retired(&self, record: &KeyRecord, verify_for: Seconds) -> Result<KeyRecord, RingError> {
        let activated_at = match record.stage {
            Stage::Current { activated_at } => Some(activated_at),
            Stage::Next | Stage::Retired { .. } => None,
        };
        let verify_until = self.now.plus(verify_for);
        let stage = Stage::Retired {
            activated_at,
            retired_at: self.now,
            verify_until,
        };
        if record.usage == Usage::Enc {
            return Ok(KeyRecord {
                stage,
                ..record.clone()
            });
        }
        let (public, _) = parse(self.sealer, record)?;
        let jwk = serde_json::Value::Object(public.to_members()).to_string();
        Ok(KeyRecord {
            stage,
            sealed: self.seal(VERIFYING, &record.kid, jwk.as_bytes())?,
            ..record.clone()
        })
    }

    fn seal(&self, purpose: &str, kid: &KeyId, plain: &[u8]) -> Result<Vec<u8>, RingError> {
        let sealed = self.sealer.seal(self.entropy, purpose, kid.as_str(), plain);
        sealed.map_err(|why| RingError::Seal(kid.clone(), why))
    }
}

/// Which keys the ring still needs, the most urgent first: every kind one current and, where it waits, one next.
/// `(usage, kind, true)` asks for a current one.
pub fn missing(all: &[KeyRecord]) -> Vec<(Usage, Kind, bool)> {
    let has = |usage, kind, state| {
        let mut ours = all.iter().filter(|r| r.usage == usage && r.kind == kind);
        ours.any(|r| r.stage.name() == state)
    };
    let places = || {
        Usage::ALL
            .into_iter()
            .flat_map(|usage| usage.kinds().iter().map(move |kind| (usage, *kind)))
    };
    let current = places().filter(|(usage, kind)| !has(*usage, *kind, "current"));
    let next = places().filter(|(usage, kind)| usage.waits() && !has(*usage, *kind, "next"));
    let current = current.map(|(usage, kind)| (usage, kind, true));
    current.chain(next.map(|(usage, kind)| (usage, kind, false))).collect()
}

/// Keys that were current for longer than `every`, where the next one, if there is to be one, was published for
/// `every` / 10.
pub fn due(all: &[KeyRecord], every: Seconds, now: Timestamp) -> Vec<(Usage, Kind)> {
    let published = Seconds(every.0 / 10);
    let ripe = |usage: Usage, kind| {
        let mut next = all
            .iter()
            .filter(|r| r.usage == usage && r.kind == kind && r.stage == Stage::Next);
        !usage.waits() || next.next().is_some_and(|r| r.created_at.older_than(published, now))
    };
    let old =
        |r: &&KeyRecord| matches!(r.stage, Stage::Current { activated_at } if activated_at.older_than(every, now));
    all.iter()
        .filter(old)
        .map(|r| (r.usage, r.kind))
        .filter(|(usage, kind)| ripe(*usage, *kind))
        .collect()
}

/// Retired keys whose time is over: rows to delete.
pub fn gone(all: &[KeyRecord], now: Timestamp) -> Vec<KeyId> {
    let over = |r: &&KeyRecord| matches!(r.stage, Stage::Retired { verify_until, .. } if verify_until <= now);
    all.iter().filter(over).map(|r| r.kid.clone()).collect()
}

/// What is left of a private key.
pub(super) enum Private {
    Signs(KeyPair),
    Opens(Opener),
    Gone,
}

/// The key of a row, its private half only while it is of use.
pub(super) fn parse(sealer: &Sealer, record: &KeyRecord) -> Result<(PublicKey, Private), RingError> {
    let plain = open(sealer, record)?;
    let corrupt = |what| RingError::Corrupt(record.kid.clone(), what);
    let (public, private) = match (record.usage, record.stage) {
        (Usage::Sig, Stage::Retired { .. }) => {
            let jwk = serde_json::from_slice(plain.expose()).map_err(|_| corrupt("its public key is not JSON"))?;
            let jwk = super::Jwk::from_value(&jwk).map_err(|_| corrupt("its public key is not a JWK"))?;
            (jwk.public, Private::Gone)
        }
        (Usage::Sig, _) => {
            let pair = KeyPair::from_pkcs8(record.kind, plain.expose())?;
            (pair.public().clone(), Private::Signs(pair))
        }
        (Usage::Enc, _) => {
            let public = KeyPair::from_pkcs8(record.kind, plain.expose())?.public().clone();
            let opener = Opener::from_pkcs8(record.kind, plain.expose());
            (
                public,
                Private::Opens(opener.ok_or_else(|| corrupt("it opens nothing"))?),
            )
        }
    };
    if public.thumbprint() != record.kid.as_str() || public.kind() != record.kind {
        return Err(corrupt("its name is not its thumbprint"));
    }
    Ok((public, private))
}

const fn purpose(usage: Usage, stage: &Stage) -> &'static str {
    match (usage, stage) {
        (Usage::Sig, Stage::Next | Stage::Current { .. }) => SIGNING,
        (Usage::Sig, Stage::Retired { .. }) => VERIFYING,
        (Usage::Enc, _) => OPENING,
    }
}

fn open(sealer: &Sealer, record: &KeyRecord) -> Result<crate::base::Secret<Vec<u8>>, RingError> {
    let opened = sealer.open(
        purpose(record.usage, &record.stage),
        record.kid.as_str(),
        &record.sealed,
    );
    opened.map_err(|why| RingError::Seal(record.kid.clone(), why))
}

/// Bytes as base64url in JSON.
mod base64url_text {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::base::encoding::{base64url, from_base64url};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64url(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        from_base64url(&text).ok_or_else(|| D::Error::custom("not base64url"))
    }
}
