//! How long a client's codes and tokens live.

use super::super::client::{self as limits, ClientMetadata};
use super::{Check, ensure};
use crate::base::Seconds;

impl ClientMetadata {
    /// Of code, access token, ID token, refresh token, unused refresh token.
    pub(super) fn check_lifetimes(&self, fapi2: bool) -> Check<[Seconds; 5]> {
        // FAPI 2.0 §5.3.2.1: codes live at most 60 seconds.
        let most_code = if fapi2 {
            limits::CODE_LIFETIME
        } else {
            limits::MAX_CODE_LIFETIME
        };
        let [code, access, id, refresh, idle] = [
            self.authorization_code_lifetime,
            self.access_token_lifetime,
            self.id_token_lifetime,
            self.refresh_token_lifetime,
            self.refresh_token_idle_lifetime,
        ];
        let (most_access, most_id) = (limits::MAX_ACCESS_TOKEN_LIFETIME, limits::MAX_ID_TOKEN_LIFETIME);
        let most_refresh = limits::MAX_REFRESH_TOKEN_LIFETIME;
        Ok([
            lifetime("authorization_code_lifetime", code, limits::CODE_LIFETIME, most_code)?,
            lifetime(
                "access_token_lifetime",
                access,
                limits::ACCESS_TOKEN_LIFETIME,
                most_access,
            )?,
            lifetime("id_token_lifetime", id, limits::ID_TOKEN_LIFETIME, most_id)?,
            lifetime(
                "refresh_token_lifetime",
                refresh,
                limits::REFRESH_TOKEN_LIFETIME,
                most_refresh,
            )?,
            lifetime(
                "refresh_token_idle_lifetime",
                idle,
                limits::REFRESH_TOKEN_IDLE_LIFETIME,
                most_refresh,
            )?,
        ])
    }
}

fn lifetime(member: &'static str, asked: Option<Seconds>, default: Seconds, most: Seconds) -> Check<Seconds> {
    let chosen = asked.unwrap_or(default);
    ensure(chosen.0 >= 1 && chosen <= most, member, || {
        format!("must be 1 to {} seconds", most.0)
    })?;
    Ok(chosen)
}
