//! `/account/profile`: name, language, addresses, numbers; and the link that confirms an address.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{Entered, Form, Way, draw, enter, refusal, settle, start};
use crate::journey::account::profile::{Edited, name_is_confirmed};
use crate::journey::account::{Answer, Mistake, Refusal, email, profile};
use crate::journey::errands::Gate;
use crate::journey::{Scene, Trouble, ceremony};
use crate::model::{Authenticator, Errand, LocalPath, User};
use crate::protocol::params::Params;
use crate::web::browser;
use crate::web::fault::PageFault;
use crate::web::locale::Locale;
use crate::web::pages::{ConfirmEmail, LanguageChoice, PhoneView, Profile};
use crate::web::sign_in::wording::{is_phone, masked};
use crate::web::site::Web;

const HERE: &str = "/account/profile";
const EDIT: &str = "/account/profile?edit=yes";

/// What is shown beyond what everybody who is signed in sees of themself.
#[derive(Clone, Copy, Default)]
struct Mode {
    editing: bool,
    revealed: bool,
}

impl Mode {
    fn of(request: &HttpRequest) -> Self {
        let query = Params::parse(request.query_string().as_bytes()).unwrap_or_default();
        Self {
            editing: query.has("edit"),
            revealed: query.has("show"),
        }
    }
    /// Forms and whole numbers only for somebody who has just proved a current factor (S41).
    const fn gate(self) -> Gate {
        if self.editing || self.revealed {
            Gate::Changing
        } else {
            Gate::SignedIn
        }
    }
}

/// GET `/account/profile`, with `?edit=yes` or `?show=numbers`.
pub async fn page(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    let mode = Mode::of(&request);
    match enter(&request, &web, mode.gate()).await {
        Ok(who) => show(&request, &web, &who, mode, None).await,
        Err(response) => response,
    }
}

/// POST: save, another address and its code, another number.
pub async fn submit(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, Gate::SignedIn, &body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    if let Some(phone) = form.text("replace") {
        return replace(&request, &web, &form, phone).await;
    }
    let (answer, way) = act(&web, &form).await;
    match settle(&request, &web, &form.who.visitor, answer, &way).await {
        Ok(response) => remember_language(&web, &form, response),
        Err(refused) => show(&request, &web, &form.who, mode_after(&form), Some((refused, &form))).await,
    }
}

async fn act(web: &Web, form: &Form) -> (Result<Answer, Trouble>, Way<'static>) {
    let (op, visitor) = (&web.op, &form.who.visitor);
    let typed = |name: &str| form.text(name).unwrap_or_default();
    let way = |done| Way {
        done,
        again: match form.action() {
            Some("confirm" | "withdraw") => HERE,
            _ => EDIT,
        },
    };
    match form.action() {
        Some("email") => (
            email::ask(op, visitor, typed("email")).await,
            way("/account/profile?done=sent"),
        ),
        Some("confirm") => (
            email::confirm(op, visitor, typed("code")).await,
            way("/account/profile?done=confirmed"),
        ),
        Some("withdraw") => (
            email::withdraw(op, visitor).await,
            way("/account/profile?done=withdrawn"),
        ),
        _ => (save(web, form).await, way("/account/profile?done=saved")),
    }
}

async fn save(web: &Web, form: &Form) -> Result<Answer, Trouble> {
    let field = |name: &str| form.text(name).map(str::to_owned);
    if form.text("language").is_some() && language(form).is_none() {
        return Ok(Mistake::Language.refuse(&web.op));
    }
    let edited = Edited {
        name: field("name"),
        given_name: field("given_name"),
        family_name: field("family_name"),
        language: language(form).map(|l| l.as_str().to_owned()),
    };
    profile::edit(&web.op, &form.who.visitor, &edited).await
}

fn language(form: &Form) -> Option<Locale> {
    form.text("language").and_then(Locale::of_tag)
}

/// The pages speak from now on what the letters do.
fn remember_language(web: &Web, form: &Form, mut response: HttpResponse) -> HttpResponse {
    let saved = response.status().is_redirection() && form.action() == Some("save");
    if let Some(locale) = language(form).filter(|_| saved) {
        let kept = browser::cookie(&web.op, browser::Jar::Language, locale.as_str().to_owned());
        let _ = response.add_cookie(&kept);
    }
    response
}

fn mode_after(form: &Form) -> Mode {
    Mode {
        editing: !matches!(form.action(), Some("confirm" | "withdraw")) && form.text("replace").is_none(),
        revealed: false,
    }
}

/// The old number stays until the new one is confirmed (S43, S44).
async fn replace(request: &HttpRequest, web: &Web, form: &Form, id: &str) -> HttpResponse {
    let Some(old) = form.who.scene.authenticator(id).filter(|a| is_phone(a)) else {
        let gone = Mistake::Gone.refuse(&web.op);
        let Answer::Refused(refused) = gone else {
            return super::go(web, HERE);
        };
        return show(request, web, &form.who, Mode::default(), Some((refused, form))).await;
    };
    let errand = Errand::Replace {
        authenticator: old.id.clone(),
        method: old.method,
        to: LocalPath::new(HERE).unwrap_or_else(|_| LocalPath::home()),
    };
    start(request, web, &form.who.visitor, errand).await
}

/// `refused`: why, and the form, of which nothing is lost.
async fn show(
    request: &HttpRequest,
    web: &Web,
    who: &Entered,
    mode: Mode,
    refused: Option<(Refusal, &Form)>,
) -> HttpResponse {
    let trouble = refused.as_ref().map(|(why, _)| refusal::words(why));
    match view(request, web, &who.scene, mode, refused.map(|(_, form)| form)).await {
        Ok(page) => draw(request, web, who, trouble, &page),
        Err(e) => PageFault::from(e).response(request, web),
    }
}

async fn view(
    request: &HttpRequest,
    web: &Web,
    scene: &Scene,
    mode: Mode,
    form: Option<&Form>,
) -> Result<Profile, Trouble> {
    let user = scene.user.as_ref().ok_or(Trouble::Unknown)?;
    let typed = |name: &str| form.and_then(|f| f.text(name));
    let claim = |name: &str| user.claims.get(name).and_then(serde_json::Value::as_str);
    // A name that an operator has confirmed stands there as it is, whatever was typed.
    let own = |name: &str| typed(name).filter(|_| !name_is_confirmed(user)).or_else(|| claim(name));
    let text = |name: &str| own(name).unwrap_or_default().to_owned();
    let unverified = user.email.as_deref().filter(|_| !user.email_verified);
    let pending = email::pending(&web.op, &mut web.op.store.view().await?, user, scene.now).await?;
    let phones: Vec<PhoneView> = scene
        .authenticators
        .iter()
        .filter(|a| is_phone(a))
        .map(|a| phone(web, a, mode.revealed))
        .collect();
    let support = scene.current.workspace.settings.support_url.as_deref();
    Ok(Profile {
        done: super::done(request, &["saved", "sent", "confirmed", "withdrawn"]),
        name: text("name"),
        given_name: text("given_name"),
        family_name: text("family_name"),
        name_confirmed: name_is_confirmed(user),
        username: user.username.clone(),
        email: user.email.clone(),
        email_verified: user.email_verified,
        wanted: typed("email").or(unverified).unwrap_or_default().to_owned(),
        pending,
        outdated: phones.iter().any(|p| p.outdated),
        phones,
        member_since: user.created_at,
        identity_confirmed: user
            .standing
            .identity_confirmed_at
            .filter(|_| user.identity_confirmed()),
        languages: LanguageChoice::all(form.and_then(language).or_else(|| spoken(user))),
        editing: mode.editing,
        revealed: mode.revealed,
        support: support.and_then(|s| url::Url::parse(s).ok()),
    })
}

fn spoken(user: &User) -> Option<Locale> {
    let tag = user.claims.get("locale").and_then(serde_json::Value::as_str);
    tag.and_then(Locale::of_tag)
}

fn phone(web: &Web, a: &Authenticator, revealed: bool) -> PhoneView {
    let whole = revealed.then(|| ceremony::number(&web.op, a)).flatten();
    PhoneView {
        authenticator: a.id.to_string(),
        method: a.method,
        number: whole.map_or_else(|| masked(a), |n| n.e164),
        nickname: a.nickname.clone(),
        outdated: a.facts.seems_outdated(),
    }
}

/// GET `/account/profile/email/{token}`: the link of a letter. Changes nothing: programs open links, too.
pub async fn link(request: HttpRequest, web: web::Data<Web>, token: web::Path<String>) -> HttpResponse {
    match enter(&request, &web, Gate::SignedIn).await {
        Ok(who) => show_link(&request, &web, &who, &token, None).await,
        Err(response) => response,
    }
}

/// POST: its button.
pub async fn follow(
    request: HttpRequest,
    web: web::Data<Web>,
    token: web::Path<String>,
    body: web::Bytes,
) -> HttpResponse {
    let form = match Form::read(&request, &web, Gate::SignedIn, &body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let answer = email::confirm_link(&web.op, &form.who.visitor, &token).await;
    let way = Way {
        done: "/account/profile?done=confirmed",
        again: HERE,
    };
    match settle(&request, &web, &form.who.visitor, answer, &way).await {
        Ok(response) => response,
        Err(refused) => show_link(&request, &web, &form.who, &token, Some(refused)).await,
    }
}

async fn show_link(
    request: &HttpRequest,
    web: &Web,
    who: &Entered,
    token: &str,
    refused: Option<Refusal>,
) -> HttpResponse {
    let trouble = refused.as_ref().map(refusal::words);
    match linked(web, who, token).await {
        Ok(email) => draw(request, web, who, trouble, &ConfirmEmail { email }),
        Err(e) => PageFault::from(e).response(request, web),
    }
}

async fn linked(web: &Web, who: &Entered, token: &str) -> Result<Option<String>, Trouble> {
    email::linked(&web.op, &mut web.op.store.view().await?, &who.scene, token).await
}
