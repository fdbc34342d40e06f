//! An API of a partner demands more than the token shows, and its client comes back with it (RFC 9470).

use countersign::base::Seconds;
use countersign::keys::JwkSet;
use countersign::protocol::challenge::Challenge;
use countersign::protocol::errors::ErrorCode;
use countersign::resource_server::{Demands, Refusal, ResourceServer, Token, presented};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::browser::Browser;
use crate::harness::Op;
use crate::relying_party::{AAL2, BASIC, MFA, ONE, jwks};
use crate::workspace::LEE;

/// What the API asks for before it shows prescriptions.
fn demands() -> Demands {
    Demands::default()
        .scope("openid profile")
        .acr_values(&[AAL2, MFA])
        .max_age(Seconds(300))
}

/// The API: it knows the issuer's address and nothing of the provider's insides.
async fn admitted(op: &Op, authorization: &[&str]) -> Result<Token, Refusal> {
    let keys = JwkSet::from_value(&jwks(op).await).unwrap();
    let now = op.now().await;
    let token = ResourceServer::new(&op.issuer, &op.issuer).verify(&presented(authorization)?, &keys, now)?;
    demands().check(&token, now)?;
    Ok(token)
}

/// Answers with the person's `sub`, or with the challenge. Ends with its test.
async fn start(op: &Op) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/prescriptions", listener.local_addr().unwrap());
    let op = op.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap();
            let fields = head.lines().filter_map(|line| line.split_once(": "));
            let authorization: Vec<&str> = fields
                .filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
                .map(|(_, value)| value)
                .collect();
            let answer = match admitted(&op, &authorization).await {
                Ok(token) => format!(
                    "200 OK\r\nContent-Length: {}\r\n\r\n{}",
                    token.subject.len(),
                    token.subject
                ),
                Err(refusal) => format!(
                    "{} No\r\nWWW-Authenticate: {}\r\nContent-Length: 0\r\n\r\n",
                    refusal.status(),
                    refusal.challenge("prescriptions")
                ),
            };
            let _ = stream.write_all(format!("HTTP/1.1 {answer}").as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    url
}

/// Status, body, and the challenge as the client reads it.
async fn call(op: &Op, url: &str, token: Option<&str>) -> (u16, String, Option<Challenge>) {
    let mut request = op.http.get(url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let reply = request.send().await.unwrap();
    let status = reply.status().as_u16();
    let challenge = reply.headers().get("www-authenticate").map(|value| {
        let mut all = Challenge::parse_all(value.to_str().unwrap()).unwrap();
        assert_eq!(all.len(), 1);
        all.remove(0)
    });
    (status, reply.text().await.unwrap(), challenge)
}

#[tokio::test]
async fn a_client_that_is_challenged_comes_back_with_the_acr_and_gets_in() {
    let op = Op::start().await;
    let api = start(&op).await;
    let mut browser = Browser::new(&op);
    let ask = BASIC.ask().scope("openid profile").acr(ONE);
    let weak = browser.tokens(&ask, &LEE).await;
    assert_eq!(weak.acr(), ONE);
    let (status, _, challenge) = call(&op, &api, Some(weak.access_token())).await;
    let challenge = challenge.unwrap();
    assert_eq!(
        (status, challenge.error.as_ref().unwrap().code),
        (401, ErrorCode::InsufficientUserAuthentication)
    );
    assert_eq!(
        (&challenge.acr_values[..], challenge.max_age),
        (&[AAL2.to_owned(), MFA.to_owned()][..], Some(Seconds(300)))
    );
    // RFC 9470 §4: the client copies both into a new request.
    let again = || {
        BASIC
            .ask()
            .scope("openid profile")
            .acr(&challenge.acr_values.join(" "))
            .set("max_age", &challenge.max_age.unwrap().0.to_string())
    };
    let strong = browser.tokens(&again(), &LEE).await;
    let (status, body, _) = call(&op, &api, Some(strong.access_token())).await;
    assert_eq!((status, body.as_str()), (200, strong.access["sub"].as_str().unwrap()));
    // Later the token is still good, but the authentication is old: the same challenge, the same way out.
    op.advance(301).await;
    let (status, _, old) = call(&op, &api, Some(strong.access_token())).await;
    assert_eq!((status, old.as_ref()), (401, Some(&challenge)));
    let fresh = browser.tokens(&again(), &LEE).await;
    assert_eq!(call(&op, &api, Some(fresh.access_token())).await.0, 200);
}

/// RFC 9470 §9: what is required is told only to whoever brings a token that is good.
#[tokio::test]
async fn whoever_brings_no_good_token_does_not_learn_what_is_required() {
    let op = Op::start().await;
    let api = start(&op).await;
    let ask = BASIC.ask().scope("openid profile").acr(AAL2);
    let tokens = Browser::new(&op).tokens(&ask, &LEE).await;
    let (status, _, challenge) = call(&op, &api, None).await;
    assert_eq!(
        (status, challenge.unwrap().to_string().as_str()),
        (401, "Bearer realm=\"prescriptions\"")
    );
    let forged = format!("{}x", &tokens.access_token()[..tokens.access_token().len() - 1]);
    let cut = tokens.access_token().rsplit_once('.').unwrap().0;
    for token in [tokens.id_token(), "nonsense", cut, &forged] {
        let (status, _, challenge) = call(&op, &api, Some(token)).await;
        let challenge = challenge.unwrap();
        assert_eq!(
            (status, challenge.error.unwrap().code),
            (401, ErrorCode::InvalidToken),
            "{token}"
        );
        assert!(challenge.acr_values.is_empty() && challenge.max_age.is_none());
    }
    let narrow = Browser::new(&op).tokens(&BASIC.ask().acr(AAL2), &LEE).await;
    let (status, _, challenge) = call(&op, &api, Some(narrow.access_token())).await;
    assert_eq!(
        (status, challenge.unwrap().scope.unwrap().to_string().as_str()),
        (403, "openid profile")
    );
    op.advance(601).await;
    let (status, _, challenge) = call(&op, &api, Some(tokens.access_token())).await;
    assert_eq!(
        (status, challenge.unwrap().error.unwrap().code),
        (401, ErrorCode::InvalidToken)
    );
}
