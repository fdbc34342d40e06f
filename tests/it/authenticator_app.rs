//! The phone app as it is served: page, service worker, manifest, modules; at the root of a host and below a path.

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::browser::Browser;
use crate::harness::{Database, Files, Op};

struct Served {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Served {
    async fn at(op: &Op, address: &str) -> Self {
        let answer = op.http.get(address).send().await.unwrap();
        Self {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: answer.text().await.unwrap(),
        }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

/// The program, with an issuer that has this path.
async fn served_below(below: &'static str) -> Op {
    let mut files = Files::with_workspace(Database::Sqlite);
    files.below = below;
    Op::serve(files).await
}

/// The address of a path that stands in a page, a script or a manifest.
fn whole(op: &Op, path: &str) -> String {
    format!("http://{}{path}", op.issuer.split('/').nth(2).unwrap())
}

#[tokio::test]
async fn s4_the_app_can_be_installed_and_finds_its_files() {
    for below in ["", "/tenant"] {
        let op = served_below(below).await;
        let here = format!("{below}/authenticator");
        let manifest = Served::at(&op, &op.url("/authenticator/manifest.webmanifest")).await;
        assert_eq!(manifest.header("content-type"), "application/manifest+json");
        let manifest: Value = serde_json::from_str(&manifest.body).unwrap();
        for name in ["id", "start_url", "scope"] {
            assert_eq!(manifest[name], here.as_str(), "{name}");
        }
        assert_eq!(manifest["display"], "standalone");
        for icon in manifest["icons"].as_array().unwrap() {
            let file = Served::at(&op, &whole(&op, icon["src"].as_str().unwrap())).await;
            assert_eq!(
                (file.status, file.header("content-type")),
                (200, icon["type"].as_str().unwrap())
            );
        }
        let worker = Served::at(&op, &op.url("/authenticator/sw.js")).await;
        assert_eq!(worker.header("service-worker-allowed"), here);
        assert_eq!(worker.header("cache-control"), "no-cache");
        assert!(worker.header("content-type").starts_with("text/javascript"));
        let setting = worker
            .body
            .split("start(")
            .nth(1)
            .unwrap()
            .trim_end()
            .trim_end_matches(");");
        let setting: Value = serde_json::from_str(setting).unwrap();
        assert_eq!(setting["issuer"], op.issuer.as_str());
        let assets = setting["assets"].as_array().unwrap();
        assert!(assets.len() > 20, "{assets:?}");
        for asset in assets {
            let file = Served::at(&op, &whole(&op, asset.as_str().unwrap())).await;
            assert_eq!(file.status, 200, "{asset}");
            let kept = if asset.as_str().unwrap().contains("/icons/") {
                "no-cache"
            } else {
                "immutable"
            };
            assert!(file.header("cache-control").contains(kept), "{asset}");
        }
    }
}

#[tokio::test]
async fn the_app_has_a_camera_and_a_manifest_and_nothing_else_more_than_other_pages() {
    let op = served_below("/tenant").await;
    let mut browser = Browser::new(&op);
    let page = browser.get(&op.url("/authenticator")).await;
    assert_eq!((page.status, page.id().as_str()), (200, "authenticator"));
    let csp = page.header("content-security-policy");
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "manifest-src 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(csp.split(';').any(|r| r.trim() == rule), "{csp}");
    }
    assert!(!csp.contains("unsafe"), "{csp}");
    assert_eq!(
        page.header("permissions-policy"),
        "camera=(self), microphone=(), geolocation=()"
    );
    assert_eq!(page.header("cache-control"), "private, no-cache");
    assert!(
        page.html.contains("src=\"/tenant/static/authenticator/"),
        "{}",
        page.html
    );
    let other = browser.get(&op.url("/register-account")).await;
    assert!(!other.header("content-security-policy").contains("manifest-src"));
    assert!(other.header("permissions-policy").starts_with("camera=()"));
}
