//! The files below `/static`, inside the binary: style sheet, script module, emblem and icons.
//! Pages name them with the hash of their content, so that browsers may keep them for ever.
//! The modules of the phone app import each other, so they share one hash, which is a folder of their addresses: a browser
//! never mixes those of two versions.

use std::borrow::Cow;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use rust_embed::RustEmbed;

use crate::base::encoding::{hex, sha256};

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// A year: the longest that caches are asked to keep (RFC 9111 §5.2.2.1); the address changes with the content.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// Without the hash in the address, browsers ask again and mostly get a 304.
const ASK_AGAIN: &str = "public, no-cache";
/// Hex digits of the content hash in an address.
const VERSION_DIGITS: usize = 16;
/// Where the modules of the phone app are.
const APP: &str = "authenticator/";

pub struct Asset {
    pub bytes: Cow<'static, [u8]>,
    pub content_type: &'static str,
    /// The beginning of the SHA-256 of the content.
    pub version: String,
}

pub fn find(path: &str) -> Option<Asset> {
    let file = Files::get(path)?;
    let mut version = hex(&file.metadata.sha256_hash());
    version.truncate(VERSION_DIGITS);
    Some(Asset {
        bytes: file.data,
        content_type: content_type(path),
        version,
    })
}

/// The address of an asset below `base` (the path of the issuer, without a slash at the end).
pub fn address(base: &str, path: &str) -> Option<String> {
    let version = find(path)?.version;
    if let Some(module) = app_module(path) {
        return Some(format!("{base}/static/{APP}{}/{module}", app_version()));
    }
    Some(format!("{base}/static/{path}?v={version}"))
}

/// `name.mjs` of a path that is a module of the phone app.
fn app_module(path: &str) -> Option<&str> {
    path.strip_prefix(APP).filter(|name| name.ends_with(".mjs"))
}

/// The modules of the phone app, in a fixed order.
pub fn app_modules() -> Vec<String> {
    let mut found: Vec<String> = all().filter(|path| app_module(path).is_some()).collect();
    found.sort();
    found
}

/// Every file below `static/`.
pub fn all() -> impl Iterator<Item = String> {
    Files::iter().map(Cow::into_owned)
}

/// One hash over all modules of the phone app. A file that is not there adds nothing.
pub fn app_version() -> String {
    let versions: String = app_modules()
        .iter()
        .map(|path| find(path).map(|asset| asset.version).unwrap_or_default())
        .collect();
    let mut version = hex(&sha256(versions.as_bytes()));
    version.truncate(VERSION_DIGITS);
    version
}

/// `authenticator/{version}/name.mjs` as the file that it is, and the version that was asked for.
fn split_app(path: &str) -> Option<(String, &str)> {
    let (version, module) = path.strip_prefix(APP)?.split_once('/')?;
    let file = format!("{APP}{module}");
    app_module(&file)?;
    Some((file, version))
}

/// `GET /static/{path:.*}`
pub async fn serve(request: HttpRequest) -> HttpResponse {
    let Some((asset, pinned)) = asked(&request) else {
        return HttpResponse::NotFound().finish();
    };
    let cache = (header::CACHE_CONTROL, if pinned { FOREVER } else { ASK_AGAIN });
    conditional(
        &request,
        &format!("\"{}\"", asset.version),
        |mut ok| {
            ok.insert_header((header::CONTENT_TYPE, asset.content_type))
                .body(asset.bytes.into_owned())
        },
        cache,
    )
}

/// The file of a request, and whether its address has the hash that the content has now.
fn asked(request: &HttpRequest) -> Option<(Asset, bool)> {
    let path = request.match_info().query("path");
    if let Some((file, version)) = split_app(path) {
        return Some((find(&file)?, version == app_version()));
    }
    let asset = find(path)?;
    let pinned = request.query_string() == format!("v={}", asset.version);
    Some((asset, pinned))
}

/// 304 where the caller has this very content already (RFC 9110 §13.1.2), else what `full` makes of a 200.
pub fn conditional(
    request: &HttpRequest,
    etag: &str,
    full: impl FnOnce(HttpResponseBuilder) -> HttpResponse,
    cache: (header::HeaderName, &'static str),
) -> HttpResponse {
    let kept = request.headers().get(header::IF_NONE_MATCH);
    let unchanged = kept.is_some_and(|tags| names(tags, etag));
    let mut response = if unchanged {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    // RFC 9110 §15.4.5: a 304 has the headers that the 200 would have had.
    response
        .insert_header(cache)
        .insert_header((header::ETAG, etag))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if unchanged { response.finish() } else { full(response) }
}

/// Weak comparison (RFC 9110 §13.1.2); proxies that compress make our tags weak.
fn names(tags: &HeaderValue, etag: &str) -> bool {
    let list = tags.to_str().unwrap_or_default();
    list.split(',')
        .map(|tag| tag.trim())
        .any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("mjs" | "js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{App, test, web};

    use super::*;

    async fn get(uri: &str, tag: Option<&str>) -> (u16, String, String) {
        let app = test::init_service(App::new().route("/static/{path:.*}", web::get().to(serve))).await;
        let mut request = test::TestRequest::get().uri(uri);
        if let Some(tag) = tag {
            request = request.insert_header((header::IF_NONE_MATCH, tag));
        }
        let answer = test::call_service(&app, request.to_request()).await;
        let of = |name| {
            let value = answer.headers().get(name);
            value
                .map(|v: &HeaderValue| v.to_str().unwrap().to_owned())
                .unwrap_or_default()
        };
        (
            answer.status().as_u16(),
            of(header::CACHE_CONTROL),
            of(header::CONTENT_TYPE),
        )
    }

    #[actix_web::test]
    async fn an_address_with_the_hash_is_kept_for_ever() {
        let address = address("", "countersign.css").unwrap();
        let (status, cache, kind) = get(&address, None).await;
        assert_eq!((status, cache.as_str()), (200, FOREVER));
        assert_eq!(kind, "text/css; charset=utf-8");
        // An old page asks for an old hash: what it gets must not be kept under that name.
        let (status, cache, _) = get("/static/countersign.css?v=0000", None).await;
        assert_eq!((status, cache.as_str()), (200, ASK_AGAIN));
    }

    #[actix_web::test]
    async fn a_known_tag_answers_not_modified_and_an_unknown_file_not_found() {
        let tag = format!("W/\"{}\"", find("form.mjs").unwrap().version);
        assert_eq!(get("/static/form.mjs", Some(&tag)).await.0, 304);
        assert_eq!(get("/static/form.mjs", Some("\"other\"")).await.0, 200);
        assert_eq!(get("/static/../Cargo.toml", None).await.0, 404);
        assert_eq!(get("/static/%2e%2e/Cargo.toml", None).await.0, 404);
    }

    #[actix_web::test]
    async fn the_modules_of_the_app_share_one_hash() {
        let address = address("", "authenticator/app.mjs").unwrap();
        assert_eq!(address, format!("/static/authenticator/{}/app.mjs", app_version()));
        let (status, cache, kind) = get(&address, None).await;
        assert_eq!((status, cache.as_str()), (200, FOREVER));
        assert_eq!(kind, "text/javascript; charset=utf-8");
        let (status, cache, _) = get("/static/authenticator/0000/app.mjs", None).await;
        assert_eq!((status, cache.as_str()), (200, ASK_AGAIN));
        assert_eq!(get("/static/authenticator/0000/../app.css", None).await.0, 404);
    }

    #[::core::prelude::v1::test]
    fn every_icon_that_the_style_sheet_names_is_there() {
        let sheet = find("countersign.css").unwrap();
        let text = String::from_utf8(sheet.bytes.into_owned()).unwrap();
        let mut seen = 0;
        for piece in text.split("url(\"").skip(1) {
            let path = piece.split('"').next().unwrap();
            assert!(find(path).is_some(), "{path}");
            seen += 1;
        }
        assert!(seen > 8);
    }
}
