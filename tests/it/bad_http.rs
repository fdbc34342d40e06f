//! Requests that no partner and no browser would send.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::Method;

use crate::browser::Browser;
use crate::harness::Op;
use crate::relying_party::BASIC;
use crate::workspace::BASIC_SECRET;

const PATHS: [&str; 18] = [
    "/authorize",
    "/token",
    "/par",
    "/userinfo",
    "/logout",
    "/jwks",
    "/.well-known/openid-configuration",
    "/sign-in/x",
    "/sign-in/x/choose",
    "/sign-in/x/verify/y",
    "/sign-in/x/consent",
    "/healthz",
    "/static/countersign.css",
    "/authenticator",
    "/authenticator/sw.js",
    "/authenticator/manifest.webmanifest",
    "/",
    "/nowhere",
];

#[tokio::test]
async fn no_method_on_any_path_is_a_server_error() {
    let op = Op::start().await;
    for path in PATHS {
        for method in [
            "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW",
        ] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let sent = op.http.request(method.clone(), op.url(path)).send().await.unwrap();
            assert!(sent.status().as_u16() < 500, "{method} {path}: {}", sent.status());
            if !matches!(method.as_str(), "GET" | "POST" | "HEAD" | "OPTIONS") {
                assert!(sent.status().is_client_error(), "{method} {path}: {}", sent.status());
            }
        }
    }
}

#[tokio::test]
async fn unknown_paths_are_404_with_a_page() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    for path in [
        "/nowhere",
        "/",
        "/sign-in",
        "/sign-in/",
        "/static/../Cargo.toml",
        "/static/%2e%2e/x",
        "/.env",
    ] {
        let page = browser.get(&op.url(path)).await;
        assert_eq!((page.status, page.id().as_str()), (404, "error"), "{path}");
        assert!(
            page.header("content-security-policy")
                .contains("frame-ancestors 'none'"),
            "{path}"
        );
    }
    for path in ["/static/none.css", "/static/%2e%2e/Cargo.toml", "/static/"] {
        assert_eq!(browser.get(&op.url(path)).await.status, 404, "{path}");
    }
    // Names are echoed nowhere.
    let page = browser.get(&op.url("/%3Cscript%3Ealert(1)%3C/script%3E")).await;
    assert!(!page.html.contains("<script>alert"));
}

#[tokio::test]
async fn huge_bodies_are_refused_before_they_are_read() {
    let op = Op::start().await;
    let huge = "x".repeat(1_000_000);
    for path in [
        "/authorize",
        "/token",
        "/par",
        "/userinfo",
        "/logout",
        "/sign-in/x",
        "/sign-in/x/choose",
        "/sandbox/clock",
    ] {
        let request = op
            .http
            .post(op.url(path))
            .header("content-type", "application/x-www-form-urlencoded");
        let request = request
            .basic_auth("basic", Some(BASIC_SECRET))
            .body(format!("a={huge}"));
        // The server may close before all was sent.
        if let Ok(sent) = request.send().await {
            let status = sent.status().as_u16();
            assert!(matches!(status, 400 | 404 | 413), "{path}: {status}");
        }
    }
    assert_eq!(op.http.get(op.url("/healthz")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn forms_that_no_page_made_are_refused() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&BASIC.ask()).await;
    let csrf = page.csrf();
    let good = format!("csrf={csrf}&username=pat&password=x");
    let cookies: Vec<String> = browser.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
    for (what, body) in [
        ("nothing", String::new()),
        ("bad UTF-8", format!("csrf={csrf}&username=%ff&password=x")),
        ("a bad escape", format!("csrf={csrf}&username=%4&password=x")),
        ("NUL", format!("csrf={csrf}&username=a%00b&password=x")),
        ("a doubled csrf", format!("{good}&csrf={csrf}")),
        ("too many fields", format!("{good}{}", "&a=1".repeat(200))),
        (
            "a huge name",
            format!("csrf={csrf}&password=x&username={}", "n".repeat(20_000)),
        ),
        ("JSON", r#"{"username":"pat"}"#.to_owned()),
    ] {
        let request = op.http.post(page.url.clone()).header("cookie", cookies.join("; "));
        let sent = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(sent.status(), 400, "{what}");
    }
    // Two passwords are none.
    for doubled in [
        format!("{good}&password={0}&password={0}", crate::workspace::PAT.password),
        format!("{good}&username=lee"),
    ] {
        let request = op.http.post(page.url.clone()).header("cookie", cookies.join("; "));
        let sent = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(doubled)
            .send()
            .await
            .unwrap();
        assert!(sent.status().as_u16() < 500);
        assert!(
            sent.headers().get_all("set-cookie").iter().next().is_none(),
            "somebody was signed in"
        );
    }
}

/// Text that is merely strange is a wrong password.
#[tokio::test]
async fn strange_text_in_a_form_signs_nobody_in() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&BASIC.ask()).await;
    for (username, password) in [
        ("pat", "é\u{202e}😀"),
        ("' OR 1=1 --", "x"),
        ("<script>alert(1)</script>", "x"),
        ("pat", " "),
    ] {
        let page = browser
            .submit(&page, &[("username", username), ("password", password)])
            .await;
        assert!(
            page.status == 200 && !page.left,
            "{username} {password}: {}",
            page.status
        );
        assert!(!page.html.contains("<script>alert"), "{username}");
    }
    let long = "p".repeat(5_000);
    let page = browser.submit(&page, &[("username", "pat"), ("password", &long)]).await;
    assert!(page.status < 500 && !page.left);
}

/// Bytes that are not HTTP, and connections that stop half-way.
#[tokio::test]
async fn broken_http_is_answered_or_closed_and_the_next_request_works() {
    let op = Op::start().await;
    for raw in [
        &b"\x00\x01\x02\x03\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET /authorize?client_id=\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /token HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /userinfo HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \xff\xfe\r\nConnection: close\r\n\r\n",
        b"GET /authorize HTTP/1.1\r\nHost: localhost\r\nCookie: countersign=\xff; =; ;;\r\nConnection: close\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(op.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(raw).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{raw:?}: {answer}"
        );
    }
    assert_eq!(op.http.get(op.url("/healthz")).send().await.unwrap().status(), 200);
}
