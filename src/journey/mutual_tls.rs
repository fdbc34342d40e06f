//! Clients that are known by a certificate (RFC 8705 §2). That they hold its key, the handshake has shown.

use super::client_keys::has_key;
use super::provider::Provider;
use crate::keys::Anchors;
use crate::keys::x509::Certificate;
use crate::protocol::certificate::ClientCertificate;
use crate::protocol::client::Client;
use crate::protocol::errors::OAuthError;
use crate::protocol::words::AuthMethod;

/// What the operator has set up for clients with certificates.
#[derive(Clone, Debug, Default)]
pub struct MutualTls {
    /// Can certificates be shown at all, to us or to a proxy that hands them on?
    pub offered: bool,
    /// Where such clients call, in place of the issuer (RFC 8705 §5).
    pub alias: Option<String>,
    /// Who vouches for clients that have registered a name.
    pub anchors: Option<Anchors>,
}

impl MutualTls {
    /// How clients may authenticate by it.
    pub fn methods(&self) -> &'static [AuthMethod] {
        match (self.offered, &self.anchors) {
            (false, _) => &[],
            (true, None) => &[AuthMethod::SelfSignedTlsClientAuth],
            (true, Some(_)) => &[AuthMethod::TlsClientAuth, AuthMethod::SelfSignedTlsClientAuth],
        }
    }
}

/// Is it this client that shows the certificate? For `client.auth`, which is one of the two. Nothing of the database may be
/// held meanwhile.
pub(super) async fn check(op: &Provider, client: &Client, shown: &ClientCertificate) -> Result<(), OAuthError> {
    let refused = |why: String| OAuthError::invalid_client(why);
    let certificate = Certificate::read(shown).map_err(|e| refused(e.to_string()))?;
    let Some(subject) = &client.certificate_subject else {
        // RFC 8705 §2.2: the key is the client's word; nobody else's is needed, and no time limits it but the registration.
        let key = certificate.public_key().map_err(|e| refused(e.to_string()))?;
        return match has_key(op, client, &key).await {
            Ok(true) if client.auth == AuthMethod::SelfSignedTlsClientAuth => Ok(()),
            Ok(_) => Err(refused(
                "the client certificate's key is not registered for this client".into(),
            )),
            Err(e) => Err(refused(e.to_string())),
        };
    };
    let anchors = op.mutual_tls.anchors.as_ref();
    let anchors =
        anchors.ok_or_else(|| refused("no authority is believed here: server.mtls.client_ca is not set".into()))?;
    anchors.vouch_for(shown, op.now()).map_err(|e| refused(e.to_string()))?;
    // RFC 8705 §2.1: after the chain; a name that nobody vouches for says nothing.
    if client.auth == AuthMethod::TlsClientAuth && certificate.is_of(subject) {
        return Ok(());
    }
    Err(refused("the client certificate is somebody else's".into()))
}
