//! A request that no browser brings (RFC 8628 §3.1, CIBA Core §7.1): the same parameters, without a way back.

use std::collections::BTreeSet;

use super::{AuthorizationRequest, read, refuse_what_is_not_built, scope};
use crate::protocol::client::Client;
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::params::Params;
use crate::protocol::rar::AuthorizationDetails;
use crate::protocol::resource;
use crate::protocol::words::{Display, ResponseMode, ResponseType};

impl AuthorizationRequest {
    /// `acr_values` of RFC 8628 is ours: the specification knows none, and rules out none.
    pub fn deferred(params: &Params, client: &Client) -> Result<Self, OAuthError> {
        refuse_what_is_not_built(params)?;
        if params.has("authorization_details") {
            // RFC 9396 §5. They are read by the person, and neither a device's code nor a phone's question shows them.
            return Err(OAuthError::new(
                ErrorCode::InvalidAuthorizationDetails,
                "authorization_details are not taken here",
            ));
        }
        let claims = read::claims(params, client)?;
        Ok(Self {
            client_id: client.id.clone(),
            // Nothing is sent there: the client comes for the answer.
            redirect_uri: String::new(),
            redirect_uri_given: false,
            response_type: ResponseType::Code,
            response_mode: ResponseMode::Query,
            scope: scope(params, client)?,
            state: None,
            nonce: None,
            code_challenge: None,
            prompt: BTreeSet::new(),
            max_age: read::max_age(params)?.or(client.metadata.default_max_age),
            acr_values: read::acr_values(params, client, &claims)?,
            claims,
            login_hint: None,
            id_token_hint: None,
            ui_locales: read::locales(params, "ui_locales")?,
            claims_locales: read::locales(params, "claims_locales")?,
            display: Display::default(),
            dpop_jkt: None,
            authorization_details: AuthorizationDetails::default(),
            resources: resource::for_client(params, client)?,
        })
    }
}
