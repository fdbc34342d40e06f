// What the browser tests stand on: the demo as a process, Chromium, a code generator, and a person who reads pages
// by what docs promise of them (data-page, autocomplete tokens, button names), never by their looks.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));
const screenshots = fileURLToPath(new URL('screenshots', import.meta.url));
const START_LIMIT_MS = 30_000;
const STEP_LIMIT_MS = 15_000;
export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1280, height: 900 };

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

export const BINARY = process.env.COUNTERSIGN_BIN ?? resolve(root, process.env.CARGO_TARGET_DIR || 'target', 'debug/countersign');

/** What the operator of a running demo can do: the other commands, on the demo's database and clock. */
function operator(data, { issuer }) {
  // The demo needs no file; this one says where its issuer is, for the rest each has the same defaults.
  writeFileSync(join(data, 'countersign.toml'), `[server]\nissuer = "${issuer}"\n[sandbox]\nenabled = true\n`);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('COUNTERSIGN_')));
  const run = async (...words) => (await promisify(execFile)(BINARY, words, { cwd: data, env })).stdout;
  return {
    /** A command of the program; resolves to what it prints. */
    run,
    /** Changes the workspace to what this text (TOML) says; what it does not name stays. */
    async apply(text) {
      writeFileSync(join(data, 'changed.toml'), text);
      await run('apply', 'changed.toml');
    },
    /** Lets time pass for the server, and for who types codes of these tests. */
    async advance(seconds) {
      const body = JSON.stringify({ advance_seconds: seconds });
      const { ok } = await fetch(`${issuer}/sandbox/clock`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
      assert.ok(ok, 'the sandbox has a clock');
      aheadMs += seconds * 1000;
    },
  };
}

/** How far the server's clock was put forward. */
let aheadMs = 0;

/** Starts `countersign demo` in a throw-away folder; resolves to what it prints as JSON, with `stop()`, `log()`, and what an operator can do. */
export async function startDemo() {
  const data = mkdtempSync(join(tmpdir(), 'countersign-browser-'));
  const listen = [];
  for (const role of ['--listen', '--partner-listen', '--registry-listen']) listen.push(role, `127.0.0.1:${await freePort()}`);
  const args = ['demo', '--json', '--data-dir', data, ...listen];
  const child = spawn(BINARY, args, { cwd: data, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.on('data', (text) => { log += text; });
  const gone = new Promise((done) => { child.once('exit', done); child.once('error', done); });
  const stop = async () => {
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await gone;
    clearTimeout(hard);
    rmSync(data, { recursive: true, force: true });
  };
  const ready = new Promise((done, fail) => {
    createInterface({ input: child.stdout }).on('line', (line) => { if (line.startsWith('{')) done(JSON.parse(line)); });
    gone.then((why) => fail(new Error(`countersign demo ended (${why}):\n${log}`)));
    setTimeout(() => fail(new Error(`countersign demo was not ready in ${START_LIMIT_MS} ms:\n${log}`)), START_LIMIT_MS).unref();
  });
  try {
    const said = await ready;
    return { ...said, ...operator(data, said), stop, log: () => log };
  } catch (error) {
    await stop();
    throw error;
  }
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    chromiumSandbox: false, // root has none to use
    args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** For all tests of a file: the demo, a browser, and the demo's person of that role. They are there once a test runs. */
export function onTheDemo(role) {
  const stage = {};
  before(async () => {
    stage.demo = await startDemo();
    stage.browser = await launch();
    const { username, password, totp_secret: totpSecret } = stage.demo.users.find((user) => user.role === role);
    stage.person = { username, password, totpSecret };
  });
  after(async () => {
    await stage.browser?.close();
    await stage.demo?.stop();
  });
  return stage;
}

/** A new page on Sign in & Security, with a current factor proved. */
export async function atSecurity({ demo, browser, person }, options) {
  const page = await openPage(browser, options);
  await page.goto(`${demo.issuer}/account/security`);
  await walk(page, person, { issuer: demo.issuer, onPage: async (id) => id !== 'account-security' });
  return page;
}

const complaints = new WeakMap();

/** A page of its own (own cookies) that writes down what the browser complains about. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: PHONE, locale: 'en-US', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(STEP_LIMIT_MS);
  const heard = [];
  complaints.set(page, heard);
  page.on('pageerror', (error) => heard.push(`script error: ${error.message}`));
  page.on('console', (message) => {
    // The browser reports the 4xx of a refused form, too; that one is the server's answer, not a fault of the page.
    // So is what the phone app is refused.
    const from = message.location().url;
    const answer = message.text().startsWith('Failed to load resource') && (from === page.url() || from.includes('/authenticator/v1'));
    if (message.type() === 'error' && !answer) heard.push(message.text());
  });
  await page.exposeFunction('reportViolation', (text) => heard.push(text));
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (e) =>
    window.reportViolation(`content security policy: ${e.violatedDirective} stopped ${e.blockedURI}`)));
  return page;
}

export const pageId = (page) => page.locator('body').getAttribute('data-page');

/** RFC 6238 with SHA-1, 6 digits, 30 seconds. */
export function totp(secretBase32, atMs = Date.now()) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const c of secretBase32.replace(/[\s=-]/g, '').toUpperCase()) bits += alphabet.indexOf(c).toString(2).padStart(5, '0');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

const lastStep = new Map();

/** A code of a step that was not used yet: the server takes each step once, and one step ahead of its clock. */
export async function unusedCode(secret) {
  const now = () => Math.floor((Date.now() + aheadMs) / 30_000);
  const step = Math.max(now(), (lastStep.get(secret) ?? 0) + 1);
  while (now() + 1 < step) await new Promise((done) => setTimeout(done, 500));
  lastStep.set(secret, step);
  return totp(secret, step * 30_000);
}

/** Does something that leads to another document; resolves to that document's response. */
export async function go(page, act) {
  const arrived = page.waitForNavigation({ waitUntil: 'load', timeout: STEP_LIMIT_MS });
  arrived.catch(() => {}); // reported below, unless `act` itself fails first
  await act();
  return arrived;
}

export const button = (name, value) => `button[name="${name}"][value="${value}"]`;

/** Two ways to use a page. */
export const pointer = {
  fill: (page, selector, value) => page.locator(selector).first().fill(value),
  press: (page, selector) => page.locator(selector).first().click(),
};
export const keyboard = {
  async reach(page, selector) {
    for (let i = 0; i < 60; i += 1) {
      if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`${selector} on page ${await pageId(page)} cannot be reached with the Tab key`);
  },
  async fill(page, selector, value) {
    await this.reach(page, selector);
    await page.keyboard.press('Control+A');
    await page.keyboard.type(value);
  },
  async press(page, selector) {
    await this.reach(page, selector);
    await page.keyboard.press('Enter');
  },
};

const USERNAME = 'input[autocomplete~="username"]';
const PASSWORD = 'input[autocomplete~="current-password"]';
const CODE = 'input[autocomplete~="one-time-code"]';
const SUBMIT = 'form button:not([name]):not([type="button"])';

async function answer(page, id, by, person, code) {
  const has = async (selector) => (await page.locator(selector).count()) > 0;
  switch (id) {
    case 'sign-in':
    case 'verify-password':
      if (await has(`${USERNAME}:not([readonly]):not([type="hidden"])`)) await by.fill(page, USERNAME, person.username);
      if (await has(PASSWORD)) await by.fill(page, PASSWORD, person.password);
      return by.press(page, SUBMIT);
    case 'choose-method': {
      const method = (await has('button[name="method"][value="password"]')) ? 'password' : 'totp';
      return by.press(page, `button[name="method"][value="${method}"]`);
    }
    case 'choose-authenticator':
      return by.press(page, 'button[name="authenticator"]');
    case 'verify-push': // no phone in this hand
      return by.press(page, 'button[name="action"][value="choose"]');
    case 'verify-totp':
      await by.fill(page, CODE, code);
      return by.press(page, SUBMIT);
    case 'consent':
      return by.press(page, 'button[name="action"][value="allow"]');
    default: {
      const shown = (await page.locator('main, body').first().innerText()).trim();
      return assert.fail(`page “${id}” is not one this person can answer:\n${shown}`);
    }
  }
}

/**
 * Answers the issuer's pages until the browser is elsewhere; resolves to the ids of the pages seen.
 * `onPage(id)` looks at each page before it is answered; returning false stops there.
 * `visitChooser` asks for another method once, so that the chooser is seen even where a preferred method opens directly.
 */
export async function walk(page, person, { issuer, by = pointer, onPage = async () => {}, visitChooser = false } = {}) {
  const seen = [];
  while (page.url().startsWith(issuer)) {
    assert.ok(seen.length < 15, `no end in sight: ${seen.join(' > ')}`);
    const id = await pageId(page);
    seen.push(id);
    if ((await onPage(id)) === false) break;
    const other = 'button[name="action"][value="choose"]';
    const detour = visitChooser && id.startsWith('verify-') && !seen.includes('choose-method') && (await page.locator(other).count());
    // Waiting for a step that is not used yet is not waiting for the server: it comes before the page's time runs.
    const code = id === 'verify-totp' && !detour ? await unusedCode(person.totpSecret) : undefined;
    await go(page, () => (detour ? by.press(page, other) : answer(page, id, by, person, code)));
  }
  return seen;
}

/** Pictures at phone and desk width, light and dark, for a person to look at. */
export async function lookAtPage(page, name) {
  mkdirSync(screenshots, { recursive: true });
  const before = page.viewportSize();
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const size of [PHONE, DESK]) {
      await page.setViewportSize(size);
      await page.screenshot({ path: join(screenshots, `${name}-${size.width}-${colorScheme}.png`), fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(before);
}

/** Runs in the browser. */
function faultsOfDocument() {
  const faults = [];
  const shown = (e) => e.offsetParent !== null && getComputedStyle(e).visibility !== 'hidden';
  const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);
  const name = (e) => (e.getAttribute('aria-label') ?? e.textContent ?? '').trim() || e.querySelector('img[alt]:not([alt=""])');
  if (!document.body.dataset.page) faults.push('body has no data-page');
  if (!/^[a-z]{2}/.test(document.documentElement.lang)) faults.push('html has no lang');
  if (!document.title.trim()) faults.push('no title');
  if (all('h1').length !== 1) faults.push(`${all('h1').length} headings h1`);
  const width = document.documentElement.scrollWidth;
  if (width > window.innerWidth) faults.push(`${width} px wide on a screen of ${window.innerWidth}`);
  for (const input of all('input:not([type="hidden"]), select, textarea')) {
    const label = [...(input.labels ?? [])].some((l) => l.textContent.trim());
    const other = input.getAttribute('aria-label') || input.getAttribute('aria-labelledby');
    if (!label && !other) faults.push(`input ${input.name} has no label`);
  }
  for (const e of all('button, a[href]')) if (!name(e)) faults.push(`a ${e.localName} without a name: ${e.outerHTML.slice(0, 80)}`);
  for (const e of all('button, input:not([type="checkbox"]):not([type="radio"])')) {
    if (e.getBoundingClientRect().height < 24) faults.push(`${e.outerHTML.slice(0, 80)} is lower than 24 px (WCAG 2.5.8)`);
  }
  return faults;
}

/** Runs in the browser, on what the Tab key has just reached; null at the end of the page. */
function focusOfDocument() {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  const look = (style) => [style.outlineStyle !== 'none' && style.outlineWidth !== '0px', style.boxShadow !== 'none'];
  const visible = [e, e.parentElement].some((x) => look(getComputedStyle(x)).includes(true));
  return { visible, what: e.outerHTML.slice(0, 80) };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds against WCAG 2.2 A and AA and its own best practices. */
async function axeFaults(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  return found.violations.flatMap((v) => v.nodes.map((n) => `axe ${v.id}: ${v.help}: ${n.html.slice(0, 120)}`));
}

/** Everything every page must be, whatever it says. */
export async function checkPage(page, { lang } = {}) {
  const before = page.viewportSize();
  await page.setViewportSize(PHONE);
  const faults = [...await page.evaluate(faultsOfDocument), ...await axeFaults(page)];
  for (let i = 0; i < 30; i += 1) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(focusOfDocument);
    if (!focus) break;
    if (!focus.visible) faults.push(`focus cannot be seen on ${focus.what}`);
  }
  const spoken = await page.evaluate(() => document.documentElement.lang);
  if (lang && !spoken.startsWith(lang)) faults.push(`speaks ${spoken}, not ${lang}`);
  faults.push(...(complaints.get(page)?.splice(0) ?? []));
  await page.setViewportSize(before);
  assert.deepEqual(faults, [], `page ${await pageId(page)} at ${page.url()}`);
}
