// Security keys and passkeys in a real browser, with virtual authenticators of Chromium's own: set up on the account's
// pages, asked for by a partner, offered by the browser on the sign-in page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkPage, go, launch, lookAtPage, openPage, pageId, pointer, startDemo, walk } from './harness.mjs';

const LIMIT = { timeout: 180_000 };
let demo, browser, person;

before(async () => {
  demo = await startDemo();
  browser = await launch();
  const { username, password, totp_secret: totpSecret } = demo.users.find((user) => user.role === 'administrator');
  person = { username, password, totpSecret };
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

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

const button = (name, value) => `button[name="${name}"][value="${value}"]`;
const control = (page, name) => page.getByRole('link', { name }).or(page.getByRole('button', { name })).first();
const claim = (page, name) => page.locator(`[data-claim="${name}"]`).first().innerText();

/** On Sign in & Security, with a current factor proved. */
async function atSecurity() {
  const page = await openPage(browser);
  await page.goto(`${demo.issuer}/account/security`);
  await walk(page, person, { issuer: demo.issuer, onPage: async (id) => id !== 'account-security' });
  return page;
}

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
  await page.goto(demo.partner);
  await go(page, () => control(page, /sign in/i).click());
}

/** Until the partner: with the key wherever one can be used. */
async function withKey(page) {
  const seen = [];
  while (page.url().startsWith(demo.issuer)) {
    const id = await pageId(page);
    seen.push(id);
    assert.ok(seen.length < 12, seen.join(' > '));
    if (id === 'choose-method') await go(page, () => pointer.press(page, button('method', 'webauthn')));
    // It asks by itself; what comes after is another page.
    else if (id === 'verify-webauthn') await page.waitForFunction(() => document.body?.dataset.page !== 'verify-webauthn');
    else await walk(page, person, { issuer: demo.issuer, onPage: async (now) => now === id });
  }
  return seen;
}

test('a passkey is set up and signs in alone, without a name', LIMIT, async () => {
  const page = await atSecurity();
  await checkPage(page);
  await lookAtPage(page, '12-security');
  const credentials = await plugIn(page);
  await addKey(page, 'Blue key');
  assert.equal((await credentials()).length, 1);
  await lookAtPage(page, '13-security-with-key');
  await toSignIn(page);
  // The browser offers it among its suggestions; nobody is there to pick, so the button does.
  if (page.url().startsWith(demo.issuer) && (await pageId(page)) === 'sign-in') {
    await go(page, () => page.locator('[data-passkey]').click());
  }
  const seen = await withKey(page);
  const amr = await claim(page, 'amr');
  assert.ok(/\bswk\b/.test(amr) && /\bmfa\b/.test(amr) && !/pwd|otp|hwk/.test(amr), `amr is ${amr}; ${seen.join(' > ')}`);
});

for (const [what, options] of [
  ['without user verification', { hasUserVerification: false, isUserVerified: false }],
  ['that stores nothing', { hasResidentKey: false }],
  ['that is synced', { transport: 'internal', defaultBackupEligibility: true, defaultBackupState: true }],
]) {
  test(`a key ${what} steps a password up to phishing resistance, and is never called hardware`, LIMIT, async () => {
    const page = await atSecurity();
    await plugIn(page, options);
    await addKey(page, `Key ${what}`);
    await page.context().clearCookies();
    await page.goto(`${demo.issuer}/account/security`);
    const seen = [];
    for (let id = await pageId(page); id !== 'account-security'; id = await pageId(page)) {
      seen.push(id);
      assert.ok(seen.length < 12, seen.join(' > '));
      if (id === 'choose-method') {
        await checkPage(page);
        await go(page, () => pointer.press(page, button('method', 'webauthn')));
      } else if (id === 'verify-webauthn') {
        await page.waitForFunction(() => document.body?.dataset.page !== 'verify-webauthn');
      } else {
        await walk(page, person, { issuer: demo.issuer, onPage: async (now) => now === id });
      }
    }
    assert.ok(seen.includes('verify-webauthn'), seen.join(' > '));
    await page.goto(demo.partner);
    await go(page, () => control(page, /sign in/i).click());
    await withKey(page);
    const amr = await claim(page, 'amr');
    assert.ok(/\bpwd\b/.test(amr) && /\bswk\b/.test(amr) && !/hwk/.test(amr), `amr is ${amr}; ${seen.join(' > ')}`);
  });
}
