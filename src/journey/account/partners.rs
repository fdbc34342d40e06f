//! What partners learn of a person's methods, and which one they start with: `urn:countersign:authenticators` and the
//! small API behind the scope `authenticators` (S73, S76, S77).

use serde_json::{Map, Value, json};

use crate::base::{AuthenticatorId, ClientId};
use crate::journey::provider::Provider;
use crate::journey::userinfo::{Known, Presented, UserinfoFault, bearer, spend};
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::{Authenticator, AuthenticatorStatus, User};
use crate::policy::Method;
use crate::protocol::claims::AUTHENTICATORS;
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::storage::{self, Tx};

/// Characters of a masked number that stand before its end.
const MASK: &str = "(***) ***-*";

#[derive(Debug, thiserror::Error)]
pub enum PartnerFault {
    #[error(transparent)]
    Token(#[from] UserinfoFault),
    #[error("there is no such authenticator")]
    NoSuch,
}

impl From<storage::Error> for PartnerFault {
    fn from(e: storage::Error) -> Self {
        Self::Token(e.into())
    }
}

/// The list as this partner sees it: what can be used, without secrets, without the password.
pub async fn list_for(tx: &mut Tx, user: &User, client: &ClientId) -> Result<Value, storage::Error> {
    let held = tx.authenticators(&user.id).await?;
    let choice = tx.consent(&user.id, client).await?.primary;
    let usable: Vec<&Authenticator> = held.iter().filter(|a| is_offered(a)).collect();
    // The partner's own choice counts while it can be used; then it is the only primary one.
    let choice = choice.filter(|id| usable.iter().any(|a| a.id == *id));
    let primary = |a: &Authenticator| choice.as_ref().map_or(a.primary, |id| *id == a.id);
    Ok(usable.into_iter().map(|a| describe(user, a, primary(a))).collect())
}

fn is_offered(a: &Authenticator) -> bool {
    a.status == AuthenticatorStatus::Active && a.method != Method::Password
}

fn describe(user: &User, a: &Authenticator, primary: bool) -> Value {
    let number = || a.facts.number_end.as_ref().map(|end| format!("{MASK}{end}"));
    let name = a.nickname.clone().or_else(number);
    let mut one = Map::new();
    one.insert("id".into(), a.id.as_str().into());
    one.insert("name".into(), name.unwrap_or_else(|| a.method.to_string()).into());
    one.insert("kind".into(), a.method.as_str().into());
    one.insert("primary".into(), primary.into());
    // NumericDates (RFC 7519 §2), like every time in a claim.
    one.insert("added".into(), a.created_at.secs().into());
    one.insert("identity_confirmed".into(), user.identity_confirmed().into());
    if let Some(at) = user.standing.identity_confirmed_at {
        one.insert("identity_confirmed_at".into(), at.secs().into());
    }
    one.into()
}

/// GET: the list.
pub async fn list(op: &Provider, presented: Presented<'_>) -> Result<Value, PartnerFault> {
    let known = admitted(op, presented).await?;
    let mut view = op.store.view().await?;
    let listed = list_for(&mut view, &known.user, &known.checked.client).await?;
    Ok(json!({ "authenticators": listed }))
}

/// PUT: the one that this partner's sign-ins start with. Nobody else's, and nothing of the account, changes by it.
pub async fn choose(
    op: &Provider,
    presented: Presented<'_>,
    id: &AuthenticatorId,
    ip: Option<&str>,
) -> Result<(), PartnerFault> {
    let known = admitted(op, presented).await?;
    let mut tx = op.store.begin().await?;
    let held = tx.authenticators(&known.user.id).await?;
    let lasting = |a: &&Authenticator| is_offered(a) && a.method != Method::RecoveryCode;
    let chosen = held.iter().filter(lasting).find(|a| a.id == *id);
    let chosen = chosen.ok_or(PartnerFault::NoSuch)?;
    let client = &known.checked.client;
    if tx.set_partner_primary(&known.user.id, client, id).await? {
        tx.audit(
            AuditRecord::new("authenticator.primary_changed", Outcome::Success, op.now())
                .actor("client")
                .subject(&known.user.id)
                .client(client)
                .ip(ip)
                .reason("for this partner alone")
                .with("method", chosen.method.as_str())
                .with("authenticator", id.as_str()),
        );
        tx.commit().await?;
    }
    Ok(())
}

/// The person and the partner behind a token that opens the list.
async fn admitted(op: &Provider, presented: Presented<'_>) -> Result<Known, PartnerFault> {
    let mut view = op.store.view().await?;
    let current = op.current_in(&mut view).await.map_err(UserinfoFault::from)?;
    let known = bearer(op, &current, &mut view, presented).await?;
    drop(view);
    spend(op, known.proof.as_ref()).await?;
    if !known.checked.names.contains(AUTHENTICATORS) {
        let refused = OAuthError::new(ErrorCode::InsufficientScope, "scope authenticators is needed");
        return Err(UserinfoFault::from(refused).into());
    }
    Ok(known)
}
