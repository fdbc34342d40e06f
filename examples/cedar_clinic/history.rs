//! `GET /history`: what the registry knows of the patient, shown to whoever the registry lets see it.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use openidconnect::AccessToken;

use super::{
    Clinic,
    desk::{Done, Refusal},
    pages,
    provider::{Answer, Purpose},
    registry::{Challenge, Reply},
};

/// An access token for the registry.
#[derive(Clone)]
pub struct Pass {
    pub token: AccessToken,
    /// It was asked for with what the registry demanded.
    pub stepped_up: bool,
    /// It has opened the registry before.
    pub used: bool,
}

pub async fn history(clinic: Data<Clinic>, request: HttpRequest) -> HttpResponse {
    let done = clinic.show_history(&request).await;
    clinic.settle(done)
}

impl Clinic {
    async fn show_history(&self, request: &HttpRequest) -> Done {
        let session = self.signed_in(request)?;
        let person = session.sub.clone();
        let ask = |challenge: Option<Challenge>| Purpose::History { person, challenge };
        let Some(pass) = session.pass.clone() else {
            return self.send_to_provider(request, ask(None)).await;
        };
        match self.registry.history(&pass.token).await? {
            Reply::History(dispensed) => {
                self.browsers.used_pass(self.cookie(request).as_deref(), self.now());
                let page = pages::history(&session, &dispensed);
                Ok(self.page(StatusCode::OK, "history", &page))
            }
            // RFC 9470 §5: once. Whoever comes back with what was asked, and is asked again, would be sent in circles.
            Reply::StepUp(_) if pass.stepped_up && !pass.used => Err(Refusal::StillNotEnough),
            Reply::StepUp(challenge) => self.send_to_provider(request, ask(Some(challenge))).await,
            // A token that has worked has expired; a new one that does not is a mistake somewhere.
            Reply::Rejected if pass.used => self.send_to_provider(request, ask(None)).await,
            Reply::Rejected => Err(Refusal::Rejected),
        }
    }

    /// Keeps the token, for whom it was asked for.
    pub(super) fn receive_pass(&self, cookie: Option<&str>, person: &str, stepped_up: bool, answer: Answer) -> Done {
        if answer.claims.subject().as_str() != person {
            return Err(Refusal::Proof(super::proof::Flaw::Subject));
        }
        let pass = Pass {
            token: answer.access_token,
            stepped_up,
            used: false,
        };
        match self.browsers.keep_pass(cookie, person, pass, self.now()) {
            true => Ok(self.redirect("/history").finish()),
            false => Err(Refusal::SignedOut),
        }
    }
}
