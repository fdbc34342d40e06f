//! E-mail, from the outbox of the real program to a mailbox.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use countersign::base::{Clock, MessageId, Seconds, SystemClock, SystemEntropy};
use countersign::config::master_key;
use countersign::delivery::MESSAGE;
use countersign::factors::{Channel, Message, Site};
use countersign::journey::notices::{Circumstances, Letter, Words};
use countersign::storage::Store;
use countersign::storage::outbox::{OutboxRow, Queue};
use countersign::web::mail::Mail;

use crate::files::{Database, Files};
use crate::harness::Op;
use crate::smtp::{Manner, Smtp};

const RIVERA: &str = "m.rivera@cedar.example";
const LIFETIME: Seconds = Seconds::hours(24);

/// The program, with a mail server of its own.
async fn with(server: &Smtp) -> Op {
    let mut files = Files::with_workspace(Database::Sqlite);
    files.more = format!("[delivery.email]\n{}", server.settings()).leak();
    Op::serve(files).await
}

fn letter() -> Message {
    let mail = Mail::new(None).unwrap();
    let site = Site {
        name: "Cedar Health ID".to_owned(),
        issuer: "https://id.cedar.example".to_owned(),
        host: "id.cedar.example".to_owned(),
    };
    let undo = "https://id.cedar.example/account/undo/v0Q8Jr5mTq3Zx1Lk7Yb2Wn6Hd4Sc9Gf_Ae-PuRiOtE0";
    let written = mail.write(
        Some("es"),
        &site,
        &Letter {
            key: "authenticator-added",
            args: [("method", "totp"), ("nickname", "iPhone <de> Ñandú")]
                .map(|(name, value)| (name, value.to_owned()))
                .into(),
            facts: Some(Circumstances {
                at: SystemClock::default().now(),
                place: Some("192.0.2.7".to_owned()),
                browser: Some("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/133.0".to_owned()),
                partner: None,
            }),
            undo: Some(undo.to_owned()),
            ..Letter::default()
        },
    );
    Message {
        channel: Channel::Email,
        to: RIVERA.to_owned(),
        subject: Some(written.subject),
        body: written.text,
        html: Some(written.html),
        code: None,
        link: Some(undo.to_owned()),
        push: None,
    }
}

/// Puts a letter into the outbox as another node on the same database would.
async fn enqueue(op: &Op, message: &Message) -> MessageId {
    let sealer = master_key::sealer(&op.files.path("keys"), None, &SystemEntropy).unwrap();
    let store = Store::open(&op.files.database).await.unwrap();
    let (id, now) = (MessageId::random(&SystemEntropy), op.now().await);
    let plain = serde_json::to_vec(message).unwrap();
    let row = OutboxRow {
        id: id.clone(),
        channel: message.channel.as_str().to_owned(),
        recipient: message.to.clone(),
        sealed: sealer.seal(&SystemEntropy, MESSAGE, id.as_str(), &plain).unwrap(),
        state: "waiting".to_owned(),
        attempts: 0,
        created_at: now,
        expires_at: now.plus(LIFETIME),
    };
    let mut tx = store.begin().await.unwrap();
    tx.enqueue(&row, Queue::People).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn a_letter_reaches_a_mailbox() {
    let server = Smtp::start(&Manner {
        answers: vec!["451 4.7.1 m.rivera@cedar.example is greylisted"],
        ..Manner::default()
    });
    let op = with(&server).await;
    op.secret("an address", RIVERA);
    let letter = letter();
    let undo = letter.link.clone().unwrap();
    op.secret("a link that undoes", undo.rsplit('/').next().unwrap());
    let id = enqueue(&op, &letter).await;
    server.wait_for(1).await;
    op.advance(3).await;
    let mails = server.wait_for(2).await;
    assert!(mails[0].answer.starts_with("451") && mails[1].answer.starts_with("250"));
    assert_eq!(mails[0].raw, mails[1].raw, "a repetition is known as one");
    let mail = &mails[1];
    assert_eq!(mail.header("Message-ID"), format!("<{id}@cedar.example>"));
    assert_eq!(mail.header("Subject"), "Se ha añadido una forma de iniciar sesión");
    assert_eq!(
        (mail.header("Auto-Submitted"), mail.has_header("Bcc")),
        ("auto-generated", false)
    );
    assert_eq!(
        (mail.kind.as_str(), mail.to.as_slice()),
        ("multipart/alternative", [RIVERA.to_owned()].as_slice())
    );
    assert_eq!(
        (mail.from.as_str(), mail.encrypted, &mail.login),
        ("no-reply@cedar.example", false, &None)
    );
    let (text, html) = (mail.part("text/plain"), mail.part("text/html"));
    assert!(
        text.contains("«iPhone <de> Ñandú»") && text.contains(&undo) && text.contains("Firefox en Windows"),
        "{text}"
    );
    assert!(
        html.contains("«iPhone &lt;de&gt; Ñandú»") && html.contains("lang=\"es\"") && html.contains(&undo),
        "{html}"
    );
    // The program notes it down after the server has taken it.
    let mut sent = op.audit("notification.sent").await;
    for _ in 0..50 {
        if !sent.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        sent = op.audit("notification.sent").await;
    }
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (
            sent[0]["detail"]["carrier"].as_str(),
            sent[0]["detail"]["message"].as_str()
        ),
        (Some("smtp"), Some(id.as_str()))
    );
    assert!(!sent[0].to_string().contains("rivera"));
}

/// Without a carrier for e-mail the program serves, and says what is missing; in the sandbox nothing is.
#[test]
fn that_no_letter_leaves_is_said_at_the_start() {
    let files = Files::with_workspace(Database::Sqlite);
    for (sandbox, warned) in [("false", true), ("true", false)] {
        let mut command = files.command(&["serve", "--config", "countersign.toml"]);
        command
            .env("COUNTERSIGN_SANDBOX__ENABLED", sandbox)
            .stderr(Stdio::piped());
        let mut server = command.spawn().unwrap();
        let lines = BufReader::new(server.stderr.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let mut said: Vec<String> = Vec::new();
        for line in lines {
            let serving = line.contains("countersign::app: serving");
            said.push(line);
            if serving {
                break;
            }
        }
        server.kill().unwrap();
        server.wait().unwrap();
        assert!(said.last().unwrap().contains("serving"), "{said:?}");
        let warning = said
            .iter()
            .any(|l| l.contains("WARN") && l.contains("no e-mail leaves"));
        assert_eq!(warning, warned, "{said:?}");
    }
}

#[test]
fn a_mistake_in_the_settings_is_named() {
    let mut files = Files::empty(Database::Sqlite);
    files.more = "[delivery.email]\ntransport = \"smtp\"\nhost = \"mail.cedar.example\"\nfrom = \"a@cedar.example\"\ntrust_anchor = \"no-such.pem\"\n";
    files.configure(0);
    files.write("workspace.toml", "");
    let said = files.run_fails(&["check-config", "workspace.toml"]);
    assert!(
        said.contains("delivery.email.trust_anchor: ") && said.contains("no-such.pem"),
        "{said}"
    );
    files.more = "[delivery.email]\nfrom = \"a@cedar.example\"\n";
    files.configure(0);
    let said = files.run_fails(&["check-config", "workspace.toml"]);
    assert!(
        said.contains("delivery.email.from: belongs to transport = \"smtp\""),
        "{said}"
    );
}

/// An actor that hears nothing proves nothing.
#[tokio::test]
async fn the_mail_server_of_the_tests_says_what_it_was_told() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = Smtp::start(&Manner {
        answers: vec!["550 5.7.1 No"],
        login: Some(("a", "b")),
        certificate: None,
        at_once: false,
    });
    assert!(server.mails().is_empty());
    let mut peer = tokio::net::TcpStream::connect(("127.0.0.1", server.port))
        .await
        .unwrap();
    // "\0a\0b" in base64.
    let lines = [
        "EHLO localhost",
        "AUTH PLAIN AGEAYg==",
        "MAIL FROM:<x@cedar.example>",
        "RCPT TO:<y@cedar.example>",
        "DATA",
        "Subject: Hello\r\nContent-Type: text/plain\r\n\r\nWorld\r\n.",
        "QUIT",
    ];
    let mut said = String::new();
    for line in lines {
        // Not before it has answered: it does not take several at once.
        let mut buffer = [0; 4096];
        let n = peer.read(&mut buffer).await.unwrap();
        said.push_str(&String::from_utf8_lossy(&buffer[..n]));
        peer.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
    }
    peer.read_to_string(&mut said).await.unwrap();
    let mails = server.wait_for(1).await;
    assert_eq!(
        (mails[0].answer.as_str(), mails[0].login.as_deref()),
        ("550 5.7.1 No", Some("a")),
        "{said}"
    );
    assert_eq!(
        (mails[0].from.as_str(), mails[0].header("Subject")),
        ("x@cedar.example", "Hello")
    );
    assert_eq!(mails[0].part("text/plain").trim(), "World");
    assert!(said.contains("550 5.7.1 No"), "{said}");
}
