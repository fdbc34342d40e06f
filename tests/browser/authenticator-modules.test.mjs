// The parts of the phone app that need no browser: what it signs is checked by node's own crypto.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { MOST_WRONG, enrol, fits, pauseLeft, tryPin, unfit } from '../../static/authenticator/pin.mjs';
import {
  Refusal, Server, fromBase64url, isForeignLink, isOlder, newKey, publicJwk, readContext, readEvents, readSecret, toBase64url,
} from '../../static/authenticator/protocol.mjs';
import { encode } from '../../static/authenticator/qr.mjs';

const ISSUER = 'https://id.example/tenant';
const SECRET = 'ABCDEFGHIJKLMNOPQRSTUVWX27';
const part = (text) => JSON.parse(Buffer.from(text, 'base64url'));

/** Header and payload of a JWS that this key signed. */
function opened(jws, jwk) {
  const [header, payload, signature] = jws.split('.');
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const good = verify('sha256', Buffer.from(`${header}.${payload}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  assert.ok(good, 'the signature holds');
  assert.equal(part(header).alg, 'ES256');
  return { header: part(header), payload: part(payload) };
}

/** A server that answers with what it is given, and writes down what it was asked. */
function recorder(...answers) {
  const asked = [];
  const fetch = async (url, options) => {
    asked.push({ url, ...options });
    const [status, body, headers] = answers.shift() ?? [200, {}];
    return new Response(status === 204 ? null : JSON.stringify(body), { status, headers });
  };
  return { server: new Server(ISSUER, fetch), asked };
}

async function someAccount() {
  const key = await newKey();
  return { account: { device: 'K3', key }, jwk: await publicJwk(key) };
}

test('a secret is read however it was typed', () => {
  assert.equal(readSecret(SECRET), SECRET);
  assert.equal(readSecret(' abcd-efgh ijkl mnop\u2011qrst uvwx 27 '), SECRET);
  assert.equal(readSecret(`${ISSUER}/authenticator#pair=${SECRET}`), SECRET);
  assert.equal(readSecret('#pair=1234 5678 9012'), '123456789012');
  for (const not of ['', SECRET.slice(1), `${SECRET}A`, '0BCDEFGHIJKLMNOPQRSTUVWX27', '12345678901', '#pair=', '#pair=%E0%A4%A']) {
    assert.equal(readSecret(not), null, not);
  }
});

test('a secret of another server is not taken for one of ours', () => {
  assert.equal(isForeignLink(`${ISSUER}/authenticator#pair=${SECRET}`, ISSUER), false);
  assert.equal(isForeignLink(SECRET, ISSUER), false);
  assert.equal(isForeignLink(`https://id.example/authenticator#pair=${SECRET}`, ISSUER), true);
  assert.equal(isForeignLink(`https://evil.example/${ISSUER}/authenticator#pair=${SECRET}`, ISSUER), true);
});

test('a key cannot be taken out of the browser', async () => {
  const key = await newKey();
  assert.equal(key.privateKey.extractable, false);
  await assert.rejects(crypto.subtle.exportKey('pkcs8', key.privateKey));
  assert.deepEqual(Object.keys(await publicJwk(key)), ['kty', 'crv', 'x', 'y']);
});

test('pairing says what the protocol asks for, signed by the new key', async () => {
  const { server, asked } = recorder([201, { device: 'K3', request: 'Rq' }]);
  const key = await newKey();
  await server.pair(key, SECRET, { app: { name: 'Countersign' }, device: { name: 'Phone' }, notifications: 'granted' });
  assert.equal(asked[0].url, `${ISSUER}/authenticator/v1/pairings`);
  assert.equal(asked[0].headers.Authorization, undefined);
  const { header, payload } = opened(JSON.parse(asked[0].body).pairing, await publicJwk(key));
  assert.equal(header.typ, 'countersign-pairing+jwt');
  assert.deepEqual(header.jwk, await publicJwk(key));
  assert.equal(payload.aud, ISSUER);
  assert.ok(Math.abs(payload.iat - Date.now() / 1000) < 5);
  assert.deepEqual([payload.secret, payload.device.name, payload.notifications], [SECRET, 'Phone', 'granted']);
  assert.ok(!asked[0].url.includes(SECRET), 'no secret in an address');
});

test('a request is tied to its method, address and body, and each is another', async () => {
  const { account, jwk } = await someAccount();
  const { server, asked } = recorder();
  await server.requests(account);
  await server.update(account, { notifications: 'granted', push: null });
  await server.unregister(account);
  const proofs = asked.map(({ headers }) => opened(headers.Authorization.replace(/^Device /, ''), jwk));
  for (const { header } of proofs) assert.deepEqual([header.typ, header.kid], ['countersign-device+jwt', 'K3']);
  assert.deepEqual(proofs.map(({ payload }) => payload.htm), ['GET', 'PUT', 'DELETE']);
  assert.equal(proofs[0].payload.htu, `${ISSUER}/authenticator/v1/requests`);
  assert.deepEqual(proofs.map(({ payload }) => 'bh' in payload), [false, true, false]);
  assert.equal(proofs[1].payload.bh, createHash('sha256').update(asked[1].body).digest('base64url'));
  const ids = new Set(proofs.map(({ payload }) => payload.jti));
  assert.equal(ids.size, 3);
  for (const id of ids) assert.ok(Buffer.from(id, 'base64url').length >= 16);
});

test('an answer signs the very bytes that were shown', async () => {
  const { account, jwk } = await someAccount();
  const { server, asked } = recorder([200, { status: 'approved' }]);
  const bytes = Buffer.from('{"kind":"sign_in",  "account":"ana — rivera"}');
  const request = { id: 'R/q', nonce: 'n', context: bytes.toString('base64url') };
  assert.equal(readContext(request).account, 'ana — rivera');
  await server.answer(account, request, { decision: 'approve', number: '012345', unlock: 'pin', version: '1.0.0' });
  assert.ok(asked[0].url.endsWith('/requests/R%2Fq'));
  const { header, payload } = opened(JSON.parse(asked[0].body).answer, jwk);
  assert.equal(header.typ, 'countersign-answer+jwt');
  assert.equal(payload.context_digest, createHash('sha256').update(bytes).digest('base64url'));
  const { decision, number, unlock, nonce, app_version: version } = payload;
  assert.deepEqual({ decision, number, unlock, nonce, version, request: payload.request },
    { decision: 'approve', number: '012345', unlock: 'pin', nonce: 'n', version: '1.0.0', request: 'R/q' });
});

test('a clock that is off is put right once, and only once', async () => {
  const { account, jwk } = await someAccount();
  const ahead = Math.floor(Date.now() / 1000) + 4000;
  const skew = [401, { error: 'clock_skew', mfa: 'MFA-142', server_time: ahead }];
  const { server, asked } = recorder(skew, [200, { requests: [] }], skew, skew);
  await server.requests(account);
  assert.equal(asked.length, 2);
  const { payload } = opened(asked[1].headers.Authorization.slice(7), jwk);
  assert.ok(Math.abs(payload.iat - ahead) < 5);
  await assert.rejects(server.requests(account), (fault) => fault.code === 'clock_skew' && fault.mfa === 'MFA-142');
  assert.equal(asked.length, 4);
});

test('a refusal says why, and no network is one of its own', async () => {
  const { account } = await someAccount();
  const { server } = recorder([429, { error: 'slow_down' }, { 'Retry-After': '30' }], [403, { error: 'wrong_number', mfa: 'MFA-133', tries_left: 2 }]);
  await assert.rejects(server.requests(account), (fault) => fault instanceof Refusal && fault.wait === 30);
  await assert.rejects(server.requests(account), (fault) => fault.body.tries_left === 2 && fault.mfa === 'MFA-133');
  const gone = new Server(ISSUER, async () => { throw new TypeError('fetch failed'); });
  await assert.rejects(gone.discovery(), (fault) => fault.code === 'offline');
});

test('events are read across the pieces in which they arrive', async () => {
  const pieces = [': hello\n\nevent: requ', 'ests\ndata: {"requests"', ':[]}\n\n', 'event: other\ndata: 1\ndata: 2\n\nevent: requests\ndata: cut'];
  const stream = new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
  const heard = [];
  await readEvents(stream, (event) => heard.push(event));
  assert.deepEqual(heard, [{ name: 'requests', data: '{"requests":[]}' }, { name: 'other', data: '1\n2' }]);
});

test('bytes survive base64url, versions are compared by number', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  assert.deepEqual(fromBase64url(toBase64url(bytes)), bytes);
  assert.equal(toBase64url(bytes), Buffer.from(bytes).toString('base64url'));
  assert.deepEqual([isOlder('1.9.0', '1.10.0'), isOlder('1.10', '1.9.9'), isOlder('1.0.0', '1.0')], [true, false, false]);
});

test('a PIN is kept as a salted hash, and an easy one is not taken', async () => {
  const [one, two] = [await enrol('274916'), await enrol('274916')];
  assert.notEqual(one.hash, two.hash);
  assert.equal(one.iterations, 600_000);
  assert.ok(await fits('274916', one));
  assert.ok(!(await fits('274917', one)));
  assert.deepEqual(['27491', '2749a6', '111111', '123456', '987654', '890123', '274916'].map(unfit),
    ['pin-short', 'pin-digits', 'pin-easy', 'pin-easy', 'pin-easy', 'pin-easy', null]);
});

test('wrong PINs cost more and more time, and the tenth is the last', async () => {
  const kept = new Map([['pin', { ...(await enrol('274916')) }]]);
  const store = { get: async (key) => kept.get(key), set: async (key, value) => kept.set(key, value) };
  let now = 1_000_000;
  for (let i = 1; i < MOST_WRONG; i += 1) {
    assert.equal(await tryPin(store, '000000', now), 'wrong');
    const left = pauseLeft(i, now, now);
    assert.equal(left > 0, i >= 3, `after ${i}`);
    if (left) assert.equal(await tryPin(store, '274916', now + left - 1), 'wait', 'not even the right one');
    now += left;
  }
  assert.equal(await tryPin(store, '000000', now), 'over');
  assert.equal(await tryPin(store, '274916', now + 1e9), 'over', 'nothing brings it back');
  kept.set('pin-tries', { wrong: 9, lastAt: 0 });
  assert.equal(await tryPin(store, '274916', now), 'right');
  assert.equal(kept.get('pin-tries').wrong, 0);
  assert.equal(pauseLeft(9, 5_000_000_000, 1), 600_000, 'a clock that was set back makes no pause longer');
});

test('QR codes are those of an independent encoder (fast_qr 0.14)', () => {
  const digest = (text, mask) => createHash('sha256').update(encode(text, mask).map((row) => row.map(Number).join('')).join('\n')).digest('hex');
  const link = '#pair=ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  assert.equal(digest(`https://id.example/authenticator${link}`, 5), '5f09bf283ace0cae464d8582bc9e2673effb93892e0b6f468248a7009979003f');
  // Version 8: two sizes of blocks, and the version stands in the code.
  const long = `https://sign-in.cedar-health.example/tenants/north-west/authenticator${link}-and-some-more-for-two-sizes`;
  assert.equal(digest(long, 7), '0bf440b067955a8c107a04fd3eeb651c022736f6171d32bac994205e28660e5a');
});
