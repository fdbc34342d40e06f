//! Client assertions that are signed with a secret that both sides have (OIDC Core §9, `client_secret_jwt`).
//!
//! A world of its own: these algorithms take octets, those of `Alg` take public keys, and no function takes both. So a
//! public key can never come to be used as a secret (RFC 8725 §2.1).

use aws_lc_rs::hmac;

use serde_json::{Map, Value};

use super::jose::{self, JoseError, Parts};
use crate::base::Secret;
use crate::base::encoding::from_base64url;

/// HMAC with SHA-2 (RFC 7518 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MacAlg {
    Hs256,
    Hs384,
    Hs512,
}

impl MacAlg {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    /// Bytes. RFC 7518 §3.2: a key of the same size as the hash output or larger MUST be used.
    pub const fn least_secret(self) -> usize {
        match self {
            Self::Hs256 => 32,
            Self::Hs384 => 48,
            Self::Hs512 => 64,
        }
    }

    const fn algorithm(self) -> hmac::Algorithm {
        match self {
            Self::Hs256 => hmac::HMAC_SHA256,
            Self::Hs384 => hmac::HMAC_SHA384,
            Self::Hs512 => hmac::HMAC_SHA512,
        }
    }
}

/// The claims of a token that was signed with this secret and the one algorithm that its sender is registered for.
pub fn verify(token: &str, secret: &Secret<Vec<u8>>, alg: MacAlg) -> Result<Map<String, Value>, JoseError> {
    let Parts {
        message,
        header,
        payload,
        signature,
    } = jose::take_apart(token)?;
    let header = jose::object(header).map_err(JoseError::BadHeader)?;
    jose::refuse_extensions(&header)?;
    match header.get("alg").and_then(Value::as_str) {
        Some(named) if named == alg.name() => {}
        Some(other) => return Err(JoseError::AlgorithmRefused(other.chars().take(32).collect())),
        None => return Err(JoseError::BadHeader("`alg` is missing".into())),
    }
    if secret.expose().len() < alg.least_secret() {
        return Err(JoseError::KeyMismatch);
    }
    let key = hmac::Key::new(alg.algorithm(), secret.expose());
    let signature = from_base64url(signature).ok_or(JoseError::BadSignature)?;
    // Compared in constant time.
    hmac::verify(&key, message.as_bytes(), &signature).map_err(|_| JoseError::BadSignature)?;
    jose::object(payload).map_err(JoseError::BadClaims)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::encoding::base64url;

    fn secret(length: usize) -> Secret<Vec<u8>> {
        Secret::new(vec![7; length])
    }

    fn token(header: &Value, secret: &Secret<Vec<u8>>, alg: MacAlg) -> String {
        let part = |value: &Value| base64url(value.to_string().as_bytes());
        let message = format!("{}.{}", part(header), part(&json!({"sub": "c"})));
        let tag = hmac::sign(&hmac::Key::new(alg.algorithm(), secret.expose()), message.as_bytes());
        format!("{message}.{}", base64url(tag.as_ref()))
    }

    #[test]
    fn the_example_of_the_rfc_is_verified() {
        // RFC 7515 Appendix A.1.
        let key =
            from_base64url("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
                .unwrap();
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6L\
                     y9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let claims = verify(token, &Secret::new(key), MacAlg::Hs256).unwrap();
        assert_eq!(claims["iss"], "joe");
    }

    #[test]
    fn only_the_registered_algorithm_and_a_long_secret_will_do() {
        let all = [MacAlg::Hs256, MacAlg::Hs384, MacAlg::Hs512];
        for alg in all {
            let good = token(&json!({"alg": alg.name()}), &secret(64), alg);
            assert!(verify(&good, &secret(64), alg).is_ok());
            assert_eq!(verify(&good, &secret(65), alg), Err(JoseError::BadSignature));
            for other in all.into_iter().filter(|other| *other != alg) {
                assert!(matches!(
                    verify(&good, &secret(64), other),
                    Err(JoseError::AlgorithmRefused(_))
                ));
            }
            let short = secret(alg.least_secret() - 1);
            let weak = token(&json!({"alg": alg.name()}), &short, alg);
            assert_eq!(verify(&weak, &short, alg), Err(JoseError::KeyMismatch));
        }
        for header in [
            json!({"alg": "none"}),
            json!({"alg": "hs256"}),
            json!({"alg": "ES256"}),
            json!({}),
            json!({"alg": "HS256", "crit": ["x"]}),
            json!({"alg": "HS256", "b64": false}),
        ] {
            assert!(verify(&token(&header, &secret(32), MacAlg::Hs256), &secret(32), MacAlg::Hs256).is_err());
        }
    }
}
