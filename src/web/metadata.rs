//! What relying parties read first: discovery and keys (OIDC Discovery §4, RFC 8414 §3, RFC 7517 §5).

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};

use super::assets::conditional;
use super::locale::Locale;
use super::site::Web;
use crate::keys::Alg;
use crate::protocol::metadata::{Offer, metadata};
use crate::protocol::resource_metadata::{PROTECTED_RESOURCE, ProtectedResource};
use crate::protocol::words::{ResponseType, SigningAlg};

/// Discovery changes only with a deployment or the keys.
const DISCOVERY_CACHE: &str = "public, max-age=300";
/// Shorter than a next key waits before it signs, so that nobody meets a key that they cannot have.
const JWKS_CACHE: &str = "public, max-age=300, stale-while-revalidate=60";

pub async fn discovery(web: web::Data<Web>) -> HttpResponse {
    readable_anywhere(HttpResponse::Ok(), DISCOVERY_CACHE).json(document(&web))
}

fn document(web: &Web) -> serde_json::Value {
    let current = web.op.current();
    let acr_values: Vec<String> = current
        .workspace
        .acrs
        .supported()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let algs: Vec<SigningAlg> = current.ring.algs().into_iter().filter_map(signing_alg).collect();
    let locales = Locale::ALL.map(|l| l.as_str().to_owned());
    let scopes: Vec<String> = current.workspace.scopes.keys().cloned().collect();
    let details_types: Vec<String> = current.workspace.details_types.keys().cloned().collect();
    metadata(&Offer {
        issuer: &web.op.issuer.url,
        acr_values: &acr_values,
        response_types: ResponseType::ALL,
        request_encryption_algs: &current.ring.encryption_algs(),
        id_token_algs: &algs,
        ui_locales: &locales,
        more_scopes: &scopes,
        details_types: &details_types,
        certificate_methods: web.op.mutual_tls.methods(),
        alias: web.op.mutual_tls.alias.as_deref(),
        registration: current.workspace.settings.registration.is_open(),
    })
}

/// What one of our own resources says of itself (RFC 9728 §3.2).
pub async fn protected_resource(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    let issuer = &web.op.issuer;
    let current = web.op.current();
    let algs: Vec<SigningAlg> = current.ring.algs().into_iter().filter_map(signing_alg).collect();
    let below = request.path().strip_prefix(PROTECTED_RESOURCE);
    let below = below.and_then(|path| path.strip_prefix(issuer.path.as_str()));
    match below.and_then(|path| ProtectedResource::of_ours(path, &issuer.url, &algs)) {
        Some(document) => readable_anywhere(HttpResponse::Ok(), DISCOVERY_CACHE)
            .json(document.named(&current.workspace.settings.name)),
        None => super::fault::not_found(request, web).await,
    }
}

pub async fn jwks(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    let current = web.op.current();
    let jwks = current.ring.jwks();
    let full = |mut ok: HttpResponseBuilder| {
        ok.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
            .content_type("application/jwk-set+json")
            .body(jwks.body.to_vec())
    };
    conditional(&request, &jwks.etag, full, (header::CACHE_CONTROL, JWKS_CACHE))
}

/// Whoever opens the issuer itself is shown nothing but the way out.
pub async fn home(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    super::fault::not_found(request, web).await
}

fn readable_anywhere(mut builder: HttpResponseBuilder, cache: &'static str) -> HttpResponseBuilder {
    builder
        .insert_header((header::CACHE_CONTROL, cache))
        // Public documents: relying parties in browsers read them too.
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    builder
}

const fn signing_alg(alg: Alg) -> Option<SigningAlg> {
    match alg {
        Alg::Es256 => Some(SigningAlg::Es256),
        Alg::Ps256 => Some(SigningAlg::Ps256),
        Alg::Rs256 => Some(SigningAlg::Rs256),
        Alg::EdDsa => Some(SigningAlg::EdDsa),
        Alg::Es384 => None,
    }
}
