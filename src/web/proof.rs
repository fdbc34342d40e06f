//! Proofs of possession as they travel: headers in, a nonce out (RFC 9449 §4.1, §8).

use actix_web::{HttpRequest, HttpResponseBuilder};

use super::certificate::certificate;
use super::site::Web;
use crate::journey::possession::renewal;
use crate::protocol::dpop::{HEADER, NONCE_HEADER, Shown};

/// What came with a request. Its address begins as the issuer does, whatever a proxy made of the host.
pub fn shown<'a>(request: &'a HttpRequest, web: &Web) -> Shown<'a> {
    let issuer = &web.op.issuer;
    let at = |base: &str| {
        let origin = base.strip_suffix(issuer.path.as_str()).unwrap_or(base);
        format!("{origin}{}", request.uri().path())
    };
    let headers = request.headers().get_all(HEADER);
    // One that cannot be read opens nothing that is bound to one.
    let certificate = certificate(request, web).ok().flatten();
    Shown {
        headers: headers.map(|v| v.to_str().unwrap_or("unreadable")).collect(),
        method: request.method().as_str(),
        url: at(&issuer.url),
        alias: web.op.mutual_tls.alias.as_deref().map(at),
        certificate: certificate.map(|shown| shown.thumbprint()),
    }
}

/// RFC 9449 §8.2: the next nonce comes with the answer.
pub fn renew(response: &mut HttpResponseBuilder, web: &Web, shown: &Shown<'_>) {
    if let Some(nonce) = renewal(&web.op, shown) {
        put(response, &nonce);
    }
}

pub fn put(response: &mut HttpResponseBuilder, nonce: &str) {
    response.insert_header((NONCE_HEADER, nonce));
}
