//! The pages of a set-up. Words and pictures only.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use fluent_bundle::FluentArgs;
use serde_json::Value;

use super::SHOWN_AGAIN;
use super::view::{DIGITS, Drawing, home};
use super::wording::{refused_methods, words};
use crate::factors::phone::Number;
use crate::factors::phone::enrol::pending_number;
use crate::factors::push::enrol as push;
use crate::factors::totp::enrol::Shown;
use crate::journey::Scene;
use crate::journey::enrolment::Pending;
use crate::journey::next::{Offer, Why};
use crate::journey::reply::Complaint;
use crate::model::Authenticator;
use crate::model::challenge::CODE_LIFETIME;
use crate::policy::Method;
use crate::web::page::Frame;
use crate::web::pages::{
    Channel, Enrol, EnrolPhone, EnrolPush, EnrolTotp, EnrolWebauthn, EnrolWhy, Enrolled, LinkBy, PhoneStage, PushStage,
    RecoveryCodes, Trouble, Wait,
};
use crate::web::site::Web;

/// What was typed about a telephone.
#[derive(Debug, Default)]
pub struct PhonePage {
    pub number: Option<String>,
    /// Understood, and to be confirmed.
    pub confirm: Option<Number>,
    pub nickname: Option<String>,
}

/// The chooser of what can be set up.
pub fn chooser(d: &Drawing<'_>, offer: &Offer) -> HttpResponse {
    let page = Enrol {
        methods: offer.methods.clone(),
        refused: refused_methods(d.scene, &offer.refused),
        why: match offer.why {
            Why::Demanded => EnrolWhy::Demanded,
            Why::Recommended => EnrolWhy::Recommended,
            Why::Wanted => EnrolWhy::Wanted,
        },
    };
    let frame = d.frame(format!("{}/enrol", home(d.web, d.scene)));
    d.draw(StatusCode::OK, frame, d.complaint.map(words), &page)
}

/// It is done.
pub fn enrolled(d: &Drawing<'_>, id: &str) -> HttpResponse {
    let new = d.scene.authenticator(id);
    let lasting = |a: &&Authenticator| !matches!(a.method, Method::Password);
    let page = Enrolled {
        method: new.map_or(Method::Totp, |a| a.method),
        nickname: new.map(|a| a.label().to_owned()).unwrap_or_default(),
        needs_backup: d.scene.authenticators.iter().filter(lasting).count() < 2,
    };
    let frame = d.frame(format!("{}/enrol", home(d.web, d.scene)));
    d.draw(StatusCode::OK, frame, None, &page)
}

/// The page of a method that is being set up.
pub fn pending(
    request: &HttpRequest,
    web: &Web,
    pending: &Pending,
    (complaint, typed): (Option<&Complaint>, PhonePage),
) -> HttpResponse {
    let d = Drawing {
        request,
        web,
        scene: &pending.scene,
        complaint,
    };
    let frame = d.frame(format!("{}/enrol/{}", home(web, &pending.scene), pending.method));
    let trouble = complaint.map(words);
    let nickname = typed.nickname.clone().unwrap_or_default();
    match pending.method {
        Method::Totp => d.draw(SHOWN_AGAIN, frame, trouble, &totp(web, pending, nickname)),
        Method::Webauthn => {
            let page = EnrolWebauthn {
                options: pending.shown.clone(),
                nickname,
            };
            d.draw(SHOWN_AGAIN, frame, trouble, &page)
        }
        Method::RecoveryCode => {
            let page = RecoveryCodes {
                codes: codes(pending),
                replaces: has(&pending.scene, Method::RecoveryCode),
                download_href: format!("{}/codes.txt", frame.action),
            };
            d.draw(SHOWN_AGAIN, frame, trouble, &page)
        }
        Method::Sms | Method::Voice => d.draw(SHOWN_AGAIN, frame, trouble, &phone(pending, typed, nickname)),
        Method::Push => push(&d, frame, trouble, (pending, typed)),
        Method::Password => crate::web::show::see_other(&home(web, &pending.scene)),
    }
}

fn push(
    d: &Drawing<'_>,
    mut frame: Frame,
    trouble: Option<Trouble>,
    (pending, typed): (&Pending, PhonePage),
) -> HttpResponse {
    let shown: push::Shown = serde_json::from_str(&pending.shown).unwrap_or_default();
    let ways = crate::journey::enrolment::link::ways(&d.web.op, &pending.scene);
    let methods = &pending.scene.current.workspace.settings.methods;
    let page = EnrolPush {
        stage: match (&shown.number, &shown.link) {
            (Some(_), _) => PushStage::Confirm,
            (None, Some(_)) => PushStage::Revealed,
            (None, None) => PushStage::Hidden,
        },
        known_number: ways.contains(&crate::factors::Channel::Sms),
        by_sms: methods.contains(&Method::Sms),
        by_voice: methods.contains(&Method::Voice),
        by_email: ways.contains(&crate::factors::Channel::Email),
        number_typed: typed.number.unwrap_or_default(),
        shown,
        wait: Wait {
            state: pending.state.clone(),
            seconds: pending.left.0,
            events: format!("{}/wait", home(d.web, &pending.scene)),
            page: frame.action.clone(),
        },
        app: format!("{}/authenticator", d.web.op.issuer.host),
    };
    frame.refresh = (page.stage == PushStage::Confirm).then_some(super::push::PLAIN_REFRESH);
    d.draw(SHOWN_AGAIN, frame, trouble, &page)
}

fn has(scene: &Scene, method: Method) -> bool {
    scene.authenticators.iter().any(|a| a.method == method)
}

fn totp(web: &Web, pending: &Pending, nickname: String) -> EnrolTotp {
    let ways = crate::journey::enrolment::link::ways(&web.op, &pending.scene);
    let links = ways.into_iter().map(|way| match way {
        crate::factors::Channel::Sms => LinkBy::Sms,
        _ => LinkBy::Email,
    });
    let shown: Option<Shown> = serde_json::from_str(&pending.shown).ok();
    let sent = shown.is_none();
    let Shown { secret, uri, svg } = shown.unwrap_or(Shown {
        secret: String::new(),
        uri: String::new(),
        svg: String::new(),
    });
    EnrolTotp {
        secret,
        uri,
        svg,
        digits: DIGITS,
        nickname,
        links: links.collect(),
        sent,
    }
}

fn phone(pending: &Pending, typed: PhonePage, nickname: String) -> EnrolPhone {
    let channel = if pending.method == Method::Sms {
        Channel::Sms
    } else {
        Channel::Voice
    };
    let offered = crate::journey::next::addable(&pending.scene);
    let sent = pending.kept.as_ref().and_then(pending_number);
    let (stage, formatted) = match (&typed.confirm, &sent) {
        (Some(number), _) => (PhoneStage::Confirm, number.formatted()),
        (None, Some(number)) => (PhoneStage::Code, super::wording::masked_number(&number.end())),
        (None, None) => (PhoneStage::Number, String::new()),
    };
    EnrolPhone {
        stage,
        channel,
        both: [Method::Sms, Method::Voice].iter().all(|m| offered.contains(m)),
        number: typed.confirm.map(|n| n.e164).or(typed.number).unwrap_or_default(),
        formatted,
        digits: DIGITS,
        minutes: u32::try_from(CODE_LIFETIME.0 / 60).unwrap_or(1),
        nickname,
    }
}

fn codes(pending: &Pending) -> Vec<String> {
    let shown: Option<Value> = serde_json::from_str(&pending.shown).ok();
    let list = shown.as_ref().and_then(|v| v.get("codes")).and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|c| c.as_str().map(str::to_owned))
        .collect()
}

/// A file to keep: headers.
pub fn codes_file(_: &HttpRequest, _: &Web, _: &Pending) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/plain; charset=utf-8")
        .insert_header((
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"recovery-codes.txt\"",
        ))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    response
}

/// A file to keep: whose codes they are, and the codes.
pub fn codes_text(request: &HttpRequest, web: &Web, pending: &Pending) -> String {
    let d = Drawing {
        request,
        web,
        scene: &pending.scene,
        complaint: None,
    };
    let frame = d.frame(String::new());
    let mut args = FluentArgs::new();
    let account = pending.scene.user.as_ref().map(|u| u.username.clone());
    args.set("account", account.unwrap_or_default());
    args.set("workspace", frame.workspace.clone());
    let head = web
        .pages
        .text(frame.locale, "recovery-codes-file", &args)
        .unwrap_or_default();
    format!("{head}\n{}\n\n{}\n", web.op.issuer.url, codes(pending).join("\n"))
}
