//! Which of our tokens a client means (RFC 7009 §2.1, RFC 7662 §2.1).

use super::access_tokens::{self, Access};
use super::provider::{Current, Provider};
use crate::base::ClientId;
use crate::base::encoding::hash_token;
use crate::model::Grant;
use crate::protocol::token_named::TokenNamed;
use crate::storage::grants::RefreshRow;
use crate::storage::{self, Tx};

/// A token that we gave out and that has not expired. Whether it still stands is another question.
pub enum Named {
    Access(Box<Access>),
    Refresh(Box<RefreshRow>),
}

impl Named {
    /// What a person granted; `None`: no person is behind it.
    pub fn grant(&self) -> Option<&Grant> {
        match self {
            Self::Access(access) => access.person.as_ref().map(|(grant, _)| grant),
            Self::Refresh(row) => Some(&row.grant),
        }
    }

    /// Was it given to this client? What was exchanged has another client than the grant that it comes from.
    pub fn is_of(&self, client: &ClientId) -> bool {
        match self {
            Self::Access(access) => access.is_of(client),
            Self::Refresh(row) => row.grant.client == *client,
        }
    }
}

pub async fn find(
    op: &Provider,
    current: &Current,
    view: &mut Tx,
    token: &TokenNamed,
) -> Result<Option<Named>, storage::Error> {
    let token = match token {
        TokenNamed::TooLong => return Ok(None),
        TokenNamed::Opaque(token) => {
            let row = view.refresh(&hash_token(token.expose())).await?;
            if let Some(row) = row.filter(|row| row.expires_at > op.now()) {
                return Ok(Some(Named::Refresh(Box::new(row))));
            }
            token
        }
        TokenNamed::Jws(token) => token,
    };
    let access = access_tokens::find(op, current, view, token.expose()).await?;
    Ok(access.map(|access| Named::Access(Box::new(access))))
}
