//! What our own APIs say of themselves (RFC 9728): a client that knows nothing finds its way from a refusal.

use countersign::resource_server::metadata_address;
use serde_json::{Value, json};

use crate::harness::{Database, Files, Op};
use crate::relying_party::Reply;

const RESOURCES: [&str; 3] = ["", "/userinfo", "/account/api/v1/authenticators"];

async fn below(path: &'static str) -> Op {
    let mut files = Files::with_workspace(Database::Sqlite);
    files.below = path;
    Op::serve(files).await
}

#[tokio::test]
async fn each_resource_is_called_by_its_own_address() {
    for path in ["", "/tenant/a"] {
        let op = below(path).await;
        for resource in RESOURCES {
            let address = metadata_address(&op.url(resource)).unwrap();
            let answer = op.http.get(&address).send().await.unwrap();
            assert_eq!(answer.status().as_u16(), 200, "{address}");
            assert_eq!(answer.headers()["access-control-allow-origin"], "*");
            let document: Value = answer.json().await.unwrap();
            // RFC 9728 §3.3: letter by letter.
            assert_eq!(document["resource"], op.url(resource));
            assert_eq!(document["authorization_servers"], json!([op.issuer]));
        }
        let elsewhere = metadata_address(&op.url("/elsewhere")).unwrap();
        assert_eq!(op.http.get(elsewhere).send().await.unwrap().status().as_u16(), 404);
    }
}

/// RFC 9728 §5.1.
#[tokio::test]
async fn every_refusal_says_where_the_resource_describes_itself() {
    let op = Op::start().await;
    for (path, token) in [
        ("/userinfo", None),
        ("/userinfo", Some("Bearer nonsense")),
        ("/userinfo", Some("DPoP nonsense")),
        ("/account/api/v1/authenticators", None),
        ("/account/api/v1/authenticators", Some("Bearer nonsense")),
    ] {
        let mut request = op.http.get(op.url(path));
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        let reply = Reply::of(&op, request.send().await.unwrap()).await;
        let said = reply.headers["www-authenticate"].to_str().unwrap();
        let address = metadata_address(&op.url(path)).unwrap();
        let named = format!("resource_metadata=\"{address}\"");
        let challenges = said.matches("realm=").count();
        assert_eq!(
            (reply.status, said.matches(&named).count()),
            (401, challenges),
            "{said}"
        );
    }
}
