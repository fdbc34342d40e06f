//! Letters, handed to a mail server that somebody else wrote.

use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use super::mail_server::{Mail, Manner, Smtp};
use super::*;

const RIVERA: &str = "m.rivera@cedar.example";
const LIFETIME: Seconds = Seconds::hours(24);
const LOGIN: (&str, &str) = ("countersign", "correct-horse-smtp");

fn letter() -> Message {
    Message {
        subject: Some("Se ha cambiado su contraseña".to_owned()),
        body: format!("Su código: {CODE}\n.\n{}\n", "Ñandú ".repeat(60)),
        html: Some(format!("<p lang=\"es\">Su código: <b>{CODE}</b></p>")),
        ..message(Channel::Email, RIVERA)
    }
}

/// What is written below `[delivery.email]`.
fn delivery(settings: &str) -> Delivery {
    toml::from_str(&format!("[email]\n{settings}")).unwrap()
}

fn patient() -> Timeouts {
    Timeouts::default()
}

#[track_caller]
fn delivered(outcome: &Outcome) {
    assert_eq!(*outcome, Outcome::Delivered { reference: None });
}

fn one(server: &Smtp) -> Mail {
    let mut mails = server.mails();
    assert_eq!(mails.len(), 1);
    mails.remove(0)
}

#[tokio::test]
async fn a_letter_arrives_whole_in_two_kinds_of_text() {
    let server = Smtp::start(&Manner::default());
    let settings = format!("{}reply_to = \"help@cedar.example\"", server.settings());
    delivered(&hand_over(&delivery(&settings), patient(), &letter()).await);
    let mail = one(&server);
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("no-reply@cedar.example", [RIVERA.to_owned()].as_slice())
    );
    assert!(mail.answer.starts_with("250") && !mail.encrypted && mail.login.is_none());
    for (name, value) in [
        ("From", "Cedar Health ID <no-reply@cedar.example>"),
        ("To", RIVERA),
        ("Reply-To", "help@cedar.example"),
        ("Subject", "Se ha cambiado su contraseña"),
        ("Message-ID", "<m1@cedar.example>"),
        ("Date", "Fri, 15 Jan 2027 07:59:50 +0000"),
        ("Auto-Submitted", "auto-generated"),
        ("MIME-Version", "1.0"),
    ] {
        assert_eq!(mail.header(name), value, "{name}");
    }
    assert_eq!(mail.kind, "multipart/alternative");
    let kinds: Vec<&str> = mail.parts.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["text/plain", "text/html"]);
    assert_eq!(mail.part("text/plain"), letter().body);
    assert_eq!(mail.part("text/html").trim_end(), letter().html.unwrap());
    // RFC 5322 §2.1.1; what is longer some servers cut in two.
    assert!(
        mail.raw.is_ascii() && mail.raw.lines().all(|l| l.len() <= 78),
        "{}",
        mail.raw
    );
}

#[tokio::test]
async fn the_same_letter_is_the_same_at_every_try() {
    let server = Smtp::start(&Manner {
        answers: vec!["451 4.7.1 Come back later"],
        ..Manner::default()
    });
    let settings = delivery(&server.settings());
    let first = failure(hand_over(&settings, patient(), &letter()).await);
    assert!(!first.permanent);
    assert_eq!(first.why, "the mail server answered 451 4.7.1");
    delivered(&hand_over(&settings, patient(), &letter()).await);
    let mails = server.mails();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].raw, mails[1].raw);
}

#[tokio::test]
async fn nothing_that_was_put_into_a_letter_becomes_a_header_or_a_command() {
    let server = Smtp::start(&Manner::default());
    let settings = delivery(&server.settings());
    let mut hostile = letter();
    hostile.subject = Some("Hello\r\nBcc: all@cedar.example\r\n\r\nNew body\u{0}".to_owned());
    hostile.body =
        "One\r\n.\r\nMAIL FROM:<evil@cedar.example>\r\n--=_m1\r\nContent-Type: text/html\r\n\r\n<b>".to_owned();
    delivered(&hand_over(&settings, patient(), &hostile).await);
    let mail = one(&server);
    assert_eq!(mail.header("Subject"), "Hello Bcc: all@cedar.example New body");
    assert!(!mail.has_header("Bcc") && mail.to == [RIVERA]);
    assert!(mail.part("text/plain").contains("\n.\n") && mail.part("text/plain").contains("MAIL FROM:"));
    for to in [
        "a@b.example\r\nRCPT TO:<c@d.example>",
        "a@b.example, c@d.example",
        "\"a\r\nb\"@c.example",
        "<a@b.example>",
        "a b@c.example",
        "",
        "@",
        "a@b\u{0}.example",
    ] {
        let refused = failure(
            hand_over(
                &settings,
                patient(),
                &Message {
                    to: to.to_owned(),
                    ..letter()
                },
            )
            .await,
        );
        assert!(
            refused.permanent && refused.why == "this is no address that mail can be sent to",
            "{to}"
        );
    }
    assert_eq!(server.mails().len(), 1);
    let long = Message {
        subject: Some("ñ".repeat(5000)),
        ..letter()
    };
    delivered(&hand_over(&settings, patient(), &long).await);
    assert_eq!(server.mails()[1].header("Subject"), "ñ".repeat(200));
}

#[tokio::test]
async fn a_letter_without_html_is_plain() {
    let server = Smtp::start(&Manner::default());
    let plain = Message { html: None, ..letter() };
    delivered(&hand_over(&delivery(&server.settings()), patient(), &plain).await);
    assert_eq!(one(&server).kind, "text/plain");
}

#[tokio::test]
async fn a_server_that_wants_a_login_gets_it() {
    let server = Smtp::start(&Manner {
        login: Some(LOGIN),
        ..Manner::default()
    });
    let with = |name: &str, password: &str| {
        delivery(&format!(
            "{}username = \"{name}\"\npassword = \"{password}\"",
            server.settings()
        ))
    };
    delivered(&hand_over(&with(LOGIN.0, LOGIN.1), patient(), &letter()).await);
    assert_eq!(one(&server).login.as_deref(), Some(LOGIN.0));
    // Somebody will mend the setting: the letter waits for that.
    let wrong = failure(hand_over(&with(LOGIN.0, "wrong-horse"), patient(), &letter()).await);
    assert!(
        !wrong.permanent
            && wrong.why.starts_with("the mail server answered 535")
            && wrong.why.ends_with("to our login"),
        "{wrong:?}"
    );
    let none = failure(hand_over(&delivery(&server.settings()), patient(), &letter()).await);
    assert!(
        !none.permanent && none.why.starts_with("the mail server answered 530"),
        "{none:?}"
    );
    assert_eq!(server.mails().len(), 1);
}

/// A private authority, and what it says of a server called localhost.
struct Authority {
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let own = params.self_signed(&key).unwrap();
        let issuer = Issuer::new(params, key);
        let server_key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let server = server.signed_by(&server_key, &issuer).unwrap();
        let put = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
        put("ca.pem", own.pem());
        put("server.pem", server.pem());
        put("server.key", server_key.serialize_pem());
        Self { folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn manner(&self, at_once: bool) -> Manner {
        Manner {
            certificate: Some((self.file("server.pem"), self.file("server.key"))),
            at_once,
            login: Some(LOGIN),
            ..Manner::default()
        }
    }

    fn settings(&self, server: &Smtp, security: &str, host: &str) -> Delivery {
        delivery(&format!(
            "transport = \"smtp\"\nhost = \"{host}\"\nport = {}\nsecurity = \"{security}\"\nusername = \"{}\"\n\
             password = \"{}\"\nfrom = \"no-reply@cedar.example\"\ntrust_anchor = \"{}\"",
            server.port,
            LOGIN.0,
            LOGIN.1,
            self.file("ca.pem").display()
        ))
    }
}

#[tokio::test]
async fn tls_is_spoken_with_whom_the_anchor_vouches_for_and_with_nobody_else() {
    let (ours, others) = (Authority::new(), Authority::new());
    for (security, at_once) in [("tls", true), ("starttls", false)] {
        let server = Smtp::start(&ours.manner(at_once));
        delivered(&hand_over(&ours.settings(&server, security, "localhost"), patient(), &letter()).await);
        let mail = one(&server);
        assert!(mail.encrypted && mail.login.as_deref() == Some(LOGIN.0), "{security}");
        for (authority, host) in [(&others, "localhost"), (&ours, "127.0.0.1")] {
            let refused = failure(hand_over(&authority.settings(&server, security, host), patient(), &letter()).await);
            assert!(
                !refused.permanent && refused.why.contains("certificate"),
                "{security} {host}: {refused:?}"
            );
        }
        // The system's authorities do not know it either.
        let mut unknown = ours.settings(&server, security, "localhost");
        let crate::delivery::settings::Transport::Smtp(smtp) = &mut unknown.email else {
            panic!()
        };
        smtp.trust_anchor = None;
        let refused = failure(hand_over(&unknown, patient(), &letter()).await);
        assert!(!refused.permanent, "{refused:?}");
        assert_eq!(server.mails().len(), 1, "{security}");
    }
}

/// Whoever takes STARTTLS out of the greeting gets nothing, least of all the password.
#[tokio::test]
async fn without_starttls_nothing_is_said() {
    let server = Smtp::start(&Manner {
        login: Some(LOGIN),
        ..Manner::default()
    });
    let refused = failure(
        hand_over(
            &Authority::new().settings(&server, "starttls", "localhost"),
            patient(),
            &letter(),
        )
        .await,
    );
    assert!(
        !refused.permanent && refused.why == "the mail server does not offer STARTTLS, so nothing was sent",
        "{refused:?}"
    );
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn who_is_not_there_or_says_nothing_is_tried_again() {
    let nobody = delivery(
        "transport = \"smtp\"\nhost = \"127.0.0.1\"\nport = 1\nsecurity = \"none\"\nfrom = \"a@cedar.example\"",
    );
    let refused = failure(hand_over(&nobody, patient(), &letter()).await);
    assert!(
        !refused.permanent
            && refused
                .why
                .starts_with("the mail server cannot be reached (Connection refused"),
        "{refused:?}"
    );
    // It takes the connection and never greets.
    let silent = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let settings = delivery(&format!(
        "transport = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\nfrom = \"a@cedar.example\""
    ));
    let late = failure(hand_over(&settings, impatient(), &letter()).await);
    assert!(
        !late.permanent && late.why == "the mail server did not answer in time",
        "{late:?}"
    );
    // A web server is no mail server.
    let gateway = Gateway::start([]);
    let web = gateway.url.rsplit(':').next().unwrap();
    let settings = delivery(&format!(
        "transport = \"smtp\"\nhost = \"127.0.0.1\"\nport = {web}\nsecurity = \"none\"\nfrom = \"a@cedar.example\""
    ));
    assert!(!failure(hand_over(&settings, impatient(), &letter()).await).permanent);
}

/// By way of the outbox: later what fails for now, never again what fails for good; and nothing is written down of it.
#[tokio::test]
async fn the_worker_tries_again_and_gives_up() {
    let server = Smtp::start(&Manner {
        answers: vec![
            "452 4.2.2 m.rivera@cedar.example is full",
            "250 Taken",
            "550 5.1.1 m.rivera@cedar.example is unknown",
        ],
        ..Manner::default()
    });
    let house = House::new().await;
    let node = house.node(&house.store, &delivery(&server.settings()), patient());
    let first = house.enqueue(&letter(), LIFETIME).await;
    server.wait_for(1).await;
    house.until(&first, "waiting").await;
    house.later(Seconds(3));
    assert_eq!(house.until(&first, "sent").await.attempts, 2);
    let second = house.enqueue(&letter(), LIFETIME).await;
    house.until(&second, "failed").await;
    house.later(Seconds(100));
    let third = house.enqueue(&letter(), LIFETIME).await;
    house.until(&third, "sent").await;
    node.stop().await;
    let mails = server.mails();
    let ids: Vec<&str> = mails.iter().map(|m| m.header("Message-ID")).collect();
    let expected = [&first, &first, &second, &third].map(|id| format!("<{id}@cedar.example>"));
    assert_eq!(ids, expected);
    let audit = house.audit().await.join("\n");
    assert!(
        audit.contains("notification.sent") && audit.contains("\"carrier\":\"smtp\""),
        "{audit}"
    );
    assert!(
        audit.contains("notification.failed") && audit.contains("the mail server answered 550 5.1.1"),
        "{audit}"
    );
    for secret in ["rivera", CODE, "contrase", "full", "unknown"] {
        assert!(!audit.contains(secret), "{secret} in {audit}");
    }
}
