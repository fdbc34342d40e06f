// The harness itself: its checks pass on a good page, and each of them can fail.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { checkPage, keyboard, launch, lookAtPage, openPage, pageId, totp, walk } from './harness.mjs';

const good = {
  lang: '<html lang="en">', head: '<title>Sign in</title><link rel="icon" href="data:,">', page: 'data-page="sign-in"', heading: '<h1>Sign in</h1>',
  field: '<label>Name <input name="username" autocomplete="username webauthn" style="height:40px"></label>',
  rest: '<button style="height:40px">Continue</button>', text: '',
};
const html = (part) => {
  const p = { ...good, ...part };
  const meta = '<meta name="viewport" content="width=device-width">';
  return `<!doctype html>${p.lang}<head>${meta}${p.head}</head><body ${p.page}><main>${p.heading}${p.text}<form action="/done" method="get">${p.field}${p.rest}</form></main></body></html>`;
};
let answer = html();
let browser, server, origin;

before(async () => {
  server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.setHeader('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'");
    response.end(answer);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${server.address().port}`;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.close();
});

test('codes are those of RFC 6238 appendix B', () => {
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  assert.equal(totp(secret, 59_000), '287082');
  assert.equal(totp(secret, 1_111_111_109_000), '081804');
  assert.equal(totp(secret, 20_000_000_000_000), '353130');
});

test('a good page passes, and pictures are taken', async () => {
  answer = html();
  const page = await openPage(browser);
  await page.goto(origin);
  await checkPage(page, { lang: 'en' });
  await lookAtPage(page, 'harness');
  assert.equal(await pageId(page), 'sign-in');
});

test('a person walks by pointer and by keyboard', async () => {
  answer = html();
  for (const by of [undefined, keyboard]) {
    const page = await openPage(browser);
    await page.goto(origin);
    let rounds = 0;
    const onPage = async () => (rounds += 1) < 2;
    assert.deepEqual(await walk(page, { username: 'rivera' }, { issuer: origin, by, onPage }), ['sign-in', 'sign-in']);
    assert.match(page.url(), /done\?username=rivera/);
  }
});

const bad = {
  'no data-page': [{ page: '' }, /data-page/],
  'no language': [{ lang: '<html>' }, /no lang/],
  'no heading': [{ heading: '' }, /0 headings/],
  'too wide for a phone': [{ heading: '<h1 style="width:900px">Wide</h1>' }, /px wide/],
  'no label': [{ field: '<input name="code">' }, /input code has no label/],
  'a nameless button': [{ rest: '<button style="height:40px"></button>' }, /without a name/],
  'a small target': [{ rest: '<button style="height:9px;font-size:6px">Go</button>' }, /lower than 24/],
  'invisible focus': [{ rest: '<button style="height:40px;outline:none">Go</button>' }, /focus cannot be seen/],
  'text that is too pale': [{ text: '<p style="color:#bbb;background:#fff">Read me</p>' }, /axe color-contrast/],
  'an inline script': [{ head: `${good.head}<script>1</script>` }, /content security policy|Content Security Policy/],
};
for (const [what, [part, complaint]] of Object.entries(bad)) {
  test(`a page with ${what} fails`, async () => {
    answer = html(part);
    const page = await openPage(browser);
    await page.goto(origin);
    await assert.rejects(checkPage(page), (error) => complaint.test(error.message + JSON.stringify(error.actual)));
  });
}
