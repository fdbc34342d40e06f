//! `/device_authorization` and `/device` (RFC 8628 §3.1, §3.3).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::certificate::credentials;
use super::fault::{PageFault, TokenError, no_store};
use super::guest::{Form, Refusal, draw, draw_at, query, slip};
use super::pages::{Device, DeviceStage};
use super::site::Web;
use super::token::form;
use super::{authorize, browser, show};
use crate::journey::device::{self, Asking, Looked, REFUSED};
use crate::protocol::device::UserCode;
use crate::protocol::metadata::DEVICE;

pub async fn start(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> Result<HttpResponse, TokenError> {
    let params = form(&request, &body)?;
    let credentials = credentials(&request, &web, &params)?;
    let ip = browser::visitor(&request, &web).ip;
    let answer = device::start(&web.op, &credentials, &params, ip.as_deref()).await?;
    Ok(no_store(StatusCode::OK).json(answer))
}

/// GET: which code? A link may bring one along; it is looked up when a person says so.
pub async fn page(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    let brought = query(&request, "user_code").as_deref().and_then(UserCode::typed);
    let code = brought.map(|code| code.shown()).unwrap_or_default();
    draw(&request, &web, None, &Device::at(DeviceStage::Code, code))
}

/// POST: the code; then whether it is theirs.
pub async fn submit(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, &body) {
        Ok(form) => form,
        Err(fault) => return fault.response(&request, &web),
    };
    match form.action() {
        "allow" => allow(&request, &web, &form).await,
        "deny" => deny(&request, &web, &form).await,
        _ => look(&request, &web, &form).await,
    }
}

async fn look(request: &HttpRequest, web: &Web, form: &Form) -> HttpResponse {
    match device::look(&web.op, &form.visitor, form.text("user_code")).await {
        Ok(Looked::Asks(asking)) => draw(request, web, None, &confirmation(&asking)),
        Ok(other) => again(request, web, form, other),
        Err(e) => PageFault::from(e).response(request, web),
    }
}

async fn allow(request: &HttpRequest, web: &Web, form: &Form) -> HttpResponse {
    match device::confirm(&web.op, &form.visitor, form.text("user_code")).await {
        Ok(Ok(begun)) => authorize::respond(web, begun),
        Ok(Err(other)) => again(request, web, form, other),
        Err(e) => PageFault::from(e).response(request, web),
    }
}

async fn deny(request: &HttpRequest, web: &Web, form: &Form) -> HttpResponse {
    match device::deny(&web.op, &form.visitor, form.text("user_code")).await {
        Ok(None) => show::see_other(&format!("{}{REFUSED}", web.op.issuer.path)),
        Ok(Some(other)) => again(request, web, form, other),
        Err(e) => PageFault::from(e).response(request, web),
    }
}

/// The first page once more, with the reason.
fn again(request: &HttpRequest, web: &Web, form: &Form, why: Looked) -> HttpResponse {
    let refusal = match &why {
        Looked::Wait(complaint) => Refusal::from(complaint),
        Looked::Unknown | Looked::Asks(_) => slip(web, "device-code-unknown"),
    };
    let page = Device::at(DeviceStage::Code, form.text("user_code").chars().take(32).collect());
    let here = format!("{}{DEVICE}", web.op.issuer.path);
    draw_at(request, web, here, Some(refusal), &page)
}

fn confirmation(asking: &Asking) -> Device {
    let uri = asking.client.metadata.client_uri.as_deref();
    Device {
        partner: Some(asking.client.name.clone()),
        site: uri.and_then(|uri| Some(url::Url::parse(uri).ok()?.host_str()?.to_owned())),
        from: asking.origin.clone(),
        at: Some(asking.at.micros()),
        ..Device::at(DeviceStage::Confirm, asking.code.shown())
    }
}

/// GET: "you may return to your device".
pub async fn done(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    draw(&request, &web, None, &Device::at(DeviceStage::Done, String::new()))
}

/// GET: nothing was given to the device.
pub async fn refused(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    draw(&request, &web, None, &Device::at(DeviceStage::Refused, String::new()))
}
