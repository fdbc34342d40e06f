//! The device grant (RFC 8628): a television shows a code, and somebody types it on their computer.

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::races::DATABASES;
use crate::relying_party::{AAL2, Auth, Reply, Rp, Tokens, basic, rp_of};
use crate::workspace::{LEE, PAT};

pub const PARTNERS: &str = r#"
[[policies]]
name = "nothing-set-up-here"
allow_enrolment = false

[[clients]]
client_id = "television"
client_name = "Television <b>"
client_uri = "https://tv.example/about"
token_endpoint_auth_method = "none"
grant_types = ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"]
scope = "openid profile offline_access evidence"
consent = "implicit"

[[clients]]
client_id = "printer"
client_name = "Printer"
policies = ["nothing-set-up-here"]
client_secret = "secret-of-the-basic-client-0123456789"
grant_types = ["urn:ietf:params:oauth:grant-type:device_code"]
scope = "openid profile"

[[clients]]
client_id = "signing-pad"
client_secret = "secret-of-the-basic-client-0123456789"
grant_types = ["urn:ietf:params:oauth:grant-type:device_code"]
policies = ["epcs"]
"#;

pub const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub static TELEVISION: Rp = rp_of("television", "", Auth::Public);
pub static PRINTER: Rp = basic("printer", "");
pub static SIGNING_PAD: Rp = basic("signing-pad", "");

pub async fn provider(database: Database) -> Op {
    Op::with(database, PARTNERS).await
}

/// A device that shows a code.
pub struct Shown {
    pub rp: &'static Rp,
    pub json: serde_json::Value,
}

impl Shown {
    pub fn code(&self) -> &str {
        self.json["user_code"].as_str().unwrap()
    }

    pub fn secret(&self) -> &str {
        self.json["device_code"].as_str().unwrap()
    }

    pub async fn poll(&self, op: &Op) -> Reply {
        let fields = [("grant_type", DEVICE_CODE), ("device_code", self.secret())];
        self.rp.token(op, &fields).await
    }
}

impl Rp {
    pub async fn shows_a_code(&'static self, op: &Op, fields: &[(&str, &str)]) -> Shown {
        let reply = self.call(op, "/device_authorization", fields).await;
        assert_eq!(reply.status, 200, "{}", reply.json);
        assert_eq!(reply.headers["cache-control"], "no-store");
        let shown = Shown {
            rp: self,
            json: reply.json,
        };
        op.secret("a device_code", shown.secret());
        op.secret("a user_code", shown.code());
        shown
    }
}

/// The page that asks whether it is theirs.
pub async fn typed(browser: &mut Browser, code: &str) -> Page {
    let page = browser.get(&browser.op.url("/device")).await;
    assert_eq!(page.id(), "device");
    browser
        .submit(&page, &[("user_code", code), ("action", "continue")])
        .await
}

/// On that page.
pub fn asks(page: &Page) -> bool {
    page.id() == "device" && page.buttons("action") == ["allow", "deny"]
}

#[tokio::test]
async fn somebody_types_the_code_of_a_device_and_the_device_gets_tokens() {
    for database in DATABASES {
        let op = provider(database).await;
        let shown = TELEVISION
            .shows_a_code(&op, &[("scope", "openid profile offline_access unknown")])
            .await;
        assert_eq!(
            (&shown.json["interval"], &shown.json["expires_in"]),
            (&5.into(), &900.into())
        );
        assert_eq!(shown.json["verification_uri"], op.url("/device").as_str());
        shown.poll(&op).await.refused(400, "authorization_pending");
        let mut browser = Browser::new(&op);
        let page = typed(&mut browser, &shown.code().to_lowercase().replace('-', " ")).await;
        assert!(asks(&page), "{}", page.text());
        let text = page.text();
        for told in ["Television <b>", shown.code(), "tv.example", "127.0.0.1"] {
            assert!(text.contains(told), "{told}: {text}");
        }
        op.advance(6).await;
        shown.poll(&op).await.refused(400, "authorization_pending");
        let page = browser.press(&page, "action", "allow").await;
        assert_eq!(page.id(), "sign-in", "{}", page.text());
        let page = browser.walk(page, &LEE).await;
        assert_eq!(
            (page.id().as_str(), page.url.path()),
            ("device", "/device/done"),
            "{}",
            page.text()
        );
        let tokens = Tokens::of(&op, &TELEVISION, shown.poll(&op).await).await;
        assert_eq!(tokens.json["scope"], "offline_access openid profile");
        assert!(tokens.id["sid"].is_string() && tokens.id.get("nonce").is_none());
        let renewed = Tokens::of(&op, &TELEVISION, TELEVISION.refresh(&op, tokens.refresh_token()).await).await;
        assert_eq!(renewed.id["auth_time"], tokens.id["auth_time"]);
        // Neither of the two codes is good for anything now.
        shown.poll(&op).await.refused(400, "invalid_grant");
        let page = typed(&mut browser, shown.code()).await;
        assert!(!asks(&page) && page.error() == "invalid_request", "{}", page.text());
    }
}

#[tokio::test]
async fn a_link_fills_the_code_in_and_decides_nothing() {
    let op = provider(Database::Sqlite).await;
    let shown = PRINTER.shows_a_code(&op, &[("scope", "openid")]).await;
    let mut browser = Browser::new(&op);
    browser.languages = "es";
    let link = shown.json["verification_uri_complete"].as_str().unwrap();
    let page = browser.get(link).await;
    assert_eq!(
        (page.language().as_str(), page.input("user_code", "value").as_str()),
        ("es", shown.code())
    );
    assert!(
        !page.text().contains("Printer"),
        "nothing is looked up by opening a link"
    );
    let page = browser.press(&page, "action", "continue").await;
    assert!(
        asks(&page) && page.text().contains("¿Es este su dispositivo?"),
        "{}",
        page.text()
    );
    // Consent is asked as everywhere else.
    let page = browser.press(&page, "action", "allow").await;
    let page = browser.step(&page, &PAT).await;
    let page = browser.walk_to(&page, &PAT, "consent").await;
    let page = browser.press(&page, "action", "allow").await;
    assert_eq!(page.url.path(), "/device/done", "{}", page.text());
    Tokens::of(&op, &PRINTER, shown.poll(&op).await).await;
}

#[tokio::test]
async fn who_is_signed_in_only_confirms() {
    let op = provider(Database::Sqlite).await;
    let mut browser = Browser::new(&op);
    browser.tokens(&crate::relying_party::BASIC.ask(), &LEE).await;
    let shown = TELEVISION.shows_a_code(&op, &[("scope", "openid")]).await;
    let page = typed(&mut browser, shown.code()).await;
    let page = browser.press(&page, "action", "allow").await;
    let page = browser.walk(page, &LEE).await;
    assert_eq!(page.url.path(), "/device/done", "{}", page.text());
    Tokens::of(&op, &TELEVISION, shown.poll(&op).await).await;
}

#[tokio::test]
async fn what_the_device_demands_is_proved_in_the_browser() {
    let op = provider(Database::Sqlite).await;
    let shown = TELEVISION
        .shows_a_code(&op, &[("scope", "openid profile"), ("acr_values", AAL2)])
        .await;
    let mut browser = Browser::new(&op);
    let page = typed(&mut browser, shown.code()).await;
    let page = browser.press(&page, "action", "allow").await;
    let page = browser.walk(page, &LEE).await;
    assert_eq!(page.url.path(), "/device/done", "{}", page.text());
    let tokens = Tokens::of(&op, &TELEVISION, shown.poll(&op).await).await;
    assert_eq!(tokens.acr(), AAL2);
    // Whoever cannot prove it gets nothing, and the device nothing weaker.
    let shown = PRINTER
        .shows_a_code(&op, &[("scope", "openid profile"), ("acr_values", "phr")])
        .await;
    let mut browser = Browser::new(&op);
    let page = typed(&mut browser, shown.code()).await;
    let page = browser.press(&page, "action", "allow").await;
    let page = browser.walk(page, &PAT).await;
    assert_eq!(page.url.path(), "/device/refused", "{}", page.text());
    shown.poll(&op).await.refused(400, "access_denied");
    assert_eq!(op.audit("acr.unmet").await.len(), 1);
}

#[tokio::test]
async fn a_device_is_told_when_somebody_says_no_and_when_its_time_is_over() {
    let op = provider(Database::Sqlite).await;
    let mut browser = Browser::new(&op);
    let shown = TELEVISION.shows_a_code(&op, &[("scope", "openid")]).await;
    let page = typed(&mut browser, shown.code()).await;
    let page = browser.press(&page, "action", "deny").await;
    assert_eq!(page.url.path(), "/device/refused");
    shown.poll(&op).await.refused(400, "access_denied");
    assert_eq!(op.audit("device.denied").await.len(), 1);
    // On the pages of the sign-in as well.
    let shown = TELEVISION.shows_a_code(&op, &[("scope", "openid")]).await;
    let page = typed(&mut browser, shown.code()).await;
    let page = browser.press(&page, "action", "allow").await;
    let page = browser.press(&page, "action", "cancel").await;
    assert_eq!(page.url.path(), "/device/refused", "{}", page.text());
    shown.poll(&op).await.refused(400, "access_denied");
    let shown = TELEVISION.shows_a_code(&op, &[("scope", "openid")]).await;
    let page = typed(&mut browser, shown.code()).await;
    op.advance(901).await;
    shown.poll(&op).await.refused(400, "expired_token");
    let page = browser.press(&page, "action", "allow").await;
    assert_eq!(
        (page.id().as_str(), page.error().as_str()),
        ("device", "invalid_request")
    );
}

#[tokio::test]
async fn polling_too_fast_costs_five_seconds_more_for_good() {
    for database in DATABASES {
        let op = provider(database).await;
        let shown = TELEVISION.shows_a_code(&op, &[("scope", "openid")]).await;
        shown.poll(&op).await.refused(400, "authorization_pending");
        shown.poll(&op).await.refused(400, "slow_down");
        // Ten seconds now, from the one that came too early.
        op.advance(7).await;
        shown.poll(&op).await.refused(400, "slow_down");
        op.advance(16).await;
        shown.poll(&op).await.refused(400, "authorization_pending");
        op.advance(9).await;
        shown.poll(&op).await.refused(400, "slow_down");
        assert!(
            op.audit("token.refused")
                .await
                .iter()
                .all(|r| r["reason"].as_str().unwrap().contains("slow_down"))
        );
    }
}

#[tokio::test]
async fn the_metadata_names_what_there_is() {
    let op = provider(Database::Sqlite).await;
    let url = op.url("/.well-known/oauth-authorization-server");
    let metadata: serde_json::Value = op.http.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(
        metadata["device_authorization_endpoint"],
        op.url("/device_authorization").as_str()
    );
    assert_eq!(
        metadata["backchannel_authentication_endpoint"],
        op.url("/bc-authorize").as_str()
    );
    assert_eq!(
        metadata["backchannel_token_delivery_modes_supported"],
        serde_json::json!(["poll", "ping"])
    );
    assert_eq!(metadata["backchannel_user_code_parameter_supported"], false);
    let grants = metadata["grant_types_supported"].as_array().unwrap();
    for grant in [DEVICE_CODE, "urn:openid:params:grant-type:ciba"] {
        assert!(grants.iter().any(|g| g == grant), "{grants:?}");
    }
}
