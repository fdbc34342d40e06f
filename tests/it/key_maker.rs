//! Makers of security keys, and the publisher of their metadata: roots, batches, statements, a signed BLOB.

use std::sync::Arc;

use countersign::base::encoding::{base64, base64url, from_base64url};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use serde_json::{Value, json};

/// id-fido-gen-ce-aaguid (WebAuthn §8.2.1).
const AAGUID_EXTENSION: &[u64] = &[1, 3, 6, 1, 4, 1, 45724, 1, 1, 4];
/// Who signs the metadata, where nothing else is said.
pub const SIGNER: &str = "mds.fidoalliance.org";

/// A certificate authority.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// What all keys of one batch carry: one attestation key, and its certificates.
#[derive(Clone, Debug)]
pub struct Batch {
    pub aaguid: [u8; 16],
    pub key: Arc<KeyPair>,
    /// DER, the leaf first.
    pub chain: Vec<Vec<u8>>,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer }
    }

    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    pub fn der(&self) -> Vec<u8> {
        self.issuer.der().to_vec()
    }

    /// A batch whose certificate names its model, as it must where models share a root.
    pub fn batch(&self, aaguid: [u8; 16]) -> Batch {
        self.batch_naming(aaguid, Some(aaguid))
    }

    /// A batch of one model whose certificate names another one, or none.
    pub fn batch_naming(&self, aaguid: [u8; 16], named: Option<[u8; 16]>) -> Batch {
        let mut params = CertificateParams::default();
        for (kind, value) in [
            (DnType::CountryName, "US"),
            (DnType::OrganizationName, "Cedar Keys"),
            (DnType::OrganizationalUnitName, "Authenticator Attestation"),
            (DnType::CommonName, "Cedar Keys Batch 7"),
        ] {
            params.distinguished_name.push(kind, value);
        }
        params.is_ca = IsCa::ExplicitNoCa;
        params.custom_extensions.extend(named.map(|aaguid| {
            // An OCTET STRING in the extension's own.
            let content = [&[0x04, 16], aaguid.as_slice()].concat();
            CustomExtension::from_oid_content(AAGUID_EXTENSION, content)
        }));
        let key = KeyPair::generate().unwrap();
        let leaf = params.signed_by(&key, &self.issuer).unwrap();
        Batch {
            aaguid,
            key: Arc::new(key),
            chain: vec![leaf.der().to_vec()],
        }
    }

    /// The payload, signed by a certificate of this name.
    pub fn blob(&self, payload: &Value, name: &str) -> String {
        self.blob_with(Algorithm::ES256, payload, name)
    }

    /// ES256 or RS256, as the header says; the key is of that kind.
    pub fn blob_with(&self, algorithm: Algorithm, payload: &Value, name: &str) -> String {
        let rsa = algorithm == Algorithm::RS256;
        let kind = if rsa {
            &rcgen::PKCS_RSA_SHA256
        } else {
            &rcgen::PKCS_ECDSA_P256_SHA256
        };
        let key = KeyPair::generate_for(kind).unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let leaf = params.signed_by(&key, &self.issuer).unwrap();
        let header = Header {
            x5c: Some(vec![base64(leaf.der())]),
            ..Header::new(algorithm)
        };
        let pem = key.serialize_pem();
        let signer = if rsa {
            EncodingKey::from_rsa_pem(pem.as_bytes())
        } else {
            EncodingKey::from_ec_pem(pem.as_bytes())
        };
        jsonwebtoken::encode(&header, payload, &signer.unwrap()).unwrap()
    }
}

/// The payload of metadata about these models.
pub fn payload(entries: &[Value]) -> Value {
    json!({ "legalHeader": "…", "no": 7, "nextUpdate": "2026-12-01", "entries": entries })
}

/// A roaming model in hardware, certified at level 1.
pub fn entry(aaguid: [u8; 16], name: &str, root: &Authority) -> Value {
    json!({
        "aaguid": hyphens(aaguid),
        "metadataStatement": {
            "description": name,
            "attestationRootCertificates": [base64(&root.der())],
            "keyProtection": ["hardware", "secure_element"],
            "attachmentHint": ["external", "wired", "nfc"],
            "authenticatorGetInfo": { "transports": ["usb", "nfc"] },
        },
        "statusReports": [{ "status": "FIDO_CERTIFIED_L1" }, { "status": "FIDO_CERTIFIED" }],
    })
}

pub fn hyphens(aaguid: [u8; 16]) -> String {
    let hex = countersign::base::encoding::hex(&aaguid);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// The same BLOB with another header under the old signature.
pub fn relabelled(blob: &str, algorithm: &str) -> String {
    let (header, rest) = blob.split_once('.').unwrap();
    let mut header: Value = serde_json::from_slice(&from_base64url(header).unwrap()).unwrap();
    header["alg"] = json!(algorithm);
    format!("{}.{rest}", base64url(header.to_string().as_bytes()))
}

/// The same BLOB with another payload under the old signature.
pub fn forged(blob: &str, payload: &Value) -> String {
    let mut parts: Vec<&str> = blob.split('.').collect();
    let other = base64url(payload.to_string().as_bytes());
    parts[1] = &other;
    parts.join(".")
}
