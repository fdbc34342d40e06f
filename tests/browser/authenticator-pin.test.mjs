// The PIN of the phone app in Chromium: chosen at the first start, asked for by later ones, by idle time and by approvals.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPage, onTheDemo } from './harness.mjs';
import {
  LIMIT, PIN, answer, appOf, askByPush, at, firstStart, inspect, openPhone, pair, phonesOf, shownNumber, submit, typePin, unlock,
} from './phone.mjs';

const stage = onTheDemo('administrator');

test('the first start asks for a PIN twice, and later ones for the PIN', LIMIT, async () => {
  const phone = await openPhone(stage);
  await phone.goto(appOf(stage));
  await at(phone, 'pin-new');
  await inspect(phone, 'pin-new');
  for (const [pin, why] of [['12345', 'pin-short'], ['123456', 'pin-easy'], ['abcdef', 'pin-digits']]) {
    await typePin(phone, pin);
    await phone.locator(`[data-error="${why}"]`).waitFor();
  }
  await typePin(phone);
  await at(phone, 'pin-again');
  await typePin(phone, '274917');
  await at(phone, 'pin-new');
  await phone.locator('[data-error="pin-differs"]').waitFor();
  await checkPage(phone);
  await firstStart(phone);
  await at(phone, 'home');
  assert.equal(await phone.evaluate(() => document.activeElement.localName), 'h1', 'a new screen begins at its heading');
  await inspect(phone, 'home-empty');
  await phone.reload();
  await at(phone, 'lock');
  await inspect(phone, 'lock');
  for (const key of PIN) await phone.locator(`[data-key="${key}"]`).click();
  await submit(phone);
  await at(phone, 'home');
});

test('five idle minutes lock the app', LIMIT, async () => {
  const phone = await openPhone(stage);
  await phone.clock.install();
  await phone.goto(appOf(stage));
  await firstStart(phone);
  await at(phone, 'home');
  await phone.clock.fastForward('04:30');
  assert.equal(await phone.locator('main').getAttribute('data-screen'), 'home');
  await phone.clock.fastForward('01:00');
  await at(phone, 'lock');
});

test('wrong PINs cost time, and the tenth in a row costs the keys', LIMIT, async () => {
  const { phone, person, name } = await pair(stage);
  assert.deepEqual(await phonesOf(stage, person), [name]);
  await phone.clock.install();
  await phone.reload();
  await at(phone, 'lock');
  for (let wrong = 1; wrong < 10; wrong += 1) {
    await phone.locator('[data-pin]:not([disabled])').waitFor();
    await typePin(phone, '000000');
    await phone.locator('[data-error="pin-wrong"]', { hasText: `: ${10 - wrong}.` }).waitFor();
    assert.equal(await phone.locator('[data-pause]').count(), wrong >= 3 ? 1 : 0, `pause after ${wrong}`);
    if (wrong === 3) await inspect(phone, 'lock-pause');
    // Closing the app is no way around the pause.
    if (wrong === 4) {
      await phone.reload();
      await at(phone, 'lock');
      await phone.locator('[data-pause]').waitFor();
    }
    await phone.clock.fastForward('10:01');
  }
  await phone.locator('[data-pin]:not([disabled])').waitFor();
  await typePin(phone, '000000');
  await at(phone, 'wiped');
  await inspect(phone, 'wiped');
  assert.deepEqual(await phonesOf(stage, person), [], 'the device unregistered itself');
  await phone.reload();
  await at(phone, 'pin-new');
});

test('an approval needs a PIN that was typed within a minute', LIMIT, async () => {
  const { computer, phone, person } = await pair(stage);
  await askByPush(stage, computer, person);
  const number = await shownNumber(computer);
  await at(phone, 'request');
  await phone.clock.install();
  await phone.clock.fastForward('01:05');
  await answer(phone, number);
  await at(phone, 'lock');
  await inspect(phone, 'prove');
  await phone.getByRole('button', { name: 'Cancel' }).click();
  await at(phone, 'request');
  assert.equal(await phone.locator('[data-number-input]').inputValue(), number);
  await phone.locator('[data-decision="approve"]').click();
  await unlock(phone);
  await phone.locator('[data-outcome="approved"]').waitFor();
});
