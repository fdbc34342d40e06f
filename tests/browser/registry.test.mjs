// A partner calls somebody else's API, which finds the proof too weak and says so (RFC 9470): the person proves a second
// factor, sees what they came for, and finds on their page who has access to what.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPage, go, lookAtPage, onTheDemo, openPage, pageId, walk } from './harness.mjs';

const LIMIT = { timeout: 180_000 };
const stage = onTheDemo('prescriber');

const look = (prefix) => async (page, id) => {
  await checkPage(page, { lang: 'en' });
  await lookAtPage(page, `${prefix}-${id}`);
};

/** The demo's partner, with addresses that people are shown. */
const partner = ({ partner: at, registry }) => `
[[clients]]
client_id = "cedar-ehr"
client_name = "Cedar Clinic EHR"
client_uri = "${at}"
policy_uri = "${at}/privacy"
tos_uri = "${at}/terms"
initiate_login_uri = "${at}/login"
redirect_uris = ["${at}/callback"]
post_logout_redirect_uris = ["${at}/"]
grant_types = ["authorization_code", "refresh_token"]
scope = "openid profile email offline_access evidence history"
resources = ["${registry}"]
`;

test('an API asks for a second factor, and opens to whoever brings it', LIMIT, async () => {
  const { demo, browser, person } = stage;
  const registry = /\[\[resources\]\]\nuri = "([^"]+)"/.exec(await demo.run('export'))[1];
  await demo.apply(partner({ ...demo, registry }));
  const page = await openPage(browser);
  await page.goto(`${demo.partner}/login`);
  assert.equal(await page.locator(`a[href="${demo.partner}/privacy"]`).count(), 1, 'the partner says what it does with data');
  await look('60-with-policies')(page, 'sign-in');
  await walk(page, person, { issuer: demo.issuer });

  await go(page, () => page.locator('[data-action="history"]').click());
  const seen = await walk(page, person, {
    issuer: demo.issuer,
    onPage: async (id) => { if (id === 'consent') await look('60-registry')(page, id); },
  });
  assert.ok(seen.includes('consent'), `the person is told who gets what: ${seen.join(' > ')}`);
  assert.ok(seen.includes('verify-totp'), `a second factor is asked: ${seen.join(' > ')}`);
  assert.equal(await pageId(page), 'clinic-history');
  assert.ok((await page.locator('[data-dispensed]').count()) > 0);
  await look('60-registry')(page, 'history');

  await page.goto(`${demo.issuer}/account/privacy`);
  assert.equal(await pageId(page), 'account-privacy');
  assert.match(await page.locator('main').innerText(), /State prescription registry/);
  await look('60-registry')(page, 'privacy');
});
