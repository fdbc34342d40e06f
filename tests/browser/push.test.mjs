// Push from end to end, against the real server: a computer that shows numbers, and a phone that types them into the app.
// The two share nothing but the person.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PHONE, checkPage, go, launch, lookAtPage, openPage, pageId, pointer, startDemo, walk } from './harness.mjs';

const LIMIT = { timeout: 180_000 };
const STEP_MS = 30_000;
const PIN = '274916';
let demo, browser, person, missing;

before(async () => {
  demo = await startDemo();
  browser = await launch();
  const { username, password, totp_secret: totpSecret } = demo.users.find((user) => user.role === 'administrator');
  person = { username, password, totpSecret };
  const { status } = await fetch(`${demo.issuer}/authenticator/v1`);
  if (status !== 200) missing = `this server has no /authenticator/v1 (discovery answers ${status})`;
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const button = (name, value) => `button[name="${name}"][value="${value}"]`;
const control = (page, name) => page.getByRole('link', { name }).or(page.getByRole('button', { name })).first();
const at = (phone, screen) => phone.locator(`main[data-screen="${screen}"]`).waitFor({ timeout: STEP_MS });

/** Waits until the page has gone on by itself to one of these. */
async function becomes(page, ...ids) {
  const body = ids.map((id) => `body[data-page="${id}"]`).join(', ');
  await page.locator(body).waitFor({ timeout: STEP_MS });
  return pageId(page);
}

/** Six digits that the page shows. */
async function shownNumber(page) {
  const place = page.locator('[data-number]').first();
  await place.waitFor({ timeout: STEP_MS });
  const number = (await place.innerText()).replace(/\D/g, '');
  assert.match(number, /^\d{6}$/, 'the browser shows a number of six digits');
  return number;
}

async function openPhone() {
  const phone = await openPage(browser, {
    viewport: PHONE, hasTouch: true, isMobile: true,
    userAgent: 'Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
  });
  await phone.context().grantPermissions(['notifications'], { origin: new URL(demo.issuer).origin });
  return phone;
}

async function typePin(phone) {
  await phone.locator('[data-pin]').fill(PIN);
  await phone.locator('form button[type="submit"]').click();
}

/** At the page that waits for a phone, with the link that a QR code holds. */
async function beginPairing(computer) {
  await computer.goto(`${demo.issuer}/account/security`);
  await walk(computer, person, { issuer: demo.issuer, onPage: async (id) => id !== 'account-security' });
  await go(computer, () => pointer.press(computer, button('method', 'push')));
  if ((await pageId(computer)) === 'enrol') await go(computer, () => pointer.press(computer, button('method', 'push')));
  assert.equal(await pageId(computer), 'enrol-push');
  await checkPage(computer);
  await lookAtPage(computer, '50-enrol-push');
  const link = computer.locator('[data-pairing-link]').first();
  if (!(await link.isVisible())) await control(computer, /reveal/i).or(computer.locator('summary')).first().click();
  await link.waitFor();
  const text = await link.evaluate((e) => e.dataset.pairingLink || e.getAttribute('href') || e.textContent.trim());
  assert.match(text, /\/authenticator#pair=[A-Z2-7]{26}$/);
  return text;
}

/** Types the number into the request that the phone shows, and decides. */
async function answer(phone, number, decision = 'approve') {
  await at(phone, 'request');
  if (decision === 'approve') await phone.locator('[data-number-input]').fill(number);
  await phone.locator(`[data-decision="${decision}"]`).click();
  if (await phone.locator('main[data-screen="not-me"]').count()) await phone.locator('[data-decision="confirm"]').click();
}

/** A paired phone, and the computer on Sign in & Security. */
async function pair(computer) {
  const link = await beginPairing(computer);
  const phone = await openPhone();
  await phone.goto(link);
  for (const screen of ['pin-new', 'pin-again']) {
    await at(phone, screen);
    await typePin(phone);
  }
  await at(phone, 'pair');
  const name = `Phone ${Math.random().toString(36).slice(2, 6)}`;
  await phone.locator('[data-device-name]').fill(name);
  await phone.locator('form button[type="submit"]').click();
  await answer(phone, await shownNumber(computer));
  await phone.locator('[data-outcome="approved"]').waitFor({ timeout: STEP_MS });
  await phone.locator('[data-home]').click();
  await phone.locator('[data-status="active"]').waitFor();
  assert.equal(await becomes(computer, 'enrol', 'account-security'), await pageId(computer));
  if ((await pageId(computer)) === 'enrol') await go(computer, () => pointer.press(computer, button('action', 'continue')));
  assert.equal(await pageId(computer), 'account-security');
  assert.ok((await computer.locator('main').innerText()).includes(name), 'the list has the phone');
  return { phone, name };
}

/** From the partner to the page that waits for the phone. */
async function askByPush(computer, name) {
  await computer.context().clearCookies();
  await computer.goto(`${demo.issuer}/account/security`);
  for (let turn = 0; (await pageId(computer)) !== 'verify-push'; turn += 1) {
    assert.ok(turn < 8, `on ${await pageId(computer)} there is no way to a push`);
    const id = await pageId(computer);
    if (id === 'choose-method') await go(computer, () => pointer.press(computer, button('method', 'push')));
    else if (id === 'choose-authenticator') await go(computer, () => computer.locator('button[name="authenticator"]', { hasText: name }).click());
    else if (id.startsWith('verify-') && id !== 'verify-password') await go(computer, () => pointer.press(computer, button('action', 'choose')));
    else await walk(computer, person, { issuer: demo.issuer, onPage: async (now) => now === id });
  }
}

/** Node knows only in `before` whether the server can do it. */
function play(name, story) {
  test(name, LIMIT, async (t) => {
    if (missing) t.skip(missing);
    else await story();
  });
}

play('a phone is paired by a link and a number, and approves a sign-in', async () => {
  const computer = await openPage(browser);
  const { phone, name } = await pair(computer);
  await askByPush(computer, name);
  await checkPage(computer);
  await lookAtPage(computer, '51-verify-push');
  const number = await shownNumber(computer);
  await at(phone, 'request');
  await checkPage(phone);
  await lookAtPage(phone, '52-app-request');
  await answer(phone, number === '000000' ? '000001' : '000000');
  await phone.locator('[data-error="MFA-133"]').waitFor();
  assert.equal(await phone.locator('[data-tries-left]').count(), 1);
  await answer(phone, number);
  await phone.locator('[data-outcome="approved"]').waitFor();
  await becomes(computer, 'account-security');
  await computer.goto(`${demo.issuer}/account/sessions`);
  const amr = (await computer.locator('[data-amr]').first().getAttribute('data-amr')).split(' ');
  assert.ok(amr.includes('mfa') && amr.includes('pin'), amr.join(' '));
  assert.ok(!demo.log().includes('#pair='), 'no secret in the log');
});

for (const [what, decision] of [['denied', 'deny'], ['reported', 'not_me']]) {
  play(`a sign-in that is ${what} on the phone is over on the computer`, async () => {
    const computer = await openPage(browser);
    const { phone, name } = await pair(computer);
    await askByPush(computer, name);
    await shownNumber(computer);
    await answer(phone, '', decision);
    await at(phone, 'outcome');
    if (decision === 'deny') {
      await computer.locator('[data-error="MFA-131"]').waitFor({ timeout: STEP_MS });
      await checkPage(computer);
    } else {
      // Nothing can be tried any more: back to where it came from, here our own front page.
      await computer.waitForURL((url) => url.pathname === '/', { timeout: STEP_MS });
      await computer.goto(`${demo.issuer}/account/security`);
      assert.equal(await pageId(computer), 'sign-in', 'the session that the password had opened is over');
    }
  });
}

play('a link is good once, and a phone that unregisters is gone', async () => {
  const computer = await openPage(browser);
  const { phone, name } = await pair(computer);
  const link = await beginPairing(computer);
  const other = await openPhone();
  for (const [page, works] of [[phone, true], [other, false]]) {
    await page.goto('about:blank');
    await page.goto(link);
    if (works) {
      await at(page, 'lock');
      await typePin(page);
    } else {
      for (const screen of ['pin-new', 'pin-again']) {
        await at(page, screen);
        await typePin(page);
      }
    }
    await at(page, 'pair');
    await page.locator('form button[type="submit"]').click();
    if (works) await at(page, 'request');
    else await page.locator('[data-error="MFA-140"]').waitFor();
  }
  await phone.getByRole('button', { name: 'Later' }).click();
  await phone.locator('[data-account][data-status="active"]').click();
  await phone.locator('[data-remove]').click();
  await phone.locator('[data-confirm]').click();
  await at(phone, 'home');
  await computer.goto(`${demo.issuer}/account/security`);
  assert.ok(!(await computer.locator('main').innerText()).includes(name));
});
