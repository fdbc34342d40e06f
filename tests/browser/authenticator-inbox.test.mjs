// How the phone app hears of requests, and how it keeps its address for messages current: without a browser.
import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { Inbox } from '../../static/authenticator/inbox.mjs';
import { Refusal, fromBase64url } from '../../static/authenticator/protocol.mjs';
import { askPermission, notifications, reregister, subscribe } from '../../static/authenticator/push.mjs';

const turn = () => new Promise((done) => setImmediate(done));
const soon = () => Date.now() / 1000 + 600;
const offline = () => new Refusal(0, { error: 'offline' });
const unregistered = () => new Refusal(401, { error: 'unregistered', mfa: 'MFA-136' });
const accounts = (count) => Array.from({ length: count }, (_, i) => ({ device: `D${i}`, status: 'active' }));

/** An inbox over a server whose two ways to ask are given. */
function inbox({ listen = async () => { throw offline(); }, requests = async () => ({ requests: [] }) }) {
  const heard = { changes: 0, gone: [] };
  const server = { now: () => Date.now() / 1000, listen: mock.fn(listen), requests: mock.fn(requests) };
  const made = new Inbox(server, { onChange: () => { heard.changes += 1; }, onGone: (account) => heard.gone.push(account.device) });
  return { made, server, heard };
}

test('events are shown as they come, and a broken stream is polled', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let emit, breaks;
  const list = [{ id: 'R1', kind: 'sign_in', expires_at: soon() }];
  const { made, server, heard } = inbox({
    listen: (_, on) => new Promise((_done, fail) => { emit = on; breaks = () => fail(offline()); }),
    requests: async () => ({ requests: list }),
  });
  made.start(accounts(1));
  emit(list);
  emit(list);
  assert.deepEqual([heard.changes, made.requests().map((one) => one.id)], [1, ['R1']], 'the same list is no news');
  assert.equal(server.requests.mock.callCount(), 0, 'who listens does not poll');
  breaks();
  await turn();
  assert.equal(server.requests.mock.callCount(), 1);
  t.mock.timers.tick(3_000);
  await turn();
  assert.equal(server.requests.mock.callCount(), 2);
  made.stop();
  t.mock.timers.tick(10_000);
  await turn();
  assert.equal(server.requests.mock.callCount(), 2, 'out of sight nothing is asked');
});

test('without a network that is known, and so is its return', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let works = false;
  const { made, heard } = inbox({ requests: async () => { if (!works) throw offline(); return { requests: [] }; } });
  made.start(accounts(1));
  await turn();
  assert.deepEqual([made.online, heard.changes], [false, 1]);
  works = true;
  t.mock.timers.tick(3_000);
  await turn();
  assert.deepEqual([made.online, heard.changes], [true, 2]);
  made.stop();
});

test('a key that the server does not know any more is not asked with again', async () => {
  const { made, server, heard } = inbox({ listen: async () => { throw unregistered(); } });
  made.start(accounts(1));
  await turn();
  assert.deepEqual([heard.gone, server.requests.mock.callCount()], [['D0'], 0]);
});

test('many accounts do not use up the connections of a browser', async () => {
  const { made, server } = inbox({});
  made.start(accounts(4));
  await turn();
  assert.deepEqual([server.listen.mock.callCount(), server.requests.mock.callCount()], [0, 4]);
  made.stop();
});

test('what is over or answered is not listed', () => {
  const { made } = inbox({});
  const [account] = accounts(1);
  const of = (id, seconds) => ({ id, expires_at: Date.now() / 1000 + seconds });
  made.lists.set('D0', { account, list: [of('old', -1), of('first', 10), of('newer', 20)] });
  assert.deepEqual(made.requests().map((one) => one.id), ['newer', 'first']);
  made.drop('newer');
  assert.deepEqual(made.requests().map((one) => one.id), ['first']);
});

// --- Web Push.

const KEY = Buffer.alloc(65, 4).toString('base64url');
const APP = { name: 'Countersign', version: '1.0.0', platform: 'web', os: 'Android 16' };

/** A subscription of this browser for a key of the server. */
const subscription = (endpoint, key) => ({
  endpoint, options: { applicationServerKey: fromBase64url(key) }, getKey: (name) => new TextEncoder().encode(name), unsubscribe: mock.fn(async () => true),
});

function registration(known, fresh) {
  return { pushManager: { getSubscription: async () => known, subscribe: mock.fn(async () => { if (!fresh) throw new Error('no service'); return fresh; }) } };
}

beforeEach(() => {
  Object.defineProperty(globalThis, 'navigator', { value: { serviceWorker: {} }, configurable: true });
  globalThis.Notification = { permission: 'granted', requestPermission: async () => 'default' };
});

test('a question that was waved away is no permission', async () => {
  Notification.permission = 'default';
  assert.equal(await askPermission(), 'denied');
  delete globalThis.Notification;
  assert.deepEqual([notifications(), await askPermission()], ['unsupported', 'unsupported']);
});

test('a subscription is written as the protocol says, and made anew for another key', async () => {
  const kept = subscription('https://push.example/1', KEY);
  assert.deepEqual(await subscribe(registration(kept), KEY), {
    kind: 'webpush', endpoint: 'https://push.example/1', p256dh: Buffer.from('p256dh').toString('base64url'), auth: Buffer.from('auth').toString('base64url'),
  });
  const other = Buffer.alloc(65, 5).toString('base64url');
  const made = await subscribe(registration(kept, subscription('https://push.example/2', other)), other);
  assert.deepEqual([made.endpoint, kept.unsubscribe.mock.callCount()], ['https://push.example/2', 1]);
  assert.equal(await subscribe(registration(null), KEY), null, 'no push service is no fault');
  assert.equal(await subscribe(registration(kept), undefined), null, 'the operator has none');
});

test('the server is told when the address changes, once for each account', async () => {
  const list = [{ device: 'D0', status: 'active' }, { device: 'D1', status: 'removed' }];
  const store = { accounts: async () => list, changeAccount: async (device, change) => Object.assign(list.find((one) => one.device === device), change) };
  const server = { update: mock.fn(async () => ({})) };
  const at = (endpoint) => reregister(server, store, APP, registration(subscription(endpoint, KEY)), KEY);
  await at('https://push.example/1');
  await at('https://push.example/1');
  assert.equal(server.update.mock.callCount(), 1);
  await at('https://push.example/2');
  const [account, said] = server.update.mock.calls[1].arguments;
  assert.deepEqual([account.device, said.notifications, said.app, said.push.endpoint], ['D0', 'granted', APP, 'https://push.example/2']);
});
