//! What cannot be met is said so, and nothing weaker is given (unmet_authentication_requirements 1.0).

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::relying_party::{AAL2, BASIC, EPCS, EPCS_ACR, MFA};
use crate::workspace::{LEE, PAT, RIVERA, SAM};

#[tokio::test]
async fn an_essential_acr_that_cannot_be_met_is_an_error() {
    let op = Op::start().await;
    for (ask, who) in [
        (BASIC.ask().essential(&["phrh"]), &RIVERA),
        (BASIC.ask().essential(&[EPCS_ACR]), &PAT),
        (BASIC.ask().essential(&["https://unheard.example/of"]), &RIVERA),
        // The partner's own demand: Sam has a password and a text message.
        (EPCS.ask(), &SAM),
        (EPCS.ask(), &PAT),
        // RFC 9470 §5: an access token with an acr.
        (BASIC.ask().acr(AAL2).scope("openid profile"), &PAT),
    ] {
        // `sign_in` looks at iss and state.
        let answer = Browser::new(&op).sign_in(&ask, who).await;
        assert_eq!(answer.error(), "unmet_authentication_requirements", "{:?}", ask.params);
        assert!(!answer.params.contains_key("code"));
    }
    let unmet = op.audit("acr.unmet").await;
    assert_eq!(unmet.len(), 6);
    assert!(
        unmet
            .iter()
            .all(|r| r["outcome"] == "refused" && r["reason"].is_string()),
        "{unmet:?}"
    );
}

/// Nobody who has proved nothing learns what a person has set up.
#[tokio::test]
async fn the_error_comes_only_after_the_password() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&EPCS.ask().set("login_hint", "pat")).await;
    assert_eq!(page.id(), "sign-in");
    let page = browser
        .submit(&page, &[("username", "pat"), ("password", "wrong")])
        .await;
    assert!(!page.left, "{}", page.url);
}

#[tokio::test]
async fn an_essential_acr_is_met_by_the_first_value_that_can_be() {
    let op = Op::start().await;
    let tokens = Browser::new(&op)
        .tokens(&BASIC.ask().essential(&["phrh", AAL2]), &LEE)
        .await;
    assert_eq!(tokens.acr(), AAL2);
    // Essential without values asks for some acr (OIDC Core §5.5.1.1).
    let ask = BASIC.ask().set("claims", r#"{"id_token":{"acr":{"essential":true}}}"#);
    assert_eq!(
        Browser::new(&op).tokens(&ask, &PAT).await.acr(),
        crate::relying_party::ONE
    );
    let voluntary = json!({"id_token": {"acr": {"values": [MFA]}}}).to_string();
    let tokens = Browser::new(&op)
        .tokens(&BASIC.ask().set("claims", &voluntary), &PAT)
        .await;
    assert_eq!(
        tokens.acr(),
        crate::relying_party::ONE,
        "voluntary, and Pat has nothing more"
    );
}

#[tokio::test]
async fn prompt_none_at_the_epcs_partner() {
    let op = Op::start().await;
    let silent = || EPCS.ask().set("prompt", "none");
    assert_eq!(
        Browser::new(&op).sign_in(&silent(), &RIVERA).await.error(),
        "login_required"
    );
    for (who, error) in [
        (&RIVERA, "interaction_required"),
        (&PAT, "unmet_authentication_requirements"),
        (&SAM, "unmet_authentication_requirements"),
    ] {
        let mut browser = Browser::new(&op);
        browser.tokens(&BASIC.ask(), who).await;
        assert_eq!(browser.sign_in(&silent(), who).await.error(), error, "{}", who.username);
    }
}

/// Policy that is tightened between code and token rules the token (enforced when it is minted).
#[tokio::test]
async fn a_method_that_is_forbidden_meanwhile_buys_no_token() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let ask = BASIC.ask().acr(MFA).scope("openid offline_access");
    let who = LEE.with(crate::workspace::Second::Sms(crate::workspace::LEES_MOBILE));
    let answer = browser.sign_in(&ask, &who).await;
    let tokens = browser.tokens(&ask, &who).await;
    op.files.write(
        "tight.toml",
        "[workspace]\nname = \"Cedar Health ID\"\nmethods = [\"password\", \"totp\"]\n",
    );
    op.files.run_ok(&["apply", "tight.toml"]);
    ask.redeem_raw(&op, answer.code()).await.refused(400, "invalid_grant");
    BASIC
        .refresh(&op, tokens.refresh_token())
        .await
        .refused(400, "invalid_grant");
}

/// Operators' names for an acr, and policies of groups and scopes.
#[tokio::test]
async fn an_operators_acr_and_scope_policy_count() {
    let more = "[[acr]]\nvalue = \"http://idmanagement.gov/ns/assurance/aal/2\"\nsame_as = \"urn:countersign:acr:aal2\"\n\
        [[policies]]\nname = \"orders\"\nrequired_acr = \"urn:countersign:acr:aal2\"\n\
        [[scopes]]\nname = \"orders\"\npolicies = [\"orders\"]\n\
        [[clients]]\nclient_id = \"basic\"\nclient_secret = \"secret-of-the-basic-client-0123456789\"\n\
        redirect_uris = [\"https://rp.example/cb\"]\nscope = \"openid orders\"\nconsent = \"implicit\"\n";
    let op = Op::with(Database::Sqlite, more).await;
    const THEIRS: &str = "http://idmanagement.gov/ns/assurance/aal/2";
    let tokens = Browser::new(&op).tokens(&BASIC.ask().acr(THEIRS), &LEE).await;
    assert_eq!(tokens.acr(), THEIRS, "in the partner's own words");
    let tokens = Browser::new(&op)
        .tokens(&BASIC.ask().scope("openid orders"), &LEE)
        .await;
    assert_eq!(tokens.acr(), AAL2, "because of the scope");
    let answer = Browser::new(&op)
        .sign_in(&BASIC.ask().scope("openid orders"), &PAT)
        .await;
    assert_eq!(answer.error(), "unmet_authentication_requirements");
}

/// `policy explain` prints the decision that the server takes.
#[tokio::test]
async fn policy_explain_says_what_the_chooser_shows() {
    let op = Op::start().await;
    let said = op
        .files
        .run_ok(&["policy", "explain", "--client", "epcs", "--user", "rivera", "--json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    let text = said.to_string();
    assert!(
        text.contains("policy epcs") && text.contains("deny_methods"),
        "{said:#}"
    );
    let words = op
        .files
        .run_ok(&["policy", "explain", "--client", "epcs", "--user", "rivera"]);
    for word in ["sms", "voice", "totp", "epcs"] {
        assert!(words.contains(word), "{word}: {words}");
    }
    let said = op.files.run_fails(&["policy", "explain", "--client", "nobody"]);
    assert!(said.contains("nobody"), "{said}");
}
