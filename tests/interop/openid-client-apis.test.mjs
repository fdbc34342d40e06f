// openid-client (npm): tokens for APIs, and for programs by themselves.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as client from 'openid-client';
import { startProvider } from './provider.mjs';
import { partner, refusal, tokensFor } from './relying-party.mjs';

const ORDERS = 'https://api.example/orders';
const STOCK = 'https://api.example/stock';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

let op;
before(async () => {
  op = await startProvider({ resources: [{ uri: ORDERS, scopes: ['orders'] }, { uri: STOCK, scopes: ['orders', 'stock'] }] });
});
after(() => op?.stop());

const inside = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));
const RESOURCE_CLIENT = { resources: [ORDERS], scope: 'openid orders' };

test('openid-client: a token for one API (resource), which asks what it is worth', async () => {
  const config = await partner(op, RESOURCE_CLIENT);
  const api = await partner(op, { serves: [ORDERS] });
  const tokens = await tokensFor(config, await op.person(), { scope: 'openid orders', resource: ORDERS });
  assert.equal([inside(tokens.access_token).aud].flat().join(), ORDERS);
  const told = await client.tokenIntrospection(api, tokens.access_token);
  assert.deepEqual([told.active, told.sub], [true, tokens.claims().sub]);
  await assert.rejects(tokensFor(config, await op.person(), { scope: 'openid', resource: STOCK }), refusal('invalid_target'));
});

test('openid-client: a token that says nothing itself', async () => {
  const config = await partner(op, { ...RESOURCE_CLIENT, access_token_format: 'opaque' });
  const api = await partner(op, { serves: [ORDERS] });
  const tokens = await tokensFor(config, await op.person(), { scope: 'openid orders', resource: ORDERS });
  assert.ok(!tokens.access_token.includes('.'));
  assert.equal((await client.tokenIntrospection(api, tokens.access_token)).active, true);
});

test('openid-client: a program by itself (client_credentials)', async () => {
  const config = await partner(op, { ...RESOURCE_CLIENT, scope: 'orders', grant_types: ['client_credentials'], redirect_uris: [], post_logout_redirect_uris: [], response_types: [] });
  const tokens = await client.clientCredentialsGrant(config, { scope: 'orders', resource: ORDERS });
  assert.equal(inside(tokens.access_token).client_id, config.clientMetadata().client_id);
});

test('openid-client: an API exchanges a token for one of the next API (RFC 8693)', async () => {
  const config = await partner(op, RESOURCE_CLIENT);
  const api = await partner(op, { serves: [ORDERS], resources: [STOCK], scope: 'orders', grant_types: [EXCHANGE], redirect_uris: [], post_logout_redirect_uris: [], response_types: [] });
  const { access_token: given } = await tokensFor(config, await op.person(), { scope: 'openid orders', resource: ORDERS });
  const tokens = await client.genericGrantRequest(api, EXCHANGE, { subject_token: given, subject_token_type: ACCESS_TOKEN, resource: STOCK, scope: 'orders' });
  const [then, now] = [inside(given), inside(tokens.access_token)];
  assert.deepEqual([now.sub, now.aud, now.acr], [then.sub, STOCK, then.acr]);
});
