//! Clients that are known by a certificate, and tokens that are of use only with it (RFC 8705), over real TLS.

use rcgen::SanType;
use rustls::CipherSuite;
use serde_json::{Value, json};

use crate::certificates::{Authority, Identity, Mutual, client, is_known, params};
use crate::harness::{Database, Files};
use crate::par::link;
use crate::partner_site::Site;
use crate::relying_party::{Auth, Rp, Tokens, rp_of, userinfo};
use crate::workspace::PAT;

static SELF: Rp = rp_of("self", "https://self.example/cb", Auth::Public);
static APP: Rp = rp_of("app", "https://app.example/cb", Auth::Public);
static FAPI: Rp = rp_of("fapi", "https://fapi.example/cb", Auth::Public);

const SELF_SIGNED: &str = "token_endpoint_auth_method = \"self_signed_tls_client_auth\"\n";
const SCOPE: &str = "openid offline_access authenticators";
const BOUND: &str = "tls_client_certificate_bound_access_tokens = true\n";

/// A client that is known by one thing in its certificate.
fn named(id: &str, member: &str, value: &str) -> String {
    client(
        id,
        &format!("token_endpoint_auth_method = \"tls_client_auth\"\n{member} = '{value}'"),
    )
}

#[tokio::test]
async fn a_client_is_known_by_one_thing_in_a_certificate_that_an_authority_signed() {
    let authority = Authority::new();
    let text = |text: &str| text.to_owned().try_into().unwrap();
    let cases = [
        (
            "tls_client_auth_subject_dn",
            r"CN=dn,O=Cedar\, Inc.,ST=California,C=US",
            params("dn", &[]),
        ),
        (
            "tls_client_auth_san_dns",
            "EHR.cedar.example",
            params("x", &[SanType::DnsName(text("ehr.cedar.example"))]),
        ),
        (
            "tls_client_auth_san_uri",
            "urn:cedar:ehr",
            params("x", &[SanType::URI(text("urn:cedar:ehr"))]),
        ),
        (
            "tls_client_auth_san_ip",
            "2001:db8::0:7",
            params("x", &[SanType::IpAddress("2001:db8::7".parse().unwrap())]),
        ),
        (
            "tls_client_auth_san_email",
            "ehr@cedar.example",
            params("x", &[SanType::Rfc822Name(text("ehr@cedar.example"))]),
        ),
    ];
    let id = |n: usize| format!("client-{n}");
    let clients = cases.iter().enumerate();
    let clients: String = clients
        .map(|(n, (member, value, _))| named(&id(n), member, value))
        .collect();
    let mutual = Mutual::start(&authority, &clients).await;
    let identities: Vec<Identity> = cases.iter().map(|(_, _, params)| authority.signs(params)).collect();
    for n in 0..cases.len() {
        for (m, identity) in identities.iter().enumerate() {
            let reply = mutual.knows(Some(identity), &id(n)).await;
            if n == m {
                is_known(&reply);
            } else {
                reply.refused(401, "invalid_client");
            }
        }
    }
}

#[tokio::test]
async fn what_stands_between_a_certificate_and_its_authority_is_sent_by_the_client() {
    let authority = Authority::new();
    let mutual = Mutual::start(&authority, &named("dn", "tls_client_auth_san_dns", "a.example")).await;
    let below = authority.below();
    let identity = below.signs(&params(
        "x",
        &[SanType::DnsName("a.example".to_owned().try_into().unwrap())],
    ));
    let ask = |http: reqwest::Client| http.post(mutual.url("/introspect"));
    let fields = [("client_id", "dn"), ("token", "whatever")];
    let whole = ask(mutual.http_with(Some(&identity), &below.pem));
    is_known(&mutual.send(whole.form(&fields)).await);
    let alone = ask(mutual.http_with(Some(&identity), ""));
    mutual.send(alone.form(&fields)).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn a_self_signed_certificate_authenticates_and_binds_every_token() {
    let (identity, other) = (Identity::self_signed(), Identity::self_signed());
    let clients = client(
        "self",
        &format!("{SELF_SIGNED}{BOUND}scope = \"{SCOPE}\"\n{}", identity.jwks()),
    );
    let mutual = Mutual::start(&Authority::new(), &clients).await;
    let op = &mutual.op;
    let reply = mutual.redeem(Some(&identity), &SELF.ask().scope(SCOPE)).await;
    assert_eq!(reply.json["token_type"], "Bearer");
    let tokens = Tokens::of(op, &SELF, reply).await;
    let cnf = json!({"x5t#S256": identity.thumbprint()});
    assert_eq!(tokens.access["cnf"], cnf);
    let fields = [("client_id", "self"), ("token", tokens.access_token())];
    let told = mutual.post(Some(&identity), "/introspect", &fields).await;
    assert_eq!((&told.json["cnf"], &told.json["token_type"]), (&cnf, &json!("Bearer")));
    // RFC 8705 §3: whoever else has it gets nothing, here or at the other listener.
    let seen = mutual.userinfo(Some(&identity), tokens.access_token()).await;
    assert_eq!((seen.status, &seen.json["sub"]), (200, &tokens.id["sub"]));
    for stolen in [
        mutual.userinfo(Some(&other), tokens.access_token()).await,
        mutual.userinfo(None, tokens.access_token()).await,
        userinfo(op, tokens.access_token()).await,
    ] {
        let challenge = stolen.headers["www-authenticate"].to_str().unwrap();
        assert_eq!(stolen.status, 401);
        assert!(
            challenge.starts_with("Bearer") && challenge.contains("invalid_token"),
            "{challenge}"
        );
    }
    for (shown, status) in [(&identity, 200), (&other, 401)] {
        let devices = mutual.url("/account/api/v1/authenticators");
        let request = mutual.http_with(Some(shown), "").get(devices);
        let reply = mutual.send(request.bearer_auth(tokens.access_token())).await;
        assert_eq!(reply.status, status);
    }
    let renewed = mutual.refresh(Some(&identity), &SELF, tokens.refresh_token()).await;
    assert_eq!(Tokens::of(op, &SELF, renewed).await.access["cnf"], cnf);
    let given_back = mutual.post(Some(&identity), "/revoke", &fields).await;
    assert_eq!(given_back.status, 200);
    assert_eq!(
        mutual.userinfo(Some(&identity), tokens.access_token()).await.status,
        401
    );
}

#[tokio::test]
async fn a_public_client_has_its_tokens_bound_to_whatever_certificate_it_shows() {
    let (identity, thief) = (Identity::self_signed(), Identity::self_signed());
    let lines = format!("token_endpoint_auth_method = \"none\"\n{BOUND}scope = \"openid offline_access\"");
    let mutual = Mutual::start(&Authority::new(), &client("app", &lines)).await;
    let op = &mutual.op;
    let ask = APP.ask().scope("openid offline_access");
    mutual.redeem(None, &ask).await.refused(400, "invalid_request");
    let tokens = Tokens::of(op, &APP, mutual.redeem(Some(&identity), &ask).await).await;
    assert_eq!(tokens.access["cnf"], json!({"x5t#S256": identity.thumbprint()}));
    // RFC 8705 §4: nobody else renews it, also not by writing another certificate into it.
    let token = tokens.refresh_token();
    let (bare, _) = token.split_once('~').expect("it says what it is bound to");
    mutual.refresh(None, &APP, token).await.refused(400, "invalid_request");
    for (shown, token) in [
        (&thief, token.to_owned()),
        (&thief, format!("{bare}~{}", thief.thumbprint())),
        (&identity, bare.to_owned()),
    ] {
        mutual
            .refresh(Some(shown), &APP, &token)
            .await
            .refused(400, "invalid_grant");
    }
    let renewed = mutual.refresh(Some(&identity), &APP, token).await;
    let renewed = Tokens::of(op, &APP, renewed).await;
    assert!(
        renewed
            .refresh_token()
            .ends_with(&format!("~{}", identity.thumbprint()))
    );
    assert_eq!(
        mutual.userinfo(Some(&identity), renewed.access_token()).await.status,
        200
    );
}

#[tokio::test]
async fn under_fapi2_certificates_are_all_that_is_needed() {
    let identity = Identity::self_signed();
    let lines = format!(
        "profile = \"fapi2\"\n{SELF_SIGNED}{BOUND}scope = \"openid\"\n{}",
        identity.jwks()
    );
    let mutual = Mutual::start(&Authority::new(), &client("fapi", &lines)).await;
    let ask = FAPI.ask();
    let fields: Vec<(&str, &str)> = ask.params.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    mutual.post(None, "/par", &fields).await.refused(401, "invalid_client");
    let pushed = mutual.post(Some(&identity), "/par", &fields).await;
    assert_eq!(pushed.status, 201, "{}", pushed.json);
    let reference = pushed.json["request_uri"].as_str().unwrap();
    let mut browser = crate::browser::Browser::new(&mutual.op);
    let page = browser.get(&link(&mutual.op, "fapi", reference)).await;
    let answer = browser.walk(page, &PAT).await.answer();
    let mut fields = ask.fields(answer.code());
    fields.push(("client_id", "fapi"));
    let reply = mutual.post(Some(&identity), "/token", &fields).await;
    let tokens = Tokens::of(&mutual.op, &FAPI, reply).await;
    assert_eq!(tokens.access["cnf"], json!({"x5t#S256": identity.thumbprint()}));
    assert_eq!(
        mutual.userinfo(Some(&identity), tokens.access_token()).await.status,
        200
    );
}

#[tokio::test]
async fn a_new_certificate_is_found_where_the_client_publishes_its_keys() {
    let site = Site::start().await;
    let mut files = Files::with_workspace(Database::Sqlite);
    site.is_reached_by(&mut files);
    let lines = format!("{SELF_SIGNED}jwks_uri = \"{}\"", site.url("/jwks"));
    let (first, second) = (Identity::self_signed(), Identity::self_signed());
    site.publish(&json!({"keys": [first.jwk()]}).to_string());
    let mutual = Mutual::serve(files, &Authority::new(), &client("self", &lines)).await;
    is_known(&mutual.knows(Some(&first), "self").await);
    is_known(&mutual.knows(Some(&first), "self").await);
    assert_eq!(site.asked().len(), 1);
    site.publish(&json!({"keys": [first.jwk(), second.jwk()]}).to_string());
    mutual.op.advance(61).await;
    is_known(&mutual.knows(Some(&second), "self").await);
    mutual
        .knows(Some(&Identity::self_signed()), "self")
        .await
        .refused(401, "invalid_client");
    assert_eq!(site.asked().len(), 2);
}

#[tokio::test]
async fn certificates_are_asked_for_where_no_browser_goes() {
    let mutual = Mutual::start(&Authority::new(), "").await;
    let op = &mutual.op;
    let url = op.url("/.well-known/openid-configuration");
    let found: Value = op.http.get(url).send().await.unwrap().json().await.unwrap();
    for (name, path) in [
        ("token_endpoint", "/token"),
        ("pushed_authorization_request_endpoint", "/par"),
        ("device_authorization_endpoint", "/device_authorization"),
        ("backchannel_authentication_endpoint", "/bc-authorize"),
        ("introspection_endpoint", "/introspect"),
        ("revocation_endpoint", "/revoke"),
        ("userinfo_endpoint", "/userinfo"),
    ] {
        assert_eq!(found["mtls_endpoint_aliases"][name], mutual.url(path), "{name}");
        assert_eq!(found[name], op.url(path), "{name}");
        let answer = mutual.http_with(None, "").post(mutual.url(path)).send().await.unwrap();
        assert!(
            [400, 401].contains(&answer.status().as_u16()),
            "{path}: {}",
            answer.status()
        );
    }
    assert_eq!(found["tls_client_certificate_bound_access_tokens"], true);
    let methods = found["token_endpoint_auth_methods_supported"].as_array().unwrap();
    for method in ["tls_client_auth", "self_signed_tls_client_auth", "client_secret_jwt"] {
        assert!(methods.contains(&json!(method)), "{method}");
    }
    for path in [
        "/authorize",
        "/account",
        "/",
        "/sandbox/outbox",
        "/.well-known/openid-configuration",
    ] {
        let answer = mutual.http_with(None, "").get(mutual.url(path)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 404, "{path}");
    }
    // Where nothing of it is set up, nothing of it is promised.
    let plain = crate::harness::Op::start().await;
    let url = plain.url("/.well-known/openid-configuration");
    let found: Value = plain.http.get(url).send().await.unwrap().json().await.unwrap();
    assert!(found.get("mtls_endpoint_aliases").is_none());
    assert!(found.get("tls_client_certificate_bound_access_tokens").is_none());
    assert!(
        !found["token_endpoint_auth_methods_supported"]
            .to_string()
            .contains("tls")
    );
}

#[tokio::test]
async fn with_tls_1_2_nothing_but_aes_gcm_is_agreed_on() {
    let mutual = Mutual::start(&Authority::new(), "").await;
    let others = [CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256];
    assert_eq!(mutual.agrees(&others).await, None);
    for good in [
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    ] {
        assert_eq!(mutual.agrees(&[others[0], good]).await, Some(good));
    }
}
