//! The certificate of whoever calls (RFC 8705): of the connection itself, or handed on by one of our proxies (RFC 9440).

use std::any::Any;
use std::net::SocketAddr;

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::{Extensions, ServiceRequest};
use actix_web::http::header::HeaderName;
use actix_web::rt::net::TcpStream;
use actix_web::{HttpRequest, web};

use super::account::api;
use super::site::Web;
use super::token::authorization;
use crate::protocol::certificate::ClientCertificate;
use crate::protocol::client_auth::ClientCredentials;
use crate::protocol::errors::OAuthError;
use crate::protocol::metadata::ALIASED;
use crate::protocol::params::Params;

/// For `HttpServer::on_connect`: keeps what the handshake has shown. That the key is held, it has proved.
pub fn keep(connection: &dyn Any, kept: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<TlsStream<TcpStream>>() else {
        return;
    };
    let (_, tls) = stream.get_ref();
    let chain = tls.peer_certificates().unwrap_or_default();
    if let Some(certificate) = ClientCertificate::of_chain(chain.iter().map(|der| der.to_vec())) {
        kept.insert(certificate);
    }
}

/// How the client of this request shows who it is.
pub fn credentials(request: &HttpRequest, web: &Web, params: &Params) -> Result<ClientCredentials, OAuthError> {
    match ClientCredentials::extract(&authorization(request), params)? {
        name @ ClientCredentials::None { .. } => Ok(name.beside(certificate(request, web)?)),
        // One that cannot be read is no trouble to who needs none.
        brought => Ok(brought),
    }
}

/// What is shown beside the request; `None`: nothing.
pub fn certificate(request: &HttpRequest, web: &Web) -> Result<Option<ClientCertificate>, OAuthError> {
    let peer = request.peer_addr().map(|address| address.ip());
    match &web.certificate_header {
        // Behind a proxy the connection is the proxy's, and so is its certificate.
        Some(header) if web.is_proxy(peer) => {
            let chain = format!("{header}-chain");
            ClientCertificate::from_headers(&all(request, header.as_str()), &all(request, &chain))
        }
        // Whoever else writes that header says nothing with it.
        _ => Ok(request.conn_data::<ClientCertificate>().cloned()),
    }
}

fn all<'a>(request: &'a HttpRequest, header: &str) -> Vec<&'a str> {
    let Ok(name) = HeaderName::try_from(header) else {
        return Vec::new();
    };
    let lines = request.headers().get_all(name);
    lines.map(|line| line.to_str().unwrap_or("unreadable")).collect()
}

/// Nothing but what clients call is served where certificates are asked for: browsers would ask people for theirs.
pub fn is_astray(request: &ServiceRequest, mutual: Option<SocketAddr>) -> bool {
    if mutual != Some(request.app_config().local_addr()) {
        return false;
    }
    let web = request.app_data::<web::Data<Web>>();
    let below = web.and_then(|web| request.path().strip_prefix(web.op.issuer.path.as_str()));
    let theirs = |path: &str| path.starts_with(api::BELOW) || ALIASED.iter().any(|(_, aliased)| *aliased == path);
    !below.is_some_and(theirs)
}
