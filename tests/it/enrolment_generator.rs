//! Setting up a code generator (S85, S87-S89, S93), here or by a link, and pages of a set-up that are over.

use crate::browser::Browser;
use crate::enrolment::{KIM, KIMS_ADDRESS, NOOR, OPEN, generator, names, secret, shown, start, wrong};
use crate::relying_party::AAL2;
use crate::workspace::{SAM, SAMS_MOBILE};

#[tokio::test]
async fn s88_s89_s93_a_code_generator_counts_after_its_first_code() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let ask = OPEN.ask().essential(&[AAL2]);
    let (page, secret) = generator(&mut browser, &ask, &KIM).await;
    // S88: the letters and the QR code's address are the same secret.
    assert!(
        page.link_to("otpauth").contains(&format!("secret={secret}&")),
        "{}",
        page.html
    );
    assert!(page.html.contains("<svg"));
    let code = shown(&op, &secret).await;
    let page = browser.submit(&page, &[("code", &wrong(&code))]).await;
    assert_eq!(
        (page.id().as_str(), page.error().as_str()),
        ("enrol-totp", "MFA-110"),
        "S89: it stays pending"
    );
    assert_eq!(page.inner("[data-secret]").replace(' ', ""), secret, "the same one");
    assert!(names(&op, "kim").await.is_empty());
    let code = shown(&op, &secret).await;
    let page = browser.submit(&page, &[("code", &code)]).await;
    assert_eq!(page.inner("[data-nickname]"), "Code generator");
    assert!(!page.html.contains(&secret), "and never again");
    let page = browser.press(&page, "action", "continue").await;
    let tokens = ask.redeem(&op, &page.answer()).await;
    assert_eq!((tokens.acr(), tokens.amr()), (AAL2, vec!["mfa", "otp", "pwd"]));
    // S93: the code that confirmed it is spent.
    let mut other = Browser::new(&op);
    let page = other.open(&OPEN.ask().essential(&[AAL2])).await;
    let page = other.step(&page, &KIM).await;
    assert_eq!(page.id(), "verify-totp", "{}", page.text());
    let again = other.submit(&page, &[("code", &code)]).await;
    assert_eq!(again.error(), "MFA-112");
    op.advance(30).await;
    let next = shown(&op, &secret).await;
    assert!(other.submit(&again, &[("code", &next)]).await.left);
}

#[tokio::test]
async fn s85_s87_a_link_takes_the_place_of_the_qr_code_and_binds_nothing() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let ask = OPEN.ask().essential(&[AAL2]);
    let (page, first) = generator(&mut browser, &ask, &KIM).await;
    assert_eq!(
        page.buttons("action").iter().filter(|a| a.starts_with("link-")).count(),
        1,
        "no phone is set up"
    );
    let page = browser.press(&page, "action", "link-email").await;
    assert_eq!(page.id(), "enrol-totp");
    assert!(
        page.inner("[data-secret]").is_empty() && !page.html.contains("<svg"),
        "{}",
        page.text()
    );
    let sent = op.outbox(KIMS_ADDRESS).await;
    let link = sent.last().unwrap()["link"].as_str().unwrap().to_owned();
    op.secret("a set-up link", link.rsplit('/').next().unwrap());
    // S87: the secret that was shown before is worth nothing.
    let old = shown(&op, &first).await;
    let page = browser.submit(&page, &[("code", &old)]).await;
    assert_eq!(page.error(), "MFA-110");
    // The phone is another browser. Looking at the link uses nothing up.
    let mut phone = Browser::new(&op);
    assert_eq!(phone.get(&link).await.id(), "enrol-setup");
    let asked = phone.get(&link).await;
    assert!(asked.inner("[data-secret]").is_empty());
    let opened = phone.press(&asked, "action", "show").await;
    let new = secret(&phone, &opened);
    assert_ne!(new, first);
    assert!(opened.link_to("otpauth").contains(&new));
    assert!(names(&op, "kim").await.is_empty(), "a link alone binds nothing");
    assert!(
        opened.buttons("action").is_empty() && !opened.html.contains("<form"),
        "there is nothing to confirm here"
    );
    let again = phone.get(&link).await;
    assert_eq!((again.status, again.error().as_str()), (410, "MFA-140"), "once");
    let twice = phone.press(&asked, "action", "show").await;
    assert_eq!(twice.error(), "MFA-140");
    let code = shown(&op, &new).await;
    let page = browser.submit(&page, &[("code", &code)]).await;
    let page = browser.press(&page, "action", "continue").await;
    assert_eq!(ask.redeem(&op, &page.answer()).await.acr(), AAL2);
    assert_eq!(op.audit("authenticator.bind.link_opened").await.len(), 1);
}

#[tokio::test]
async fn s87_a_link_by_text_message_goes_to_the_phone_that_is_set_up() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&OPEN.ask().essential(&[AAL2])).await;
    let page = browser.walk_to(&page, &SAM, "enrol").await;
    let page = browser.press(&page, "method", "totp").await;
    let page = browser.press(&page, "action", "link-sms").await;
    let sent = op.outbox(SAMS_MOBILE).await;
    let last = sent.last().unwrap();
    assert_eq!(last["channel"], "sms");
    let first = last["link"].as_str().unwrap().to_owned();
    // Another one makes the first worthless.
    browser.press(&page, "action", "link-email").await;
    let over = Browser::new(&op).get(&first).await;
    assert_eq!(over.error(), "MFA-140");
    let second = op.outbox("sam@mail.example").await.last().unwrap()["link"]
        .as_str()
        .unwrap()
        .to_owned();
    op.advance(601).await;
    assert_eq!(Browser::new(&op).get(&second).await.error(), "MFA-140", "ten minutes");
}

#[tokio::test]
async fn an_expired_secret_says_mfa_140_and_leads_back_to_the_choice() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let (page, secret) = generator(&mut browser, &OPEN.ask().essential(&[AAL2]), &KIM).await;
    op.advance(601).await;
    let code = shown(&op, &secret).await;
    let late = browser.submit(&page, &[("code", &code)]).await;
    assert_eq!(
        (late.id().as_str(), late.error().as_str()),
        ("enrol", "MFA-140"),
        "{}",
        late.text()
    );
    assert!(late.text().contains("Start the set-up again"), "{}", late.text());
    let page = browser.press(&late, "method", "totp").await;
    assert_eq!(page.id(), "enrol-totp");
    assert!(names(&op, "kim").await.is_empty());
}

/// The back button, two tabs, a page that lay too long: each ends in a sentence that says what to do.
#[tokio::test]
async fn pages_that_are_over_say_what_to_do() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let (first, old) = generator(&mut browser, &OPEN.ask().essential(&[AAL2]), &KIM).await;
    // A second tab of the same sign-in begins anew; the first one's page is old.
    let home = first.url.as_str().split("/enrol").next().unwrap().to_owned();
    let other_tab = browser.get(&home).await;
    let second = browser.press(&other_tab, "method", "totp").await;
    let new = secret(&browser, &second);
    assert_ne!(new, old);
    let code = shown(&op, &old).await;
    let page = browser.submit(&first, &[("code", &code)]).await;
    assert_eq!(page.error(), "MFA-110", "the old secret is none any more");
    assert_eq!(
        page.inner("[data-secret]").replace(' ', ""),
        new,
        "and the new one is shown"
    );
    let code = shown(&op, &new).await;
    let done = browser.submit(&second, &[("code", &code)]).await;
    // Back to the page of the set-up: it is done, and says so.
    let back = browser.submit(&second, &[("code", &code)]).await;
    assert!(back.text().contains("Your account is now secure"), "{}", back.text());
    let page = browser.press(&done, "action", "continue").await;
    assert!(page.left);
    let over = browser.submit(&second, &[("code", &code)]).await;
    assert_eq!((over.status, over.id().as_str()), (400, "error"));
    assert!(over.text().contains("begin again"), "{}", over.text());
    assert_eq!(names(&op, "kim").await, ["Code generator"]);
    // A sign-in that lay too long tells the partner.
    let mut slow = Browser::new(&op);
    let (page, _) = generator(&mut slow, &OPEN.ask().essential(&[AAL2]), &NOOR).await;
    op.advance(31 * 60).await;
    let late = slow.submit(&page, &[("code", "000000")]).await;
    assert_eq!(late.answer().error(), "access_denied");
}
