//! `/bc-authorize` (CIBA Core §7).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::browser;
use super::certificate::credentials;
use super::fault::{BackchannelError, no_store};
use super::site::Web;
use super::token::form;
use crate::journey::backchannel;

pub async fn start(
    request: HttpRequest,
    web: web::Data<Web>,
    body: web::Bytes,
) -> Result<HttpResponse, BackchannelError> {
    let params = form(&request, &body)?;
    let credentials = credentials(&request, &web, &params)?;
    let ip = browser::visitor(&request, &web).ip;
    let opened = backchannel::start(&web.op, &credentials, &params, ip.as_deref()).await?;
    Ok(no_store(StatusCode::OK).json(opened))
}
