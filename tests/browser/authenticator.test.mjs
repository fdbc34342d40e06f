// The phone app in Chromium: requests, accounts, settings, and what it does without a network. The server's side is
// authenticator-peer.mjs here; push.test.mjs plays the same with the real one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMIT, PIN, TOUCH, at, firstStart, here, inspect, paired, phone, problem, typePin } from './authenticator-phone.mjs';
import { checkPage, lookAtPage, openPage } from './harness.mjs';

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

test('the app opens without a network, is installable, and keeps no answer of the server', LIMIT, async () => {
  const page = await openPage(here.browser, { ...TOUCH, serviceWorkers: 'allow' });
  await page.goto(here.app);
  await firstStart(page);
  await at(page, 'home');
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  const kept = await page.evaluate(async () => {
    const urls = [];
    for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) urls.push(new URL(request.url).pathname);
    return urls;
  });
  assert.ok(kept.includes(new URL(here.app).pathname) && kept.length > 20, kept.join());
  assert.ok(kept.every((path) => path.includes('/static/') || path.endsWith('/authenticator')), kept.join());
  const cdp = await page.context().newCDPSession(page);
  const { errors } = await cdp.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'), []);
  // The kept page speaks the language of the last visit.
  await page.goto(`${here.app}?ui_locales=es`);
  await at(page, 'lock');
  await page.context().setOffline(true);
  await page.goto(here.app);
  await at(page, 'lock');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'es');
  await typePin(page, PIN);
  await at(page, 'home');
  await lookAtPage(page, '40-app-offline');
});

test('a push message says only that something waits, and leads to it', LIMIT, async () => {
  const { page, peer, device } = await paired({ worker: 'allow' });
  await page.evaluate(() => navigator.serviceWorker.ready);
  const cdp = await page.context().newCDPSession(page);
  const registered = new Promise((done) => cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => registrations[0] && done(registrations[0])));
  await cdp.send('ServiceWorker.enable');
  const { registrationId } = await registered;
  // Nobody looks at the list, so nothing opens by itself.
  await page.locator('[data-tab="history"]').click();
  await at(page, 'history');
  const request = peer.ask(device);
  await cdp.send('ServiceWorker.deliverPushMessage', { origin: new URL(here.app).origin, registrationId, data: JSON.stringify({ request }) });
  const shown = await page.waitForFunction(async () => {
    const [one] = await (await navigator.serviceWorker.ready).getNotifications();
    return one && { title: one.title, body: one.body, tag: one.tag };
  });
  assert.deepEqual(await shown.jsonValue(), { title: 'Cedar Health ID', body: 'A request is waiting for you. Open the app to see it.', tag: request });
  const [worker] = page.context().serviceWorkers();
  await worker.evaluate(async () => {
    const [notification] = await registration.getNotifications();
    dispatchEvent(new NotificationEvent('notificationclick', { notification }));
  });
  await at(page, 'request');
  await page.locator('[data-decision="deny"]').click();
  await at(page, 'outcome');
  assert.equal(peer.said.request, request);
  // Opened by a notification while locked: the PIN first, then the request.
  const next = peer.ask(device);
  await page.goto('about:blank');
  await page.goto(`${here.app}#request=${next}`);
  await at(page, 'lock');
  await typePin(page, PIN);
  await at(page, 'request');
  assert.equal(page.url(), here.app);
});

test('the page speaks Spanish, and says what it needs where there is no script', LIMIT, async () => {
  const { page } = await phone({ locale: 'es-MX' });
  await page.goto(here.app);
  await at(page, 'pin-new');
  await checkPage(page, { lang: 'es' });
  await lookAtPage(page, '40-app-spanish');
  const plain = await openPage(here.browser, { ...TOUCH, javaScriptEnabled: false, serviceWorkers: 'block' });
  await plain.goto(here.app);
  assert.ok((await plain.locator('main').innerText()).includes('needs JavaScript'));
});
