//! Google's service: an assertion for an access token, an access token for a message.

use super::*;

const TOKEN: &str = "dQw4w9WgXcQ:APA91bHun4MxP5egoKMwt2KZFBaFUH-1RYqx";
const ERROR: &str = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const BAD_REQUEST: &str = "type.googleapis.com/google.rpc.BadRequest";

fn to_phone() -> Message {
    push_to(Some(PushAddress::Fcm { token: TOKEN.into() }))
}

struct Google {
    service: Service,
    key: KeyPair,
    folder: TempDir,
}

impl Google {
    /// The token endpoint grants `access-1`, `access-2` …, for an hour, unless `answer` has something to say there.
    async fn start(answer: impl Fn(&Call, usize) -> Option<Say> + Send + Sync + 'static) -> Self {
        let granted = Mutex::new(0);
        let service = Service::start(&["h2", "http/1.1"], move |call, n| {
            answer(call, n).unwrap_or_else(|| {
                if call.path != "/token" {
                    return Say {
                        body: "{\"name\": \"projects/cedar-signin/messages/0:1500415314455276%31bd1c96\"}".into(),
                        ..say(200)
                    };
                }
                let mut granted = granted.lock().unwrap();
                *granted += 1;
                Say {
                    body: format!(
                        "{{\"access_token\": \"access-{granted}\", \"expires_in\": 3600, \"token_type\": \"Bearer\"}}"
                    ),
                    ..say(200)
                }
            })
        })
        .await;
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPair::generate(Kind::Rsa).unwrap();
        let account = serde_json::json!({
            "type": "service_account", "project_id": "cedar-signin", "private_key_id": "k1", "private_key": pem(&key),
            "client_email": "push@cedar-signin.iam.example", "client_id": "1", "token_uri": format!("{}/token", service.url()),
        });
        secret_file(folder.path(), "account.json", &account.to_string());
        Self { service, key, folder }
    }

    fn post(&self, timeouts: Timeouts) -> Post {
        let settings = format!(
            "fcm = {{ base_url = {:?}, service_account = {:?}, trust_anchor = {:?} }}",
            self.service.url(),
            self.folder.path().join("account.json"),
            self.service.authority(),
        );
        Post::open(&settings, &OutboundSettings::default(), timeouts)
    }

    fn asked(&self, path: &str) -> Vec<Call> {
        let calls = self.service.calls().into_iter();
        calls.filter(|call| call.path == path).collect()
    }

    fn messages(&self) -> Vec<Call> {
        self.asked("/v1/projects/cedar-signin/messages:send")
    }
}

#[tokio::test]
async fn a_message_is_data_alone_and_sent_with_the_token_that_the_assertion_brought() {
    let google = Google::start(|_, _| None).await;
    let reference = delivered(google.post(Timeouts::default()).deliver(&to_phone()).await);
    assert_eq!(reference.as_deref(), Some("0:1500415314455276%31bd1c96"));

    let asked = google.asked("/token").remove(0);
    assert_eq!(asked.header("content-type"), "application/x-www-form-urlencoded");
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&asked.body).into_owned().collect();
    assert_eq!(
        form[0],
        (
            "grant_type".into(),
            "urn:ietf:params:oauth:grant-type:jwt-bearer".into()
        )
    );
    assert_eq!(form[1].0, "assertion");
    let (header, claims) = verified(&form[1].1, Alg::Rs256, google.key.public());
    assert_eq!(header, serde_json::json!({"alg": "RS256", "typ": "JWT", "kid": "k1"}));
    assert_eq!(
        claims,
        serde_json::json!({
            "iss": "push@cedar-signin.iam.example",
            "scope": "https://www.googleapis.com/auth/firebase.messaging",
            "aud": format!("{}/token", google.service.url()),
            "iat": NOW,
            "exp": NOW + 3600,
        })
    );

    let sent = google.messages().remove(0);
    assert_eq!(sent.method, "POST");
    assert_eq!(sent.header("authorization"), "Bearer access-1");
    assert_eq!(
        sent.json(),
        serde_json::json!({"message": {
            "token": TOKEN,
            "data": {"request": REQUEST},
            "android": {"priority": "HIGH", "ttl": "290s"},
        }})
    );
}

#[tokio::test]
async fn an_access_token_is_kept_until_a_minute_before_its_end() {
    let google = Google::start(|_, _| None).await;
    let post = google.post(Timeouts::default());
    let message = to_phone();
    for outcome in futures_util::future::join_all((0..10).map(|_| post.deliver(&message))).await {
        delivered(outcome);
    }
    assert_eq!(google.asked("/token").len(), 1);
    for now in [NOW + 3539, NOW + 3540, NOW + 3541] {
        delivered(post.at(now, &message).await);
    }
    let used = google.messages();
    let used: Vec<&str> = used[10..].iter().map(|c| c.header("authorization")).collect();
    assert_eq!(used, ["Bearer access-1", "Bearer access-2", "Bearer access-2"]);
}

#[tokio::test]
async fn an_access_token_that_is_refused_is_not_used_again() {
    let google = Google::start(|call, n| (call.path != "/token" && n == 1).then(|| say(401))).await;
    let post = google.post(Timeouts::default());
    let said = failure(post.deliver(&to_phone()).await);
    assert!(!said.permanent && !said.gone, "{said:?}");
    delivered(post.deliver(&to_phone()).await);
    assert_eq!(google.messages()[1].header("authorization"), "Bearer access-2");
}

#[tokio::test]
async fn without_an_access_token_nothing_is_sent() {
    let google = Google::start(|_, n| match n {
        0 => Some(Say {
            header: Some(("Retry-After", "11")),
            ..say(503)
        }),
        1 => Some(Say {
            body: "<html>".into(),
            ..say(200)
        }),
        _ => Some(Say {
            body: "{\"error\": \"invalid_grant\"}".into(),
            ..say(400)
        }),
    })
    .await;
    let post = google.post(Timeouts::default());
    let busy = failure(post.deliver(&to_phone()).await);
    assert_eq!((busy.permanent, busy.retry_after), (false, Some(Seconds(11))));
    assert!(!failure(post.deliver(&to_phone()).await).permanent);
    let refused = failure(post.deliver(&to_phone()).await);
    assert!(
        refused.permanent && !refused.of_recipient && !refused.gone,
        "{refused:?}"
    );
    assert!(google.messages().is_empty());
}

fn error(status: u16, code: &str, field: Option<&str>) -> Say {
    let mut details = vec![serde_json::json!({"@type": ERROR, "errorCode": code})];
    if let Some(field) = field.filter(|f| !f.is_empty()) {
        details.push(
            serde_json::json!({"@type": BAD_REQUEST, "fieldViolations": [{"field": field, "description": TOKEN}]}),
        );
    }
    let message = if field == Some("") {
        "The registration token is not a valid FCM registration token"
    } else {
        TOKEN
    };
    let error = serde_json::json!({"code": status, "message": message, "status": "X", "details": details});
    Say {
        body: serde_json::json!({"error": error}).to_string(),
        ..say(status)
    }
}

#[tokio::test]
async fn only_what_google_says_of_the_token_makes_it_gone() {
    let says = [
        (404, "UNREGISTERED", None, true),
        (403, "SENDER_ID_MISMATCH", None, true),
        (400, "INVALID_ARGUMENT", Some("message.token"), true),
        // Without a field, but in those words.
        (400, "INVALID_ARGUMENT", Some(""), true),
        (400, "INVALID_ARGUMENT", Some("message.android.ttl"), false),
        (400, "INVALID_ARGUMENT", None, false),
        (404, "", None, false),
        (403, "PERMISSION_DENIED", None, false),
    ];
    let google = Google::start(move |call, n| {
        let (status, code, field, _) = *says.get(n.checked_sub(1)?)?;
        (call.path != "/token").then(|| error(status, code, field))
    })
    .await;
    let post = google.post(Timeouts::default());
    for (status, code, field, gone) in says {
        let said = failure(post.deliver(&to_phone()).await);
        assert_eq!((said.permanent, said.gone), (true, gone), "{status} {code} {field:?}");
        assert!(said.why.contains(code), "{said:?}");
        nothing_told(&said.why, &to_phone());
    }
}

#[tokio::test]
async fn trouble_passes_or_not_and_silence_is_trouble() {
    let google = Google::start(|call, n| {
        let n = if call.path == "/token" { return None } else { n - 1 };
        (n < TROUBLE.len()).then(|| trouble(n))
    })
    .await;
    troubled(&google.post(Timeouts::default()), &to_phone()).await;
    let silent = Google::start(|call, _| (call.path != "/token").then(late)).await;
    too_late(silent.post(impatient_with_tls()).deliver(&to_phone()).await);
}

#[tokio::test]
async fn a_token_endpoint_can_be_named_instead_of_the_one_in_the_file() {
    let google = Google::start(|call, _| {
        (call.path == "/proxy/token").then(|| Say {
            body: "{\"access_token\": \"by-proxy\", \"expires_in\": 60}".into(),
            ..say(200)
        })
    })
    .await;
    let settings = format!(
        "fcm = {{ base_url = \"{0}/base\", token_uri = \"{0}/proxy/token\", service_account = {1:?}, trust_anchor = {2:?} }}",
        google.service.url(),
        google.folder.path().join("account.json"),
        google.service.authority(),
    );
    let post = Post::open(&settings, &OutboundSettings::default(), Timeouts::default());
    delivered(post.deliver(&to_phone()).await);
    let sent = google.asked("/base/v1/projects/cedar-signin/messages:send");
    assert_eq!(sent[0].header("authorization"), "Bearer by-proxy");
}
