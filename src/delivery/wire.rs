//! The HTTP that carriers have in common: bounded in time and size, never redirected, quiet about what it carries.

use std::path::Path;
use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Certificate, Client, ClientBuilder, RequestBuilder, redirect};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use url::Url;

use super::carrier::{CarrierError, Failure};
use super::outbound::refusal;
use super::settings::{anchors, is_loopback};
use crate::base::{Seconds, Timestamp};

/// Bytes of an answer that are read. An error of a carrier fits; a page of a proxy need not.
const ANSWER_BYTES: usize = 16 * 1024;
/// Characters of an explanation that are kept.
const WHY_CHARS: usize = 200;
/// While an answer is awaited over HTTP/2 the connection is probed after this pause, and given up when the probe stays
/// unanswered as long again: a connection that a firewall forgot would otherwise take message after message with it.
const PROBE: Duration = Duration::from_secs(3);

/// Together well below the lease of `worker`: an answer comes while the message is still ours.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    pub connect: Duration,
    /// From the first byte to the last, connecting included.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(10),
        }
    }
}

pub(super) struct Answer {
    pub status: u16,
    pub retry_after: Option<Seconds>,
    pub headers: HeaderMap,
    /// At most `ANSWER_BYTES`. It may repeat the number or the text that was sent: only codes are taken out of it.
    pub body: Vec<u8>,
}

pub(super) fn client(place: &Url, timeouts: Timeouts) -> Result<Client, CarrierError> {
    client_trusting(None, place, timeouts)
}

/// `anchor`: the only certificates that are believed, instead of the system's.
pub(super) fn client_trusting(anchor: Option<&Path>, place: &Url, timeouts: Timeouts) -> Result<Client, CarrierError> {
    let mut builder = builder(timeouts);
    // HTTPS_PROXY and its like are honoured, but no proxy finds our own loopback.
    if is_loopback(place) {
        builder = builder.no_proxy();
    }
    if let Some(path) = anchor {
        builder = builder.tls_certs_only(certificates(path)?);
    }
    builder.build().map_err(|e| CarrierError(deepest(&e)))
}

pub(super) fn builder(timeouts: Timeouts) -> ClientBuilder {
    Client::builder()
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        .http2_keep_alive_interval(PROBE)
        .http2_keep_alive_timeout(PROBE)
        // A redirect would carry the code to a place that nobody configured.
        .redirect(redirect::Policy::none())
        .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
}

pub(super) fn certificates(path: &Path) -> Result<Vec<Certificate>, CarrierError> {
    let pem = anchors(path).map_err(CarrierError)?;
    Certificate::from_pem_bundle(&pem).map_err(|e| CarrierError(format!("{}: {}", path.display(), deepest(&e))))
}

/// Sends; an error here is one of the network, and worth another try.
pub(super) async fn send(request: RequestBuilder, now: Timestamp) -> Result<Answer, Failure> {
    let mut response = request.send().await.map_err(|e| broken(&e))?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let mut body = Vec::new();
    while body.len() < ANSWER_BYTES {
        // The status has decided already: a body that breaks off takes nothing back, and an error would send again.
        let Ok(Some(chunk)) = response.chunk().await else { break };
        body.extend_from_slice(&chunk[..chunk.len().min(ANSWER_BYTES - body.len())]);
    }
    Ok(Answer {
        status,
        retry_after: retry_after(&headers, now),
        headers,
        body,
    })
}

impl Answer {
    /// `detail`: what the carrier calls the trouble, a code of theirs.
    pub fn judge(&self, detail: Option<&str>) -> Result<(), Failure> {
        let detail = detail.map_or(String::new(), |d| format!(" ({d})"));
        let why = format!("the carrier answered {}{detail}", self.status);
        match self.status {
            200..=299 => Ok(()),
            // Request timeout, too early, too many requests (RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4).
            408 | 425 | 429 | 500..=599 => Err(Failure {
                retry_after: self.retry_after,
                ..Failure::passing(why)
            }),
            // Bad request, not found, gone, unprocessable (RFC 9110 §15.5): said of what was asked, not of who asks.
            400 | 404 | 410 | 422 => Err(Failure {
                of_recipient: true,
                ..Failure::permanent(why)
            }),
            300..=399 => Err(Failure::permanent(format!("{why}: a redirect, which is not followed"))),
            _ => Err(Failure::permanent(why)),
        }
    }
}

/// RFC 9110 §10.2.3: seconds, or a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Seconds> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Seconds(i64::from(seconds)));
    }
    let at = OffsetDateTime::parse(text, &Rfc2822).ok()?;
    Some(now.seconds_until(Timestamp::from_secs(at.unix_timestamp())))
}

fn broken(error: &reqwest::Error) -> Failure {
    if let Some(refused) = refusal(error) {
        return Failure {
            of_recipient: true,
            ..Failure::permanent(refused.to_string())
        };
    }
    let why = if error.is_timeout() {
        "the carrier did not answer in time".to_owned()
    } else if error.is_connect() {
        format!("the carrier cannot be reached ({})", deepest(error))
    } else {
        format!("the connection to the carrier broke ({})", deepest(error))
    };
    Failure::passing(short(&why))
}

/// What others said of the trouble, as much of it as is written down.
pub(super) fn short(why: &str) -> String {
    why.chars().filter(|c| !c.is_control()).take(WHY_CHARS).collect()
}

/// The innermost cause: what the system or TLS said. The outer ones hold the address, and it may hold a token.
pub(super) fn deepest(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if std::ptr::addr_eq(cause, error) {
        return "unknown cause".to_owned();
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Timestamp::from_secs(784_111_777 - 90);
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers, now)
        };
        assert_eq!(read("7"), Some(Seconds(7)));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Seconds(90)));
        assert_eq!(read("Sat, 05 Nov 1994 08:49:37 GMT"), Some(Seconds(0)));
        assert_eq!(read("soon"), None);
        assert_eq!(read("-1"), None);
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
