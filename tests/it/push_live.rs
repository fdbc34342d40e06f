//! Pages and phones that wait: told at once, told when something has happened, and costing nothing in between.

use std::time::Duration;

use countersign::storage::{Store, args};
use reqwest::Response;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::browser::Browser;
use crate::enrolment::{KIM, PARTNERS, start};
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::push::{asked, paired, pairing};
use crate::push_attacks::home;
use crate::relying_party::{AAL2, BASIC};
use crate::software_phone::{Phone, approve, number_of};
use crate::workspace::{LEE, Second};

/// Far longer than anything here takes: whoever waits so long waits for ever.
const PATIENCE: Duration = Duration::from_secs(50);
const EVENTS: &str = "/authenticator/v1/events";

/// Somebody who listens to server-sent events.
struct Ear {
    response: Response,
    heard: String,
}

impl Ear {
    /// On the page of a sign-in, with these cookies.
    async fn at(browser: &Browser, page: &Page) -> Self {
        let jar: Vec<String> = browser.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let request = browser.op.http.get(format!("{}/wait", home(page.url.as_str())));
        let request = request.header("Accept", "text/event-stream");
        Self::of(request.header("Cookie", jar.join("; ")).send().await.unwrap())
    }

    async fn on(phone: &Phone) -> Self {
        let proof = phone.proof("GET", EVENTS, "").await;
        let request = phone.op.http.get(phone.op.url(EVENTS));
        let request = request.header("Authorization", format!("Device {proof}"));
        Self::of(request.send().await.unwrap())
    }

    fn of(response: Response) -> Self {
        Self {
            response,
            heard: String::new(),
        }
    }

    /// The next event's name and data; `None` at the end.
    async fn next(&mut self) -> Option<(String, String)> {
        loop {
            if let Some((block, rest)) = self.heard.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.heard = rest;
                let field = |name: &str| block.lines().find_map(|l| l.strip_prefix(name).map(str::to_owned));
                if let (Some(event), Some(data)) = (field("event: "), field("data: ")) {
                    return Some((event, data));
                }
                continue;
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await.expect("nothing is told");
            self.heard.push_str(std::str::from_utf8(&chunk.ok()??).unwrap());
        }
    }

    async fn state(&mut self) -> String {
        let (event, data) = self.next().await.expect("it goes on");
        assert_eq!(event, "state");
        data
    }

    async fn requests(&mut self) -> Vec<Value> {
        let (event, data) = self.next().await.expect("it goes on");
        assert_eq!(event, "requests");
        let told: Value = serde_json::from_str(&data).unwrap();
        told["requests"].as_array().unwrap().clone()
    }

    /// Has anything arrived that was not read?
    async fn silent(&mut self) -> bool {
        // No time at all: what has come is there.
        timeout(Duration::ZERO, self.response.chunk()).await.is_err() && self.heard.is_empty()
    }
}

#[tokio::test]
async fn s16_the_page_that_waits_is_told_its_state_at_once_and_when_the_phone_has_answered() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::with(database, PARTNERS).await;
        let phone = paired(&op, &KIM).await;
        let mut browser = Browser::new(&op);
        let page = asked(&mut browser, &BASIC.ask().essential(&[AAL2]), &KIM).await;
        let mut ear = Ear::at(&browser, &page).await;
        let headers = ear.response.headers();
        assert_eq!(headers["content-type"], "text/event-stream; charset=utf-8");
        assert_eq!(headers["cache-control"], "no-store");
        let waiting = ear.state().await;
        assert!(waiting.ends_with(".waiting"), "{waiting}");
        // Without events: the same word, as JSON.
        let plain = browser.get(&format!("{}/wait", home(page.url.as_str()))).await;
        let plain: Value = serde_json::from_str(&plain.html).unwrap();
        assert_eq!(plain, json!({ "state": waiting }));
        phone.answer_the_one(approve(&number_of(&page))).await;
        assert!(ear.state().await.ends_with(".approved"));
        // Another tab goes on as well, once this one has.
        let mut tab = Ear::at(&browser, &page).await;
        assert!(tab.state().await.ends_with(".approved"));
        assert!(browser.get(page.url.as_str()).await.left);
        assert!(tab.state().await.ends_with(".used"));
    }
}

#[tokio::test]
async fn nobody_listens_to_somebody_elses_sign_in() {
    let op = start().await;
    paired(&op, &KIM).await;
    let mut browser = Browser::new(&op);
    let page = asked(&mut browser, &BASIC.ask().essential(&[AAL2]), &KIM).await;
    let mut other = Browser::new(&op);
    other.open(&BASIC.ask()).await;
    for foreign in [other, Browser::new(&op)] {
        assert_eq!(Ear::at(&foreign, &page).await.response.status(), 400);
    }
    for odd in ["nothing", "%00", "a%0Ab"] {
        let page = browser.get(&op.url(&format!("/sign-in/{odd}/wait"))).await;
        assert_eq!(page.status, 400, "{odd}");
    }
    // Nor does anybody but the device listen to what waits for it.
    let stranger = Phone::new(&op);
    assert_eq!(Ear::on(&stranger).await.response.status(), 401);
    assert_eq!(op.http.get(op.url(EVENTS)).send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_phone_hears_what_waits_for_it_until_it_is_gone() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::with(database, PARTNERS).await;
        let phone = paired(&op, &LEE).await;
        let mut ear = Ear::on(&phone).await;
        assert!(ear.requests().await.is_empty());
        let mut browser = Browser::new(&op);
        let page = asked(&mut browser, &BASIC.ask().essential(&[AAL2]), &LEE).await;
        let told = ear.requests().await;
        assert_eq!((told.len(), &told[0]["kind"]), (1, &json!("sign_in")));
        browser.press(&page, "action", "resend").await;
        assert_ne!(ear.requests().await[0]["id"], told[0]["id"]);
        phone.answer_the_one(crate::software_phone::DENY).await;
        assert!(ear.requests().await.is_empty());
        let gone = phone
            .call(reqwest::Method::DELETE, "/authenticator/v1/device", "")
            .await;
        assert_eq!(gone.status, 204);
        assert_eq!(ear.next().await, None, "whoever was removed hears no more");
    }
}

#[tokio::test]
async fn whoever_waits_hears_that_another_phone_or_tab_was_chosen() {
    let op = start().await;
    let first = paired(&op, &LEE).await;
    op.advance(16 * 60).await;
    let second = second_phone(&op, &first).await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&BASIC.ask().essential(&[AAL2])).await;
    let mut page = browser
        .walk_to(&page, &LEE.with(Second::Nothing), "choose-authenticator")
        .await;
    let (mut one, mut other) = (Ear::on(&first).await, Ear::on(&second).await);
    assert!(one.requests().await.is_empty() && other.requests().await.is_empty());
    page = browser.press(&page, "authenticator", &first.id).await;
    assert_eq!(one.requests().await.len(), 1);
    let mut tab = Ear::at(&browser, &page).await;
    let before = tab.state().await;
    let chooser = browser.press(&page, "action", "choose").await;
    let devices = browser.press(&chooser, "method", "push").await;
    browser.press(&devices, "authenticator", &second.id).await;
    assert_eq!(other.requests().await.len(), 1);
    assert!(
        one.requests().await.is_empty(),
        "the first phone shows nothing that is over"
    );
    assert_ne!(tab.state().await, before);
}

/// Another one, for somebody who approves that with the first.
async fn second_phone(op: &Op, first: &Phone) -> Phone {
    let mut browser = Browser::new(op);
    let page = browser.get(&op.url("/account/security")).await;
    let page = browser.walk_to(&page, &LEE.with(Second::Nothing), "verify-push").await;
    first.answer_the_one(approve(&number_of(&page))).await;
    browser.get(page.url.as_str()).await;
    let page = pairing(&mut browser, &LEE).await;
    let mut second = Phone::new(op);
    second.pair(&mut browser, &page).await;
    second
}

#[tokio::test]
async fn an_answer_at_one_node_rings_the_page_at_another_even_after_the_connection_was_cut() {
    let here = Op::with(Database::Postgres, PARTNERS).await;
    let there = Op::serve(here.files.of_another_node()).await;
    let mut phone = paired(&here, &KIM).await;
    for cut in [false, true] {
        let mut browser = Browser::new(&here);
        let page = asked(&mut browser, &BASIC.ask().essential(&[AAL2]), &KIM).await;
        let mut ear = Ear::at(&browser, &page).await;
        ear.state().await;
        if cut {
            let store = Store::open(&here.files.database).await.unwrap();
            let mut tx = store.begin().await.unwrap();
            let listeners = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                WHERE datname = current_database() AND query LIKE 'LISTEN%'";
            assert_eq!(tx.execute(listeners, args![]).await.unwrap(), 2, "each node has one");
            tx.commit().await.unwrap();
        }
        phone.op = there.clone();
        assert_eq!(phone.answer_the_one(approve(&number_of(&page))).await.status, 200);
        // Rung by the node that heard it, or by whoever listens again: then everybody looks.
        assert!(ear.state().await.ends_with(".approved"), "cut: {cut}");
        phone.op = here.clone();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_three_hundred_pages_that_wait_the_right_one_is_told() {
    const PAGES: usize = 300;
    let op = Op::with(Database::Postgres, PARTNERS).await;
    let phone = paired(&op, &KIM).await;
    let mut crowd = Vec::new();
    let mut browser = Browser::new(&op);
    for _ in 0..PAGES {
        let page = browser.open(&BASIC.ask()).await;
        let mut ear = Ear::at(&browser, &page).await;
        ear.state().await;
        crowd.push(ear);
    }
    let mut owner = Browser::new(&op);
    let page = asked(&mut owner, &BASIC.ask().essential(&[AAL2]), &KIM).await;
    let mut ear = Ear::at(&owner, &page).await;
    assert!(ear.state().await.ends_with(".waiting"));
    phone.answer_the_one(approve(&number_of(&page))).await;
    assert!(ear.state().await.ends_with(".approved"));
    // That none of the others has looked at the database is shown beside the code.
    for other in &mut crowd {
        assert!(other.silent().await);
    }
}

/// Each connection costs a buffer, and anybody can begin a sign-in: the ninth is told by asking.
#[tokio::test]
async fn one_sign_in_holds_no_more_than_a_few_connections() {
    let op = start().await;
    paired(&op, &KIM).await;
    let mut browser = Browser::new(&op);
    let page = asked(&mut browser, &BASIC.ask().essential(&[AAL2]), &KIM).await;
    let mut ears = Vec::new();
    for _ in 0..8 {
        let mut ear = Ear::at(&browser, &page).await;
        assert!(ear.state().await.ends_with(".waiting"));
        ears.push(ear);
    }
    let ninth = Ear::at(&browser, &page).await;
    assert_eq!(ninth.response.headers()["content-type"], "application/json");
}
