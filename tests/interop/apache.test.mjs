// mod_auth_openidc in Apache, both as Debian packages them: a website that knows nothing of OpenID Connect.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Browser } from './person.mjs';
import { freePort, startProvider, TLS } from './provider.mjs';

const APACHE = '/usr/sbin/apache2';
const MODULES = '/usr/lib/apache2/modules';
const START_LIMIT_MS = 20_000;
/** nobody and nogroup: Apache is not to have more than its folder. */
const NOBODY = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};

const ACR_1FA = 'urn:countersign:acr:1fa';
const ACR_AAL2 = 'urn:countersign:acr:aal2';

let op;
let site;
before(async () => {
  op = await startProvider();
  site = await startApache(op);
});
after(async () => {
  await site?.stop();
  await op?.stop();
});

async function startApache({ issuer }) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-interop-apache-'));
  const port = await freePort();
  const origin = `https://localhost:${port}`;
  const client = await op.client({
    redirect_uris: [`${origin}/chart/callback`], post_logout_redirect_uris: [`${origin}/bye`], scope: 'openid profile',
    backchannel_logout_uri: `${origin}/chart/callback?logout=backchannel`, backchannel_logout_session_required: true,
  });
  const words = {
    FOLDER: folder, PORT: port, MODULES, ISSUER: issuer, CLIENT_ID: client.client_id, CLIENT_SECRET: client.client_secret,
    PASSPHRASE: randomBytes(24).toString('base64url'),
  };
  const text = readFileSync(new URL('apache.conf', import.meta.url), 'utf8');
  writeFileSync(join(folder, 'apache.conf'), text.replace(/\b[A-Z_]{4,}\b/g, (word) => words[word] ?? word));
  for (const name of ['ca.pem', 'tls.pem', 'tls.key']) copyFileSync(join(TLS, name), join(folder, name));
  for (const name of ['chart', 'chart/sign', 'bye']) {
    mkdirSync(join(folder, 'pages', name), { recursive: true });
    writeFileSync(join(folder, 'pages', name, 'index.html'), `<!doctype html><title>${name}</title>`);
  }
  if (NOBODY.uid) for (const path of ['.', ...readdirSync(folder, { recursive: true })]) chownSync(join(folder, path), NOBODY.uid, NOBODY.gid);
  const child = spawn(APACHE, ['-d', folder, '-f', join(folder, 'apache.conf'), '-D', 'FOREGROUND'], {
    cwd: folder, ...NOBODY, env: { ...process.env, TMPDIR: folder }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { said += data; });
  let ended = false;
  const gone = new Promise((done) => { child.once('exit', done); child.once('error', done); });
  gone.then(() => { ended = true; });
  const log = () => { try { return said + readFileSync(join(folder, 'error.log'), 'utf8'); } catch { return said; } };
  const stop = async () => {
    child.kill('SIGTERM');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  for (const limit = Date.now() + START_LIMIT_MS; !(await fetch(`${origin}/bye/`).catch(() => null))?.ok; await pause(50)) {
    if (!ended && Date.now() < limit) continue;
    const why = log();
    await stop();
    assert.fail(`Apache does not start:\n${why}`);
  }
  return { origin, stop, log };
}

const newBrowser = () => new Browser(op.issuer, site.origin);

/** The page that Apache shows, and to whom it thinks it is. */
async function visit(browser, path, person) {
  const page = await browser.walk(`${site.origin}${path}`, person);
  assert.equal(page.url.origin, site.origin, `${page.id}: ${page.text}`);
  return page;
}
const shownAs = (page) => [page.status, page.headers['x-acr'], page.headers['x-user']];

test('mod_auth_openidc: a path that wants more sends the person back for a code, and then lets them in', async () => {
  const person = await op.person({ generator: true });
  const browser = newBrowser();
  const chart = await visit(browser, '/chart/', person);
  assert.deepEqual(shownAs(chart), [200, ACR_1FA, person.username], site.log());
  assert.ok(!chart.seen.includes('verify-totp'), chart.seen.join());
  const sign = await visit(browser, '/chart/sign/', person);
  assert.deepEqual(shownAs(sign), [200, ACR_AAL2, person.username], site.log());
  assert.ok(sign.seen.includes('verify-totp') && !sign.seen.includes('verify-password'), sign.seen.join());
  assert.deepEqual((await visit(browser, '/chart/sign/', person)).seen, []);
});

test('mod_auth_openidc: whoever has no second factor is not let in there', async () => {
  const person = await op.person();
  const browser = newBrowser();
  assert.equal((await visit(browser, '/chart/', person)).status, 200);
  const sign = await visit(browser, '/chart/sign/', person);
  assert.match(sign.text, /unmet_authentication_requirements/);
  assert.equal(sign.headers['x-acr'], undefined);
  assert.deepEqual(shownAs(await visit(browser, '/chart/', person)), [200, ACR_1FA, person.username]);
});

test('mod_auth_openidc: signing out at the website signs out at the provider', async () => {
  const person = await op.person();
  const browser = newBrowser();
  await visit(browser, '/chart/', person);
  const out = await visit(browser, `/chart/callback?logout=${encodeURIComponent(`${site.origin}/bye`)}`, person);
  assert.deepEqual([out.url.pathname, out.status], ['/bye/', 200]);
  assert.ok((await visit(browser, '/chart/', person)).seen.includes('sign-in'));
});

test('mod_auth_openidc: whoever signs out at the provider is signed out at the website (back-channel logout)', async () => {
  const person = await op.person();
  const browser = newBrowser();
  await visit(browser, '/chart/', person);
  const out = await browser.walk(`${op.issuer}/logout`, person);
  assert.deepEqual([out.id, out.seen], ['signed-out', ['signed-out']]);
  // The provider tells its partners after it has answered.
  let chart = await browser.open(`${site.origin}/chart/`);
  for (const limit = Date.now() + 20_000; chart.id !== 'sign-in' && Date.now() < limit; await pause(100)) chart = await browser.open(`${site.origin}/chart/`);
  assert.equal(chart.id, 'sign-in', site.log());
});
