//! For whoever runs it: alive, ready, counters.

use std::fmt::Write;
use std::sync::atomic::Ordering;

use actix_web::{HttpResponse, web};

use super::site::Web;

/// The process answers.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "no-store"))
        .content_type("text/plain")
        .body("ok\n")
}

/// The database answers too, and there is a key to sign with.
pub async fn readyz(web: web::Data<Web>) -> HttpResponse {
    let stored = match web.op.store.view().await {
        Ok(mut tx) => tx.generation().await.is_ok(),
        Err(_) => false,
    };
    if stored && !web.op.current().ring.algs().is_empty() {
        return healthz().await;
    }
    HttpResponse::ServiceUnavailable()
        .content_type("text/plain")
        .body("the database does not answer\n")
}

/// OpenMetrics text.
pub async fn metrics(web: web::Data<Web>) -> HttpResponse {
    let mut out = String::from("# TYPE countersign_http_responses_total counter\n");
    for (class, count) in (1..).zip(&web.metrics.responses) {
        let _ = writeln!(
            out,
            "countersign_http_responses_total{{class=\"{class}xx\"}} {}",
            count.load(Ordering::Relaxed)
        );
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(out)
}
