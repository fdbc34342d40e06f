//! Hand-over with partners: the link to "Sign in & Security" and back, what partners learn of devices, and the one
//! that they start with.

use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::relying_party::{BASIC, EPCS, POST, Reply, Tokens, userinfo};
use crate::security::{add_totp, open, remove};
use crate::workspace::{HOME, LEE, OFFICE, PAT, RIVERA};

const CLAIM: &str = "urn:countersign:authenticators";

/// The partners of the tests, with the scope.
const MORE: &str = r#"
[[clients]]
client_id = "basic"
client_name = "Basic Partner"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://rp.example/cb"]
post_logout_redirect_uris = ["https://rp.example/out"]
client_uri = "https://rp.example"
grant_types = ["authorization_code", "refresh_token"]
scope = "openid profile offline_access evidence authenticators"
consent = "implicit"

[[clients]]
client_id = "asking"
client_name = "Asking Partner"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://asking.example/cb"]
scope = "openid profile authenticators"
"#;

async fn start() -> Op {
    Op::with(Database::Sqlite, MORE).await
}

async fn tokens(op: &Op, scope: &str) -> Tokens {
    Browser::new(op).tokens(&BASIC.ask().scope(scope), &RIVERA).await
}

async fn api(op: &Op, method: Method, path: &str, token: Option<&str>) -> Reply {
    let request = op
        .http
        .request(method, op.url(&format!("/account/api/v1/authenticators{path}")));
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    Reply::of(op, request.send().await.unwrap()).await
}

fn names(list: &Value) -> Vec<&str> {
    let all = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    all.iter().map(|a| a["name"].as_str().unwrap()).collect()
}

fn primary(list: &Value) -> Vec<&str> {
    let all = list.as_array().unwrap().iter();
    all.filter(|a| a["primary"] == true)
        .map(|a| a["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn s74_a_partners_link_leads_there_and_back() {
    let op = start().await;
    for to in [
        "https://rp.example/cb",
        "https://rp.example/out",
        "https://rp.example/devices?tab=2&x=%C3%A9",
    ] {
        // Through the whole sign-in, the address encoded or as it is.
        let encoded: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
        let plain = to.split('&').next().unwrap();
        for (query, to) in [(encoded.as_str(), to), (plain, plain)] {
            let mut browser = Browser::new(&op);
            let url = op.url(&format!("/account/security?client_id=basic&return_to={query}"));
            let page = browser.get(&url).await;
            let page = browser.walk(page, &LEE).await;
            assert_eq!(page.id(), "account-security", "{}", page.url);
            assert_eq!(page.text_of(".way-back"), "Return to Basic Partner");
            assert_eq!(page.link(".way-back"), to);
            // And through a form of the page, and a page below.
            let page = browser.press(&page, "preferred", "totp").await;
            assert_eq!(page.link(".way-back"), to, "{}", page.url);
            let below = browser.get(&op.url(&page.link("a[href*='/rename']"))).await;
            let page = browser.submit(&below, &[("nickname", "Renamed")]).await;
            assert_eq!(
                (page.id().as_str(), page.link(".way-back").as_str()),
                ("account-security", to)
            );
        }
    }
}

#[tokio::test]
async fn s74_no_link_leads_anywhere_else() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    open(&mut browser, &LEE).await;
    for (client, to) in [
        ("basic", "https://evil.example/"),
        ("basic", "//evil.example"),
        ("basic", "https://rp.example@evil.example/"),
        ("basic", "https://rp.example.evil.example/"),
        ("basic", "http://rp.example/cb"),
        ("basic", "https://rp.example:444/"),
        ("basic", "javascript:alert(1)"),
        ("basic", "https://rp.example\\@evil.example"),
        ("asking", "https://rp.example/cb"),
        ("nobody", "https://rp.example/cb"),
        ("", "https://rp.example/cb"),
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", client)
            .append_pair("return_to", to)
            .finish();
        let page = browser.get(&op.url(&format!("/account/security?{query}"))).await;
        assert_eq!((page.status, page.id().as_str()), (200, "account-security"), "{to}");
        assert!(page.link(".way-back").is_empty(), "{client} {to}");
        assert!(
            !page.html.contains("href=\"https://evil") && !page.html.contains("href=\"//"),
            "{to}"
        );
    }
    // Given twice it is nobody's.
    let twice = "client_id=basic&return_to=https%3A%2F%2Frp.example%2Fcb&return_to=https%3A%2F%2Fevil.example";
    let page = browser.get(&op.url(&format!("/account/security?{twice}"))).await;
    assert!(page.link(".way-back").is_empty());
}

#[tokio::test]
async fn s73_s95_partners_learn_what_is_set_up_and_no_secrets() {
    let op = start().await;
    let granted = tokens(&op, "openid authenticators").await;
    let info = userinfo(&op, granted.access_token()).await.json;
    let list = &info[CLAIM];
    assert_eq!(names(list), ["Office iPhone", "Home tablet", "Mobile", "Mobile (call)"]);
    assert_eq!(primary(list), ["Office iPhone"]);
    for one in list.as_array().unwrap() {
        let keys: Vec<&str> = one.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            ["added", "id", "identity_confirmed", "kind", "name", "primary"],
            "{one}"
        );
        assert_eq!(one["identity_confirmed"], false);
    }
    assert!(!info.to_string().contains("password") && !info.to_string().contains("5550801"));
    assert!(granted.id.get(CLAIM).is_none(), "only where an access token is shown");
    op.files.run_ok(&["user", "confirm-identity", "rivera"]);
    let by_api = api(&op, Method::GET, "", Some(granted.access_token())).await;
    assert_eq!(
        (by_api.status, &by_api.headers["cache-control"]),
        (200, &"no-store".parse().unwrap())
    );
    let list = &by_api.json["authenticators"];
    assert_eq!(list[0]["identity_confirmed"], true, "{list}");
    // S95: what she adds is there without another sign-in at the partner; what she removes is not.
    let mut browser = Browser::new(&op);
    let page = open(&mut browser, &RIVERA).await;
    add_totp(&mut browser, &page, &RIVERA, "Ward tablet").await;
    remove(&mut browser, &RIVERA, HOME.nickname).await;
    let list = userinfo(&op, granted.access_token()).await.json[CLAIM].clone();
    assert_eq!(
        names(&list),
        ["Office iPhone", "Mobile", "Mobile (call)", "Ward tablet"]
    );
}

#[tokio::test]
async fn s73_only_with_the_scope_and_consent() {
    let op = start().await;
    let discovery = op
        .http
        .get(op.url("/.well-known/openid-configuration"))
        .send()
        .await
        .unwrap();
    let discovery: Value = discovery.json().await.unwrap();
    let supports = |member: &str, value: &str| discovery[member].as_array().unwrap().contains(&json!(value));
    assert!(supports("scopes_supported", "authenticators") && supports("claims_supported", CLAIM));
    let plain = tokens(&op, "openid profile").await;
    assert!(userinfo(&op, plain.access_token()).await.json.get(CLAIM).is_none());
    // Asked for by name it is consented to like the scope (OIDC Core §5.5).
    let by_name = BASIC
        .ask()
        .scope("openid profile")
        .set("claims", &json!({"userinfo": {CLAIM: null}}).to_string());
    let by_name = Browser::new(&op).tokens(&by_name, &RIVERA).await;
    assert_eq!(
        userinfo(&op, by_name.access_token()).await.json[CLAIM]
            .as_array()
            .unwrap()
            .len(),
        4
    );
    let ask = crate::relying_party::ASKING.ask().scope("openid authenticators");
    let page = Browser::new(&op).open(&ask).await;
    let page = Browser::new(&op).get(page.url.as_str()).await;
    assert_eq!(page.status, 400, "another browser's sign-in");
    let mut browser = Browser::new(&op);
    let page = browser.open(&ask).await;
    let page = browser.walk_to(&page, &PAT, "consent").await;
    assert!(page.text().contains("See your sign-in methods"), "{}", page.text());
    // A partner whose registration does not name the scope gets it neither way.
    let by_name = POST
        .ask()
        .scope("openid profile")
        .set("claims", &json!({"userinfo": {CLAIM: null}}).to_string());
    let by_name = Browser::new(&op).tokens(&by_name, &RIVERA).await;
    assert!(userinfo(&op, by_name.access_token()).await.json.get(CLAIM).is_none());
    // A scope that the registration does not name is left out (RFC 6749 §3.3).
    let granted = POST.ask().scope("openid authenticators");
    let granted = Browser::new(&op).tokens(&granted, &RIVERA).await;
    assert_eq!(granted.access["scope"], "openid");
    assert!(userinfo(&op, granted.access_token()).await.json.get(CLAIM).is_none());
}

#[tokio::test]
async fn s76_s77_s90_a_partner_starts_with_the_device_of_its_choice() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::with(database, MORE).await;
        let granted = tokens(&op, "openid authenticators").await;
        let tablet = op.authenticator("rivera", HOME.nickname);
        let set = api(
            &op,
            Method::PUT,
            &format!("/{tablet}/primary"),
            Some(granted.access_token()),
        )
        .await;
        assert_eq!(set.status, 204, "{}", set.json);
        let again = api(
            &op,
            Method::PUT,
            &format!("/{tablet}/primary"),
            Some(granted.access_token()),
        )
        .await;
        assert_eq!(again.status, 204);
        let changed = op.audit("authenticator.primary_changed").await;
        assert_eq!(
            (changed.len(), &changed[0]["client"], &changed[0]["actor"]),
            (1, &"basic".into(), &"client".into())
        );
        let list = api(&op, Method::GET, "", Some(granted.access_token())).await.json;
        assert_eq!(primary(&list["authenticators"]), ["Home tablet"]);
        // At this partner it stands first, at another one the person's own does.
        for (rp, first) in [(&BASIC, HOME), (&EPCS, OFFICE)] {
            let mut browser = Browser::new(&op);
            let page = browser.open(&rp.ask().acr("urn:countersign:acr:mfa")).await;
            let page = browser.walk_to(&page, &RIVERA, "choose-authenticator").await;
            let id = op.authenticator("rivera", first.nickname);
            assert_eq!(page.buttons("authenticator")[0], id, "{}", rp.id);
            assert!(
                page.text_of("button[name='authenticator']").contains("Primary"),
                "{}",
                rp.id
            );
            assert_eq!(page.text().matches("Primary").count(), 1, "{}", rp.id);
        }
        assert!(
            op.files.run_ok(&["user", "show", "rivera"]).contains("Office iPhone"),
            "the account's own stays"
        );
    }
}

#[tokio::test]
async fn the_api_takes_nothing_but_a_right_token() {
    let op = start().await;
    let granted = tokens(&op, "openid authenticators").await;
    let foreign = op.authenticator("lee", "Lee's phone");
    let tablet = op.authenticator("rivera", HOME.nickname);
    let plain = tokens(&op, "openid profile").await;
    for (method, path) in [
        (Method::GET, String::new()),
        (Method::PUT, format!("/{tablet}/primary")),
    ] {
        let none = api(&op, method.clone(), &path, None).await;
        assert_eq!(none.status, 401);
        let asks = none.headers["www-authenticate"].to_str().unwrap();
        assert!(
            asks.starts_with("Bearer") && !asks.contains("error"),
            "RFC 6750 §3.1: {asks}"
        );
        api(&op, method.clone(), &path, Some("nonsense"))
            .await
            .refused(401, "invalid_token");
        let weak = api(&op, method, &path, Some(plain.access_token())).await;
        weak.refused(403, "insufficient_scope");
    }
    for id in [foreign.as_str(), "nobody", "%00"] {
        let none = api(
            &op,
            Method::PUT,
            &format!("/{id}/primary"),
            Some(granted.access_token()),
        )
        .await;
        assert_eq!(none.status, 404, "{id}: {}", none.json);
    }
    // A browser's cookies are no token.
    let mut browser = Browser::new(&op);
    open(&mut browser, &RIVERA).await;
    assert_eq!(browser.get(&op.url("/account/api/v1/authenticators")).await.status, 401);
    op.files.run_ok(&["user", "suspend", "rivera"]);
    api(&op, Method::GET, "", Some(granted.access_token()))
        .await
        .refused(401, "invalid_token");
}
