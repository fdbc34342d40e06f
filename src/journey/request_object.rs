//! Request objects, fetched, decrypted and verified: what a client has signed instead of leaving it to the browser
//! (RFC 9101).

use serde_json::{Map, Value};

use super::client_keys::keys_for;
use super::clients::alg;
use super::provider::{Current, LoadError, Provider};
use crate::base::{ClientId, Timestamp};
use crate::keys::{Alg, Expected, Expiry, TypRule, jose, jwe};
use crate::protocol::client::Client;
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::params::Params;
use crate::protocol::request_object::{self, Rules, TYPES, unfit};
use crate::protocol::request_uri;
use crate::protocol::uri::without_fragment;

/// The claims of an object, by whoever could make it.
pub struct Object {
    pub claims: Map<String, Value>,
    pub signed: bool,
}

/// Where an object comes from.
enum Source<'a> {
    Value(&'a str),
    /// An address of the client's.
    Reference(&'a str),
}

/// The object that the parameters carry or point to; `None`: they are the request themselves, or point to a pushed one.
/// No database is held meanwhile: the client's server may be slow.
pub async fn object(
    op: &Provider,
    client: &ClientId,
    params: &Params,
) -> Result<Option<Result<Object, OAuthError>>, LoadError> {
    let source = match source(params) {
        Ok(Some(source)) => source,
        Ok(None) => return Ok(None),
        Err(refused) => return Ok(Some(Err(refused))),
    };
    let current = op.current_in(&mut op.store.view().await?).await?;
    let Some(client) = current.workspace.clients.get(client) else {
        // Whoever asks next finds that out, and says so.
        return Ok(None);
    };
    let found = match source {
        Source::Value(jws) => Ok(jws.to_owned()),
        Source::Reference(address) => fetch(op, client, address).await,
    };
    Ok(Some(match found {
        Ok(jwt) => match opened(&current, jwt, op.now()) {
            Ok(jws) => verify(op, client, &jws).await,
            Err(refused) => Err(refused),
        },
        Err(refused) => Err(refused),
    }))
}

fn source(params: &Params) -> Result<Option<Source<'_>>, OAuthError> {
    match (params.single("request_uri")?, params.single("request")?) {
        // Beside a pushed request nothing counts.
        (Some(uri), _) if request_uri::secret(uri).is_some() => Ok(None),
        // OIDC Core §6.1, RFC 9101 §5: MUST NOT be used together.
        (Some(_), Some(_)) => Err(OAuthError::invalid_request(
            "request and request_uri exclude each other",
        )),
        (Some(uri), None) => Ok(Some(Source::Reference(uri))),
        (None, Some(jws)) => Ok(Some(Source::Value(jws))),
        (None, None) => Ok(None),
    }
}

/// RFC 9101 §10.4.1: only where the client has registered it; else anybody could make us ask anybody.
async fn fetch(op: &Provider, client: &Client, address: &str) -> Result<String, OAuthError> {
    let refused = |what: &str| OAuthError::new(ErrorCode::InvalidRequestUri, what);
    // OIDC Core §6.2: the fragment is a hash for caches, and we keep none.
    let bare = without_fragment(address);
    let known = client.metadata.request_uris.iter();
    if !known.map(|uri| without_fragment(uri)).any(|known| known == bare) {
        return Err(refused("request_uri is not registered for this client"));
    }
    let body = op.outbound.get(bare).await.map_err(|why| {
        tracing::info!(client = %client.id, %why, "request object not fetched");
        refused("request_uri cannot be fetched")
    })?;
    let text = String::from_utf8(body).map_err(|_| unfit("it is no JWT"))?;
    Ok(text.trim().to_owned())
}

/// RFC 9101 §6.1: what was encrypted to us, and is then checked like what came in the open. It proves nothing about who made
/// it: everybody has our public keys.
fn opened(current: &Current, jwt: String, now: Timestamp) -> Result<String, OAuthError> {
    if !jwe::looks_encrypted(&jwt) {
        return Ok(jwt);
    }
    let plain = current.ring.decrypt(&jwt, now).map_err(unfit)?;
    String::from_utf8(plain).map_err(|_| unfit("what it holds is no text"))
}

async fn verify(op: &Provider, client: &Client, jws: &str) -> Result<Object, OAuthError> {
    let registered = client.metadata.request_object_signing_alg;
    if registered.is_some_and(|alg| alg.signing().is_none()) {
        // OIDC Core §6.1: only for who has registered it; then nothing else is taken either.
        let claims = if jws.starts_with('{') {
            jose::bare_claims(jws.as_bytes())
        } else {
            jose::unsecured_claims(jws)
        };
        let claims = claims.map_err(unfit)?;
        return Ok(Object { claims, signed: false });
    }
    let keys = keys_for(op, client, jws).await.map_err(unfit)?;
    let algs: Vec<Alg> = client.request_object_algs().into_iter().map(alg).collect();
    let expected = Expected {
        algs: &algs,
        typ: TypRule::AbsentOr(&TYPES),
        // Who made it, for whom and when is looked at with the parameters.
        issuer: None,
        audience: None,
        expiry: Expiry::IfPresent,
        now: op.now(),
    };
    let verified = jose::verify(jws, &keys, &expected).map_err(unfit)?;
    Ok(Object {
        claims: verified.claims,
        signed: true,
    })
}

/// The claims of a signed backchannel request (CIBA Core §7.1.1).
pub async fn backchannel_claims(op: &Provider, client: &Client, jws: &str) -> Result<Map<String, Value>, OAuthError> {
    // CIBA Core §13 knows no code of its own for it.
    let refused = |why: &dyn std::fmt::Display| OAuthError::invalid_request(format!("request: {why}"));
    let keys = keys_for(op, client, jws).await.map_err(|e| refused(&e))?;
    let algs: Vec<Alg> = client.backchannel_algs().into_iter().map(alg).collect();
    let expected = Expected {
        algs: &algs,
        typ: TypRule::AbsentOr(&TYPES),
        issuer: None,
        audience: None,
        expiry: Expiry::IfPresent,
        now: op.now(),
    };
    let verified = jose::verify(jws, &keys, &expected).map_err(|e| refused(&e))?;
    Ok(verified.claims)
}

/// The parameters that an object stands for.
pub fn params_of(op: &Provider, client: &Client, object: &Object, outside: &Params) -> Result<Params, OAuthError> {
    let rules = Rules {
        client,
        issuer: &op.issuer.url,
        signed: object.signed,
        now: op.now(),
    };
    request_object::params(&object.claims, outside, &rules)
}
