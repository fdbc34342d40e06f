//! Compact JWE (RFC 7516 §7.1, RFC 7518 §4 and §5): to keys of clients, and to ours.
//!
//! Only public keys: no passwords, no shared secrets (`dir`, `A…KW`, `PBES2`), and never RSA1_5, which has told
//! strangers what it decrypts for 28 years (RFC 8725 §3.2). Nothing is compressed or inflated (RFC 8725 §3.6).

use aws_lc_rs::agreement::{self, Algorithm, ECDH_P256, ECDH_P384, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::kdf::{SskdfDigestAlgorithmId, get_sskdf_digest_algorithm, sskdf_digest};
use aws_lc_rs::key_wrap::{AES_128, AES_256, AesBlockCipher, AesKek, KeyWrap};
use aws_lc_rs::rsa::{
    OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey,
    PublicEncryptingKey, PublicKeyComponents,
};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::jose::object;
use super::jwk::{EncryptionKey, public_key};
use super::{Kind, PublicKey, content};
use crate::base::Entropy;
use crate::base::encoding::{base64url, from_base64url};
use crate::protocol::encryption::Encryption;
use crate::protocol::words::{ContentEncryption, EncryptionAlg};

/// Bytes of a compact JWE: the longest JWS (`jose::MAX_JWS`) within one, and its header.
pub const MAX_JWE: usize = 48 * 1024;
/// An ephemeral key, a name and two short texts.
const MAX_HEADER: usize = 2 * 1024;

/// Why nothing was encrypted or decrypted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JweError {
    #[error("the encrypted token is longer than {MAX_JWE} bytes")]
    TooLong,
    #[error("this is no compact JWE")]
    NotCompact,
    #[error("the header of the JWE is malformed: {0}")]
    BadHeader(String),
    #[error("the header of the JWE demands extensions that are not understood")]
    Critical,
    #[error("compressed content is not accepted")]
    Compressed,
    #[error("the JWE's {0} is not accepted here")]
    AlgorithmRefused(&'static str),
    #[error("it is encrypted to a key that is not ours")]
    UnknownKey,
    /// RFC 7516 §11.5: whatever it was that failed.
    #[error("the JWE cannot be decrypted")]
    Undecryptable,
    #[error("the key is of a kind that {0} cannot use")]
    WrongKey(EncryptionAlg),
    #[error("there is no key to encrypt to")]
    NoRecipient,
    #[error("AWS-LC refused to encrypt")]
    Crypto,
}

/// Encrypts to `key`. `nested`: what is encrypted is itself a JWT (RFC 7519 §5.2).
pub fn encrypt(
    key: &EncryptionKey,
    how: Encryption,
    nested: bool,
    plain: &[u8],
    entropy: &dyn Entropy,
) -> Result<String, JweError> {
    let mut header = Map::new();
    header.insert("alg".into(), how.alg.as_str().into());
    header.insert("enc".into(), how.enc.as_str().into());
    if let Some(kid) = &key.kid {
        header.insert("kid".into(), kid.clone().into());
    }
    if nested {
        header.insert("cty".into(), "JWT".into());
    }
    let (cek, wrapped) = match how.alg {
        EncryptionAlg::RsaOaep256 => {
            let cek = fresh(how.enc, entropy);
            let wrapped = to_rsa(&key.public, &cek)?;
            (cek, wrapped)
        }
        EncryptionAlg::EcdhEs => (to_curve(&key.public, how, &mut header)?, Vec::new()),
        EncryptionAlg::EcdhEsA128Kw | EncryptionAlg::EcdhEsA256Kw => {
            let kek = to_curve(&key.public, how, &mut header)?;
            let cek = fresh(how.enc, entropy);
            let wrapped = wrap(how.alg, &kek, &cek).ok_or(JweError::Crypto)?;
            (cek, wrapped)
        }
    };
    let header = base64url(Value::Object(header).to_string().as_bytes());
    let sealed = content::seal(how.enc, &cek, &header, plain, entropy).ok_or(JweError::Crypto)?;
    let [wrapped, iv, text, tag] = [&wrapped, &sealed.iv, &sealed.text, &sealed.tag].map(|part| base64url(part));
    Ok([header, wrapped, iv, text, tag].join("."))
}

fn fresh(enc: ContentEncryption, entropy: &dyn Entropy) -> Zeroizing<Vec<u8>> {
    let mut cek = Zeroizing::new(vec![0; content::key_bytes(enc)]);
    entropy.fill(&mut cek);
    cek
}

/// RFC 7518 §4.3.
fn to_rsa(key: &PublicKey, cek: &[u8]) -> Result<Vec<u8>, JweError> {
    let (n, e) = key
        .modulus_and_exponent()
        .ok_or(JweError::WrongKey(EncryptionAlg::RsaOaep256))?;
    let key: PublicEncryptingKey = PublicKeyComponents { n, e }.try_into().map_err(|_| JweError::Crypto)?;
    let key = OaepPublicEncryptingKey::new(key).map_err(|_| JweError::Crypto)?;
    let mut out = vec![0; key.ciphertext_size()];
    let written = key
        .encrypt(&OAEP_SHA256_MGF1SHA256, cek, &mut out, None)
        .map_err(|_| JweError::Crypto)?
        .len();
    out.truncate(written);
    Ok(out)
}

/// RFC 7518 §4.6: an ephemeral key, which goes into the header, and what both sides make of it.
fn to_curve(key: &PublicKey, how: Encryption, header: &mut Map<String, Value>) -> Result<Zeroizing<Vec<u8>>, JweError> {
    let wrong = || JweError::WrongKey(how.alg);
    let algorithm = curve(key.kind()).ok_or_else(wrong)?;
    let peer = key.point().ok_or_else(wrong)?;
    let ephemeral = PrivateKey::generate(algorithm).map_err(|_| JweError::Crypto)?;
    let point = ephemeral.compute_public_key().map_err(|_| JweError::Crypto)?;
    let public = PublicKey::ec(key.kind(), point.as_ref()).map_err(|_| JweError::Crypto)?;
    header.insert("epk".into(), public.to_members().into());
    agreed(&ephemeral, &peer, how, header).ok_or(JweError::Crypto)
}

fn curve(kind: Kind) -> Option<&'static Algorithm> {
    match kind {
        Kind::P256 => Some(&ECDH_P256),
        Kind::P384 => Some(&ECDH_P384),
        Kind::Rsa | Kind::Ed25519 => None,
    }
}

/// RFC 7518 §4.6.2: the Concat KDF, which is the one-step KDF of SP 800-56C.
fn agreed(own: &PrivateKey, peer: &[u8], how: Encryption, header: &Map<String, Value>) -> Option<Zeroizing<Vec<u8>>> {
    let (name, bytes) = match how.alg {
        EncryptionAlg::EcdhEs => (how.enc.as_str(), content::key_bytes(how.enc)),
        EncryptionAlg::EcdhEsA128Kw => (how.alg.as_str(), 16),
        EncryptionAlg::EcdhEsA256Kw => (how.alg.as_str(), 32),
        EncryptionAlg::RsaOaep256 => return None,
    };
    let party = |member: &str| match header.get(member) {
        None => Some(Vec::new()),
        Some(value) => value.as_str().and_then(from_base64url),
    };
    let mut info = Vec::new();
    for part in [name.as_bytes(), &party("apu")?, &party("apv")?] {
        info.extend(u32::try_from(part.len()).ok()?.to_be_bytes());
        info.extend(part);
    }
    info.extend(u32::try_from(bytes * 8).ok()?.to_be_bytes());
    let digest = get_sskdf_digest_algorithm(SskdfDigestAlgorithmId::Sha256)?;
    let mut out = Zeroizing::new(vec![0; bytes]);
    agree(own, UnparsedPublicKey::new(own.algorithm(), peer), (), |secret| {
        sskdf_digest(digest, secret, &info, &mut out).map_err(|_| ())
    })
    .ok()?;
    Some(out)
}

const fn block(alg: EncryptionAlg) -> &'static AesBlockCipher {
    match alg {
        EncryptionAlg::EcdhEsA128Kw => &AES_128,
        _ => &AES_256,
    }
}

fn wrap(alg: EncryptionAlg, kek: &[u8], cek: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![0; cek.len() + 8];
    let wrapped = AesKek::new(block(alg), kek).ok()?.wrap(cek, &mut out).ok()?.len();
    out.truncate(wrapped);
    Some(out)
}

fn unwrap(alg: EncryptionAlg, kek: &[u8], wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(vec![0; wrapped.len()]);
    let cek = AesKek::new(block(alg), kek).ok()?.unwrap(wrapped, &mut out).ok()?.len();
    out.truncate(cek);
    Some(out)
}

/// The private half of a key that others encrypt to.
pub(super) enum Opener {
    Curve(PrivateKey),
    Rsa(OaepPrivateDecryptingKey),
}

impl Opener {
    /// Parses PKCS#8.
    pub fn from_pkcs8(kind: Kind, der: &[u8]) -> Option<Self> {
        match kind {
            Kind::Rsa => {
                let key = PrivateDecryptingKey::from_pkcs8(der).ok()?;
                OaepPrivateDecryptingKey::new(key).ok().map(Self::Rsa)
            }
            Kind::P256 | Kind::P384 => agreement::PrivateKey::from_private_key_der(curve(kind)?, der)
                .ok()
                .map(Self::Curve),
            Kind::Ed25519 => None,
        }
    }
}

/// Is it in the form of a compact JWE? A compact JWS has three parts.
pub fn looks_encrypted(token: &str) -> bool {
    token.len() <= MAX_JWE && token.bytes().filter(|b| *b == b'.').count() == 4
}

/// A JWE taken apart, its header understood, nothing decrypted.
pub(super) struct Encrypted<'a> {
    pub kid: Option<String>,
    header: Map<String, Value>,
    how: Encryption,
    /// As it was sent: it is vouched for by the tag.
    encoded: &'a str,
    wrapped: Vec<u8>,
    sealed: content::Sealed,
}

impl<'a> Encrypted<'a> {
    pub fn parse(token: &'a str) -> Result<Self, JweError> {
        if token.len() > MAX_JWE {
            return Err(JweError::TooLong);
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [encoded, wrapped, iv, text, tag] = parts[..] else {
            return Err(JweError::NotCompact);
        };
        if encoded.len() > MAX_HEADER {
            return Err(JweError::BadHeader("it is too long".to_owned()));
        }
        let header = object(encoded).map_err(JweError::BadHeader)?;
        let how = read_header(&header)?;
        let bytes = |part: &str| from_base64url(part).ok_or(JweError::NotCompact);
        Ok(Self {
            kid: header.get("kid").and_then(Value::as_str).map(str::to_owned),
            how,
            header,
            encoded,
            wrapped: bytes(wrapped)?,
            sealed: content::Sealed {
                iv: bytes(iv)?,
                text: bytes(text)?,
                tag: bytes(tag)?,
            },
        })
    }

    /// Could a key of this kind be the one?
    pub const fn fits(&self, kind: Kind) -> bool {
        matches!(self.how.alg, EncryptionAlg::RsaOaep256) == matches!(kind, Kind::Rsa)
    }

    pub fn open(&self, key: &Opener) -> Result<Vec<u8>, JweError> {
        let cek = self.content_key(key);
        // RFC 7516 §11.5: nobody learns from the time it takes whether it was the key that failed or the content.
        let zeroes = || Zeroizing::new(vec![0; content::key_bytes(self.how.enc)]);
        let (cek, sound) = match cek.filter(|cek| cek.len() == content::key_bytes(self.how.enc)) {
            Some(cek) => (cek, true),
            None => (zeroes(), false),
        };
        let plain = content::open(self.how.enc, &cek, self.encoded, &self.sealed);
        plain.filter(|_| sound).ok_or(JweError::Undecryptable)
    }

    fn content_key(&self, key: &Opener) -> Option<Zeroizing<Vec<u8>>> {
        match (key, self.how.alg) {
            (Opener::Rsa(key), EncryptionAlg::RsaOaep256) => {
                let mut out = Zeroizing::new(vec![0; key.min_output_size()]);
                let cek = key
                    .decrypt(&OAEP_SHA256_MGF1SHA256, &self.wrapped, &mut out, None)
                    .ok()?
                    .len();
                out.truncate(cek);
                Some(out)
            }
            (Opener::Curve(own), EncryptionAlg::EcdhEs) => {
                // RFC 7518 §4.6: the encrypted key is empty.
                self.wrapped.is_empty().then(|| self.agreed(own)).flatten()
            }
            (Opener::Curve(own), alg @ (EncryptionAlg::EcdhEsA128Kw | EncryptionAlg::EcdhEsA256Kw)) => {
                unwrap(alg, &self.agreed(own)?, &self.wrapped)
            }
            (Opener::Rsa(_) | Opener::Curve(_), _) => None,
        }
    }

    fn agreed(&self, own: &PrivateKey) -> Option<Zeroizing<Vec<u8>>> {
        // SP 800-56A §5.6.2.3.3, RFC 8725 §3.5: a point off the curve would give our key away bit by bit.
        let ephemeral = public_key(self.header.get("epk")?.as_object()?).ok()?;
        agreed(own, &ephemeral.point()?, self.how, &self.header)
    }
}

fn read_header(header: &Map<String, Value>) -> Result<Encryption, JweError> {
    // RFC 7516 §4.1.13: an extension that must be understood and is not makes the JWE invalid. We know none.
    if header.contains_key("crit") {
        return Err(JweError::Critical);
    }
    // RFC 8725 §3.6: how long it is tells what is in it, and a short text can become a very long one.
    if header.contains_key("zip") {
        return Err(JweError::Compressed);
    }
    let text = |name: &str| header.get(name).and_then(Value::as_str);
    let alg = text("alg").and_then(EncryptionAlg::from_word);
    let enc = text("enc").and_then(ContentEncryption::from_word);
    Ok(Encryption {
        alg: alg.ok_or(JweError::AlgorithmRefused("alg"))?,
        enc: enc.ok_or(JweError::AlgorithmRefused("enc"))?,
    })
}
