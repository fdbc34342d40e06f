//! The HTTP handlers: one per route, on top the pages, at the end what they share.

use std::{error::Error, iter::successors, sync::Arc, time::UNIX_EPOCH};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    cookie::{Cookie, SameSite},
    http::{StatusCode, header},
    web::{Data, Form, Query},
};
use openidconnect::CsrfToken;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Clinic,
    browsers::{Session, Signing, same},
    pages,
    proof::{self, Flaw},
    provider::{Answer, Failure, Purpose},
};

pub type Done = Result<HttpResponse, Refusal>;

/// Why the browser gets the page `clinic-refused`.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("This answer belongs to no request of this browser: it was used already, or it is older than ten minutes.")]
    UnknownState,
    #[error("The answer does not come from our identity provider.")]
    Issuer,
    #[error("The identity provider's answer could not be read.")]
    Malformed,
    #[error("{}", description.as_deref().unwrap_or("The identity provider gave no further reason."))]
    Provider { error: String, description: Option<String> },
    #[error("{0}")]
    Proof(#[from] Flaw),
    #[error("The identity provider could not be used: {0}.")]
    Failure(#[from] Failure),
    #[error("The registry could not be reached: {0}.")]
    Registry(#[from] reqwest::Error),
    #[error("The registry does not take the token that the identity provider gave for it.")]
    Rejected,
    #[error("You proved what the registry had asked for, and it asks for more.")]
    StillNotEnough,
    #[error("You are not signed in, or your session has ended.")]
    SignedOut,
    #[error("This form is not one that we gave to this browser. Go back, reload the page and try again.")]
    Form,
    #[error("There is no such page.")]
    NotFound,
}

impl Refusal {
    fn code(&self) -> &str {
        match self {
            Self::UnknownState => "state_unknown",
            Self::Issuer => "issuer_mismatch",
            Self::Malformed => "answer_malformed",
            Self::Provider { error, .. } => error,
            Self::Proof(flaw) => flaw.code(),
            Self::Failure(_) => "provider_failure",
            Self::Registry(_) => "registry_failure",
            Self::Rejected => "registry_rejected",
            Self::StillNotEnough => "registry_step_up",
            Self::SignedOut => "signed_out",
            Self::Form => "form_token",
            Self::NotFound => "not_found",
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::UnknownState | Self::Issuer | Self::Malformed | Self::Form => StatusCode::BAD_REQUEST,
            Self::Provider { .. } | Self::Proof(_) | Self::StillNotEnough => StatusCode::FORBIDDEN,
            Self::Failure(_) | Self::Registry(_) | Self::Rejected => StatusCode::BAD_GATEWAY,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
        }
    }
}

/// `GET /`
pub async fn home(clinic: Data<Clinic>, request: HttpRequest) -> HttpResponse {
    #[derive(Deserialize)]
    struct Arrival {
        state: Option<String>,
    }
    let (cookie, now) = (clinic.cookie(&request), clinic.now());
    if let Some(session) = clinic.browsers.session(cookie.as_deref(), now) {
        return clinic.page(StatusCode::OK, "prescriptions", &pages::prescriptions(&session, now));
    }
    let state = Query::<Arrival>::from_query(request.query_string())
        .ok()
        .and_then(|arrival| arrival.0.state);
    let farewell = state.is_some_and(|state| clinic.browsers.farewell(cookie.as_deref(), &state, now));
    clinic.page(StatusCode::OK, "welcome", &pages::welcome(farewell))
}

/// `GET /login`: off to the provider.
pub async fn login(clinic: Data<Clinic>, request: HttpRequest) -> HttpResponse {
    let done = clinic.send_to_provider(&request, Purpose::SignIn).await;
    clinic.settle(done)
}

#[derive(Deserialize)]
pub struct SignForm {
    csrf: String,
}

/// `POST /sign`: off to the provider again, for the step-up.
pub async fn sign(clinic: Data<Clinic>, request: HttpRequest, form: Option<Form<SignForm>>) -> HttpResponse {
    let done = async {
        let session = clinic.signed_in(&request)?;
        let genuine = form.is_some_and(|form| same(&form.csrf, session.form_token.secret()));
        if !genuine {
            return Err(Refusal::Form);
        }
        clinic
            .send_to_provider(&request, Purpose::Sign { signer: session.sub })
            .await
    };
    let done = done.await;
    clinic.settle(done)
}

/// `GET /callback`: the provider's answer to either.
pub async fn callback(clinic: Data<Clinic>, request: HttpRequest) -> HttpResponse {
    let done = clinic.receive(&request).await;
    clinic.settle(done)
}

/// `GET /signed`: what was proved. A page of its own, so that reloading it does not replay the answer.
pub async fn signed(clinic: Data<Clinic>, request: HttpRequest) -> HttpResponse {
    match clinic.signed_in(&request) {
        Ok(Session { signing: None, .. }) => clinic.redirect("/").finish(),
        Ok(session) => clinic.page(StatusCode::OK, "signed", &pages::signed(&session)),
        Err(refusal) => clinic.settle(Err(refusal)),
    }
}

/// `GET /claims`: the verified claims, for programs.
pub async fn claims(clinic: Data<Clinic>, request: HttpRequest) -> HttpResponse {
    let mut answer = HttpResponse::build(StatusCode::OK);
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    match clinic.signed_in(&request) {
        Ok(session) => answer
            .json(json!({"sign_in": session.claims, "signing": session.signing.map_or(Value::Null, |s| s.claims)})),
        Err(refusal) => answer.status(refusal.status()).json(json!({"error": refusal.code()})),
    }
}

/// `GET /logout`: ends our session, then asks the provider to end its own.
pub async fn logout(clinic: Data<Clinic>, request: HttpRequest) -> HttpResponse {
    let farewell = CsrfToken::new_random();
    let cookie = clinic.cookie(&request);
    let Some((session, cookie)) = clinic
        .browsers
        .sign_out(cookie.as_deref(), farewell.clone(), clinic.now())
    else {
        return clinic.redirect("/").finish();
    };
    // Ours has ended, whatever becomes of theirs.
    let url = clinic
        .provider
        .logout_url(&session.id_token, farewell)
        .await
        .ok()
        .flatten();
    let target = url.as_ref().map_or("/", |url| url.as_str());
    clinic.redirect(target).cookie(clinic.set_cookie(cookie)).finish()
}

pub async fn healthz() -> &'static str {
    "ok"
}

pub async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .body(pages::STYLE)
}

pub async fn icon() -> HttpResponse {
    HttpResponse::Ok().content_type("image/svg+xml").body(pages::ICON)
}

pub async fn not_found(clinic: Data<Clinic>) -> HttpResponse {
    clinic.settle(Err(Refusal::NotFound))
}

/// What the provider sends back through the browser. A parameter that comes twice does not parse (RFC 6749 §3.1).
#[derive(Deserialize)]
struct Returned {
    state: Option<String>,
    iss: Option<String>,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

impl Clinic {
    pub(super) async fn send_to_provider(&self, request: &HttpRequest, purpose: Purpose) -> Done {
        let (url, asked) = self.provider.request(purpose).await?;
        let cookie = self
            .browsers
            .remember(self.cookie(request).as_deref(), asked, self.now());
        Ok(self.redirect(url.as_str()).cookie(self.set_cookie(cookie)).finish())
    }

    /// The order matters: whose answer, from whom, and only then what it says.
    async fn receive(&self, request: &HttpRequest) -> Done {
        let query = Query::<Returned>::from_query(request.query_string());
        let returned = query.map_err(|_| Refusal::Malformed)?.into_inner();
        let cookie = self.cookie(request);
        // RFC 6749 §10.12: only the browser that asked may bring the answer, and once.
        let state = returned.state.unwrap_or_default();
        let asked = self
            .browsers
            .take(cookie.as_deref(), &state, self.now())
            .ok_or(Refusal::UnknownState)?;
        // RFC 9207 §2.4: exactly our issuer, in errors too, or the answer is not looked at.
        if returned.iss.as_deref() != Some(self.provider.issuer()) {
            return Err(Refusal::Issuer);
        }
        if let Some(error) = returned.error {
            return Err(Refusal::Provider {
                error,
                description: returned.error_description,
            });
        }
        let code = returned.code.ok_or(Refusal::Malformed)?;
        let answer = self.provider.redeem(code, &asked.nonce, asked.verifier).await?;
        match asked.purpose {
            Purpose::SignIn => self.complete_sign_in(cookie, answer).await,
            Purpose::History { person, challenge } => {
                self.receive_pass(cookie.as_deref(), person.as_str(), challenge.is_some(), answer)
            }
            Purpose::Sign { signer } => {
                let now = self.now();
                let proof = proof::check_signing(&answer.claims, &signer, now)?;
                let signing = Signing {
                    proof,
                    claims: as_json(&answer)?,
                    at: now,
                };
                match self.browsers.sign(cookie.as_deref(), signing, now) {
                    true => Ok(self.redirect("/signed").finish()),
                    false => Err(Refusal::SignedOut),
                }
            }
        }
    }

    async fn complete_sign_in(&self, cookie: Option<String>, answer: Answer) -> Done {
        let session = Session {
            name: self.provider.name(&answer).await?,
            sub: answer.claims.subject().clone(),
            claims: as_json(&answer)?,
            id_token: Arc::new(answer.id_token),
            form_token: CsrfToken::new_random(),
            since: self.now(),
            signing: None,
            pass: None,
        };
        let cookie = self.browsers.sign_in(cookie.as_deref(), session, self.now());
        Ok(self.redirect("/").cookie(self.set_cookie(cookie)).finish())
    }

    pub(super) fn signed_in(&self, request: &HttpRequest) -> Result<Session, Refusal> {
        self.browsers
            .session(self.cookie(request).as_deref(), self.now())
            .ok_or(Refusal::SignedOut)
    }

    pub(super) fn settle(&self, done: Done) -> HttpResponse {
        done.unwrap_or_else(|refusal| {
            if let Refusal::Failure(failure) = &refusal {
                // By Display: the Debug form holds the provider's raw answer, and a token may be in it.
                let causes = successors(Some(failure as &dyn Error), |&error| error.source());
                let causes = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
                tracing::warn!(causes, "cedar clinic: no use of the provider");
            }
            let page = pages::refused(refusal.code(), &refusal.to_string());
            self.page(refusal.status(), "refused", &page)
        })
    }

    pub(super) fn page(&self, status: StatusCode, template: &str, content: &Value) -> HttpResponse {
        match self.pages.render(template, content) {
            Ok(html) => self.headers(status).content_type("text/html; charset=utf-8").body(html),
            Err(error) => {
                tracing::error!(%error, template, "cedar clinic: a page cannot be drawn");
                self.headers(StatusCode::INTERNAL_SERVER_ERROR)
                    .body("This page cannot be drawn.")
            }
        }
    }

    /// 303, never 307: the form's fields must not travel on (RFC 9700 §4.12).
    pub(super) fn redirect(&self, target: &str) -> HttpResponseBuilder {
        let mut answer = self.headers(StatusCode::SEE_OTHER);
        answer.insert_header((header::LOCATION, target));
        answer
    }

    fn headers(&self, status: StatusCode) -> HttpResponseBuilder {
        // `form-action` holds for redirects after a form, too: /sign leads to the provider.
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {}; frame-ancestors 'none'; base-uri 'none'",
            self.provider.origin(),
        );
        let mut answer = HttpResponse::build(status);
        answer
            .insert_header((header::CONTENT_SECURITY_POLICY, policy))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::REFERRER_POLICY, "same-origin"))
            .insert_header((header::CACHE_CONTROL, "no-store"));
        answer
    }

    pub(super) fn cookie(&self, request: &HttpRequest) -> Option<String> {
        request
            .cookie(self.cookie_name())
            .map(|cookie| cookie.value().to_owned())
    }

    /// SameSite=Lax and not Strict: the provider's redirect to /callback must carry it.
    fn set_cookie(&self, value: String) -> Cookie<'static> {
        let cookie = Cookie::build(self.cookie_name(), value)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax);
        cookie.secure(self.on_https()).finish()
    }

    fn cookie_name(&self) -> &'static str {
        if self.on_https() {
            "__Host-cedar_clinic"
        } else {
            "cedar_clinic"
        }
    }

    fn on_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Seconds since the epoch.
    pub(super) fn now(&self) -> i64 {
        let elapsed = (self.clock)().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
    }
}

fn as_json(answer: &Answer) -> Result<Value, Refusal> {
    serde_json::to_value(&answer.claims).map_err(|_| Refusal::Malformed)
}
