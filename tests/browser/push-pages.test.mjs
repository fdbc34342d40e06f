// The pages that wait for a phone, with the terminal's authenticator as the phone: how they look, and that they go on by
// themselves, whatever the browser can do.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { BINARY, button, checkPage, go, lookAtPage, onTheDemo, openPage, pageId, pointer, walk } from './harness.mjs';
import { reveal, shownNumber as number, toPairing } from './phone.mjs';

const LIMIT = { timeout: 240_000 };
const EVENT_MS = 1_000;
const POLL_MS = 2_000 + EVENT_MS;
const REFRESH_MS = 3_000 + EVENT_MS;
const stage = onTheDemo('prescriber');

const folder = mkdtempSync(join(tmpdir(), 'countersign-terminal-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const run = promisify(execFile);
const terminal = (command, ...words) => run(BINARY, ['authenticator', command, '--file', join(folder, 'keys.json'), ...words]);

async function look(page, name, lang = 'en') {
  await checkPage(page, { lang });
  await lookAtPage(page, name);
}

/** The page does it without a finger on it, so soon after `act` has returned. */
async function goesOn(page, withinMs, act) {
  const arrived = page.waitForNavigation({ waitUntil: 'commit' }).then(() => performance.now());
  arrived.catch(() => {});
  await act();
  const acted = performance.now();
  const took = (await arrived) - acted;
  await page.waitForLoadState();
  assert.ok(took < withinMs, `the page went on after ${Math.round(took)} ms, not within ${withinMs}`);
  return took;
}

const isId = (id) => async (seen) => seen !== id;

/** Signs in at the partner and asks to sign: the page that waits for the phone. */
async function toWaiting(options) {
  const page = await openPage(stage.browser, options);
  const control = (name) => page.getByRole('link', { name }).or(page.getByRole('button', { name })).first();
  await page.goto(stage.demo.partner);
  await go(page, () => control(/sign in/i).click());
  await walk(page, stage.person, { issuer: stage.demo.issuer, onPage: isId('verify-push') });
  await go(page, () => control(/sign prescriptions/i).click());
  await walk(page, stage.person, { issuer: stage.demo.issuer, onPage: isId('verify-push') });
  assert.equal(await pageId(page), 'verify-push');
  return page;
}

async function signed(page) {
  assert.ok(page.url().startsWith(stage.demo.partner), page.url());
  const amr = (await page.locator('[data-claim="amr"]').first().innerText()).split(/[\s,]+/).sort();
  assert.deepEqual(amr, ['mca', 'mfa', 'pwd', 'swk', 'user']);
}

test('a phone is paired: the page shows the code, then the number, and goes on by itself', LIMIT, async () => {
  const page = await openPage(stage.browser);
  await toPairing(stage, page, stage.person);
  await look(page, '40-enrol-push-hidden');
  await page.locator('summary').first().click();
  await look(page, '40-enrol-push-other-ways');
  const link = await reveal(page);
  await look(page, '40-enrol-push-revealed');
  await goesOn(page, EVENT_MS, () => terminal('pair', link, '--name', 'Ana’s telephone in the consulting room'));
  assert.equal(await pageId(page), 'enrol-push');
  await look(page, '40-enrol-push-number');
  const typed = await number(page);
  await goesOn(page, EVENT_MS, () => terminal('approve', '--number', typed));
  assert.match(await page.locator('main').innerText(), /your account is now secure/i);
  await look(page, '40-enrol-push-done');
});

test('signing waits for the phone and goes on by itself, told by the server', LIMIT, async () => {
  const page = await toWaiting();
  await look(page, '41-verify-push');
  await page.locator('summary').first().click();
  await look(page, '41-verify-push-help');
  const typed = await number(page);
  await goesOn(page, EVENT_MS, () => terminal('approve', '--number', typed));
  await signed(page);
});

test('denied on the phone: the page says so and offers more', LIMIT, async () => {
  const page = await toWaiting();
  await goesOn(page, EVENT_MS, () => terminal('deny'));
  assert.equal(await page.locator('[data-error]').getAttribute('data-error'), 'MFA-131');
  await look(page, '42-verify-push-denied');
  await go(page, () => pointer.press(page, button('action', 'resend')));
  const typed = await number(page);
  await goesOn(page, EVENT_MS, () => terminal('approve', '--number', typed));
  await signed(page);
});

test('without server-sent events the page asks', LIMIT, async () => {
  const page = await toWaiting();
  await page.addInitScript(() => { delete globalThis.EventSource; });
  await page.reload();
  assert.equal(await page.evaluate(() => 'EventSource' in globalThis), false);
  const typed = await number(page);
  await goesOn(page, POLL_MS, () => terminal('approve', '--number', typed));
  await signed(page);
});

test('without scripts the page reloads itself', LIMIT, async () => {
  const page = await toWaiting({ javaScriptEnabled: false });
  const typed = await number(page);
  await page.waitForNavigation(); // it does while it waits, too, and asks for nothing new
  assert.equal(await number(page), typed);
  await terminal('approve', '--number', typed);
  await page.waitForURL((url) => url.href.startsWith(stage.demo.partner), { timeout: REFRESH_MS });
  await signed(page);
});

test('the pages of a phone speak Spanish', LIMIT, async () => {
  const page = await toWaiting({ locale: 'es-ES' });
  await look(page, '43-spanish-verify-push', 'es');
  const typed = await number(page);
  await goesOn(page, EVENT_MS, () => terminal('approve', '--number', typed));
  await signed(page);
  await toPairing(stage, page, stage.person);
  await reveal(page);
  await look(page, '43-spanish-enrol-push', 'es');
});
