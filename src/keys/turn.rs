//! How signing keys turn: next, current, retired, gone. Pure: rows in, changed rows out; the caller stores them.
//!
//! ```text
//!            rotate                rotate                    verify_until
//!   (new) ──────────▶ Next ──────────────▶ Current ──▶ Retired ──────────▶ gone
//!          published,        signs                      verifies only,
//!          signs nothing                                private half destroyed
//! ```
//! A next key is published before it signs, so that relying parties have it in their caches when it does.

use serde::{Deserialize, Serialize};

use super::{KeyPair, Kind, PublicKey, RingError, Sealer};
use crate::base::{Entropy, KeyId, Seconds, Timestamp};

/// What the seal calls a private key (PKCS#8), and the public key that is left of it (JWK).
const SIGNING: &str = "signing-key";
const VERIFYING: &str = "verification-key";

/// One signing key as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// RFC 7638 thumbprint of the public key.
    pub kid: KeyId,
    pub kind: Kind,
    #[serde(flatten)]
    pub stage: Stage,
    pub created_at: Timestamp,
    /// Sealed for this `kid`: PKCS#8 while it may sign, the bare public JWK afterwards. The public key is sealed too:
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
        /// None: it was dropped before it ever signed.
        activated_at: Option<Timestamp>,
        retired_at: Timestamp,
        /// When the last token that it signed has expired.
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
}

impl Turning<'_> {
    /// The row of a new pair: current at the first start, next ever after.
    pub fn record(&self, pair: &KeyPair, stage: Stage) -> Result<KeyRecord, RingError> {
        let kid = KeyId::new(pair.public().thumbprint());
        let pkcs8 = pair.to_pkcs8()?;
        let sealed = self.seal(SIGNING, &kid, pkcs8.expose())?;
        Ok(KeyRecord {
            kid,
            kind: pair.public().kind(),
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
    /// `fresh` is the new next. Gives the three rows that changed; nothing else did.
    pub fn rotate(&self, all: &[KeyRecord], fresh: &KeyPair, verify_for: Seconds) -> Result<Vec<KeyRecord>, RingError> {
        let kind = fresh.public().kind();
        let of_kind = |state: &str| all.iter().find(|r| r.kind == kind && r.stage.name() == state);
        let next = of_kind("next").ok_or(RingError::NoNext(kind))?;
        let mut changed = Vec::with_capacity(3);
        if let Some(current) = of_kind("current") {
            changed.push(self.retired(current, verify_for)?);
        }
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
            .find(|r| r.kid == *kid)
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
        let purpose = purpose(record);
        let plain = open(self.sealer, record)?;
        let sealed = self.seal(purpose, &record.kid, plain.expose())?;
        Ok(Some(KeyRecord {
            sealed,
            ..record.clone()
        }))
    }

    /// SP 800-57 part 1 §5.3.6: a private signature key is destroyed when it no longer signs.
    fn retired(&self, record: &KeyRecord, verify_for: Seconds) -> Result<KeyRecord, RingError> {
        let activated_at = match record.stage {
            Stage::Current { activated_at } => Some(activated_at),
            Stage::Next | Stage::Retired { .. } => None,
        };
        let (public, _) = parse(self.sealer, record)?;
        let jwk = serde_json::Value::Object(public.to_members()).to_string();
        let verify_until = self.now.plus(verify_for);
        Ok(KeyRecord {
            stage: Stage::Retired {
                activated_at,
                retired_at: self.now,
                verify_until,
            },
            sealed: self.seal(VERIFYING, &record.kid, jwk.as_bytes())?,
            ..record.clone()
        })
    }

    fn seal(&self, purpose: &str, kid: &KeyId, plain: &[u8]) -> Result<Vec<u8>, RingError> {
        let sealed = self.sealer.seal(self.entropy, purpose, kid.as_str(), plain);
        sealed.map_err(|why| RingError::Seal(kid.clone(), why))
    }
}

/// Which keys the ring still needs, the most urgent first: every kind one current and one next.
/// `(kind, true)` asks for a current one.
pub fn missing(all: &[KeyRecord]) -> Vec<(Kind, bool)> {
    let has = |kind, state| all.iter().any(|r| r.kind == kind && r.stage.name() == state);
    let current = Kind::OURS
        .into_iter()
        .filter(|k| !has(*k, "current"))
        .map(|k| (k, true));
    let next = Kind::OURS.into_iter().filter(|k| !has(*k, "next")).map(|k| (k, false));
    current.chain(next).collect()
}

/// Kinds whose current key has signed for longer than `every`, and whose next one was published for `every` / 10.
pub fn due(all: &[KeyRecord], every: Seconds, now: Timestamp) -> Vec<Kind> {
    let published = Seconds(every.0 / 10);
    let ripe = |kind| {
        let next = all.iter().find(|r| r.kind == kind && r.stage == Stage::Next);
        next.is_some_and(|r| r.created_at.older_than(published, now))
    };
    let old =
        |r: &&KeyRecord| matches!(r.stage, Stage::Current { activated_at } if activated_at.older_than(every, now));
    all.iter()
        .filter(old)
        .map(|r| r.kind)
        .filter(|kind| ripe(*kind))
        .collect()
}

/// Retired keys whose time is over: rows to delete.
pub fn gone(all: &[KeyRecord], now: Timestamp) -> Vec<KeyId> {
    let over = |r: &&KeyRecord| matches!(r.stage, Stage::Retired { verify_until, .. } if verify_until <= now);
    all.iter().filter(over).map(|r| r.kid.clone()).collect()
}

/// The key of a row, its private half only while it may sign.
pub(super) fn parse(sealer: &Sealer, record: &KeyRecord) -> Result<(PublicKey, Option<KeyPair>), RingError> {
    let plain = open(sealer, record)?;
    let corrupt = |what| RingError::Corrupt(record.kid.clone(), what);
    let (public, pair) = if matches!(record.stage, Stage::Retired { .. }) {
        let jwk = serde_json::from_slice(plain.expose()).map_err(|_| corrupt("its public key is not JSON"))?;
        let jwk = super::Jwk::from_value(&jwk).map_err(|_| corrupt("its public key is not a JWK"))?;
        (jwk.public, None)
    } else {
        let pair = KeyPair::from_pkcs8(record.kind, plain.expose())?;
        (pair.public().clone(), Some(pair))
    };
    if public.thumbprint() != record.kid.as_str() || public.kind() != record.kind {
        return Err(corrupt("its name is not its thumbprint"));
    }
    Ok((public, pair))
}

const fn purpose(record: &KeyRecord) -> &'static str {
    match record.stage {
        Stage::Next | Stage::Current { .. } => SIGNING,
        Stage::Retired { .. } => VERIFYING,
    }
}

fn open(sealer: &Sealer, record: &KeyRecord) -> Result<crate::base::Secret<Vec<u8>>, RingError> {
    let opened = sealer.open(purpose(record), record.kid.as_str(), &record.sealed);
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
