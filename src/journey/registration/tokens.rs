//! Initial access tokens (RFC 7591 §1.2): made by operators, given to partners outside of the protocol.

use crate::base::encoding::hash_token;
use crate::base::{Entropy, Seconds};
use crate::journey::provider::Provider;
use crate::model::audit::{AuditRecord, Outcome};
use crate::storage::{self, registrations::InitialToken};

/// The longest that one lives, and the most registrations that it is good for.
pub const MOST_DAYS: u32 = 365;
pub const MOST_USES: u32 = 10_000;

/// One that was just made.
pub struct Made {
    pub token: InitialToken,
    /// What is given to the partner; kept as a hash only.
    pub text: String,
}

pub async fn create(
    op: &Provider,
    uses: u32,
    lives: Seconds,
    description: Option<String>,
) -> Result<Made, storage::Error> {
    let (now, text) = (op.now(), op.entropy.token());
    let token = InitialToken {
        id: op.entropy.digits(12),
        description,
        uses_left: uses.into(),
        created_at: now,
        expires_at: now.plus(lives),
    };
    let mut tx = op.store.begin().await?;
    tx.create_initial_token(&token, &hash_token(&text)).await?;
    let record = AuditRecord::new("admin.registration_token_created", Outcome::Success, now);
    tx.audit(
        record
            .actor("operator")
            .with("token", token.id.as_str())
            .with("uses", uses)
            .with("expires_at", token.expires_at.rfc3339()),
    );
    tx.commit().await?;
    Ok(Made { token, text })
}

/// `false`: there is none of this id.
pub async fn revoke(op: &Provider, id: &str) -> Result<bool, storage::Error> {
    let mut tx = op.store.begin().await?;
    if !tx.revoke_initial_token(id).await? {
        return Ok(false);
    }
    let record = AuditRecord::new("admin.registration_token_revoked", Outcome::Success, op.now());
    tx.audit(record.actor("operator").with("token", id));
    tx.commit().await?;
    Ok(true)
}
