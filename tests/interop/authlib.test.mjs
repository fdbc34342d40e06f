// Authlib, the client of Python, in a virtual environment with what requirements.txt names. Each test of
// authlib_client.py is one of this file's; the people sign in here.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Browser } from './person.mjs';
import { CALLBACK, startProvider } from './provider.mjs';

const PYTHON = fileURLToPath(new URL('.venv/bin/python', import.meta.url));
const SCRIPT = fileURLToPath(new URL('authlib_client.py', import.meta.url));

let op;
let browsers;
let given;

before(async () => {
  op = await startProvider();
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'authlib', use: 'sig', alg: 'ES256' }] };
  const basic = await op.client();
  const key = await op.client({ token_endpoint_auth_method: 'private_key_jwt', jwks });
  const people = { password: await op.person(), generator: await op.person({ generator: true }) };
  browsers = await serveBrowsers(people);
  const told = ({ client_id, token_endpoint_auth_method }) => ({ client_id, token_endpoint_auth_method, redirect_uri: CALLBACK });
  given = {
    issuer: op.issuer,
    browser: `http://127.0.0.1:${browsers.address().port}/`,
    clients: { basic: { ...told(basic), secret: basic.client_secret }, key: { ...told(key), key: privateKey.export({ type: 'pkcs8', format: 'pem' }) } },
    names: { password: people.password.name },
  };
});
after(async () => {
  browsers?.close();
  await op?.stop();
});

/** Python posts an address and who opens it, and gets the address with the answer to the partner. */
async function serveBrowsers(people) {
  const server = createServer(async (request, response) => {
    const asked = JSON.parse(await text(request));
    // Each in a new browser: but for the test that takes somebody's second factor beside the first.
    const browser = asked.person === 'generator' ? (people.generator.browser ??= new Browser(op.issuer)) : new Browser(op.issuer);
    await browser.signIn(asked.address, people[asked.person]).then(
      (back) => response.end(back.href),
      (error) => response.writeHead(500).end(error.stack),
    );
  });
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  return server;
}

const names = [...readFileSync(SCRIPT, 'utf8').matchAll(/def (test_\w+)/g)].map(([, name]) => name);
assert.ok(names.length > 0);
for (const name of names) {
  test(`Authlib: ${name.slice('test_'.length).replaceAll('_', ' ')}`, async () => {
    const env = { ...process.env, INTEROP: JSON.stringify(given) };
    await promisify(execFile)(PYTHON, [SCRIPT, `Authlib.${name}`], { env }).catch((error) => assert.fail(error.stderr || error.message));
  });
}
