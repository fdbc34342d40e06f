//! Certificates that clients show (RFC 8705): in a TLS handshake of ours, or handed on by a proxy (RFC 9440). That the client
//! holds the key was found out by whoever made the handshake; whose certificate it is is found out elsewhere.

use std::net::IpAddr;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::base::encoding::{base64url, from_base64, sha256};

use super::client::ClientMetadata;
use super::distinguished_name::DistinguishedName;
use super::errors::OAuthError;
use super::params::decode;

/// Bytes of a header that hands a certificate on.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;
/// Certificates between the client's and an anchor.
pub const MAX_INTERMEDIATES: usize = 8;

/// What a client has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The client's own, DER.
    pub own: Vec<u8>,
    /// What leads from it to an anchor, DER; whatever the client sent.
    pub intermediates: Vec<Vec<u8>>,
}

impl ClientCertificate {
    /// From a chain, the client's own first.
    pub fn of_chain(chain: impl IntoIterator<Item = Vec<u8>>) -> Option<Self> {
        let mut chain = chain.into_iter();
        Some(Self {
            own: chain.next()?,
            intermediates: chain.take(MAX_INTERMEDIATES).collect(),
        })
    }

    /// From what a trusted proxy wrote: RFC 9440 (`:base64:`), or PEM in percent-escapes, as nginx has it. `chain`: every
    /// header with the rest of the chain (RFC 9440 §2.3), which an escaped PEM holds itself.
    pub fn from_headers(own: &[&str], chain: &[&str]) -> Result<Option<Self>, OAuthError> {
        let value = match own {
            [] => return Ok(None),
            [one] => one.trim(),
            // One of them is not the proxy's.
            _ => return Err(unreadable("there is more than one")),
        };
        if value.len() + chain.iter().map(|c| c.len()).sum::<usize>() > MAX_HEADER_BYTES {
            return Err(unreadable("it is too long"));
        }
        if value.is_empty() {
            return Ok(None);
        }
        let all = if value.starts_with(':') {
            let rest = chain.iter().flat_map(|line| line.split(','));
            let rest = rest.map(str::trim).filter(|item| !item.is_empty());
            std::iter::once(value).chain(rest).map(byte_sequence).collect()
        } else {
            escaped_pem(value)
        };
        let all: Vec<Vec<u8>> = all.ok_or_else(|| unreadable("it is neither RFC 9440 nor an escaped PEM"))?;
        Self::of_chain(all)
            .map(Some)
            .ok_or_else(|| unreadable("it holds no certificate"))
    }

    /// `x5t#S256` (RFC 8705 §3.1).
    pub fn thumbprint(&self) -> String {
        base64url(&sha256(&self.own))
    }
}

/// RFC 9651 §3.3.5.
fn byte_sequence(item: &str) -> Option<Vec<u8>> {
    let encoded = item.strip_prefix(':')?.strip_suffix(':')?;
    from_base64(encoded).filter(|bytes| !bytes.is_empty())
}

fn escaped_pem(value: &str) -> Option<Vec<Vec<u8>>> {
    // A plus is a letter of base64 here, no space.
    let text = decode(value.replace('+', "%2B").as_bytes()).ok()?;
    let all = CertificateDer::pem_slice_iter(text.as_bytes());
    all.map(|one| one.ok().map(|der| der.to_vec())).collect()
}

fn unreadable(what: &str) -> OAuthError {
    OAuthError::invalid_client(format!(
        "the client certificate that a proxy handed on cannot be read: {what}"
    ))
}

/// What the certificate of a client has to say (RFC 8705 §2.1.2): exactly one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateSubject {
    Name(DistinguishedName),
    Dns(String),
    Uri(String),
    Ip(IpAddr),
    Email(String),
}

impl CertificateSubject {
    /// `None`: the metadata names none.
    pub(super) fn of(metadata: &ClientMetadata) -> Result<Option<Self>, (&'static str, String)> {
        let named: Vec<(&'static str, &String)> = [
            ("tls_client_auth_subject_dn", &metadata.tls_client_auth_subject_dn),
            ("tls_client_auth_san_dns", &metadata.tls_client_auth_san_dns),
            ("tls_client_auth_san_uri", &metadata.tls_client_auth_san_uri),
            ("tls_client_auth_san_ip", &metadata.tls_client_auth_san_ip),
            ("tls_client_auth_san_email", &metadata.tls_client_auth_san_email),
        ]
        .into_iter()
        .filter_map(|(member, value)| Some((member, value.as_ref()?)))
        .collect();
        let (member, value) = match named.as_slice() {
            [] => return Ok(None),
            [one] => *one,
            [_, (second, _), ..] => {
                let problem = "is one too many: exactly one tls_client_auth_… member can be named (RFC 8705 §2.1.2)";
                return Err((second, problem.to_owned()));
            }
        };
        if value.is_empty() {
            return Err((member, "is empty".to_owned()));
        }
        Ok(Some(match member {
            "tls_client_auth_subject_dn" => Self::Name(DistinguishedName::parse(value).map_err(|why| (member, why))?),
            "tls_client_auth_san_dns" => Self::Dns(value.clone()),
            "tls_client_auth_san_uri" => Self::Uri(value.clone()),
            "tls_client_auth_san_ip" => {
                Self::Ip(value.parse().map_err(|_| (member, "is not an IP address".to_owned()))?)
            }
            _ => Self::Email(value.clone()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::encoding::base64;

    fn pem(der: &[u8]) -> String {
        format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            base64(der)
        )
    }

    fn escaped(text: &str) -> String {
        text.bytes().map(|b| format!("%{b:02X}")).collect()
    }

    #[test]
    fn proxies_hand_certificates_on_in_two_ways() {
        let der = [0xfbu8, 0xef, 0xbe, 1];
        let expected = ClientCertificate::of_chain([der.to_vec()]);
        let rfc = format!(":{}:", base64(&der));
        let (all, some) = (escaped(&pem(&der)), pem(&der).replace('\n', "%0A").replace(' ', "%20"));
        assert!(some.contains('+'), "the example has a plus");
        for value in [&rfc, &all, &some, &format!("  {rfc} ")] {
            assert_eq!(
                ClientCertificate::from_headers(&[value], &[]),
                Ok(expected.clone()),
                "{value}"
            );
        }
        let chain = ClientCertificate::of_chain([der.to_vec(), vec![1], vec![2], vec![3]]);
        let rest = [":AQ==:, :Ag==:", ":Aw==:"];
        assert_eq!(ClientCertificate::from_headers(&[&rfc], &rest), Ok(chain.clone()));
        let pems: String = [&der[..], &[1], &[2], &[3]].iter().map(|der| pem(der)).collect();
        assert_eq!(ClientCertificate::from_headers(&[&escaped(&pems)], &[]), Ok(chain));
        // nginx without a certificate.
        assert_eq!(ClientCertificate::from_headers(&[""], &[]), Ok(None));
        assert_eq!(ClientCertificate::from_headers(&[], &[":AQ==:"]), Ok(None));
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        let long = format!(":{}:", "A".repeat(MAX_HEADER_BYTES));
        for bad in [
            ":",
            "::",
            ":AQ==",
            "AQ==",
            ":AQ:",
            ":AQ==:;x=1",
            "(null)",
            "%",
            "-----BEGIN CERTIFICATE-----",
            &long,
        ] {
            assert!(ClientCertificate::from_headers(&[bad], &[]).is_err(), "{bad}");
        }
        assert!(ClientCertificate::from_headers(&[":AQ==:", ":Ag==:"], &[]).is_err());
        assert!(ClientCertificate::from_headers(&[":AQ==:"], &["nonsense"]).is_err());
    }

    #[test]
    fn a_client_is_known_by_exactly_one_thing() {
        let of = |members: serde_json::Value| {
            CertificateSubject::of(&serde_json::from_value::<ClientMetadata>(members).unwrap())
        };
        let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(of(json("{}")), Ok(None));
        let ip = of(json(r#"{"tls_client_auth_san_ip": "2001:db8:0::1"}"#));
        assert_eq!(ip, Ok(Some(CertificateSubject::Ip("2001:db8::1".parse().unwrap()))));
        for (members, member) in [
            (r#"{"tls_client_auth_san_ip": "a.example"}"#, "tls_client_auth_san_ip"),
            (r#"{"tls_client_auth_san_dns": ""}"#, "tls_client_auth_san_dns"),
            (
                r#"{"tls_client_auth_subject_dn": "Cedar"}"#,
                "tls_client_auth_subject_dn",
            ),
            (
                r#"{"tls_client_auth_san_dns": "a", "tls_client_auth_san_uri": "a"}"#,
                "tls_client_auth_san_uri",
            ),
        ] {
            assert_eq!(of(json(members)).unwrap_err().0, member);
        }
    }

    proptest! {
        #[test]
        fn any_header_gives_an_answer(own in "\\PC{0,80}", chain in "[:A-Za-z0-9+/=, %]{0,80}") {
            let _ = ClientCertificate::from_headers(&[&own], &[&chain]);
            let _ = ClientCertificate::from_headers(&[&chain], &[&own]);
        }
    }
}
