//! To a client that waits for somebody's answer (CIBA Core §10.2): its own endpoint, with the token that it gave.

use reqwest::header::CONTENT_TYPE;

use super::carrier::{Failure, Parcel};
use super::outbound::Outbound;
use super::wire;

pub struct Ping(pub(super) Outbound);

impl Ping {
    /// No redirect is followed, and nothing of what it answers is read beside the status.
    pub(super) async fn deliver(&self, parcel: &Parcel<'_>) -> Result<(), Failure> {
        let refused = |why: &str| Failure {
            of_recipient: true,
            ..Failure::permanent(why)
        };
        let message = parcel.message;
        let token = message
            .code
            .as_deref()
            .ok_or_else(|| refused("there is no token for it"))?;
        let request = self.0.post(&message.to).map_err(|e| refused(&e.to_string()))?;
        let request = request
            .bearer_auth(token)
            .header(CONTENT_TYPE, "application/json")
            .body(message.body.clone());
        wire::send(request, parcel.now).await?.judge(None)
    }
}
