// openid-client (npm): answers that only one client can read, and subjects that only one knows.
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { after, before, test } from 'node:test';
import * as client from 'openid-client';
import { startProvider } from './provider.mjs';
import { partner, tokensFor } from './relying-party.mjs';

let op;
before(async () => { op = await startProvider(); });
after(() => op?.stop());

const KEYS = {
  'ECDH-ES': [{ name: 'ECDH', namedCurve: 'P-256' }, ['deriveBits']],
  'RSA-OAEP-256': [{ name: 'RSA-OAEP', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }, ['encrypt', 'decrypt']],
};

for (const [alg, [algorithm, usages]] of Object.entries(KEYS)) {
  test(`openid-client: ID tokens, userinfo and introspection encrypted with ${alg}`, async () => {
    const { privateKey, publicKey } = await webcrypto.subtle.generateKey(algorithm, true, usages);
    const { kty, crv, x, y, n, e } = await webcrypto.subtle.exportKey('jwk', publicKey);
    const jwk = Object.fromEntries(Object.entries({ kty, crv, x, y, n, e, alg, use: 'enc', kid: 'enc' }).filter(([, v]) => v));
    const enc = 'A256GCM';
    const config = await partner(op, {
      jwks: { keys: [jwk] }, userinfo_signed_response_alg: 'ES256', introspection_signed_response_alg: 'ES256',
      ...Object.fromEntries(['id_token', 'userinfo', 'introspection'].flatMap((what) => [
        [`${what}_encrypted_response_alg`, alg], [`${what}_encrypted_response_enc`, enc],
      ])),
    });
    client.enableDecryptingResponses(config, [enc], { key: privateKey, kid: 'enc' });
    const person = await op.person();
    const tokens = await tokensFor(config, person, { scope: 'openid profile' });
    assert.equal(tokens.id_token.split('.').length, 5);
    const told = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    assert.equal(told.name, person.name);
    const worth = await client.tokenIntrospection(config, tokens.access_token);
    assert.equal(worth.active, true);
    for (const answer of [told, worth]) assert.equal(client.getDecryptedResponses(answer).split('.').length, 3, 'what was encrypted is a JWS');
  });
}

test('openid-client: pairwise subjects are one for each sector, and the same each time', async () => {
  const person = await op.person();
  const subject = async (config) => {
    const tokens = await tokensFor(config, person);
    const { sub } = tokens.claims();
    await client.fetchUserInfo(config, tokens.access_token, sub);
    return sub;
  };
  const known = await partner(op, { subject_type: 'pairwise' });
  const first = await subject(known);
  assert.equal(await subject(known), first);
  assert.notEqual(await subject(await partner(op)), first);
});
