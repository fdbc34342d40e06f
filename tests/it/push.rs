//! A phone that approves: from pairing to a token (S8, S12-S18, S20, S60, S62).

use serde_json::json;

use crate::browser::Browser;
use crate::enrolment::{KIM, OPEN, PARTNERS, names, start};
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::relying_party::{AAL2, Ask, BASIC, ONE};
use crate::software_phone::{DENY, NOT_ME, Phone, Say, approve, number_of, secret_of, wrong};
use crate::workspace::{LEE, Persona, Second};

/// Somebody's phone, paired inside a sign-in of theirs; the sign-in is over.
pub async fn paired(op: &Op, who: &Persona) -> Phone {
    let mut browser = Browser::new(op);
    let mut phone = Phone::new(op);
    let page = pairing(&mut browser, who).await;
    let page = phone.pair(&mut browser, &page).await;
    assert_eq!(page.id(), "enrol", "{}", page.text());
    assert_eq!(page.inner("[data-nickname]"), "Test phone");
    phone
}

/// The page that pairs a phone, on the account's own pages.
pub async fn pairing(browser: &mut Browser, who: &Persona) -> Page {
    let page = browser.get(&browser.op.url("/account/security")).await;
    let page = without_phone(browser, page, who).await;
    assert_eq!(page.id(), "account-security", "{}", page.text());
    let page = browser.press(&page, "method", "push").await;
    let page = without_phone(browser, page, who).await;
    let page = browser.press(&page, "method", "push").await;
    assert_eq!(page.id(), "enrol-push", "{}", page.text());
    page
}

/// Through pages that begin with the phone, by what this person shows else.
async fn without_phone(browser: &mut Browser, page: Page, who: &Persona) -> Page {
    let page = browser.walk(page, who).await;
    if page.id() != "verify-push" {
        return page;
    }
    let chooser = browser.press(&page, "action", "choose").await;
    browser.walk(chooser, who).await
}

/// The waiting page of a sign-in, once a request has gone out.
pub async fn asked(browser: &mut Browser, ask: &Ask, who: &Persona) -> Page {
    let page = browser.open(ask).await;
    let page = browser.walk_to(&page, &who.with(Second::Nothing), "verify-push").await;
    number_of(&page);
    page
}

#[tokio::test]
async fn s8_s60_s62_a_phone_is_paired_inside_a_sign_in_by_a_secret_and_a_number() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::with(database, PARTNERS).await;
        let mut browser = Browser::new(&op);
        let ask = OPEN.ask().essential(&[AAL2]);
        let page = browser.open(&ask).await;
        let page = browser.walk_to(&page, &KIM, "enrol").await;
        let page = browser.press(&page, "method", "push").await;
        assert_eq!(page.id(), "enrol-push");
        assert!(
            !page.html.contains("#pair="),
            "S60: no secret in the page before it is revealed"
        );
        let page = browser.press(&page, "action", "reveal").await;
        let secret = secret_of(&page);
        op.secret("the secret of a pairing", &secret);
        assert!(page.html.contains("<svg"));
        let mut phone = Phone::new(&op);
        let typed = page.inner("[data-secret]").to_lowercase().replace(' ', "-");
        let heard = phone.redeem(&typed, &json!({})).await;
        assert_eq!(heard.status, 201, "{heard:?}");
        assert_eq!(
            heard.body["account"]["username"], "k•••m",
            "who holds a link is not told whose it is"
        );
        let again = Phone::new(&op).redeem(&secret, &json!({})).await;
        assert_eq!(again.error(), (404, "pairing_unknown"), "S60: once");
        assert!(names(&op, "kim").await.is_empty(), "S62: a link alone binds nothing");
        let page = browser.get(page.url.as_str()).await;
        let number = number_of(&page);
        op.secret("a number", &number);
        let request = heard.body["request"].as_str().unwrap();
        let (_, context) = phone.look(request).await;
        assert_eq!(
            (&context["kind"], &context["partner"]["name"]),
            (&json!("pairing"), &json!("Open Partner"))
        );
        let heard = phone.answer(request, approve(&wrong(&number))).await;
        assert_eq!(
            (heard.error(), &heard.body["tries_left"]),
            ((403, "wrong_number"), &json!(2))
        );
        assert_eq!(phone.answer(request, approve(&number)).await.body["status"], "approved");
        assert!(
            names(&op, "kim").await.is_empty(),
            "and only the browser that began it binds it"
        );
        let page = browser.get(page.url.as_str()).await;
        assert_eq!(page.inner("[data-nickname]"), "Test phone", "{}", page.text());
        let page = browser.press(&page, "action", "continue").await;
        let tokens = ask.redeem(&op, &page.answer()).await;
        assert_eq!(
            (tokens.acr(), tokens.amr()),
            (AAL2, vec!["mca", "mfa", "pwd", "swk", "user"])
        );
        // S13: the owner is told.
        let letters = op.outbox("kim@mail.example").await;
        assert!(letters.last().unwrap()["body"].as_str().unwrap().contains("Test phone"));
    }
}

#[tokio::test]
async fn s14_s15_s16_s69_a_sign_in_is_approved_on_the_phone_and_says_so() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::with(database, PARTNERS).await;
        let phone = paired(&op, &KIM).await;
        let mut browser = Browser::new(&op);
        let ask = BASIC.ask().essential(&[AAL2]).scope("openid evidence");
        let page = asked(&mut browser, &ask, &KIM).await;
        let sent = op.outbox(&phone.id).await;
        let last = sent.last().unwrap();
        let waiting = phone.waiting().await;
        assert_eq!(
            (&last["channel"], &last["body"]),
            (&json!("push"), &json!(waiting[0])),
            "S14: an opaque id, and nothing else"
        );
        let (_, context) = phone.look(&waiting[0]).await;
        assert_eq!(context["partner"]["name"], "Basic Partner", "S15");
        assert_eq!(
            (&context["account"], &context["ip"]),
            (&json!("kim"), &json!("127.0.0.1"))
        );
        let still = browser.get(page.url.as_str()).await;
        assert_eq!(number_of(&still), number_of(&page), "looking again sends nothing");
        assert_eq!(op.outbox(&phone.id).await.len(), sent.len());
        let heard = phone.answer_the_one(approve(&number_of(&page))).await;
        assert_eq!(heard.body["status"], "approved");
        let page = browser.get(page.url.as_str()).await;
        let tokens = ask.redeem(&op, &page.answer()).await;
        assert_eq!(
            (tokens.acr(), tokens.amr()),
            (AAL2, vec!["mca", "mfa", "pwd", "swk", "user"])
        );
        let evidence = &tokens.id["urn:countersign:evidence"];
        assert!(evidence.to_string().contains("Test phone"), "{evidence}");
        assert_eq!(
            op.audit("auth.push.approved").await.len(),
            2,
            "the pairing and the sign-in"
        );
    }
}

#[tokio::test]
async fn s17_a_denied_request_signs_nobody_in_and_another_method_goes_on() {
    let op = start().await;
    let phone = paired(&op, &LEE).await;
    let mut browser = Browser::new(&op);
    let ask = BASIC.ask().essential(&[AAL2]);
    let page = asked(&mut browser, &ask, &LEE).await;
    assert_eq!(phone.answer_the_one(DENY).await.body["status"], "denied");
    let page = browser.get(page.url.as_str()).await;
    assert_eq!((page.id().as_str(), page.error().as_str()), ("verify-push", "MFA-131"));
    assert_eq!(op.audit("auth.push.denied").await.len(), 1);
    let chooser = browser.press(&page, "action", "choose").await;
    let page = browser.walk(chooser, &LEE).await;
    assert_eq!(ask.redeem(&op, &page.answer()).await.amr(), ["mfa", "otp", "pwd"]);
    // Cancel after a denial: the partner learns no more than that.
    let mut browser = Browser::new(&op);
    let ask = BASIC.ask().essential(&[AAL2]);
    let page = asked(&mut browser, &ask, &LEE).await;
    phone.answer_the_one(DENY).await;
    let page = browser.get(page.url.as_str()).await;
    let page = browser.press(&page, "action", "cancel").await;
    assert_eq!(page.answer().error(), "access_denied");
}

#[tokio::test]
async fn this_was_not_me_ends_the_sign_in_and_warns_the_owner() {
    let op = start().await;
    let phone = paired(&op, &KIM).await;
    let mut thief = Browser::new(&op);
    let ask = BASIC.ask().essential(&[AAL2]);
    let page = asked(&mut thief, &ask, &KIM).await;
    let session = thief.cookies["countersign"].clone();
    assert_eq!(phone.answer_the_one(NOT_ME).await.body["status"], "reported");
    let page = thief.get(page.url.as_str()).await;
    assert_eq!(page.answer().error(), "access_denied");
    let mut other = Browser::new(&op);
    other.cookies.insert("countersign".into(), session);
    assert_eq!(
        other.open(&BASIC.ask()).await.id(),
        "sign-in",
        "the session that the password opened is over"
    );
    let warned = op.outbox("kim@mail.example").await;
    assert!(
        warned.last().unwrap()["link"]
            .as_str()
            .unwrap()
            .ends_with("/account/password")
    );
    // Another method of the same request leads nowhere.
    assert!(thief.get(&op.url("/account")).await.id() != "account");
}

#[tokio::test]
async fn s18_s23_a_late_answer_has_no_effect_and_the_page_offers_more() {
    let op = start().await;
    let phone = paired(&op, &LEE).await;
    let mut browser = Browser::new(&op);
    let ask = BASIC.ask().essential(&[AAL2]);
    let page = asked(&mut browser, &ask, &LEE).await;
    let number = number_of(&page);
    let waiting = phone.waiting().await;
    let (shown, _) = phone.look(&waiting[0]).await;
    op.advance(301).await;
    let late = phone.signed(&waiting[0], &shown.body, approve(&number)).await;
    assert_eq!(phone.send(&waiting[0], &late).await.error(), (410, "expired"));
    let page = browser.get(page.url.as_str()).await;
    assert_eq!((page.id().as_str(), page.error().as_str()), ("verify-push", "MFA-132"));
    assert!(
        ["resend", "choose", "cancel"]
            .iter()
            .all(|a| page.buttons("action").contains(&(*a).to_owned()))
    );
    let page = browser.press(&page, "action", "resend").await;
    assert_ne!(phone.waiting().await, waiting);
    phone.answer_the_one(approve(&number_of(&page))).await;
    let page = browser.get(page.url.as_str()).await;
    assert!(page.left, "{}", page.text());
}

#[tokio::test]
async fn s20_s24_approving_without_the_number_is_not_enough_unless_a_policy_says_so() {
    let more = r#"
[[policies]]
name = "tap"
allow_one_tap = true

[[clients]]
client_id = "tapping"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://basic.example/cb"]
policies = ["tap"]
consent = "implicit"
"#;
    let op = Op::with(Database::Sqlite, &format!("{PARTNERS}{more}")).await;
    let phone = paired(&op, &KIM).await;
    let mut browser = Browser::new(&op);
    let ask = BASIC.ask().essential(&[AAL2]);
    let page = asked(&mut browser, &ask, &KIM).await;
    let tap = Say {
        number: None,
        ..approve("")
    };
    let heard = phone.answer_the_one(tap).await;
    assert_eq!(heard.error(), (403, "wrong_number"), "S20");
    for _ in 0..2 {
        phone.answer_the_one(approve(&wrong(&number_of(&page)))).await;
    }
    let page = browser.get(page.url.as_str()).await;
    assert_eq!(page.error(), "MFA-133", "three tries");
    assert!(phone.waiting().await.is_empty());
}

#[tokio::test]
async fn s68_a_phone_is_a_first_factor_and_two_with_a_pin() {
    let op = start().await;
    let phone = paired(&op, &KIM).await;
    let tokens = async |unlock: &str, acr: &str| {
        let mut browser = Browser::new(&op);
        let ask = if acr == ONE {
            BASIC.ask()
        } else {
            BASIC.ask().essential(&[acr])
        };
        let page = browser.open(&ask).await;
        let page = browser.submit(&page, &[("username", "kim"), ("password", "")]).await;
        assert_eq!(page.id(), "verify-password");
        let page = browser.press(&page, "method", "push").await;
        assert_eq!(page.id(), "verify-push", "{}", page.text());
        let number = number_of(&page);
        let said = Say {
            unlock,
            ..approve(&number)
        };
        phone.answer_the_one(said).await;
        let page = browser.get(page.url.as_str()).await;
        let page = browser.walk(page, &KIM).await;
        let tokens = ask.redeem(&op, &page.answer()).await;
        (tokens.acr().to_owned(), tokens.amr().join(" "))
    };
    assert_eq!(tokens("none", ONE).await, (ONE.to_owned(), "mca swk user".to_owned()));
    assert_eq!(
        tokens("pin", AAL2).await,
        (AAL2.to_owned(), "mca mfa pin swk user".to_owned())
    );
}

#[tokio::test]
async fn s9_s19_each_sign_in_asks_anew_and_only_a_paired_app_can_answer() {
    let op = start().await;
    let phone = paired(&op, &KIM).await;
    let ask = BASIC.ask().essential(&[AAL2]);
    let mut seen = Vec::new();
    for _ in 0..2 {
        let mut browser = Browser::new(&op);
        let page = asked(&mut browser, &ask, &KIM).await;
        let number = number_of(&page);
        let waiting = phone.waiting().await;
        assert!(!seen.contains(&waiting), "S19: another request each time");
        // S9: another app that has got hold of the request, and of the number.
        let mut other = Phone::new(&op);
        other.id.clone_from(&phone.id);
        let (shown, _) = phone.look(&waiting[0]).await;
        let forged = other.signed(&waiting[0], &shown.body, approve(&number)).await;
        assert_eq!(
            other.send(&waiting[0], &forged).await.error(),
            (401, "invalid_signature")
        );
        let look = other.call(reqwest::Method::GET, "/authenticator/v1/requests", "").await;
        assert_eq!(look.error(), (401, "invalid_signature"));
        phone.answer_the_one(approve(&number)).await;
        let page = browser.get(page.url.as_str()).await;
        ask.redeem(&op, &page.answer()).await;
        seen.push(waiting);
    }
}
