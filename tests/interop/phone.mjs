// A person's phone: the program's own authenticator for the terminal, paired on the account's pages as any app is.
import assert from 'node:assert/strict';
import { Browser } from './person.mjs';

/** A phone of its own for each person, with a file of its own beside the server's. */
export async function pairedPhone(op, person) {
  const terminal = (command, ...words) => op.run('authenticator', command, ...words, '--file', `phone-of-${person.username}.json`);
  const phone = {
    approve: (number, unlock) => terminal('approve', '--number', number, '--unlock', unlock),
    deny: () => terminal('deny'),
  };
  const browser = new Browser(op.issuer);
  let page = await browser.walk(`${op.issuer}/account/security`, person);
  // The list of devices, then the methods that may be added.
  while (page.has('button[name="method"][value="push"]')) page = await browser.submit(page, { method: 'push' });
  assert.equal(page.id, 'enrol-push', page.text);
  page = await browser.submit(page, { action: 'reveal' });
  await terminal('pair', page.root.querySelector('[data-pairing-link]').getAttribute('data-pairing-link'));
  page = await browser.submit(page, { action: 'continue' });
  // A phone counts as one with a lock once it has shown that, and may then be asked for two factors.
  await phone.approve(page.root.querySelector('[data-number]').text.replace(/\D/g, ''), 'pin');
  page = await browser.submit(page, { action: 'continue' });
  assert.ok(!page.has('[data-number], [data-error]'), page.text);
  return phone;
}
