//! "This was not me": the link of a letter takes a change back, once, without a sign-in.

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::own_profile::{NEW, ask_for};
use crate::page::Page;
use crate::relying_party::{BASIC, MFA, userinfo};
use crate::rival::{Rival, SINCE, person};
use crate::security::{add_totp, below, letters, open};
use crate::workspace::LEE;

const ADDRESS: &str = "lee@cedar.example";

/// Somebody in Lee's session adds a device of theirs; the letter that Lee gets about it.
async fn intruded(op: &Op) -> (Browser, String) {
    let mut thief = Browser::new(op);
    let list = open(&mut thief, &LEE).await;
    add_totp(&mut thief, &list, &LEE, "Strange phone").await;
    let link = letters(op, ADDRESS).await.pop().expect("a letter with a link");
    (thief, link)
}

fn gone(page: &Page) {
    assert_eq!(
        (page.status, page.id().as_str()),
        (404, "account-undo"),
        "{}",
        page.text()
    );
    assert_eq!(page.error(), "invalid_request");
    assert!(page.text().contains("This link is no longer of use") && !page.html.contains("<form"));
    assert!(!page.reference().is_empty() && !page.text().contains("lee"));
}

#[tokio::test]
async fn this_was_not_me_takes_the_device_and_every_access_back() {
    let op = Op::start().await;
    let tokens = Browser::new(&op)
        .tokens(&BASIC.ask().scope("openid profile"), &LEE)
        .await;
    let (mut thief, link) = intruded(&op).await;
    let mut owner = Browser::new(&op);
    // Opening the link is not pressing the button: scanners of mail open links.
    for _ in 0..2 {
        let page = owner.get(&link).await;
        assert_eq!((page.status, page.id().as_str()), (200, "account-undo"));
        assert_eq!(page.buttons("action"), ["undo"], "one button");
        assert!(page.text().contains("Strange phone"), "{}", page.text());
    }
    assert_eq!(thief.get(&op.url("/account")).await.id(), "account");
    let page = owner.get(&link).await;
    let done = owner.press(&page, "action", "undo").await;
    assert_eq!(done.text_of("h1"), "We have taken it back");
    assert!(!done.reference().is_empty() && done.text().contains("Change your password"));
    assert_eq!(
        thief.get(&op.url("/account")).await.id(),
        "sign-in",
        "the session has ended"
    );
    assert_eq!(userinfo(&op, tokens.access_token()).await.status, 401);
    let shown = op.files.run_ok(&["user", "show", "lee"]);
    let strange = shown.lines().find(|l| l.contains("Strange phone")).unwrap();
    assert!(strange.contains("suspended"), "{shown}");
    let suspended = op.audit("authenticator.suspended").await;
    assert_eq!(suspended[0]["reason"], "its owner said: this was not me");
    assert_eq!(suspended[0]["reference"], done.reference());
    assert_eq!(letters(&op, ADDRESS).await.len(), 2, "and is told that it was done");
    // The owner's own device works.
    owner.tokens(&BASIC.ask().acr(MFA), &LEE).await;
}

#[tokio::test]
async fn a_link_is_good_once_and_for_thirty_days() {
    let op = Op::start().await;
    let (_, link) = intruded(&op).await;
    let mut owner = Browser::new(&op);
    let page = owner.get(&link).await;
    // Two presses at once: one does it.
    let mut twin = owner.clone();
    let (one, two) = tokio::join!(
        owner.press(&page, "action", "undo"),
        twin.press(&page, "action", "undo")
    );
    let done = [&one, &two].into_iter().filter(|p| p.status == 200).count();
    assert_eq!(done, 1, "{}\n{}", one.text(), two.text());
    gone(&owner.get(&link).await);
    gone(&owner.press(&page, "action", "undo").await);
    assert_eq!(op.audit("authenticator.suspended").await.len(), 1);
    // Expired: the link of a name that was changed.
    let mut browser = Browser::new(&op);
    open(&mut browser, &LEE).await;
    let page = below(&mut browser, &LEE, "Desk", "rename").await;
    browser.submit(&page, &[("nickname", "Reception")]).await;
    let link = letters(&op, ADDRESS).await.pop().unwrap();
    let page = owner.get(&link).await;
    assert_eq!(page.status, 200);
    op.advance(30 * 86_400 + 1).await;
    gone(&owner.get(&link).await);
    gone(&owner.press(&page, "action", "undo").await);
}

#[tokio::test]
async fn a_guessed_link_tells_nothing_and_does_nothing() {
    let op = Op::start().await;
    let (mut thief, link) = intruded(&op).await;
    let token = link.rsplit('/').next().unwrap();
    let mut stranger = Browser::new(&op);
    for guess in [
        "x",
        &token[1..],
        &format!("{token}x"),
        &token.to_lowercase().replace('a', "b"),
    ] {
        gone(&stranger.get(&op.url(&format!("/account/undo/{guess}"))).await);
    }
    // The button without the value of its own page.
    let other = stranger.get(&link).await.csrf();
    for (url, csrf) in [
        (link.as_str(), ""),
        (link.as_str(), "nonsense"),
        (&op.url("/account/undo/guess"), &other),
    ] {
        let page = stranger.post(url, &[("csrf", csrf), ("action", "undo")]).await;
        assert_eq!(page.status, 400);
    }
    assert_eq!(
        thief.get(&op.url("/account")).await.id(),
        "account",
        "nothing has ended"
    );
    assert!(op.audit("authenticator.suspended").await.is_empty());
}

/// What was only renamed is not put aside; whoever did it is thrown out all the same.
#[tokio::test]
async fn taking_back_a_name_ends_access_and_keeps_the_device() {
    let op = Op::start().await;
    let mut thief = Browser::new(&op);
    open(&mut thief, &LEE).await;
    let page = below(&mut thief, &LEE, "Desk", "rename").await;
    thief.submit(&page, &[("nickname", "Mine")]).await;
    let link = letters(&op, ADDRESS).await.pop().unwrap();
    let mut owner = Browser::new(&op);
    let page = owner.get(&link).await;
    let done = owner.press(&page, "action", "undo").await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(thief.get(&op.url("/account")).await.id(), "sign-in");
    assert!(!op.files.run_ok(&["user", "show", "lee"]).contains("suspended"));
    let ended = op.audit("auth.session.ended").await;
    assert!(
        ended.iter().any(|r| r["detail"]["what"] == "authenticator-renamed"),
        "{ended:?}"
    );
}

/// S76: somebody who has put their own device first leaves the account with a first one all the same.
#[tokio::test]
async fn taking_back_a_device_that_stands_first_passes_the_place_on() {
    let op = Op::start().await;
    let (mut thief, link) = intruded(&op).await;
    let page = open(&mut thief, &LEE).await;
    let strange = op.authenticator("lee", "Strange phone");
    let page = thief.press(&page, "primary", &strange).await;
    assert_eq!(page.error(), "", "{}", page.text());
    let mut owner = Browser::new(&op);
    let page = owner.get(&link).await;
    let done = owner.press(&page, "action", "undo").await;
    assert_eq!(done.status, 200, "{}", done.text());
    let shown = op.files.run_ok(&["user", "show", "lee"]);
    let first: Vec<&str> = shown.lines().filter(|l| l.contains("primary")).collect();
    assert!(first.len() == 1 && first[0].contains("Lee's phone"), "{shown}");
}

/// Giving an address back writes the person anew: what another change has written meanwhile must still be there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn taking_back_an_address_while_the_account_is_changed_keeps_that_change() {
    let op = Op::on(Database::Postgres).await;
    let mut thief = Browser::new(&op);
    let page = ask_for(&mut thief, &LEE, NEW).await;
    let code = op.last_code(NEW).await;
    thief.submit(&page, &[("action", "confirm"), ("code", &code)]).await;
    let link = letters(&op, ADDRESS).await.pop().expect("a letter with a link");
    let mut owner = Browser::new(&op);
    let page = owner.get(&link).await;
    let rival = Rival::withholds_signing(&op.files, "lee").await;
    let undoing = tokio::spawn(async move { owner.press(&page, "action", "undo").await });
    rival.lets_go_when_waited_for().await;
    let done = undoing.await.unwrap();
    assert_eq!(done.status, 200, "{}", done.text());
    let lee = person(&op.files, "lee").await;
    assert_eq!(lee.email.as_deref(), Some(ADDRESS));
    assert_eq!(lee.standing.signing_withheld_at, Some(SINCE));
}
