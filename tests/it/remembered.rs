//! A remembered browser: never a factor, heeded only where a partner's own policy says so (S19, S47; 800-63B-4 §5.1).

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::recovery::confirmed;
use crate::relying_party::{Ask, BASIC, EPCS_ACR, MFA, ONE, Rp, basic};
use crate::workspace::{LEE, Persona, RIVERA, SAM};

/// Demands two factors, and lets a remembered browser do without the second.
static HEEDING: Rp = basic("heeding", "https://heeding.example/cb");
/// Demands two factors.
static DEAF: Rp = basic("deaf", "https://deaf.example/cb");
/// Demands the signing of prescriptions, and says that it would heed a remembered browser.
static SIGNING: Rp = basic("signing", "https://signing.example/cb");

const PARTNERS: &str = r#"
[[policies]]
name = "two"
required_acr = "urn:countersign:acr:mfa"
allow_enrolment = false

[[policies]]
name = "remembers"
allow_remembered_browser = true

[[policies]]
name = "signs"
required_acr = "urn:countersign:acr:epcs"
allow_remembered_browser = true

[[clients]]
client_id = "heeding"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://heeding.example/cb"]
scope = "openid profile"
policies = ["two", "remembers"]
consent = "implicit"

[[clients]]
client_id = "deaf"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://deaf.example/cb"]
policies = ["two"]
consent = "implicit"

[[clients]]
client_id = "signing"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://signing.example/cb"]
policies = ["signs"]
consent = "implicit"
"#;

const COOKIE: &str = "countersign-remembered";

async fn start() -> Op {
    Op::with(Database::Sqlite, PARTNERS).await
}

/// A browser that this person asked us to remember, with nothing else left in it.
async fn remembered(op: &Op, who: &Persona) -> Browser {
    let mut browser = Browser::new(op);
    let page = browser.open(&HEEDING.ask()).await;
    let page = second(&mut browser, page, who).await;
    assert!(page.html.contains("name=\"remember\""), "{}", page.text());
    let code = match who.second {
        crate::workspace::Second::Totp(device) => op.totp(device).await,
        crate::workspace::Second::Sms(number) => op.last_code(number).await,
        _ => unreachable!("nobody else is remembered here"),
    };
    let page = browser.submit(&page, &[("code", &code), ("remember", "yes")]).await;
    assert!(page.left, "{}", page.text());
    signed_out(&browser)
}

/// The same browser on another day: only that it is remembered is left.
fn signed_out(browser: &Browser) -> Browser {
    let mut fresh = Browser::new(&browser.op);
    let kept = browser.cookies.get(COOKIE).expect("a cookie of a remembered browser");
    fresh.cookies.insert(COOKIE.into(), kept.clone());
    fresh
}

/// To the page of the second factor.
async fn second(browser: &mut Browser, mut page: Page, who: &Persona) -> Page {
    for _ in 0..4 {
        if page.left || page.id() == "verify-totp" || page.id() == "verify-phone" {
            return page;
        }
        // The form as a person sends it who does not want to be remembered.
        page = browser.step(&page, who).await;
    }
    page
}

/// After the password: is anything asked beside it?
async fn asks_for_more(browser: &mut Browser, ask: &Ask, who: &Persona) -> bool {
    let page = browser.open(ask).await;
    let page = browser.step(&page, who).await;
    !page.left
}

#[tokio::test]
async fn s47_a_known_browser_does_without_the_code_and_the_token_says_so() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::with(database, PARTNERS).await;
        let mut browser = remembered(&op, &LEE).await;
        let ask = HEEDING.ask();
        let page = browser.open(&ask).await;
        let page = browser.step(&page, &LEE).await;
        let tokens = ask.redeem(&op, &page.answer()).await;
        assert_eq!((tokens.acr(), tokens.amr()), (ONE, vec!["pwd"]), "it is no factor");
        assert!(
            asks_for_more(&mut Browser::new(&op), &HEEDING.ask(), &LEE).await,
            "a new device"
        );
        assert_eq!(op.audit("auth.browser.remembered").await.len(), 1);
    }
}

#[tokio::test]
async fn s19_a_partner_that_does_not_heed_it_asks_every_time() {
    let op = start().await;
    let known = remembered(&op, &LEE).await;
    for _ in 0..2 {
        let mut browser = known.clone();
        let page = browser.open(&DEAF.ask()).await;
        let page = second(&mut browser, page, &LEE).await;
        assert_eq!(page.id(), "verify-totp");
        assert!(
            !page.html.contains("name=\"remember\""),
            "nor does it offer to remember"
        );
        let code = op.totp(crate::workspace::LEES).await;
        let page = browser.submit(&page, &[("code", &code), ("remember", "yes")]).await;
        assert!(page.left);
    }
    // A tick that no page of ours offered is worth nothing.
    let mut fresh = Browser::new(&op);
    let page = fresh.open(&DEAF.ask()).await;
    let page = second(&mut fresh, page, &LEE).await;
    let code = op.totp(crate::workspace::LEES).await;
    fresh.submit(&page, &[("code", &code), ("remember", "yes")]).await;
    assert!(!fresh.cookies.contains_key(COOKIE));
}

/// What the request itself asks, nothing takes the place of.
#[tokio::test]
async fn an_acr_that_is_asked_for_is_not_waived() {
    let op = start().await;
    let known = remembered(&op, &LEE).await;
    for ask in [
        HEEDING.ask().scope("openid profile").acr(MFA),
        HEEDING.ask().essential(&[MFA]),
    ] {
        let mut browser = known.clone();
        assert!(asks_for_more(&mut browser, &ask, &LEE).await, "{ask:?}");
    }
    // Nor is the signing of prescriptions, whatever a policy says beside it.
    let known = remembered(&op, &RIVERA).await;
    for ask in [
        SIGNING.ask(),
        SIGNING.ask().acr(EPCS_ACR),
        HEEDING.ask().essential(&[EPCS_ACR]),
    ] {
        let mut browser = known.clone();
        assert!(asks_for_more(&mut browser, &ask, &RIVERA).await, "{ask:?}");
    }
    let mut browser = known.clone();
    let page = browser.open(&SIGNING.ask()).await;
    let page = second(&mut browser, page, &RIVERA).await;
    assert!(
        !page.html.contains("name=\"remember\"") || page.id() != "verify-totp",
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn the_cookie_of_another_person_is_worth_nothing() {
    let op = start().await;
    let lees = remembered(&op, &LEE).await;
    let mut browser = lees.clone();
    assert!(asks_for_more(&mut browser, &HEEDING.ask(), &SAM).await);
    let mut forged = Browser::new(&op);
    forged
        .cookies
        .insert(COOKIE.into(), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into());
    assert!(asks_for_more(&mut forged, &HEEDING.ask(), &LEE).await);
    // And it signs nobody in.
    assert_eq!(lees.clone().open(&HEEDING.ask()).await.id(), "sign-in");
    assert_eq!(lees.clone().open(&BASIC.ask()).await.id(), "sign-in");
}

#[tokio::test]
async fn with_the_policy_goes_what_it_let_pass() {
    let op = start().await;
    let known = remembered(&op, &LEE).await;
    let mut browser = known.clone();
    let ask = HEEDING.ask();
    let page = browser.open(&ask).await;
    let page = browser.step(&page, &LEE).await;
    let code = page.answer().code().to_owned();
    op.files.write(
        "strict.toml",
        "[[policies]]\nname = \"remembers\"\nallow_remembered_browser = false\n",
    );
    op.files.run_ok(&["apply", "strict.toml"]);
    ask.redeem_raw(&op, &code).await.refused(400, "invalid_grant");
    assert!(asks_for_more(&mut known.clone(), &HEEDING.ask(), &LEE).await);
    // The same session does not carry it either.
    let page = browser.open(&HEEDING.ask()).await;
    assert!(!page.left, "{}", page.text());
}

#[tokio::test]
async fn it_is_forgotten_after_thirty_days_and_when_an_account_is_recovered() {
    let op = start().await;
    let known = remembered(&op, &LEE).await;
    op.advance(30 * 24 * 3600 - 60).await;
    assert!(!asks_for_more(&mut known.clone(), &HEEDING.ask(), &LEE).await);
    op.advance(61).await;
    assert!(asks_for_more(&mut known.clone(), &HEEDING.ask(), &LEE).await);
    let known = remembered(&op, &SAM).await;
    assert!(!asks_for_more(&mut known.clone(), &HEEDING.ask(), &SAM).await);
    let mut browser = Browser::new(&op);
    let page = confirmed(&mut browser, "sam@mail.example").await;
    let page = browser.walk_to(&page, &SAM, "recover").await;
    const NEW: &str = "four new words, no secret";
    browser.submit(&page, &[("password", NEW)]).await;
    let sam = Persona { password: NEW, ..SAM };
    assert!(asks_for_more(&mut known.clone(), &HEEDING.ask(), &sam).await);
}
