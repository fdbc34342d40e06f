//! `/register-account`: a new account (`/register` is the registration of clients, RFC 7591).

use actix_web::{HttpRequest, HttpResponse, web};

use super::fault::{PageFault, not_found};
use super::guest::{self, Form, Refusal, draw, draw_at, slip};
use super::pages::{Register, RegisterStage};
use super::site::Web;
use super::{account, authorize, show};
use crate::factors::password::rules::LEAST_ALONE;
use crate::journey::account::mailed::{self, DIGITS, Tried};
use crate::journey::account::registration::{self, Applicant, Begun, Made, PATH};
use crate::journey::{Trouble, errands};
use crate::model::{Errand, LocalPath};

type Letter = web::Path<String>;
type Proved = web::Path<(String, String)>;

fn page_of(stage: RegisterStage) -> Register {
    Register {
        stage,
        given_name: String::new(),
        family_name: String::new(),
        email: String::new(),
        sign_in: String::new(),
        digits: DIGITS,
        shortest: LEAST_ALONE,
    }
}

/// GET: who are you?
pub async fn page(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    match registration::is_open(&web.op).await {
        Ok(true) => {}
        Ok(false) => return not_found(request, web).await,
        Err(e) => return PageFault::from(e).response(&request, &web),
    }
    let page = Register {
        sign_in: guest::query(&request, "sign_in").unwrap_or_default(),
        ..page_of(RegisterStage::Who)
    };
    draw(&request, &web, None, &page)
}

/// POST: a name and an address.
pub async fn begin(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, &body) {
        Ok(form) => form,
        Err(fault) => return fault.response(&request, &web),
    };
    match typed(&request, &web, &form) {
        Ok((address, who)) => {
            let begun = registration::begin(&web.op, &form.visitor, &address, who).await;
            sent(request, web, again(&form), begun.map(Some)).await
        }
        Err(key) => draw(&request, &web, Some(slip(&web, key)), &again(&form)),
    }
}

fn typed(request: &HttpRequest, web: &Web, form: &Form) -> Result<(String, Applicant), &'static str> {
    let language = guest::locale(request, web);
    let sign_in = Some(form.text("sign_in")).filter(|id| !id.is_empty());
    let (given, family) = (form.text("given_name"), form.text("family_name"));
    let who = Applicant::new(given, family, language.as_str(), sign_in).ok_or("name-unfit")?;
    let address = mailed::address(form.text("email")).ok_or("email-unfit")?;
    Ok((address, who))
}

/// The first page as it was filled in.
fn again(form: &Form) -> Register {
    Register {
        given_name: form.text("given_name").to_owned(),
        family_name: form.text("family_name").to_owned(),
        email: form.text("email").to_owned(),
        sign_in: form.text("sign_in").to_owned(),
        ..page_of(RegisterStage::Who)
    }
}

/// The same answer, whoever has the address.
async fn sent(
    request: HttpRequest,
    web: web::Data<Web>,
    shown: Register,
    begun: Result<Option<Begun>, Trouble>,
) -> HttpResponse {
    match begun {
        Ok(Some(Begun::Sent(letter))) => show::see_other(&format!("{}{PATH}/{letter}", web.op.issuer.path)),
        Ok(Some(Begun::Refused(complaint))) => draw(&request, &web, Some(Refusal::from(&complaint)), &shown),
        Ok(Some(Begun::Closed)) => not_found(request, web).await,
        Ok(None) => over(&request, &web),
        Err(e) => PageFault::from(e).response(&request, &web),
    }
}

/// The letter is worth nothing any more: the beginning, with the reason. Its form posts there.
fn over(request: &HttpRequest, web: &Web) -> HttpResponse {
    let beginning = format!("{}{PATH}", web.op.issuer.path);
    let page = page_of(RegisterStage::Who);
    draw_at(request, web, beginning, Some(slip(web, "letter-over")), &page)
}

/// GET: the code of the letter.
pub async fn code_page(request: HttpRequest, web: web::Data<Web>, letter: Letter) -> HttpResponse {
    match registration::find(&web.op, &letter, None).await {
        Ok(Some(mailed)) => draw(&request, &web, None, &code_of(mailed.address)),
        Ok(None) => over(&request, &web),
        Err(e) => PageFault::from(e).response(&request, &web),
    }
}

fn code_of(email: String) -> Register {
    Register {
        email,
        ..page_of(RegisterStage::Code)
    }
}

/// POST: the code, "send another letter", or the first page again where the letter was over.
pub async fn code(request: HttpRequest, web: web::Data<Web>, letter: Letter, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, &body) {
        Ok(form) => form,
        Err(fault) => return fault.response(&request, &web),
    };
    if form.action() == "resend" {
        let begun = registration::again(&web.op, &form.visitor, &letter).await;
        return sent(request, web, page_of(RegisterStage::Code), begun).await;
    }
    match registration::code(&web.op, &letter, &form.secret("code")).await {
        Ok(tried) => tried_code(&request, &web, &letter, tried).await,
        Err(e) => PageFault::from(e).response(&request, &web),
    }
}

async fn tried_code(request: &HttpRequest, web: &Web, letter: &str, tried: Tried<Applicant>) -> HttpResponse {
    match tried {
        Tried::Right(opened) => {
            let proof = opened.mailed.proof().expose();
            show::see_other(&format!("{}{PATH}/{letter}/{proof}", web.op.issuer.path))
        }
        Tried::Over(_) => over(request, web),
        Tried::Wrong(complaint) => match registration::find(&web.op, letter, None).await {
            Ok(Some(mailed)) => {
                let refusal = Refusal::from(&complaint);
                draw(request, web, Some(refusal), &code_of(mailed.address))
            }
            Ok(None) => over(request, web),
            Err(e) => PageFault::from(e).response(request, web),
        },
    }
}

/// GET: a password, once the address is proved.
pub async fn password_page(request: HttpRequest, web: web::Data<Web>, path: Proved) -> HttpResponse {
    let (letter, proof) = path.into_inner();
    password_again(&request, &web, (&letter, &proof), None).await
}

async fn password_again(
    request: &HttpRequest,
    web: &Web,
    (letter, proof): (&str, &str),
    refusal: Option<Refusal>,
) -> HttpResponse {
    match registration::find(&web.op, letter, Some(proof)).await {
        Ok(Some(mailed)) => {
            let page = Register {
                email: mailed.address,
                ..page_of(RegisterStage::Password)
            };
            draw(request, web, refusal, &page)
        }
        Ok(None) => over(request, web),
        Err(e) => PageFault::from(e).response(request, web),
    }
}

/// POST: the password; now the account exists.
pub async fn finish(request: HttpRequest, web: web::Data<Web>, path: Proved, body: web::Bytes) -> HttpResponse {
    let (letter, proof) = path.into_inner();
    let form = match Form::read(&request, &web, &body) {
        Ok(form) => form,
        Err(fault) => return fault.response(&request, &web),
    };
    let password = form.secret("password");
    match registration::finish(&web.op, &form.visitor, (&letter, &proof), &password).await {
        Ok(made) => finished(request, web, &form, (&letter, &proof), made).await,
        Err(e) => PageFault::from(e).response(&request, &web),
    }
}

async fn finished(
    request: HttpRequest,
    web: web::Data<Web>,
    form: &Form,
    proved: (&str, &str),
    made: Made,
) -> HttpResponse {
    match made {
        Made::Account { sign_in: Some(id), .. } => show::see_other(&format!("{}/sign-in/{id}", web.op.issuer.path)),
        Made::Account { name, sign_in: None } => to_account(&web, form, name).await,
        Made::Unfit(unfit) => {
            let refusal = guest::password_slip(&web, unfit);
            password_again(&request, &web, proved, Some(refusal)).await
        }
        Made::Over => over(&request, &web),
        Made::Closed => not_found(request, web).await,
    }
}

/// The person proves the password where everybody does.
async fn to_account(web: &Web, form: &Form, name: String) -> HttpResponse {
    let errand = Errand::Account { to: LocalPath::home() };
    match errands::begin_as(&web.op, &form.visitor, errand, &[], Some(name)).await {
        Ok(begun) => authorize::respond(web, begun),
        Err(_) => account::go(web, "/account"),
    }
}
