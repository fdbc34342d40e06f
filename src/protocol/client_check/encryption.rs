//! What a client wants encrypted, and whether it has said to which key.

use serde_json::Value;

use super::super::client::ClientMetadata;
use super::super::encryption::{Encryption, Encryptions};
use super::super::words::{ContentEncryption, EncryptionAlg};
use super::{Check, ensure};

/// The members of one kind of answer.
type Members = (
    &'static str,
    Option<EncryptionAlg>,
    &'static str,
    Option<ContentEncryption>,
);

impl ClientMetadata {
    /// OIDC Registration §2, JARM §3, RFC 9701 §6.
    pub(super) fn check_encryption(&self) -> Check<Encryptions> {
        // How it encrypts its request objects binds nobody, it included (OIDC Registration §2); but it must be sound.
        both((
            "request_object_encryption_alg",
            self.request_object_encryption_alg,
            "request_object_encryption_enc",
            self.request_object_encryption_enc,
        ))?;
        Ok(Encryptions {
            id_token: self.encrypted((
                "id_token_encrypted_response_alg",
                self.id_token_encrypted_response_alg,
                "id_token_encrypted_response_enc",
                self.id_token_encrypted_response_enc,
            ))?,
            userinfo: self.encrypted((
                "userinfo_encrypted_response_alg",
                self.userinfo_encrypted_response_alg,
                "userinfo_encrypted_response_enc",
                self.userinfo_encrypted_response_enc,
            ))?,
            response: self.encrypted((
                "authorization_encrypted_response_alg",
                self.authorization_encrypted_response_alg,
                "authorization_encrypted_response_enc",
                self.authorization_encrypted_response_enc,
            ))?,
            introspection: self.encrypted((
                "introspection_encrypted_response_alg",
                self.introspection_encrypted_response_alg,
                "introspection_encrypted_response_enc",
                self.introspection_encrypted_response_enc,
            ))?,
        })
    }

    fn encrypted(&self, members: Members) -> Check<Option<Encryption>> {
        let Some(how) = both(members)? else { return Ok(None) };
        ensure(self.jwks.is_some() || self.jwks_uri.is_some(), "jwks", || {
            format!("or jwks_uri is missing, which {} needs", members.0)
        })?;
        let listed = self.jwks.as_ref().and_then(|set| set.get("keys")?.as_array());
        ensure(
            listed.is_none_or(|keys| keys.iter().any(|key| fits(key, how.alg))),
            "jwks",
            || {
                format!(
                    "has no key for encryption that {} can use, which {} needs",
                    how.alg, members.0
                )
            },
        )?;
        Ok(Some(how))
    }
}

fn both((_, alg, member, enc): Members) -> Check<Option<Encryption>> {
    let Some(alg) = alg else {
        // OIDC Registration §2: with `enc`, `alg` MUST be there.
        ensure(enc.is_none(), member, || "is given, but not its alg".to_owned())?;
        return Ok(None);
    };
    // OIDC Registration §2: the default of every `enc`.
    let enc = enc.unwrap_or(ContentEncryption::A128CbcHs256);
    Ok(Some(Encryption { alg, enc }))
}

/// By what the key says of itself; whether it is sound is seen when it is read.
fn fits(key: &Value, alg: EncryptionAlg) -> bool {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let kind = match (alg, text("kty"), text("crv")) {
        (EncryptionAlg::RsaOaep256, Some("RSA"), _) => true,
        (EncryptionAlg::RsaOaep256, ..) => false,
        (_, Some("EC"), Some("P-256" | "P-384")) => true,
        _ => false,
    };
    kind && text("use").is_none_or(|u| u == "enc") && text("alg").is_none_or(|own| own == alg.as_str())
}
