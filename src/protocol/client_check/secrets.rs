//! What clients sign with a secret, and what they show in place of one.

use super::super::certificate::CertificateSubject;
use super::super::client::{ClientError, ClientMetadata};
use super::super::words::{AssertionAlg, AuthMethod};
use super::{Check, ensure};

impl ClientMetadata {
    /// What `client_secret_jwt` is signed with.
    pub fn mac_alg(&self) -> AssertionAlg {
        self.token_endpoint_auth_signing_alg.unwrap_or(AssertionAlg::Hs256)
    }

    /// Before the secret is hidden: once it is stored, its length can be seen no more.
    pub fn check_secret(&self) -> Result<(), ClientError> {
        let kept = self.client_secret.is_some() || self.client_secret_sealed.is_some();
        let signs = self.token_endpoint_auth_method == Some(AuthMethod::ClientSecretJwt);
        let only_hash = signs && !kept && self.client_secret_hash.is_some();
        let told = ensure(!only_hash, "client_secret", || {
            "is needed as it is: what is signed with it cannot be checked by its hash".to_owned()
        });
        told.and_then(|()| self.check_secret_length())
            .map_err(|(member, problem)| ClientError {
                client: self.client_id.clone(),
                member,
                problem,
            })
    }

    fn check_secret_length(&self) -> Check {
        let alg = self.mac_alg();
        let signs = self.token_endpoint_auth_method == Some(AuthMethod::ClientSecretJwt);
        let (Some(secret), Some(least), true) = (&self.client_secret, alg.least_secret(), signs) else {
            return Ok(());
        };
        ensure(secret.expose().len() >= least, "client_secret", || {
            format!("is too short: {alg} needs at least {least} bytes (RFC 7518 §3.2)")
        })
    }

    /// RFC 8725 §2.1: who signs with a key never brings a MAC, and the other way round.
    pub(super) fn check_assertion_alg(&self, auth: AuthMethod) -> Check {
        let Some(alg) = self.token_endpoint_auth_signing_alg else {
            return Ok(());
        };
        let fits = match auth {
            AuthMethod::ClientSecretJwt => alg.signing().is_none(),
            _ => alg.signing().is_some(),
        };
        ensure(fits, "token_endpoint_auth_signing_alg", || {
            format!("cannot be {alg} with {auth}")
        })
    }

    /// RFC 8705 §2.1.2.
    pub(super) fn check_certificate(
        &self,
        auth: AuthMethod,
    ) -> Result<Option<CertificateSubject>, (&'static str, String)> {
        let subject = CertificateSubject::of(self)?;
        let needed = auth == AuthMethod::TlsClientAuth;
        ensure(subject.is_some() || !needed, "tls_client_auth_subject_dn", || {
            "is missing, or another tls_client_auth_… member, which tls_client_auth needs".to_owned()
        })?;
        Ok(subject.filter(|_| needed))
    }
}
