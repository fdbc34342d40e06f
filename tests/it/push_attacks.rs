//! Answers of an attacker: forged, replayed, about something else, from elsewhere. Each is refused with its code, changes
//! nothing, and what a known key has signed is in the audit log.

use aws_lc_rs::hmac;
use countersign::base::encoding::base64url;
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::enrolment::{KIM, NOOR, PARTNERS, start};
use crate::harness::{Database, Op};
use crate::push::{asked, paired};
use crate::relying_party::{AAL2, BASIC};
use crate::software_phone::{DENY, NOT_ME, Phone, approve, number_of, wrong};
use crate::workspace::LEE;

/// The reasons in the records of this event.
pub async fn reasons(op: &Op, event: &str) -> Vec<String> {
    let all = op.audit(event).await;
    all.iter()
        .map(|r| r["reason"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test]
async fn an_answer_is_good_once_and_only_for_the_request_that_it_is_about() {
    let op = start().await;
    let phone = paired(&op, &KIM).await;
    let ask = BASIC.ask().essential(&[AAL2]);
    let mut browser = Browser::new(&op);
    let page = asked(&mut browser, &ask, &KIM).await;
    let first = phone.waiting().await.remove(0);
    let (shown, _) = phone.look(&first).await;
    for (member, value) in [("nonce", json!("AAAA")), ("context_digest", json!(base64url(&[0; 32])))] {
        let mut said = phone.said(&first, &shown.body, approve(&number_of(&page))).await;
        said[member] = value;
        let jws = phone.sign(&phone.header("countersign-answer+jwt"), &said);
        assert_eq!(
            phone.send(&first, &jws).await.error(),
            (400, "invalid_request"),
            "{member}"
        );
    }
    assert_eq!(
        reasons(&op, "auth.push.mismatch").await,
        ["about something else", "about something else"]
    );
    // Somebody else's sign-in at the same moment: neither its answer nor its number serve here.
    let mut relay = Browser::new(&op);
    let other = asked(&mut relay, &ask, &KIM).await;
    let second = phone.waiting().await.remove(0);
    let jws = phone.signed(&first, &shown.body, approve(&number_of(&page))).await;
    assert_eq!(phone.send(&second, &jws).await.error(), (404, "request_unknown"));
    let heard = phone.answer(&first, approve(&number_of(&other))).await;
    assert_eq!(heard.error(), (403, "wrong_number"), "the number of another session");
    // The browser asks anew: the older request is over, whatever its answer says.
    let page = browser.press(&page, "action", "resend").await;
    assert_eq!(phone.send(&first, &jws).await.error(), (410, "expired"));
    let third = phone.waiting().await.remove(0);
    let (shown, _) = phone.look(&third).await;
    let jws = phone.signed(&third, &shown.body, approve(&number_of(&page))).await;
    assert_eq!(phone.send(&third, &jws).await.status, 200);
    assert_eq!(phone.send(&third, &jws).await.error(), (409, "answered"), "replayed");
    assert!(browser.get(page.url.as_str()).await.left);
    assert_eq!(
        phone.send(&third, &jws).await.error(),
        (409, "answered"),
        "and once it was used"
    );
    // What was sent and what was said about it are found together.
    let told = async |event: &str| {
        op.audit(event)
            .await
            .iter()
            .filter(|r| r.to_string().contains(&third))
            .count()
    };
    for event in ["auth.challenge.resent", "auth.push.approved"] {
        assert_eq!(told(event).await, 1, "{event}");
    }
    assert_eq!(
        reasons(&op, "auth.push.refused").await,
        ["request_unknown", "expired", "answered", "answered"]
    );
    assert_eq!(
        number_of(&relay.get(other.url.as_str()).await),
        number_of(&other),
        "the other still waits"
    );
}

#[tokio::test]
async fn nothing_but_the_devices_own_signature_counts() {
    let op = start().await;
    let phone = paired(&op, &KIM).await;
    let stranger = Phone::new(&op);
    let mut browser = Browser::new(&op);
    let page = asked(&mut browser, &BASIC.ask().essential(&[AAL2]), &KIM).await;
    let request = phone.waiting().await.remove(0);
    let (shown, _) = phone.look(&request).await;
    let said = phone.said(&request, &shown.body, approve(&number_of(&page))).await;
    let header = phone.header("countersign-answer+jwt");
    let with = |name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value;
        header
    };
    let part = |v: &Value| base64url(v.to_string().as_bytes());
    let unsigned = format!("{}.{}.", part(&with("alg", json!("none"))), part(&said));
    let message = format!("{}.{}", part(&with("alg", json!("HS256"))), part(&said));
    // The classic confusion: the public key, which is no secret, as the secret of an HMAC.
    let key = hmac::Key::new(hmac::HMAC_SHA256, phone.jwk().to_string().as_bytes());
    let confused = format!("{message}.{}", base64url(hmac::sign(&key, message.as_bytes()).as_ref()));
    let good = phone.sign(&header, &said);
    let (head, tail) = good.split_once('.').unwrap();
    let denied = phone.said(&request, &shown.body, DENY).await;
    let altered = format!("{head}.{}.{}", part(&denied), tail.split_once('.').unwrap().1);
    let forged = [
        ("none", unsigned),
        ("HMAC", confused),
        ("altered", altered),
        ("a stranger's key", stranger.sign(&header, &said)),
        ("a key of its own", stranger.sign(&with("jwk", stranger.jwk()), &said)),
        (
            "a device's proof",
            phone.sign(&with("typ", json!("countersign-device+jwt")), &said),
        ),
        ("no type", phone.sign(&with("typ", json!("JWT")), &said)),
        ("extensions", phone.sign(&with("crit", json!(["b64"])), &said)),
    ];
    for (what, jws) in forged {
        let heard = phone.send(&request, &jws).await;
        assert_eq!(heard.error(), (401, "invalid_signature"), "{what}");
    }
    for kid in ["nobody", "", "a\u{0}b"] {
        let heard = phone.send(&request, &phone.sign(&with("kid", json!(kid)), &said)).await;
        assert_eq!(heard.error(), (401, "unregistered"), "{kid:?}");
    }
    for aud in [json!("https://other.example"), json!(null), json!([])] {
        let mut said = said.clone();
        said["aud"] = aud.clone();
        let heard = phone.send(&request, &phone.sign(&header, &said)).await;
        assert_eq!(heard.error(), (400, "invalid_request"), "{aud}");
    }
    assert_eq!(number_of(&browser.get(page.url.as_str()).await), number_of(&page));
    assert_eq!(phone.waiting().await, [request]);
    // Strangers fill the log, never the audit log.
    assert!(reasons(&op, "auth.push.refused").await.is_empty());
    assert!(op.files.log().contains("a phone was refused"));
}

#[tokio::test]
async fn a_clock_may_be_five_minutes_off_and_no_more() {
    let op = start().await;
    let mut phone = paired(&op, &KIM).await;
    for (skew, status) in [(290, 200), (-290, 200), (310, 401), (-310, 401), (1_000_000_000, 401)] {
        phone.skew = skew;
        let heard = phone.call(Method::GET, "/authenticator/v1/device", "").await;
        assert_eq!(heard.status, status, "{skew}: {heard:?}");
        if status == 401 && skew < 1_000_000 {
            assert_eq!(heard.error().1, "clock_skew");
            assert_eq!(heard.body["mfa"], "MFA-142");
            assert!(heard.body["server_time"].is_i64());
        }
    }
}

#[tokio::test]
async fn a_device_sees_and_answers_only_what_was_sent_to_it() {
    let op = start().await;
    let kims = paired(&op, &KIM).await;
    let noors = paired(&op, &NOOR).await;
    let mut browser = Browser::new(&op);
    let page = asked(&mut browser, &BASIC.ask().essential(&[AAL2]), &KIM).await;
    let request = kims.waiting().await.remove(0);
    assert_eq!(noors.look(&request).await.0.error(), (404, "request_unknown"));
    let (shown, _) = kims.look(&request).await;
    for say in [approve(&number_of(&page)), DENY, NOT_ME] {
        let jws = noors.signed(&request, &shown.body, say).await;
        assert_eq!(noors.send(&request, &jws).await.error(), (404, "request_unknown"));
    }
    let refused = op.audit("auth.push.refused").await;
    assert_eq!(refused.len(), 3);
    assert!(refused[0].to_string().contains(&noors.id));
    for odd in ["%00", "a%0Ab", "%F0%9F%98%80"] {
        let path = format!("/authenticator/v1/requests/{odd}");
        let heard = kims
            .post(&path, &json!({ "answer": kims.signed(odd, &shown.body, DENY).await }))
            .await;
        assert_eq!(heard.error(), (404, "request_unknown"), "{odd}");
    }
    assert_eq!(number_of(&browser.get(page.url.as_str()).await), number_of(&page));
}

#[tokio::test]
async fn the_browser_that_signs_in_cannot_approve_itself() {
    let op = start().await;
    let mut phone = paired(&op, &KIM).await;
    let mut browser = Browser::new(&op);
    let page = asked(&mut browser, &BASIC.ask().essential(&[AAL2]), &KIM).await;
    let jar: Vec<String> = browser.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
    phone.cookies = Some(jar.join("; "));
    let heard = phone.answer_the_one(approve(&number_of(&page))).await;
    assert_eq!(heard.error(), (403, "same_device"));
    assert_eq!(heard.body["mfa"], "MFA-137");
    assert_eq!(reasons(&op, "auth.factor.failed").await, ["the same browser"]);
    assert_eq!(number_of(&browser.get(page.url.as_str()).await), number_of(&page));
    phone.cookies = None;
    assert_eq!(phone.answer_the_one(approve(&number_of(&page))).await.status, 200);
}

#[tokio::test]
async fn an_approval_counts_only_in_the_browser_that_asked() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::with(database, PARTNERS).await;
        let phone = paired(&op, &KIM).await;
        let mut browser = Browser::new(&op);
        let ask = BASIC.ask().essential(&[AAL2]);
        let page = asked(&mut browser, &ask, &KIM).await;
        // Another browser of the same person, in the middle of a sign-in of its own.
        let mut other = Browser::new(&op);
        other.open(&ask).await;
        phone.answer_the_one(approve(&number_of(&page))).await;
        for path in [page.url.to_string(), format!("{}/wait", home(page.url.as_str()))] {
            let foreign = other.get(&path).await;
            assert_eq!((foreign.status, foreign.left), (400, false), "{path}");
        }
        let page = browser.get(page.url.as_str()).await;
        let tokens = ask.redeem(&op, &page.answer()).await;
        assert_eq!(tokens.acr(), AAL2);
    }
}

/// The address of a sign-in, from that of one of its pages.
pub fn home(url: &str) -> &str {
    let at = url.find("/sign-in/").unwrap() + "/sign-in/".len();
    let end = url[at..].find('/').map_or(url.len(), |i| at + i);
    &url[..end]
}

#[tokio::test]
async fn s17_after_a_sign_in_has_ended_its_request_can_only_be_reported() {
    let op = start().await;
    let phone = paired(&op, &LEE).await;
    let mut browser = Browser::new(&op);
    let ask = BASIC.ask().essential(&[AAL2]);
    let page = asked(&mut browser, &ask, &LEE).await;
    let number = number_of(&page);
    assert_eq!(
        browser.press(&page, "action", "cancel").await.answer().error(),
        "access_denied"
    );
    for say in [approve(&number), DENY, approve(&wrong(&number))] {
        let heard = phone.answer_the_one(say).await;
        assert_eq!(heard.error(), (410, "expired"), "cancelled");
    }
    assert_eq!(browser.get(page.url.as_str()).await.status, 400);
    // A thief who has the code generator as well is faster than the owner, and is thrown out all the same.
    let mut thief = Browser::new(&op);
    let page = asked(&mut thief, &ask.clone().scope("openid offline_access"), &LEE).await;
    let chooser = thief.press(&page, "action", "choose").await;
    let answer = thief.walk(chooser, &LEE).await.answer();
    let tokens = ask.redeem(&op, &answer).await;
    let newest = phone.waiting().await.remove(0);
    assert_eq!(phone.answer(&newest, NOT_ME).await.body["status"], "reported");
    BASIC
        .refresh(&op, tokens.refresh_token())
        .await
        .refused(400, "invalid_grant");
    assert_eq!(thief.open(&BASIC.ask()).await.id(), "sign-in");
    assert_eq!(op.audit("auth.session.ended").await.len(), 1);
}
