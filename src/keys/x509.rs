//! What stands in the certificates of clients, and who vouches for it (RFC 5280, RFC 8705 §2).

use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey as Parsed;

use super::{JwkError, Kind, PublicKey};
use crate::base::Timestamp;
use crate::protocol::certificate::{CertificateSubject, ClientCertificate};
use crate::protocol::distinguished_name::{Attribute, DistinguishedName};

const ED25519: &str = "1.3.101.112";
const P256: &str = "1.2.840.10045.3.1.7";
const P384: &str = "1.3.132.0.34";

/// Why a certificate is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    #[error("the client certificate cannot be read")]
    Malformed,
    #[error("the client certificate's key is of no use here: {0}")]
    Key(#[from] JwkError),
    #[error("the client certificate leads to no authority that is believed here: {0}")]
    NotVouchedFor(String),
}

/// A certificate that was read; nobody has vouched for it.
pub struct Certificate<'a>(X509Certificate<'a>);

impl<'a> Certificate<'a> {
    pub fn read(shown: &'a ClientCertificate) -> Result<Self, CertificateError> {
        match X509Certificate::from_der(&shown.own) {
            Ok(([], certificate)) => Ok(Self(certificate)),
            // Bytes behind it would belong to its thumbprint and to nothing else.
            Ok(_) | Err(_) => Err(CertificateError::Malformed),
        }
    }

    pub fn public_key(&self) -> Result<PublicKey, CertificateError> {
        let info = self.0.public_key();
        let oid = info.algorithm.algorithm.to_id_string();
        if oid == ED25519 {
            return Ok(PublicKey::ed25519(&info.subject_public_key.data)?);
        }
        let key = match info.parsed().map_err(|_| CertificateError::Malformed)? {
            Parsed::RSA(rsa) => PublicKey::rsa(rsa.modulus, rsa.exponent)?,
            Parsed::EC(point) => {
                let curve = info.algorithm.parameters.as_ref().and_then(|p| p.as_oid().ok());
                let kind = match curve.map(|oid| oid.to_id_string()).as_deref() {
                    Some(P256) => Kind::P256,
                    Some(P384) => Kind::P384,
                    _ => return Err(JwkError::Unsupported("curve").into()),
                };
                PublicKey::ec(kind, point.data())?
            }
            _ => return Err(JwkError::Unsupported("algorithm").into()),
        };
        Ok(key)
    }

    /// The subject's name; `None`: it has values that are no text.
    pub fn subject(&self) -> Option<DistinguishedName> {
        let mut names = Vec::new();
        for name in self.0.subject().iter_rdn() {
            let attribute = |a: &x509_parser::x509::AttributeTypeAndValue<'_>| -> Option<Attribute> {
                Some((a.attr_type().to_id_string(), a.as_str().ok()?.to_owned()))
            };
            let mut attributes = name.iter().map(attribute).collect::<Option<Vec<_>>>()?;
            attributes.sort();
            names.push(attributes);
        }
        Some(DistinguishedName(names))
    }

    /// RFC 8705 §2.1: only where somebody vouches for the certificate does this say who shows it. Letters count as they
    /// are, but for the case of host names: a name that is not quite the same is another one.
    pub fn is_of(&self, subject: &CertificateSubject) -> bool {
        let names = match self.0.subject_alternative_name() {
            Ok(Some(extension)) => extension.value.general_names.as_slice(),
            Ok(None) => &[],
            // Twice, or unreadable.
            Err(_) => return false,
        };
        let has = |fits: &dyn Fn(&GeneralName<'_>) -> bool| names.iter().any(fits);
        match subject {
            CertificateSubject::Name(name) => self.subject().is_some_and(|own| own == *name),
            CertificateSubject::Dns(host) => {
                has(&|n| matches!(n, GeneralName::DNSName(own) if own.eq_ignore_ascii_case(host)))
            }
            CertificateSubject::Uri(uri) => has(&|n| matches!(n, GeneralName::URI(own) if own == uri)),
            CertificateSubject::Ip(ip) => {
                let octets = match ip {
                    std::net::IpAddr::V4(v4) => v4.octets().to_vec(),
                    std::net::IpAddr::V6(v6) => v6.octets().to_vec(),
                };
                has(&|n| matches!(n, GeneralName::IPAddress(own) if *own == octets))
            }
            CertificateSubject::Email(mail) => has(&|n| matches!(n, GeneralName::RFC822Name(own) if own == mail)),
        }
    }
}

/// Authorities whose word about clients is believed.
#[derive(Clone, Debug)]
pub struct Anchors(Arc<dyn ClientCertVerifier>);

impl Anchors {
    pub fn new(authorities: impl IntoIterator<Item = CertificateDer<'static>>) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        for authority in authorities {
            roots.add(authority).map_err(|e| e.to_string())?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
        verifier.map(Self).map_err(|e| e.to_string())
    }

    /// RFC 5280 §6: the chain, its times, its uses. What was revoked since is not looked up.
    pub fn vouch_for(&self, shown: &ClientCertificate, now: Timestamp) -> Result<(), CertificateError> {
        let der = |bytes: &Vec<u8>| CertificateDer::from(bytes.clone());
        let between: Vec<CertificateDer<'_>> = shown.intermediates.iter().map(der).collect();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now.secs()).unwrap_or_default()));
        match self.0.verify_client_cert(&der(&shown.own), &between, now) {
            Ok(_) => Ok(()),
            Err(e) => Err(CertificateError::NotVouchedFor(e.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, SanType};

    use super::*;

    fn certificate(pair: &KeyPair, names: &[SanType]) -> ClientCertificate {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.subject_alt_names = names.to_vec();
        let der = params.self_signed(pair).unwrap().der().to_vec();
        ClientCertificate::of_chain([der]).unwrap()
    }

    #[test]
    fn the_key_of_a_certificate_is_the_one_that_a_jwk_would_name() {
        let p256 = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
        let ed25519 = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        for (pair, key) in [
            (&p256, PublicKey::ec(Kind::P256, p256.public_key_raw())),
            (&p384, PublicKey::ec(Kind::P384, p384.public_key_raw())),
            (&ed25519, PublicKey::ed25519(ed25519.public_key_raw())),
        ] {
            let shown = certificate(pair, &[]);
            let read = Certificate::read(&shown).unwrap().public_key().unwrap();
            assert_eq!(read.thumbprint(), key.unwrap().thumbprint());
        }
    }

    #[test]
    fn what_is_no_certificate_is_not_read() {
        let good = certificate(&KeyPair::generate().unwrap(), &[]);
        let mut longer = good.clone();
        longer.own.push(0);
        let mut shorter = good.clone();
        shorter.own.pop();
        let empty = ClientCertificate::of_chain([vec![]]).unwrap();
        for bad in [&longer, &shorter, &empty] {
            assert!(matches!(Certificate::read(bad), Err(CertificateError::Malformed)));
        }
        assert!(Certificate::read(&good).is_ok());
    }

    #[test]
    fn names_of_one_kind_are_none_of_another() {
        let text = |text: &str| text.to_owned().try_into().unwrap();
        let pair = KeyPair::generate().unwrap();
        let shown = certificate(
            &pair,
            &[SanType::DnsName(text("127.0.0.1")), SanType::URI(text("a@b.example"))],
        );
        let read = Certificate::read(&shown).unwrap();
        assert!(read.is_of(&CertificateSubject::Dns("127.0.0.1".to_owned())));
        assert!(read.is_of(&CertificateSubject::Uri("a@b.example".to_owned())));
        for other in [
            CertificateSubject::Ip("127.0.0.1".parse().unwrap()),
            CertificateSubject::Email("a@b.example".to_owned()),
            CertificateSubject::Uri("A@b.example".to_owned()),
            CertificateSubject::Dns("a@b.example".to_owned()),
            CertificateSubject::Name(DistinguishedName::parse("CN=127.0.0.1").unwrap()),
        ] {
            assert!(!read.is_of(&other), "{other:?}");
        }
    }
}
