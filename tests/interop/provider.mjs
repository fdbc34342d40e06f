// A fresh countersign over TLS, with an empty workspace that each test adds its own clients and people to.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const BINARY = process.env.COUNTERSIGN_BIN ?? resolve(root, process.env.CARGO_TARGET_DIR || 'target', 'debug/countersign');
const START_LIMIT_MS = 30_000;
/** Another process may take the free port before the server does. */
const ATTEMPTS = 5;

/** The folder with ca.pem, tls.pem and tls.key, by `run.mjs`. */
export const TLS = process.env.INTEROP_TLS ?? assert.fail('start these tests with: node run.mjs');

/** Where partners want the answer. Nobody listens there: who reads the address has the answer. */
export const CALLBACK = 'https://rp.example/callback';
export const SIGNED_OUT = 'https://rp.example/signed-out';

const WORKSPACE = {
  workspace: { name: 'Interop', methods: ['password', 'totp'] },
  pools: [{ name: 'default', first_factor: ['password'], second_factor: ['totp'] }],
};

export async function freePort() {
  const server = createServer();
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  const { port } = server.address();
  await new Promise((done) => { server.close(done); });
  return port;
}

/** A value as TOML writes it in one line; strings are those of JSON. */
function inline(value) {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  return `{ ${Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)} = ${inline(inner)}`).join(', ')} }`;
}

const toml = (document) => Object.entries(document).map(([name, value]) => `${name} = ${inline(value)}\n`).join('');

const base32 = (bytes) => [...bytes].map((byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte & 31]).join('');

class Provider {
  #folder = mkdtempSync(join(tmpdir(), 'countersign-interop-'));
  #child;
  #gone;
  #changes = 0;

  async start(more) {
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort();
      this.issuer = `https://localhost:${port}`;
      writeFileSync(join(this.#folder, 'countersign.toml'), [
        `[server]\nissuer = "${this.issuer}"\nlisten = "127.0.0.1:${port}"\nworkers = 1`,
        `tls = { cert = "${TLS}/tls.pem", key = "${TLS}/tls.key" }`,
        // For the addresses that clients name: those of their tests are on this machine.
        `[outbound]\nallow_hosts = ["localhost"]\ntrust_anchors = ["${TLS}/ca.pem"]`,
        '[database]\nurl = "sqlite://countersign.db"\n[keys]\ndir = "keys"\n',
      ].join('\n'));
      if (attempt === 1) await this.apply({ ...WORKSPACE, ...more });
      if (await this.#serves()) return this;
      await this.#end();
      const log = this.log();
      assert.ok(attempt < ATTEMPTS && log.includes('cannot be listened on'), `countersign does not start:\n${log}`);
    }
  }

  async #serves() {
    const log = openSync(join(this.#folder, 'log'), 'w');
    this.#child = spawn(BINARY, ['serve', '--config', 'countersign.toml'], { cwd: this.#folder, env: this.#env(), stdio: ['ignore', log, log] });
    let ended = false;
    this.#gone = new Promise((done) => { this.#child.once('exit', done); this.#child.once('error', done); });
    this.#gone.then(() => { ended = true; });
    for (const limit = Date.now() + START_LIMIT_MS; Date.now() < limit && !ended; await pause(30)) {
      const answer = await fetch(`${this.issuer}/readyz`).catch(() => null);
      if (answer?.ok) return true;
    }
    return false;
  }

  #env() {
    return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('COUNTERSIGN_')));
  }

  log() {
    return readFileSync(join(this.#folder, 'log'), 'utf8');
  }

  async #end() {
    this.#child.kill('SIGTERM');
    const hard = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await this.#gone;
    clearTimeout(hard);
  }

  async stop() {
    if (this.#child) await this.#end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Adds to the workspace; what is not named stays. */
  async apply(document) {
    const name = `change-${this.#changes += 1}.toml`;
    writeFileSync(join(this.#folder, name), toml(document), { mode: 0o600 });
    await this.run('apply', name);
  }

  /** A command of the program, which trusts what its system trusts; resolves to what it prints. */
  async run(...words) {
    const env = { ...this.#env(), SSL_CERT_FILE: `${TLS}/ca.pem` };
    return (await promisify(execFile)(BINARY, words, { cwd: this.#folder, env })).stdout;
  }

  /** Somebody new with a password, and with a code generator if you like. */
  async person({ generator = false } = {}) {
    const username = `person-${this.#changes}`;
    const person = { username, password: `correct-horse-${username}`, email: `${username}@mail.example`, name: `Person ${this.#changes}` };
    const authenticators = [];
    if (generator) {
      person.seed = base32(randomBytes(32));
      authenticators.push({ method: 'totp', nickname: 'Generator', secret: person.seed });
    }
    await this.apply({ users: [{ username, password: person.password, email: person.email, name: person.name, authenticators }] });
    return person;
  }

  /** A client of its own for a test; answers its metadata, the secret included where it has one. */
  async client(metadata = {}) {
    const client = {
      client_id: `client-${this.#changes}`,
      redirect_uris: [CALLBACK],
      post_logout_redirect_uris: [SIGNED_OUT],
      grant_types: ['authorization_code', 'refresh_token'],
      scope: 'openid profile email offline_access evidence',
      token_endpoint_auth_method: 'client_secret_basic',
      ...metadata,
    };
    if (client.token_endpoint_auth_method.startsWith('client_secret_')) client.client_secret = randomBytes(24).toString('base64url');
    await this.apply({ clients: [client] });
    return client;
  }
}

/** With more in its workspace from the beginning than pools and methods. */
export const startProvider = (more) => new Provider().start(more);
