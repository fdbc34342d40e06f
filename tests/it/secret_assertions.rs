//! client_secret_jwt: an assertion is signed with the secret, which is therefore kept, sealed (OIDC Core §9).

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::Value;

use crate::certificates::{client, is_known};
use crate::harness::{Database, Files, Op};
use crate::relying_party::{JWT_BEARER, Reply, assertion_claims};

pub const SECRET: &str = "secret-of-the-client-that-signs-with-it-0246813579-0246813579-xx";

pub fn signing(id: &str, more: &str) -> String {
    client(
        id,
        &format!("token_endpoint_auth_method = \"client_secret_jwt\"\nclient_secret = \"{SECRET}\"\n{more}"),
    )
}

pub fn sign(alg: Algorithm, claims: &Value, secret: &[u8]) -> String {
    jsonwebtoken::encode(&Header::new(alg), claims, &EncodingKey::from_secret(secret)).unwrap()
}

/// Introspection, authenticated by this assertion.
pub async fn introspect(op: &Op, assertion: &str) -> Reply {
    let fields = [
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
        ("token", "whatever"),
    ];
    Reply::of(
        op,
        op.http.post(op.url("/introspect")).form(&fields).send().await.unwrap(),
    )
    .await
}

#[tokio::test]
async fn an_assertion_under_the_secret_opens_one_door_once() {
    let clients = [
        signing("mac", ""),
        signing("mac-384", "token_endpoint_auth_signing_alg = \"HS384\""),
        signing("mac-512", "token_endpoint_auth_signing_alg = \"HS512\""),
    ];
    for database in crate::races::DATABASES {
        let op = Op::with(database, &clients.concat()).await;
        op.secret("a client's secret", SECRET);
        for (id, alg) in [
            ("mac", Algorithm::HS256),
            ("mac-384", Algorithm::HS384),
            ("mac-512", Algorithm::HS512),
        ] {
            let assertion = sign(alg, &assertion_claims(&op, id).await, SECRET.as_bytes());
            is_known(&introspect(&op, &assertion).await);
            introspect(&op, &assertion).await.refused(401, "invalid_client");
        }
        // The secret itself is not taken: it would leave the client.
        let fields = [("client_id", "mac"), ("client_secret", SECRET), ("token", "whatever")];
        let posted = op.http.post(op.url("/introspect")).form(&fields).send().await.unwrap();
        Reply::of(&op, posted).await.refused(401, "invalid_client");
    }
}

#[test]
fn the_secret_is_kept_sealed_and_shown_to_nobody() {
    let files = Files::with_workspace(Database::Sqlite);
    let text = format!(
        "{}{}",
        signing("mac", ""),
        client("plain", &format!("client_secret = \"{SECRET}\""))
    );
    files.write("more.toml", &text);
    files.run_ok(&["apply", "more.toml"]);
    // Sealed another time it would be other bytes; it is the same secret, and no change.
    assert!(files.run_ok(&["apply", "more.toml"]).contains("nothing to change"));
    for shown in [
        files.run_ok(&["export"]),
        files.run_ok(&["client", "show", "mac"]),
        files.run_ok(&["client", "list", "--json"]),
    ] {
        assert!(
            !["client_secret_hash", "client_secret_sealed", SECRET]
                .iter()
                .any(|s| shown.contains(s)),
            "{shown}"
        );
    }
    let whole = files.run_ok(&["export", "--with-secrets"]);
    assert!(!whole.contains(SECRET));
    // Of whoever shows the secret, the hash is enough.
    assert_eq!(whole.matches("client_secret_sealed").count(), 1);
    // An export can be applied: without secrets the old one stays, with them it is the same.
    for args in [&["export"][..], &["export", "--with-secrets"]] {
        files.write("again.toml", &files.run_ok(args));
        assert!(
            files.run_ok(&["apply", "again.toml"]).contains("nothing to change"),
            "{args:?}"
        );
    }
    let stored = ["data/countersign.db", "data/countersign.db-wal"].map(|name| std::fs::read(files.path(name)));
    for bytes in stored.into_iter().flatten() {
        assert!(
            !bytes.windows(SECRET.len()).any(|w| w == SECRET.as_bytes()),
            "it lies open in the database"
        );
    }
}

#[tokio::test]
async fn a_rotated_secret_is_long_enough_and_the_only_one() {
    let op = Op::with(
        Database::Sqlite,
        &signing("mac", "token_endpoint_auth_signing_alg = \"HS512\""),
    )
    .await;
    let fresh = op.files.run_ok(&["client", "rotate-secret", "mac"]);
    op.secret("a client's secret", fresh.trim());
    let with = async |secret: &str| {
        let claims = assertion_claims(&op, "mac").await;
        introspect(&op, &sign(Algorithm::HS512, &claims, secret.as_bytes())).await
    };
    is_known(&with(fresh.trim()).await);
    with(SECRET).await.refused(401, "invalid_client");
}

#[test]
fn a_secret_that_could_not_work_is_refused_before_anything_is_stored() {
    let files = Files::with_workspace(Database::Sqlite);
    let method = "token_endpoint_auth_method = \"client_secret_jwt\"";
    for (lines, said) in [
        ("client_secret = \"0123456789012345678901234567890\"", "32 bytes"),
        ("client_secret_hash = \"aGFzaA\"", "hash"),
        ("", "client_secret"),
    ] {
        files.write("bad.toml", &client("mac", &format!("{method}\n{lines}")));
        for command in [&["apply", "bad.toml"][..], &["check-config", "bad.toml"]] {
            let error = files.run_fails(command);
            assert!(
                error.contains("mac") && error.contains(said),
                "{command:?} of {lines}: {error}"
            );
        }
    }
}
