// openid-client (npm): sign-ins that begin where there is no browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import * as client from 'openid-client';
import { pairedPhone } from './phone.mjs';
import { startProvider } from './provider.mjs';
import { browserOf, partner, refusal, signingKey, withKey } from './relying-party.mjs';

const CIBA = { grant_types: ['urn:openid:params:grant-type:ciba'], scope: 'openid profile' };
const LIMIT_MS = 30_000;
const ACR_AAL2 = 'urn:countersign:acr:aal2';

let op;
before(async () => {
  op = await startProvider({
    workspace: { name: 'Interop', methods: ['password', 'push'] },
    pools: [{ name: 'default', first_factor: ['password', 'push'], second_factor: ['push'] }],
  });
});
after(() => op?.stop());

test('openid-client: a device without a browser (RFC 8628)', async () => {
  const config = await partner(op, { grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'] });
  const person = await op.person();
  const started = await client.initiateDeviceAuthorization(config, { scope: 'openid profile' });
  const polling = client.pollDeviceAuthorizationGrant(config, started);
  const page = await browserOf(config).walk(started.verification_uri_complete, person);
  assert.equal(page.id, 'device', page.text);
  const tokens = await polling;
  const told = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  assert.equal(told.name, person.name);
});

/** Until the library has asked for the tokens once, and so was told that nobody has answered yet. */
async function hasPolled({ heard }) {
  const limit = Date.now() + LIMIT_MS;
  for (; !heard.some(({ path }) => path === '/token'); await pause(50)) assert.ok(Date.now() < limit, 'the library does not poll');
}

test('openid-client: a person is asked on their phone by a signed request (CIBA), and approves', async () => {
  const key = await signingKey();
  const config = await withKey(op, key, { ...CIBA, backchannel_authentication_request_signing_alg: 'ES256' });
  const person = await op.person();
  const phone = await pairedPhone(op, person);
  const asked = { scope: 'openid profile', login_hint: person.username, binding_message: 'Till 4, W4SCT', acr_values: ACR_AAL2 };
  // The library signs requests for the authorization endpoint alone; the object is the same (CIBA Core §7.1.1).
  const signed = await client.buildAuthorizationUrlWithJAR(config, asked, key.private);
  const started = await client.initiateBackchannelAuthentication(config, { request: signed.searchParams.get('request') });
  const polling = client.pollBackchannelAuthenticationGrant(config, started);
  await hasPolled(config);
  const since = Math.floor(Date.now() / 1000);
  const shown = await phone.approve(started.stepup_match_code, 'pin');
  assert.ok(shown.includes(asked.binding_message), shown);
  const tokens = await polling;
  assert.deepEqual(config.heard.filter(({ path }) => path === '/token').map(({ status }) => status), [400, 200]);
  const { sub, acr, amr, auth_time: at } = tokens.claims();
  assert.deepEqual([acr, [...amr].sort()], [ACR_AAL2, ['mca', 'mfa', 'pin', 'swk', 'user']]);
  assert.ok(since <= at && at <= Date.now() / 1000, `${since} ${at}`);
  assert.equal((await client.fetchUserInfo(config, tokens.access_token, sub)).name, person.name);
  await assert.rejects(client.initiateBackchannelAuthentication(config, asked), refusal('invalid_request'));
});

test('openid-client: a person is asked on their phone (CIBA), and says no', async () => {
  const config = await partner(op, CIBA);
  const person = await op.person();
  const phone = await pairedPhone(op, person);
  const started = await client.initiateBackchannelAuthentication(config, { scope: 'openid', login_hint: person.email });
  const polling = client.pollBackchannelAuthenticationGrant(config, started);
  const refused = assert.rejects(polling, refusal('access_denied'));
  await phone.deny();
  await refused;
});
