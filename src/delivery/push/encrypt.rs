//! RFC 8291 over RFC 8188: what a push service carries without being able to read it.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

/// RFC 8188 §2.1: bytes of a record; a message is one record.
const RECORD_BYTES: u32 = 4096;
/// RFC 8291 §4: what then fits, with a header of 86 bytes, the delimiter and the tag.
const PLAIN_BYTES: usize = 3993;
/// RFC 8188 §2: marks the end of the last record.
const LAST_RECORD: u8 = 2;
pub const SALT_BYTES: usize = 16;

/// What a browser has told of itself.
pub struct Recipient<'a> {
    /// Uncompressed point.
    pub p256dh: &'a [u8],
    pub auth: &'a [u8],
}

/// The key is off the curve, or the text is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unusable;

impl From<aws_lc_rs::error::Unspecified> for Unusable {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}

/// `own`: a key pair for this message alone; `salt`: random.
pub fn encrypt(
    to: &Recipient<'_>,
    own: &PrivateKey,
    salt: [u8; SALT_BYTES],
    plain: &[u8],
) -> Result<Vec<u8>, Unusable> {
    if plain.len() > PLAIN_BYTES {
        return Err(Unusable);
    }
    let public = own.compute_public_key()?;
    let public = public.as_ref();
    // §3.3 and §3.4: the shared secret, bound to both keys and to the browser's secret.
    let peer = UnparsedPublicKey::new(&ECDH_P256, to.p256dh);
    let shared = agree(own, peer, Unusable, |secret| {
        Ok(Salt::new(HKDF_SHA256, to.auth).extract(secret))
    })?;
    let input: [u8; 32] = expand(&shared, &[b"WebPush: info\0", to.p256dh, public])?;
    // RFC 8188 §2.2 and §2.3. One record, so its number 0 leaves the nonce as it is.
    let keys = Salt::new(HKDF_SHA256, &salt).extract(&input);
    let key: [u8; 16] = expand(&keys, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; 12] = expand(&keys, &[b"Content-Encoding: nonce\0"])?;
    let mut record = plain.to_vec();
    record.push(LAST_RECORD);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record)?;
    // RFC 8188 §2.1, with our public key as the key's identifier (RFC 8291 §4).
    let length = u8::try_from(public.len()).map_err(|_| Unusable)?;
    Ok([&salt[..], &RECORD_BYTES.to_be_bytes(), &[length], public, &record].concat())
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(prk: &Prk, info: &[&[u8]]) -> Result<[u8; N], Unusable> {
    let mut out = [0; N];
    prk.expand(info, Length(N))?.fill(&mut out)?;
    Ok(out)
}
