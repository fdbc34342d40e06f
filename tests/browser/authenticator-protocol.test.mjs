// docs/authenticator-protocol.schema.json against the examples of the document, and against what the authenticator for the
// terminal really sends to a far end that answers by the document.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv/dist/2020.js';
import { BINARY } from './harness.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const binary = BINARY;
const schema = JSON.parse(readFileSync(join(root, 'docs/authenticator-protocol.schema.json'), 'utf8'));
const document = readFileSync(join(root, 'docs/authenticator-protocol.md'), 'utf8');
const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true, strictTypes: false, validateFormats: false });
ajv.addSchema(schema);

const SECRET = 'ABCDEFGHIJKLMNOPQRSTUVWX27';
const NOW = Math.floor(Date.now() / 1000);
const STEP_LIMIT_MS = 20_000;
const digest = (bytes) => createHash('sha256').update(bytes).digest('base64url');

function problems(name, value) {
  const check = ajv.getSchema(`${schema.$id}#/$defs/${name}`);
  assert.ok(check, `the schema defines ${name}`);
  return check(value) ? [] : check.errors.map((e) => `${e.instancePath} ${e.message}`);
}
const fits = (name, value) => assert.deepEqual(problems(name, value), [], `${name}: ${JSON.stringify(value)}`);

/** An example as somebody would send it: the document shortens long texts and leaves out times. */
const example = (text) => JSON.parse(text
  .replaceAll('"ABCD…"', `"${SECRET}"`).replaceAll('"https://…"', '"https://push.example/x"').replaceAll('"…"', `"${'A'.repeat(43)}"`)
  .replace(/…"/g, '"').replace(/: …/g, ': 1795000000').replaceAll('<id>', 'Rq'));

const DOCUMENTED = ['discovery', 'pairing_payload', 'pairing_answer', 'request', 'context', 'answer_payload'];
const fenced = () => [...document.matchAll(/^ *```json\n([\s\S]*?)```/gm)].map((m) => example(m[1]));

test('the examples of the document fit the schema', () => {
  const examples = fenced();
  assert.equal(examples.length, DOCUMENTED.length, 'an example for each name');
  DOCUMENTED.forEach((name, n) => fits(name, examples[n]));
  const inline = (start) => example(document.slice(document.indexOf(start)).split('`')[0]);
  fits('request_list', inline('{"server_time"'));
  fits('push_message', inline('{"request": "<id>"'));
  fits('device_update', { app: examples[1].app, notifications: 'granted', push: null });
  for (const [, error, mfa] of document.matchAll(/^\| 4\d\d \| `(\w+)` \| (MFA-\d+)? ?\|/gm)) {
    fits('error', { error, ...(mfa && { mfa }), tries_left: 2, server_time: NOW });
  }
});

test('a schema that takes anything would be none', () => {
  const examples = fenced();
  DOCUMENTED.forEach((name, n) => {
    for (const member of schema.$defs[name].required) {
      assert.notDeepEqual(problems(name, { ...examples[n], [member]: undefined }), [], `${name} without ${member}`);
      assert.notDeepEqual(problems(name, { ...examples[n], [member]: { no: 'such' } }), [], `${name} with another ${member}`);
    }
  });
  assert.notDeepEqual(problems('answer_payload', { ...examples[5], number: '48291' }), []);
  assert.notDeepEqual(problems('jwk', { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43), d: 'A'.repeat(43) }), []);
  assert.notDeepEqual(problems('error', { error: 'wrong_number' }), []);
  assert.notDeepEqual(problems('device_proof_payload', { aud: 'https://a.example', iat: 1, jti: 'A'.repeat(22), htm: 'PUT', htu: 'https://a.example/authenticator/v1/device' }), []);
});

// --- What is really sent.

let far;
let folder;
before(async () => { folder = mkdtempSync(join(tmpdir(), 'countersign-authenticator-')); far = await farEnd(); });
after(() => { far?.stop(); if (folder) rmSync(folder, { recursive: true, force: true }); });

/** A server by the document that takes down what it is told, each message checked against the schema and its signature. */
async function farEnd() {
  const state = { key: null, waiting: [], heard: [], streams: true, removed: false, complaints: [] };
  const context = (kind) => ({
    kind, issuer: state.issuer, workspace: 'Cedar Health ID', account: 'ana.rivera', device: "Ana's terminal",
    partner: { name: 'Cedar \u001b[2JEHR\u202e', uri: 'https://ehr.example' }, at: NOW, ip: '192.0.2.7', place: null, browser: null,
    lines: [{ label: 'Patient', value: 'A\nB' }],
  });
  const encoded = (kind) => Buffer.from(JSON.stringify(context(kind))).toString('base64url');
  function unpack(jws, kind, payload) {
    fits('jws', jws);
    const [head, body, signature] = jws.split('.');
    const [header, claims] = [head, body].map((part) => JSON.parse(Buffer.from(part, 'base64url')));
    fits(`${kind}_header`, header);
    fits(payload, claims);
    if (header.jwk) state.key = createPublicKey({ key: header.jwk, format: 'jwk' });
    else assert.equal(header.kid, 'K3');
    const signed = { key: state.key, dsaEncoding: 'ieee-p1363' };
    assert.ok(verify('sha256', `${head}.${body}`, signed, Buffer.from(signature, 'base64url')), 'signed by the device');
    assert.equal(claims.aud, state.issuer);
    return claims;
  }
  const account = (username) => ({ issuer: state.issuer, workspace: 'Cedar Health ID', username });
  function answer(method, path, proof, text) {
    const where = `${method} ${path.replace('/authenticator/v1', '')}`;
    state.heard.push(where);
    if (proof) {
      const claims = unpack(proof.replace(/^Device /, ''), 'device', 'device_proof_payload');
      assert.equal(`${claims.htm} ${claims.htu}`, `${method} ${state.issuer}${path}`);
    }
    if (where === 'GET ') return [200, 'discovery', { versions: [1], issuer: state.issuer, name: 'Cedar', server_time: NOW, minimum_app_version: '1.0.0', number_digits: 6 }];
    if (where === 'POST /pairings') {
      const body = JSON.parse(text);
      fits('pairing', body);
      assert.equal(unpack(body.pairing, 'pairing', 'pairing_payload').secret, SECRET);
      state.waiting = [{ id: 'Rq', kind: 'pairing', expires_at: NOW + 600 }];
      return [201, 'pairing_answer', { device: 'K3', account: account('a•••a'), request: 'Rq', expires_at: NOW + 600, server_time: NOW }];
    }
    const found = state.waiting.find((w) => where.endsWith(`/requests/${w.id}`));
    if (found && method === 'POST') {
      const body = JSON.parse(text);
      fits('answer', body);
      const claims = unpack(body.answer, 'answer', 'answer_payload');
      assert.equal(claims.context_digest, digest(Buffer.from(encoded(found.kind), 'base64url')));
      assert.deepEqual([claims.request, claims.nonce], [found.id, 'n1']);
      if (claims.decision === 'approve' && claims.number !== '482913') return [403, 'error', { error: 'wrong_number', mfa: 'MFA-133', tries_left: 2, server_time: NOW }];
      state.waiting = state.waiting.filter((w) => w !== found);
      return [200, 'answer_status', { status: { approve: 'approved', deny: 'denied', not_me: 'reported' }[claims.decision] }];
    }
    if (!proof || state.removed) return [401, 'error', { error: 'unregistered', mfa: 'MFA-136', server_time: NOW }];
    if (found) return [200, 'request', { id: found.id, nonce: 'n1', expires_at: found.expires_at, number_digits: 6, server_time: NOW, context: encoded(found.kind) }];
    if (where === 'GET /requests') return [200, 'request_list', { server_time: NOW, requests: state.waiting }];
    if (where === 'GET /device') return [200, 'device', { device: 'K3', nickname: 'Terminal', status: 'active', account: account('ana.rivera'), push: false, server_time: NOW }];
    if (where === 'DELETE /device') { state.removed = true; return [204]; }
    return [404, 'error', { error: 'request_unknown' }];
  }
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    try {
      if (request.url.endsWith('/events') && state.streams) {
        unpack(request.headers.authorization.replace(/^Device /, ''), 'device', 'device_proof_payload');
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        const list = JSON.stringify({ server_time: NOW, requests: state.waiting });
        response.write(`: comment\n\nevent: requests\ndata: ${list.slice(0, 20)}`);
        setTimeout(() => response.write(`${list.slice(20)}\n\n`), 50);
        return;
      }
      const [status, name, body] = answer(request.method, request.url, request.headers.authorization, text);
      if (name) fits(name, body);
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(body && JSON.stringify(body));
    } catch (error) {
      state.complaints.push(error.message);
      response.writeHead(500).end();
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  state.issuer = `http://127.0.0.1:${server.address().port}`;
  state.stop = () => { server.closeAllConnections(); server.close(); };
  return state;
}

function start(...args) {
  const child = spawn(binary, ['authenticator', ...args, '--file', join(folder, 'a.json')], { stdio: ['ignore', 'pipe', 'pipe'] });
  const heard = { child, out: '', err: '' };
  child.stdout.on('data', (text) => { heard.out += text; });
  child.stderr.on('data', (text) => { heard.err += text; });
  const slow = setTimeout(() => child.kill('SIGKILL'), STEP_LIMIT_MS);
  heard.end = new Promise((done) => child.once('exit', (code) => { clearTimeout(slow); setImmediate(() => done(code)); }));
  return heard;
}

async function run(code, ...args) {
  const heard = start(...args);
  assert.equal(await heard.end, code, heard.err);
  assert.deepEqual(far.complaints, []);
  assert.ok(!/[\u001b\u202e]/.test(heard.out + heard.err), 'nothing steers the terminal');
  if (code === 1) assert.equal(heard.err.trim().split('\n').length, 1, heard.err);
  return code === 0 ? heard.out : heard.err;
}

test('the terminal sends what the document says, from pairing to removal', async () => {
  await run(1, 'approve');
  const said = await run(0, 'pair', `${far.issuer}/authenticator#pair=${SECRET}`);
  assert.match(said, /Type the number that your browser shows: countersign authenticator approve --number NNNNNN/);
  assert.equal(statSync(join(folder, 'a.json')).mode & 0o777, 0o600);
  assert.match(await run(1, 'approve'), /add --number/);
  assert.match(await run(1, 'approve', '--number', '111111'), /2 tries are left \(MFA-133\)/);
  assert.match(await run(0, 'approve', '--number', '482 913', '--unlock', 'pin'), /Approved/);
  far.waiting = ['S1', 'S2'].map((id) => ({ id, kind: 'sign_in', expires_at: NOW + 120 }));
  const [account] = JSON.parse(await run(0, 'list', '--json'));
  assert.deepEqual([account.username, account.status, account.requests.length], ['ana.rivera', 'active', 2]);
  const several = await run(1, 'approve', '--number', '482913');
  assert.ok(several.includes('S1') && several.includes('S2'), several);
  const shown = await run(0, 'deny', 'S1');
  assert.ok(shown.includes('Cedar \\u{1b}[2JEHR\\u{202e} (https://ehr.example)') && shown.includes('A\\u{a}B'), shown);
  const reported = JSON.parse(await run(0, 'deny', '--not-me', '--json'));
  assert.deepEqual([reported.status, reported.context.account], ['reported', 'ana.rivera']);
  assert.match(await run(1, 'deny', 'S2'), /no such request waits/);
  assert.match(await run(0, 'remove', 'K3'), /removed/);
  assert.ok(far.removed);
  assert.equal(await run(0, 'list'), '');
});

for (const streams of [true, false]) {
  test(`watch shows each request once, ${streams ? 'from the stream' : 'by asking, where there is no stream'}, and Ctrl-C ends it well`, async () => {
    Object.assign(far, { removed: false, streams: true });
    const paired = JSON.parse(await run(0, 'pair', SECRET.toLowerCase(), '--issuer', far.issuer, '--number', '482913', '--json', '--name', 'CI'));
    assert.equal(paired.status, 'approved');
    far.streams = streams;
    far.waiting = ['W2', 'W1'].map((id) => ({ id, kind: 'sign_in', expires_at: NOW + 120 }));
    const watching = start('watch', '--json');
    const lines = [];
    const two = new Promise((done) => createInterface({ input: watching.child.stdout }).on('line', (line) => { if (lines.push(line) === 2) done(); }));
    await Promise.race([two, watching.end]);
    watching.child.kill('SIGINT');
    assert.equal(await watching.end, 0, watching.err);
    assert.deepEqual(lines.map((line) => JSON.parse(line).request), ['W1', 'W2']);
    assert.ok(!/[\u001b\u202e]/.test(watching.out));
    assert.deepEqual(far.complaints, []);
    await run(0, 'remove', 'K3');
  });
}
