//! From a scene and a step to the page that shows them. Words and pictures only: who may do what comes from
//! the journey.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};

use super::SHOWN_AGAIN;
use super::wording::{choose_method, device_choice, masked, refused_method, words, wrong_password};
use super::{consent_view, enrol_view, new_password, push};
use crate::factors::factor;
use crate::journey::Scene;
use crate::journey::ceremony::{InPage, autofill, refused};
use crate::journey::next::{Step, Wish};
use crate::journey::push::by_name::may_begin;
use crate::journey::reply::{Complaint, NewCookies};
use crate::model::challenge::CODE_LIFETIME;
use crate::model::{Authenticator, MfaCode, Stage};
use crate::policy::{Decision, Method, Rule};
use crate::web::page::{Frame, Page};
use crate::web::pages::{
    self, Channel, ChooseAuthenticator, Passkey, SignIn, Trouble, VerifyPassword, VerifyPhone, VerifyRecoveryCode,
    VerifyTotp, VerifyWebauthn,
};
use crate::web::site::Web;
use crate::web::{browser, show};

/// Digits of every code that we ask for.
pub(super) const DIGITS: u8 = 6;

/// Where the pages of this sign-in are.
pub(super) fn home(web: &Web, scene: &Scene) -> String {
    format!("{}/sign-in/{}", web.op.issuer.path, scene.authorization.id)
}

pub(super) fn challenge_path(web: &Web, scene: &Scene, device: &str) -> String {
    format!("{}/verify/{device}", home(web, scene))
}

pub fn with_session(web: &Web, mut response: HttpResponse, cookies: Option<NewCookies>) -> HttpResponse {
    if let Some(NewCookies {
        session,
        state,
        known,
        remembered,
    }) = cookies
    {
        if let Some(token) = remembered {
            let _ = response.add_cookie(&browser::lasting(&web.op, browser::Jar::Remembered, token));
        }
        let _ = response.add_cookie(&browser::cookie(&web.op, browser::Jar::Session, session));
        browser::put_state(&web.op, &mut response, &state);
        let _ = response.add_cookie(&browser::lasting(&web.op, browser::Jar::Known, known));
    }
    response
}

pub(super) struct Drawing<'a> {
    pub request: &'a HttpRequest,
    pub web: &'a Web,
    pub scene: &'a Scene,
    pub complaint: Option<&'a Complaint>,
}

impl Drawing<'_> {
    pub fn frame(&self, action: String) -> Frame {
        let chosen = crate::protocol::params::Params::parse(self.request.query_string().as_bytes()).ok();
        let chosen = chosen
            .as_ref()
            .and_then(|p| p.single("ui_locales").ok().flatten().map(str::to_owned));
        let locale = browser::locale(
            self.request,
            &self.web.op,
            chosen.as_deref(),
            &self.scene.authorization.request.ui_locales,
        );
        let mut frame = show::frame(self.web, locale, self.request.path().to_owned());
        let holder = browser::visitor(self.request, self.web).browser;
        frame.csrf = browser::csrf(&self.web.op, holder.as_deref(), self.scene.authorization.id.as_str());
        frame.action = action;
        frame.partner = Some(match &self.scene.authorization.errand {
            None => show::partner(self.web, &self.scene.client),
            // Our own pages: the workspace itself asks.
            Some(_) => crate::web::page::PartnerView {
                name: frame.workspace.clone(),
                ..crate::web::page::PartnerView::default()
            },
        });
        frame.signed_in_as = self
            .scene
            .session
            .as_ref()
            .and(self.scene.user.as_ref())
            .map(|u| u.username.clone());
        if let Some(complaint) = self.complaint {
            frame.reference = Some(complaint.reference.to_string());
        }
        frame
    }

    pub fn draw<P: Page>(
        &self,
        status: StatusCode,
        mut frame: Frame,
        trouble: Option<Trouble>,
        page: &P,
    ) -> HttpResponse {
        frame.trouble = trouble;
        let wait = self.complaint.and_then(|c| c.wait);
        let status = if wait.is_some() {
            StatusCode::TOO_MANY_REQUESTS
        } else {
            status
        };
        let mut response = show::page(self.web, status, &frame, Some(&self.scene.client), page);
        if let Some(wait) = wait {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, header::HeaderValue::from(wait.0));
        }
        if self.request.query_string().contains("ui_locales=") {
            let kept = browser::cookie(&self.web.op, browser::Jar::Language, frame.locale.as_str().to_owned());
            let _ = response.add_cookie(&kept);
        }
        response
    }
}

/// The page of a step that is one.
pub fn step(request: &HttpRequest, web: &Web, scene: &Scene, step: &Step) -> HttpResponse {
    let d = Drawing {
        request,
        web,
        scene,
        complaint: None,
    };
    draw_step(&d, step)
}

fn draw_step(d: &Drawing<'_>, step: &Step) -> HttpResponse {
    let (web, scene) = (d.web, d.scene);
    let home = home(web, scene);
    let trouble = d.complaint.map(words);
    match step {
        Step::SignIn => sign_in(d, home, None),
        Step::Password { elsewhere } => password(d, home, *elsewhere),
        Step::NewPassword => new_password::page(d, trouble),
        Step::Choose { methods, refused, .. } => {
            let page = choose_method(scene, &web.op.issuer.path, methods, refused);
            d.draw(SHOWN_AGAIN, d.frame(format!("{home}/choose")), trouble, &page)
        }
        Step::ChooseAuthenticator { devices, .. } => {
            let listed = devices.iter().filter_map(|id| scene.authenticator(id.as_str()));
            let own = scene.consent.primary.as_ref().filter(|own| devices.contains(own));
            let page = ChooseAuthenticator {
                choices: listed.map(|a| device_choice(a, own)).collect(),
                can_choose_method: true,
            };
            d.draw(SHOWN_AGAIN, d.frame(format!("{home}/choose")), trouble, &page)
        }
        Step::Consent { scopes } => consent_view::page(d, scopes),
        Step::Enrol(offer) => enrol_view::chooser(d, offer),
        Step::Enrolled(id) => enrol_view::enrolled(d, id.as_str()),
        Step::Verify(device) => show::see_other(&challenge_path(web, scene, device.as_str())),
        // The journey has sent these elsewhere.
        Step::Issue(_) | Step::Refuse(..) | Step::Return(_) => show::see_other(&home),
    }
}

fn sign_in(d: &Drawing<'_>, home: String, typed: Option<&str>) -> HttpResponse {
    let first = d.scene.parties().pool().first_factor;
    let hint = d.scene.authorization.request.login_hint.as_deref();
    let page = SignIn {
        username: typed.or(hint).unwrap_or_default().to_owned(),
        with_password: first.contains(&Method::Password),
        password_optional: first.iter().any(|m| *m != Method::Password && factor(*m).is_some()),
        passkey: autofill(&d.web.op, d.scene).ok().flatten().map(|p| Passkey {
            options: p.show,
            kept: p.kept,
        }),
        can_register: d.scene.current.workspace.open_pool().is_some(),
        can_recover: first.contains(&Method::Password),
        sign_in: d.scene.authorization.id.to_string(),
    };
    let trouble = match d.complaint {
        Some(c) if c.code == MfaCode::KeyNotRecognised => Some(words(c)),
        other => other.map(wrong_password),
    };
    d.draw(SHOWN_AGAIN, d.frame(home), trouble, &page)
}

fn password(d: &Drawing<'_>, home: String, elsewhere: bool) -> HttpResponse {
    let username = match &d.scene.authorization.stage {
        Stage::Named { name, .. } => name.clone(),
        Stage::Bound { .. } | Stage::Asked => d.scene.user.as_ref().map(|u| u.username.clone()).unwrap_or_default(),
    };
    let page = VerifyPassword {
        username,
        again: d.scene.session.is_some(),
        can_choose: elsewhere,
        by_phone: may_begin(d.scene),
    };
    d.draw(SHOWN_AGAIN, d.frame(home), d.complaint.map(wrong_password), &page)
}

/// A name and password that were refused: the page they came from.
pub fn again(
    request: &HttpRequest,
    web: &Web,
    scene: &Scene,
    typed: Option<&str>,
    complaint: &Complaint,
) -> HttpResponse {
    let d = Drawing {
        request,
        web,
        scene,
        complaint: Some(complaint),
    };
    match (
        &scene.authorization.stage,
        crate::journey::next::step(scene, Wish::None),
    ) {
        (Stage::Asked, _) => sign_in(&d, home(web, scene), typed),
        (
            _,
            step @ (Step::Password { .. }
            | Step::NewPassword
            | Step::Enrol(_)
            | Step::Choose { .. }
            | Step::ChooseAuthenticator { .. }),
        ) => draw_step(&d, &step),
        _ => password(&d, home(web, scene), true),
    }
}

/// The page of one authenticator, or of what is next if it is none for this sign-in.
pub fn challenge(
    request: &HttpRequest,
    web: &Web,
    scene: &Scene,
    device: &str,
    (in_page, complaint): (Option<&InPage>, Option<&Complaint>),
) -> HttpResponse {
    let d = Drawing {
        request,
        web,
        scene,
        complaint,
    };
    // What may not be used has no page either: the chooser says why.
    let known = scene.session.is_some() || scene.recovers();
    let may = |a: &&Authenticator| known && refused(scene, a.method).is_none();
    let Some(authenticator) = scene.authenticator(device).filter(may) else {
        return show::see_other(&home(web, scene));
    };
    let frame = d.frame(challenge_path(web, scene, device));
    let trouble = complaint.map(words);
    match authenticator.method {
        Method::Totp => {
            let page = VerifyTotp {
                nickname: authenticator.label().to_owned(),
                digits: DIGITS,
                can_choose: true,
                remember: may_remember(scene),
            };
            d.draw(SHOWN_AGAIN, frame, trouble, &page)
        }
        Method::Sms | Method::Voice => d.draw(SHOWN_AGAIN, frame, trouble, &phone(&d, authenticator)),
        Method::Webauthn => match in_page {
            Some(opened) => d.draw(SHOWN_AGAIN, frame, trouble, &keys(&d, opened)),
            None => show::see_other(&home(web, scene)),
        },
        Method::RecoveryCode => {
            let page = VerifyRecoveryCode {
                left: authenticator.facts.codes_left.unwrap_or_default(),
            };
            d.draw(SHOWN_AGAIN, frame, trouble, &page)
        }
        Method::Push => push::drawn(&d, authenticator, None),
        Method::Password => show::see_other(&home(web, scene)),
    }
}

/// A remembered browser is offered where the partner's policy would heed it.
fn may_remember(scene: &Scene) -> bool {
    scene.authorization.errand.is_none() && scene.requirement().allow_remembered_browser && !scene.remembered
}

fn keys(d: &Drawing<'_>, opened: &InPage) -> VerifyWebauthn {
    let acceptable = match d.scene.to_prove() {
        Decision::Prove { acceptable, .. } => acceptable,
        _ => Vec::new(),
    };
    let named = d.scene.authenticators.iter();
    let named = named.filter(|a| a.method == Method::Webauthn && acceptable.contains(&a.id));
    VerifyWebauthn {
        options: opened.show.clone(),
        kept: opened.kept.clone(),
        nicknames: named.map(|a| a.label().to_owned()).collect(),
        at_once: d.complaint.is_none(),
        remember: may_remember(d.scene),
    }
}

fn phone(d: &Drawing<'_>, authenticator: &Authenticator) -> VerifyPhone {
    let other = match authenticator.method {
        Method::Sms => Method::Voice,
        _ => Method::Sms,
    };
    let reachable = match crate::journey::next::step(d.scene, Wish::Choose) {
        Step::Choose { methods, .. } => methods.contains(&other),
        _ => false,
    };
    VerifyPhone {
        other: reachable.then_some(if other == Method::Sms {
            Channel::Sms
        } else {
            Channel::Voice
        }),
        remember: may_remember(d.scene),
        channel: if authenticator.method == Method::Sms {
            Channel::Sms
        } else {
            Channel::Voice
        },
        masked_number: masked(authenticator),
        digits: DIGITS,
        minutes: u32::try_from(CODE_LIFETIME.0 / 60).unwrap_or(1),
        resent: false,
        can_choose: true,
        help_open: d.complaint.is_some_and(|c| c.code == MfaCode::NotDelivered),
        update_href: Some(format!("{}/account/security", d.web.op.issuer.path)),
    }
}

/// A method that may not be used: 403, its rule in words, and the way back to what may.
pub fn denied(
    request: &HttpRequest,
    web: &Web,
    scene: &Scene,
    method: Method,
    rules: &[Rule],
    complaint: &Complaint,
) -> HttpResponse {
    let d = Drawing {
        request,
        web,
        scene,
        complaint: Some(complaint),
    };
    let acr = scene.requirement();
    let demanded = acr.any_of.first().or_else(|| acr.all_of.first().map(|r| &r.value));
    let accepted = match crate::journey::next::step(scene, Wish::Choose) {
        Step::Choose { methods, .. } => methods.into_iter().filter(|m| *m != Method::Password).collect(),
        _ => Vec::new(),
    };
    let page = pages::Refused {
        need: demanded.map(|acr| pages::Need::of_acr(acr)),
        accepted,
        refused: rules
            .first()
            .map(|rule| refused_method(scene, method, rule))
            .into_iter()
            .collect(),
        choose_href: Some(format!("{}?choose=1", home(web, scene))),
    };
    d.draw(
        StatusCode::FORBIDDEN,
        d.frame(home(web, scene)),
        Some(words(complaint)),
        &page,
    )
}
