// The doctor's way through the demo, in a real browser: sign in at the partner, sign prescriptions, and see there
// exactly what was proved. What the partner's pages must offer: a control named “Sign in”, one named “Sign
// prescriptions”, the verified claims in [data-claim], an OAuth error's code in [data-error].
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPage, go, keyboard, lookAtPage, onTheDemo, openPage, pageId, pointer, walk } from './harness.mjs';

const EPCS = 'urn:countersign:acr:epcs';
const LIMIT = { timeout: 180_000 };
const stage = onTheDemo('prescriber');

const control = (page, name) => page.getByRole('link', { name }).or(page.getByRole('button', { name })).first();
const claim = (page, name) => page.locator(`[data-claim="${name}"]`).first().innerText();

/** Opens the partner and comes to the issuer's first page. */
async function toSignIn(options) {
  const page = await openPage(stage.browser, options);
  await page.goto(stage.demo.partner);
  await go(page, () => control(page, /sign in/i).click());
  assert.equal(await pageId(page), 'sign-in');
  return page;
}

/** Signs in at the partner and asks to sign: the issuer's first page of the step-up. */
async function toStepUp(options) {
  const page = await toSignIn(options);
  await walk(page, stage.person, { issuer: stage.demo.issuer });
  await go(page, () => control(page, /sign prescriptions/i).click());
  assert.ok(page.url().startsWith(stage.demo.issuer), 'signing asks for a step-up');
  return page;
}

async function readsTheProof(page) {
  assert.equal(await claim(page, 'acr'), EPCS);
  const amr = (await claim(page, 'amr')).split(/[\s,]+/).sort();
  assert.deepEqual(amr.filter((value) => ['pwd', 'otp', 'mfa'].includes(value)), ['mfa', 'otp', 'pwd']);
  assert.ok(!amr.includes('sms'), `amr is ${amr}`);
}

test('a prescriber signs prescriptions; a text message is refused with its reason', LIMIT, async () => {
  const page = await toSignIn();
  const look = (prefix) => async (id) => {
    await checkPage(page, { lang: 'en' });
    await lookAtPage(page, `${prefix}-${id}`);
  };
  await walk(page, stage.person, { issuer: stage.demo.issuer, onPage: look('1-sign-in') });
  await look('2-partner')('prescriptions');
  await go(page, () => control(page, /sign prescriptions/i).click());
  let explained = false;
  const onPage = async (id) => {
    await look('3-step-up')(id);
    if (id !== 'choose-method' || !(await page.locator('button[name="method"][value="totp"]').count())) return;
    assert.equal(await page.locator('button[name="method"][value="sms"]').count(), 0, 'a text message is not offered');
    explained = (await page.locator('[data-refused="sms"]').innerText()).trim().length > 20;
  };
  const seen = await walk(page, stage.person, { issuer: stage.demo.issuer, onPage, visitChooser: true });
  assert.ok(explained, `the chooser says why no text message is accepted; pages were ${seen.join(' > ')}`);
  assert.ok(seen.some((id) => id === 'sign-in' || id === 'verify-password'), `the password is asked again: ${seen.join(' > ')}`);
  assert.ok(seen.includes('verify-totp'), seen.join(' > '));
  await look('4-partner')('signed');
  await readsTheProof(page);
});

test('the same with the keyboard only', LIMIT, async () => {
  const page = await openPage(stage.browser);
  await page.goto(stage.demo.partner);
  const press = (name) => go(page, async () => {
    await control(page, name).evaluate((e) => e.setAttribute('data-wanted', ''));
    await keyboard.press(page, '[data-wanted]');
  });
  await press(/sign in/i);
  await walk(page, stage.person, { issuer: stage.demo.issuer, by: keyboard });
  await press(/sign prescriptions/i);
  await walk(page, stage.person, { issuer: stage.demo.issuer, by: keyboard });
  await readsTheProof(page);
});

test('a text message sent to the server all the same is refused there', LIMIT, async () => {
  const page = await toStepUp();
  let answer;
  const onPage = async (id) => {
    const totp = page.locator('button[name="method"][value="totp"]');
    if (id !== 'choose-method' || !(await totp.count())) return true;
    await totp.evaluate((button) => { button.value = 'sms'; });
    answer = await go(page, () => pointer.press(page, 'button[name="method"][value="sms"]'));
    return false;
  };
  await walk(page, stage.person, { issuer: stage.demo.issuer, onPage, visitChooser: true });
  assert.ok(answer, 'the chooser was seen');
  assert.ok(answer.status() >= 400 && answer.status() < 500, `status ${answer.status()}`);
  assert.ok(await page.locator('[data-error]').count(), 'the page names the error');
  assert.ok(await page.locator('[data-reference]').count(), 'the page gives a reference');
  await checkPage(page);
  await lookAtPage(page, '5-refused-sms');
});

test('a wrong code is refused in words, and the right one still works', LIMIT, async () => {
  const page = await toStepUp();
  let wrong = 0;
  const onPage = async (id) => {
    if (id !== 'verify-totp' || wrong) return;
    wrong += 1;
    await pointer.fill(page, 'input[autocomplete~="one-time-code"]', '000000');
    await go(page, () => page.keyboard.press('Enter'));
    assert.match(await page.locator('[data-error]').getAttribute('data-error'), /^MFA-\d{3}$/);
    await checkPage(page);
    await lookAtPage(page, '6-wrong-code');
  };
  await walk(page, stage.person, { issuer: stage.demo.issuer, onPage });
  assert.equal(wrong, 1);
  await readsTheProof(page);
});

test('the pages speak Spanish to who reads Spanish, also in the dark', LIMIT, async () => {
  const page = await toSignIn({ locale: 'es-ES', colorScheme: 'dark' });
  const onPage = async (id) => {
    await checkPage(page, { lang: 'es' });
    await lookAtPage(page, `7-spanish-${id}`);
  };
  await walk(page, stage.person, { issuer: stage.demo.issuer, onPage });
});

test('dark mode is dark', LIMIT, async () => {
  const light = await toSignIn({ colorScheme: 'light' });
  const dark = await toSignIn({ colorScheme: 'dark' });
  const background = (page) => page.evaluate(() => {
    const colours = [document.body, document.documentElement].map((e) => getComputedStyle(e).backgroundColor);
    const [r, g, b] = (colours.find((c) => c !== 'rgba(0, 0, 0, 0)') ?? 'rgb(255, 255, 255)').match(/[\d.]+/g).map(Number);
    return r + g + b;
  });
  assert.ok((await background(dark)) < 200 && (await background(light)) > 500);
});

test('cancel goes back to the partner with access_denied', LIMIT, async () => {
  const page = await toSignIn();
  await go(page, () => pointer.press(page, 'button[name="action"][value="cancel"]'));
  assert.ok(page.url().startsWith(stage.demo.partner), page.url());
  const error = page.locator('[data-error]').first();
  assert.match(`${await error.getAttribute('data-error')} ${await error.innerText()}`, /access_denied/);
});
