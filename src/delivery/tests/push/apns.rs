//! Apple's service, over HTTP/2.

use hyper::Version;

use super::*;

const TOKEN: &str = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0";

fn to_phone() -> Message {
    push_to(Some(PushAddress::Apns { token: TOKEN.into() }))
}

struct Apple {
    service: Service,
    key: KeyPair,
    folder: TempDir,
}

impl Apple {
    async fn start(answer: impl Fn(&Call, usize) -> Say + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPair::generate(Kind::P256).unwrap();
        secret_file(folder.path(), "key.p8", &pem(&key));
        Self {
            // Apple speaks nothing else.
            service: Service::start(&["h2"], answer).await,
            key,
            folder,
        }
    }

    fn post(&self, timeouts: Timeouts) -> Post {
        let settings = format!(
            "apns = {{ base_url = {:?}, key = {:?}, key_id = \"ABC123DEFG\", team_id = \"TEAM567890\", \
             topic = \"org.cedar.signin\", trust_anchor = {:?} }}",
            self.service.url(),
            self.folder.path().join("key.p8"),
            self.service.authority(),
        );
        Post::open(&settings, &OutboundSettings::default(), timeouts)
    }

    /// `iat` of the token that came with this call, which is right in all other respects.
    #[track_caller]
    fn issued_at(&self, call: &Call) -> i64 {
        let token = call.header("authorization").strip_prefix("Bearer ").unwrap();
        let (header, claims) = verified(token, Alg::Es256, self.key.public());
        assert_eq!(header, serde_json::json!({"alg": "ES256", "kid": "ABC123DEFG"}));
        assert_eq!(claims["iss"], "TEAM567890");
        claims["iat"].as_i64().unwrap()
    }
}

fn reason(status: u16, reason: &str) -> Say {
    Say {
        body: format!("{{\"reason\": \"{reason}\", \"timestamp\": 1800000000000}}"),
        ..say(status)
    }
}

#[tokio::test]
async fn a_message_goes_over_http_2_with_a_token_and_holds_the_request_alone() {
    let apple = Apple::start(|_, _| Say {
        header: Some(("apns-id", "EC1BF194-B3B2-424A-89A9-5A918A6E6B5E")),
        ..say(200)
    })
    .await;
    let reference = delivered(apple.post(Timeouts::default()).deliver(&to_phone()).await);
    assert_eq!(reference.as_deref(), Some("EC1BF194-B3B2-424A-89A9-5A918A6E6B5E"));
    let call = apple.service.calls().remove(0);
    assert_eq!(call.version, Version::HTTP_2);
    assert_eq!(
        (call.method.as_str(), call.path.clone()),
        ("POST", format!("/3/device/{TOKEN}"))
    );
    assert_eq!(apple.issued_at(&call), NOW);
    for (name, value) in [
        ("apns-topic", "org.cedar.signin"),
        ("apns-push-type", "alert"),
        ("apns-priority", "10"),
        ("apns-expiration", "1800000290"),
    ] {
        assert_eq!(call.header(name), value, "{name}");
    }
    assert_eq!(
        call.json(),
        serde_json::json!({
            "aps": {
                "alert": {"title": "Sign-in request", "title-loc-key": "Sign-in request"},
                "sound": "default",
                "mutable-content": 1,
            },
            "request": REQUEST,
        })
    );
}

#[tokio::test]
async fn a_token_is_used_for_fifty_minutes() {
    let apple = Apple::start(|_, _| say(200)).await;
    let post = apple.post(Timeouts::default());
    // The last: a clock that went back must not send what is not yet true.
    for now in [NOW, NOW + 1, NOW + 3000, NOW + 3001, NOW + 3002, NOW + 5] {
        delivered(post.at(now, &to_phone()).await);
    }
    let issued: Vec<i64> = apple.service.calls().iter().map(|c| apple.issued_at(c)).collect();
    assert_eq!(issued, [NOW, NOW, NOW, NOW + 3001, NOW + 3001, NOW + 5]);
}

#[tokio::test]
async fn a_token_that_apple_calls_expired_is_renewed_once() {
    let apple = Apple::start(|_, before| match before {
        0 => say(200),
        1 | 3 | 4 => reason(403, "ExpiredProviderToken"),
        _ => say(200),
    })
    .await;
    let post = apple.post(Timeouts::default());
    delivered(post.deliver(&to_phone()).await);
    delivered(post.at(NOW + 60, &to_phone()).await);
    let again = failure(post.at(NOW + 120, &to_phone()).await);
    assert!(again.permanent && !again.gone && again.why.contains("ExpiredProviderToken"));
    let issued: Vec<i64> = apple.service.calls().iter().map(|c| apple.issued_at(c)).collect();
    assert_eq!(issued, [NOW, NOW, NOW + 60, NOW + 60, NOW + 120]);
}

#[tokio::test]
async fn many_at_once_share_a_token() {
    let apple = Apple::start(|_, _| say(200)).await;
    let post = apple.post(Timeouts::default());
    let message = to_phone();
    let all = (0..20).map(|_| post.deliver(&message));
    for outcome in futures_util::future::join_all(all).await {
        delivered(outcome);
    }
    let calls = apple.service.calls();
    let first = calls[0].header("authorization");
    assert!(calls.len() == 20 && calls.iter().all(|c| c.header("authorization") == first));
}

#[tokio::test]
async fn only_what_apple_calls_gone_is_gone() {
    let says = [
        (410, "Unregistered", true),
        (410, "ExpiredToken", true),
        (410, "SomethingNew", true),
        (400, "BadDeviceToken", false),
        (400, "DeviceTokenNotForTopic", false),
        (403, "InvalidProviderToken", false),
    ];
    let apple = Apple::start(move |_, n| reason(says[n].0, says[n].1)).await;
    let post = apple.post(Timeouts::default());
    for (status, reason, gone) in says {
        let said = failure(post.deliver(&to_phone()).await);
        assert_eq!((said.permanent, said.gone), (true, gone), "{status} {reason}");
        nothing_told(&said.why, &to_phone());
    }
}

#[tokio::test]
async fn trouble_passes_or_not_and_silence_is_trouble() {
    let apple = Apple::start(|_, n| if n < TROUBLE.len() { trouble(n) } else { late() }).await;
    troubled(&apple.post(Timeouts::default()), &to_phone()).await;
    too_late(apple.post(impatient_with_tls()).deliver(&to_phone()).await);
}

#[tokio::test]
async fn a_service_that_another_authority_vouches_for_is_not_told_anything() {
    let apple = Apple::start(|_, _| say(200)).await;
    let other = Apple::start(|_, _| say(200)).await;
    std::fs::copy(other.service.authority(), apple.service.authority()).unwrap();
    let said = failure(apple.post(Timeouts::default()).deliver(&to_phone()).await);
    assert!(!said.permanent && said.why.contains("cannot be reached"), "{said:?}");
    assert!(apple.service.calls().is_empty());
}
