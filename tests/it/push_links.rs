//! The link of a pairing in the wrong hands: it binds nothing (800-63B-4 §4.1.2.2).

use serde_json::json;

use crate::browser::Browser;
use crate::enrolment::{KIM, KIMS_NUMBER, names, start};
use crate::page::Page;
use crate::push::pairing;
use crate::push_attacks::reasons;
use crate::software_phone::{DENY, Phone, approve, number_of, secret_of, wrong};

/// The secret on the page of a pairing.
async fn revealed(browser: &mut Browser, page: &Page) -> String {
    let page = browser.press(page, "action", "reveal").await;
    let secret = secret_of(&page);
    browser.op.secret("the secret of a pairing", &secret);
    secret
}

#[tokio::test]
async fn s60_s62_a_thief_who_redeems_the_link_first_is_seen_and_gets_nowhere() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = pairing(&mut browser, &KIM).await;
    let secret = revealed(&mut browser, &page).await;
    let mut thief = Phone::new(&op);
    let named = json!({ "device": { "name": "Not Kim's phone" } });
    let heard = thief.redeem(&secret, &named).await;
    let request = heard.body["request"].as_str().unwrap().to_owned();
    assert!(!heard.body.to_string().contains("kim@"), "{heard:?}");
    let mut kims = Phone::new(&op);
    let late = kims.redeem(&secret, &json!({})).await;
    assert_eq!(late.error(), (404, "pairing_unknown"));
    assert_eq!(late.body["mfa"], "MFA-140");
    let page = browser.get(page.url.as_str()).await;
    assert!(page.text().contains("Not Kim's phone"), "{}", page.text());
    let number = number_of(&page);
    // Not asked, but tried: an answer to nobody's request, another one's, a second time.
    for left in [2, 1, 0] {
        let heard = thief.answer(&request, approve(&wrong(&number))).await;
        assert_eq!(
            (heard.error(), &heard.body["tries_left"]),
            ((403, "wrong_number"), &json!(left))
        );
    }
    assert_eq!(
        thief.answer(&request, approve(&number)).await.error(),
        (401, "unregistered")
    );
    let page = browser.get(page.url.as_str()).await;
    assert_eq!(page.error(), "MFA-133", "{}", page.text());
    assert!(names(&op, "kim").await.is_empty());
    assert_eq!(op.audit("auth.push.mismatch").await.len(), 3);
    assert_eq!(op.audit("authenticator.bind.link_opened").await.len(), 1);
    // The next link has a secret of its own.
    let again = pairing(&mut Browser::new(&op), &KIM).await;
    assert_eq!(again.id(), "enrol-push");
}

#[tokio::test]
async fn s60_a_link_is_good_for_ten_minutes_and_until_another_one_is_made() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = pairing(&mut browser, &KIM).await;
    let secret = revealed(&mut browser, &page).await;
    op.advance(601).await;
    let heard = Phone::new(&op).redeem(&secret, &json!({})).await;
    assert_eq!(heard.error(), (404, "pairing_unknown"), "out of time");
    let mut browser = Browser::new(&op);
    let page = pairing(&mut browser, &KIM).await;
    let secret = revealed(&mut browser, &page).await;
    browser.submit(&page, &[("action", "link-email")]).await;
    let heard = Phone::new(&op).redeem(&secret, &json!({})).await;
    assert_eq!(heard.error(), (404, "pairing_unknown"), "another one was made");
    // And a device that redeemed in time, and is confirmed too late, is none.
    let mut browser = Browser::new(&op);
    let page = pairing(&mut browser, &KIM).await;
    let secret = revealed(&mut browser, &page).await;
    let mut phone = Phone::new(&op);
    let heard = phone.redeem(&secret, &json!({})).await;
    let request = heard.body["request"].as_str().unwrap().to_owned();
    let number = number_of(&browser.get(page.url.as_str()).await);
    let (shown, _) = phone.look(&request).await;
    op.advance(601).await;
    let jws = phone.signed(&request, &shown.body, approve(&number)).await;
    assert_eq!(phone.send(&request, &jws).await.error(), (401, "unregistered"));
    assert!(names(&op, "kim").await.is_empty());
}

#[tokio::test]
async fn the_spoken_digits_and_the_link_are_one_pairing() {
    for digits_first in [true, false] {
        let op = start().await;
        let mut browser = Browser::new(&op);
        let page = pairing(&mut browser, &KIM).await;
        let call = [("action", "link-voice"), ("number", KIMS_NUMBER)];
        let page = browser.submit(&page, &call).await;
        assert_eq!(page.id(), "enrol-push", "{}", page.text());
        let digits = op.last_code(KIMS_NUMBER).await;
        assert_eq!(digits.len(), 12);
        let page = browser.submit(&page, &[("action", "reveal")]).await;
        let secret = secret_of(&page);
        op.secret("the secret of a pairing", &secret);
        let (first, second) = if digits_first {
            (&digits, &secret)
        } else {
            (&secret, &digits)
        };
        let mut phone = Phone::new(&op);
        assert_eq!(phone.redeem(first, &json!({})).await.status, 201);
        let other = Phone::new(&op).redeem(second, &json!({})).await;
        assert_eq!(other.error(), (404, "pairing_unknown"), "digits first: {digits_first}");
        assert_eq!(
            Phone::new(&op).redeem(first, &json!({})).await.error(),
            (404, "pairing_unknown")
        );
        // Denied on the phone, nothing is left of it.
        phone.answer_the_one(DENY).await;
        assert_eq!(browser.get(page.url.as_str()).await.error(), "MFA-131");
        assert!(names(&op, "kim").await.is_empty());
    }
}

#[tokio::test]
async fn the_21st_guess_at_a_link_from_one_address_waits() {
    let op = start().await;
    for guess in 0..20 {
        let secret = format!("{guess:012}");
        let heard = Phone::new(&op).redeem(&secret, &json!({})).await;
        assert_eq!(heard.error(), (404, "pairing_unknown"));
    }
    for _ in 0..2 {
        let heard = Phone::new(&op).redeem("999999999999", &json!({})).await;
        assert_eq!(heard.error(), (429, "slow_down"));
        assert_eq!(heard.body["mfa"], "MFA-113");
    }
    assert_eq!(
        reasons(&op, "authenticator.bind.rate_limited").await,
        ["secrets of pairings"],
        "recorded once: nobody is known here"
    );
    op.advance(600).await;
    let heard = Phone::new(&op).redeem("999999999999", &json!({})).await;
    assert_eq!(heard.error(), (404, "pairing_unknown"));
}
