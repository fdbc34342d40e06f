//! Software statements (RFC 7591 §2.3): what a vendor has signed counts, and what anybody else has signed does not.

use countersign::base::encoding::base64url;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::harness::{Database, Op};
use crate::newcomer::{REDIRECT, register, register_raw, rules, usual};
use crate::relying_party::sign_assertion;
use crate::workspace::partner_key;

fn statement_rules() -> String {
    let key = partner_key();
    let issuer = format!(
        "require_software_statement = true\n[[workspace.registration.software_statement_issuers]]\n\
         issuer = \"https://vendor.example\"\n\
         jwks = {{ keys = [{{ kty = \"EC\", crv = \"P-256\", x = \"{}\", y = \"{}\", kid = \"partner-1\" }}] }}",
        key.x, key.y
    );
    rules("open", &issuer)
}

fn claims() -> Value {
    json!({"iss": "https://vendor.example", "client_name": "Vendor's", "redirect_uris": [REDIRECT], "software_id": "x"})
}

fn stating(jwt: &str) -> Value {
    let evil = ["https://evil.example/cb"];
    json!({"client_name": "Mine", "redirect_uris": evil, "software_statement": jwt})
}

/// RFC 7591 §2.3.
#[tokio::test]
async fn what_a_software_statement_says_cannot_be_talked_over() {
    let op = Op::with(Database::Sqlite, &statement_rules()).await;
    let statement = sign_assertion(&claims());
    let newcomer = register(&op, &stating(&statement)).await;
    assert_eq!(newcomer.told["redirect_uris"], json!([REDIRECT]));
    assert_eq!(
        (newcomer.text("client_name"), newcomer.text("software_statement")),
        ("Vendor's", statement.as_str())
    );
    assert_eq!(
        op.audit("client.registered").await[0]["detail"]["statement_issuer"],
        "https://vendor.example"
    );
    // Nor shaken off afterwards.
    let bare = json!({"software_statement": null, "redirect_uris": ["https://evil.example/cb"]});
    newcomer
        .update(&op, &bare)
        .await
        .refused(400, "invalid_software_statement");
    op.files.write("lax.toml", &rules("open", ""));
    op.files.run_ok(&["apply", "lax.toml"]);
    newcomer
        .update(&op, &bare)
        .await
        .refused(400, "invalid_software_statement");
    op.files.write("strict.toml", &statement_rules());
    op.files.run_ok(&["apply", "strict.toml"]);
    let again = newcomer
        .update(&op, &json!({"redirect_uris": ["https://evil.example/cb"]}))
        .await;
    assert_eq!(
        (again.status, &again.json["redirect_uris"]),
        (200, &json!([REDIRECT])),
        "{}",
        again.json
    );
}

#[tokio::test]
async fn statements_of_strangers_and_forged_ones_are_refused() {
    let op = Op::with(Database::Sqlite, &statement_rules()).await;
    register_raw(&op, None, &usual())
        .await
        .refused(400, "invalid_software_statement");
    let changed = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        sign_assertion(&claims)
    };
    let stranger = changed("iss", json!("https://stranger.example"));
    register_raw(&op, None, &stating(&stranger))
        .await
        .refused(400, "unapproved_software_statement");
    let body = base64url(claims().to_string().as_bytes());
    let none = format!("{}.{body}.", base64url(br#"{"alg":"none"}"#));
    let point = [&[4u8][..], &decode(&partner_key().x), &decode(&partner_key().y)].concat();
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("partner-1".into());
    let mac = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&point)).unwrap();
    let good = sign_assertion(&claims());
    let (head, _) = good.rsplit_once('.').unwrap();
    let now = op.now().await.secs();
    for (what, jwt) in [
        ("none", none),
        ("a MAC with the public key", mac),
        ("another's signature", format!("{head}.{}", base64url(&[1; 64]))),
        ("no issuer", changed("iss", Value::Null)),
        ("expired", changed("exp", json!(now - 1))),
        ("of tomorrow", changed("nbf", json!(now + 3600))),
        ("for another", changed("aud", json!("https://other.example"))),
        ("nonsense", "x.y.z".to_owned()),
        ("empty", String::new()),
    ] {
        let reply = register_raw(&op, None, &stating(&jwt)).await;
        assert_eq!(
            (reply.status, reply.error()),
            (400, "invalid_software_statement"),
            "{what}: {}",
            reply.json
        );
    }
    // What is the operator's stays it, whoever signs.
    let reaching = changed("policies", json!([]));
    register_raw(&op, None, &stating(&reaching))
        .await
        .refused(400, "invalid_client_metadata");
    assert!(op.audit("client.registered").await.is_empty());
}

fn decode(text: &str) -> Vec<u8> {
    countersign::base::encoding::from_base64url(text).unwrap()
}
