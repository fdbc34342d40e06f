//! How often a phone rings (800-63B-4 §3.1.3.2), and that asking tells nobody whose it is.

use serde_json::Value;

use crate::browser::Browser;
use crate::enrolment::{KIM, PARTNERS, start};
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::push::{asked, paired};
use crate::push_attacks::home;
use crate::races::race;
use crate::relying_party::{AAL2, Ask, BASIC};
use crate::software_phone::{DENY, number_of};
use crate::workspace::{LEE, Persona, Second};

fn ask() -> Ask {
    BASIC.ask().essential(&[AAL2])
}

/// The page of a phone, whether or not anything has gone out.
async fn at_the_phone(browser: &mut Browser, who: &Persona) -> Page {
    let page = browser.open(&ask()).await;
    browser.walk_to(&page, &who.with(Second::Nothing), "verify-push").await
}

/// A name, and "use my phone".
async fn by_name(browser: &mut Browser, name: &str) -> Page {
    let page = browser.open(&BASIC.ask()).await;
    let page = browser.submit(&page, &[("username", name), ("password", "")]).await;
    browser.press(&page, "method", "push").await
}

#[tokio::test]
async fn the_fourth_request_within_ten_minutes_is_refused_whichever_way_it_comes() {
    let op = start().await;
    let phone = paired(&op, &KIM).await;
    let before = op.outbox(&phone.id).await.len();
    let mut one = Browser::new(&op);
    let page = asked(&mut one, &ask(), &KIM).await;
    let page = one.press(&page, "action", "resend").await;
    number_of(&page);
    number_of(&by_name(&mut Browser::new(&op), "kim").await);
    // By resend, by a sign-in of its own, by the chooser, by reloading.
    let page = one.press(&page, "action", "resend").await;
    assert_eq!(page.error(), "MFA-113", "{}", page.text());
    let mut two = Browser::new(&op);
    let page = at_the_phone(&mut two, &KIM).await;
    assert_eq!(page.error(), "MFA-113", "{}", page.text());
    assert_eq!(two.get(page.url.as_str()).await.error(), "MFA-113");
    let chooser = two.press(&page, "action", "choose").await;
    assert_eq!(two.press(&chooser, "method", "push").await.error(), "MFA-113");
    // By name, and by the address that is the same account: it looks as if it rang.
    for name in ["kim", "kim@mail.example"] {
        number_of(&by_name(&mut Browser::new(&op), name).await);
    }
    assert_eq!(op.outbox(&phone.id).await.len(), before + 3, "three rings");
    assert_eq!(op.audit("auth.push.rate_limited").await.len(), 6);
    op.advance(600).await;
    asked(&mut Browser::new(&op), &ask(), &KIM).await;
    assert_eq!(op.outbox(&phone.id).await.len(), before + 4);
}

#[tokio::test]
async fn the_eleventh_request_of_a_day_is_refused() {
    let op = start().await;
    let phone = paired(&op, &KIM).await;
    for _ in 0..10 {
        op.advance(11 * 60).await;
        asked(&mut Browser::new(&op), &ask(), &KIM).await;
    }
    op.advance(11 * 60).await;
    let mut browser = Browser::new(&op);
    let page = at_the_phone(&mut browser, &KIM).await;
    assert_eq!(page.error(), "MFA-113", "{}", page.text());
    assert!(phone.waiting().await.is_empty());
    op.advance(24 * 3600).await;
    asked(&mut Browser::new(&op), &ask(), &KIM).await;
}

#[tokio::test]
async fn s17_who_said_no_twice_is_asked_again_only_after_another_method() {
    let op = start().await;
    let phone = paired(&op, &LEE).await;
    for _ in 0..2 {
        op.advance(11 * 60).await;
        asked(&mut Browser::new(&op), &ask(), &LEE).await;
        phone.answer_the_one(DENY).await;
    }
    op.advance(3600).await;
    let mut browser = Browser::new(&op);
    let page = at_the_phone(&mut browser, &LEE).await;
    assert_eq!(page.error(), "MFA-131", "{}", page.text());
    number_of(&by_name(&mut Browser::new(&op), "lee").await);
    assert!(phone.waiting().await.is_empty(), "by name neither");
    let chooser = browser.press(&page, "action", "choose").await;
    assert!(browser.walk(chooser, &LEE).await.left);
    asked(&mut Browser::new(&op), &ask(), &LEE).await;
    assert_eq!(phone.waiting().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_sign_ins_at_once_ring_no_more_often() {
    const BROWSERS: usize = 12;
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::with(database, PARTNERS).await;
        let phone = paired(&op, &KIM).await;
        let before = op.outbox(&phone.id).await.len();
        // Half of them know the password and stand before the phone's page, half know the name.
        let mut racers = Vec::new();
        for n in 0..BROWSERS {
            let mut browser = Browser::new(&op);
            let page = browser.open(&ask()).await;
            let password = if n % 2 == 0 { KIM.password } else { "" };
            racers.push(async move {
                let fields = [("username", "kim"), ("password", password)];
                let page = browser.submit(&page, &fields).await;
                if n % 2 == 1 {
                    browser.press(&page, "method", "push").await;
                } else {
                    browser.press(&page, "action", "resend").await;
                }
            });
        }
        race(racers).await;
        assert_eq!(op.outbox(&phone.id).await.len() - before, 3, "{database:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_loaded_many_times_at_once_asks_once() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::with(database, PARTNERS).await;
        let phone = paired(&op, &KIM).await;
        let before = op.outbox(&phone.id).await.len();
        let mut browser = Browser::new(&op);
        let page = browser.open(&ask()).await;
        // The password is taken; the phone's page, to which that leads, is not looked at yet.
        let form = page.form();
        let csrf = page.csrf();
        let fields = [("csrf", csrf.as_str()), ("username", "kim"), ("password", KIM.password)];
        let request = op.http.post(page.url.join(&form.action).unwrap()).form(&fields);
        let jar: Vec<String> = browser.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let sent = request.header("Cookie", jar.join("; ")).send().await.unwrap();
        for line in sent.headers().get_all("set-cookie") {
            let (name, value) = line
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .split_once('=')
                .unwrap();
            browser.cookies.insert(name.to_owned(), value.to_owned());
        }
        let racers = (0..8).map(|_| {
            let (mut browser, url) = (browser.clone(), page.url.to_string());
            async move { browser.get(home(&url)).await }
        });
        let pages = race(racers).await;
        let numbers: std::collections::BTreeSet<String> = pages.iter().map(number_of).collect();
        assert_eq!(numbers.len(), 1, "{database:?}: {numbers:?}");
        assert_eq!(op.outbox(&phone.id).await.len() - before, 1, "{database:?}");
    }
}

/// A page without what is different at each sign-in.
fn plain(page: &Page, state: &Value) -> String {
    let mut html = page.html.clone();
    let id = home(page.url.as_str()).rsplit('/').next().unwrap().to_owned();
    let state = state["state"].as_str().unwrap();
    for once in [number_of(page), page.csrf(), id, state.to_owned()] {
        assert!(!once.is_empty());
        html = html.replace(&once, "…");
    }
    let mut headers: Vec<String> = page
        .headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "date" | "content-security-policy"))
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort();
    // What is left to wait is a second more or less.
    let html = mask(&html, "data-seconds=\"");
    format!("{}\n{}\n{html}", page.status, headers.join("\n"))
}

/// The text with the attribute's value taken out.
fn mask(html: &str, start: &str) -> String {
    match html.split_once(start) {
        Some((head, tail)) => format!("{head}{}", tail.split_once('"').map_or("", |(_, rest)| rest)),
        None => html.to_owned(),
    }
}

async fn state(browser: &mut Browser, page: &Page) -> Value {
    let page = browser.get(&format!("{}/wait", home(page.url.as_str()))).await;
    serde_json::from_str(&page.html).unwrap()
}

#[tokio::test]
async fn s68_nobody_learns_from_the_page_whether_a_name_has_a_phone_or_is_anybodys() {
    let op = start().await;
    let phone = paired(&op, &KIM).await;
    let mut shown = Vec::new();
    // The last two rounds are over the limit of the account and of the name.
    for round in 0..2 {
        for name in ["kim", "sam", "nobody-at-all"] {
            let mut browser = Browser::new(&op);
            let mut page = by_name(&mut browser, name).await;
            let mut numbers = vec![number_of(&page)];
            let mut states = vec![state(&mut browser, &page).await];
            // Asked anew: another number, another state, for each of them.
            if round == 0 {
                page = browser.press(&page, "action", "resend").await;
                numbers.push(number_of(&page));
                states.push(state(&mut browser, &page).await);
                assert_ne!(numbers[0], numbers[1], "{name}");
                assert_ne!(states[0], states[1], "{name}");
            }
            let again = browser.get(page.url.as_str()).await;
            assert_eq!(number_of(&again), number_of(&page), "{name}: stable over reloads");
            assert_eq!(&state(&mut browser, &page).await, states.last().unwrap(), "{name}");
            shown.push(plain(&again, states.last().unwrap()));
        }
    }
    assert!(shown.iter().all(|s| *s == shown[0]), "{}", shown.join("\n-----\n"));
    assert_eq!(
        phone.waiting().await.len(),
        2,
        "one is real, and was asked twice and once more"
    );
    // The fourth time each name is told to wait, and is told so alike.
    let mut waits = Vec::new();
    for name in ["kim", "sam", "nobody-at-all"] {
        let page = by_name(&mut Browser::new(&op), name).await;
        waits.push((page.status, page.error(), page.id()));
    }
    assert_eq!(waits[0].1, "MFA-113", "{waits:?}");
    assert!(waits.iter().all(|w| *w == waits[0]), "{waits:?}");
    // After five minutes all of them say that nobody has answered.
    let mut late = Vec::new();
    op.advance(11 * 60).await;
    for name in ["kim", "sam", "nobody-at-all"] {
        let mut browser = Browser::new(&op);
        let page = by_name(&mut browser, name).await;
        op.advance(301).await;
        let page = browser.get(page.url.as_str()).await;
        late.push((page.status, page.error(), page.id(), page.buttons("action")));
    }
    assert_eq!(late[0].1, "MFA-132");
    assert!(late.iter().all(|l| *l == late[0]), "{late:?}");
}
