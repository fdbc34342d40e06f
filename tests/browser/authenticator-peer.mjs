// The server's side of docs/authenticator-protocol.md in a few lines, for tests of the app alone: it answers the app's
// requests inside the browser and believes nothing that is not signed as the document says.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';

export const SECRET = 'ABCDEFGHIJKLMNOPQRSTUVWX27';
const now = () => Math.floor(Date.now() / 1000);
const id = () => randomBytes(16).toString('base64url');
const part = (text) => JSON.parse(Buffer.from(text, 'base64url'));

class Refused extends Error {
  constructor(status, error, more = {}) {
    super(error);
    this.answer = [status, { error, ...more }];
  }
}

export class Peer {
  constructor(issuer) {
    this.issuer = issuer;
    this.devices = new Map();
    this.requests = new Map();
    this.secrets = new Set([SECRET]);
    this.jtis = new Set();
    this.heard = [];
    this.minimum = '1.0.0';
  }

  async attach(context) {
    await context.route('**/authenticator/v1**', async (route) => {
      const request = route.request();
      const path = new URL(request.url()).pathname.replace(/^.*\/authenticator\/v1/, '');
      let status, body;
      try {
        this.heard.push(`${request.method()} ${path}`);
        [status, body] = this.answer(request, path);
      } catch (fault) {
        if (!(fault instanceof Refused)) this.fault ??= fault;
        [status, body] = fault.answer ?? [400, { error: 'invalid_request', error_description: fault.message }];
      }
      if (typeof body === 'string') return route.fulfill({ status, contentType: 'text/event-stream', body });
      return route.fulfill({ status, contentType: 'application/json', headers: { 'Cache-Control': 'no-store' }, body: status === 204 ? '' : JSON.stringify({ server_time: now(), ...body }) });
    });
    return this;
  }

  answer(request, path) {
    const method = request.method();
    const [, name, which] = path.split('/');
    if (path === '') return [200, { versions: [1], issuer: this.issuer, name: 'Peer', minimum_app_version: this.minimum, number_digits: 6 }];
    if (name === 'pairings') return this.pair(JSON.parse(request.postData()).pairing);
    if (name === 'requests' && method === 'POST') return this.decide(which, JSON.parse(request.postData()).answer);
    const device = this.device(request);
    if (name === 'requests' && which) return [200, this.shown(device, which)];
    if (name === 'requests') return [200, { requests: this.waiting(device) }];
    if (name === 'events') return [200, `event: requests\ndata: ${JSON.stringify({ server_time: now(), requests: this.waiting(device) })}\n\n`];
    if (name === 'device' && method === 'DELETE') {
      if (device.last) throw new Refused(409, 'last_authenticator', { mfa: 'MFA-180' });
      this.devices.delete(device.id);
      return [204, {}];
    }
    assert.equal(name, 'device');
    if (method === 'PUT') device.about = JSON.parse(request.postData());
    return [200, { device: device.id, nickname: device.nickname, status: device.status, account: this.account(), push: false }];
  }

  opened(jws, type, key) {
    const [header, payload, signature] = jws.split('.');
    const { alg, typ, kid, jwk } = part(header);
    assert.deepEqual([alg, typ], ['ES256', type]);
    const known = createPublicKey({ key: key ? key(kid) : jwk, format: 'jwk' });
    const input = Buffer.from(`${header}.${payload}`);
    if (!verify('sha256', input, { key: known, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))) throw new Refused(401, 'invalid_signature');
    const said = part(payload);
    assert.equal(said.aud, this.issuer);
    if (Math.abs(said.iat - now()) > 300) throw new Refused(401, 'clock_skew', { mfa: 'MFA-142' });
    return { ...said, kid, jwk };
  }

  keyOf(device) {
    const known = this.devices.get(device);
    if (!known) throw new Refused(401, 'unregistered', { mfa: 'MFA-136' });
    return known.jwk;
  }

  /** The device whose request this is. */
  device(request) {
    const [scheme, jws] = (request.headers().authorization ?? '').split(' ');
    assert.equal(scheme, 'Device');
    const said = this.opened(jws, 'countersign-device+jwt', (kid) => this.keyOf(kid));
    assert.equal(said.htm, request.method());
    assert.equal(said.htu, request.url().split('?')[0]);
    const body = request.postData();
    assert.equal(said.bh, body ? createHash('sha256').update(body).digest('base64url') : undefined);
    assert.ok(!this.jtis.has(said.jti));
    this.jtis.add(said.jti);
    return this.devices.get(said.kid);
  }

  account() {
    return { issuer: this.issuer, workspace: 'Cedar Health ID', username: 'a•••a@c•••' };
  }

  pair(jws) {
    const said = this.opened(jws, 'countersign-pairing+jwt');
    assert.ok(said.app.version && said.app.platform === 'web' && said.device.name);
    if (said.notifications === 'denied') throw new Refused(403, 'notifications_off', { mfa: 'MFA-134' });
    if (this.minimum > said.app.version) throw new Refused(403, 'app_too_old', { mfa: 'MFA-135', minimum_app_version: this.minimum });
    if (!this.secrets.delete(said.secret)) throw new Refused(404, 'pairing_unknown', { mfa: 'MFA-140' });
    const device = { id: id(), jwk: said.jwk, nickname: said.device.name, status: 'pending', said };
    this.devices.set(device.id, device);
    const request = this.ask(device.id, { kind: 'pairing', partner: null, number: '482913' });
    return [201, { device: device.id, account: this.account(), request, expires_at: now() + 600 }];
  }

  /** Something to answer; resolves to its id. */
  ask(device, { kind = 'sign_in', number = '482913', digits = 6, seconds = 600, ...more } = {}) {
    const request = { id: id(), device, kind, number, digits, nonce: id(), expires: now() + seconds, tries: 3, status: null };
    const context = {
      kind, issuer: this.issuer, workspace: 'Cedar Health ID', account: 'ana.rivera', device: 'Phone',
      partner: { name: 'Cedar Clinic EHR', uri: 'https://ehr.cedar.example/launch' }, at: now(), ip: '192.0.2.7', place: 'Portland, OR',
      browser: 'Firefox on Windows', lines: [], ...more,
    };
    request.context = Buffer.from(JSON.stringify(context)).toString('base64url');
    this.requests.set(request.id, request);
    return request.id;
  }

  waiting(device) {
    const open = [...this.requests.values()].filter((one) => one.device === device.id && !one.status && one.expires > now());
    return open.reverse().map((one) => ({ id: one.id, kind: one.kind, expires_at: one.expires }));
  }

  find(which) {
    const request = this.requests.get(decodeURIComponent(which));
    if (!request) throw new Refused(404, 'request_unknown');
    if (request.status) throw new Refused(409, 'answered');
    if (request.expires <= now()) throw new Refused(410, 'expired', { mfa: 'MFA-132' });
    return request;
  }

  shown(device, which) {
    const request = this.find(which);
    assert.equal(request.device, device.id);
    return { id: request.id, nonce: request.nonce, expires_at: request.expires, number_digits: request.digits, context: request.context };
  }

  decide(which, jws) {
    const request = this.find(which);
    const said = this.opened(jws, 'countersign-answer+jwt', (kid) => this.keyOf(kid));
    assert.deepEqual([said.request, said.nonce, said.kid], [request.id, request.nonce, request.device]);
    assert.equal(said.context_digest, createHash('sha256').update(Buffer.from(request.context, 'base64url')).digest('base64url'));
    this.said = said;
    if (said.decision === 'approve' && request.digits && said.number !== request.number) {
      request.tries -= 1;
      if (!request.tries) request.status = 'over';
      throw new Refused(403, 'wrong_number', { mfa: 'MFA-133', tries_left: request.tries });
    }
    request.status = { approve: 'approved', deny: 'denied', not_me: 'reported' }[said.decision];
    if (request.kind === 'pairing' && request.status === 'approved') this.devices.get(request.device).status = 'active';
    return [200, { status: request.status }];
  }
}
