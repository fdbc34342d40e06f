//! Back-Channel Logout 1.0: partners that took part in a session are told of its end, by a token that they can verify.

use std::time::Duration;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::partner_site::Site;
use crate::relying_party::{Ask, Rp, Tokens, alg_of, basic, verify};
use crate::security::open;
use crate::workspace::{BASIC_SECRET, LEE, PAT};

pub static CHART: Rp = basic("chart", "https://chart.example/cb");
pub static LAB: Rp = basic("lab", "https://lab.example/cb");
pub static QUIET: Rp = basic("quiet", "https://quiet.example/cb");

pub fn client(rp: &Rp, more: &str) -> String {
    format!(
        "[[clients]]\nclient_id = \"{}\"\nclient_secret = \"{BASIC_SECRET}\"\nredirect_uris = [\"{}\"]\n\
         grant_types = [\"authorization_code\", \"refresh_token\"]\nconsent = \"implicit\"\n{more}\n",
        rp.id, rp.redirect_uri
    )
}

pub fn told_at(rp: &Rp, uri: &str, more: &str) -> String {
    client(rp, &format!("backchannel_logout_uri = \"{uri}\"\n{more}"))
}

/// Two partners that want to be told, and one that does not.
async fn provider(site: &Site, database: Database) -> Op {
    let more = [
        told_at(
            &CHART,
            &site.url("/chart"),
            "backchannel_logout_session_required = true",
        ),
        told_at(&LAB, &site.url("/lab"), "id_token_signed_response_alg = \"RS256\""),
        client(&QUIET, ""),
    ];
    site.provider_on(database, &more.concat()).await
}

/// Waits for so many posts there.
pub async fn heard(site: &Site, path: &str, count: usize) -> Vec<String> {
    for _ in 0..1000 {
        let posted = site.posted(path);
        if posted.len() >= count {
            return posted;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{path} was told {} times and not {count}", site.posted(path).len());
}

/// Waits for the record of a notice's fate.
pub async fn recorded(op: &Op, event: &str, count: usize) -> Vec<Value> {
    for _ in 0..200 {
        let records = op.audit(event).await;
        if records.len() >= count {
            return records;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no {event}: {:?}", op.audit(event).await);
}

/// A post as a careful relying party reads it (§2.6).
async fn logout_token(op: &Op, rp: &Rp, body: &str) -> Value {
    let fields: Vec<_> = url::form_urlencoded::parse(body.as_bytes()).collect();
    assert_eq!((fields.len(), &*fields[0].0), (1, "logout_token"));
    op.secret("a logout token", &fields[0].1);
    let claims = verify(op, &fields[0].1, rp.id, "logout+jwt").await;
    let event = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    assert_eq!(claims["events"], event);
    assert!(claims.get("nonce").is_none() && claims["jti"].as_str().unwrap().len() >= 16);
    let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert!((1..=120).contains(&lifetime));
    claims
}

/// Signed in at the three partners in one session.
async fn signed_in(op: &Op) -> (Browser, Tokens) {
    let mut browser = Browser::new(op);
    let tokens = browser.tokens(&CHART.ask(), &LEE).await;
    for rp in [&LAB, &QUIET] {
        let other = browser.tokens(&rp.ask(), &LEE).await;
        assert_eq!(other.id["sid"], tokens.id["sid"]);
    }
    (browser, tokens)
}

#[tokio::test]
async fn every_partner_of_the_session_is_told_and_can_verify_it() {
    for database in [Database::Sqlite, Database::Postgres] {
        let site = Site::start().await;
        let op = provider(&site, database).await;
        let (mut browser, tokens) = signed_in(&op).await;
        // Another session of theirs, and another person's, go on.
        let mut elsewhere = Browser::new(&op);
        elsewhere.tokens(&CHART.ask(), &LEE).await;
        Browser::new(&op).tokens(&LAB.ask(), &PAT).await;
        let url = op.url(&format!("/logout?id_token_hint={}", tokens.id_token()));
        assert_eq!(browser.get(&url).await.id(), "signed-out");
        for (rp, path) in [(&CHART, "/chart"), (&LAB, "/lab")] {
            let posted = heard(&site, path, 1).await;
            let claims = logout_token(&op, rp, &posted[0]).await;
            assert_eq!((&claims["sub"], &claims["sid"]), (&tokens.id["sub"], &tokens.id["sid"]));
        }
        let lab = heard(&site, "/lab", 1).await;
        let token = lab[0].strip_prefix("logout_token=").unwrap();
        assert_eq!(alg_of(token), jsonwebtoken::Algorithm::RS256, "as its ID tokens are");
        let sent = recorded(&op, "logout.backchannel_sent", 2).await;
        let mut told: Vec<&str> = sent.iter().map(|r| r["client"].as_str().unwrap()).collect();
        told.sort_unstable();
        assert_eq!(told, ["chart", "lab"]);
        assert!(sent.iter().all(|r| r["detail"]["session"] == tokens.id["sid"]));
        // Once: a session ends once.
        browser.get(&url).await;
        assert_eq!((site.posted("/chart").len(), site.posted("/lab").len()), (1, 1));
        assert!(
            elsewhere
                .open(&CHART.ask().set("prompt", "none"))
                .await
                .answer()
                .params
                .contains_key("code")
        );
    }
}

/// Signed in at one partner, by a new session.
async fn at_chart(op: &Op) -> (Browser, String) {
    let mut browser = Browser::new(op);
    let tokens = browser.tokens(&CHART.ask(), &LEE).await;
    (browser, tokens.id["sid"].as_str().unwrap().to_owned())
}

/// The sessions that the partner was told of, sorted.
async fn sessions_told(op: &Op, site: &Site, count: usize) -> Vec<String> {
    let mut told = Vec::new();
    for body in heard(site, "/chart", count).await {
        let claims = logout_token(op, &CHART, &body).await;
        told.push(claims["sid"].as_str().unwrap().to_owned());
    }
    told.sort_unstable();
    told
}

fn sorted(mut sids: Vec<String>) -> Vec<String> {
    sids.sort_unstable();
    sids
}

#[tokio::test]
async fn sessions_that_their_owner_ends_are_told() {
    let site = Site::start().await;
    let op = provider(&site, Database::Sqlite).await;
    let (mut here, own) = at_chart(&op).await;
    let ((_, first), (_, second), (_, third)) = (at_chart(&op).await, at_chart(&op).await, at_chart(&op).await);
    let page = here.get(&op.url("/account/sessions")).await;
    let page = here.walk(page, &LEE).await;
    let page = here.press(&page, "session", &first).await;
    assert_eq!(page.error(), "");
    assert_eq!(sessions_told(&op, &site, 1).await, std::slice::from_ref(&first));
    here.press(&page, "action", "others").await;
    assert_eq!(sessions_told(&op, &site, 3).await, sorted(vec![first, second, third]));
    assert!(!site.posted("/chart").iter().any(|body| body.contains(&own)));
}

#[tokio::test]
async fn a_new_password_a_person_who_follows_and_an_operator_end_sessions_too() {
    let site = Site::start().await;
    let op = provider(&site, Database::Sqlite).await;
    // An operator.
    let (_, suspended) = at_chart(&op).await;
    op.files.run_ok(&["user", "suspend", "lee"]);
    assert_eq!(sessions_told(&op, &site, 1).await, std::slice::from_ref(&suspended));
    op.files.run_ok(&["user", "activate", "lee"]);
    // Somebody else in the same browser.
    let (mut browser, followed) = at_chart(&op).await;
    let ask = QUIET.ask().set("prompt", "select_account");
    let page = browser.open(&ask).await;
    browser.walk(page, &PAT).await;
    let so_far = sessions_told(&op, &site, 2).await;
    assert_eq!(so_far, sorted(vec![suspended.clone(), followed.clone()]));
    // A new password ends every other session.
    let (_, other) = at_chart(&op).await;
    let mut owner = Browser::new(&op);
    open(&mut owner, &LEE).await;
    let page = owner.get(&op.url("/account/password")).await;
    let changed = owner
        .submit(&page, &[("new_password", "a-quite-new-one-for-lee")])
        .await;
    assert_eq!(changed.error(), "", "{}", changed.text());
    assert_eq!(
        sessions_told(&op, &site, 3).await,
        sorted(vec![suspended, followed, other])
    );
}

fn end(op: &Op, tokens: &Tokens) -> String {
    op.url(&format!("/logout?id_token_hint={}", tokens.id_token()))
}

#[tokio::test]
async fn a_partner_that_is_down_is_tried_again_with_a_fresh_token() {
    let site = Site::start().await;
    site.order("/chart", &[503, 500]);
    let op = provider(&site, Database::Sqlite).await;
    let mut browser = Browser::new(&op);
    let tokens = browser.tokens(&CHART.ask(), &LEE).await;
    browser.get(&end(&op, &tokens)).await;
    heard(&site, "/chart", 1).await;
    // Later than the first token lives.
    op.advance(600).await;
    heard(&site, "/chart", 2).await;
    op.advance(600).await;
    let posted = heard(&site, "/chart", 3).await;
    let last = logout_token(&op, &CHART, &posted[2]).await;
    assert_eq!(last["sid"], tokens.id["sid"]);
    assert!(posted[0] != posted[1] && posted[1] != posted[2]);
    let sent = recorded(&op, "logout.backchannel_sent", 1).await;
    assert_eq!(sent[0]["detail"]["attempt"], 3);
    assert!(op.audit("logout.backchannel_failed").await.is_empty());
}

#[tokio::test]
async fn a_partner_that_never_answers_well_is_given_up_and_the_log_says_so() {
    let site = Site::start().await;
    site.order("/chart", &[400]);
    site.order("/lab", &[503; 50]);
    let op = provider(&site, Database::Sqlite).await;
    let (mut browser, tokens) = signed_in(&op).await;
    browser.get(&end(&op, &tokens)).await;
    // §2.8: 400 is a partner that cannot do it. It would not be able to in a minute.
    let failed = recorded(&op, "logout.backchannel_failed", 1).await;
    assert_eq!(
        (&failed[0]["client"], failed[0]["outcome"].as_str()),
        (&json!("chart"), Some("failure"))
    );
    assert!(failed[0]["reason"].as_str().unwrap().contains("400"), "{failed:?}");
    heard(&site, "/lab", 1).await;
    op.advance(24 * 3600).await;
    let failed = recorded(&op, "logout.backchannel_failed", 2).await;
    assert_eq!(failed[1]["client"], "lab");
    let tried = site.posted("/lab").len();
    op.advance(24 * 3600).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(site.posted("/lab").len(), tried);
}

#[tokio::test]
async fn a_restart_in_between_loses_no_notice() {
    let site = Site::start().await;
    site.order("/chart", &[503]);
    let op = provider(&site, Database::Postgres).await;
    let mut browser = Browser::new(&op);
    let tokens = browser.tokens(&CHART.ask(), &LEE).await;
    browser.get(&end(&op, &tokens)).await;
    heard(&site, "/chart", 1).await;
    let files = op.files.of_another_node();
    files.write("ca.pem", &std::fs::read_to_string(op.files.path("ca.pem")).unwrap());
    drop((op, browser));
    let op = Op::serve(files).await;
    let posted = heard(&site, "/chart", 2).await;
    assert!(posted[1].starts_with("logout_token=ey"));
    assert_eq!(recorded(&op, "logout.backchannel_sent", 1).await.len(), 1);
}

#[tokio::test]
async fn offline_access_outlives_the_session_and_the_rest_does_not() {
    let site = Site::start().await;
    let op = provider(&site, Database::Sqlite).await;
    let mut browser = Browser::new(&op);
    let offline = browser.tokens(&CHART.ask().scope("openid offline_access"), &LEE).await;
    let online = browser.tokens(&LAB.ask(), &LEE).await;
    browser.get(&end(&op, &online)).await;
    heard(&site, "/chart", 1).await;
    // §2.7.
    assert_eq!(CHART.refresh(&op, offline.refresh_token()).await.status, 200);
    let userinfo = crate::relying_party::userinfo(&op, online.access_token()).await;
    assert_eq!(userinfo.status, 401);
}

/// A session outlives what was granted in it by weeks: so does the memory of who took part.
#[tokio::test]
async fn a_partner_that_joined_long_ago_is_told() {
    let site = Site::start().await;
    let op = provider(&site, Database::Sqlite).await;
    let mut browser = Browser::new(&op);
    let tokens = browser.tokens(&CHART.ask(), &LEE).await;
    op.advance(5 * 24 * 3600).await;
    let store = countersign::storage::Store::open(&op.files.database).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.sweep(op.now().await).await.unwrap();
    tx.commit().await.unwrap();
    browser.get(&end(&op, &tokens)).await;
    assert_eq!(
        sessions_told(&op, &site, 1).await,
        [tokens.id["sid"].as_str().unwrap().to_owned()]
    );
}

#[tokio::test]
async fn the_discovery_document_says_what_is_offered() {
    let op = Op::start().await;
    let url = op.url("/.well-known/openid-configuration");
    let document: Value = op.http.get(url).send().await.unwrap().json().await.unwrap();
    for name in [
        "backchannel_logout_supported",
        "backchannel_logout_session_supported",
        "frontchannel_logout_supported",
        "frontchannel_logout_session_supported",
    ] {
        assert_eq!(document[name], true, "{name}");
    }
    assert_eq!(document["check_session_iframe"], op.url("/check-session"));
}

/// The request that a partner makes to see whether somebody is still there.
pub fn silent(rp: &'static Rp) -> Ask {
    rp.ask().set("prompt", "none")
}
