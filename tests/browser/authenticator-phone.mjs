// The phone app on a phone of Chromium's, against the peer of authenticator-peer.mjs: what the tests of the app share.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Peer, SECRET } from './authenticator-peer.mjs';
import { DESK, PHONE, checkPage, launch, lookAtPage, openPage, startDemo } from './harness.mjs';

export const LIMIT = { timeout: 120_000 };
export const PIN = '274916';
/** What a phone is, to a page. */
export const TOUCH = {
  viewport: PHONE, hasTouch: true, isMobile: true,
  userAgent: 'Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
};

/** The server and the browser of a file of tests. */
export const here = {};

before(async () => {
  here.demo = await startDemo();
  here.browser = await launch();
  here.app = `${here.demo.issuer}/authenticator`;
});

after(async () => {
  await here.browser?.close();
  await here.demo?.stop();
});

export const at = (page, screen) => page.locator(`main[data-screen="${screen}"]`).waitFor();
export const problem = (page) => page.locator('[data-error]').first().getAttribute('data-error');

/** The app on a phone, with a peer that can be looked into. */
export async function phone({ granted = true, worker = 'block', ...options } = {}) {
  const page = await openPage(here.browser, { ...TOUCH, serviceWorkers: worker, ...options });
  if (granted) await page.context().grantPermissions(['notifications'], { origin: new URL(here.app).origin });
  const peer = await new Peer(here.demo.issuer).attach(page.context());
  return { page, peer };
}

export async function typePin(page, pin) {
  await page.locator('[data-pin]').fill(pin);
  await page.locator('form button[type="submit"]').click();
}

export async function firstStart(page) {
  await at(page, 'pin-new');
  await typePin(page, PIN);
  await at(page, 'pin-again');
  await typePin(page, PIN);
}

/** Opens the app by a pairing link, up to the first request's answer. */
export async function paired(options = {}) {
  const { page, peer } = await phone(options);
  await page.goto(`${here.app}#pair=${SECRET}`);
  await firstStart(page);
  await at(page, 'pair');
  await page.locator('form button[type="submit"]').click();
  await at(page, 'request');
  await page.locator('[data-number-input]').fill('482913');
  await page.locator('[data-decision="approve"]').click();
  await at(page, 'outcome');
  await page.locator('[data-home]').click();
  await at(page, 'home');
  assert.equal(peer.fault, undefined);
  const [device] = peer.devices.keys();
  return { page, peer, device };
}

/** Looks at a screen in both sizes and both lights, and holds it against the rules. */
export async function inspect(page, name) {
  for (const size of [DESK, PHONE]) {
    await page.setViewportSize(size);
    await checkPage(page);
  }
  await lookAtPage(page, `40-app-${name}`);
}
