//! What may be written in `countersign.toml`, and what is said about the rest.

use crate::delivery::Delivery;
use crate::delivery::settings::{LookupSettings, SHORTEST_SECRET, Sender, Transport};
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
        r#"transport = "smtp""#,
        r#"transport: this version knows only "outbox", not "smtp""#,
    );
    let strange = "transport = \"webhook\"\naccount_sid = \"AC1\"";
    refused("voice", strange, "account_sid: belongs to");
    assert!(
        read("[sms]\nauth_tokn = 1")
            .unwrap_err()
            .contains("unknown field `auth_tokn`")
    );
    assert!(read("[push]\n").unwrap_err().contains("unknown field `push`"));
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
