//! Pairwise subjects (OIDC Core §8): partners that are not of one sector cannot tell that they speak of the same person.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::partner_site::Site;
use crate::races::DATABASES;
use crate::relying_party::{Ask, BASIC, Rp, basic, userinfo};
use crate::workspace::{BASIC_SECRET, LEE, PAT};

static HERE: Rp = basic("here", "https://one.example/cb");
static NEAR: Rp = basic("near", "https://one.example/other");
static AWAY: Rp = basic("away", "https://two.example/cb");

fn client(rp: &Rp, more: &str) -> String {
    format!(
        "[[clients]]\nclient_id = \"{}\"\nclient_secret = \"{BASIC_SECRET}\"\nredirect_uris = [\"{}\"]\n\
         post_logout_redirect_uris = [\"{}\"]\nconsent = \"implicit\"\nsubject_type = \"pairwise\"\n{more}\n",
        rp.id, rp.redirect_uri, rp.redirect_uri
    )
}

fn partners() -> String {
    let grants = "grant_types = [\"authorization_code\", \"refresh_token\"]";
    [&HERE, &NEAR, &AWAY].map(|rp| client(rp, grants)).concat()
}

async fn introspected(op: &Op, rp: &Rp, token: &str) -> Value {
    rp.call(op, "/introspect", &[("token", token)]).await.json["sub"].clone()
}

fn user_id(op: &Op, name: &str) -> String {
    let shown = op.files.run_ok(&["user", "show", name, "--json"]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    shown["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn one_sector_sees_one_subject_everywhere_and_another_sector_another() {
    for database in DATABASES {
        let op = Op::with(database, &partners()).await;
        let mut browser = Browser::new(&op);
        let mut seen = Vec::new();
        for rp in [&HERE, &NEAR, &AWAY, &BASIC] {
            let tokens = browser.tokens(&rp.ask().scope("openid offline_access"), &PAT).await;
            let sub = tokens.id["sub"].clone();
            assert_eq!(tokens.access["sub"], sub);
            assert_eq!(userinfo(&op, tokens.access_token()).await.json["sub"], sub);
            assert_eq!(introspected(&op, rp, tokens.access_token()).await, sub);
            assert_eq!(introspected(&op, rp, tokens.refresh_token()).await, sub);
            let again = rp.refresh(&op, tokens.refresh_token()).await;
            let again = crate::relying_party::Tokens::of(&op, rp, again).await;
            assert_eq!(again.id["sub"], sub);
            seen.push(sub.as_str().unwrap().to_owned());
        }
        let [here, near, away, public] = &seen[..] else {
            panic!()
        };
        assert_eq!(here, near);
        assert!(here != away && here != public && away != public);
        assert_eq!(*public, user_id(&op, "pat"));
        let other = Browser::new(&op).tokens(&HERE.ask(), &LEE).await;
        assert_ne!(other.id["sub"], json!(here));
        // The log is for the operator, who has to know of whom it speaks.
        for record in op.audit("token.issued").await {
            let subject = record["subject"].as_str().unwrap();
            assert!(!seen[..3].iter().any(|s| s == subject), "{record}");
        }
    }
}

/// Silently, about whoever is signed in.
fn silent(rp: &'static Rp) -> Ask {
    rp.ask().set("prompt", "none")
}

fn demanding(rp: &'static Rp, sub: &str) -> Ask {
    silent(rp).set("claims", &json!({"id_token": {"sub": {"value": sub}}}).to_string())
}

#[tokio::test]
async fn what_a_partner_says_of_somebody_is_understood_by_its_own_sector_alone() {
    let op = Op::with(Database::Sqlite, &partners()).await;
    let mut browser = Browser::new(&op);
    let here = browser.tokens(&HERE.ask(), &PAT).await;
    let away = browser.tokens(&AWAY.ask(), &PAT).await;
    let public = browser.tokens(&BASIC.ask(), &PAT).await;
    let sub = |tokens: &crate::relying_party::Tokens| tokens.id["sub"].as_str().unwrap().to_owned();
    for ask in [
        silent(&HERE).set("id_token_hint", here.id_token()),
        silent(&NEAR).set("id_token_hint", here.id_token()),
        demanding(&HERE, &sub(&here)),
        demanding(&NEAR, &sub(&here)).set("id_token_hint", here.id_token()),
        silent(&AWAY).set("id_token_hint", away.id_token()),
        demanding(&BASIC, &sub(&public)),
    ] {
        let answer = browser.open(&ask).await.answer();
        assert!(answer.params.contains_key("code"), "{ask:?} {answer:?}");
        // The parameters of a push are read with the same eyes.
        assert_eq!(ask.push_raw(&op).await.status, 201);
    }
    for (ask, error) in [
        (silent(&AWAY).set("id_token_hint", here.id_token()), "invalid_request"),
        (silent(&HERE).set("id_token_hint", public.id_token()), "invalid_request"),
        (demanding(&AWAY, &sub(&here)), "login_required"),
        (demanding(&HERE, &sub(&public)), "login_required"),
        (demanding(&HERE, "nobody"), "login_required"),
        (demanding(&BASIC, &sub(&here)), "login_required"),
        (
            demanding(&HERE, &sub(&away)).set("id_token_hint", here.id_token()),
            "login_required",
        ),
    ] {
        let answer = browser.open(&ask).await.answer();
        assert_eq!(answer.error(), error, "{ask:?}");
        assert!(!answer.params.contains_key("code"));
    }
    // Somebody else is signed in.
    let mut other = Browser::new(&op);
    other.tokens(&HERE.ask(), &LEE).await;
    let answer = other
        .open(&silent(&HERE).set("id_token_hint", here.id_token()))
        .await
        .answer();
    assert_eq!(answer.error(), "login_required");
}

#[tokio::test]
async fn a_hint_with_a_pairwise_subject_ends_the_session_of_that_person() {
    let op = Op::with(Database::Sqlite, &partners()).await;
    let mut browser = Browser::new(&op);
    let here = browser.tokens(&HERE.ask(), &PAT).await;
    // In another person's browser it is no reason not to ask.
    let mut other = Browser::new(&op);
    other.tokens(&HERE.ask(), &LEE).await;
    let url = op.url(&format!("/logout?id_token_hint={}", here.id_token()));
    let page = other.get(&url).await;
    assert_eq!(page.buttons("action").len(), 2, "{}", page.text());
    let page = browser.get(&url).await;
    assert_eq!(page.id(), "signed-out", "{}", page.text());
    assert_eq!(browser.open(&silent(&HERE)).await.answer().error(), "login_required");
}

// The commands fetch from the site while the test waits for them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sector_is_named_by_a_document_that_names_every_address() {
    let site = Site::start().await;
    let address = site.url("/sector.json");
    let uri = format!("sector_identifier_uri = \"{address}\"\n");
    let [one, two] = [&HERE, &AWAY].map(|rp| client(rp, &uri));
    let listed = json!([HERE.redirect_uri, AWAY.redirect_uri]).to_string();
    site.publish(&listed);
    let op = site.provider(&format!("{one}{two}{}", client(&NEAR, ""))).await;
    assert_eq!(site.asked().len(), 2, "once for each");
    let mut browser = Browser::new(&op);
    let mut subs = Vec::new();
    for rp in [&HERE, &AWAY, &NEAR] {
        subs.push(browser.tokens(&rp.ask(), &PAT).await.id["sub"].clone());
    }
    assert_eq!(subs[0], subs[1], "two hosts, one sector");
    assert_ne!(subs[0], subs[2], "the host of its address is another sector");
    // Applied again nothing has changed, and nobody is asked.
    let same = op.files.run_ok(&["apply", "more.toml"]);
    assert!(same.contains("nothing") || same.trim().is_empty(), "{same}");
    assert_eq!(site.asked().len(), 2);
    let changed = one.replace(
        "https://one.example/cb\"]",
        "https://one.example/cb\", \"https://evil.example/cb\"]",
    );
    assert_ne!(changed, one);
    let long = json!([HERE.redirect_uri, "x".repeat(70_000)]).to_string();
    for (document, file, said) in [
        (listed.as_str(), &changed, "https://evil.example/cb"),
        ("[]", &changed, "does not name"),
        ("{}", &changed, "is no JSON array"),
        ("[1]", &changed, "is no JSON array"),
        ("nonsense", &changed, "is no JSON array"),
        (long.as_str(), &changed, "more than"),
        (listed.as_str(), &changed.replace("/sector.json", "/gone"), "404"),
        (
            listed.as_str(),
            &changed.replace("//localhost", "//127.0.0.1"),
            "not public",
        ),
        (listed.as_str(), &changed.replace(&uri, ""), "sector_identifier_uri"),
    ] {
        site.publish(document);
        op.files.write("changed.toml", file);
        for more in [&[][..], &["--dry-run"]] {
            let told = op.files.run_fails(&[&["apply", "changed.toml"], more].concat());
            assert!(told.contains(said) && told.contains("here"), "{said}: {told}");
        }
    }
    assert_eq!(
        browser.tokens(&HERE.ask(), &PAT).await.id["sub"],
        subs[0],
        "and nothing has changed"
    );
}
