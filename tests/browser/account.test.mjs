// Every page of the account, and of somebody who is not signed in, looked at by axe-core and by the harness, in both
// languages and at phone and desk width.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atSecurity, button, checkPage, go, lookAtPage, onTheDemo, openPage, pageId, pointer, walk } from './harness.mjs';

const LIMIT = { timeout: 240_000 };
const stage = onTheDemo('administrator');


const ADDRESS = 'okafor@cedar.example';
const CODE = 'input[autocomplete~="one-time-code"]';

/** The last message to this address or number that `fits`. */
async function lastMessage(to, fits = () => true) {
  const answer = await fetch(`${stage.demo.outbox}?to=${encodeURIComponent(to)}`, { headers: { accept: 'application/json' } });
  return (await answer.json()).filter(fits).at(-1);
}

async function look(page, name, lang = 'en') {
  await checkPage(page, { lang });
  await lookAtPage(page, name);
}

for (const [lang, locale] of [['en', 'en-US'], ['es', 'es-ES']]) {
  test(`the pages of the account are for everybody (${lang})`, LIMIT, async () => {
    const page = await atSecurity(stage, { locale });
    for (const [path, id] of [
      ['', 'account'], ['/profile', 'account-profile'], ['/security', 'account-security'], ['/password', 'account-password'],
      ['/sessions', 'account-sessions'], ['/activity', 'account-activity'], ['/privacy', 'account-privacy'],
      ['/close', 'account-close'], ['/lost', 'account-lost'], ['/help/phone', 'account-help-phone'],
    ]) {
      await page.goto(`${stage.demo.issuer}/account${path}`);
      assert.equal(await pageId(page), id);
      await look(page, `20-${lang}-${id}`, lang);
    }
  });
}

test('the ways in for somebody who is not signed in', LIMIT, async () => {
  const page = await openPage(stage.browser);
  for (const [path, id] of [['/register-account', 'register'], ['/recover', 'recover']]) {
    await page.goto(`${stage.demo.issuer}${path}`);
    assert.equal(await pageId(page), id);
    await look(page, `21-${id}`);
  }
});

test('each method has a page on which it is set up', LIMIT, async () => {
  const page = await atSecurity(stage);
  for (const [method, id] of [['totp', 'enrol-totp'], ['sms', 'enrol-phone'], ['recovery_code', 'recovery-codes']]) {
    await page.goto(`${stage.demo.issuer}/account/security`);
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
  const page = await atSecurity(stage);
  await go(page, () => pointer.press(page, button('method', 'sms')));
  if ((await pageId(page)) === 'enrol') await go(page, () => pointer.press(page, button('method', 'sms')));
  await pointer.fill(page, 'input[autocomplete~="tel"]', '(415) 555-0188');
  await go(page, () => pointer.press(page, button('method', 'sms')));
  await look(page, '23-confirm-number');
  await go(page, () => pointer.press(page, button('method', 'sms')));
  await look(page, '23-type-code');
  await pointer.fill(page, CODE, (await lastMessage('+14155550188')).code);
  await go(page, () => pointer.press(page, 'form button.primary'));
  assert.match(await page.locator('main').innerText(), /your account is now secure/i);
  await look(page, '23-secure');
});

test('a method is renamed, removed and given back, and the profile is changed', LIMIT, async () => {
  const page = await atSecurity(stage);
  const rename = page.locator('a[href*="/rename"]').last();
  await go(page, () => rename.click());
  assert.equal(await pageId(page), 'account-rename');
  await look(page, '24-rename');
  await pointer.fill(page, 'input[name="nickname"]', 'An older phone with a name that is as long as a name may well be');
  await go(page, () => pointer.press(page, button('action', 'rename')));
  await look(page, '24-renamed');
  const { link } = await lastMessage(ADDRESS, (m) => m.link?.includes('/account/undo/'));
  await go(page, () => page.locator('a[href*="/remove"]').last().click());
  assert.equal(await pageId(page), 'account-remove');
  await look(page, '24-remove');
  await page.goto(`${stage.demo.issuer}/account/profile?edit=yes`);
  await look(page, '24-profile-edit');
  await pointer.fill(page, 'input[name="email"]', 'chidi.okafor@a-rather-long-name-of-a-clinic.cedar.example');
  await go(page, () => pointer.press(page, button('action', 'email')));
  await look(page, '24-profile-pending');
  // Opened by the letter's reader, who need not be signed in.
  const reader = await openPage(stage.browser);
  await reader.goto(link);
  assert.equal(await pageId(reader), 'account-undo');
  await look(reader, '24-undo');
  await go(reader, () => pointer.press(reader, button('action', 'undo')));
  await look(reader, '24-undone');
});

test('the link to another phone shows the key there', LIMIT, async () => {
  const page = await atSecurity(stage);
  await go(page, () => pointer.press(page, button('method', 'totp')));
  if ((await pageId(page)) === 'enrol') await go(page, () => pointer.press(page, button('method', 'totp')));
  await go(page, () => pointer.press(page, button('action', 'link-email')));
  await look(page, '25-totp-sent');
  const phone = await openPage(stage.browser);
  await phone.goto((await lastMessage(ADDRESS)).link);
  await look(phone, '25-totp-link');
  await go(phone, () => pointer.press(phone, button('action', 'show')));
  await look(phone, '25-totp-shown');
});

test('a way back into the account, by code and by link', LIMIT, async () => {
  const page = await openPage(stage.browser);
  await page.goto(`${stage.demo.issuer}/recover`);
  await pointer.fill(page, 'input[autocomplete~="email"]', ADDRESS);
  await go(page, () => pointer.press(page, 'form button.primary'));
  await look(page, '26-recover-code');
  const letter = await lastMessage(ADDRESS);
  const phone = await openPage(stage.browser);
  await phone.goto(letter.link);
  await look(phone, '26-recover-link');
  await pointer.fill(page, CODE, letter.code);
  await go(page, () => pointer.press(page, 'form button.primary'));
  await walk(page, stage.person, { issuer: stage.demo.issuer, onPage: async (id) => id !== 'recover' });
  assert.equal(await page.locator('input[autocomplete~="new-password"]').count(), 1);
  await look(page, '26-new-password');
});

test('an account is closed', LIMIT, async () => {
  const page = await atSecurity(stage);
  await page.goto(`${stage.demo.issuer}/account/close`);
  await page.locator('input[name="confirm"]').check();
  await go(page, () => pointer.press(page, button('action', 'close')));
  assert.equal(await pageId(page), 'account-closed');
  await look(page, '27-closed');
});
