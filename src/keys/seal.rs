//! Sealing of secrets at rest under a master key that is not in the database.
//!
//! AES-256-GCM fails badly when a nonce repeats under one key, and random 96-bit nonces under one key are safe for only
//! 2^32 sealings (SP 800-38D §8.3). So no key is used twice: each sealing draws a 256-bit salt, and HKDF-SHA-256
//! (RFC 5869) turns master key, salt and purpose into a key and a nonce of its own. GCM-SIV would bend instead of
//! break, but is in no FIPS module. Record id and purpose are associated data: a sealed seed that somebody copies to
//! another row or column does not open there.
//!
//! A sealed value: version (1 byte) | mark of the master key (4) | salt (32) | ciphertext | tag (16).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac};
use zeroize::Zeroizing;

use crate::base::encoding::{base64url, from_base64, from_base64url, same};
use crate::base::{Entropy, Secret};

const VERSION: u8 = 1;
const MARK: usize = 4;
const SALT: usize = 32;
const HEAD: usize = 1 + MARK + SALT;
const TAG: usize = 16;
const KEY: usize = 32;
const NONCE: usize = 12;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error(
        "a master key is 32 random bytes, written as base64, base64url or 64 hexadecimal digits; this one has {0}. \
         `openssl rand -base64 32` makes one"
    )]
    BadMasterKey(String),
    #[error("there is no master key: set one before anything can be sealed")]
    NoMasterKey,
    #[error("this is not a sealed value, or one of a newer version")]
    NotSealed,
    #[error("this was sealed under a master key that is not among those configured")]
    UnknownMasterKey,
    #[error("this sealed value was altered, or belongs to another record")]
    Broken,
    #[error("AWS-LC refused to seal")]
    Crypto,
}

/// 256 bits from which every other key here is derived.
#[derive(Clone, Debug)]
pub struct MasterKey(Secret<[u8; KEY]>);

impl MasterKey {
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0u8; KEY];
        entropy.fill(&mut bytes);
        Self(Secret::new(bytes))
    }

    /// base64, base64url (with or without padding) or hexadecimal, surrounded by any white space.
    /// The error never repeats the text.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let text = text.trim();
        // 64 hexadecimal digits would also be base64, of 48 bytes: hexadecimal is asked first.
        let decoded = from_hex(text)
            .or_else(|| from_base64(text))
            .or_else(|| from_base64url(text.trim_end_matches('=')))
            .ok_or_else(|| SealError::BadMasterKey(format!("{} characters in no such form", text.chars().count())))?;
        let decoded = Secret::new(decoded);
        let bytes: [u8; KEY] = decoded
            .expose()
            .as_slice()
            .try_into()
            .map_err(|_| SealError::BadMasterKey(format!("{} bytes", decoded.expose().len())))?;
        if bytes.iter().all(|b| *b == bytes[0]) {
            return Err(SealError::BadMasterKey("the same byte 32 times".into()));
        }
        Ok(Self(Secret::new(bytes)))
    }

    /// A file or variable with one key a line: the first seals, all open. Empty lines and `#` lines are skipped.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, SealError> {
        let lines = text.lines().map(str::trim);
        let keys: Result<Vec<Self>, SealError> = lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(Self::parse)
            .collect();
        keys.and_then(|keys| {
            if keys.is_empty() {
                Err(SealError::NoMasterKey)
            } else {
                Ok(keys)
            }
        })
    }

    /// How `parse` reads it.
    pub fn to_text(&self) -> Secret<String> {
        Secret::new(base64url(self.0.expose()))
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 2 * KEY || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..KEY)
        .map(|i| u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok())
        .collect()
}

/// Seals and opens; also the keyed hashes, since they need the same keys.
#[derive(Debug)]
pub struct Sealer {
    /// Never empty; the first seals.
    keys: Vec<Held>,
}

#[derive(Debug)]
struct Held {
    master: MasterKey,
    /// Says which master key sealed a value; tells nothing about the key.
    mark: [u8; MARK],
    /// For keyed hashes: extracted once.
    hashing: hkdf::Prk,
}

impl Sealer {
    /// The first key seals, all open: put a new key in front, reseal (`is_current`), then drop the old one.
    pub fn new(keys: Vec<MasterKey>) -> Result<Self, SealError> {
        if keys.is_empty() {
            return Err(SealError::NoMasterKey);
        }
        let keys: Result<Vec<Held>, SealError> = keys.into_iter().map(Held::new).collect();
        Ok(Self { keys: keys? })
    }

    /// `purpose` names the kind of secret ("totp-seed"), `id` its record; opening needs the same two.
    pub fn seal(&self, entropy: &dyn Entropy, purpose: &str, id: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let held = self.first();
        let mut salt = [0u8; SALT];
        entropy.fill(&mut salt);
        let mut out = Vec::with_capacity(HEAD + plain.len() + TAG);
        out.push(VERSION);
        out.extend_from_slice(&held.mark);
        out.extend_from_slice(&salt);
        let aad = associated(&out, purpose, id);
        let (key, nonce) = held.record_key(&salt, purpose)?;
        // Encrypted in place: no second copy of the secret stays behind.
        let mut body = plain.to_vec();
        let tag = key
            .seal_in_place_separate_tag(nonce, Aad::from(aad), &mut body)
            .map_err(|_| SealError::Crypto)?;
        out.extend_from_slice(&body);
        out.extend_from_slice(tag.as_ref());
        Ok(out)
    }

    pub fn open(&self, purpose: &str, id: &str, sealed: &[u8]) -> Result<Secret<Vec<u8>>, SealError> {
        if sealed.len() < HEAD + TAG || sealed.first() != Some(&VERSION) {
            return Err(SealError::NotSealed);
        }
        let (head, body) = sealed.split_at(HEAD);
        let (mark, salt) = head[1..].split_at(MARK);
        let aad = associated(head, purpose, id);
        let mut known = false;
        for held in self.keys.iter().filter(|held| held.mark == mark) {
            known = true;
            let (key, nonce) = held.record_key(salt, purpose)?;
            let mut text = body.to_vec();
            if let Ok(plain) = key.open_in_place(nonce, Aad::from(&aad), &mut text) {
                let length = plain.len();
                text.truncate(length);
                return Ok(Secret::new(text));
            }
        }
        Err(if known {
            SealError::Broken
        } else {
            SealError::UnknownMasterKey
        })
    }

    /// Is it sealed under the first master key? If not, open and seal it again before the old key is dropped.
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        sealed.get(1..=MARK) == Some(&self.first().mark)
    }

    /// HMAC-SHA-256 with a key of this purpose: what is stored of one-time codes and client secrets, and CSRF tokens.
    /// Unlike a plain hash it tells nothing to who holds the database alone, even of a six-digit code.
    pub fn keyed_hash(&self, purpose: &str, data: &[u8]) -> Result<[u8; 32], SealError> {
        self.first().keyed_hash(purpose, data)
    }

    /// Does a stored keyed hash belong to `data`, under any master key? Constant time in where they differ.
    pub fn keyed_hash_matches(&self, purpose: &str, data: &[u8], stored: &[u8]) -> bool {
        let hashes = self.keys.iter().map(|held| held.keyed_hash(purpose, data));
        hashes.fold(false, |found, hash| found | hash.is_ok_and(|hash| same(&hash, stored)))
    }

    /// The hash under every master key, newest first: to find a row by it while master keys change.
    pub fn keyed_hashes(&self, purpose: &str, data: &[u8]) -> Result<Vec<[u8; 32]>, SealError> {
        self.keys.iter().map(|held| held.keyed_hash(purpose, data)).collect()
    }

    fn first(&self) -> &Held {
        &self.keys[0]
    }
}

impl Held {
    fn new(master: MasterKey) -> Result<Self, SealError> {
        let hashing = hkdf::Salt::new(hkdf::HKDF_SHA256, b"countersign keyed hash 1").extract(master.0.expose());
        let mut mark = [0u8; MARK];
        fill(&hashing, &[b"mark"], &mut mark)?;
        Ok(Self { master, mark, hashing })
    }

    /// A key and a nonce that nothing else was or will be sealed with.
    fn record_key(&self, salt: &[u8], purpose: &str) -> Result<(LessSafeKey, Nonce), SealError> {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(self.master.0.expose());
        let mut okm = Zeroizing::new([0u8; KEY + NONCE]);
        fill(&prk, &[b"countersign seal 1|", purpose.as_bytes()], okm.as_mut_slice())?;
        let (key, nonce) = okm.split_at(KEY);
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| SealError::Crypto)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Crypto)?;
        Ok((LessSafeKey::new(key), nonce))
    }

    fn keyed_hash(&self, purpose: &str, data: &[u8]) -> Result<[u8; 32], SealError> {
        let mut key = Zeroizing::new([0u8; KEY]);
        fill(&self.hashing, &[b"hash|", purpose.as_bytes()], key.as_mut_slice())?;
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_slice()), data);
        let mut out = [0u8; 32];
        out.copy_from_slice(tag.as_ref());
        Ok(out)
    }
}

/// Everything the seal vouches for besides the secret; lengths in front, so that no two pairs look alike.
fn associated(head: &[u8], purpose: &str, id: &str) -> Vec<u8> {
    let mut aad = head.to_vec();
    for part in [purpose, id] {
        aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
        aad.extend_from_slice(part.as_bytes());
    }
    aad
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn fill(prk: &hkdf::Prk, info: &[&[u8]], out: &mut [u8]) -> Result<(), SealError> {
    prk.expand(info, Length(out.len()))
        .and_then(|okm| okm.fill(out))
        .map_err(|_| SealError::Crypto)
}
