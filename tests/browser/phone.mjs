// What the tests of push share: somebody of their own, a computer that shows what to type, and a phone that has the app.
// The two are two browsers to the real server; they share nothing but the person.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { PHONE, button, checkPage, go, lookAtPage, openPage, pageId, pointer, walk } from './harness.mjs';

export const LIMIT = { timeout: 180_000 };
export const STEP_MS = 30_000;
export const PIN = '274916';
/** What a phone is, to a page. */
export const TOUCH = {
  viewport: PHONE, hasTouch: true, isMobile: true,
  userAgent: 'Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
};

// --- The person.

let people = 0;

function toml({ username, password, totpSecret }) {
  const user = `[[users]]\nusername = "${username}"\nemail = "${username}@cedar.example"\npassword = "${password}"\n`;
  return totpSecret ? `${user}[[users.authenticators]]\nmethod = "totp"\nnickname = "Generator"\nsecret = "${totpSecret}"\n` : user;
}

/** Gives a code generator to somebody who has none yet. */
export async function giveGenerator({ demo }, person) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  person.totpSecret = [...randomBytes(32)].map((byte) => alphabet[byte % 32]).join('');
  await demo.apply(toml(person));
}

/** Somebody whom no other test knows: nobody has to wait for a code that was not used yet, or for what others did. */
export async function somebody(stage, { generator = true } = {}) {
  people += 1;
  const username = `person${people}`;
  const person = { username, password: `correct-horse-${username}`, masked: `p•••${String(people).at(-1)}` };
  if (generator) await giveGenerator(stage, person);
  else await stage.demo.apply(toml(person));
  return person;
}

/** The names of the phones that the server knows this person by. */
export async function phonesOf({ demo }, { username }) {
  const { authenticators } = JSON.parse(await demo.run('user', 'show', username, '--json'));
  return authenticators.filter(({ method }) => method === 'push').map(({ nickname }) => nickname);
}

// --- The computer.

/** Waits until the page has gone on by itself to one of these. */
export async function becomes(page, ...ids) {
  const body = ids.map((id) => `body[data-page="${id}"]`).join(', ');
  await page.locator(body).waitFor({ timeout: STEP_MS });
  return pageId(page);
}

/** Six digits that the page shows. */
export async function shownNumber(page) {
  const place = page.locator('[data-number]').first();
  await place.waitFor({ timeout: STEP_MS });
  const number = (await place.innerText()).replace(/\D/g, '');
  assert.match(number, /^\d{6}$/, 'the browser shows a number of six digits');
  return number;
}

/** Some number, but not this one. */
export const notThat = (number) => (number === '000000' ? '000001' : '000000');

/** To the page on which a phone is paired, before anything is revealed. */
export async function toPairing({ demo }, computer, person) {
  await computer.goto(`${demo.issuer}/account/security`);
  await walk(computer, person, { issuer: demo.issuer, onPage: async (id) => id !== 'account-security' });
  await go(computer, () => pointer.press(computer, button('method', 'push')));
  // Who has to prove more for that does.
  await walk(computer, person, { issuer: demo.issuer, onPage: async (id) => !id.startsWith('enrol') });
  if ((await pageId(computer)) === 'enrol') await go(computer, () => pointer.press(computer, button('method', 'push')));
  assert.equal(await pageId(computer), 'enrol-push');
}

/** "Click to reveal": the link that the QR code holds. */
export async function reveal(computer) {
  await go(computer, () => pointer.press(computer, button('action', 'reveal')));
  const link = await computer.locator('[data-pairing-link]').getAttribute('data-pairing-link');
  assert.match(link, /\/authenticator#pair=[A-Z2-7]{26}$/);
  return link;
}

/** At the page that waits for a phone; resolves to the link. */
export async function beginPairing(stage, computer, person) {
  await toPairing(stage, computer, person);
  return reveal(computer);
}

/** Signs in once more, up to the page that waits for the phone. */
export async function askByPush(stage, computer, person, where = `${stage.demo.issuer}/account/security`) {
  await computer.context().clearCookies();
  await computer.goto(where);
  await walk(computer, person, { issuer: stage.demo.issuer, onPage: async (id) => id !== 'verify-push' });
  assert.equal(await pageId(computer), 'verify-push', 'who has a phone is asked by it');
}

// --- The phone.

/** Allows notifications, or refuses them, as its owner would in the settings of the browser. */
export async function setNotifications({ demo }, phone, allowed) {
  // Chromium refuses whatever is not in the list.
  await phone.context().grantPermissions(allowed ? ['notifications'] : ['clipboard-read'], { origin: new URL(demo.issuer).origin });
}

export async function openPhone(stage, { notifications = true, ...options } = {}) {
  const phone = await openPage(stage.browser, { ...TOUCH, ...options });
  await setNotifications(stage, phone, notifications);
  return phone;
}

export const appOf = ({ demo }) => `${demo.issuer}/authenticator`;
export const at = (phone, screen) => phone.locator(`main[data-screen="${screen}"]`).waitFor({ timeout: STEP_MS });
export const problem = (phone) => phone.locator('[data-error]').first().getAttribute('data-error');
export const submit = (phone) => phone.locator('form button[type="submit"]').click();
export const home = (phone) => phone.locator('[data-home]').click();

export async function typePin(phone, pin = PIN) {
  await phone.locator('[data-pin]').fill(pin);
  await submit(phone);
}

export async function firstStart(phone) {
  for (const screen of ['pin-new', 'pin-again']) {
    await at(phone, screen);
    await typePin(phone);
  }
}

export async function unlock(phone) {
  await at(phone, 'lock');
  await typePin(phone);
}

/** Opens the app by an address, which a mere change of the part after # would not. */
export async function openAnew(phone, address) {
  await phone.goto('about:blank');
  await phone.goto(address);
}

/** Types the number into the request that the phone shows, and decides. */
export async function answer(phone, number, decision = 'approve') {
  await at(phone, 'request');
  if (decision === 'approve' && number) await phone.locator('[data-number-input]').fill(number);
  await phone.locator(`[data-decision="${decision}"]`).click();
  if (decision !== 'not_me') return;
  await at(phone, 'not-me');
  await phone.locator('[data-decision="confirm"]').click();
}

/** Opens a link on a phone that is new, up to the first request. */
export async function redeem(phone, link, name) {
  await phone.goto(link);
  await firstStart(phone);
  await at(phone, 'pair');
  if (name) await phone.locator('[data-device-name]').fill(name);
  await submit(phone);
  await at(phone, 'request');
}

/** The first request, up to the account in the list. */
export async function confirm(phone, computer) {
  await answer(phone, await shownNumber(computer));
  await phone.locator('[data-outcome="approved"]').waitFor({ timeout: STEP_MS });
  await home(phone);
  await phone.locator('[data-status="active"]').first().waitFor();
  await becomes(computer, 'enrol', 'account-security');
}

/** Somebody's phone, paired, and their computer. */
export async function pair(stage, { person, ...options } = {}) {
  const owner = person ?? await somebody(stage);
  const computer = await openPage(stage.browser);
  const link = await beginPairing(stage, computer, owner);
  const phone = await openPhone(stage, options);
  const name = `Phone of ${owner.username}`;
  await redeem(phone, link, name);
  await confirm(phone, computer);
  return { person: owner, computer, phone, name };
}

/** Puts a request off that the phone has opened by itself; resolves to its id. */
export async function putOff(phone) {
  await at(phone, 'request');
  await phone.getByRole('button', { name: 'Later' }).click();
  const listed = phone.locator('[data-request]');
  await listed.waitFor();
  return listed.getAttribute('data-request');
}

/** Looks at a screen of the app, and holds it against the rules. */
export async function inspect(phone, name) {
  const touched = () => phone.evaluate(() => matchMedia('(any-pointer: coarse)').matches);
  const before = await touched();
  await checkPage(phone);
  await lookAtPage(phone, `40-app-${name}`);
  if ((await touched()) === before) return;
  // Chromium forgets at a picture of a long page that the screen is touched.
  const cdp = await phone.context().newCDPSession(phone);
  await cdp.send('Emulation.setTouchEmulationEnabled', { enabled: before, maxTouchPoints: 1 });
}
