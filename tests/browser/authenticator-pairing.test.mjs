// The phone app in Chromium, up to the first request: the ways in which an account gets there. The links are those of the
// server, shown to somebody at a computer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DESK, checkPage, onTheDemo, openPage } from './harness.mjs';
import {
  LIMIT, appOf, at, becomes, beginPairing, confirm, firstStart, home, inspect, notThat, openAnew, openPhone, pair, phonesOf, problem,
  redeem, setNotifications, shownNumber, somebody, submit, typePin, unlock,
} from './phone.mjs';

const stage = onTheDemo('administrator');

/** Somebody at a computer that shows a link. */
async function invited(person) {
  const owner = person ?? await somebody(stage);
  const computer = await openPage(stage.browser);
  const link = await beginPairing(stage, computer, owner);
  return { person: owner, computer, link, secret: link.split('=')[1] };
}

/** What a page asks the server's API for from now on: "POST /pairings". */
function asked(page) {
  const heard = [];
  page.on('request', (request) => {
    const [, path] = new URL(request.url()).pathname.split('/authenticator/v1');
    if (path !== undefined) heard.push(`${request.method()} ${path}`);
  });
  return heard;
}

/** What the phone has signed in a request. */
const signedIn = (jws) => JSON.parse(Buffer.from(jws.split('.')[1], 'base64url'));

test('S61: a link pairs the phone after its PIN and not before; the secret leaves the address bar at once', LIMIT, async () => {
  const { person, computer, link, secret } = await invited();
  const phone = await openPhone(stage);
  const heard = asked(phone);
  const addresses = [];
  phone.on('request', (request) => addresses.push(request.url()));
  await phone.goto(link);
  await at(phone, 'pin-new');
  assert.equal(phone.url(), appOf(stage));
  await typePin(phone);
  await at(phone, 'pin-again');
  // Whoever starts again still has no PIN; nothing was paired, and the link is not forgotten.
  await phone.reload();
  await firstStart(phone);
  await at(phone, 'pair');
  // The same with the PIN that there is now.
  await phone.reload();
  await at(phone, 'lock');
  await typePin(phone, '274917');
  await phone.locator('[data-error="pin-wrong"]').waitFor();
  assert.ok(!heard.includes('POST /pairings'), heard.join());
  await typePin(phone);
  await at(phone, 'pair');
  assert.equal(await phone.locator('[data-device-name]').inputValue(), 'Android phone');
  await inspect(phone, 'pair');
  await phone.locator('[data-device-name]').fill("Ana's phone");
  const paired = phone.waitForRequest((request) => request.url().endsWith('/pairings'));
  await submit(phone);
  const said = signedIn((await paired).postDataJSON().pairing);
  assert.deepEqual([said.device.name, said.notifications, said.app.os, said.app.platform], ["Ana's phone", 'granted', 'Android 16', 'web']);
  await at(phone, 'request');
  await inspect(phone, 'first-request');
  const text = await phone.locator('main').innerText();
  assert.ok(text.includes(person.masked) && text.includes('Cedar Health ID') && !text.includes(person.username), text);
  assert.deepEqual(await phonesOf(stage, person), [], 'none before the number was typed');
  const number = await shownNumber(computer);
  await phone.locator('[data-number-input]').fill(notThat(number));
  await phone.locator('[data-decision="approve"]').click();
  await phone.locator('[data-tries-left="2"]').waitFor();
  assert.equal(await problem(phone), 'MFA-133');
  await inspect(phone, 'wrong-number');
  for (const key of number) await phone.locator(`[data-key="${key}"]`).click();
  await phone.locator('[data-decision="approve"]').click();
  await phone.locator('[data-outcome="approved"]').waitFor();
  await inspect(phone, 'paired');
  await home(phone);
  await phone.locator('[data-status="active"]').waitFor();
  await inspect(phone, 'home');
  assert.deepEqual(await phonesOf(stage, person), ["Ana's phone"]);
  assert.ok(addresses.every((address) => !address.includes(secret)));
  assert.deepEqual(await phone.evaluate(() => [history.length, location.hash]), [2, '']);
});

test('S4, S5: a link works without installation, which is offered; in the installed app the same set-up goes on', LIMIT, async () => {
  const { computer, link } = await invited();
  const phone = await openPhone(stage);
  await phone.goto(link);
  await firstStart(phone);
  await at(phone, 'pair');
  await phone.getByRole('button', { name: 'Cancel' }).click();
  await at(phone, 'home');
  // A browser says in its own time that an app can be installed.
  await phone.evaluate(() => dispatchEvent(Object.assign(new Event('beforeinstallprompt', { cancelable: true }), {
    async prompt() { document.documentElement.dataset.prompted = 'yes'; },
  })));
  await phone.locator('[data-install]').waitFor();
  await inspect(phone, 'install');
  await phone.locator('[data-install]').click();
  await phone.locator('html[data-prompted]').waitFor();
  await phone.locator('[data-install]').waitFor({ state: 'detached' });
  // Opened by the link and left for the installation: the installed app is the same storage in a window of its own.
  await openAnew(phone, link);
  await unlock(phone);
  await at(phone, 'pair');
  await phone.close();
  const installed = await phone.context().newPage();
  await installed.addInitScript(() => Object.defineProperty(navigator, 'standalone', { value: true }));
  await installed.goto(appOf(stage));
  await unlock(installed);
  await at(installed, 'pair');
  await submit(installed);
  await confirm(installed, computer);
  assert.equal(await installed.locator('[data-install]').count(), 0, 'installed once is enough');
});

test('S98: the accounts are listed with their issuer and a masked name, and the scanner adds one', LIMIT, async () => {
  const first = await pair(stage);
  const { phone } = first;
  const second = await invited();
  // The browser's camera and its reader of codes, which Chromium on a server does not have.
  await phone.addInitScript((link) => {
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
  }, second.link);
  await phone.reload();
  await unlock(phone);
  await phone.locator('[data-add] .icon-scan').waitFor();
  await phone.locator('[data-add]').click();
  await at(phone, 'add');
  await checkPage(phone);
  await phone.getByRole('button', { name: 'Scan the QR code' }).click();
  await at(phone, 'pair');
  assert.ok(await phone.evaluate(() => window.streamOfTest.getTracks().every((track) => track.readyState === 'ended')), 'the camera is off');
  await submit(phone);
  await at(phone, 'request');
  await confirm(phone, second.computer);
  await phone.locator('[data-account][data-status="active"]').nth(1).waitFor();
  const listed = await phone.locator('[data-account]').allInnerTexts();
  for (const { person } of [first, second]) {
    const entry = listed.find((text) => text.includes(person.masked));
    assert.ok(entry?.includes('Cedar Health ID') && !entry.includes(person.username), listed.join());
  }
  await inspect(phone, 'home-accounts');
  await phone.locator('[data-account]', { hasText: second.person.masked }).click();
  await at(phone, 'account');
  assert.ok((await phone.locator('main').innerText()).includes(new URL(stage.demo.issuer).host));
});

test('a camera that is refused leaves typing', LIMIT, async () => {
  const phone = await openPhone(stage);
  await phone.addInitScript(() => {
    window.BarcodeDetector = class { static async getSupportedFormats() { return ['qr_code']; } };
    navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); };
  });
  await phone.goto(appOf(stage));
  await firstStart(phone);
  await phone.locator('[data-add]').click();
  await phone.getByRole('button', { name: 'Scan the QR code' }).click();
  await phone.locator('[data-error="camera-off"]').waitFor();
  await inspect(phone, 'camera-off');
});

test('a secret can be typed, and what is none is not sent', LIMIT, async () => {
  const { secret } = await invited();
  const phone = await openPhone(stage);
  const heard = asked(phone);
  const add = async () => {
    await phone.locator('[data-add]').click();
    await at(phone, 'add');
  };
  const type = async (text) => {
    await phone.locator('[data-secret-input]').fill(text);
    await phone.keyboard.press('Enter');
  };
  await phone.goto(appOf(stage));
  await firstStart(phone);
  await add();
  await inspect(phone, 'add');
  await type('ABCD');
  await phone.locator('[data-error="secret-unfit"]').waitFor();
  await type(`https://elsewhere.example/authenticator#pair=${secret}`);
  await phone.locator('[data-error="secret-foreign"]').waitFor();
  await type('ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZ');
  await at(phone, 'pair');
  assert.ok(!heard.includes('POST /pairings'), heard.join());
  await submit(phone);
  await phone.locator('[data-error="MFA-140"]').waitFor();
  await phone.reload();
  await unlock(phone);
  await at(phone, 'home');
  await add();
  await type(secret.toLowerCase().replace(/(.{4})/g, '$1 '));
  await at(phone, 'pair');
  await submit(phone);
  await at(phone, 'request');
});

test('S7: notifications that are refused end the set-up with MFA-134 and how to allow them; allowed, it goes on', LIMIT, async () => {
  const { computer, link } = await invited();
  const phone = await openPhone(stage, { notifications: false });
  const heard = asked(phone);
  await phone.goto(link);
  await firstStart(phone);
  await at(phone, 'pair');
  await submit(phone);
  const trouble = phone.locator('[data-error="MFA-134"]');
  await trouble.waitFor();
  assert.match(await trouble.innerText(), /settings/i);
  await inspect(phone, 'notifications-denied');
  assert.ok(!heard.includes('POST /pairings'), 'the secret is still good');
  await setNotifications(stage, phone, true);
  await submit(phone);
  await at(phone, 'request');
  await confirm(phone, computer);
});

test('a browser without notifications is paired, and the server knows', LIMIT, async () => {
  const { computer, link } = await invited();
  const phone = await openPhone(stage);
  await phone.addInitScript(() => { delete window.Notification; });
  const paired = phone.waitForRequest((request) => request.url().endsWith('/pairings'), { timeout: 0 });
  await redeem(phone, link);
  const said = signedIn((await paired).postDataJSON().pairing);
  assert.deepEqual([said.notifications, said.push], ['unsupported', undefined]);
  await confirm(phone, computer);
});

test('S22, S86: an app that is too old is told so with MFA-135 and what is taken, and "check my app" says it as well', LIMIT, async () => {
  const { computer, link, person } = await invited();
  const demand = (version) => stage.demo.apply(`[workspace]\nname = "Cedar Health ID"\n[workspace.push]\nminimum_app_version = "${version}"\n`);
  const phone = await openPhone(stage);
  await phone.goto(link);
  await firstStart(phone);
  await at(phone, 'pair');
  try {
    await demand('99.5.0');
    await submit(phone);
    await phone.locator('[data-error="MFA-135"]', { hasText: '99.5.0' }).waitFor();
    await inspect(phone, 'too-old');
    assert.deepEqual(await phonesOf(stage, person), []);
    await phone.reload();
    await unlock(phone);
    await at(phone, 'pair');
    await phone.getByRole('button', { name: 'Cancel' }).click();
    await phone.locator('[data-tab="settings"]').click();
    await phone.locator('[data-check]').click();
    await phone.locator('[data-checks]', { hasText: '99.5.0' }).waitFor();
    await inspect(phone, 'check-old');
  } finally {
    await demand('1.0.0');
  }
  // The link was not spent by that.
  await openAnew(phone, link);
  await unlock(phone);
  await at(phone, 'pair');
  await submit(phone);
  await at(phone, 'request');
  await confirm(phone, computer);
});

test('an approval whose answer was lost on the way is found out', LIMIT, async () => {
  const { person, computer, link } = await invited();
  const phone = await openPhone(stage, { serviceWorkers: 'block' });
  await redeem(phone, link);
  const lose = async (route) => {
    await route.fetch();
    await route.abort();
  };
  await phone.route('**/authenticator/v1/requests/*', lose);
  const number = await shownNumber(computer);
  await phone.locator('[data-number-input]').fill(number);
  await phone.locator('[data-decision="approve"]').click();
  await phone.locator('main[data-screen="request"] [data-error]').waitFor();
  await becomes(computer, 'enrol', 'account-security');
  assert.equal((await phonesOf(stage, person)).length, 1);
  await phone.unroute('**/authenticator/v1/requests/*', lose);
  await phone.locator('[data-decision="approve"]').click();
  await phone.locator('[data-outcome="approved"]').waitFor();
  await home(phone);
  await phone.locator('[data-status="active"]').waitFor();
});

test('S6: on a computer a link is shown as a QR code and binds nothing', LIMIT, async () => {
  const { computer, link, secret } = await invited();
  const desk = await openPage(stage.browser, { viewport: DESK });
  const heard = asked(desk);
  await desk.goto(link);
  await at(desk, 'desk');
  await inspect(desk, 'desk');
  assert.equal(await desk.locator('.qr svg').count(), 1);
  await desk.locator('.languages a[lang="es"]').click();
  await desk.locator('html[lang="es"]').waitFor();
  await at(desk, 'desk');
  assert.ok(!desk.url().includes(secret));
  await desk.locator('.languages a[lang="en"]').click();
  await desk.locator('html[lang="en"]').waitFor();
  await at(desk, 'desk');
  assert.deepEqual(heard, []);
  await desk.getByRole('button', { name: 'Pair this device instead' }).click();
  await firstStart(desk);
  await at(desk, 'pair');
  assert.ok(!heard.includes('POST /pairings'), heard.join());
  // Nothing was bound: the link is still the phone's.
  const phone = await openPhone(stage);
  await redeem(phone, link);
  await confirm(phone, computer);
});
