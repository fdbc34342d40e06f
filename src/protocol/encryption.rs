//! What is encrypted to a client, and how (RFC 7516; OIDC Registration §2, JARM §3, RFC 9701 §6).

use super::words::{ContentEncryption, EncryptionAlg};

/// `…_encrypted_response_alg` and `…_encrypted_response_enc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encryption {
    pub alg: EncryptionAlg,
    pub enc: ContentEncryption,
}

/// What a client wants encrypted. `None`: it goes as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Encryptions {
    pub id_token: Option<Encryption>,
    pub userinfo: Option<Encryption>,
    /// Answers by the response modes `….jwt` (JARM).
    pub response: Option<Encryption>,
    pub introspection: Option<Encryption>,
}
