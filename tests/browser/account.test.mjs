// Every page of the account, and of somebody who is not signed in, looked at by axe-core and by the harness, in both
// languages and at phone and desk width.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkPage, go, launch, lookAtPage, openPage, pageId, pointer, startDemo, walk } from './harness.mjs';

const LIMIT = { timeout: 240_000 };
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

const button = (name, value) => `button[name="${name}"][value="${value}"]`;

async function look(page, name, lang = 'en') {
  await checkPage(page, { lang });
  await lookAtPage(page, name);
}

async function atSecurity(options) {
  const page = await openPage(browser, options);
  await page.goto(`${demo.issuer}/account/security`);
  await walk(page, person, { issuer: demo.issuer, onPage: async (id) => id !== 'account-security' });
  return page;
}

for (const [lang, locale] of [['en', 'en-US'], ['es', 'es-ES']]) {
  test(`the pages of the account are for everybody (${lang})`, LIMIT, async () => {
    const page = await atSecurity({ locale });
    for (const [path, id] of [
      ['', 'account'], ['/profile', 'account-profile'], ['/security', 'account-security'], ['/password', 'account-password'],
      ['/sessions', 'account-sessions'], ['/activity', 'account-activity'], ['/privacy', 'account-privacy'],
      ['/close', 'account-close'], ['/lost', 'account-lost'], ['/help/phone', 'account-help-phone'],
    ]) {
      await page.goto(`${demo.issuer}/account${path}`);
      assert.equal(await pageId(page), id);
      await look(page, `20-${lang}-${id}`, lang);
    }
  });
}

test('the ways in for somebody who is not signed in', LIMIT, async () => {
  const page = await openPage(browser);
  for (const [path, id] of [['/register-account', 'register'], ['/recover', 'recover']]) {
    await page.goto(`${demo.issuer}${path}`);
    assert.equal(await pageId(page), id);
    await look(page, `21-${id}`);
  }
});

test('each method has a page on which it is set up', LIMIT, async () => {
  const page = await atSecurity();
  for (const [method, id] of [['totp', 'enrol-totp'], ['sms', 'enrol-phone'], ['recovery_code', 'recovery-codes']]) {
    await page.goto(`${demo.issuer}/account/security`);
    await go(page, () => pointer.press(page, button('method', method)));
    if ((await pageId(page)) === 'enrol') {
      await look(page, '22-enrol');
      await go(page, () => pointer.press(page, button('method', method)));
    }
    assert.equal(await pageId(page), id);
    await look(page, `22-${id}`);
  }
});

test('a phone is added: the number is confirmed, the code is typed, and the account says that it is secure', LIMIT, async () => {
  const page = await atSecurity();
  await go(page, () => pointer.press(page, button('method', 'sms')));
  if ((await pageId(page)) === 'enrol') await go(page, () => pointer.press(page, button('method', 'sms')));
  await pointer.fill(page, 'input[autocomplete~="tel"]', '(415) 555-0188');
  await go(page, () => pointer.press(page, button('method', 'sms')));
  await look(page, '23-confirm-number');
  await go(page, () => pointer.press(page, button('method', 'sms')));
  await look(page, '23-type-code');
  const outbox = await (await fetch(`${demo.outbox}?to=${encodeURIComponent('+14155550188')}`, { headers: { accept: 'application/json' } })).json();
  await pointer.fill(page, 'input[autocomplete~="one-time-code"]', outbox.at(-1).code);
  await go(page, () => pointer.press(page, 'form button.primary'));
  assert.match(await page.locator('main').innerText(), /your account is now secure/i);
  await look(page, '23-secure');
});
