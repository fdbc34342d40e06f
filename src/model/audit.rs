//! One record of the audit log: who did what, when, with what outcome and why (21 CFR 1311.120(b)(24)).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::base::encoding::{base64url, sha256};
use crate::base::{ClientId, ReferenceId, Timestamp, UserId};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Success,
    Failure,
    /// Somebody tried what policy forbids.
    Refused,
}

/// A record before it has its place in the chain. Unset members are left out of the stored text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    pub at: Timestamp,
    /// A name of the closed vocabulary below.
    pub event: String,
    pub outcome: Outcome,
    /// Who acted: `user`, `client`, `operator`, `system`.
    pub actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<ReferenceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub txn: Option<String>,
    /// The generation of the workspace whose policies decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_version: Option<i64>,
    #[serde(skip_serializing_if = "Map::is_empty", default)]
    pub detail: Map<String, Value>,
}

impl AuditRecord {
    pub fn new(event: &str, outcome: Outcome, at: Timestamp) -> Self {
        Self {
            at,
            event: event.to_owned(),
            outcome,
            actor: "system".to_owned(),
            subject: None,
            client: None,
            reason: None,
            ip: None,
            reference: None,
            txn: None,
            policy_version: None,
            detail: Map::new(),
        }
    }
    #[must_use]
    pub fn actor(mut self, actor: &str) -> Self {
        actor.clone_into(&mut self.actor);
        self
    }
    #[must_use]
    pub fn subject(mut self, user: &UserId) -> Self {
        self.subject = Some(user.clone());
        self
    }
    #[must_use]
    pub fn client(mut self, client: &ClientId) -> Self {
        self.client = Some(client.clone());
        self
    }
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
    #[must_use]
    pub fn ip(mut self, ip: Option<&str>) -> Self {
        self.ip = ip.map(str::to_owned);
        self
    }
    #[must_use]
    pub fn reference(mut self, reference: &ReferenceId) -> Self {
        self.reference = Some(reference.clone());
        self
    }
    #[must_use]
    pub const fn policy_version(mut self, version: i64) -> Self {
        self.policy_version = Some(version);
        self
    }
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(key.to_owned(), value.into());
        self
    }
}

/// What a person finds among their own activity: sign-ins and changes, with time, place, method and partner (S51).
pub const FOR_ITS_SUBJECT: [&str; 41] = [
    "account.closed",
    "account.created",
    "account.suspended",
    "acr.satisfied",
    "acr.unmet",
    "admin.user_mfa_reset",
    "auth.browser.forgotten",
    "auth.browser.remembered",
    "auth.factor.disabled",
    "auth.factor.throttled",
    "auth.push.approved",
    "auth.push.denied",
    "auth.push.rate_limited",
    "auth.session.created",
    "auth.session.ended",
    "auth.webauthn.counter_regress",
    "authenticator.bind.confirmed",
    "authenticator.disabled",
    "authenticator.preferred_changed",
    "authenticator.primary_changed",
    "authenticator.reactivated",
    "authenticator.removed",
    "authenticator.renamed",
    "authenticator.reported_lost",
    "authenticator.suspended",
    "consent.granted",
    "consent.revoked",
    "email.changed",
    "email.verified",
    "identity.confirmed",
    "login_id.changed",
    "password.changed",
    "password.set",
    "phone.changed",
    "policy.method_denied",
    "profile.changed",
    "recovery.completed",
    "recovery.started",
    "recovery_code.issued",
    "recovery_code.reissued",
    "recovery_code.used",
];

impl AuditRecord {
    /// May the person whom it is about read it on their own page?
    pub fn is_for_its_subject(&self) -> bool {
        self.subject.is_some() && FOR_ITS_SUBJECT.binary_search(&self.event.as_str()).is_ok()
    }
}

/// A record in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainedRecord {
    pub seq: i64,
    /// The record's JSON, byte for byte as it was hashed.
    pub body: String,
    pub previous: String,
    pub hash: String,
}

/// The `previous` of the first record.
pub const GENESIS: &str = "countersign-audit-v1";

/// SHA-256 over place, predecessor and text, as base64url. The lengths are written in, so that no
/// two different records share their input.
pub fn chain_hash(seq: i64, previous: &str, body: &str) -> String {
    let input = format!("{seq}\n{}\n{previous}\n{}\n{body}", previous.len(), body.len());
    base64url(&sha256(input.as_bytes()))
}

/// What is wrong with a chain, and where it begins.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("record {seq} was changed after it was written")]
    Changed { seq: i64 },
    #[error("record {seq} is missing")]
    Missing { seq: i64 },
    #[error("record {seq} is out of order")]
    OutOfOrder { seq: i64 },
    #[error("the log ends at record {last}, but its head says {head}: the last records were cut off")]
    CutOff { last: i64, head: i64 },
    #[error("the log's head names another record {seq} than the log holds")]
    ForeignHead { seq: i64 },
    #[error("the signed checkpoint of record {seq} does not fit the log")]
    Checkpoint { seq: i64 },
}

/// Walks the chain, record by record, and remembers where it stands.
#[derive(Clone, Debug)]
pub struct ChainWalk {
    pub seq: i64,
    pub hash: String,
}

impl Default for ChainWalk {
    fn default() -> Self {
        Self {
            seq: 0,
            hash: GENESIS.to_owned(),
        }
    }
}

impl ChainWalk {
    /// Takes the next record in order of `seq`.
    pub fn step(&mut self, record: &ChainedRecord) -> Result<(), Broken> {
        let expected = self.seq + 1;
        if record.seq > expected {
            return Err(Broken::Missing { seq: expected });
        }
        if record.seq < expected {
            return Err(Broken::OutOfOrder { seq: record.seq });
        }
        if chain_hash(record.seq, &record.previous, &record.body) != record.hash {
            return Err(Broken::Changed { seq: record.seq });
        }
        if record.previous != self.hash {
            return Err(Broken::OutOfOrder { seq: record.seq });
        }
        self.seq = record.seq;
        self.hash.clone_from(&record.hash);
        Ok(())
    }

    /// The chain must end where the head says.
    pub fn finish(&self, head_seq: i64, head_hash: &str) -> Result<(), Broken> {
        if self.seq < head_seq {
            return Err(Broken::CutOff {
                last: self.seq,
                head: head_seq,
            });
        }
        if self.seq != head_seq || self.hash != head_hash {
            return Err(Broken::ForeignHead { seq: self.seq });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(n: i64) -> Vec<ChainedRecord> {
        let mut walk = ChainWalk::default();
        (1..=n)
            .map(|seq| {
                let body = format!("{{\"n\":{seq}}}");
                let hash = chain_hash(seq, &walk.hash, &body);
                let record = ChainedRecord {
                    seq,
                    body,
                    previous: walk.hash.clone(),
                    hash,
                };
                walk.step(&record).unwrap();
                record
            })
            .collect()
    }

    fn verify(records: &[ChainedRecord], head: &ChainedRecord) -> Result<(), Broken> {
        let mut walk = ChainWalk::default();
        records.iter().try_for_each(|r| walk.step(r))?;
        walk.finish(head.seq, &head.hash)
    }

    #[test]
    fn what_people_see_of_themselves_is_a_sorted_list() {
        assert!(FOR_ITS_SUBJECT.is_sorted_by(|a, b| a < b));
        let seen = AuditRecord::new("password.changed", Outcome::Success, Timestamp::from_secs(0));
        assert!(!seen.is_for_its_subject(), "nobody's");
        assert!(seen.subject(&UserId::new("u")).is_for_its_subject());
    }

    #[test]
    fn an_untouched_chain_holds() {
        let all = chain(5);
        assert_eq!(verify(&all, &all[4]), Ok(()));
    }

    #[test]
    fn each_way_of_tampering_names_its_record() {
        let all = chain(5);
        let mut changed = all.clone();
        changed[2].body = "{\"n\":33}".into();
        assert_eq!(verify(&changed, &all[4]), Err(Broken::Changed { seq: 3 }));
        let mut rehashed = changed.clone();
        rehashed[2].hash = chain_hash(3, &rehashed[2].previous, &rehashed[2].body);
        assert_eq!(verify(&rehashed, &all[4]), Err(Broken::OutOfOrder { seq: 4 }));
        let mut missing = all.clone();
        missing.remove(1);
        assert_eq!(verify(&missing, &all[4]), Err(Broken::Missing { seq: 2 }));
        assert_eq!(verify(&all[..3], &all[4]), Err(Broken::CutOff { last: 3, head: 5 }));
    }
}
