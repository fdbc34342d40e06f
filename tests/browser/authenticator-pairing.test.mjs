// The phone app in Chromium, up to the first request: its PIN, and the ways in which an account gets there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Peer, SECRET } from './authenticator-peer.mjs';
import { LIMIT, PIN, at, firstStart, here, inspect, paired, phone, problem, typePin } from './authenticator-phone.mjs';
import { DESK, checkPage, openPage } from './harness.mjs';

test('the first start asks for a PIN twice, and later ones for the PIN', LIMIT, async () => {
  const { page } = await phone();
  await page.goto(here.app);
  await at(page, 'pin-new');
  await inspect(page, 'pin-new');
  for (const [pin, why] of [['12345', 'pin-short'], ['123456', 'pin-easy'], ['abcdef', 'pin-digits']]) {
    await typePin(page, pin);
    assert.equal(await problem(page), why);
  }
  await typePin(page, PIN);
  await at(page, 'pin-again');
  await typePin(page, '274917');
  await at(page, 'pin-new');
  assert.equal(await problem(page), 'pin-differs');
  await checkPage(page);
  await firstStart(page);
  await at(page, 'home');
  assert.equal(await page.evaluate(() => document.activeElement.localName), 'h1', 'a new screen begins at its heading');
  await inspect(page, 'home-empty');
  await page.reload();
  await at(page, 'lock');
  await inspect(page, 'lock');
  for (const key of PIN) await page.locator(`[data-key="${key}"]`).click();
  await page.locator('form button[type="submit"]').click();
  await at(page, 'home');
});

test('five idle minutes lock the app', LIMIT, async () => {
  const { page } = await phone();
  await page.clock.install();
  await page.goto(here.app);
  await firstStart(page);
  await at(page, 'home');
  await page.clock.fastForward('04:30');
  assert.equal(await page.locator('main').getAttribute('data-screen'), 'home');
  await page.clock.fastForward('01:00');
  await at(page, 'lock');
});

test('wrong PINs cost time, and the tenth in a row costs the keys', LIMIT, async () => {
  const { page, peer } = await paired();
  await page.clock.install();
  await page.reload();
  await at(page, 'lock');
  for (let wrong = 1; wrong < 10; wrong += 1) {
    await page.locator('[data-pin]:not([disabled])').waitFor();
    await typePin(page, '000000');
    await page.locator('[data-error="pin-wrong"]', { hasText: `: ${10 - wrong}.` }).waitFor();
    assert.equal(await page.locator('[data-pause]').count(), wrong >= 3 ? 1 : 0, `pause after ${wrong}`);
    if (wrong === 3) await inspect(page, 'lock-pause');
    // Closing the app is no way around the pause.
    if (wrong === 4) {
      await page.reload();
      await at(page, 'lock');
      await page.locator('[data-pause]').waitFor();
    }
    await page.clock.fastForward('10:01');
  }
  await page.locator('[data-pin]:not([disabled])').waitFor();
  await typePin(page, '000000');
  await at(page, 'wiped');
  await inspect(page, 'wiped');
  assert.equal(peer.devices.size, 0, 'the device unregistered itself');
  await page.reload();
  await at(page, 'pin-new');
});

test('a link pairs the phone; its secret leaves the address bar at once and is in no address', LIMIT, async () => {
  const { page, peer } = await phone();
  const addresses = [];
  page.on('request', (request) => addresses.push(request.url()));
  await page.goto(`${here.app}#pair=${SECRET}`);
  await at(page, 'pin-new');
  assert.equal(page.url(), here.app);
  await firstStart(page);
  await at(page, 'pair');
  assert.equal(await page.locator('[data-device-name]').inputValue(), 'Android phone');
  await inspect(page, 'pair');
  await page.locator('[data-device-name]').fill("Ana's phone");
  await page.locator('form button[type="submit"]').click();
  await at(page, 'request');
  await inspect(page, 'first-request');
  const text = await page.locator('main').innerText();
  assert.ok(text.includes('a•••a@c•••') && text.includes('Cedar Health ID'));
  await page.locator('[data-number-input]').fill('000000');
  await page.locator('[data-decision="approve"]').click();
  await page.locator('[data-tries-left="2"]').waitFor();
  assert.equal(await problem(page), 'MFA-133');
  await inspect(page, 'wrong-number');
  for (const key of '482913') await page.locator(`[data-key="${key}"]`).click();
  await page.locator('[data-decision="approve"]').click();
  await page.locator('[data-outcome="approved"]').waitFor();
  await inspect(page, 'paired');
  await page.locator('[data-home]').click();
  await page.locator('[data-status="active"]').waitFor();
  await inspect(page, 'home');
  assert.equal(peer.fault, undefined);
  assert.equal(peer.said.unlock, 'pin');
  const [{ said }] = peer.devices.values();
  assert.deepEqual([said.device.name, said.notifications, said.app.os], ["Ana's phone", 'granted', 'Android 16']);
  assert.ok(addresses.every((address) => !address.includes(SECRET)));
  assert.deepEqual(await page.evaluate(() => [history.length, location.hash]), [2, '']);
});

test('a secret can be typed, and what is none is not sent', LIMIT, async () => {
  const { page, peer } = await phone();
  await page.goto(here.app);
  await firstStart(page);
  await page.locator('[data-add]').click();
  await at(page, 'add');
  await inspect(page, 'add');
  const type = async (text) => {
    await page.locator('[data-secret-input]').fill(text);
    await page.keyboard.press('Enter');
  };
  await type('ABCD');
  await page.locator('[data-error="secret-unfit"]').waitFor();
  await type(`https://elsewhere.example/authenticator#pair=${SECRET}`);
  await page.locator('[data-error="secret-foreign"]').waitFor();
  await type('ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZ');
  await at(page, 'pair');
  assert.ok(!peer.heard.some((heard) => heard.includes('pairings')));
  await page.locator('form button[type="submit"]').click();
  await page.locator('[data-error="MFA-140"]').waitFor();
  await page.reload();
  await at(page, 'lock');
  await typePin(page, PIN);
  await at(page, 'home');
});

test('notifications: refused ends the pairing with the way out, missing does not', LIMIT, async () => {
  const refused = await phone({ granted: false });
  await refused.page.addInitScript(() => {
    Object.defineProperty(Notification, 'permission', { get: () => 'denied' });
    Notification.requestPermission = async () => 'denied';
  });
  await refused.page.goto(`${here.app}#pair=${SECRET}`);
  await firstStart(refused.page);
  await at(refused.page, 'pair');
  await refused.page.locator('form button[type="submit"]').click();
  await refused.page.locator('[data-error="MFA-134"]').waitFor();
  await inspect(refused.page, 'notifications-denied');
  assert.ok(!refused.peer.heard.includes('POST /pairings'), 'the secret is still good');

  const missing = await phone({ granted: false });
  await missing.page.addInitScript(() => { delete window.Notification; });
  await missing.page.goto(`${here.app}#pair=${SECRET}`);
  await firstStart(missing.page);
  await at(missing.page, 'pair');
  await missing.page.locator('form button[type="submit"]').click();
  await at(missing.page, 'request');
  const [{ said }] = missing.peer.devices.values();
  assert.deepEqual([said.notifications, said.push], ['unsupported', undefined]);
});

test('an old app is told so, and which version it takes', LIMIT, async () => {
  const { page, peer } = await phone();
  peer.minimum = '1.5.0';
  await page.goto(`${here.app}#pair=${SECRET}`);
  await firstStart(page);
  await at(page, 'pair');
  await page.locator('form button[type="submit"]').click();
  await page.locator('[data-error="MFA-135"]', { hasText: '1.5.0' }).waitFor();
});

test('an approval whose answer was lost on the way is found out', LIMIT, async () => {
  const { page, peer } = await phone();
  await page.goto(`${here.app}#pair=${SECRET}`);
  await firstStart(page);
  await at(page, 'pair');
  await page.locator('form button[type="submit"]').click();
  await at(page, 'request');
  await page.locator('[data-number-input]').fill('482913');
  const [device] = peer.devices.values();
  for (const request of peer.requests.values()) request.status = 'approved';
  device.status = 'active';
  await page.locator('[data-decision="approve"]').click();
  await page.locator('[data-outcome="approved"]').waitFor();
  await page.locator('[data-home]').click();
  await page.locator('[data-status="active"]').waitFor();
});

test('on a computer a link is shown as a QR code and binds nothing', LIMIT, async () => {
  const page = await openPage(here.browser, { viewport: DESK, serviceWorkers: 'block' });
  const peer = await new Peer(here.demo.issuer).attach(page.context());
  await page.goto(`${here.app}#pair=${SECRET}`);
  await at(page, 'desk');
  await inspect(page, 'desk');
  assert.equal(await page.locator('.qr svg').count(), 1);
  await page.locator('.languages a[lang="es"]').click();
  await page.waitForFunction(() => document.documentElement.lang === 'es');
  await at(page, 'desk');
  assert.ok(!page.url().includes(SECRET));
  await page.locator('.languages a[lang="en"]').click();
  await page.waitForFunction(() => document.documentElement.lang === 'en');
  await at(page, 'desk');
  assert.deepEqual(peer.heard, []);
  await page.getByRole('button', { name: 'Pair this device instead' }).click();
  await firstStart(page);
  await at(page, 'pair');
});

test('the camera reads a code where the browser can', LIMIT, async () => {
  const { page, peer } = await phone();
  await page.addInitScript((link) => {
    const seen = ['https://elsewhere.example/', link];
    window.BarcodeDetector = class {
      static async getSupportedFormats() { return ['qr_code']; }
      async detect() { return seen.length ? [{ rawValue: seen.shift() }] : []; }
    };
    navigator.mediaDevices.getUserMedia = async () => {
      const stream = Object.assign(document.createElement('canvas'), { width: 64, height: 64 }).captureStream(10);
      window.streamOfTest = stream;
      return stream;
    };
    HTMLMediaElement.prototype.play = async () => {};
  }, `${here.app}#pair=${SECRET}`);
  await page.goto(here.app);
  await firstStart(page);
  await page.locator('[data-add]').click();
  await at(page, 'add');
  await checkPage(page);
  await page.getByRole('button', { name: 'Scan the QR code' }).click();
  await at(page, 'pair');
  assert.ok(await page.evaluate(() => window.streamOfTest.getTracks().every((track) => track.readyState === 'ended')), 'the camera is off');
  assert.deepEqual(peer.heard.filter((heard) => heard.includes('pairings')), []);
});

test('a camera that is refused leaves typing', LIMIT, async () => {
  const { page } = await phone();
  await page.addInitScript(() => {
    window.BarcodeDetector = class { static async getSupportedFormats() { return ['qr_code']; } };
    navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); };
  });
  await page.goto(here.app);
  await firstStart(page);
  await page.locator('[data-add]').click();
  await page.getByRole('button', { name: 'Scan the QR code' }).click();
  await page.locator('[data-error="camera-off"]').waitFor();
  await inspect(page, 'camera-off');
});
