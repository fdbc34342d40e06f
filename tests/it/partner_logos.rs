//! Logos and links of partners on our pages: shown, and no way to watch or trick the people there.

use serde_json::json;

use crate::browser::Browser;
use crate::newcomer::{register, rules, with};
use crate::partner_site::Site;
use crate::workspace::PAT;

const GIF: &str = "GIF89a\u{1}\u{0}\u{1}\u{0}";

#[tokio::test]
async fn a_logo_comes_from_our_own_address_and_is_fetched_once() {
    let site = Site::start().await;
    site.publish(GIF);
    let op = site.provider(&rules("open", "")).await;
    let looks = json!({"logo_uri": site.url("/logo"), "policy_uri": "https://newcomer.example/privacy",
                       "tos_uri": "https://newcomer.example/terms"});
    let newcomer = register(&op, &with(&looks)).await;
    let mut browser = Browser::new(&op);
    let first = browser.open(&newcomer.rp().ask()).await;
    let consent = browser.walk_to(&first, &PAT, "consent").await;
    for page in [&first, &consent] {
        let policy = page.header("content-security-policy");
        assert!(policy.contains("img-src 'self' data:;"), "{policy}");
        assert!(
            !page.html.contains(&site.url("/logo")),
            "the browser is told where it really is"
        );
        assert!(
            !page.link_to("https://newcomer.example/privacy").is_empty(),
            "{}",
            page.text()
        );
        assert!(
            !page.link_to("https://newcomer.example/terms").is_empty(),
            "{}",
            page.text()
        );
        let logo = op.http.get(op.url(&page.image(".partner-logo"))).send().await.unwrap();
        assert_eq!(logo.status().as_u16(), 200);
        let header = |name: &str| logo.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "image/gif");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(logo.bytes().await.unwrap(), GIF.as_bytes());
    }
    assert_eq!(site.asked(), ["/logo"]);
    let other = format!("/partner-logo?client={}&v=another", newcomer.id());
    for wrong in [
        other.as_str(),
        "/partner-logo",
        "/partner-logo?client=basic&v=x",
        "/partner-logo?v=1&v=2",
    ] {
        assert_eq!(
            op.http.get(op.url(wrong)).send().await.unwrap().status().as_u16(),
            404,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn what_is_no_picture_is_not_passed_on() {
    let site = Site::start().await;
    let op = site.provider(&rules("open", "")).await;
    let long = format!("GIF89a{}", "x".repeat(70 * 1024));
    for (path, document) in [
        (
            "/svg",
            "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
        ),
        ("/html", "<!doctype html><script>alert(1)</script>"),
        ("/gone", GIF),
        ("/long", &long),
        ("/empty", ""),
    ] {
        site.publish(document);
        let newcomer = register(&op, &with(&json!({"logo_uri": site.url(path)}))).await;
        let page = Browser::new(&op).open(&newcomer.rp().ask()).await;
        let image = op.url(&page.image(".partner-logo"));
        // Asked for twice, its site is asked once: nobody makes us knock there again and again.
        for _ in 0..2 {
            assert_eq!(
                op.http.get(&image).send().await.unwrap().status().as_u16(),
                404,
                "{path}"
            );
        }
    }
    assert_eq!(site.asked(), ["/svg", "/html", "/gone", "/long", "/empty"]);
}
