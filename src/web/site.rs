//! What every handler has at hand.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::http::header::HeaderName;
use ipnet::IpNet;

use super::page::Pages;
use crate::journey::Provider;

pub struct Web {
    pub op: Arc<Provider>,
    pub pages: Pages,
    /// Whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Where those proxies write the client's certificate.
    pub certificate_header: Option<HeaderName>,
    pub sandbox: bool,
    pub metrics: Metrics,
}

impl Web {
    /// Is it one of our proxies that calls?
    pub fn is_proxy(&self, peer: Option<IpAddr>) -> bool {
        let peer = peer.map(|ip| ip.to_canonical());
        peer.is_some_and(|ip| self.trusted_proxies.iter().any(|net| net.contains(&ip)))
    }

    /// The visitor's address: the connection's, or what the last trusted proxy says of it. Read from the
    /// right: whatever stands left of an untrusted hop was written by the visitor.
    pub fn client_ip(&self, peer: Option<IpAddr>, forwarded: Option<&str>) -> Option<IpAddr> {
        let mut ip = peer?.to_canonical();
        for hop in forwarded.unwrap_or_default().rsplit(',') {
            if !self.is_proxy(Some(ip)) {
                break;
            }
            match hop.trim().parse() {
                Ok(next) => ip = IpAddr::to_canonical(&next),
                Err(_) => break,
            }
        }
        Some(ip)
    }
}

/// Counters for `/metrics`; each response is counted once, by class.
#[derive(Debug, Default)]
pub struct Metrics {
    pub responses: [std::sync::atomic::AtomicU64; 5],
}
