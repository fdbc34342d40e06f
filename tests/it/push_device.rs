//! A device's own affairs: its proofs, its address, its end.

use reqwest::Method;
use serde_json::json;

use crate::browser::Browser;
use crate::enrolment::{KIM, PARTNERS, names, start};
use crate::harness::{Database, Op};
use crate::push::{asked, paired, pairing};
use crate::relying_party::{AAL2, BASIC};
use crate::software_phone::{DENY, NOT_ME, Phone, approve, number_of};
use crate::workspace::{LEE, Second};

const DEVICE: &str = "/authenticator/v1/device";

#[tokio::test]
async fn a_proof_is_for_one_request_and_what_changes_something_is_said_once() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::with(database, PARTNERS).await;
        let phone = paired(&op, &LEE).await;
        let body = json!({ "notifications": "granted", "push": { "kind": "apns", "token": "0a1b2c3d".repeat(8) } })
            .to_string();
        let proof = phone.proof("PUT", DEVICE, &body).await;
        let heard = phone.call_with(Method::PUT, DEVICE, &body, &proof).await;
        assert_eq!((heard.status, &heard.body["push"]), (200, &json!(true)), "{heard:?}");
        let again = phone.call_with(Method::PUT, DEVICE, &body, &proof).await;
        assert_eq!(again.error(), (401, "replayed"));
        // The proof of another method, path, body, of none.
        let invalid = [
            phone.proof("GET", DEVICE, &body).await,
            phone.proof("PUT", "/authenticator/v1/requests", &body).await,
            phone.proof("PUT", DEVICE, "{}").await,
            phone.proof("PUT", DEVICE, "").await,
        ];
        for proof in invalid {
            let heard = phone.call_with(Method::PUT, DEVICE, &body, &proof).await;
            assert_eq!(heard.error(), (400, "invalid_request"));
        }
        for jti in ["short", "a\u{0}bcdefghijklmnopqrstuv"] {
            let mut payload = json!({ "aud": op.issuer, "iat": op.now().await.secs(), "jti": jti });
            payload["htm"] = "DELETE".into();
            payload["htu"] = op.url(DEVICE).into();
            let proof = phone.sign(&phone.header("countersign-device+jwt"), &payload);
            let heard = phone.call_with(Method::DELETE, DEVICE, "", &proof).await;
            assert_eq!(heard.error(), (400, "invalid_request"), "{jti:?}");
        }
        let proof = phone.proof("DELETE", DEVICE, "").await;
        assert_eq!(phone.call_with(Method::DELETE, DEVICE, "", &proof).await.status, 204);
        let again = phone.call_with(Method::DELETE, DEVICE, "", &proof).await;
        assert_eq!(again.error(), (401, "unregistered"), "its key is good for nothing");
        assert_eq!(op.audit("authenticator.removed").await.len(), 1);
    }
}

#[tokio::test]
async fn what_a_device_says_of_itself_is_an_address_and_a_few_words() {
    let op = start().await;
    let phone = paired(&op, &KIM).await;
    let put = async |body: &serde_json::Value| phone.call(Method::PUT, DEVICE, &body.to_string()).await;
    let web = |endpoint: &str| json!({ "kind": "webpush", "endpoint": endpoint, "p256dh": "BN", "auth": "AA" });
    let addresses = [
        web("http://push.example/x"),
        web("ftp://push.example/x"),
        web("https://somebody:secret@push.example/x"),
        web(&format!("https://push.example/{}", "x".repeat(3000))),
        json!({ "kind": "apns", "token": "../../admin" }),
        json!({ "kind": "fcm", "token": "x".repeat(5000) }),
    ];
    for address in addresses {
        let heard = put(&json!({ "push": address })).await;
        assert_eq!(heard.error(), (400, "invalid_request"), "{address}");
        let mut another = Phone::new(&op);
        let heard = another.redeem("AAAA", &json!({ "push": address })).await;
        assert_eq!(
            heard.error(),
            (400, "invalid_request"),
            "and not when it is paired: {address}"
        );
    }
    assert_eq!(phone.call(Method::GET, DEVICE, "").await.body["push"], false);
    let app = json!({ "name": "x\u{7}".repeat(2000), "version": "1.0.0", "platform": "test", "os": "y" });
    assert_eq!(put(&json!({ "app": app })).await.status, 200);
    let shown = op.files.run_ok(&["user", "show", "kim", "--json"]);
    assert!(!shown.contains(&"x".repeat(65)) && !shown.contains('\u{7}'), "{shown}");
    let old = json!({ "name": "Test", "version": "0.9", "platform": "test", "os": "y" });
    assert_eq!(put(&json!({ "app": old })).await.error(), (403, "app_too_old"));
}

#[tokio::test]
async fn s80_the_last_authenticator_does_not_remove_itself() {
    let op = start().await;
    let phone = paired(&op, &KIM).await;
    let heard = phone.call(Method::DELETE, DEVICE, "").await;
    assert_eq!(heard.error(), (409, "last_authenticator"));
    assert_eq!(heard.body["mfa"], "MFA-180");
    let refused = op.audit("authenticator.removed").await;
    assert_eq!(
        (&refused[0]["outcome"], &refused[0]["reason"]),
        (&json!("refused"), &json!("MFA-180"))
    );
    assert_eq!(names(&op, "kim").await, ["Test phone"]);
}

#[tokio::test]
async fn what_was_put_aside_or_taken_away_answers_nothing() {
    let op = start().await;
    let phone = paired(&op, &LEE).await;
    let ask = BASIC.ask().essential(&[AAL2]);
    let mut browser = Browser::new(&op);
    let page = asked(&mut browser, &ask, &LEE).await;
    let request = phone.waiting().await.remove(0);
    let (shown, _) = phone.look(&request).await;
    // Lost: its finder can neither look nor answer.
    let mut owner = Browser::new(&op);
    owner.tokens(&BASIC.ask(), &LEE.with(Second::Nothing)).await;
    let lost = owner.get(&op.url("/account/lost")).await;
    let id = op.authenticator("lee", "Test phone");
    owner.press(&lost, "authenticator", &id).await;
    for say in [approve(&number_of(&page)), DENY, NOT_ME] {
        let jws = phone.signed(&request, &shown.body, say).await;
        assert_eq!(phone.send(&request, &jws).await.error(), (401, "unregistered"));
    }
    let path = "/authenticator/v1/requests";
    assert_eq!(phone.call(Method::GET, path, "").await.error(), (401, "unregistered"));
    assert_eq!(phone.look(&request).await.0.error(), (401, "unregistered"));
    let heard = phone.call(Method::GET, DEVICE, "").await;
    assert_eq!(heard.body["status"], "suspended");
    let page = browser.get(page.url.as_str()).await;
    assert!(!page.left && page.inner("[data-number]").is_empty(), "{}", page.text());
}

#[tokio::test]
async fn an_approval_that_nobody_took_yet_is_worth_nothing_once_its_device_or_owner_is_put_aside() {
    for suspend_user in [true, false] {
        let op = start().await;
        let phone = paired(&op, &LEE).await;
        let mut browser = Browser::new(&op);
        let page = asked(&mut browser, &BASIC.ask().essential(&[AAL2]), &LEE).await;
        assert_eq!(phone.answer_the_one(approve(&number_of(&page))).await.status, 200);
        if suspend_user {
            op.files.run_ok(&["user", "suspend", "lee"]);
        } else {
            assert_eq!(phone.call(Method::DELETE, DEVICE, "").await.status, 204);
        }
        let page = browser.get(page.url.as_str()).await;
        assert!(!page.left, "{}", page.text());
        if suspend_user {
            let heard = phone.call(Method::GET, DEVICE, "").await;
            assert_eq!(heard.error(), (401, "unregistered"));
        }
        assert!(op.audit("auth.code.issued").await.is_empty());
    }
}

#[tokio::test]
async fn an_app_that_is_too_old_or_silent_is_not_paired() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = pairing(&mut browser, &KIM).await;
    let page = browser.press(&page, "action", "reveal").await;
    let secret = crate::software_phone::secret_of(&page);
    op.secret("the secret of a pairing", &secret);
    let app = |version: &str| json!({ "app": { "name": "T", "version": version, "platform": "t", "os": "t" } });
    let mut phone = Phone::new(&op);
    let heard = phone.redeem(&secret, &app("0.9.9")).await;
    assert_eq!(
        (heard.error(), &heard.body["mfa"]),
        ((403, "app_too_old"), &json!("MFA-135"))
    );
    let heard = phone.redeem(&secret, &json!({ "notifications": "denied" })).await;
    assert_eq!(
        (heard.error(), &heard.body["mfa"]),
        ((403, "notifications_off"), &json!("MFA-134"))
    );
    assert_eq!(
        phone.redeem(&secret, &app("1.0")).await.status,
        201,
        "the link was not spent"
    );
}
