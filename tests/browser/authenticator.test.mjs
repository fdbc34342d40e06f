// The phone app in Chromium: PIN, pairing, requests, and what it does without a network. The server's side is
// authenticator-peer.mjs here; push.test.mjs plays the same with the real one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Peer, SECRET } from './authenticator-peer.mjs';
import { DESK, PHONE, checkPage, launch, lookAtPage, openPage, startDemo } from './harness.mjs';

const LIMIT = { timeout: 120_000 };
const PIN = '274916';
/** What a phone is, to a page. */
const TOUCH = { viewport: PHONE, hasTouch: true, isMobile: true, userAgent: 'Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36' };
let demo, browser, app;

before(async () => {
  demo = await startDemo();
  browser = await launch();
  app = `${demo.issuer}/authenticator`;
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const at = (page, screen) => page.locator(`main[data-screen="${screen}"]`).waitFor();
const problem = (page) => page.locator('[data-error]').first().getAttribute('data-error');

/** The app on a phone, with a peer that can be looked into. */
async function phone({ granted = true, worker = 'block', ...options } = {}) {
  const page = await openPage(browser, { ...TOUCH, serviceWorkers: worker, ...options });
  if (granted) await page.context().grantPermissions(['notifications'], { origin: new URL(app).origin });
  const peer = await new Peer(demo.issuer).attach(page.context());
  return { page, peer };
}

async function typePin(page, pin) {
  await page.locator('[data-pin]').fill(pin);
  await page.locator('form button[type="submit"]').click();
}

async function firstStart(page) {
  await at(page, 'pin-new');
  await typePin(page, PIN);
  await at(page, 'pin-again');
  await typePin(page, PIN);
}

/** Opens the app by a pairing link, up to the first request's answer. */
async function paired(options = {}) {
  const { page, peer } = await phone(options);
  await page.goto(`${app}#pair=${SECRET}`);
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
async function inspect(page, name) {
  for (const size of [DESK, PHONE]) {
    await page.setViewportSize(size);
    await checkPage(page);
  }
  await lookAtPage(page, `40-app-${name}`);
}

test('the first start asks for a PIN twice, and later ones for the PIN', LIMIT, async () => {
  const { page } = await phone();
  await page.goto(app);
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
  await page.goto(app);
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
  await page.goto(`${app}#pair=${SECRET}`);
  await at(page, 'pin-new');
  assert.equal(page.url(), app);
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
  await page.goto(app);
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
  await refused.page.goto(`${app}#pair=${SECRET}`);
  await firstStart(refused.page);
  await at(refused.page, 'pair');
  await refused.page.locator('form button[type="submit"]').click();
  await refused.page.locator('[data-error="MFA-134"]').waitFor();
  await inspect(refused.page, 'notifications-denied');
  assert.ok(!refused.peer.heard.includes('POST /pairings'), 'the secret is still good');

  const missing = await phone({ granted: false });
  await missing.page.addInitScript(() => { delete window.Notification; });
  await missing.page.goto(`${app}#pair=${SECRET}`);
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
  await page.goto(`${app}#pair=${SECRET}`);
  await firstStart(page);
  await at(page, 'pair');
  await page.locator('form button[type="submit"]').click();
  await page.locator('[data-error="MFA-135"]', { hasText: '1.5.0' }).waitFor();
});

test('a request comes in by itself; approve, deny, report', LIMIT, async () => {
  const { page, peer, device } = await paired();
  peer.ask(device, { partner: { name: '<img src=x onerror=alert(1)><b>EHR</b>', uri: 'https://ehr.cedar.example' } });
  await at(page, 'request');
  assert.equal(await page.locator('[data-partner]').innerText(), '<img src=x onerror=alert(1)><b>EHR</b>', 'text stays text');
  await page.locator('[data-decision="deny"]').click();
  await at(page, 'outcome');
  assert.equal(await problem(page), 'MFA-131');
  await inspect(page, 'denied');
  await page.locator('[data-home]').click();
  assert.deepEqual([peer.said.decision, peer.said.number], ['deny', undefined]);

  peer.ask(device, { lines: [{ label: 'Patient', value: 'Jo Example' }, { label: 'Drug', value: 'Oxycodone 5 mg, 20 tablets' }] });
  await at(page, 'request');
  await inspect(page, 'request-lines');
  await page.locator('[data-decision="not_me"]').click();
  await at(page, 'not-me');
  await inspect(page, 'not-me');
  await page.locator('[data-decision="confirm"]').click();
  await at(page, 'outcome');
  assert.equal(peer.said.decision, 'not_me');
  await page.locator('[data-home]').click();

  peer.ask(device, { digits: 0 });
  await at(page, 'request');
  assert.equal(await page.locator('[data-number-input], .keypad').count(), 0, 'a tap is enough');
  await inspect(page, 'request-tap');
  await page.locator('[data-decision="approve"]').click();
  await page.locator('[data-outcome="approved"]').waitFor();
  await page.locator('[data-home]').click();

  peer.ask(device);
  await at(page, 'request');
  await inspect(page, 'request');
  await page.locator('[data-decision="approve"]').click();
  assert.equal(await problem(page), 'number-unfit');
  for (const left of [2, 1, 0]) {
    await page.locator('[data-number-input]').fill('111111');
    await page.locator('[data-decision="approve"]').click();
    if (left) await page.locator(`[data-tries-left="${left}"]`).waitFor();
  }
  await at(page, 'outcome');
  assert.equal(await problem(page), 'MFA-133');
  await page.locator('[data-home]').click();

  await page.locator('[data-tab="history"]').click();
  await at(page, 'history');
  await inspect(page, 'history');
  const kept = await page.locator('.rows [data-decision]').evaluateAll((rows) => rows.map((row) => row.dataset.decision));
  assert.deepEqual(kept, ['failed', 'approved', 'reported', 'denied', 'approved']);
  assert.equal(peer.fault, undefined);
});

test('an approval needs a PIN that was typed within a minute', LIMIT, async () => {
  const { page, peer, device } = await paired();
  peer.ask(device);
  await at(page, 'request');
  await page.clock.install();
  await page.clock.fastForward('01:05');
  await page.locator('[data-number-input]').fill('482913');
  await page.locator('[data-decision="approve"]').click();
  await at(page, 'lock');
  await inspect(page, 'prove');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await at(page, 'request');
  assert.equal(await page.locator('[data-number-input]').inputValue(), '482913');
  await page.locator('[data-decision="approve"]').click();
  await at(page, 'lock');
  await typePin(page, PIN);
  await page.locator('[data-outcome="approved"]').waitFor();
  assert.equal(peer.said.unlock, 'pin');
  assert.equal(peer.fault, undefined);
});

test('a request that is too old says so by itself', LIMIT, async () => {
  const { page, peer, device } = await paired();
  peer.ask(device, { seconds: 4 });
  await at(page, 'request');
  await at(page, 'outcome');
  assert.equal(await problem(page), 'MFA-132');
});

test('an approval whose answer was lost on the way is found out', LIMIT, async () => {
  const { page, peer } = await phone();
  await page.goto(`${app}#pair=${SECRET}`);
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

test('what is shown does not move while nothing happens', LIMIT, async () => {
  const { page, peer, device } = await paired();
  await page.locator('[data-add]').focus();
  const polls = () => peer.heard.filter((heard) => heard === 'GET /requests').length;
  const before = polls();
  await page.waitForTimeout(7_000);
  assert.ok(polls() > before, 'it polls');
  assert.ok(await page.locator('[data-add]').evaluate((button) => button === document.activeElement), 'the focus stays');
  // Put off, it waits in the list.
  peer.ask(device);
  await at(page, 'request');
  await page.getByRole('button', { name: 'Later' }).click();
  await page.locator('[data-request]').waitFor();
  await inspect(page, 'home-waiting');
  await page.locator('[data-request]').click();
  await at(page, 'request');
});

test('an account is removed, where the server lets it', LIMIT, async () => {
  const { page, peer, device } = await paired();
  peer.devices.get(device).last = true;
  const remove = async () => {
    await page.locator('[data-account]').click();
    await at(page, 'account');
    await page.locator('[data-remove]').click();
    await at(page, 'remove');
    await page.locator('[data-confirm]').click();
  };
  await remove();
  await page.locator('[data-error="MFA-180"]').waitFor();
  await inspect(page, 'remove-last');
  peer.devices.get(device).last = false;
  await page.locator('[data-confirm]').click();
  await at(page, 'home');
  assert.equal(await page.locator('[data-account]').count(), 0);
  assert.equal(peer.devices.size, 0);
});

test('a key that the server threw away is shown as such', LIMIT, async () => {
  const { page, peer } = await paired();
  peer.devices.clear();
  await page.reload();
  await at(page, 'lock');
  await typePin(page, PIN);
  await page.locator('[data-status="removed"]').waitFor();
  await inspect(page, 'home-removed');
  await page.locator('[data-account]').click();
  await page.locator('main', { hasText: 'MFA-136' }).waitFor();
});

test('settings: another PIN, what notifications do, check my app', LIMIT, async () => {
  const { page } = await paired();
  await page.locator('[data-tab="settings"]').click();
  await at(page, 'settings');
  await page.locator('[data-check]').click();
  await page.locator('[data-checks]').waitFor();
  await inspect(page, 'settings');
  await page.locator('[data-change-pin]').click();
  await at(page, 'lock');
  await typePin(page, PIN);
  for (const screen of ['pin-new', 'pin-again']) {
    await at(page, screen);
    await typePin(page, '905172');
  }
  await at(page, 'settings');
  await page.locator('[data-lock]').click();
  await at(page, 'lock');
  await typePin(page, PIN);
  assert.equal(await problem(page), 'pin-wrong');
  await typePin(page, '905172');
  await at(page, 'home');
});

test('on a computer a link is shown as a QR code and binds nothing', LIMIT, async () => {
  const page = await openPage(browser, { viewport: DESK, serviceWorkers: 'block' });
  const peer = await new Peer(demo.issuer).attach(page.context());
  await page.goto(`${app}#pair=${SECRET}`);
  await at(page, 'desk');
  await inspect(page, 'desk');
  assert.equal(await page.locator('.qr svg').count(), 1);
  assert.deepEqual(peer.heard, []);
  await page.getByRole('button', { name: 'Pair this device instead' }).click();
  await firstStart(page);
  await at(page, 'pair');
});

test('the app opens without a network, is installable, and keeps no answer of the server', LIMIT, async () => {
  const page = await openPage(browser, { ...TOUCH, serviceWorkers: 'allow' });
  await page.goto(app);
  await firstStart(page);
  await at(page, 'home');
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  const kept = await page.evaluate(async () => {
    const urls = [];
    for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) urls.push(new URL(request.url).pathname);
    return urls;
  });
  assert.ok(kept.includes(new URL(app).pathname) && kept.length > 20, kept.join());
  assert.ok(kept.every((path) => path.includes('/static/') || path.endsWith('/authenticator')), kept.join());
  const cdp = await page.context().newCDPSession(page);
  const { errors } = await cdp.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'), []);
  // The kept page speaks the language of the last visit.
  await page.goto(`${app}?ui_locales=es`);
  await at(page, 'lock');
  await page.context().setOffline(true);
  await page.goto(app);
  await at(page, 'lock');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'es');
  await typePin(page, PIN);
  await at(page, 'home');
  await lookAtPage(page, '40-app-offline');
});

test('the page speaks Spanish, and says what it needs where there is no script', LIMIT, async () => {
  const { page } = await phone({ locale: 'es-MX' });
  await page.goto(app);
  await at(page, 'pin-new');
  await checkPage(page, { lang: 'es' });
  await lookAtPage(page, '40-app-spanish');
  const plain = await openPage(browser, { ...TOUCH, javaScriptEnabled: false, serviceWorkers: 'block' });
  await plain.goto(app);
  assert.ok((await plain.locator('main').innerText()).includes('needs JavaScript'));
});
