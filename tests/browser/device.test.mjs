// A device that shows a code (RFC 8628): its pages in Chromium, in both languages; and a request of a partner without a
// browser (CIBA), answered with the terminal. That the pages work without scripts is told by the stories of tests/it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { BINARY, button, checkPage, go, lookAtPage, onTheDemo, openPage, pageId, walk } from './harness.mjs';
import { reveal, shownNumber, toPairing } from './phone.mjs';

const LIMIT = { timeout: 240_000 };
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const CIBA = 'urn:openid:params:grant-type:ciba';
const stage = onTheDemo('prescriber');
const folder = mkdtempSync(join(tmpdir(), 'countersign-terminal-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const run = promisify(execFile);
const terminal = (command, ...words) => run(BINARY, ['authenticator', command, '--file', join(folder, 'keys.json'), ...words]);

let registered;
/** The clients of these tests, once. */
const clients = () => (registered ??= stage.demo.apply(`
[[clients]]
client_id = "ward-screen"
client_name = "Screen of the ward in the east wing, second floor"
client_uri = "https://ward.example/"
token_endpoint_auth_method = "none"
grant_types = ["${DEVICE_CODE}"]
scope = "openid profile"
consent = "implicit"

[[clients]]
client_id = "till"
client_name = "Till 4"
client_secret = "secret-of-the-till-0123456789"
token_endpoint_auth_method = "client_secret_post"
grant_types = ["${CIBA}"]
`));

async function post(path, fields) {
  const answer = await fetch(`${stage.demo.issuer}${path}`, { method: 'POST', body: new URLSearchParams(fields) });
  return answer.json();
}

const shows = () => post('/device_authorization', { client_id: 'ward-screen', scope: 'openid profile' });
const poll = ({ device_code }) => post('/token', { client_id: 'ward-screen', grant_type: DEVICE_CODE, device_code });

async function look(page, name, lang) {
  await checkPage(page, { lang });
  await lookAtPage(page, name);
}

for (const lang of ['en', 'es']) {
  test(`a code is typed, compared and confirmed (${lang})`, LIMIT, async () => {
    await clients();
    const shown = await shows();
    const page = await openPage(stage.browser);
    await page.goto(`${shown.verification_uri}?ui_locales=${lang}`);
    await look(page, `50-device-code-${lang}`, lang);
    await page.locator('[name="user_code"]').fill('bcdf ghjk');
    await go(page, () => page.locator(button('action', 'continue')).click());
    await look(page, `50-device-unknown-${lang}`, lang);
    await page.locator('[name="user_code"]').fill(shown.user_code.toLowerCase());
    await go(page, () => page.locator(button('action', 'continue')).click());
    assert.equal(await page.locator('[data-user-code]').innerText(), shown.user_code);
    assert.match(await page.locator('main').innerText(), /east wing/);
    await look(page, `50-device-confirm-${lang}`, lang);
    await go(page, () => page.locator(button('action', 'allow')).click());
    await walk(page, stage.person, { issuer: stage.demo.issuer, onPage: async (id) => id !== 'device' });
    assert.equal(await pageId(page), 'device');
    await look(page, `50-device-done-${lang}`, lang);
    assert.ok((await poll(shown)).access_token);
    await page.goto(`${stage.demo.issuer}/device/refused?ui_locales=${lang}`);
    await look(page, `50-device-refused-${lang}`, lang);
  });
}

test('a partner shows a number, the terminal types it, and the partner gets tokens', LIMIT, async () => {
  await clients();
  const page = await openPage(stage.browser);
  await toPairing(stage, page, stage.person);
  await terminal('pair', await reveal(page), '--name', 'Terminal');
  await page.waitForFunction(() => document.querySelector('[data-number]'));
  await terminal('approve', '--number', await shownNumber(page));
  await page.waitForFunction(() => !document.querySelector('[data-number]'));
  const client = { client_id: 'till', client_secret: 'secret-of-the-till-0123456789' };
  const fields = { scope: 'openid', login_hint: stage.person.username, binding_message: 'Till 4, W4SCT' };
  const asked = await post('/bc-authorize', { ...client, ...fields });
  assert.match(asked.stepup_match_code, /^\d{6}$/, JSON.stringify(asked));
  const { stdout } = await terminal('approve', '--number', asked.stepup_match_code, '--unlock', 'pin');
  assert.match(stdout, /Till 4, W4SCT/);
  const tokens = await post('/token', { ...client, grant_type: CIBA, auth_req_id: asked.auth_req_id });
  assert.ok(tokens.id_token, JSON.stringify(tokens));
});
