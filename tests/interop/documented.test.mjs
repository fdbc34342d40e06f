// docs/partners.md names the versions that are tried here.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');

const PINNED = {
  'openid-client': JSON.parse(read('package-lock.json')).packages['node_modules/openid-client'].version,
  Authlib: read('requirements.txt').match(/^Authlib==(.+)$/m)[1],
  openidconnect: read('../../Cargo.lock').match(/name = "openidconnect"\nversion = "(.+)"/)[1],
};

for (const [name, version] of Object.entries(PINNED)) {
  test(`the version of ${name} is the one that partners are told`, () => {
    const row = read('../../docs/partners.md').split('\n').find((line) => line.startsWith(`| ${name} `));
    assert.equal(row.split('|')[2].trim(), version);
  });
}
