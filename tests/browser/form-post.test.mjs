// An answer that travels as a form (Form Post Response Mode, section 2): the page's own script sends it, and where scripts are
// off its button does; the page's policy lets both through.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { go, onTheDemo, openPage, pageId, walk } from './harness.mjs';

const LIMIT = { timeout: 60_000 };
const stage = onTheDemo('patient');

function request(mode) {
  const query = new URLSearchParams({
    client_id: 'cedar-ehr',
    redirect_uri: `${stage.demo.partner}/callback`,
    response_type: 'code',
    response_mode: mode,
    scope: 'openid',
    state: '"><script>alert(1)</script>&é',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  return `${stage.demo.issuer}/authorize?${query}`;
}

/** Stands in for the partner; resolves to what it was sent. */
async function partner(page) {
  const sent = [];
  await page.route(`${stage.demo.partner}/**`, (route) => {
    sent.push({ method: route.request().method(), form: new URLSearchParams(route.request().postData() ?? '') });
    return route.fulfill({ contentType: 'text/html', body: '<title>arrived</title>' });
  });
  return sent;
}

function check(sent) {
  assert.equal(sent.length, 1);
  assert.equal(sent[0].method, 'POST');
  assert.equal(sent[0].form.get('state'), '"><script>alert(1)</script>&é');
  assert.equal(sent[0].form.get('iss'), stage.demo.issuer);
  assert.ok(sent[0].form.get('code'));
}

test('a page posts the answer by itself', LIMIT, async () => {
  const page = await openPage(stage.browser);
  const sent = await partner(page);
  await page.goto(request('form_post'));
  await walk(page, stage.person, { issuer: stage.demo.issuer, onPage: async (id) => id !== 'form-post' });
  await page.waitForURL(`${stage.demo.partner}/callback`);
  assert.equal(await page.title(), 'arrived');
  check(sent);
});

test('without scripts a button posts it', LIMIT, async () => {
  const context = await stage.browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const sent = await partner(page);
  await page.goto(request('form_post'));
  await walk(page, stage.person, { issuer: stage.demo.issuer, onPage: async (id) => id !== 'form-post' });
  assert.equal(await pageId(page), 'form-post');
  assert.equal(sent.length, 0);
  await go(page, () => page.locator('button').click());
  check(sent);
});

test('a signed answer can be posted too', LIMIT, async () => {
  const page = await openPage(stage.browser);
  const sent = await partner(page);
  await page.goto(request('form_post.jwt'));
  await walk(page, stage.person, { issuer: stage.demo.issuer, onPage: async (id) => id !== 'form-post' });
  await page.waitForURL(`${stage.demo.partner}/callback`);
  assert.equal(sent[0].method, 'POST');
  assert.deepEqual([...sent[0].form.keys()], ['response']);
  const claims = JSON.parse(Buffer.from(sent[0].form.get('response').split('.')[1], 'base64url'));
  assert.equal(claims.iss, stage.demo.issuer);
  assert.equal(claims.aud, 'cedar-ehr');
  assert.ok(claims.code);
});
