// Push from end to end: a computer that shows numbers, and a phone that types them into the app.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { button, checkPage, go, lookAtPage, onTheDemo, openPage, pageId, pointer } from './harness.mjs';
import {
  LIMIT, STEP_MS, answer, askByPush, at, becomes, beginPairing, firstStart, home, inspect, notThat, openAnew, openPhone, pair, phonesOf, problem,
  reveal, shownNumber, somebody, submit, toPairing, unlock,
} from './phone.mjs';

const stage = onTheDemo('administrator');

test('S16: a phone is paired by a link and a number, and approves a sign-in; the amr says what was used', LIMIT, async () => {
  const { computer, phone, person, name } = await pair(stage);
  if ((await pageId(computer)) === 'enrol') await go(computer, () => pointer.press(computer, button('action', 'continue')));
  assert.equal(await pageId(computer), 'account-security');
  assert.ok((await computer.locator('main').innerText()).includes(name), 'the list has the phone');
  await askByPush(stage, computer, person);
  await checkPage(computer);
  await lookAtPage(computer, '51-verify-push');
  const number = await shownNumber(computer);
  await answer(phone, notThat(number));
  await phone.locator('[data-error="MFA-133"]').waitFor();
  assert.equal(await phone.locator('[data-tries-left="2"]').count(), 1);
  await answer(phone, number);
  await phone.locator('[data-outcome="approved"]').waitFor();
  await becomes(computer, 'account-security');
  await computer.goto(`${stage.demo.issuer}/account/sessions`);
  const amr = (await computer.locator('[data-amr]').first().getAttribute('data-amr')).split(' ');
  assert.ok(amr.includes('mfa') && amr.includes('pin'), amr.join(' '));
  assert.ok(!stage.demo.log().includes('#pair='), 'no secret in the log');
});

test('S68: a phone is asked instead of the password, after the name alone, and is two factors with its PIN', LIMIT, async () => {
  const { computer, phone, person, name } = await pair(stage);
  await computer.context().clearCookies();
  await computer.goto(`${stage.demo.issuer}/account/sessions`);
  await computer.locator('[name="username"]').fill(person.username);
  await go(computer, () => computer.locator('[name="username"]').press('Enter'));
  assert.equal(await pageId(computer), 'verify-password');
  await checkPage(computer);
  await lookAtPage(computer, '53-verify-password-or-phone');
  await go(computer, () => pointer.press(computer, button('method', 'push')));
  assert.equal(await pageId(computer), 'verify-push');
  const shown = await computer.locator('main').innerText();
  assert.ok(!shown.includes(name), 'a name alone does not tell what the phone is called');
  await checkPage(computer);
  await lookAtPage(computer, '54-verify-push-by-name');
  await answer(phone, await shownNumber(computer));
  await phone.locator('[data-outcome="approved"]').waitFor();
  await computer.locator('[data-amr]').first().waitFor({ timeout: STEP_MS });
  const amr = (await computer.locator('[data-amr]').first().getAttribute('data-amr')).split(' ');
  assert.ok(amr.includes('mfa') && amr.includes('pin') && !amr.includes('pwd'), amr.join(' '));
});

test('S17: a sign-in that is denied on the phone is over on the computer', LIMIT, async () => {
  const { computer, phone, person } = await pair(stage);
  await askByPush(stage, computer, person);
  await answer(phone, '', 'deny');
  await at(phone, 'outcome');
  assert.equal(await problem(phone), 'MFA-131');
  await inspect(phone, 'denied');
  await computer.locator('[data-error="MFA-131"]').waitFor({ timeout: STEP_MS });
  await checkPage(computer);
});

test('a sign-in that is reported on the phone is over on the computer, and the session with it', LIMIT, async () => {
  const { computer, phone, person } = await pair(stage);
  await askByPush(stage, computer, person);
  await at(phone, 'request');
  await phone.locator('[data-decision="not_me"]').click();
  await at(phone, 'not-me');
  await inspect(phone, 'not-me');
  await phone.locator('[data-decision="confirm"]').click();
  await at(phone, 'outcome');
  // Nothing can be tried any more: back to where it came from, here our own front page.
  await computer.waitForURL((url) => url.pathname === '/', { timeout: STEP_MS });
  await computer.goto(`${stage.demo.issuer}/account/security`);
  assert.equal(await pageId(computer), 'sign-in', 'the session that the password had opened is over');
});

test('S18: a request that nobody answers in time is over; the computer offers another and another way, and a late tap does nothing', LIMIT, async () => {
  const { computer, phone, person } = await pair(stage, { serviceWorkers: 'block' });
  await askByPush(stage, computer, person);
  const number = await shownNumber(computer);
  await at(phone, 'request');
  // The tap is on its way for longer than the request lives.
  await phone.route('**/authenticator/v1/requests/*', async (route) => {
    await stage.demo.advance(5 * 60 + 10);
    await route.continue();
  }, { times: 1 });
  await answer(phone, number);
  await at(phone, 'outcome');
  assert.equal(await problem(phone), 'MFA-132');
  await inspect(phone, 'expired');
  await home(phone);
  await computer.reload();
  assert.equal(await pageId(computer), 'verify-push');
  assert.equal(await computer.locator('[data-error="MFA-132"]').count(), 1);
  assert.equal(await computer.locator(button('action', 'choose')).count(), 1, 'another way');
  await go(computer, () => pointer.press(computer, button('action', 'resend')));
  await answer(phone, await shownNumber(computer));
  await phone.locator('[data-outcome="approved"]').waitFor();
  await becomes(computer, 'account-security');
});

test('S59, S60: the secret is not in the page before it is revealed, and is good once', LIMIT, async () => {
  const person = await somebody(stage);
  const computer = await openPage(stage.browser);
  await toPairing(stage, computer, person);
  await checkPage(computer);
  await lookAtPage(computer, '50-enrol-push');
  const before = await computer.content();
  assert.equal(await computer.locator('[data-pairing-link]').count(), 0);
  const link = await reveal(computer);
  assert.ok(!before.includes('#pair=') && !before.includes(link.split('=')[1]), 'nothing to read before');
  for (const first of [true, false]) {
    const phone = await openPhone(stage);
    await phone.goto(link);
    await firstStart(phone);
    await at(phone, 'pair');
    await submit(phone);
    if (first) await at(phone, 'request');
    else await phone.locator('[data-error="MFA-140"]').waitFor();
  }
});

test('a phone pairs again by another link, and one that unregisters is gone', LIMIT, async () => {
  const { computer, phone, person, name } = await pair(stage);
  await openAnew(phone, await beginPairing(stage, computer, person));
  await unlock(phone);
  await at(phone, 'pair');
  await submit(phone);
  await at(phone, 'request');
  await phone.getByRole('button', { name: 'Later' }).click();
  await phone.locator('[data-account][data-status="active"]').click();
  await phone.locator('[data-remove]').click();
  await phone.locator('[data-confirm]').click();
  await at(phone, 'home');
  await computer.goto(`${stage.demo.issuer}/account/security`);
  assert.ok(!(await computer.locator('main').innerText()).includes(name));
  assert.deepEqual(await phonesOf(stage, person), []);
});
