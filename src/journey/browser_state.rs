//! What a browser's pages may know of its session (Session Management 1.0 §3.2): a value that is another one for another
//! session, and none without one. It opens nothing.

use super::provider::{LoadError, Provider};
use super::scene::Scene;
use crate::base::encoding::base64url;
use crate::base::{Entropy, SessionId};
use crate::protocol::session_management::session_state;
use crate::protocol::words::Profile;

/// The purpose of the keyed hash.
const BROWSER_STATE: &str = "browser state";

/// Keyed, for partners know the session's name (`sid`): nobody can make the state of another's.
pub fn of_session(op: &Provider, session: &SessionId) -> Result<String, LoadError> {
    let hash = op.sealer.keyed_hash(BROWSER_STATE, session.as_str().as_bytes())?;
    Ok(base64url(&hash))
}

/// The same where nobody may be signed in.
pub fn of(op: &Provider, session: Option<&SessionId>) -> Result<String, LoadError> {
    session.map_or_else(|| Ok(String::new()), |id| of_session(op, id))
}

/// `session_state` of an answer (§2): to OpenID Connect requests. FAPI 2.0 clients have no pages that could ask.
pub(super) fn for_partner(op: &Provider, scene: &Scene, session: &SessionId) -> Result<Option<String>, LoadError> {
    let request = &scene.authorization.request;
    if scene.client.profile == Profile::Fapi2 || !request.scope.is_openid() {
        return Ok(None);
    }
    let (state, salt) = (of_session(op, session)?, op.entropy.id());
    Ok(session_state(&scene.client.id, &request.redirect_uri, &state, &salt))
}
