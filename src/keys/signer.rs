//! Key pairs, parsed once and kept.
//!
//! Why the signature is not made by `jsonwebtoken::encode`: it parses the private key for every token (ES256 36,000/s
//! instead of 60,000/s, RS256 1,300/s instead of 3,500/s on one core). Its provider seam would let us keep parsed keys,
//! but only through a process-wide table of handles that stand in for key bytes: global state that a rotation must
//! clean, and a handle that could name another key. A compact JWS is three base64url texts (RFC 7515 §7.1), so we join
//! them here and sign with the key that we hold; jsonwebtoken checks every signature (`jwk.rs`), ours included.
//! A KMS or HSM would become a variant of `Private`.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use serde::Serialize;

use super::{Alg, JwkError, Kind, PublicKey};
use crate::base::Secret;
use crate::base::encoding::base64url;

/// 112 bits of strength, enough until 2030 (SP 800-57 part 1 table 4); who wants more takes ES256 or EdDSA.
const RSA_SIZE: KeySize = KeySize::Rsa2048;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("AWS-LC could not generate a {0} key")]
    Generate(Kind),
    #[error("this is not a {0} private key in PKCS#8: {1}")]
    Parse(Kind, String),
    #[error("the public half is not usable: {0}")]
    Public(#[from] JwkError),
    #[error("a {0} key does not sign with {1}")]
    WrongAlgorithm(Kind, Alg),
    #[error("signing failed")]
    Sign,
    #[error("the claims are not JSON: {0}")]
    Claims(String),
}

/// A private key with its public half. Never printed.
pub struct KeyPair {
    private: Private,
    public: PublicKey,
}

enum Private {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl KeyPair {
    /// A new pair. P-256, P-384 and Ed25519 take microseconds; RSA searches primes for 50 to 300 ms: keep it off the
    /// event loop (`Kind::slow_to_generate`).
    pub fn generate(kind: Kind) -> Result<Self, KeyError> {
        let failed = |_| KeyError::Generate(kind);
        let private = match kind {
            Kind::P256 | Kind::P384 => Private::Ec(EcdsaKeyPair::generate(curve(kind)).map_err(failed)?),
            Kind::Rsa => Private::Rsa(RsaKeyPair::generate(RSA_SIZE).map_err(failed)?),
            Kind::Ed25519 => Private::Ed(Ed25519KeyPair::generate().map_err(failed)?),
        };
        Self::with_public(private, kind)
    }

    /// Parses PKCS#8 (RFC 5208; RSA of at least 2048 bits).
    pub fn from_pkcs8(kind: Kind, der: &[u8]) -> Result<Self, KeyError> {
        let failed = |e: aws_lc_rs::error::KeyRejected| KeyError::Parse(kind, e.to_string());
        let private = match kind {
            Kind::P256 | Kind::P384 => Private::Ec(EcdsaKeyPair::from_pkcs8(curve(kind), der).map_err(failed)?),
            Kind::Rsa => Private::Rsa(RsaKeyPair::from_pkcs8(der).map_err(failed)?),
            Kind::Ed25519 => Private::Ed(Ed25519KeyPair::from_pkcs8(der).map_err(failed)?),
        };
        Self::with_public(private, kind)
    }

    fn with_public(private: Private, kind: Kind) -> Result<Self, KeyError> {
        let public = match &private {
            Private::Ec(pair) => PublicKey::ec(kind, pair.public_key().as_ref())?,
            Private::Ed(pair) => PublicKey::ed25519(pair.public_key().as_ref())?,
            Private::Rsa(pair) => {
                let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
                PublicKey::rsa(n.big_endian_without_leading_zero(), e.big_endian_without_leading_zero())?
            }
        };
        Ok(Self { private, public })
    }

    /// PKCS#8, always version 1: other libraries reject the version 2 that Ed25519 has by default (RFC 8410 §7).
    pub fn to_pkcs8(&self) -> Result<Secret<Vec<u8>>, KeyError> {
        let failed = |_| KeyError::Generate(self.public.kind());
        let der = match &self.private {
            Private::Ec(pair) => pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec(),
            Private::Ed(pair) => pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec(),
            Private::Rsa(pair) => AsDer::<Pkcs8V1Der<'_>>::as_der(pair).map_err(failed)?.as_ref().to_vec(),
        };
        Ok(Secret::new(der))
    }

    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// A compact JWS (RFC 7515 §7.1) with any header; `header` must name `alg` itself.
    pub fn sign_compact(&self, alg: Alg, header: &impl Serialize, claims: &impl Serialize) -> Result<String, KeyError> {
        let json = |e: serde_json::Error| KeyError::Claims(e.to_string());
        let mut token = base64url(&serde_json::to_vec(header).map_err(json)?);
        token.push('.');
        token.push_str(&base64url(&serde_json::to_vec(claims).map_err(json)?));
        let signature = self.sign(alg, token.as_bytes())?;
        token.push('.');
        token.push_str(&base64url(&signature));
        Ok(token)
    }

    /// The bare signature, in JWS's form (RFC 7518 §3: R and S of fixed length for ECDSA).
    pub fn sign(&self, alg: Alg, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "AWS-LC draws the nonce itself and ignores this argument"
        )]
        let rng = SystemRandom::new();
        let kind = self.public.kind();
        match (&self.private, alg) {
            (Private::Ec(pair), Alg::Es256 | Alg::Es384) if alg.kind() == kind => {
                let signature = pair.sign(&rng, message).map_err(|_| KeyError::Sign)?;
                Ok(signature.as_ref().to_vec())
            }
            (Private::Ed(pair), Alg::EdDsa) => {
                let signature = pair.try_sign(message).map_err(|_| KeyError::Sign)?;
                Ok(signature.as_ref().to_vec())
            }
            (Private::Rsa(pair), Alg::Rs256 | Alg::Ps256) => {
                let padding: &'static dyn RsaEncoding = if alg == Alg::Ps256 {
                    &RSA_PSS_SHA256
                } else {
                    &RSA_PKCS1_SHA256
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &rng, message, &mut signature)
                    .map_err(|_| KeyError::Sign)?;
                Ok(signature)
            }
            (Private::Ec(_) | Private::Ed(_) | Private::Rsa(_), _) => Err(KeyError::WrongAlgorithm(kind, alg)),
        }
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({} {})", self.public.kind(), self.public.thumbprint())
    }
}

fn curve(kind: Kind) -> &'static EcdsaSigningAlgorithm {
    if kind == Kind::P384 {
        &ECDSA_P384_SHA384_FIXED_SIGNING
    } else {
        &ECDSA_P256_SHA256_FIXED_SIGNING
    }
}
