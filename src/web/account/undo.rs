//! `/account/undo/{token}`: "This was not me". Whoever has the letter needs no sign-in; opening the link changes nothing,
//! for programs open links, too.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::base::{Entropy, SystemEntropy};
use crate::journey::account::undo::{self, Undoable, Undone};
use crate::protocol::params::Params;
use crate::web::fault::{PageFault, stale_form};
use crate::web::page::Frame;
use crate::web::pages::{AccountUndo, Trouble as Words, UndoState};
use crate::web::site::Web;
use crate::web::{browser, show};

/// What the anti-forgery value is about; it is bound to the link.
const FORM: &str = "undo";

type Token = web::Path<String>;

/// GET: what the button would do.
pub async fn page(request: HttpRequest, web: web::Data<Web>, token: Token) -> HttpResponse {
    match undo::look(&web.op, &token).await {
        Ok(Some(undoable)) => {
            let page = asked(&undoable, UndoState::Ask);
            show::page(&web, StatusCode::OK, &frame(&request, &web, &token), None, &page)
        }
        Ok(None) => gone(&request, &web, &token),
        Err(e) => PageFault::from(e).response(&request, &web),
    }
}

/// POST: the button.
pub async fn submit(request: HttpRequest, web: web::Data<Web>, token: Token, body: web::Bytes) -> HttpResponse {
    let params = Params::parse(&body).unwrap_or_default();
    let given = params.single("csrf").ok().flatten();
    if !browser::csrf_fits(&web.op, Some(&token), FORM, given) {
        return stale_form().response(&request, &web);
    }
    let visitor = browser::visitor(&request, &web);
    match undo::undo(&web.op, &token, &visitor).await {
        Ok(Some(undone)) => done(&request, &web, &token, &undone),
        Ok(None) => gone(&request, &web, &token),
        Err(e) => PageFault::from(e).response(&request, &web),
    }
}

fn frame(request: &HttpRequest, web: &Web, token: &str) -> Frame {
    let chosen = Params::parse(request.query_string().as_bytes()).unwrap_or_default();
    let chosen = chosen.single("ui_locales").ok().flatten().map(str::to_owned);
    let locale = browser::locale(request, &web.op, chosen.as_deref(), &[]);
    let mut frame = show::frame(web, locale, request.path().to_owned());
    frame.csrf = browser::csrf(&web.op, Some(token), FORM);
    frame
}

fn asked(undoable: &Undoable, state: UndoState) -> AccountUndo {
    let named = undoable.authenticator.as_ref();
    AccountUndo {
        state,
        method: named.map(|a| a.method),
        nickname: named.map(|a| a.label().to_owned()),
        email: undoable.what.email.is_some(),
        reference: None,
    }
}

fn done(request: &HttpRequest, web: &Web, token: &str, undone: &Undone) -> HttpResponse {
    let page = AccountUndo {
        email: undone.email_restored,
        reference: Some(undone.reference.to_string()),
        ..asked(&undone.done, UndoState::Done)
    };
    let mut response = show::page(web, StatusCode::OK, &frame(request, web, token), None, &page);
    browser::sign_out(&web.op, &mut response);
    response
}

/// The same for unknown, expired and used.
fn gone(request: &HttpRequest, web: &Web, token: &str) -> HttpResponse {
    let mut frame = frame(request, web, token);
    frame.trouble = Some(Words::link_gone());
    frame.reference = Some(SystemEntropy.id());
    show::page(web, StatusCode::NOT_FOUND, &frame, None, &AccountUndo::gone())
}
