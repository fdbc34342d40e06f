// A person at a browser without scripts: follows redirects, keeps cookies, and answers the pages by what they promise
// (data-page, autocomplete tokens, button names), never by their looks.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { request } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'node-html-parser';

const MOST_HOPS = 10;
const MOST_PAGES = 10;
const LIMIT_MS = 20_000;

/** RFC 6238 with SHA-1, 6 digits, 30 seconds. */
function totp(seed, step) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...seed].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', key).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const lastStep = new Map();

/** A code of a step that was not used yet: the server takes each step once, and one step ahead of its clock. */
async function unusedCode(seed) {
  const now = () => Math.floor(Date.now() / 30_000);
  const step = Math.max(now(), (lastStep.get(seed) ?? 0) + 1);
  while (now() + 1 < step) await pause(200);
  lastStep.set(seed, step);
  return totp(seed, step);
}

/** What one answer of a server shows. Where nobody listens (`left`), there is only its address. */
class Page {
  constructor(url, response) {
    this.url = url;
    this.left = !response;
    this.status = response?.status;
    this.headers = response?.headers;
    this.root = parse(response?.html ?? '');
    this.id = this.root.querySelector('body')?.getAttribute('data-page');
  }

  get text() {
    return this.root.structuredText;
  }

  has(selector) {
    return this.root.querySelector(selector) !== null;
  }
}

/** What a browser sends when a person opens an address, or sends a form. Not `fetch`: that says that a script asks. */
async function navigate(url, cookie, body) {
  const headers = { Accept: 'text/html', 'Accept-Language': 'en', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };
  if (cookie) headers.Cookie = cookie;
  if (body !== undefined) Object.assign(headers, { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': Buffer.byteLength(body) });
  // A connection for each: error pages of mod_auth_openidc 2.4.12 leave bytes behind on one that is kept open.
  const options = { method: body === undefined ? 'GET' : 'POST', headers, agent: false, timeout: LIMIT_MS };
  const response = await new Promise((done, fail) => {
    request(url, options, done)
      .once('error', fail).once('timeout', function late() { this.destroy(new Error(`no answer from ${url}`)); }).end(body);
  });
  let html = '';
  for await (const chunk of response.setEncoding('utf8')) html += chunk;
  return { status: response.statusCode, headers: response.headers, html };
}

export class Browser {
  #cookies = new Map();
  #servers;

  /** Only at these addresses does somebody answer. */
  constructor(...servers) {
    this.#servers = servers;
  }

  async open(address, form) {
    let url = new URL(address);
    for (let hop = 0; hop < MOST_HOPS; hop += 1) {
      if (!this.#servers.includes(url.origin)) return new Page(url);
      const body = form && new URLSearchParams(form).toString();
      form = undefined;
      const response = await navigate(url, this.#cookiesFor(url), body);
      this.#keep(url, response.headers['set-cookie'] ?? []);
      const { location } = response.headers;
      if (!location) return new Page(url, response);
      url = new URL(location, url);
    }
    return assert.fail(`too many redirects at ${url}`);
  }

  #cookiesFor(url) {
    const sent = [...this.#cookies.values()].filter(({ host, path }) => host === url.hostname && url.pathname.startsWith(path));
    return sent.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  /** RFC 6265 §5.3, as far as these servers use it. */
  #keep(url, lines) {
    for (const line of lines) {
      const [pair, ...attributes] = line.split(';').map((part) => part.trim());
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      const said = new Map(attributes.map((a) => [a.split('=')[0].toLowerCase(), a.slice(a.indexOf('=') + 1)]));
      const over = Number(said.get('max-age') ?? 1) <= 0 || Date.parse(said.get('expires') ?? '') < Date.now();
      const cookie = { host: url.hostname, path: said.get('path') ?? '/', name, value };
      const key = `${cookie.host} ${cookie.path} ${name}`;
      if (over || value === '') this.#cookies.delete(key);
      else this.#cookies.set(key, cookie);
    }
  }

  /** Sends the first form of a page with these fields in place of, or beside, its own. */
  submit(page, fields) {
    const form = page.root.querySelector('form');
    const own = form.querySelectorAll('input[name]').map((input) => [input.getAttribute('name'), input.getAttribute('value') ?? '']);
    return this.open(new URL(form.getAttribute('action') ?? '', page.url), { ...Object.fromEntries(own), ...fields });
  }

  /** Opens an address and answers the issuer's pages as this person until there are no more, or one cannot be answered. */
  async walk(address, person) {
    const seen = [];
    let page = await this.open(address);
    for (;;) {
      const fields = page.left ? undefined : await answer(page, person);
      if (!fields) return Object.assign(page, { seen });
      assert.ok(seen.length < MOST_PAGES && !page.has('[data-error]'), `${seen.join(' > ')} > ${page.id}: ${page.text}`);
      seen.push(page.id);
      page = await this.submit(page, fields);
    }
  }

  /** The same; resolves to the address with the answer to the partner. */
  async signIn(address, person) {
    const page = await this.walk(address, person);
    assert.ok(page.left, `page “${page.id}” (${page.status}) is not one this person can answer: ${page.text}`);
    return Object.assign(page.url, { seen: page.seen });
  }
}

/** What the person types on a page, or presses; undefined where this is none of the pages of a sign-in or sign-out. */
async function answer(page, person) {
  const field = (token, value) => ({ [page.root.querySelector(`input[autocomplete~="${token}"]`).getAttribute('name')]: value });
  switch (page.id) {
    case 'sign-in':
      return { ...field('username', person.username), ...field('current-password', person.password) };
    case 'verify-password':
      return field('current-password', person.password);
    case 'choose-method':
      return page.has('button[name="method"][value="totp"]') ? { method: 'totp' } : undefined;
    case 'verify-totp':
      return field('one-time-code', await unusedCode(person.seed));
    case 'consent':
      return { action: 'allow' };
    case 'device': // the code, which the link has brought; then whether it is this person's
      if (page.has('button[name="action"][value="allow"]')) return { action: 'allow' };
      return page.has('input[name="user_code"]') ? { action: 'continue' } : undefined;
    case 'form-post': // which scripts do
      return {};
    case 'signed-out':
      return page.has('button[name="action"][value="logout"]') ? { action: 'logout' } : undefined;
    default:
      return undefined;
  }
}
