// openid-client (npm): sign-ins that begin where there is no browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as client from 'openid-client';
import { startProvider } from './provider.mjs';
import { browserOf, partner } from './relying-party.mjs';

let op;
before(async () => { op = await startProvider(); });
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
