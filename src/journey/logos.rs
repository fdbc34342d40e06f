//! Partners' logos, fetched by us: the browser of a person who signs in asks nobody else, so no partner learns from its
//! logo who looks at our pages, when and from where. What is passed on is a picture made of pixels, or nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::provider::Provider;
use crate::base::encoding::{base64url, sha256};
use crate::base::{ClientId, Seconds, Timestamp};
use crate::protocol::client::Client;

/// How long a logo is shown before it is fetched again.
const FRESH: Seconds = Seconds::hours(24);
/// How long a site that gave none is left alone.
const PAUSE: Seconds = Seconds::minutes(5);
/// Logos in memory. Each has at most `outbound::DOCUMENT_BYTES`.
const MOST: usize = 256;
/// Characters of a version.
const VERSION: usize = 16;

/// A picture that a browser may draw.
#[derive(Clone, Debug)]
pub struct Logo {
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
}

#[derive(Clone, Default)]
struct Kept {
    logo: Option<Arc<Logo>>,
    fetched_at: Option<Timestamp>,
}

type Slot = Arc<tokio::sync::Mutex<Kept>>;

/// By the address that was registered.
#[derive(Default)]
pub struct Logos(Mutex<BTreeMap<String, Slot>>);

/// Names the logo that is registered now: what a browser has kept of another one is not shown.
pub fn version(client: &Client) -> Option<String> {
    let uri = client.metadata.logo_uri.as_ref()?;
    let mut version = base64url(&sha256(uri.as_bytes()));
    version.truncate(VERSION);
    Some(version)
}

/// The logo of this client; `None`: there is none of this version, or none that can be shown.
pub async fn logo(op: &Provider, client: &ClientId, wanted: &str) -> Option<Arc<Logo>> {
    let current = op.current();
    let client = current.workspace.clients.get(client)?;
    let uri = client.metadata.logo_uri.as_ref()?;
    if version(client)? != wanted {
        return None;
    }
    let slot = op.logos.slot(uri);
    // One asks; who comes meanwhile waits for the answer.
    let mut kept = slot.lock().await;
    let (now, rest) = (op.now(), if kept.logo.is_some() { FRESH } else { PAUSE });
    if kept.fetched_at.is_none_or(|at| at.older_than(rest, now)) {
        // Written down first: whoever hangs up in the meantime has had this try.
        kept.fetched_at = Some(now);
        kept.logo = fetch(op, client, uri).await;
    }
    kept.logo.clone()
}

async fn fetch(op: &Provider, client: &Client, uri: &str) -> Option<Arc<Logo>> {
    let why = match op.outbound.get(uri).await {
        Ok(bytes) => match media_type(&bytes) {
            Some(media_type) => return Some(Arc::new(Logo { media_type, bytes })),
            None => "it is neither PNG, JPEG, GIF nor WebP".to_owned(),
        },
        Err(e) => e.to_string(),
    };
    tracing::info!(client = %client.id, %why, "the client's logo is not shown");
    None
}

/// By the first bytes, whatever its site calls it. No SVG: that is a document, which can fetch and run more.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

impl Logos {
    fn slot(&self, uri: &str) -> Slot {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST && !all.contains_key(uri) {
            // Nothing is lost but a fetch.
            all.clear();
        }
        Arc::clone(all.entry(uri.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pixels_are_pictures() {
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n0000"), Some("image/png"));
        assert_eq!(media_type(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(media_type(b"GIF89a"), Some("image/gif"));
        assert_eq!(media_type(b"RIFF0000WEBPVP8 "), Some("image/webp"));
        for text in [
            &b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"[..],
            b"<!doctype html>",
            b"GIF88a",
            b"RIFF0000WAVE",
            b"",
        ] {
            assert_eq!(media_type(text), None);
        }
    }
}
