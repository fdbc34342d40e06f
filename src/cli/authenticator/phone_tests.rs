//! What a device says, against a scripted far end: signatures by another library, the clock, and answers that are wrong.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};

use super::client::{Client, Means};
use super::link::Link;
use super::message::{Decision, Unlock};
use super::phone::{Choice, Phone};
use super::trouble::Trouble;
use crate::base::encoding::{base64url, from_base64url, sha256};
use crate::base::{Clock, SystemEntropy, Timestamp};
use crate::keys::{Alg, KeyPair, Kind};

const SECRET: &str = "ABCDEFGHIJKLMNOPQRSTUVWX27";
/// By the server's clock. The device's is an hour behind.
const NOW: i64 = 1_795_000_000;
const BEHIND: i64 = 3600;

struct Stopped(i64);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(self.0)
    }
}

fn means(now: i64) -> Means {
    Means {
        clock: Arc::new(Stopped(now)),
        entropy: Arc::new(SystemEntropy),
    }
}

#[derive(Clone, Debug)]
struct Heard {
    line: String,
    proof: Option<String>,
    body: Value,
}

type Script = Box<dyn Fn(&str, &Heard) -> (u16, Value) + Send>;

/// A far end that answers by a script, and what it heard.
fn far_end(script: Script) -> (String, Arc<Mutex<Vec<Heard>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (own, kept) = (issuer.clone(), Arc::clone(&heard));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let request = hear(&stream);
            kept.lock().unwrap().push(request.clone());
            let (status, body) = script(&own, &request);
            let body = if body.is_null() {
                String::new()
            } else {
                body.to_string()
            };
            let head = format!(
                "HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = (&stream).write_all(format!("{head}{body}").as_bytes());
        }
    });
    (issuer, heard)
}

fn hear(stream: &TcpStream) -> Heard {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        length = line
            .strip_prefix("content-length: ")
            .map_or(length, |n| n.parse().unwrap());
        head.push(line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let proof = head.iter().find_map(|l| l.strip_prefix("authorization: Device "));
    Heard {
        line: head[0].trim_end_matches(" HTTP/1.1").to_owned(),
        proof: proof.map(str::to_owned),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    }
}

fn part(jws: &str, n: usize) -> Map<String, Value> {
    let bytes = from_base64url(jws.split('.').nth(n).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// By `jsonwebtoken`, with nothing of ours but the public key's members.
fn verified(jws: &str, key: &Map<String, Value>) -> Value {
    let text = |name: &str| key[name].as_str().unwrap();
    let decoding = jsonwebtoken::DecodingKey::from_ec_components(text("x"), text("y")).unwrap();
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    rules.required_spec_claims.clear();
    (rules.validate_exp, rules.validate_aud) = (false, false);
    jsonwebtoken::decode::<Value>(jws, &decoding, &rules).unwrap().claims
}

fn context(issuer: &str) -> Vec<u8> {
    let context = json!({
        "kind": "sign_in", "issuer": issuer, "workspace": "W", "account": "ana", "device": "T", "partner": null,
        "at": NOW, "ip": null, "place": null, "browser": null, "lines": [], "later": { "unknown": true },
    });
    serde_json::to_vec(&context).unwrap()
}

/// As the document has it; complains where the time in a message is more than 300 s from `NOW`.
fn good(issuer: &str, heard: &Heard) -> (u16, Value) {
    let inner = ["pairing", "answer"].iter().find_map(|name| heard.body[name].as_str());
    for jws in inner.into_iter().chain(heard.proof.as_deref()) {
        if (part(jws, 1)["iat"].as_i64().unwrap() - NOW).abs() > 300 {
            return (
                401,
                json!({ "error": "clock_skew", "mfa": "MFA-142", "server_time": NOW }),
            );
        }
    }
    let waiting = json!({ "id": "Rq", "kind": "sign_in", "expires_at": NOW + 60 });
    match heard.line.as_str() {
        "GET /authenticator/v1" => (
            200,
            json!({ "versions": [1, 2], "issuer": issuer, "name": "W", "server_time": NOW }),
        ),
        "POST /authenticator/v1/pairings" => {
            let owner = json!({ "issuer": issuer, "workspace": "W", "username": "a•••a" });
            (
                201,
                json!({ "device": "K3", "account": owner, "request": "Rq", "expires_at": NOW, "server_time": NOW }),
            )
        }
        "GET /authenticator/v1/requests" => (200, json!({ "server_time": NOW, "requests": [waiting] })),
        "GET /authenticator/v1/requests/Rq" => {
            let context = base64url(&context(issuer));
            let all = json!({ "id": "Rq", "nonce": "n1", "expires_at": NOW + 60, "number_digits": 6,
                "server_time": NOW, "context": context });
            (200, all)
        }
        "POST /authenticator/v1/requests/Rq" => (200, json!({ "status": "approved" })),
        "DELETE /authenticator/v1/device" => (204, Value::Null),
        other => (404, json!({ "error": "request_unknown", "error_description": other })),
    }
}

async fn paired(issuer: &str, now: i64) -> Phone {
    let link = Link::parse(&format!("{issuer}/authenticator#pair={SECRET}"), None).unwrap();
    Phone::pair(&link, "T", means(now)).await.unwrap().phone
}

#[tokio::test]
async fn what_a_device_says_is_signed_as_the_document_has_it() {
    let (issuer, heard) = far_end(Box::new(good));
    let phone = paired(&issuer, NOW).await;
    let asked = phone.open_only().await.unwrap();
    phone.approve(&asked, Some("482913"), Unlock::Pin).await.unwrap();
    phone.unregister().await.unwrap();
    let heard = heard.lock().unwrap().clone();
    let lines: Vec<&str> = heard.iter().map(|h| h.line.split("/v1").nth(1).unwrap()).collect();
    assert_eq!(
        lines,
        ["", "/pairings", "/requests", "/requests/Rq", "/requests/Rq", "/device"]
    );
    let pairing = heard[1].body["pairing"].as_str().unwrap();
    let key = part(pairing, 0)["jwk"].as_object().unwrap().clone();
    assert_eq!(
        (&key["kty"], &key["crv"], key.len()),
        (&json!("EC"), &json!("P-256"), 4),
        "and no private member"
    );
    assert_eq!(part(pairing, 0)["typ"], "countersign-pairing+jwt");
    let claims = verified(pairing, &key);
    assert_eq!(
        (&claims["aud"], &claims["iat"], &claims["secret"]),
        (&json!(issuer), &json!(NOW), &json!(SECRET))
    );
    let mut seen = Vec::new();
    for request in [&heard[2], &heard[3], &heard[5]] {
        let proof = request.proof.as_deref().unwrap();
        let header = json!({ "typ": "countersign-device+jwt", "alg": "ES256", "kid": "K3" });
        assert_eq!(Value::from(part(proof, 0)), header);
        let claims = verified(proof, &key);
        let line = format!(
            "{} {}",
            claims["htm"].as_str().unwrap(),
            claims["htu"].as_str().unwrap()
        );
        assert_eq!(line.replace(&issuer, ""), request.line);
        assert!(from_base64url(claims["jti"].as_str().unwrap()).unwrap().len() >= 16);
        seen.push(claims["jti"].clone());
    }
    assert!(seen[0] != seen[1] && seen[1] != seen[2]);
    let answer = heard[4].body["answer"].as_str().unwrap();
    assert_eq!(part(answer, 0)["typ"], "countersign-answer+jwt");
    let digest = base64url(&sha256(&context(&issuer)));
    let expected = json!({
        "aud": issuer, "iat": NOW, "request": "Rq", "nonce": "n1", "decision": "approve", "number": "482913",
        "context_digest": digest, "unlock": "pin", "app_version": "1.0.0",
    });
    assert_eq!(verified(answer, &key), expected);
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_for_and_remembered() {
    let (issuer, heard) = far_end(Box::new(good));
    let phone = paired(&issuer, NOW - BEHIND).await;
    assert_eq!((phone.client.offset(), phone.client.now()), (BEHIND, NOW));
    assert_eq!(heard.lock().unwrap().len(), 3, "discovery, refused, taken");
    let asked = phone.open("Rq").await.unwrap();
    phone.approve(&asked, Some("482913"), Unlock::None).await.unwrap();
    assert_eq!(heard.lock().unwrap().len(), 5, "nothing is refused a second time");
    // The clock of the device is put right: what was remembered is wrong now, and corrected as well.
    let key = KeyPair::from_pkcs8(Kind::P256, phone.key().to_pkcs8().unwrap().expose()).unwrap();
    let phone = Phone::of(Client::new(&issuer, BEHIND, means(NOW)).unwrap(), "K3".to_owned(), key);
    let choice = Choice {
        decision: Decision::Deny,
        number: None,
        unlock: Unlock::None,
    };
    phone.answer(&asked, choice).await.unwrap();
    assert_eq!(phone.client.offset(), 0);
}

#[tokio::test]
async fn a_server_that_never_agrees_on_the_time_is_asked_twice() {
    let (issuer, heard) = far_end(Box::new(|issuer, heard| match heard.line.as_str() {
        "GET /authenticator/v1" => good(issuer, heard),
        _ => (
            401,
            json!({ "error": "clock_skew", "mfa": "MFA-142", "server_time": 5 }),
        ),
    }));
    let link = Link::parse(&format!("{issuer}/authenticator#pair={SECRET}"), None).unwrap();
    let trouble = Phone::pair(&link, "T", means(NOW)).await.err().unwrap();
    assert!(trouble.to_string().ends_with("(MFA-142)"), "{trouble}");
    assert_eq!(heard.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn the_secret_is_sent_to_no_server_of_another_name_or_version() {
    for found in [
        json!({ "versions": [1], "issuer": "https://elsewhere.example" }),
        json!({ "versions": [2], "issuer": "ISSUER" }),
        json!("<html>"),
    ] {
        let (issuer, heard) = far_end(Box::new(move |issuer, _| {
            (
                200,
                serde_json::from_str(&found.to_string().replace("ISSUER", issuer)).unwrap(),
            )
        }));
        let link = Link::parse(&format!("{issuer}/authenticator#pair={SECRET}"), None).unwrap();
        let trouble = Phone::pair(&link, "T", means(NOW)).await.err().unwrap();
        assert!(matches!(trouble, Trouble::Odd { .. }), "{trouble}");
        assert_eq!(heard.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn answers_that_are_none_are_one_sentence() {
    let foreign = base64url(&context("https://elsewhere.example"));
    for (status, answer) in [
        (200, json!({ "requests": "many" })),
        (302, json!({})),
        (502, json!("<html>Bad gateway\u{1b}[2J</html>")),
        (
            200,
            json!({ "id": "Rq", "nonce": "n", "expires_at": 1, "number_digits": 0, "server_time": 1, "context": foreign }),
        ),
        (
            200,
            json!({ "id": "Rq", "nonce": "n", "expires_at": 1, "number_digits": 0, "server_time": 1, "context": "!" }),
        ),
    ] {
        let (issuer, _) = far_end(Box::new(move |_, _| (status, answer.clone())));
        let key = KeyPair::generate(Kind::P256).unwrap();
        let phone = Phone::of(Client::new(&issuer, 0, means(NOW)).unwrap(), "K3".to_owned(), key);
        let trouble = phone.open("Rq").await.unwrap_err();
        assert!(matches!(trouble, Trouble::Odd { .. }), "{trouble}");
        assert!(!trouble.to_string().contains(['\n', '\u{1b}']), "{trouble}");
        assert!(
            matches!(phone.open("../device").await.unwrap_err(), Trouble::Usage(_)),
            "no id goes elsewhere"
        );
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let key = KeyPair::generate(Kind::P256).unwrap();
    let client = Client::new(&format!("http://127.0.0.1:{port}"), 0, means(NOW)).unwrap();
    let trouble = Phone::of(client, "K3".to_owned(), key).requests().await.unwrap_err();
    assert!(matches!(trouble, Trouble::Unreachable { .. }), "{trouble}");
}

/// What our own checks of other people's tokens say of ours.
#[test]
fn our_own_reader_of_embedded_keys_takes_the_pairing() {
    use crate::keys::{Expected, Expiry, TypRule};
    let key = KeyPair::generate(Kind::P256).unwrap();
    let header = json!({ "typ": "countersign-pairing+jwt", "alg": "ES256", "jwk": key.public().to_members() });
    let jws = key
        .sign_compact(Alg::Es256, &header, &json!({ "secret": SECRET }))
        .unwrap();
    let expected = Expected {
        algs: &[Alg::Es256],
        typ: TypRule::OneOf(&["countersign-pairing+jwt"]),
        issuer: None,
        audience: None,
        expiry: Expiry::Ignored,
        now: Timestamp::from_secs(NOW),
    };
    let (_, jwk) = crate::keys::jose::verify_embedded(&jws, &expected).unwrap();
    assert_eq!(jwk.public.thumbprint(), key.public().thumbprint());
}
