//! Which of our tokens a client means (RFC 7009 §2.1, RFC 7662 §2.1).

use super::minting::{call_back_key, grant_of};
use super::provider::{Current, Provider};
use super::userinfo::verify;
use crate::base::encoding::hash_token;
use crate::model::Grant;
use crate::protocol::claims::AccessTokenClaims;
use crate::protocol::token_named::TokenNamed;
use crate::storage::grants::{Holder, RefreshRow};
use crate::storage::{self, Tx};

/// A token that we gave out and that has not expired. Whether it still stands is another question.
pub enum Named {
    Access(Box<(AccessTokenClaims, Holder)>),
    Refresh(Box<RefreshRow>),
}

impl Named {
    pub const fn grant(&self) -> &Grant {
        match self {
            Self::Access(found) => &found.1.grant,
            Self::Refresh(row) => &row.grant,
        }
    }
}

pub async fn find(
    op: &Provider,
    current: &Current,
    view: &mut Tx,
    token: &TokenNamed,
) -> Result<Option<Named>, storage::Error> {
    match token {
        TokenNamed::TooLong => Ok(None),
        TokenNamed::Opaque(token) => {
            let row = view.refresh(&hash_token(token.expose())).await?;
            let row = row.filter(|row| row.expires_at > op.now());
            Ok(row.map(|row| Named::Refresh(Box::new(row))))
        }
        TokenNamed::Jws(token) => {
            let claims = verify(op, current, token.expose());
            let Some((claims, grant)) = claims.and_then(|c| grant_of(&c.jti).map(|grant| (c, grant))) else {
                return Ok(None);
            };
            let holder = view.holder(&grant, &call_back_key(&claims.jti)).await?;
            Ok(holder.map(|holder| Named::Access(Box::new((claims, holder)))))
        }
    }
}
