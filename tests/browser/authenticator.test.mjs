// The phone app in Chromium, with an account of the server: requests, accounts, settings, and what it does without a
// network.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { checkPage, button, go, lookAtPage, onTheDemo, openPage, pageId, pointer } from './harness.mjs';
import {
  LIMIT, PIN, STEP_MS, TOUCH, answer, appOf, askByPush, at, firstStart, giveGenerator, home, inspect, notThat, openAnew, openPhone, pair,
  phonesOf, problem, putOff, shownNumber, somebody, typePin, unlock,
} from './phone.mjs';

const stage = onTheDemo('administrator');

const NAME = '<img src=x onerror=alert(1)><b>EHR</b>';
const MFA = 'urn:countersign:acr:mfa';

/** A partner for whom a tap is enough, with a name that is none; resolves to where it sends people. */
async function tappingPartner({ demo }) {
  const redirect = `${demo.partner}/callback`;
  await demo.apply(`
[[policies]]
name = "tap"
allow_one_tap = true
required_acr = "${MFA}"

[[clients]]
client_id = "tapping"
client_name = "${NAME}"
client_uri = "https://ehr.cedar.example/launch"
client_secret = "secret-of-the-tapping-client-0123456789"
redirect_uris = ["${redirect}"]
policies = ["tap"]
consent = "implicit"
`);
  const challenge = createHash('sha256').update(randomBytes(32)).digest('base64url');
  const query = {
    client_id: 'tapping', response_type: 'code', scope: 'openid', redirect_uri: redirect, state: 's', nonce: 'n',
    code_challenge: challenge, code_challenge_method: 'S256',
  };
  const { authorization_endpoint: endpoint } = await (await fetch(`${demo.issuer}/.well-known/openid-configuration`)).json();
  return `${endpoint}?${new URLSearchParams(query)}`;
}

test('S15: a request opens by itself with partner, place, time and account; where a tap is enough, it takes one', LIMIT, async () => {
  const { computer, phone, person } = await pair(stage);
  await askByPush(stage, computer, person, await tappingPartner(stage));
  await at(phone, 'request');
  assert.equal(await phone.locator('[data-partner]').innerText(), NAME, 'text stays text');
  const text = await phone.locator('main').innerText();
  for (const part of ['ehr.cedar.example', '127.0.0.1', person.username, 'Chrom']) assert.ok(text.includes(part), `${part} in: ${text}`);
  assert.match(text, /\d:\d\d\s?[AP]M/, 'the time');
  assert.equal(await phone.locator('[data-number-input], .keypad').count(), 0, 'a tap is enough');
  await inspect(phone, 'request-tap');
  await answer(phone);
  await phone.locator('[data-outcome="approved"]').waitFor();
  await computer.waitForURL((url) => url.href.startsWith(stage.demo.partner), { timeout: STEP_MS });
});

test('a number that is none is not sent, three wrong ones are the end; the history keeps what was answered', LIMIT, async () => {
  const { computer, phone, person } = await pair(stage);
  await askByPush(stage, computer, person);
  const number = await shownNumber(computer);
  await at(phone, 'request');
  await inspect(phone, 'request');
  await answer(phone, '12');
  assert.equal(await problem(phone), 'number-unfit');
  for (const left of [2, 1, 0]) {
    await answer(phone, notThat(number));
    if (left) await phone.locator(`[data-tries-left="${left}"]`).waitFor();
  }
  await at(phone, 'outcome');
  assert.equal(await problem(phone), 'MFA-133');
  await home(phone);
  await at(phone, 'home');
  await askByPush(stage, computer, person);
  await answer(phone, '', 'not_me');
  await at(phone, 'outcome');
  await home(phone);
  await phone.locator('[data-tab="history"]').click();
  await at(phone, 'history');
  await inspect(phone, 'history');
  const kept = await phone.locator('.rows [data-decision]').evaluateAll((rows) => rows.map((row) => row.dataset.decision));
  assert.deepEqual(kept, ['reported', 'failed', 'approved']);
});

test('S18: a request that is over says so by itself', LIMIT, async () => {
  const { computer, phone, person } = await pair(stage);
  await askByPush(stage, computer, person);
  await at(phone, 'request');
  // By its own clock: nobody tells it the time.
  await phone.context().setOffline(true);
  await phone.clock.install();
  await phone.clock.fastForward('04:00');
  await phone.locator('[data-number-input]').click();
  assert.equal(await phone.locator('main').getAttribute('data-screen'), 'request');
  // Touched in between: it would be locked otherwise.
  await phone.clock.fastForward('01:05');
  await at(phone, 'outcome');
  assert.equal(await problem(phone), 'MFA-132');
});

test('what is shown does not move while nothing happens, and what was put off waits in the list', LIMIT, async () => {
  const { computer, phone, person } = await pair(stage, { serviceWorkers: 'block' });
  // A network that lets no streams through: the app asks every few seconds.
  await phone.route('**/authenticator/v1/events', (route) => route.abort());
  await phone.reload();
  await unlock(phone);
  await phone.locator('[data-add]').focus();
  for (let polls = 0; polls < 2; polls += 1) await phone.waitForResponse((response) => response.url().endsWith('/authenticator/v1/requests'));
  assert.ok(await phone.locator('[data-add]').evaluate((add) => add === document.activeElement), 'the focus stays');
  await askByPush(stage, computer, person);
  await putOff(phone);
  await inspect(phone, 'home-waiting');
  await phone.locator('[data-request]').click();
  await answer(phone, await shownNumber(computer));
  await phone.locator('[data-outcome="approved"]').waitFor();
});

const remove = async (phone) => {
  await phone.locator('[data-account]').click();
  await at(phone, 'account');
  await phone.locator('[data-remove]').click();
  await at(phone, 'remove');
  await phone.locator('[data-confirm]').click();
};

test('S80: an account is removed, unless the phone is the last authenticator', LIMIT, async () => {
  const person = await somebody(stage, { generator: false });
  const { phone, name } = await pair(stage, { person });
  await remove(phone);
  await phone.locator('[data-error="MFA-180"]').waitFor();
  await inspect(phone, 'remove-last');
  assert.deepEqual(await phonesOf(stage, person), [name]);
  await giveGenerator(stage, person);
  await phone.locator('[data-confirm]').click();
  await at(phone, 'home');
  assert.equal(await phone.locator('[data-account]').count(), 0);
  assert.deepEqual(await phonesOf(stage, person), []);
});

test('without a network the app says so, and an account can be thrown away here', LIMIT, async () => {
  const { phone, person, name } = await pair(stage);
  await phone.context().setOffline(true);
  await remove(phone);
  await phone.locator('[data-remove-here]').click();
  await at(phone, 'home');
  assert.equal(await phone.locator('[data-account]').count(), 0);
  assert.deepEqual(await phonesOf(stage, person), [name], 'the server could not be told');
});

test('a key that the server threw away is shown as such', LIMIT, async () => {
  const { phone, person } = await pair(stage);
  await stage.demo.run('user', 'reset-mfa', person.username);
  await phone.reload();
  await unlock(phone);
  await phone.locator('[data-status="removed"]').waitFor();
  await inspect(phone, 'home-removed');
  await phone.locator('[data-account]').click();
  await phone.locator('main', { hasText: 'MFA-136' }).waitFor();
});

test('settings: another PIN, what notifications do, check my app', LIMIT, async () => {
  const phone = await openPhone(stage);
  await phone.goto(appOf(stage));
  await firstStart(phone);
  await at(phone, 'home');
  await phone.locator('[data-tab="settings"]').click();
  await at(phone, 'settings');
  await phone.locator('[data-check]').click();
  await phone.locator('[data-checks]').waitFor();
  await inspect(phone, 'settings');
  await phone.locator('[data-change-pin]').click();
  await unlock(phone);
  for (const screen of ['pin-new', 'pin-again']) {
    await at(phone, screen);
    await typePin(phone, '905172');
  }
  await at(phone, 'settings');
  await phone.locator('[data-lock]').click();
  await at(phone, 'lock');
  await typePin(phone, PIN);
  await phone.locator('[data-error="pin-wrong"]').waitFor();
  await typePin(phone, '905172');
  await at(phone, 'home');
});

test('the app opens without a network, is installable, and keeps no answer of the server', LIMIT, async () => {
  const { phone } = await pair(stage);
  const app = appOf(stage);
  await phone.evaluate(() => navigator.serviceWorker.ready);
  await phone.waitForFunction(() => navigator.serviceWorker.controller);
  const kept = await phone.evaluate(async () => {
    const urls = [];
    for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) urls.push(new URL(request.url).pathname);
    return urls;
  });
  assert.ok(kept.includes(new URL(app).pathname) && kept.length > 20, kept.join());
  assert.ok(kept.every((path) => path.includes('/static/') || path.endsWith('/authenticator')), kept.join());
  const cdp = await phone.context().newCDPSession(phone);
  const { errors } = await cdp.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'), []);
  // The kept page speaks the language of the last visit.
  await phone.goto(`${app}?ui_locales=es`);
  await at(phone, 'lock');
  await phone.context().setOffline(true);
  await phone.goto(app);
  await at(phone, 'lock');
  assert.equal(await phone.evaluate(() => document.documentElement.lang), 'es');
  await typePin(phone);
  await at(phone, 'home');
  await phone.locator('.notice.warn').waitFor();
  await lookAtPage(phone, '40-app-offline');
});

test('S15: a push message says only that something waits, and leads to the request', LIMIT, async () => {
  const { computer, phone, person } = await pair(stage);
  await phone.evaluate(() => navigator.serviceWorker.ready);
  const cdp = await phone.context().newCDPSession(phone);
  const registered = new Promise((done) => cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => registrations[0] && done(registrations[0])));
  await cdp.send('ServiceWorker.enable');
  const { registrationId } = await registered;
  await askByPush(stage, computer, person);
  const request = await putOff(phone);
  // Nobody looks at the list, so nothing opens by itself.
  await phone.locator('[data-tab="history"]').click();
  await at(phone, 'history');
  await cdp.send('ServiceWorker.deliverPushMessage', { origin: new URL(appOf(stage)).origin, registrationId, data: JSON.stringify({ request }) });
  const shown = await phone.waitForFunction(async () => {
    const [one] = await (await navigator.serviceWorker.ready).getNotifications();
    return one && { title: one.title, body: one.body, tag: one.tag };
  });
  assert.deepEqual(await shown.jsonValue(), { title: 'Cedar Health ID', body: 'A request is waiting for you. Open the app to see it.', tag: request });
  const [worker] = phone.context().serviceWorkers();
  await worker.evaluate(async () => {
    const [notification] = await registration.getNotifications();
    dispatchEvent(new NotificationEvent('notificationclick', { notification }));
  });
  await answer(phone, '', 'deny');
  await at(phone, 'outcome');
  await computer.locator('[data-error="MFA-131"]').waitFor({ timeout: STEP_MS });
  // Opened by a notification while locked: the PIN first, then the request.
  await home(phone);
  await at(phone, 'home');
  await go(computer, () => pointer.press(computer, button('action', 'resend')));
  assert.equal(await pageId(computer), 'verify-push');
  const next = await putOff(phone);
  await openAnew(phone, `${appOf(stage)}#request=${next}`);
  await unlock(phone);
  await at(phone, 'request');
  assert.equal(phone.url(), appOf(stage));
});

test('the page speaks Spanish, and says what it needs where there is no script', LIMIT, async () => {
  const phone = await openPhone(stage, { locale: 'es-MX' });
  await phone.goto(appOf(stage));
  await at(phone, 'pin-new');
  await checkPage(phone, { lang: 'es' });
  await lookAtPage(phone, '40-app-spanish');
  const plain = await openPage(stage.browser, { ...TOUCH, javaScriptEnabled: false, serviceWorkers: 'block' });
  await plain.goto(appOf(stage));
  assert.ok((await plain.locator('main').innerText()).includes('needs JavaScript'));
});
