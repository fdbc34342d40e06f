//! Setting up a method where one has no right to, too often, or twice at once.

use crate::browser::Browser;
use crate::enrolment::{
    KIM, KIMS_ADDRESS, KIMS_NUMBER, NOOR, OPEN, PARTNERS, chooser, generator, names, shown, start, texted, wrong,
};
use crate::harness::{Database, Op};
use crate::relying_party::{AAL2, MFA};
use crate::workspace::LEE;

/// Nobody sets anything up before the password is proved, nor where nothing was begun.
#[tokio::test]
async fn posting_past_the_pages_sets_nothing_up() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&OPEN.ask().essential(&[MFA])).await;
    let csrf = page.csrf();
    for (path, field) in [
        ("enrol", ("method", "totp")),
        ("enrol/totp", ("code", "123456")),
        ("enrol/totp", ("action", "link-email")),
        ("enrol/sms", ("number", KIMS_NUMBER)),
        ("enrol/recovery_code", ("code", "")),
    ] {
        let url = format!("{}/{path}", page.url);
        let answered = browser
            .post(&url, &[("csrf", &csrf), ("confirmed", "yes"), field])
            .await;
        assert!(!answered.left && answered.inner("[data-secret]").is_empty(), "{path}");
    }
    assert!(op.outbox(KIMS_NUMBER).await.is_empty());
    assert!(op.audit("authenticator.bind.started").await.is_empty());
    // With the password proved, and nothing begun.
    let page = browser.step(&page, &KIM).await;
    let csrf = page.csrf();
    let url = format!("{}/enrol/totp", page.url);
    let answered = browser.post(&url, &[("csrf", &csrf), ("code", "123456")]).await;
    assert_eq!(
        (answered.id().as_str(), answered.error().as_str()),
        ("enrol", "MFA-140")
    );
    // Lee has more than a password: proving it is not enough to add anything.
    let mut thief = Browser::new(&op);
    let page = thief.open(&OPEN.ask()).await;
    let page = thief.step(&page, &LEE).await;
    assert!(page.left, "the partner asks for no more");
    let page = thief.open(&OPEN.ask().essential(&[MFA])).await;
    let url = format!(
        "{}/enrol",
        page.url
            .as_str()
            .split(['?', '#'])
            .next()
            .unwrap()
            .split("/verify")
            .next()
            .unwrap()
    );
    let csrf = page.csrf();
    let answered = thief.post(&url, &[("csrf", &csrf), ("method", "totp")]).await;
    assert_ne!(answered.id(), "enrol-totp", "{}", answered.text());
    assert_eq!(names(&op, "lee").await.len(), 3);
}

/// The set-up of one person is nothing to another, nor to another browser of the same.
#[tokio::test]
async fn anothers_set_up_cannot_be_finished() {
    let op = start().await;
    let mut mine = Browser::new(&op);
    let (page, secret) = generator(&mut mine, &OPEN.ask().essential(&[AAL2]), &KIM).await;
    let code = shown(&op, &secret).await;
    let mut theirs = Browser::new(&op);
    let (their_page, _) = generator(&mut theirs, &OPEN.ask().essential(&[AAL2]), &NOOR).await;
    // Their anti-forgery value, or mine, at my address: the browser decides.
    for csrf in [their_page.csrf(), page.csrf()] {
        let answered = theirs
            .post(page.url.as_str(), &[("csrf", &csrf), ("code", &code)])
            .await;
        assert_eq!((answered.status, answered.id().as_str()), (400, "error"));
    }
    let shown_to_them = theirs.get(page.url.as_str()).await;
    assert!(!shown_to_them.html.contains(&secret) && shown_to_them.status == 400);
    let own = theirs.submit(&their_page, &[("code", &code)]).await;
    assert_eq!(own.error(), "MFA-110", "my code confirms nothing of theirs");
    assert!(names(&op, "kim").await.is_empty() && names(&op, "noor").await.is_empty());
}

/// The same right code twice at once: one authenticator.
#[tokio::test]
async fn of_two_confirmations_at_once_one_binds() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::with(database, PARTNERS).await;
        let mut browser = Browser::new(&op);
        let (page, secret) = generator(&mut browser, &OPEN.ask().essential(&[AAL2]), &KIM).await;
        let code = shown(&op, &secret).await;
        let mut tries = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let (mut twin, page, code) = (browser.clone(), page.clone(), code.clone());
            tries.spawn(async move { twin.submit(&page, &[("code", &code)]).await });
        }
        let answers = tries.join_all().await;
        assert!(
            answers.iter().any(|a| a.text().contains("Your account is now secure")),
            "one gets through"
        );
        assert_eq!(names(&op, "kim").await, ["Code generator"]);
        assert_eq!(op.audit("authenticator.bind.confirmed").await.len(), 1);
    }
}

#[tokio::test]
async fn guessing_while_setting_up_is_slowed_down() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = chooser(&mut browser, &OPEN.ask().essential(&[MFA]), &KIM).await;
    let mut page = texted(&mut browser, &page, KIMS_NUMBER).await;
    let right = op.last_code(KIMS_NUMBER).await;
    for _ in 0..9 {
        page = browser.submit(&page, &[("code", &wrong(&right))]).await;
        assert_eq!(page.error(), "MFA-110");
    }
    page = browser.submit(&page, &[("code", &wrong(&right))]).await;
    assert_eq!((page.status, page.error().as_str()), (429, "MFA-113"));
    let page = browser.submit(&page, &[("code", &right)]).await;
    assert_eq!(
        page.error(),
        "MFA-113",
        "not even the right one, until the pause is over"
    );
    // Beginning anew wins nothing either.
    let mut other = Browser::new(&op);
    let fresh = chooser(&mut other, &OPEN.ask().essential(&[MFA]), &KIM).await;
    let fresh = other.press(&fresh, "method", "sms").await;
    let fresh = other
        .submit(&fresh, &[("number", KIMS_NUMBER), ("confirmed", "yes")])
        .await;
    assert_eq!(fresh.error(), "MFA-113");
    op.advance(31).await;
    let page = browser.submit(&page, &[("code", &right)]).await;
    assert!(page.text().contains("Your account is now secure"), "{}", page.text());
}

/// Six in ten minutes are one too many, over whatever sign-ins, numbers and links they are spread.
#[tokio::test]
async fn set_ups_send_no_more_than_five_messages_in_ten_minutes() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = chooser(&mut browser, &OPEN.ask().essential(&[MFA]), &KIM).await;
    let page = texted(&mut browser, &page, KIMS_NUMBER).await;
    let page = browser.press(&page, "action", "resend").await;
    let page = browser.press(&page, "action", "resend").await;
    assert_eq!(page.error(), "");
    assert_eq!(op.outbox(KIMS_NUMBER).await.len(), 3);
    let mut other = Browser::new(&op);
    let (generated, _) = generator(&mut other, &OPEN.ask().essential(&[MFA]), &KIM).await;
    let generated = other.press(&generated, "action", "link-email").await;
    let generated = other.press(&generated, "action", "link-email").await;
    assert_eq!(generated.error(), "");
    let refused = other.press(&generated, "action", "link-email").await;
    assert_eq!((refused.status, refused.error().as_str()), (429, "MFA-113"));
    let refused = browser.press(&page, "action", "resend").await;
    assert_eq!(refused.error(), "MFA-113");
    let links = op.outbox(KIMS_ADDRESS).await;
    let links = links
        .iter()
        .filter(|m| m["link"].as_str().is_some_and(|l| l.contains("/enrol/setup/")));
    assert_eq!(op.outbox(KIMS_NUMBER).await.len() + links.count(), 5);
    op.advance(601).await;
    let page = browser.press(&refused, "action", "edit").await;
    let page = browser
        .submit(&page, &[("number", KIMS_NUMBER), ("confirmed", "yes")])
        .await;
    assert_eq!(page.error(), "", "{}", page.text());
}
