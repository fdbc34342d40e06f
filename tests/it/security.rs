//! "Sign in & Security": what somebody has set up, and what they change of it.

use countersign::base::Timestamp;
use countersign::factors::totp::Seed;

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::pages::check_page;
use crate::relying_party::{AAL2, BASIC, EPCS, MFA, userinfo};
use crate::workspace::{HOME, LEE, LEES_MOBILE, PAT, Persona, RIVERA, SAM, Second};

/// Seconds of one step of a code generator.
const STEP: i64 = 30;

/// The page, through whatever sign-in stands before it.
pub async fn open(browser: &mut Browser, who: &Persona) -> Page {
    let page = browser.get(&browser.op.url("/account/security")).await;
    let page = browser.walk(page, who).await;
    assert_eq!(page.id(), "account-security", "{} {}", page.url, page.text());
    check_page(&page);
    page
}

/// Below the list: `rename` or `remove` of the one that is called so.
pub async fn below(browser: &mut Browser, who: &Persona, nickname: &str, what: &str) -> Page {
    let id = browser.op.authenticator(who.username, nickname);
    let page = browser
        .get(&browser.op.url(&format!("/account/security/{id}/{what}")))
        .await;
    let page = browser.walk(page, who).await;
    check_page(&page);
    page
}

pub async fn remove(browser: &mut Browser, who: &Persona, nickname: &str) -> Page {
    let page = below(browser, who, nickname, "remove").await;
    assert_eq!(page.id(), "account-remove", "{}", page.text());
    browser.press(&page, "action", "remove").await
}

/// Sets up a code generator from the list.
pub async fn add_totp(browser: &mut Browser, list: &Page, who: &Persona, nickname: &str) -> Page {
    let page = browser.press(list, "method", "totp").await;
    let page = browser.walk(page, who).await;
    assert_eq!(page.id(), "enrol", "{}", page.text());
    let page = browser.press(&page, "method", "totp").await;
    assert_eq!(page.id(), "enrol-totp", "{}", page.text());
    let secret: String = page.text_of(".secret code").split(' ').collect();
    browser.op.secret("the seed of a new code generator", &secret);
    let step = browser.op.now().await.secs() / STEP;
    let code = Seed::parse(&secret)
        .unwrap()
        .code_at(Timestamp::from_secs(step * STEP))
        .unwrap();
    browser.op.secret("a one-time code", &code);
    let page = browser.submit(&page, &[("code", &code), ("nickname", nickname)]).await;
    assert_eq!(page.buttons("action"), ["continue"], "{}", page.text());
    browser.press(&page, "action", "continue").await
}

/// Letters to an address that let their reader take something back.
pub async fn letters(op: &Op, to: &str) -> Vec<String> {
    let mut sent = op.outbox(to).await;
    // A sign-in in another browser is told as well; these stories are about changes.
    sent.retain(|m| m["subject"] != "A new sign-in to your account");
    let links = sent.iter().filter_map(|m| m["link"].as_str().map(str::to_owned));
    let links: Vec<String> = links.filter(|l| l.contains("/account/undo/")).collect();
    for link in &links {
        op.secret("a link of a letter", link.rsplit('/').next().unwrap());
    }
    links
}

#[tokio::test]
async fn s78_s10_a_current_method_stands_before_the_page() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    // Signed in with a password is not enough for somebody who has more.
    browser.tokens(&BASIC.ask(), &LEE).await;
    let page = browser.get(&op.url("/account/security")).await;
    let page = browser.walk_to(&page, &LEE, "verify-totp").await;
    for step in ["Choose", "Where to", "Confirm"] {
        assert!(page.text_of(".steps").contains(step), "{}", page.text());
    }
    let page = browser.walk(page, &LEE).await;
    assert_eq!(page.id(), "account-security");
    // And a while later it is not enough any more.
    op.advance(16 * 60).await;
    assert_ne!(browser.get(&op.url("/account/security")).await.id(), "account-security");
}

#[tokio::test]
async fn s12_s13_s84_a_new_method_stands_beside_the_old_ones() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = open(&mut browser, &LEE).await;
    assert_eq!(page.nicknames(), ["Lee's phone", "Mobile", "Desk"]);
    assert!(page.text().contains("by your organization") && page.text().contains("Added "));
    assert!(page.text().contains("(***) ***-*102"), "numbers are masked");
    assert!(!page.html.contains(LEES_MOBILE) && !page.html.contains("4155550102"));
    let before = letters(&op, "lee@cedar.example").await.len();
    let page = add_totp(&mut browser, &page, &LEE, "Bedside").await;
    assert_eq!(page.id(), "account-security", "{}", page.text());
    assert_eq!(page.nicknames(), ["Lee's phone", "Mobile", "Desk", "Bedside"]);
    assert!(page.text().contains("by you, on this page"));
    assert_eq!(letters(&op, "lee@cedar.example").await.len(), before + 1);
    assert!(
        page.text_of("[data-standing] .tag").contains("Primary"),
        "the old one stays first"
    );
    // The old one works as before.
    browser.tokens(&BASIC.ask().acr(MFA).set("prompt", "login"), &LEE).await;
}

#[tokio::test]
async fn s81_what_is_removed_opens_nothing_any_more() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let by_text = LEE.with(Second::Sms(LEES_MOBILE));
    let ask = BASIC.ask().acr(MFA).scope("openid offline_access profile");
    let texted = Browser::new(&op).tokens(&ask, &by_text).await;
    let generated = Browser::new(&op)
        .tokens(&BASIC.ask().acr(MFA).scope("openid offline_access profile"), &LEE)
        .await;
    open(&mut browser, &LEE).await;
    let before = letters(&op, "lee@cedar.example").await.len();
    let page = below(&mut browser, &LEE, "Mobile", "remove").await;
    assert!(
        page.text().contains("at once"),
        "what will happen is said: {}",
        page.text()
    );
    assert!(page.html.contains("icon-sms"));
    let page = browser.press(&page, "action", "remove").await;
    assert_eq!(page.id(), "account-security");
    assert_eq!(page.nicknames(), ["Lee's phone", "Desk"]);
    assert_eq!(letters(&op, "lee@cedar.example").await.len(), before + 1);
    assert_eq!(
        letters(&op, LEES_MOBILE).await.len(),
        1,
        "the number itself learns of it"
    );
    // What it proved ends; what another one proved stays.
    let refused = userinfo(&op, texted.access_token()).await;
    assert_eq!((refused.status, refused.error()), (401, "invalid_token"));
    BASIC
        .refresh(&op, texted.json["refresh_token"].as_str().unwrap())
        .await
        .refused(400, "invalid_grant");
    assert_eq!(userinfo(&op, generated.access_token()).await.status, 200);
    let removed = op.audit("authenticator.removed").await;
    assert_eq!((&removed[0]["outcome"], removed.len()), (&"success".into(), 1));
    // It is not offered any more.
    let mut other = Browser::new(&op);
    let page = other.open(&BASIC.ask().acr(MFA)).await;
    let page = other.step(&page, &LEE).await;
    assert!(!page.buttons("method").contains(&"sms".to_owned()), "{}", page.text());
}

#[tokio::test]
async fn s82_the_last_method_stays_and_the_last_for_signing_is_named() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    open(&mut browser, &SAM).await;
    let page = below(&mut browser, &SAM, "Phone", "remove").await;
    assert!(
        page.html.contains("data-last") && !page.html.contains("<form"),
        "{}",
        page.text()
    );
    // Rivera has two for signing: neither is the last; then one is.
    let mut browser = Browser::new(&op);
    open(&mut browser, &RIVERA).await;
    let page = below(&mut browser, &RIVERA, "Home tablet", "remove").await;
    assert!(!page.html.contains("data-signing"), "{}", page.text());
    browser.press(&page, "action", "remove").await;
    let page = below(&mut browser, &RIVERA, "Office iPhone", "remove").await;
    assert!(page.html.contains("data-signing"), "{}", page.text());
    assert!(page.text().contains("prescriptions of controlled substances"));
    // Warned, she may: messages are left to sign in with.
    let page = browser.press(&page, "action", "remove").await;
    assert!(page.error().is_empty(), "{}", page.text());
    assert!(!op.files.run_ok(&["user", "show", "rivera"]).contains("Office iPhone"));
}

#[tokio::test]
async fn s83_a_backup_is_recommended_to_whoever_has_one_method() {
    let op = Op::start().await;
    let backup = |page: &Page| page.text_of("[data-backup]");
    assert!(backup(&open(&mut Browser::new(&op), &SAM).await).contains("at least one backup"));
    assert!(!backup(&open(&mut Browser::new(&op), &PAT).await).is_empty());
    assert!(backup(&open(&mut Browser::new(&op), &LEE).await).is_empty());
}

#[tokio::test]
async fn s84_s91_a_new_name_shows_everywhere_and_is_the_only_one() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::on(database).await;
        let mut browser = Browser::new(&op);
        open(&mut browser, &LEE).await;
        let page = below(&mut browser, &LEE, "Desk", "rename").await;
        assert_eq!(page.id(), "account-rename");
        assert_eq!(page.input("nickname", "value"), "Desk");
        for (bad, proposed) in [
            ("Mobile", "Mobile (2)"),
            ("   ", ""),
            (&"x".repeat(65), &*"x".repeat(65)),
            ("a\nb", ""),
        ] {
            let again = browser.submit(&page, &[("nickname", bad)]).await;
            assert_eq!(
                (again.id().as_str(), again.error().as_str()),
                ("account-rename", "invalid_request"),
                "{bad}"
            );
            assert!(!again.reference().is_empty());
            if !proposed.is_empty() {
                assert_eq!(again.input("nickname", "value"), proposed, "S91");
            }
        }
        let page = browser.submit(&page, &[("nickname", " Front desk ")]).await;
        assert_eq!(page.text_of("[data-done]"), "It has its new name.");
        assert!(page.nicknames().contains(&"Front desk".to_owned()));
        let renamed = op.audit("authenticator.renamed").await;
        assert_eq!((&renamed[0]["detail"]["old"], renamed.len()), (&"Desk".into(), 1));
        assert_eq!(letters(&op, "lee@cedar.example").await.len(), 1);
    }
}

#[tokio::test]
async fn s76_s77_exactly_one_is_primary_and_comes_first() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::on(database).await;
        let mut browser = Browser::new(&op);
        let page = open(&mut browser, &RIVERA).await;
        let tablet = op.authenticator("rivera", HOME.nickname);
        assert!(page.buttons("primary").contains(&tablet));
        let page = browser.press(&page, "primary", &tablet).await;
        assert!(!page.buttons("primary").contains(&tablet), "{}", page.text());
        let shown = op.files.run_ok(&["user", "show", "rivera"]);
        assert_eq!(shown.matches("primary").count(), 1, "{shown}");
        // S90: with several generators the question is which, and the primary one stands first.
        let mut other = Browser::new(&op);
        let page = other.open(&EPCS.ask()).await;
        let page = other.walk_to(&page, &RIVERA, "choose-authenticator").await;
        assert_eq!(page.buttons("authenticator")[0], tablet);
        assert!(page.text_of("button[name='authenticator']").contains("Primary"));
        assert_eq!(op.audit("authenticator.primary_changed").await.len(), 1);
        // Removing it hands the place on.
        let page = remove(&mut browser, &RIVERA, HOME.nickname).await;
        assert!(page.error().is_empty());
        let shown = op.files.run_ok(&["user", "show", "rivera"]);
        assert_eq!(shown.matches("primary").count(), 1, "{shown}");
    }
}

#[tokio::test]
async fn a_preferred_method_is_offered_first() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = open(&mut browser, &LEE).await;
    let page = browser.press(&page, "preferred", "totp").await;
    assert_eq!(page.text_of("[data-done]"), "It is offered first from now on.");
    let mut other = Browser::new(&op);
    let page = other.open(&BASIC.ask().acr(AAL2)).await;
    assert_eq!(other.step(&page, &LEE).await.id(), "verify-totp");
    assert_eq!(op.audit("authenticator.preferred_changed").await.len(), 1);
    // What nobody has cannot be preferred.
    let page = open(&mut browser, &LEE).await;
    for method in ["webauthn", "password", "recovery_code"] {
        let again = browser.press(&page, "preferred", method).await;
        assert_eq!(again.error(), "MFA-114", "{method}");
    }
}

/// 800-63B-4 §4.3: one factor is enough to report a loss, and it works at once.
#[tokio::test]
async fn a_lost_device_is_put_aside_with_one_factor() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::on(database).await;
        let mut browser = Browser::new(&op);
        let ask = BASIC.ask().acr(MFA).scope("openid profile");
        let tokens = Browser::new(&op).tokens(&ask, &LEE).await;
        browser.tokens(&BASIC.ask(), &LEE).await;
        let page = browser.get(&op.url("/account/lost")).await;
        assert_eq!(page.id(), "account-lost", "the password was enough");
        check_page(&page);
        let id = op.authenticator("lee", "Lee's phone");
        let page = browser.press(&page, "authenticator", &id).await;
        assert_eq!(
            page.text_of("[data-done]"),
            "It is put aside and cannot be used any more."
        );
        assert!(!page.buttons("authenticator").contains(&id));
        assert_eq!(userinfo(&op, tokens.access_token()).await.status, 401);
        assert_eq!(letters(&op, "lee@cedar.example").await.len(), 1);
        assert_eq!(op.audit("authenticator.reported_lost").await.len(), 1);
        // It is offered nowhere, and the primary place was handed on.
        let by_text = LEE.with(Second::Sms(LEES_MOBILE));
        let page = open(&mut browser, &by_text).await;
        assert!(page.text().contains("Put aside"));
        assert!(!page.buttons("primary").contains(&id));
        let page = browser.press(&page, "reactivate", &id).await;
        assert_eq!(page.text_of("[data-done]"), "It can be used again.");
        browser
            .tokens(&BASIC.ask().acr(AAL2).set("prompt", "login"), &LEE)
            .await;
    }
}

#[tokio::test]
async fn s75_what_happens_when_the_phone_changes() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let list = open(&mut browser, &LEE).await;
    let link = list.link("a[href$='/account/help/phone']");
    let page = browser.get(&op.url(&link)).await;
    assert_eq!((page.status, page.id().as_str()), (200, "account-help-phone"));
    assert!(page.text().contains("change my phone"));
    assert!(!page.link("a[href$='/account/lost']").is_empty());
    let page = Browser::new(&op).get(&format!("{}?ui_locales=es", op.url(&link))).await;
    assert_eq!((page.language().as_str(), page.status), ("es", 200), "for everybody");
}
