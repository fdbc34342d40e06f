//! What is demanded changes between the request to a phone and its answer; and what an owner's answer does beside that.

use countersign::base::AuthenticatorId;
use countersign::model::throttle::ThrottleKey;
use countersign::storage::{Store, args};

use crate::browser::Browser;
use crate::enrolment::{KIM, PARTNERS, start};
use crate::harness::{Database, Op};
use crate::push::{asked, paired};
use crate::relying_party::{AAL2, BASIC, MFA, ONE, Rp, basic};
use crate::software_phone::{DENY, NOT_ME, Phone, Say, approve, number_of, wrong};
use crate::workspace::{LEE, Persona, Second};

static TAPPING: Rp = basic("tapping", "https://tapping.example/cb");

const TAP: &str = r#"
[[policies]]
name = "tap"
allow_one_tap = true
required_acr = "urn:countersign:acr:mfa"

[[clients]]
client_id = "tapping"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://tapping.example/cb"]
policies = ["tap"]
consent = "implicit"
"#;

const A_TAP: Say<'static> = Say {
    decision: "approve",
    number: None,
    unlock: "none",
};

fn apply(op: &Op, text: &str) {
    op.files.write("changed.toml", text);
    op.files.run_ok(&["apply", "changed.toml"]);
}

async fn tapping() -> (Op, Phone) {
    let op = Op::with(Database::Sqlite, &format!("{PARTNERS}{TAP}")).await;
    let phone = paired(&op, &KIM).await;
    (op, phone)
}

/// The page of a phone in a sign-in where a tap is enough.
async fn tapped(browser: &mut Browser, phone: &Phone, who: &Persona) -> crate::page::Page {
    let page = browser.open(&TAPPING.ask()).await;
    let page = browser.walk_to(&page, &who.with(Second::Nothing), "verify-push").await;
    let request = phone.waiting().await.remove(0);
    assert_eq!(phone.look(&request).await.0.body["number_digits"], 0);
    assert_eq!(page.inner("[data-number]"), "");
    assert_eq!(phone.answer(&request, A_TAP).await.status, 200);
    page
}

#[tokio::test]
async fn s24_a_tap_is_enough_for_who_says_so_and_for_nobody_else() {
    let (op, phone) = tapping().await;
    let mut browser = Browser::new(&op);
    let page = tapped(&mut browser, &phone, &KIM).await;
    let page = browser.get(page.url.as_str()).await;
    assert!(page.left, "{}", page.text());
    // Another partner, in the same browser: it wants two factors, and a number for the second.
    let ask = BASIC.ask().essential(&[MFA]);
    let page = browser.open(&ask).await;
    assert!(!page.left, "a tap at one partner is none at another");
    let page = browser.walk_to(&page, &KIM, "verify-push").await;
    number_of(&page);
    // And where more than a tap is demanded of the first one, it asks for the number as well.
    let mut browser = Browser::new(&op);
    let page = browser.open(&TAPPING.ask().essential(&[AAL2])).await;
    let page = browser.walk_to(&page, &KIM, "verify-push").await;
    number_of(&page);
}

#[tokio::test]
async fn s24_a_tap_that_is_no_longer_enough_when_it_is_claimed_counts_for_nothing() {
    let (op, phone) = tapping().await;
    let mut browser = Browser::new(&op);
    let page = tapped(&mut browser, &phone, &KIM).await;
    apply(&op, &TAP.replace("allow_one_tap = true", "allow_one_tap = false"));
    let page = browser.get(page.url.as_str()).await;
    // Neither signed in nor sent in circles: the page offers to ask once more.
    assert_eq!(page.id(), "verify-push", "{}", page.text());
    let page = browser.press(&page, "action", "resend").await;
    phone.answer_the_one(approve(&number_of(&page))).await;
    assert!(browser.get(page.url.as_str()).await.left);
}

#[tokio::test]
async fn a_phone_that_is_switched_off_meanwhile_opens_nothing() {
    let off = "[workspace]\nname = \"Cedar Health ID\"\nmethods = [\"password\", \"totp\"]\n";
    let op = start().await;
    let phone = paired(&op, &LEE).await;
    let mut browser = Browser::new(&op);
    let page = asked(&mut browser, &BASIC.ask().essential(&[AAL2]), &LEE).await;
    phone.answer_the_one(approve(&number_of(&page))).await;
    apply(&op, off);
    let denied = browser.get(page.url.as_str()).await;
    assert_eq!(
        (denied.status, denied.error().as_str()),
        (403, "MFA-150"),
        "{}",
        denied.text()
    );
    let records = op.audit("policy.method_denied").await;
    assert!(
        records[0]["reason"].as_str().unwrap().contains("methods"),
        "{records:?}"
    );
    assert!(browser.get(page.url.as_str()).await.status == 403, "and stays so");
}

#[tokio::test]
async fn a_phone_that_a_pool_takes_no_more_as_the_first_factor_opens_nothing() {
    let op = start().await;
    let phone = paired(&op, &KIM).await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&BASIC.ask()).await;
    let page = browser.submit(&page, &[("username", "kim"), ("password", "")]).await;
    let page = browser.press(&page, "method", "push").await;
    phone.answer_the_one(approve(&number_of(&page))).await;
    apply(
        &op,
        "[[pools]]\nname = \"default\"\nfirst_factor = [\"password\"]\nsecond_factor = [\"totp\", \"push\"]\n",
    );
    let denied = browser.get(page.url.as_str()).await;
    assert_eq!(denied.status, 403, "{}", denied.text());
    let records = op.audit("policy.method_denied").await;
    assert!(
        records[0]["reason"].as_str().unwrap().contains("first_factor"),
        "{records:?}"
    );
}

#[tokio::test]
async fn an_app_that_has_become_too_old_approves_nothing_but_can_still_say_no() {
    let op = start().await;
    let phone = paired(&op, &KIM).await;
    let mut browser = Browser::new(&op);
    let page = asked(&mut browser, &BASIC.ask().essential(&[AAL2]), &KIM).await;
    apply(
        &op,
        "[workspace]\nname = \"Cedar Health ID\"\n[workspace.push]\nminimum_app_version = \"1.1\"\n",
    );
    let heard = phone.answer_the_one(approve(&number_of(&page))).await;
    assert_eq!(heard.error(), (403, "app_too_old"));
    assert_eq!(heard.body["minimum_app_version"], "1.1");
    assert_eq!(phone.answer_the_one(DENY).await.body["status"], "denied");
}

/// Whoever has the password and guesses at other codes must not keep the owner from answering "not me".
#[tokio::test]
async fn an_owner_is_heard_while_somebody_guesses_at_the_account() {
    let op = start().await;
    let phone = paired(&op, &LEE).await;
    let mut thief = Browser::new(&op);
    let ask = BASIC.ask().essential(&[AAL2]);
    let page = asked(&mut thief, &ask, &LEE).await;
    let number = number_of(&page);
    let chooser = thief.press(&page, "action", "choose").await;
    let mut page = thief.walk_to(&chooser, &LEE, "verify-totp").await;
    for _ in 0..10 {
        page = thief.submit(&page, &[("code", "000000")]).await;
    }
    assert_eq!(page.error(), "MFA-113", "{}", page.text());
    let heard = phone.answer_the_one(approve(&number)).await;
    assert_eq!(heard.error(), (429, "slow_down"));
    assert_eq!(phone.answer_the_one(NOT_ME).await.body["status"], "reported");
    assert_eq!(thief.get(page.url.as_str()).await.answer().error(), "access_denied");
}

/// The password was typed in an earlier sign-in of the same browser: that session is the thief's as well.
#[tokio::test]
async fn not_me_ends_the_session_that_the_request_came_from() {
    let op = start().await;
    let phone = paired(&op, &KIM).await;
    let mut owner = Browser::new(&op);
    owner.tokens(&BASIC.ask(), &KIM).await;
    let mut thief = Browser::new(&op);
    let ask = BASIC.ask().scope("openid offline_access");
    let tokens = thief.tokens(&ask, &KIM).await;
    assert_eq!(tokens.acr(), ONE);
    asked(&mut thief, &BASIC.ask().essential(&[AAL2]), &KIM).await;
    phone.answer_the_one(NOT_ME).await;
    assert_eq!(thief.open(&BASIC.ask()).await.id(), "sign-in");
    BASIC
        .refresh(&op, tokens.refresh_token())
        .await
        .refused(400, "invalid_grant");
    assert!(owner.open(&BASIC.ask()).await.left, "the owner's own session goes on");
}

#[tokio::test]
async fn not_me_closes_the_account_where_the_operator_wants_that() {
    let op = start().await;
    apply(
        &op,
        "[workspace]\nname = \"Cedar Health ID\"\n[workspace.push]\nsuspend_when_reported = true\n",
    );
    let phone = paired(&op, &KIM).await;
    let mut owner = Browser::new(&op);
    let tokens = owner.tokens(&BASIC.ask().scope("openid offline_access"), &KIM).await;
    asked(&mut Browser::new(&op), &BASIC.ask().essential(&[AAL2]), &KIM).await;
    assert_eq!(phone.answer_the_one(NOT_ME).await.body["status"], "reported");
    BASIC
        .refresh(&op, tokens.refresh_token())
        .await
        .refused(400, "invalid_grant");
    assert_eq!(owner.open(&BASIC.ask()).await.id(), "sign-in");
    let page = Browser::new(&op).through(&BASIC.ask(), &KIM).await;
    assert!(!page.left, "{}", page.text());
    let heard = phone.call(reqwest::Method::GET, "/authenticator/v1/device", "").await;
    assert_eq!(heard.error(), (401, "unregistered"));
    for event in ["auth.push.denied", "account.suspended"] {
        assert_eq!(op.audit(event).await.len(), 1, "{event}");
    }
}

/// 800-63B-4 §3.2.2: no more than a hundred failures in a row.
#[tokio::test]
async fn the_hundredth_failure_switches_the_phone_off() {
    let op = start().await;
    let phone = paired(&op, &KIM).await;
    let mut browser = Browser::new(&op);
    let page = asked(&mut browser, &BASIC.ask().essential(&[AAL2]), &KIM).await;
    // Days of guessing.
    let store = Store::open(&op.files.database).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let key = ThrottleKey::authenticator(&AuthenticatorId::new(phone.id.clone()));
    let sql = "INSERT INTO throttles (key, failures, blocked_until, updated_at) VALUES ($1, 99, NULL, 0)
        ON CONFLICT (key) DO UPDATE SET failures = 99";
    tx.execute(sql, args![&key]).await.unwrap();
    tx.commit().await.unwrap();
    let number = number_of(&page);
    let heard = phone.answer_the_one(approve(&wrong(&number))).await;
    assert_eq!(heard.error(), (403, "wrong_number"));
    assert_eq!(op.audit("auth.factor.disabled").await.len(), 1);
    let heard = phone.call(reqwest::Method::GET, "/authenticator/v1/requests", "").await;
    assert_eq!(heard.error(), (401, "unregistered"));
    let heard = phone.call(reqwest::Method::GET, "/authenticator/v1/device", "").await;
    assert_eq!(heard.body["status"], "suspended");
    let page = browser.get(page.url.as_str()).await;
    assert_eq!(page.answer().error(), "unmet_authentication_requirements");
    let told = op.outbox("kim@mail.example").await;
    assert!(told.last().unwrap()["body"].as_str().unwrap().contains("Test phone"));
}
