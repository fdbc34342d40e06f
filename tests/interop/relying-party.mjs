// Relying parties on openid-client, each one a new client of the provider's.
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import * as client from 'openid-client';
import { Browser } from './person.mjs';
import { CALLBACK } from './provider.mjs';

/** A new client of the provider's, as openid-client sees it: by discovery, and with every signature checked. */
export async function partner(op, metadata = {}, authentication = ({ client_secret: secret }) => client.ClientSecretBasic(secret)) {
  const registered = await op.client(metadata);
  const { client_id: id, client_secret: _, jwks: __, ...rest } = registered;
  const config = await client.discovery(new URL(op.issuer), id, { id_token_signed_response_alg: 'ES256', ...rest }, authentication(registered));
  client.enableNonRepudiationChecks(config);
  // What our server answered, as neither the library nor its caller tells.
  const heard = [];
  config[client.customFetch] = async (url, options) => {
    const response = await fetch(url, options);
    heard.push({ path: new URL(url).pathname, status: response.status, type: response.headers.get('content-type') });
    return response;
  };
  return Object.assign(config, { heard });
}

/** Key pairs of a client: the private one for openid-client, the public one for the workspace. */
export const ALGORITHMS = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
  Ed25519: { name: 'Ed25519' },
};
export async function signingKey(alg = 'ES256') {
  const { privateKey, publicKey } = await webcrypto.subtle.generateKey(ALGORITHMS[alg], true, ['sign', 'verify']);
  const { kty, crv, x, y, n, e } = await webcrypto.subtle.exportKey('jwk', publicKey);
  const jwk = Object.fromEntries(Object.entries({ kty, crv, x, y, n, e, alg, use: 'sig', kid: alg }).filter(([, v]) => v));
  return { private: { key: privateKey, kid: alg }, jwks: { keys: [jwk] } };
}
/** A client that authenticates with its key. */
export const withKey = (op, key, metadata) => partner(op, { token_endpoint_auth_method: 'private_key_jwt', jwks: key.jwks, ...metadata }, () => client.PrivateKeyJwt(key.private));

/** A new browser that can reach the provider and nobody else. */
export const browserOf = (config) => new Browser(config.serverMetadata().issuer);

/**
 * From the request to the tokens. `how.address` makes the address that the browser is sent to, `how.DPoP` binds the
 * tokens, `how.checks` are further ones of the library; `asked` are parameters of the request.
 */
export async function tokensFor(config, person, asked = {}, { browser = browserOf(config), address = client.buildAuthorizationUrl, checks = {}, DPoP } = {}) {
  const verifier = client.randomPKCECodeVerifier();
  const [nonce, state] = [client.randomNonce(), client.randomState()];
  const url = await address(config, {
    redirect_uri: CALLBACK, scope: 'openid', nonce, state,
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...asked,
  });
  const back = await browser.signIn(url, person);
  const tokens = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState: state, ...checks }, undefined, { DPoP });
  return Object.assign(tokens, { address: url, back });
}

/** What openid-client says of an answer of ours that is an error. */
export const refusal = (error) => (thrown) => {
  assert.equal(thrown.error, error, thrown.stack);
  return true;
};
