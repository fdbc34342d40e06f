//! What others make us fetch, and what they do not.

use super::service::Service;
use super::*;
use crate::delivery::outbound::{DOCUMENT_BYTES, OutboundError, Refused};

fn settings(service: &Service, hosts: &[&str]) -> OutboundSettings {
    OutboundSettings {
        trust_anchors: vec![service.authority()],
        allow_hosts: hosts.iter().map(|&host| host.to_owned()).collect(),
    }
}

fn open(settings: &OutboundSettings) -> Outbound {
    Outbound::open(settings, Timeouts::default()).unwrap()
}

fn of_bytes(n: usize) -> Say {
    Say {
        body: "a".repeat(n),
        ..say(200)
    }
}

#[tokio::test]
async fn a_document_is_fetched_whole_or_not_at_all() {
    let service = Service::start(&["h2", "http/1.1"], |call, _| match call.path.as_str() {
        "/fits" => of_bytes(DOCUMENT_BYTES),
        "/long" => of_bytes(DOCUMENT_BYTES + 1),
        "/away" => Say {
            header: Some(("Location", "/fits")),
            ..say(302)
        },
        _ => say(404),
    })
    .await;
    let outbound = open(&settings(&service, &["localhost"]));
    let get = async |path: &str| outbound.get(&format!("{}{path}", service.url())).await;
    assert_eq!(get("/fits").await.unwrap().len(), DOCUMENT_BYTES);
    assert_eq!(get("/long").await, Err(OutboundError::TooLong));
    assert_eq!(get("/away").await, Err(OutboundError::Status(302)));
    assert_eq!(get("/none").await, Err(OutboundError::Status(404)));
}

#[tokio::test]
async fn nothing_inside_is_reached_unless_it_is_allowed() {
    let service = Service::start(&["http/1.1"], |_, _| of_bytes(1)).await;
    let port = service.port;
    let closed = open(&settings(&service, &["other.example"]));
    for host in [
        "localhost",
        "LOCALHOST",
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
        "10.0.0.1",
        "100.64.0.1",
        "[fd00::1]",
        "[fe80::1]",
        "0",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
    ] {
        let said = closed.get(&format!("https://{host}:{port}/")).await;
        assert_eq!(said, Err(OutboundError::Refused(Refused::NotPublic)), "{host}");
    }
    assert!(service.calls().is_empty());
    let open = open(&settings(&service, &["LOCALHOST"]));
    assert_eq!(open.get(&service.url()).await, Ok(b"a".to_vec()));
    // The name was allowed, not what it resolves to.
    let said = open.get(&format!("https://127.0.0.1:{port}/")).await;
    assert_eq!(said, Err(OutboundError::Refused(Refused::NotPublic)));
}

#[tokio::test]
async fn an_address_is_https_and_holds_no_login() {
    let outbound = open(&OutboundSettings::default());
    for (address, refused) in [
        ("http://push.example/", Refused::NotHttps),
        ("file:///etc/passwd", Refused::NotHttps),
        ("gopher://push.example/", Refused::NotHttps),
        ("https://a@push.example/", Refused::Credentials),
        ("https://a:b@push.example/", Refused::Credentials),
        ("push.example", Refused::NotAUrl),
        ("https://", Refused::NotAUrl),
    ] {
        assert_eq!(outbound.post(address).err(), Some(refused), "{address}");
        assert_eq!(
            outbound.get(address).await,
            Err(OutboundError::Refused(refused)),
            "{address}"
        );
    }
}

#[tokio::test]
async fn an_authority_is_believed_only_where_it_is_named() {
    let service = Service::start(&["http/1.1"], |_, _| of_bytes(1)).await;
    let plain = OutboundSettings {
        allow_hosts: vec!["localhost".to_owned()],
        ..OutboundSettings::default()
    };
    let said = open(&plain).get(&service.url()).await.unwrap_err();
    assert!(matches!(said, OutboundError::Unreachable(_)), "{said:?}");
}

#[test]
fn settings_are_looked_at_before_they_are_needed() {
    let folder = tempfile::tempdir().unwrap();
    let beside = |text: &str| {
        let read: OutboundSettings = toml::from_str(text).unwrap();
        read.beside(folder.path())
    };
    let missing = beside("trust_anchors = [\"ca.pem\"]").unwrap_err();
    assert!(missing.starts_with("outbound.trust_anchors: ") && missing.contains("ca.pem"));
    for wrong in ["https://a.example", "a.example:8443", "a.example/x", "*.a.example", ""] {
        let said = beside(&format!("allow_hosts = [\"{wrong}\"]")).unwrap_err();
        assert!(said.starts_with("outbound.allow_hosts: "), "{said}");
    }
    assert!(beside("allow_hosts = [\"a.example\", \"10.0.0.5\", \"::1\", \"[fd00::1]\"]").is_ok());
    assert!(toml::from_str::<OutboundSettings>("allow_host = []").is_err());
}
