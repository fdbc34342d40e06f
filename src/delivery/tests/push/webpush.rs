//! Browsers' services: the request, who we say we are, and what only the browser can read.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hmac;

use super::*;
use crate::base::encoding::{base64url, from_base64url};
use crate::delivery::push::{Recipient, encrypt};

/// A subscription as its browser sees it.
pub struct Browser {
    key: PrivateKey,
    auth: [u8; 16],
    pub endpoint: String,
}

impl Browser {
    pub fn at(endpoint: &str) -> Self {
        Self {
            key: PrivateKey::generate(&ECDH_P256).unwrap(),
            auth: *b"sixteen bytes ok",
            endpoint: endpoint.to_owned(),
        }
    }

    fn point(&self) -> Vec<u8> {
        self.key.compute_public_key().unwrap().as_ref().to_vec()
    }

    pub fn address(&self) -> PushAddress {
        PushAddress::Webpush {
            endpoint: self.endpoint.clone(),
            p256dh: base64url(&self.point()),
            auth: base64url(&self.auth),
        }
    }

    /// RFC 8291 §3.4 from the receiver's side; HKDF (RFC 5869) written out, so that it is not ours that checks ours.
    fn opens(&self, body: &[u8]) -> Vec<u8> {
        let mac = |key: &[u8], data: &[u8]| {
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data)
                .as_ref()
                .to_vec()
        };
        let (salt, rest) = body.split_at(16);
        let (size, rest) = rest.split_at(4);
        assert_eq!(size, [0, 0, 16, 0]);
        assert_eq!(rest[0], 65);
        let (sender, record) = rest[1..].split_at(65);
        let peer = UnparsedPublicKey::new(&ECDH_P256, sender);
        let shared = agree(&self.key, peer, (), |secret| Ok(secret.to_vec())).unwrap();
        let info = [b"WebPush: info\0", &self.point()[..], sender, &[1]].concat();
        let input = mac(&mac(&self.auth, &shared), &info);
        let prk = mac(salt, &input);
        let key = &mac(&prk, b"Content-Encoding: aes128gcm\0\x01")[..16];
        let nonce = &mac(&prk, b"Content-Encoding: nonce\0\x01")[..12];
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(nonce).unwrap();
        let mut record = record.to_vec();
        let plain = key.open_in_place(nonce, Aad::empty(), &mut record).unwrap();
        let (delimiter, plain) = plain.split_last().unwrap();
        assert_eq!(*delimiter, 2);
        plain.to_vec()
    }
}

pub struct Place {
    pub service: Service,
    key: KeyPair,
    folder: TempDir,
}

impl Place {
    pub async fn start(answer: impl Fn(&Call, usize) -> Say + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPair::generate(Kind::P256).unwrap();
        secret_file(folder.path(), "vapid.pem", &pem(&key));
        Self {
            service: Service::start(&["h2", "http/1.1"], answer).await,
            key,
            folder,
        }
    }

    pub fn settings(&self) -> String {
        let key = self.folder.path().join("vapid.pem");
        format!("webpush = {{ key = {key:?}, contact = \"mailto:ops@cedar.example\" }}")
    }

    pub fn outbound(&self) -> OutboundSettings {
        OutboundSettings {
            trust_anchors: vec![self.service.authority()],
            allow_hosts: vec!["LocalHost".to_owned()],
        }
    }

    fn post(&self, timeouts: Timeouts) -> Post {
        Post::open(&self.settings(), &self.outbound(), timeouts)
    }

    pub fn browser(&self) -> Browser {
        Browser::at(&format!("{}/wpush/v2/gAAAAAB?x=1", self.service.url()))
    }
}

/// RFC 8291 appendix A, to the byte.
#[test]
fn the_example_of_the_rfc_is_met() {
    let bytes = |text| from_base64url(text).unwrap();
    let own = PrivateKey::from_private_key(&ECDH_P256, &bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap();
    let to = Recipient {
        p256dh: &bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        auth: &bytes("BTBZMqHH6r4Tts7J_aSIgg"),
    };
    let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
    let plain = b"When I grow up, I want to be a watermelon";
    assert_eq!(
        base64url(&encrypt(&to, &own, salt, plain).unwrap()),
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl\
         7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    );
    assert_eq!(
        encrypt(&to, &own, salt, &[b'a'; 3993]).unwrap().len(),
        4096,
        "RFC 8291 §4"
    );
    assert!(encrypt(&to, &own, salt, &[b'a'; 3994]).is_err());
    let off_curve = Recipient {
        p256dh: &[4; 65],
        auth: to.auth,
    };
    assert!(encrypt(&off_curve, &own, salt, plain).is_err());
}

#[tokio::test]
async fn a_message_is_read_by_its_browser_alone_and_says_who_sends_it() {
    let place = Place::start(|_, _| Say {
        header: Some((
            "Location",
            "/message/gAAAAABqLIzvdFRideXCN_bH3H1xExM7TF1wFFoiyMtoRkrvkYyBzXYZ-tail",
        )),
        ..say(201)
    })
    .await;
    let browser = place.browser();
    let post = place.post(Timeouts::default());
    let message = push_to(Some(browser.address()));
    let reference = delivered(post.deliver(&message).await);
    // The beginning: who knows it all could take the message back.
    assert_eq!(
        reference.as_deref(),
        Some("gAAAAABqLIzvdFRideXCN_bH3H1xExM7TF1wFFoiyMtoRkrvkYyBzXYZ-tail")
    );
    delivered(post.deliver(&message).await);
    let calls = place.service.calls();
    let call = &calls[0];
    assert_eq!(
        (call.method.as_str(), call.path.as_str()),
        ("POST", "/wpush/v2/gAAAAAB")
    );
    for (name, value) in [
        ("ttl", "290"),
        ("urgency", "high"),
        ("content-encoding", "aes128gcm"),
        ("content-type", "application/octet-stream"),
    ] {
        assert_eq!(call.header(name), value, "{name}");
    }
    let authorization = call.header("authorization").strip_prefix("vapid t=").unwrap();
    let (token, key) = authorization.split_once(", k=").unwrap();
    let public = PublicKey::ec(Kind::P256, &from_base64url(key).unwrap()).unwrap();
    assert_eq!(public.thumbprint(), place.key.public().thumbprint());
    let (header, claims) = verified(token, Alg::Es256, &public);
    assert_eq!(header, serde_json::json!({"typ": "JWT", "alg": "ES256"}));
    assert_eq!(
        claims,
        serde_json::json!({
            "aud": place.service.url(), "exp": NOW + 3600, "sub": "mailto:ops@cedar.example",
        })
    );
    let read = browser.opens(&call.body);
    assert_eq!(read, format!("{{\"request\":\"{REQUEST}\"}}").into_bytes());
    assert_eq!(browser.opens(&calls[1].body), read);
    // Another salt, another key pair: nothing repeats but the length.
    assert_ne!(call.body[..16], calls[1].body[..16]);
    assert_ne!(call.body[21..86], calls[1].body[21..86]);
}

#[tokio::test]
async fn the_key_that_browsers_subscribe_with_is_the_one_that_signs() {
    let place = Place::start(|_, _| say(201)).await;
    let delivery: Delivery = toml::from_str(&format!("[push]\n{}", place.settings())).unwrap();
    let shown = delivery.webpush_key().unwrap().unwrap();
    assert_eq!(shown, base64url(&place.key.public().point().unwrap()));
    assert_eq!(from_base64url(&shown).unwrap().len(), 65);
    assert_eq!(Delivery::default().webpush_key(), Ok(None));
}

#[tokio::test]
async fn a_subscription_that_ended_is_gone_and_trouble_is_not() {
    let place = Place::start(|_, n| match n {
        0 => say(404),
        1 => say(410),
        2.. if n - 2 < TROUBLE.len() => trouble(n - 2),
        _ => late(),
    })
    .await;
    let message = push_to(Some(place.browser().address()));
    let post = place.post(Timeouts::default());
    for _ in 0..2 {
        let said = failure(post.deliver(&message).await);
        assert!(said.permanent && said.gone && said.of_recipient, "{said:?}");
        nothing_told(&said.why, &message);
    }
    troubled(&post, &message).await;
    too_late(place.post(impatient_with_tls()).deliver(&message).await);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let inside = Place::start(|_, _| say(201)).await;
    let there: &'static str = Box::leak(inside.service.url().into_boxed_str());
    let place = Place::start(move |_, _| Say {
        header: Some(("Location", there)),
        ..say(307)
    })
    .await;
    let said = failure(
        place
            .post(Timeouts::default())
            .deliver(&push_to(Some(place.browser().address())))
            .await,
    );
    assert!(said.permanent && said.why.contains("redirect"), "{said:?}");
    assert!(inside.service.calls().is_empty());
}

#[tokio::test]
async fn an_endpoint_inside_is_refused_for_good_and_not_forgotten() {
    let place = Place::start(|_, _| say(201)).await;
    let closed = OutboundSettings {
        allow_hosts: Vec::new(),
        ..place.outbound()
    };
    let post = Post::open(&place.settings(), &closed, Timeouts::default());
    let port = place.service.port;
    for host in [
        "localhost",
        "127.0.0.1",
        "[::1]",
        "169.254.169.254",
        "2130706433",
        "0x7f.1",
        "[::ffff:127.0.0.1]",
    ] {
        let browser = Browser::at(&format!("https://{host}:{port}/p"));
        let said = failure(post.deliver(&push_to(Some(browser.address()))).await);
        assert!(said.permanent && said.of_recipient && !said.gone, "{host}: {said:?}");
        assert!(said.why.contains("not public"), "{host}: {said:?}");
    }
    assert!(place.service.calls().is_empty());
}
