//! Certificates that prove nothing.

use rcgen::{ExtendedKeyUsagePurpose, SanType, date_time_ymd};
use serde_json::json;

use crate::certificates::{Authority, Identity, Mutual, client, is_known, params};
use crate::harness::{Database, Files};
use crate::key_holder::Holder;
use crate::relying_party::{Auth, Rp, Tokens, rp_of};

static BOTH: Rp = rp_of("both", "https://both.example/cb", Auth::Public);

fn ehr() -> [SanType; 1] {
    [SanType::DnsName("ehr.example".to_owned().try_into().unwrap())]
}

const NAMED: &str = "token_endpoint_auth_method = \"tls_client_auth\"\ntls_client_auth_san_dns = \"ehr.example\"";

#[tokio::test]
async fn a_name_counts_only_where_a_believed_authority_says_it_now_and_for_clients() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let mutual = Mutual::start(&authority, &client("named", NAMED)).await;
    let good = params("x", &ehr());
    is_known(&mutual.knows(Some(&authority.signs(&good)), "named").await);
    let (mut old, mut early, mut server) = (good.clone(), good.clone(), good.clone());
    old.not_after = date_time_ymd(2020, 1, 1);
    early.not_before = date_time_ymd(4000, 1, 1);
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let common = params("ehr.example", &[]);
    let wild = params("x", &[SanType::DnsName("*.example".to_owned().try_into().unwrap())]);
    let address = params("x", &[SanType::URI("ehr.example".to_owned().try_into().unwrap())]);
    for (what, identity) in [
        ("of another authority", stranger.signs(&good)),
        ("of nobody", Identity::self_signed()),
        ("expired", authority.signs(&old)),
        ("not yet valid", authority.signs(&early)),
        ("of a server", authority.signs(&server)),
        ("the name is the subject's", authority.signs(&common)),
        ("the name has a star", authority.signs(&wild)),
        ("the name is an address", authority.signs(&address)),
    ] {
        let reply = mutual.knows(Some(&identity), "named").await;
        assert_eq!(
            (reply.status, reply.error()),
            (401, "invalid_client"),
            "{what}: {}",
            reply.json
        );
    }
}

#[tokio::test]
async fn nothing_stands_in_for_the_certificate_and_it_stands_in_for_nothing() {
    let authority = Authority::new();
    let registered = Identity::self_signed();
    let lines = format!(
        "token_endpoint_auth_method = \"self_signed_tls_client_auth\"\n{}",
        registered.jwks()
    );
    let clients = format!("{}{}", client("named", NAMED), client("self", &lines));
    let mutual = Mutual::start(&authority, &clients).await;
    let signed = authority.signs(&params("x", &ehr()));
    // A certificate that is good for one method is not for the other.
    mutual.knows(Some(&signed), "self").await.refused(401, "invalid_client");
    mutual
        .knows(Some(&registered), "named")
        .await
        .refused(401, "invalid_client");
    mutual
        .knows(Some(&signed), "nobody")
        .await
        .refused(401, "invalid_client");
    // A certificate is no secret, no assertion, and no name.
    for id in ["basic", "key"] {
        mutual.knows(Some(&signed), id).await.refused(401, "invalid_client");
    }
    // Nor are they one.
    for id in ["named", "self"] {
        mutual.knows(None, id).await.refused(401, "invalid_client");
        let fields = [("client_id", id), ("client_secret", "x"), ("token", "whatever")];
        let reply = mutual.post(Some(&signed), "/introspect", &fields).await;
        reply.refused(401, "invalid_client");
        // At the other listener nobody can show one.
        let request = mutual.op.http.post(mutual.op.url("/introspect"));
        let reply = mutual.send(request.form(&[("client_id", id), ("token", "x")])).await;
        reply.refused(401, "invalid_client");
    }
}

/// RFC 9449 and RFC 8705 at once: each is asked for.
#[tokio::test]
async fn a_token_that_is_bound_twice_needs_both() {
    let identity = Identity::self_signed();
    let lines = "token_endpoint_auth_method = \"none\"\ntls_client_certificate_bound_access_tokens = true\n\
                 dpop_bound_access_tokens = true\nscope = \"openid\"";
    let mutual = Mutual::start(&Authority::new(), &client("both", lines)).await;
    let (op, holder, ask) = (&mutual.op, Holder::new(), BOTH.ask());
    let answer = crate::browser::Browser::new(op)
        .sign_in(&ask, &crate::workspace::PAT)
        .await;
    let mut fields = ask.fields(answer.code());
    fields.push(("client_id", "both"));
    // The proof names the address that was really called.
    let here = json!({"htu": mutual.url("/token")});
    let proof = holder.proof_with(op, "POST", "/token", &here).await;
    let request = mutual.http_with(Some(&identity), "").post(mutual.url("/token"));
    let reply = mutual.send(request.header("DPoP", proof).form(&fields)).await;
    let tokens = Tokens::of(op, &BOTH, reply).await;
    let cnf = json!({"jkt": holder.jkt(), "x5t#S256": identity.thumbprint()});
    assert_eq!(
        (&tokens.access["cnf"], &tokens.json["token_type"]),
        (&cnf, &json!("DPoP"))
    );
    let look = async |shown: Option<&Identity>, proves: bool| {
        let token = tokens.access_token();
        let mut request = mutual.http_with(shown, "").get(mutual.url("/userinfo"));
        if proves {
            let proof = holder.with_token(op, token).await;
            request = request
                .header("DPoP", proof)
                .header("Authorization", format!("DPoP {token}"));
        } else {
            request = request.bearer_auth(token);
        }
        mutual.send(request).await.status
    };
    assert_eq!(look(Some(&identity), true).await, 200);
    assert_eq!(look(None, true).await, 401);
    assert_eq!(look(Some(&Identity::self_signed()), true).await, 401);
    assert_eq!(look(Some(&identity), false).await, 401);
}

#[test]
fn a_certificate_or_key_that_is_wrong_is_named_before_anything_starts() {
    let files = Files::empty(Database::Sqlite);
    let (own, other) = (Identity::self_signed(), Identity::self_signed());
    files.write("own.pem", &own.pem);
    files.write("own.key", &own.key.serialize_pem());
    files.write("other.key", &other.key.serialize_pem());
    files.write("text.pem", "no certificate");
    let half = own.pem.replace("-----END", "-----END OF");
    files.write("half.pem", &half);
    let broken = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        "AAAA".repeat(8)
    );
    files.write("broken.pem", &broken);
    let config = |cert: &str, key: &str, ca: &str| {
        format!(
            "[server]\nissuer = \"http://localhost:1\"\nmtls = {{ listen = \"127.0.0.1:0\", cert = \"{cert}\", \
             key = \"{key}\", client_ca = \"{ca}\" }}\n"
        )
    };
    for (cert, key, ca, said) in [
        ("own.pem", "own.key", "missing.pem", "server.mtls.client_ca: "),
        ("own.pem", "own.key", "text.pem", "holds no certificate"),
        ("own.pem", "own.key", "half.pem", "server.mtls.client_ca: "),
        ("own.pem", "own.key", "broken.pem", "server.mtls.client_ca: "),
        ("own.pem", "own.key", "own.key", "holds no certificate"),
        ("text.pem", "own.key", "own.pem", "server.mtls.cert: "),
        ("own.pem", "other.key", "own.pem", "server.mtls.key: "),
        ("own.pem", "own.pem", "own.pem", "server.mtls.key: "),
    ] {
        files.write("countersign.toml", &config(cert, key, ca));
        let error = files.run_fails(&["check-config"]);
        assert!(error.contains(said), "{cert} {key} {ca}: {error}");
    }
    files.write("countersign.toml", &config("own.pem", "own.key", "own.pem"));
    assert_eq!(files.run_ok(&["check-config"]).trim(), "ok");
}
