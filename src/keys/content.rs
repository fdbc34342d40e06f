//! The content of a JWE (RFC 7518 §5): encrypted and authenticated with a key that is used once.

use aws_lc_rs::aead::{self, AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    self, AES_128, AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;

use crate::base::Entropy;
use crate::base::encoding::same;
use crate::protocol::words::ContentEncryption;

/// RFC 7518 §5.3.
const GCM_TAG: usize = 16;
const GCM_IV: usize = 12;
/// A block of AES (§5.2.2.1).
const CBC_IV: usize = 16;

pub(super) struct Sealed {
    pub iv: Vec<u8>,
    pub text: Vec<u8>,
    pub tag: Vec<u8>,
}

pub(super) const fn key_bytes(enc: ContentEncryption) -> usize {
    match enc {
        ContentEncryption::A128Gcm => 16,
        ContentEncryption::A256Gcm | ContentEncryption::A128CbcHs256 => 32,
        ContentEncryption::A256CbcHs512 => 64,
    }
}

/// `header` is what is vouched for beside the content: the encoded header (RFC 7516 §5.1 step 14).
pub(super) fn seal(
    enc: ContentEncryption,
    key: &[u8],
    header: &str,
    plain: &[u8],
    entropy: &dyn Entropy,
) -> Option<Sealed> {
    match enc {
        ContentEncryption::A128Gcm | ContentEncryption::A256Gcm => {
            let mut iv = [0; GCM_IV];
            entropy.fill(&mut iv);
            let mut text = plain.to_vec();
            let tag = gcm(enc, key)?
                .seal_in_place_separate_tag(
                    Nonce::assume_unique_for_key(iv),
                    Aad::from(header.as_bytes()),
                    &mut text,
                )
                .ok()?;
            Some(Sealed {
                iv: iv.to_vec(),
                text,
                tag: tag.as_ref().to_vec(),
            })
        }
        ContentEncryption::A128CbcHs256 | ContentEncryption::A256CbcHs512 => {
            let mut iv = [0; CBC_IV];
            entropy.fill(&mut iv);
            let mut text = plain.to_vec();
            PaddedBlockEncryptingKey::cbc_pkcs7(aes(enc, key)?)
                .ok()?
                .less_safe_encrypt(&mut text, EncryptionContext::Iv128(FixedLength::from(iv)))
                .ok()?;
            let tag = mac(enc, key, header, (&iv, &text));
            Some(Sealed {
                iv: iv.to_vec(),
                text,
                tag,
            })
        }
    }
}

pub(super) fn open(enc: ContentEncryption, key: &[u8], header: &str, sealed: &Sealed) -> Option<Vec<u8>> {
    match enc {
        ContentEncryption::A128Gcm | ContentEncryption::A256Gcm => {
            // A shorter tag would be easier to guess (SP 800-38D §5.2.1.2).
            if sealed.tag.len() != GCM_TAG {
                return None;
            }
            let nonce = Nonce::try_assume_unique_for_key(&sealed.iv).ok()?;
            let mut text = [&sealed.text[..], &sealed.tag].concat();
            let length = gcm(enc, key)?
                .open_in_place(nonce, Aad::from(header.as_bytes()), &mut text)
                .ok()?
                .len();
            text.truncate(length);
            Some(text)
        }
        ContentEncryption::A128CbcHs256 | ContentEncryption::A256CbcHs512 => {
            // §5.2.2.2: the tag first; what is wrong with the padding is told to nobody who cannot make one.
            if !same(&mac(enc, key, header, (&sealed.iv, &sealed.text)), &sealed.tag) {
                return None;
            }
            let iv = FixedLength::try_from(&sealed.iv[..]).ok()?;
            let mut text = sealed.text.clone();
            let length = PaddedBlockDecryptingKey::cbc_pkcs7(aes(enc, key)?)
                .ok()?
                .decrypt(&mut text, DecryptionContext::Iv128(iv))
                .ok()?
                .len();
            text.truncate(length);
            Some(text)
        }
    }
}

fn gcm(enc: ContentEncryption, key: &[u8]) -> Option<LessSafeKey> {
    let algorithm: &'static aead::Algorithm = if enc == ContentEncryption::A128Gcm {
        &AES_128_GCM
    } else {
        &AES_256_GCM
    };
    UnboundKey::new(algorithm, key).ok().map(LessSafeKey::new)
}

/// §5.2.2.1: the second half of the key encrypts.
fn aes(enc: ContentEncryption, key: &[u8]) -> Option<UnboundCipherKey> {
    let algorithm: &'static cipher::Algorithm = if enc == ContentEncryption::A128CbcHs256 {
        &AES_128
    } else {
        &AES_256
    };
    UnboundCipherKey::new(algorithm, &key[key.len() / 2..]).ok()
}

/// §5.2.2.1: the first half authenticates; the first half of its tag is the tag.
fn mac(enc: ContentEncryption, key: &[u8], header: &str, (iv, text): (&[u8], &[u8])) -> Vec<u8> {
    let algorithm = if enc == ContentEncryption::A128CbcHs256 {
        hmac::HMAC_SHA256
    } else {
        hmac::HMAC_SHA512
    };
    let mut context = hmac::Context::with_key(&hmac::Key::new(algorithm, &key[..key.len() / 2]));
    context.update(header.as_bytes());
    context.update(iv);
    context.update(text);
    context.update(&(header.len() as u64 * 8).to_be_bytes());
    let tag = context.sign();
    tag.as_ref()[..tag.as_ref().len() / 2].to_vec()
}
