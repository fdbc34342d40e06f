//! Refresh tokens: rotation as each partner has it, and nothing new is ever said (RFC 6749 §6, RFC 9700 §4.14).

use crate::browser::Browser;
use crate::harness::Op;
use crate::relying_party::{AAL2, BASIC, KEY, POST, Rp, SPA, Tokens, userinfo};
use crate::workspace::{LEE, PAT};

async fn offline(op: &Op, rp: &'static Rp) -> Tokens {
    Browser::new(op)
        .tokens(&rp.ask().scope("openid profile offline_access"), &PAT)
        .await
}

async fn renewed(op: &Op, rp: &Rp, token: &str) -> Tokens {
    Tokens::of(op, rp, rp.refresh(op, token).await).await
}

#[tokio::test]
async fn rotation_turns_the_token_and_reuse_ends_the_family() {
    let op = Op::start().await;
    for rp in [&BASIC, &SPA] {
        let first = offline(&op, rp).await;
        let second = renewed(&op, rp, first.refresh_token()).await;
        assert_ne!(first.refresh_token(), second.refresh_token());
        let third = renewed(&op, rp, second.refresh_token()).await;
        rp.refresh(&op, first.refresh_token())
            .await
            .refused(400, "invalid_grant");
        rp.refresh(&op, third.refresh_token())
            .await
            .refused(400, "invalid_grant");
        assert_eq!(
            userinfo(&op, third.access_token()).await.status,
            401,
            "the family's access tokens die with it"
        );
    }
    assert_eq!(op.audit("refresh.reuse_detected").await.len(), 2);
}

#[tokio::test]
async fn without_rotation_the_token_stays() {
    let op = Op::start().await;
    let first = offline(&op, &POST).await;
    for _ in 0..3 {
        let again = renewed(&op, &POST, first.refresh_token()).await;
        let same = again
            .json
            .get("refresh_token")
            .is_none_or(|t| t == first.refresh_token());
        assert!(same, "{}", again.json);
    }
}

/// A lost answer loses nothing for a minute; after that the old token is reuse.
#[tokio::test]
async fn migration_forgives_for_a_minute() {
    let op = Op::start().await;
    let first = offline(&op, &KEY).await;
    let lost = renewed(&op, &KEY, first.refresh_token()).await;
    op.advance(50).await;
    let again = renewed(&op, &KEY, first.refresh_token()).await;
    assert_ne!(lost.refresh_token(), again.refresh_token());
    renewed(&op, &KEY, again.refresh_token()).await;
    op.advance(11).await;
    KEY.refresh(&op, first.refresh_token())
        .await
        .refused(400, "invalid_grant");
    KEY.refresh(&op, lost.refresh_token())
        .await
        .refused(400, "invalid_grant");
}

/// OIDC Core §12.2; contract: a renewal never changes acr, amr or auth_time.
#[tokio::test]
async fn a_renewal_proves_nothing_new() {
    let op = Op::start().await;
    let ask = BASIC.ask().scope("openid offline_access evidence").acr(AAL2);
    let first = Browser::new(&op).tokens(&ask, &LEE).await;
    op.advance(3600).await;
    let second = renewed(&op, &BASIC, first.refresh_token()).await;
    for name in [
        "iss",
        "sub",
        "aud",
        "auth_time",
        "acr",
        "amr",
        "sid",
        "urn:countersign:evidence",
    ] {
        assert_eq!(first.id[name], second.id[name], "{name}");
    }
    assert!(second.id["iat"].as_i64().unwrap() >= first.id["iat"].as_i64().unwrap() + 3600);
    assert_eq!(second.json["expires_in"], 600);
}

#[tokio::test]
async fn scope_shrinks_and_never_grows() {
    let op = Op::start().await;
    let first = offline(&op, &POST).await;
    let ask = |scope: &'static str| {
        let (op, token) = (op.clone(), first.refresh_token().to_owned());
        async move {
            let fields = [
                ("grant_type", "refresh_token"),
                ("refresh_token", token.as_str()),
                ("scope", scope),
            ];
            POST.token(&op, &fields).await
        }
    };
    for wider in ["openid profile email", "openid address", "nonsense"] {
        ask(wider).await.refused(400, "invalid_scope");
    }
    let reply = ask("openid").await;
    assert_eq!((reply.status, reply.json["scope"].as_str()), (200, Some("openid")));
    let narrowed = Tokens::of(&op, &POST, reply).await;
    assert!(userinfo(&op, narrowed.access_token()).await.json.get("name").is_none());
    // RFC 6749 §6: the token itself keeps its scope.
    let full = renewed(&op, &POST, first.refresh_token()).await;
    assert_eq!(userinfo(&op, full.access_token()).await.json["name"], "Pat Q. Doe");
}

/// A refusal must not cost the partner its only token.
#[tokio::test]
async fn a_refused_renewal_spends_nothing() {
    let op = Op::start().await;
    let first = offline(&op, &BASIC).await;
    let wider = [
        ("grant_type", "refresh_token"),
        ("refresh_token", first.refresh_token()),
        ("scope", "openid address"),
    ];
    BASIC.token(&op, &wider).await.refused(400, "invalid_scope");
    // Another client's finding it ends nothing.
    for thief in [&POST, &KEY, &SPA] {
        thief
            .refresh(&op, first.refresh_token())
            .await
            .refused(400, "invalid_grant");
    }
    renewed(&op, &BASIC, first.refresh_token()).await;
}

#[tokio::test]
async fn refresh_tokens_grow_old() {
    let op = Op::start().await;
    const DAY: i64 = 24 * 3600;
    // Unused for two weeks.
    let idle = offline(&op, &BASIC).await;
    op.advance(14 * DAY + 1).await;
    BASIC
        .refresh(&op, idle.refresh_token())
        .await
        .refused(400, "invalid_grant");
    // Used every ten days, and yet over after thirty.
    let mut tokens = offline(&op, &BASIC).await;
    for _ in 0..2 {
        op.advance(10 * DAY).await;
        tokens = renewed(&op, &BASIC, tokens.refresh_token()).await;
    }
    op.advance(10 * DAY + 1).await;
    BASIC
        .refresh(&op, tokens.refresh_token())
        .await
        .refused(400, "invalid_grant");
}

#[tokio::test]
async fn what_is_no_refresh_token_renews_nothing() {
    let op = Op::start().await;
    let tokens = offline(&op, &BASIC).await;
    for wrong in ["nonsense", tokens.access_token(), tokens.id_token()] {
        BASIC.refresh(&op, wrong).await.refused(400, "invalid_grant");
    }
    // offline_access has to be asked for, and the grant to be registered.
    let none = Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
    assert!(none.json.get("refresh_token").is_none());
    let unregistered = &crate::relying_party::RS256;
    let none = Browser::new(&op)
        .tokens(&unregistered.ask().scope("openid offline_access"), &PAT)
        .await;
    assert!(none.json.get("refresh_token").is_none());
}
