//! Who calls an endpoint that is for clients (RFC 6749 §2.3, RFC 7523).

use serde_json::{Map, Value};

use super::client_keys::keys_for;
use super::client_secrets::mac_of;
use super::mutual_tls;
use super::provider::{Current, LoadError, Provider};
use crate::base::encoding::hash_token;
use crate::keys::{Alg, Expected, Expiry, JoseError, TypRule, jose, mac};
use crate::protocol::client::Client;
use crate::protocol::client_auth::{AssertionRules, CheckedAssertion, ClientCredentials, check_assertion};
use crate::protocol::errors::OAuthError;
use crate::protocol::metadata::{BACKCHANNEL, DEVICE_AUTHORIZATION, INTROSPECT, PAR, REVOKE, TOKEN, endpoint};
use crate::protocol::words::{AuthMethod, SigningAlg};
use crate::storage::Tx;

/// A client that has shown who it is, but for an assertion that has still to be spent.
pub struct Authenticated<'a> {
    pub client: &'a Client,
    assertion: Option<CheckedAssertion>,
}

pub const fn alg(of: SigningAlg) -> Alg {
    match of {
        SigningAlg::Es256 => Alg::Es256,
        SigningAlg::Ps256 => Alg::Ps256,
        SigningAlg::EdDsa => Alg::EdDsa,
        SigningAlg::Rs256 => Alg::Rs256,
    }
}

/// What clients call with their credentials.
const CALLED: [&str; 6] = [TOKEN, PAR, REVOKE, INTROSPECT, DEVICE_AUTHORIZATION, BACKCHANNEL];

/// Everything that needs no database; none is held, for the keys may have to be fetched. An unknown client is told what a
/// wrong secret is told.
pub async fn authenticate<'a>(
    op: &Provider,
    current: &'a Current,
    credentials: &ClientCredentials,
) -> Result<Authenticated<'a>, OAuthError> {
    let failed = || OAuthError::invalid_client("client authentication failed");
    let client = current
        .workspace
        .clients
        .get(credentials.client_id())
        .ok_or_else(failed)?;
    credentials.check_method(client)?;
    if client.secret_has_expired(op.now()) {
        return Err(OAuthError::invalid_client("the client_secret has expired"));
    }
    let assertion = match credentials {
        ClientCredentials::Assertion { assertion, .. } => Some(check(op, client, assertion.expose()).await?),
        ClientCredentials::Certificate { certificate, .. } if client.auth.uses_certificate() => {
            mutual_tls::check(op, client, certificate).await?;
            None
        }
        ClientCredentials::Certificate { .. }
        | ClientCredentials::Basic { .. }
        | ClientCredentials::Post { .. }
        | ClientCredentials::None { .. } => None,
    };
    Ok(Authenticated { client, assertion })
}

/// An assertion, but for whether it is new (RFC 7523 §3).
async fn check(op: &Provider, client: &Client, assertion: &str) -> Result<CheckedAssertion, OAuthError> {
    let claims = match client.auth {
        AuthMethod::ClientSecretJwt => signed_with_secret(op, client, assertion)?,
        _ => signed_with_key(op, client, assertion).await?,
    };
    // RFC 9126 §2 and CIBA Core §7.1: the issuer, the token endpoint and their own endpoint MUST be taken. The others that
    // clients call are ours too, and an assertion is good once wherever it goes.
    let names = std::iter::once(&op.issuer.url).chain(&op.mutual_tls.alias);
    let ours = names.flat_map(|base| CALLED.map(|path| endpoint(base, path)));
    let ours: Vec<String> = ours.collect();
    let rules = AssertionRules {
        client_id: &client.id,
        profile: client.profile,
        issuer: &op.issuer.url,
        endpoints: &ours.iter().map(String::as_str).collect::<Vec<_>>(),
        now: op.now(),
    };
    check_assertion(&claims.into(), &rules)
}

async fn signed_with_key(op: &Provider, client: &Client, assertion: &str) -> Result<Map<String, Value>, OAuthError> {
    let keys = keys_for(op, client, assertion)
        .await
        .map_err(|e| OAuthError::invalid_client(e.to_string()))?;
    let algs: Vec<Alg> = client.assertion_algs().into_iter().map(alg).collect();
    // The claims are RFC 7523's and checked by the caller; here only the signature, the type and the algorithm.
    let expected = Expected {
        algs: &algs,
        typ: TypRule::Any,
        issuer: None,
        audience: None,
        expiry: Expiry::Ignored,
        now: op.now(),
    };
    jose::verify(assertion, &keys, &expected)
        .map(|verified| verified.claims)
        .map_err(not_believed)
}

fn signed_with_secret(op: &Provider, client: &Client, assertion: &str) -> Result<Map<String, Value>, OAuthError> {
    let failed = || OAuthError::invalid_client("client authentication failed");
    let (secret, alg) = mac_of(op, client).ok_or_else(failed)?;
    mac::verify(assertion, &secret, alg).map_err(not_believed)
}

fn not_believed(why: JoseError) -> OAuthError {
    OAuthError::invalid_client(format!("client_assertion: {why}"))
}

impl Authenticated<'_> {
    /// Is there an assertion to be spent?
    pub const fn owes(&self) -> bool {
        self.assertion.is_some()
    }

    /// Spends the assertion, in the caller's transaction: it opens one door, once (RFC 7523 §3, jti).
    pub async fn spend(&self, tx: &mut Tx) -> Result<Result<(), OAuthError>, LoadError> {
        let Some(assertion) = &self.assertion else {
            return Ok(Ok(()));
        };
        let key = hash_token(&format!("{}\n{}", self.client.id, assertion.jti));
        let fresh = tx.spend_once(&key, assertion.forget_after).await?;
        Ok(if fresh {
            Ok(())
        } else {
            Err(OAuthError::invalid_client("client_assertion was used before"))
        })
    }
}
