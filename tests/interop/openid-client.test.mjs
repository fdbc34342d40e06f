// openid-client (npm), the client of Node: each thing that Countersign offers, as that library does it by itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as client from 'openid-client';
import { SIGNED_OUT, startProvider } from './provider.mjs';
import { ALGORITHMS, browserOf, partner, refusal, signingKey, tokensFor, withKey } from './relying-party.mjs';

const ACR_1FA = 'urn:countersign:acr:1fa';
const ACR_AAL2 = 'urn:countersign:acr:aal2';
const EVIDENCE = 'urn:countersign:evidence';

const PAYMENT = 'https://pay.example/initiation';

let op;
before(async () => {
  op = await startProvider({ authorization_details: [{ type: PAYMENT, description: 'Pay from your account', required: ['instructedAmount'] }] });
});
after(() => op?.stop());

const inactive = async (config, token) => assert.deepEqual(await client.tokenIntrospection(config, token), { active: false });

test('openid-client: code flow with PKCE, consent, ID token and userinfo', async () => {
  const config = await partner(op);
  const person = await op.person();
  const tokens = await tokensFor(config, person, { scope: 'openid profile email' });
  assert.deepEqual(tokens.back.seen, ['sign-in', 'consent']);
  const { sub, acr, amr } = tokens.claims();
  assert.deepEqual([acr, amr], [ACR_1FA, ['pwd']]);
  const told = await client.fetchUserInfo(config, tokens.access_token, sub);
  assert.deepEqual([told.name, told.email], [person.name, person.email]);
});

for (const alg of ['RS256', 'PS256', 'EdDSA']) {
  test(`openid-client: ID tokens signed with ${alg}`, async () => {
    const config = await partner(op, { id_token_signed_response_alg: alg });
    const tokens = await tokensFor(config, await op.person());
    assert.equal(JSON.parse(Buffer.from(tokens.id_token.split('.')[0], 'base64url')).alg, alg);
  });
}

test('openid-client: signed userinfo', async () => {
  const config = await partner(op, { userinfo_signed_response_alg: 'ES256' });
  const person = await op.person();
  const tokens = await tokensFor(config, person, { scope: 'openid profile' });
  assert.equal((await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).name, person.name);
  assert.match(config.heard.find(({ path }) => path === '/userinfo').type, /^application\/jwt/);
});

test('openid-client: an ID token beside the code (code id_token)', async () => {
  const config = await partner(op, { response_types: ['code id_token'], grant_types: ['authorization_code', 'implicit'] });
  client.useCodeIdTokenResponseType(config);
  const tokens = await tokensFor(config, await op.person());
  assert.deepEqual([...new URLSearchParams(tokens.back.hash.slice(1)).keys()].sort(), ['code', 'id_token', 'iss', 'session_state', 'state']);
});

test('openid-client: a public client', async () => {
  const config = await partner(op, { token_endpoint_auth_method: 'none' }, () => client.None());
  const tokens = await tokensFor(config, await op.person(), { scope: 'openid offline_access' });
  const fresh = await client.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal(fresh.claims().sub, tokens.claims().sub);
});

for (const alg of Object.keys(ALGORITHMS)) {
  test(`openid-client: private_key_jwt with ${alg}`, async () => {
    const config = await withKey(op, await signingKey(alg), { token_endpoint_auth_signing_alg: alg.replace('Ed25519', 'EdDSA') });
    const tokens = await tokensFor(config, await op.person());
    assert.equal((await client.tokenIntrospection(config, tokens.access_token)).active, true);
  });
}

test('openid-client: a pushed request (PAR)', async () => {
  const config = await partner(op, { require_pushed_authorization_requests: true });
  const person = await op.person();
  const tokens = await tokensFor(config, person, {}, { address: client.buildAuthorizationUrlWithPAR });
  assert.match(tokens.address.searchParams.get('request_uri'), /^urn:ietf:params:oauth:request_uri:/);
  await assert.rejects(tokensFor(config, person), refusal('invalid_request'));
});

test('openid-client: a signed request (JAR), by value and pushed', async () => {
  const key = await signingKey();
  const config = await withKey(op, key, { require_signed_request_object: true });
  const person = await op.person();
  const byValue = (c, parameters) => client.buildAuthorizationUrlWithJAR(c, parameters, key.private);
  const pushed = async (c, parameters) => client.buildAuthorizationUrlWithPAR(c, (await byValue(c, parameters)).searchParams);
  for (const address of [byValue, pushed]) await tokensFor(config, person, {}, { address });
  await assert.rejects(tokensFor(config, person), refusal('invalid_request'));
});

test('openid-client: a signed answer (JARM)', async () => {
  const config = await partner(op);
  client.useJwtResponseMode(config);
  const tokens = await tokensFor(config, await op.person());
  assert.deepEqual([...tokens.back.searchParams.keys()], ['response']);
});

test('openid-client: tokens bound to a key (DPoP), where each proof must carry a nonce', async () => {
  const config = await partner(op, { dpop_bound_access_tokens: true, dpop_require_nonce: true });
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('Ed25519'));
  const tokens = await tokensFor(config, await op.person(), { scope: 'openid offline_access' }, { DPoP });
  assert.equal(tokens.token_type, 'dpop');
  // The first proof had no nonce; the library took the one that it was given and tried again.
  assert.deepEqual(config.heard.filter(({ path }) => path === '/token').map(({ status }) => status), [400, 200]);
  const thumbprint = await DPoP.calculateThumbprint();
  assert.equal((await client.tokenIntrospection(config, tokens.access_token)).cnf.jkt, thumbprint);
  const { sub } = tokens.claims();
  await client.fetchUserInfo(config, tokens.access_token, sub, { DPoP });
  const fresh = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
  await client.fetchUserInfo(config, fresh.access_token, sub, { DPoP });
  // Another key opens nothing, and neither does no key.
  const another = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
  for (const options of [{ DPoP: another }, {}]) {
    await assert.rejects(client.fetchUserInfo(config, fresh.access_token, sub, options), { code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE' });
  }
});

test('openid-client: the FAPI 2.0 profile: pushed, bound, and authenticated with a key', async () => {
  const key = await signingKey('PS256');
  const config = await withKey(op, key, { profile: 'fapi2', id_token_signed_response_alg: 'PS256', grant_types: ['authorization_code'] });
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
  const address = (c, parameters) => client.buildAuthorizationUrlWithPAR(c, parameters, { DPoP });
  const tokens = await tokensFor(config, await op.person(), {}, { address, DPoP });
  assert.equal(tokens.token_type, 'dpop');
  await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP });
});

test('openid-client: one thing in detail (authorization_details), read by the person and told in the tokens', async () => {
  const config = await partner(op, { authorization_details_types: [PAYMENT] });
  assert.deepEqual(config.serverMetadata().authorization_details_types_supported, [PAYMENT]);
  const details = [{ type: PAYMENT, instructedAmount: { currency: 'EUR', amount: '123.50' } }];
  const asked = { authorization_details: JSON.stringify(details) };
  const tokens = await tokensFor(config, await op.person(), asked, { address: client.buildAuthorizationUrlWithPAR });
  assert.deepEqual(tokens.authorization_details, details);
  assert.deepEqual((await client.tokenIntrospection(config, tokens.access_token)).authorization_details, details);
});

test('openid-client: refresh tokens are rotated, and one that was used ends its family', async () => {
  const config = await partner(op);
  const tokens = await tokensFor(config, await op.person(), { scope: 'openid offline_access' });
  const fresh = await client.refreshTokenGrant(config, tokens.refresh_token);
  const [then, now] = [tokens.claims(), fresh.claims()];
  assert.deepEqual([now.sub, now.acr, now.amr, now.auth_time], [then.sub, then.acr, then.amr, then.auth_time]);
  assert.notEqual(fresh.refresh_token, tokens.refresh_token);
  for (const token of [tokens.refresh_token, fresh.refresh_token]) {
    await assert.rejects(client.refreshTokenGrant(config, token), refusal('invalid_grant'));
  }
});

test('openid-client: introspection, plain and signed, and revocation', async () => {
  const person = await op.person({ generator: true });
  for (const metadata of [{}, { introspection_signed_response_alg: 'ES256' }]) {
    const config = await partner(op, metadata);
    const tokens = await tokensFor(config, person, { scope: 'openid profile offline_access evidence', acr_values: ACR_AAL2 });
    const answer = await client.tokenIntrospection(config, tokens.access_token);
    const type = metadata.introspection_signed_response_alg ? 'application/token-introspection+jwt' : 'application/json';
    assert.equal(config.heard.at(-1).type, type, JSON.stringify(config.heard));
    const { acr, amr, auth_time: at, [EVIDENCE]: evidence } = tokens.claims();
    assert.deepEqual([answer.active, answer.username, answer.acr, answer.amr, answer.auth_time], [true, person.username, acr, amr, at]);
    assert.deepEqual(answer[EVIDENCE], evidence);
    await client.tokenRevocation(config, tokens.access_token);
    await inactive(config, tokens.access_token);
    await client.tokenRevocation(config, tokens.refresh_token);
    await inactive(config, tokens.refresh_token);
    await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), refusal('invalid_grant'));
  }
});

test('openid-client: step-up: a code generator in addition to the password of before', async () => {
  const config = await partner(op);
  const person = await op.person({ generator: true });
  const browser = browserOf(config);
  const begun = Math.floor(Date.now() / 1000);
  const low = await tokensFor(config, person, {}, { browser });
  assert.deepEqual([low.claims().acr, low.claims().amr], [ACR_1FA, ['pwd']]);
  const high = await tokensFor(config, person, { scope: 'openid evidence', acr_values: ACR_AAL2 }, { browser });
  assert.ok(high.back.seen.includes('verify-totp') && !high.back.seen.includes('verify-password'), high.back.seen.join());
  const { sub, acr, amr, auth_time: at, [EVIDENCE]: evidence } = high.claims();
  assert.deepEqual([sub, acr, [...amr].sort()], [low.claims().sub, ACR_AAL2, ['mfa', 'otp', 'pwd']]);
  // The oldest factor behind the acr.
  assert.equal(at, low.claims().auth_time);
  assert.ok(at >= begun && at <= Date.now() / 1000, String(at));
  assert.deepEqual(evidence.map((e) => [e.method, e.amr, e.nickname]).sort(), [['password', ['pwd'], undefined], ['totp', ['otp'], 'Generator']]);
  // It lasts: the same again asks nothing.
  const again = await tokensFor(config, person, { acr_values: ACR_AAL2, prompt: 'none' }, { browser });
  assert.deepEqual([again.claims().acr, again.back.seen], [ACR_AAL2, []]);
});

test('openid-client: max_age asks anew, and the library sees that it was honoured', async () => {
  const config = await partner(op);
  const person = await op.person();
  const browser = browserOf(config);
  await tokensFor(config, person, {}, { browser });
  const tokens = await tokensFor(config, person, { max_age: '0' }, { browser, checks: { maxAge: 0 } });
  assert.deepEqual(tokens.back.seen, ['verify-password']);
});

test('openid-client: what cannot be met ends with unmet_authentication_requirements', async () => {
  const config = await partner(op);
  const onlyPassword = await op.person();
  const essential = { claims: JSON.stringify({ id_token: { acr: { essential: true, values: [ACR_AAL2] } } }) };
  for (const asked of [essential, { acr_values: ACR_AAL2, scope: 'openid profile' }]) {
    await assert.rejects(tokensFor(config, onlyPassword, asked), refusal('unmet_authentication_requirements'));
  }
});

test('openid-client: sign-out at the provider, and back (RP-initiated logout)', async () => {
  const config = await partner(op);
  const person = await op.person();
  const browser = browserOf(config);
  const tokens = await tokensFor(config, person, {}, { browser });
  const state = client.randomState();
  const out = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: SIGNED_OUT, state });
  const back = await browser.signIn(out, person);
  assert.equal(back.href, `${SIGNED_OUT}?state=${state}`);
  await assert.rejects(tokensFor(config, person, { prompt: 'none' }, { browser }), refusal('login_required'));
});
