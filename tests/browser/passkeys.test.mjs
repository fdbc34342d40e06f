// Security keys and passkeys in a real browser, with virtual authenticators of Chromium's own: set up on the account's
// pages, asked for by a partner, offered by the browser on the sign-in page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atSecurity, button, checkPage, go, lookAtPage, onTheDemo, pageId, pointer, walk } from './harness.mjs';

const LIMIT = { timeout: 180_000 };
const stage = onTheDemo('administrator');

/** A virtual authenticator for one page; answers what it holds. */
async function plugIn(page, options = {}) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'usb', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: true, ...options,
    },
  });
  return async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
}

const control = (page, name) => page.getByRole('link', { name }).or(page.getByRole('button', { name })).first();

async function addKey(page, nickname) {
  await go(page, () => pointer.press(page, button('method', 'webauthn')));
  if ((await pageId(page)) === 'enrol') await go(page, () => pointer.press(page, button('method', 'webauthn')));
  assert.equal(await pageId(page), 'enrol-webauthn');
  await checkPage(page);
  await lookAtPage(page, '10-enrol-webauthn');
  await pointer.fill(page, 'input[autocomplete~="nickname"]', nickname);
  await go(page, () => pointer.press(page, 'form[data-webauthn] button.primary'));
  assert.equal(await pageId(page), 'enrol', await page.locator('main').innerText());
  await checkPage(page);
  await lookAtPage(page, '11-enrolled');
  await go(page, () => pointer.press(page, button('action', 'continue')));
  assert.equal(await pageId(page), 'account-security');
  assert.ok((await page.locator('main').innerText()).includes(nickname), 'the list has it');
}

/** At the partner as somebody whom the browser does not know; resolves to the issuer's first page, or past it. */
async function toSignIn(page) {
  await page.context().clearCookies();
  await page.goto(stage.demo.partner);
  await go(page, () => control(page, /sign in/i).click());
}

/** Until `done`: with the key wherever one can be used. Keys answer by themselves, and the browser may answer for them. */
async function withKey(page, done) {
  const seen = [];
  page.on('framenavigated', (frame) => seen.push(new URL(frame.url()).pathname));
  for (let turn = 0; !(await done()); turn += 1) {
    assert.ok(turn < 20, seen.join(' > '));
    const id = await pageId(page).catch(() => null);
    if (id === 'choose-method') await go(page, () => pointer.press(page, button('method', 'webauthn')));
    else if (id === 'sign-in' || id === 'verify-password') await walk(page, stage.person, { issuer: stage.demo.issuer, onPage: async (now) => now === id }).catch(() => {});
    else if (id === 'consent') await go(page, () => pointer.press(page, button('action', 'allow')));
    else await page.waitForTimeout(200);
  }
  return seen;
}

/** How this browser's session was opened, as its owner reads it. */
async function howProved(page) {
  await page.goto(`${stage.demo.issuer}/account/sessions`);
  assert.equal(await pageId(page), 'account-sessions');
  await checkPage(page);
  return page.locator('[data-amr]').first().getAttribute('data-amr');
}

test('a passkey is set up and signs in alone, without a name', LIMIT, async () => {
  const page = await atSecurity(stage);
  await checkPage(page);
  await lookAtPage(page, '12-security');
  const credentials = await plugIn(page);
  await addKey(page, 'Blue key');
  assert.equal((await credentials()).length, 1);
  await lookAtPage(page, '13-security-with-key');
  await toSignIn(page);
  // The browser offers it among its suggestions; where nobody picks, the button does.
  if (page.url().startsWith(stage.demo.issuer) && (await pageId(page)) === 'sign-in') {
    await page.locator('[data-passkey]').click({ timeout: 3_000 }).catch(() => {});
  }
  await withKey(page, async () => page.url().startsWith(stage.demo.partner));
  const amr = await howProved(page);
  assert.equal(amr, 'swk user mfa');
});

for (const [what, options] of [
  ['without user verification', { hasUserVerification: false, isUserVerified: false, hasResidentKey: false }],
  ['that stores nothing', { hasResidentKey: false }],
  ['that is synced', { transport: 'internal', defaultBackupEligibility: true, defaultBackupState: true }],
]) {
  test(`a key ${what} opens what is behind two factors, and is never called hardware`, LIMIT, async () => {
    const page = await atSecurity(stage);
    await plugIn(page, options);
    await addKey(page, `Key ${what}`);
    await page.context().clearCookies();
    await page.goto(`${stage.demo.issuer}/account/security`);
    const seen = await withKey(page, async () => (await pageId(page).catch(() => null)) === 'account-security');
    const amr = (await howProved(page)).split(' ');
    assert.ok(amr.includes('swk') && amr.includes('mfa') && !amr.includes('hwk') && !amr.includes('otp'), `${amr}; ${seen.join(' > ')}`);
    // A key that can be found without a name needs no password; one that cannot steps a password up.
    assert.equal(amr.includes('pwd'), options.hasResidentKey === false, `${amr}; ${seen.join(' > ')}`);
  });
}
