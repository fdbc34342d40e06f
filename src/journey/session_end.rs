//! The end of a session: what lived only as long as it ends too, and the partners that took part in it are told
//! (Back-Channel Logout 1.0). Whoever ends a session does it here, so that none ends unheard.

use super::clients::alg;
use super::outbox;
use super::provider::{Current, LoadError, Provider};
use super::subjects;
use crate::base::{ClientId, Entropy, MessageId, Seconds, Secret, SessionId, Timestamp, UserId};
use crate::delivery::backchannel::{Notice, Partners, SessionEnd};
use crate::factors::{Channel, Message};
use crate::protocol::client::Client;
use crate::protocol::logout::{LOGOUT_TOKEN_TYP, LogoutToken};
use crate::storage::{self, Tx};

/// How long a partner that does not answer is tried: as long as any access token may live.
const NOTICE_LIFETIME: Seconds = Seconds::hours(24);

/// A partner takes part in a session. Those that want to hear nothing of its end need no row.
pub async fn join(tx: &mut Tx, client: &Client, session: &SessionId) -> Result<(), storage::Error> {
    let named = &client.metadata;
    if named.backchannel_logout_uri.is_none() && named.frontchannel_logout_uri.is_none() {
        return Ok(());
    }
    tx.join_session(session, &client.id).await
}

/// One session. `false` if it has ended already: then its partners have been told.
pub async fn end(
    op: &Provider,
    tx: &mut Tx,
    user: &UserId,
    session: &SessionId,
    now: Timestamp,
) -> Result<bool, LoadError> {
    if !tx.end_session(session, now).await? {
        return Ok(false);
    }
    ended(op, tx, user, session, now).await?;
    Ok(true)
}

/// The same where somebody else's statement has ended it.
pub async fn ended(
    op: &Provider,
    tx: &mut Tx,
    user: &UserId,
    session: &SessionId,
    now: Timestamp,
) -> Result<(), LoadError> {
    tx.revoke_session_grants(session, now).await?;
    tell(op, tx, user, session, now).await
}

/// Everything that this person's proofs have opened.
pub async fn end_access(op: &Provider, tx: &mut Tx, user: &UserId, now: Timestamp) -> Result<(), LoadError> {
    for session in tx.end_access(user, now).await? {
        tell(op, tx, user, &session, now).await?;
    }
    Ok(())
}

/// All sessions but this one, and what was granted in them, offline access included.
pub async fn end_others(
    op: &Provider,
    tx: &mut Tx,
    user: &UserId,
    kept: &SessionId,
    now: Timestamp,
) -> Result<(), LoadError> {
    for session in tx.end_other_sessions(user, kept, now).await? {
        tell(op, tx, user, &session, now).await?;
    }
    tx.revoke_other_grants(user, kept, now).await?;
    Ok(())
}

/// Into the outbox: one notice a partner and session. What it says is signed when it leaves.
async fn tell(op: &Provider, tx: &mut Tx, user: &UserId, session: &SessionId, now: Timestamp) -> Result<(), LoadError> {
    let partners = tx.session_clients(session).await?;
    if partners.is_empty() {
        return Ok(());
    }
    let current = op.current_in(tx).await?;
    let end = SessionEnd {
        user: user.clone(),
        session: session.clone(),
    };
    let body = storage::json(&end)?;
    for partner in partners.iter().filter(|id| is_told(&current, id)) {
        let message = Message {
            channel: Channel::Logout,
            to: partner.to_string(),
            subject: None,
            body: body.clone(),
            html: None,
            code: None,
            link: None,
            push: None,
        };
        let id = MessageId::random(&op.entropy);
        outbox::enqueue(op, tx, id, &message, (now, NOTICE_LIFETIME)).await?;
    }
    Ok(())
}

fn is_told(current: &Current, partner: &ClientId) -> bool {
    let client = current.workspace.clients.get(partner);
    client.is_some_and(|c| c.metadata.backchannel_logout_uri.is_some())
}

impl Partners for Provider {
    fn notice(&self, partner: &ClientId, end: &SessionEnd, now: Timestamp) -> Result<Notice, String> {
        let current = self.current();
        let client = current.workspace.clients.get(partner);
        let client = client.ok_or("the partner is no longer registered")?;
        let address = client.metadata.backchannel_logout_uri.clone();
        let sub = subjects::subject(self, client, &end.user);
        let token = LogoutToken {
            issuer: &self.issuer.url,
            client: &client.id,
            sub: &sub,
            sid: Some(&end.session),
        };
        let claims = token.claims(&self.entropy.id(), now);
        // §2.4: signed as its ID tokens are.
        let signed = current.ring.sign(alg(client.id_token_alg), LOGOUT_TOKEN_TYP, &claims);
        Ok(Notice {
            address: address.ok_or("the partner no longer wants to be told")?,
            logout_token: Secret::new(signed.map_err(|e| e.to_string())?),
        })
    }
}
