//! Ending a session at the partner's or the person's wish (RP-Initiated Logout 1.0).

use super::provider::{Current, LoadError, Provider};
use super::scene::live_session;
use super::subjects;
use super::visitor::Visitor;
use crate::base::{ClientId, SessionId};
use crate::model::Session;
use crate::model::audit::{AuditRecord, Outcome};
use crate::protocol::client::Client;
use crate::protocol::errors::OAuthError;
use crate::protocol::logout::{AfterLogout, Hint, LogoutRequest, must_confirm};
use crate::storage::{self, Tx};

#[derive(Debug, thiserror::Error)]
pub enum LogoutFault {
    #[error(transparent)]
    Refused(#[from] OAuthError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

pub enum LoggedOut {
    /// A link anywhere could have led here: the person is asked.
    Confirm { partner: Option<String> },
    /// The session is over; where to, if the partner said.
    Done {
        after: Option<AfterLogout>,
        partner: Option<String>,
    },
}

/// `confirmed`: the person pressed the button of our own page.
pub async fn logout(
    op: &Provider,
    request: &LogoutRequest,
    visitor: &Visitor,
    confirmed: bool,
) -> Result<LoggedOut, LogoutFault> {
    let mut tx = op.store.begin().await?;
    let current = op.current_in(&mut tx).await?;
    let hint = match &request.id_token_hint {
        Some(token) => Some(
            hint(op, &mut tx, &current, token)
                .await?
                .ok_or_else(|| OAuthError::invalid_request("id_token_hint is not an ID token of ours"))?,
        ),
        None => None,
    };
    let client = client(&current.workspace.clients, request, hint.as_ref())?;
    let after = request.after(client)?;
    let partner = client.map(|c| c.name.clone());
    let session = live_session(&mut tx, visitor, op.now()).await?;
    let owner = session.as_ref().map(|s| (&s.user, &s.id));
    if !confirmed && must_confirm(hint.as_ref(), owner) {
        return Ok(LoggedOut::Confirm { partner });
    }
    if let Some(session) = session {
        end(op, &mut tx, &session, client, visitor).await?;
        tx.commit().await?;
    }
    Ok(LoggedOut::Done { after, partner })
}

fn client<'a>(
    clients: &'a std::collections::BTreeMap<ClientId, Client>,
    request: &LogoutRequest,
    hint: Option<&Hint>,
) -> Result<Option<&'a Client>, OAuthError> {
    match request.client(hint)? {
        None => Ok(None),
        Some(id) => clients
            .get(id)
            .map(Some)
            .ok_or_else(|| OAuthError::invalid_request("no such client")),
    }
}

/// Ends the session and what lives only as long as it.
async fn end(
    op: &Provider,
    tx: &mut Tx,
    session: &Session,
    client: Option<&Client>,
    visitor: &Visitor,
) -> Result<(), storage::Error> {
    let now = op.now();
    tx.end_session(&session.id, now).await?;
    tx.revoke_session_grants(&session.id, now).await?;
    let record = AuditRecord::new("logout.rp", Outcome::Success, now)
        .actor("user")
        .subject(&session.user)
        .ip(visitor.ip.as_deref())
        .with("session", session.id.as_str());
    tx.audit(match client {
        Some(client) => record.client(&client.id),
        None => record,
    });
    Ok(())
}

/// Whose ID token it is; in the session's own terms.
async fn hint(op: &Provider, tx: &mut Tx, current: &Current, token: &str) -> Result<Option<Hint>, storage::Error> {
    let Some(verified) = subjects::hint(op, current, token, op.now()) else {
        return Ok(None);
    };
    let (Some(sub), Some(aud)) = (verified.text("sub"), verified.text("aud").map(ClientId::new)) else {
        return Ok(None);
    };
    let meant = match current.workspace.clients.get(&aud) {
        Some(client) => subjects::person(op, tx, client, sub).await?,
        None => None,
    };
    Ok(meant.map(|user| Hint {
        sub: user,
        aud,
        sid: verified.text("sid").map(SessionId::new),
    }))
}
