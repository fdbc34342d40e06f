//! Records of the audit log about one authorization request.

use super::scene::Scene;
use super::visitor::Visitor;
use crate::model::Authenticator;
use crate::model::audit::{AuditRecord, Outcome};

/// A record about this request.
pub fn record(scene: &Scene, event: &str, outcome: Outcome, visitor: &Visitor) -> AuditRecord {
    let record = AuditRecord::new(event, outcome, scene.now)
        .actor("user")
        .client(&scene.client.id)
        .ip(visitor.ip.as_deref())
        .policy_version(scene.generation())
        .with("ceremony", scene.authorization.ceremony.as_str());
    match &scene.user {
        Some(user) => record.subject(&user.id),
        None => record,
    }
}

pub fn factor_record(
    scene: &Scene,
    event: &str,
    outcome: Outcome,
    visitor: &Visitor,
    a: &Authenticator,
) -> AuditRecord {
    record(scene, event, outcome, visitor)
        .with("method", a.method.as_str())
        .with("authenticator", a.id.as_str())
}
