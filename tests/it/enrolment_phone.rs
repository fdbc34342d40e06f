//! Setting up a telephone (S25-S29, S32, S36, S37, S46).

use crate::browser::Browser;
use crate::enrolment::{KIM, KIMS_ADDRESS, KIMS_NUMBER, OPEN, chooser, names, start, texted, wrong};
use crate::relying_party::MFA;
use crate::workspace::Persona;

#[tokio::test]
async fn s27_s29_s32_a_text_message_is_set_up_and_signs_in() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let ask = OPEN.ask().essential(&[MFA]);
    let page = chooser(&mut browser, &ask, &KIM).await;
    let page = browser.press(&page, "method", "sms").await;
    // S25: a field for the number, and both ways.
    assert_eq!(
        (page.id().as_str(), page.input("number", "autocomplete").as_str()),
        ("enrol-phone", "tel")
    );
    assert_eq!(page.buttons("method"), ["sms", "voice"]);
    // S46: shown as it was understood, before anything is sent.
    let page = browser
        .submit(&page, &[("number", "+1 (415) 555-0131"), ("method", "sms")])
        .await;
    assert_eq!(page.inner("[data-number]"), "+1 415-555-0131");
    assert!(op.outbox(KIMS_NUMBER).await.is_empty());
    let page = browser.submit(&page, &[("method", "sms")]).await;
    assert!(page.text().contains("(***) ***-*131"), "{}", page.text());
    assert!(!page.html.contains("4155550131"), "the number is nowhere in the page");
    let sent = op.outbox(KIMS_NUMBER).await;
    assert_eq!((sent.len(), sent[0]["channel"].as_str()), (1, Some("sms")));
    let code = op.last_code(KIMS_NUMBER).await;
    let page = browser
        .submit(&page, &[("code", &code), ("nickname", "My phone")])
        .await;
    assert!(page.text().contains("Your account is now secure"), "{}", page.text());
    assert_eq!(
        (page.id().as_str(), page.inner("[data-nickname]").as_str()),
        ("enrol", "My phone")
    );
    let page = browser.press(&page, "action", "continue").await;
    let tokens = ask.redeem(&op, &page.answer()).await;
    assert_eq!((tokens.acr(), tokens.amr()), (MFA, vec!["mca", "mfa", "pwd", "sms"]));
    assert_eq!(names(&op, "kim").await, ["My phone"]);
    assert_eq!(op.audit("authenticator.bind.confirmed").await.len(), 1);
    // Its owner is told, there and by letter.
    assert_eq!(op.outbox(KIMS_ADDRESS).await.len(), 1);
    assert_eq!(op.outbox(KIMS_NUMBER).await.len(), 2);
    let who = Persona {
        second: crate::workspace::Second::Sms(KIMS_NUMBER),
        ..KIM
    };
    let mut other = Browser::new(&op);
    let ask = OPEN.ask().essential(&[MFA]);
    let page = other.open(&ask).await;
    let page = other.step(&page, &who).await;
    let page = other.walk_to(&page, &who, "verify-phone").await;
    let page = other.step(&page, &who).await;
    assert_eq!(ask.redeem(&op, &page.answer()).await.acr(), MFA);
}

#[tokio::test]
async fn s28_a_call_is_set_up_and_speaks_the_code_twice() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = chooser(&mut browser, &OPEN.ask().essential(&[MFA]), &KIM).await;
    let page = browser.press(&page, "method", "voice").await;
    let page = browser
        .submit(&page, &[("number", KIMS_NUMBER), ("method", "voice")])
        .await;
    let page = browser.submit(&page, &[("method", "voice")]).await;
    let sent = op.outbox(KIMS_NUMBER).await;
    assert_eq!((sent.len(), sent[0]["channel"].as_str()), (1, Some("voice")));
    let code = op.last_code(KIMS_NUMBER).await;
    let spoken = code.chars().map(String::from).collect::<Vec<_>>().join(", ");
    assert_eq!(sent[0]["body"].as_str().unwrap().matches(&spoken).count(), 2);
    let page = browser.submit(&page, &[("code", &code)]).await;
    let page = browser.press(&page, "action", "continue").await;
    assert!(page.left, "{}", page.text());
}

#[tokio::test]
async fn s36_s37_an_old_code_and_a_wrong_one_say_so() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = chooser(&mut browser, &OPEN.ask().essential(&[MFA]), &KIM).await;
    let page = texted(&mut browser, &page, KIMS_NUMBER).await;
    let code = op.last_code(KIMS_NUMBER).await;
    let page = browser.submit(&page, &[("code", &wrong(&code))]).await;
    assert_eq!((page.id().as_str(), page.error().as_str()), ("enrol-phone", "MFA-110"));
    assert!(
        page.text().contains('9') && !page.reference().is_empty(),
        "{}",
        page.text()
    );
    op.advance(301).await;
    let late = browser.submit(&page, &[("code", &code)]).await;
    assert_eq!(late.error(), "MFA-111", "{}", late.text());
    assert!(names(&op, "kim").await.is_empty());
}
