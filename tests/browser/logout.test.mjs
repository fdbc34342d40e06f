// The end of a session in Chromium, with two partners as sites of their own: the frames of the signed-out page
// (Front-Channel Logout 1.0), and the frame that partners' pages ask (Session Management 1.0).
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { checkPage, go, lookAtPage, onTheDemo, openPage, pageId, walk } from './harness.mjs';

const LIMIT = { timeout: 120_000 };
const VERIFIER = 'a-verifier-of-more-than-forty-three-characters-for-this-test';
const stage = onTheDemo('patient');
const partners = {};

/** Asks the provider's frame as Session Management §3.2 has it, and writes down what it answers. */
const ASKS = (issuer) => `<!doctype html><title>partner</title><iframe id="op" src="${issuer}/check-session"></iframe><script>
  addEventListener('message', (e) => { if (e.origin === '${new URL(issuer).origin}') window.said = e.data; });
  window.ask = (text) => { window.said = undefined; document.getElementById('op').contentWindow.postMessage(text, '${new URL(issuer).origin}'); };
</script>`;

/** A partner's site. What its logout page was asked with, cookies included, is in `left`. */
async function partner(id, answersOut = true) {
  const site = { id, left: [] };
  const server = createServer((request, response) => {
    const url = new URL(request.url, site.origin);
    if (url.pathname === '/out') {
      site.left.push({ query: url.searchParams, cookie: request.headers.cookie ?? '' });
      if (!answersOut) return;
    }
    response.setHeader('content-type', 'text/html');
    if (url.pathname === '/callback') response.setHeader('set-cookie', `session-at-${id}=1; Path=/; SameSite=Lax`);
    response.end(url.pathname === '/asks' ? ASKS(stage.demo.issuer) : `<!doctype html><title>${id} ${url.pathname}</title>`);
  });
  await new Promise((done) => server.listen(0, 'localhost', done));
  site.origin = `http://localhost:${server.address().port}`;
  site.stop = () => { server.closeAllConnections(); server.close(); };
  return site;
}

const registration = ({ id, origin }) => `
[[clients]]
client_id = "${id}"
client_name = "Partner ${id}"
token_endpoint_auth_method = "none"
redirect_uris = ["${origin}/callback"]
post_logout_redirect_uris = ["${origin}/bye"]
frontchannel_logout_uri = "${origin}/out"
frontchannel_logout_session_required = true
consent = "implicit"
`;

/** Once, when the demo is there: hooks of one file may run side by side. */
let registered;
const atThePartners = () => (registered ??= (async () => {
  partners.chart = await partner('chart');
  partners.lab = await partner('lab');
  partners.mute = await partner('mute', false);
  await stage.demo.apply(Object.values(partners).map(registration).join('\n'));
})());
after(() => Object.values(partners).forEach((site) => site.stop()));

/** Signs in at a partner; resolves to what it got. */
async function signIn(page, site) {
  const query = new URLSearchParams({
    client_id: site.id,
    redirect_uri: `${site.origin}/callback`,
    response_type: 'code',
    scope: 'openid',
    state: 's',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
  });
  await page.goto(`${stage.demo.issuer}/authorize?${query}`);
  await walk(page, stage.person, { issuer: stage.demo.issuer });
  const answer = new URL(page.url()).searchParams;
  assert.ok(answer.get('code'), page.url());
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: site.id,
    code: answer.get('code'),
    redirect_uri: `${site.origin}/callback`,
    code_verifier: VERIFIER,
  });
  const tokens = await (await fetch(`${stage.demo.issuer}/token`, { method: 'POST', body })).json();
  const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url'));
  return { idToken: tokens.id_token, sid: claims.sid, state: answer.get('session_state') };
}

const logout = (site, { idToken }) => {
  const query = { id_token_hint: idToken, post_logout_redirect_uri: `${site.origin}/bye`, state: 'st' };
  return `${stage.demo.issuer}/logout?${new URLSearchParams(query)}`;
};

function checkLeft(site, { sid }) {
  assert.equal(site.left.length, 1, site.id);
  const [{ query, cookie }] = site.left.splice(0);
  assert.equal(query.get('iss'), stage.demo.issuer);
  assert.equal(query.get('sid'), sid);
  assert.match(cookie, new RegExp(`session-at-${site.id}=1`), 'the partner sees its own session');
}

test('the page visits every partner and goes on by itself', LIMIT, async () => {
  await atThePartners();
  const page = await openPage(stage.browser);
  await signIn(page, partners.lab);
  const got = await signIn(page, partners.chart);
  await page.goto(logout(partners.chart, got));
  await page.waitForURL(`${partners.chart.origin}/bye?state=st`);
  checkLeft(partners.chart, got);
  checkLeft(partners.lab, got);
});

test('a partner that does not answer holds nobody for long', LIMIT, async () => {
  await atThePartners();
  const page = await openPage(stage.browser);
  await signIn(page, partners.mute);
  const got = await signIn(page, partners.lab);
  await page.goto(logout(partners.lab, got), { waitUntil: 'commit' });
  await page.waitForURL(`${partners.lab.origin}/bye?state=st`);
  checkLeft(partners.mute, got);
  checkLeft(partners.lab, got);
});

test('without scripts the page goes on too, by itself or by its link', LIMIT, async () => {
  await atThePartners();
  for (const byHand of [true, false]) {
    const context = await stage.browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    const got = await signIn(page, partners.lab);
    await page.goto(logout(partners.lab, got));
    assert.equal(await pageId(page), 'signed-out');
    if (byHand) await go(page, () => page.locator('[data-forward]').click());
    else await page.waitForURL(`${partners.lab.origin}/bye?state=st`);
    assert.equal(page.url(), `${partners.lab.origin}/bye?state=st`);
    checkLeft(partners.lab, got);
    await context.close();
  }
});

for (const [lang, locale] of [['en', 'en-US'], ['es', 'es-ES']]) {
  test(`the page is for everybody while it waits (${lang})`, LIMIT, async () => {
    await atThePartners();
    const page = await openPage(stage.browser, { locale });
    // Stays where it is, to be looked at.
    await page.route('**/signed-out.js*', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
    const got = await signIn(page, partners.chart);
    await page.goto(logout(partners.chart, got));
    assert.equal(await pageId(page), 'signed-out');
    await checkPage(page, { lang });
    await lookAtPage(page, `30-${lang}-signed-out`);
    checkLeft(partners.chart, got);
  });
}

test('a page of a partner is told when the session changes', LIMIT, async () => {
  await atThePartners();
  const page = await openPage(stage.browser);
  const got = await signIn(page, partners.chart);
  const asking = await page.context().newPage();
  const foreign = await page.context().newPage();
  await asking.goto(`${partners.chart.origin}/asks`);
  await foreign.goto(`${partners.lab.origin}/asks`);
  const said = async (tab, text) => {
    await tab.evaluate((t) => window.ask(t), text);
    await tab.waitForFunction(() => window.said !== undefined);
    return tab.evaluate(() => window.said);
  };
  const known = `chart ${got.state}`;
  assert.equal(await said(asking, known), 'unchanged');
  assert.equal(await said(asking, `lab ${got.state}`), 'changed');
  assert.equal(await said(asking, `chart x${got.state}`), 'changed');
  for (const broken of ['', 'chart', got.state, 'chart a b.c', 'chart ab', { chart: 1 }]) {
    assert.equal(await said(asking, broken), 'error', JSON.stringify(broken));
  }
  // Another site learns nothing by asking with what it has picked up: its origin is part of the state.
  assert.equal(await said(foreign, known), 'changed');
  const other = await signIn(page, partners.lab);
  assert.equal(await said(foreign, `lab ${other.state}`), 'unchanged');
  assert.equal(await said(asking, known), 'unchanged');
  // What the frame can read is not what opens the account.
  const cookies = await page.context().cookies(stage.demo.issuer);
  const readable = cookies.filter((c) => !c.httpOnly).map((c) => c.name).filter((name) => name.startsWith('countersign'));
  assert.deepEqual(readable, ['countersign-state']);
  await page.goto(logout(partners.lab, other));
  await page.waitForURL(`${partners.lab.origin}/bye?state=st`);
  assert.equal(await said(asking, known), 'changed');
  assert.equal(await said(foreign, `lab ${other.state}`), 'changed');
  // And the same person once more is another session.
  await signIn(page, partners.lab);
  assert.equal(await said(asking, known), 'changed');
});
