// openid-client (npm): a partner that registers its client itself (RFC 7591, RFC 7592).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as client from 'openid-client';
import { CALLBACK, startProvider } from './provider.mjs';
import { signingKey, tokensFor } from './relying-party.mjs';

let op;
before(async () => {
  op = await startProvider({ workspace: { name: 'Interop', methods: ['password', 'totp'], registration: { mode: 'initial_access_token' } } });
});
after(() => op?.stop());

/** What an operator gives to a partner. */
const invitation = async () => JSON.parse(await op.run('client', 'registration-token', 'create', '--uses', '1', '--days', '1', '--json')).token;

test('openid-client: dynamic registration, with a secret and with a key', async () => {
  const person = await op.person();
  const key = await signingKey();
  const kinds = [
    [{ token_endpoint_auth_method: 'client_secret_basic' }, client.ClientSecretBasic()],
    [{ token_endpoint_auth_method: 'private_key_jwt', jwks: key.jwks }, client.PrivateKeyJwt(key.private)],
  ];
  for (const [metadata, authentication] of kinds) {
    const wanted = { redirect_uris: [CALLBACK], client_name: 'Registered', id_token_signed_response_alg: 'ES256', ...metadata };
    const config = await client.dynamicClientRegistration(new URL(op.issuer), wanted, authentication, { initialAccessToken: await invitation() });
    client.enableNonRepudiationChecks(config);
    const { registration_access_token: token, registration_client_uri: address } = config.clientMetadata();
    assert.equal((await tokensFor(config, person)).claims().aud, config.clientMetadata().client_id);
    // RFC 7592, by the token that the registration has brought.
    const read = await client.fetchProtectedResource(config, token, new URL(address), 'GET');
    assert.equal((await read.json()).client_name, 'Registered');
    assert.equal((await client.fetchProtectedResource(config, token, new URL(address), 'DELETE')).status, 204);
    await assert.rejects(client.fetchProtectedResource(config, token, new URL(address), 'GET'));
  }
});

test('openid-client: nobody registers without an invitation', async () => {
  const asked = client.dynamicClientRegistration(new URL(op.issuer), { redirect_uris: [CALLBACK] }, undefined, {});
  await assert.rejects(asked, (thrown) => [401, 403].includes(thrown.status));
});
