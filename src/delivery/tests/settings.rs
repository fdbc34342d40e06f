//! What may be written in `countersign.toml`, and what is said about the rest.

use crate::delivery::Delivery;
use std::path::Path;

use crate::delivery::settings::{LookupSettings, SHORTEST_SECRET, Security, Sender, SmtpSettings, Transport};
use crate::factors::Channel;

fn read(text: &str) -> Result<Delivery, String> {
    toml::from_str(text).map_err(|e: toml::de::Error| e.message().to_owned())
}

#[test]
fn nothing_written_leaves_everything_in_the_outbox() {
    let all = [Channel::Sms, Channel::Voice, Channel::Email];
    assert_eq!(read("").unwrap().without_transport(), all);
    assert_eq!(read("[sms]\ntransport = \"outbox\"").unwrap().without_transport(), all);
}

#[test]
fn a_carrier_has_its_public_address_unless_another_is_named() {
    let text = "[sms]\ntransport = \"twilio\"\naccount_sid = \"AC1\"\nauth_token = \"t0ps3cret\"\nfrom = \"CEDAR\"";
    let delivery = read(text).unwrap();
    assert_eq!(delivery.without_transport(), [Channel::Voice, Channel::Email]);
    assert!(!format!("{delivery:?}").contains("t0ps3cret"));
    let Transport::Twilio(twilio) = delivery.sms else {
        panic!()
    };
    assert_eq!(twilio.base_url.as_str(), "https://api.twilio.com/");
    assert_eq!(twilio.sender, Sender::From("CEDAR".into()));
}

/// A table of that channel is refused with words that begin so; what is secret is not among them.
#[track_caller]
fn refused(channel: &str, text: &str, words: &str) {
    let error = read(&format!("[{channel}]\n{text}")).unwrap_err();
    assert!(
        error.starts_with(&format!("delivery.{channel}.{words}")),
        "{words} / {error}"
    );
    assert!(!error.contains("s3cret"), "{error}");
}

#[test]
fn a_transport_is_known_and_has_its_own_keys_only() {
    refused(
        "sms",
        r#"transport = "pigeon""#,
        r#"transport: there is no transport "pigeon""#,
    );
    refused("sms", r#"auth_token = "s3cret""#, "auth_token: belongs to");
    refused(
        "email",
        r#"transport = "pigeon""#,
        r#"transport: there is no transport "pigeon""#,
    );
    refused("email", r#"transport = "twilio""#, "transport: there is no transport");
    refused(
        "email",
        r#"password = "s3cret""#,
        "password: belongs to transport = \"smtp\"",
    );
    refused("email", "transport = \"webhook\"\nport = 25", "port: belongs to");
    refused(
        "email",
        "transport = \"smtp\"\nsecret = \"s3cret\"",
        "secret: belongs to",
    );
    refused(
        "sms",
        r#"transport = "smtp""#,
        r#"transport: there is no transport "smtp""#,
    );
    let strange = "transport = \"webhook\"\naccount_sid = \"AC1\"";
    refused("voice", strange, "account_sid: belongs to");
    assert!(
        read("[sms]\nauth_tokn = 1")
            .unwrap_err()
            .contains("unknown field `auth_tokn`")
    );
    assert!(read("[pigeon]\n").unwrap_err().contains("unknown field `pigeon`"));
}

#[test]
fn every_mistake_about_a_carrier_names_its_key() {
    let sms = |more: &str, words| {
        let account = "transport = \"twilio\"\naccount_sid = \"AC1\"\nauth_token = \"s3cret-s3cret\"";
        refused("sms", &format!("{account}\n{more}"), words);
    };
    refused("sms", r#"transport = "twilio""#, "account_sid: is missing");
    refused(
        "sms",
        "transport = \"twilio\"\naccount_sid = \"../x\"",
        "account_sid: must be letters",
    );
    refused(
        "sms",
        "transport = \"twilio\"\naccount_sid = \"A\"\nauth_token = \" \"",
        "auth_token: is missing",
    );
    sms("", "from: is missing");
    sms(
        "from = \"+1\"\nmessaging_service_sid = \"M\"",
        "messaging_service_sid: set either",
    );
    sms(
        "from = \"+1\"\nbase_url = \"http://sms.example\"",
        "base_url: must begin with https",
    );
    sms(
        "from = \"+1\"\nbase_url = \"https://u:s3cret@sms.example\"",
        "base_url: must not hold",
    );
    sms(
        "from = \"+1\"\nbase_url = \"https://sms.example/?key=s3cret\"",
        "base_url: must end with its path",
    );
}

#[test]
fn a_call_comes_from_a_number() {
    let account = "transport = \"twilio\"\naccount_sid = \"AC1\"\nauth_token = \"s3cret-s3cret\"";
    refused(
        "voice",
        &format!("{account}\nmessaging_service_sid = \"M\""),
        "messaging_service_sid: is for texts",
    );
    refused(
        "voice",
        &format!("{account}\nfrom = \"CEDAR\""),
        "from: must be a number",
    );
}

#[test]
fn every_mistake_about_a_webhook_names_its_key() {
    let secret = "secret = \"s3cret-s3cret-s3cret-s3cret-s3cret\"";
    let short = "url = \"https://sms.example\"\nsecret = \"s3cret\"";
    for (more, words) in [
        (secret.to_owned(), "url: is missing"),
        (format!("{secret}\nurl = \"gateway\""), "url: is not a URL"),
        (
            format!("{secret}\nurl = \"https://sms.example/#x\""),
            "url: must not have a fragment",
        ),
        (short.to_owned(), "secret: needs at least 32"),
        ("url = \"https://sms.example\"".to_owned(), "secret: is missing"),
    ] {
        refused("voice", &format!("transport = \"webhook\"\n{more}"), words);
    }
}

#[test]
fn plain_http_only_reaches_this_machine() {
    for (url, fine) in [
        ("http://localhost:9/x", true),
        ("http://sms.localhost", true),
        ("http://127.0.0.1:9", true),
        ("http://[::1]:9", true),
        ("http://10.0.0.1", false),
        ("http://localhost.example", false),
        ("ftp://localhost", false),
        ("https://sms.example/hook?tenant=7", true),
    ] {
        let secret = "x".repeat(SHORTEST_SECRET);
        let text = format!("[sms]\ntransport = \"webhook\"\nurl = \"{url}\"\nsecret = \"{secret}\"");
        assert_eq!(read(&text).is_ok(), fine, "{url}");
    }
}

const SMTP: &str = "transport = \"smtp\"\nhost = \"mail.cedar.example\"\nfrom = \"no-reply@cedar.example\"\n";

fn smtp(more: &str) -> SmtpSettings {
    match read(&format!("[email]\n{SMTP}{more}")).unwrap().email {
        Transport::Smtp(smtp) => *smtp,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_mail_server_is_spoken_to_over_tls_unless_it_is_this_machine() {
    let usual = smtp("");
    assert_eq!((usual.security, usual.port), (Security::Tls, 465));
    assert!(usual.login.is_none() && usual.reply_to.is_none() && usual.trust_anchor.is_none());
    assert_eq!(usual.from.to_string(), "no-reply@cedar.example");
    let upgraded = smtp("security = \"starttls\"");
    assert_eq!((upgraded.security, upgraded.port), (Security::StartTls, 587));
    assert_eq!(smtp("port = 2525").port, 2525);
    for (host, fine) in [
        ("localhost", true),
        ("mail.localhost", true),
        ("127.0.0.1", true),
        ("::1", true),
        ("mail.cedar.example", false),
        ("localhost.example", false),
        ("10.0.0.1", false),
        ("fe80::1", false),
    ] {
        let with = |security: &str| {
            let text = format!(
                "[email]\ntransport = \"smtp\"\nhost = \"{host}\"\nsecurity = \"{security}\"\nfrom = \"a@cedar.example\""
            );
            read(&text)
        };
        assert_eq!(with("none").is_ok(), fine, "{host}");
        assert!(with("starttls").is_ok(), "{host}");
    }
    let Transport::Smtp(local) =
        read("[email]\ntransport = \"smtp\"\nhost = \"localhost\"\nsecurity = \"none\"\nfrom = \"a@cedar.example\"")
            .unwrap()
            .email
    else {
        panic!()
    };
    assert_eq!(local.port, 25);
}

#[test]
fn every_mistake_about_a_mail_server_names_its_key() {
    let email = |more: &str, words| refused("email", &format!("{SMTP}{more}"), words);
    refused("email", r#"transport = "smtp""#, "host: is missing");
    refused(
        "email",
        "transport = \"smtp\"\nhost = \"mail.cedar.example\"",
        "from: is missing",
    );
    for host in [
        "mail.cedar.example:465",
        "smtps://mail.cedar.example",
        "u@mail.cedar.example",
        "a b",
        "[::1]",
    ] {
        let text = format!("transport = \"smtp\"\nhost = \"{host}\"\nfrom = \"a@cedar.example\"");
        refused("email", &text, "host: must be a host name");
    }
    email("port = 0", "port: must be from 1");
    email("security = \"ssl\"", "security: must be \"tls\"");
    email(
        "security = \"none\"",
        "security: \"none\" is only for a host on this machine",
    );
    email("password = \"s3cret\"", "username: is missing");
    email("username = \"cedar\"", "password: is missing");
    email("username = \"cedar\"\npassword = \"\"", "password: is missing");
    email("username = \" \"\npassword = \"s3cret\"", "username: is missing");
    email("reply_to = \"nobody\"", "reply_to: must be one address");
    email(
        "reply_to = \"a@cedar.example\\r\\nBcc: b@cedar.example\"",
        "reply_to: holds a control character",
    );
    for from in [
        "nobody",
        "Cedar <>",
        "a@cedar.example, b@cedar.example",
        "a@cedar.example b",
    ] {
        let text = format!("transport = \"smtp\"\nhost = \"mail.cedar.example\"\nfrom = \"{from}\"");
        refused("email", &text, "from: must be one address");
    }
    let local = "transport = \"smtp\"\nhost = \"localhost\"\nsecurity = \"none\"\nfrom = \"a@cedar.example\"\n";
    refused(
        "email",
        &format!("{local}trust_anchor = \"ca.pem\""),
        "trust_anchor: is for TLS",
    );
    assert!(
        read(&format!("[email]\n{SMTP}hostt = 1"))
            .unwrap_err()
            .contains("unknown field `hostt`")
    );
    let secret = smtp("username = \"cedar\"\npassword = \"s3cret\"");
    assert!(!format!("{secret:?}").contains("s3cret"));
    assert_eq!(secret.login.unwrap().password.expose(), "s3cret");
}

#[test]
fn a_trust_anchor_lies_beside_the_file_and_is_read_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let with = |content: Option<&str>| {
        let file = folder.path().join("ca.pem");
        let _ = std::fs::remove_file(&file);
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
        }
        let delivery = read(&format!("[email]\n{SMTP}trust_anchor = \"ca.pem\"")).unwrap();
        delivery.beside(folder.path()).map_err(|e| e.to_string())
    };
    let place = format!("delivery.email.trust_anchor: {}/ca.pem: ", folder.path().display());
    assert!(with(None).unwrap_err().starts_with(&place));
    assert_eq!(
        with(Some("hello")).unwrap_err(),
        format!("{place}holds no certificate (PEM)")
    );
    let key = rcgen::KeyPair::generate().unwrap();
    let pem = rcgen::CertificateParams::default().self_signed(&key).unwrap().pem();
    let Transport::Smtp(smtp) = with(Some(&pem)).unwrap().email else {
        panic!()
    };
    assert_eq!(
        smtp.trust_anchor.as_deref(),
        Some(folder.path().join("ca.pem").as_path())
    );
    assert!(read("").unwrap().beside(Path::new("/nowhere")).is_ok());
}

#[test]
fn a_lookup_has_its_own_keys_only() {
    assert!(matches!(read("").unwrap().lookup, LookupSettings::Off));
    assert!(matches!(
        read("[lookup]\ntransport = \"off\"").unwrap().lookup,
        LookupSettings::Off
    ));
    let account = "transport = \"twilio\"\naccount_sid = \"AC1\"\nauth_token = \"s3cret-s3cret\"";
    let LookupSettings::Twilio(twilio) = read(&format!("[lookup]\n{account}")).unwrap().lookup else {
        panic!()
    };
    assert_eq!(twilio.base_url.as_str(), "https://lookups.twilio.com/");
    assert!(!format!("{twilio:?}").contains("s3cret"));
    let LookupSettings::Table(file) = read("[lookup]\ntransport = \"table\"\nfile = \"l.csv\"")
        .unwrap()
        .lookup
    else {
        panic!()
    };
    assert_eq!(
        format!(
            "{:?}",
            LookupSettings::Table(file).beside(std::path::Path::new("/etc/x"))
        ),
        "Table(\"/etc/x/l.csv\")"
    );
    for (text, words) in [
        (
            r#"transport = "oracle""#,
            r#"transport: there is no transport "oracle""#,
        ),
        (r#"file = "l.csv""#, "file: belongs to transport = \"table\""),
        (r#"transport = "table""#, "file: is missing"),
        (r#"transport = "twilio""#, "account_sid: is missing"),
        (
            "transport = \"table\"\nfile = \"l\"\nauth_token = \"s3cret\"",
            "auth_token: belongs to",
        ),
    ] {
        refused("lookup", text, words);
    }
    let far = format!("{account}\nbase_url = \"http://lookup.example\"");
    refused("lookup", &far, "base_url: must begin with https");
    let unknown = read("[lookup]\ntransprot = \"off\"").unwrap_err();
    assert!(unknown.contains("unknown field `transprot`"), "{unknown}");
}
