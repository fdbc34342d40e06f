//! Certificates that a proxy hands on (RFC 9440): believed from the proxies that the operator trusts, and from nobody else.

use countersign::base::encoding::base64;
use rcgen::SanType;
use serde_json::json;

use crate::browser::Browser;
use crate::certificates::{Authority, Identity, Mutual, client, is_known, params};
use crate::harness::{Database, Files, Op};
use crate::relying_party::{Auth, Reply, Rp, Tokens, rp_of};
use crate::workspace::PAT;

static APP: Rp = rp_of("app", "https://app.example/cb", Auth::Public);

const HEADER: &str = "Client-Cert";

fn named() -> String {
    client(
        "named",
        "token_endpoint_auth_method = \"tls_client_auth\"\ntls_client_auth_san_dns = \"ehr.example\"",
    )
}

fn app() -> String {
    let bound = "token_endpoint_auth_method = \"none\"\ntls_client_certificate_bound_access_tokens = true";
    client("app", &format!("{bound}\nscope = \"openid\""))
}

fn of_ehr(authority: &Authority) -> Identity {
    let name = SanType::DnsName("ehr.example".to_owned().try_into().unwrap());
    authority.signs(&params("x", &[name]))
}

/// Behind proxies in this network.
async fn behind(proxies: &str, authority: &Authority) -> Op {
    let mut files = Files::with_workspace(Database::Sqlite);
    files.write("clients.pem", &authority.pem);
    files.server = format!(
        "trusted_proxies = [\"{proxies}\"]\nclient_cert_header = \"{HEADER}\"\nmtls = {{ client_ca = \"clients.pem\" }}\n"
    );
    files.configure(0);
    files.write("more.toml", &format!("{}{}", named(), app()));
    files.run_ok(&["apply", "more.toml"]);
    Op::serve(files).await
}

fn rfc_9440(identity: &Identity) -> String {
    format!(":{}:", base64(&identity.der))
}

/// As nginx does: `$ssl_client_escaped_cert`.
fn escaped(identity: &Identity) -> String {
    url::form_urlencoded::byte_serialize(identity.pem.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

async fn handed(op: &Op, headers: &[(&str, &str)]) -> Reply {
    let mut request = op.http.post(op.url("/introspect"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let fields = [("client_id", "named"), ("token", "whatever")];
    Reply::of(op, request.form(&fields).send().await.unwrap()).await
}

#[tokio::test]
async fn what_a_trusted_proxy_hands_on_is_judged_as_if_it_had_been_shown_to_us() {
    let authority = Authority::new();
    let op = behind("127.0.0.1/32", &authority).await;
    let identity = of_ehr(&authority);
    for value in [rfc_9440(&identity), escaped(&identity)] {
        is_known(&handed(&op, &[(HEADER, &value)]).await);
    }
    let below = authority.below();
    let far = of_ehr(&below);
    let between = rustls_pem(&below.pem);
    let value = rfc_9440(&far);
    is_known(&handed(&op, &[(HEADER, &value), ("Client-Cert-Chain", &between)]).await);
    // The proxy says who it is; that somebody vouches for it we find out ourselves.
    let stranger = rfc_9440(&of_ehr(&Authority::new()));
    let good = rfc_9440(&identity);
    for headers in [
        &[][..],
        &[(HEADER, "")],
        &[(HEADER, stranger.as_str())],
        &[(HEADER, value.as_str())],
        &[(HEADER, good.as_str()), (HEADER, stranger.as_str())],
        &[(HEADER, "nonsense")],
        &[("X-Client-Cert", good.as_str())],
    ] {
        let reply = handed(&op, headers).await;
        assert_eq!((reply.status, reply.error()), (401, "invalid_client"), "{headers:?}");
    }
}

/// The one certificate of a PEM, as RFC 9440 §2.3 writes it.
fn rustls_pem(pem: &str) -> String {
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    format!(":{}:", lines.collect::<String>())
}

#[tokio::test]
async fn whoever_else_writes_the_header_says_nothing_with_it() {
    let authority = Authority::new();
    let op = behind("10.0.0.0/8", &authority).await;
    let identity = of_ehr(&authority);
    let value = rfc_9440(&identity);
    handed(&op, &[(HEADER, &value)]).await.refused(401, "invalid_client");
    // Nor does it help to claim that one comes by way of a proxy.
    let far = [(HEADER, value.as_str()), ("X-Forwarded-For", "10.0.0.1")];
    handed(&op, &far).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn beside_a_certificate_of_the_connection_a_stranger_s_header_is_nothing() {
    let authority = Authority::new();
    let mut files = Files::with_workspace(Database::Sqlite);
    files.server = format!("trusted_proxies = [\"10.0.0.0/8\"]\nclient_cert_header = \"{HEADER}\"\n");
    let mutual = Mutual::serve(files, &authority, &named()).await;
    let (good, other) = (of_ehr(&authority), Identity::self_signed());
    for (shown, written, known) in [(&good, &other, true), (&other, &good, false)] {
        let request = mutual.http_with(Some(shown), "").post(mutual.url("/introspect"));
        let request = request.header(HEADER, rfc_9440(written));
        let reply = mutual
            .send(request.form(&[("client_id", "named"), ("token", "x")]))
            .await;
        assert_eq!(reply.status == 200, known, "{}", reply.json);
    }
}

#[tokio::test]
async fn tokens_are_bound_to_what_the_proxy_hands_on() {
    let op = behind("127.0.0.1/32", &Authority::new()).await;
    let (identity, thief) = (Identity::self_signed(), Identity::self_signed());
    let ask = APP.ask();
    let answer = Browser::new(&op).sign_in(&ask, &PAT).await;
    let mut fields = ask.fields(answer.code());
    fields.push(("client_id", "app"));
    let request = op.http.post(op.url("/token")).header(HEADER, escaped(&identity));
    let reply = Reply::of(&op, request.form(&fields).send().await.unwrap()).await;
    let tokens = Tokens::of(&op, &APP, reply).await;
    assert_eq!(tokens.access["cnf"], json!({"x5t#S256": identity.thumbprint()}));
    for (value, status) in [
        (rfc_9440(&identity), 200),
        (rfc_9440(&thief), 401),
        (String::new(), 401),
        ("nonsense".to_owned(), 401),
    ] {
        let request = op.http.get(op.url("/userinfo")).header(HEADER, &value);
        let reply = request.bearer_auth(tokens.access_token()).send().await.unwrap();
        assert_eq!(reply.status().as_u16(), status, "{value}");
    }
}
