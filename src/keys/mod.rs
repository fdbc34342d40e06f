//! Keys: the ring that signs our tokens and opens what is encrypted to us, checking of what others signed, encrypting to
//! them, sealing of secrets at rest.
//!
//! Owns: our keys and how they turn (`ring`, `turn`), JWK, JWS and JWE (`jwk`, `jose`, `mac`, `claims`, `jwe`), the
//! certificates of clients (`x509`), the master key's seal (`seal`). Must not know: where rows are stored, which client
//! asks, what a claim means beyond RFC 7519.
//! Pure: no I/O, no clock; AWS-LC draws its own randomness for key pairs and signatures, as its FIPS module demands.

pub mod alg;
pub mod claims;
mod content;
pub mod jose;
pub mod jwe;
pub mod jwk;
pub mod mac;
pub mod ring;
pub mod seal;
pub mod signer;
pub mod turn;
pub mod x509;

#[cfg(test)]
mod tests;

pub use alg::{Alg, Kind, Usage};
pub use claims::{Expected, Expiry, TypRule, Verified};
pub use jose::JoseError;
pub use jwe::JweError;
pub use jwk::{EncryptionKey, Jwk, JwkError, JwkSet, PublicKey};
pub use mac::MacAlg;
pub use ring::{Jwks, KeyRing, RingError};
pub use seal::{MasterKey, SealError, Sealer};
pub use signer::{KeyError, KeyPair};
pub use turn::{KeyRecord, Stage, Turning};
pub use x509::Anchors;
