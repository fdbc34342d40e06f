//! Ending a session at the partner's or the person's wish (RP-Initiated Logout 1.0).

use std::collections::BTreeMap;

use super::provider::{Current, LoadError, Provider};
use super::scene::live_session;
use super::visitor::Visitor;
use super::{session_end, subjects};
use crate::base::{ClientId, SessionId};
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::{Session, User};
use crate::protocol::client::Client;
use crate::protocol::errors::OAuthError;
use crate::protocol::logout::{self as words, AfterLogout, Hint, LogoutRequest, must_confirm};
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
    Confirm {
        partner: Option<String>,
        /// Who would be signed out.
        username: Option<String>,
    },
    /// The session is over; where to, if the partner said.
    Done {
        after: Option<AfterLogout>,
        partner: Option<Box<Client>>,
        /// Pages of partners that the browser has to visit first (Front-Channel Logout 1.0).
        frames: Vec<String>,
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
    let hint = hint(op, &mut tx, &current, request).await?;
    let client = client(&current.workspace.clients, request, hint.as_ref())?;
    let after = request.after(client)?;
    let session = live_session(&mut tx, visitor, op.now()).await?;
    let user = match &session {
        Some(session) => tx.user(&session.user).await?,
        None => None,
    };
    let owner = session.as_ref().map(|s| (&s.user, &s.id));
    let another = names_another(request, user.as_ref(), session.as_ref());
    if !confirmed && (another || must_confirm(hint.as_ref(), owner)) {
        return Ok(LoggedOut::Confirm {
            partner: client.map(|c| c.name.clone()),
            username: user.map(|u| u.username),
        });
    }
    let mut frames = Vec::new();
    if let Some(session) = session {
        frames = front_channel(op, &mut tx, &current, &session).await?;
        end(op, &mut tx, &session, client, visitor).await?;
        tx.commit().await?;
        op.outbox.notify_one();
    }
    Ok(LoggedOut::Done {
        after,
        partner: client.cloned().map(Box::new),
        frames,
    })
}

/// `logout_hint` (§2): a name, an address, `sub` or `sid`. It never spares the question; naming somebody else, it puts one.
fn names_another(request: &LogoutRequest, user: Option<&User>, session: Option<&Session>) -> bool {
    let (Some(hint), Some(user), Some(session)) = (&request.logout_hint, user, session) else {
        return false;
    };
    let key = User::key(hint);
    let email = user.email.as_deref().map(User::key);
    let theirs = key == User::key(&user.username) || Some(key) == email;
    !theirs && hint != user.id.as_str() && hint != session.id.as_str()
}

/// Where the browser has to go, at the partners that took part.
async fn front_channel(
    op: &Provider,
    tx: &mut Tx,
    current: &Current,
    session: &Session,
) -> Result<Vec<String>, storage::Error> {
    let known = tx.session_clients(&session.id).await?;
    let clients = known.iter().filter_map(|id| current.workspace.clients.get(id));
    Ok(clients
        .filter_map(|client| words::front_channel(client, &op.issuer.url, &session.id))
        .collect())
}

fn client<'a>(
    clients: &'a BTreeMap<ClientId, Client>,
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
) -> Result<(), LoadError> {
    let now = op.now();
    session_end::end(op, tx, &session.user, &session.id, now).await?;
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
async fn hint(
    op: &Provider,
    tx: &mut Tx,
    current: &Current,
    request: &LogoutRequest,
) -> Result<Option<Hint>, LogoutFault> {
    let Some(token) = &request.id_token_hint else {
        return Ok(None);
    };
    let foreign = || OAuthError::invalid_request("id_token_hint is not an ID token of ours");
    let verified = subjects::hint(op, current, token, op.now()).ok_or_else(foreign)?;
    let sub = verified.text("sub").ok_or_else(foreign)?;
    let aud = ClientId::new(verified.text("aud").ok_or_else(foreign)?);
    let meant = match current.workspace.clients.get(&aud) {
        Some(client) => subjects::person(op, tx, client, sub).await?,
        None => None,
    };
    Ok(Some(Hint {
        sub: meant.ok_or_else(foreign)?,
        aud,
        sid: verified.text("sid").map(SessionId::new),
    }))
}
