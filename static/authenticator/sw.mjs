// The service worker: starts the app without a network, shows that something waits, and keeps the push address current.
// It caches the files of its own version and the empty page, never an answer of the server.

import { Server } from "./protocol.mjs";
import { reregister } from "./push.mjs";
import { openStore } from "./store.mjs";

/** How long the page may keep somebody waiting before the kept one is shown. */
const PATIENCE_MS = 4_000;
const CACHE = "countersign-authenticator";

/** Has to be called while the worker's script runs for the first time: listeners are not heard later. */
export function start(setting) {
  // Two issuers at different paths of one host share its caches.
  const mine = `${CACHE} ${setting.page} `;
  const cacheName = mine + setting.version;

  addEventListener("install", (event) => event.waitUntil(install()));
  addEventListener("activate", (event) => event.waitUntil(activate()));
  addEventListener("fetch", (event) => {
    const answer = answerFor(event.request);
    if (answer) event.respondWith(answer);
  });
  addEventListener("push", (event) => event.waitUntil(show(event.data)));
  addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(open(event.notification.data?.request));
  });
  addEventListener("pushsubscriptionchange", (event) => event.waitUntil(subscribeAgain()));

  async function install() {
    const cache = await caches.open(cacheName);
    await cache.addAll(setting.assets);
    await keepPage(cache, await fetch(setting.page, { cache: "reload" }));
    await skipWaiting();
  }

  async function activate() {
    for (const name of await caches.keys()) if (name.startsWith(mine) && name !== cacheName) await caches.delete(name);
    await clients.claim();
  }

  /** Only a page of this version finds its files here. */
  async function keepPage(cache, response) {
    if (!response.ok || response.redirected) return;
    const copy = response.clone();
    if ((await copy.text()).includes(`/${setting.version}/`)) await cache.put(setting.page, response);
  }

  function answerFor(request) {
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== location.origin) return null;
    if (url.pathname.startsWith(setting.static)) return file(request);
    if (request.mode === "navigate" && url.pathname === setting.page) return page(request);
    return null;
  }

  async function file(request) {
    const cache = await caches.open(cacheName);
    return (await cache.match(request, { ignoreVary: true })) ?? fetch(request);
  }

  async function page(request) {
    const cache = await caches.open(cacheName);
    try {
      const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
      await keepPage(cache, response.clone());
      return response;
    } catch (fault) {
      const kept = await cache.match(setting.page, { ignoreVary: true });
      if (kept) return kept;
      throw fault;
    }
  }

  /** Says only that something waits: what it is, is for the open app. */
  async function show(data) {
    let request;
    try {
      request = data.json().request;
    } catch {
      request = undefined;
    }
    const words = setting.words[await language()] ?? setting.words.en;
    await registration.showNotification(words.title, {
      body: words.body,
      icon: setting.icon,
      badge: setting.icon,
      tag: request ?? "request",
      renotify: true,
      requireInteraction: true,
      data: { request },
    });
  }

  async function language() {
    try {
      return (await (await openStore(setting.issuer)).get("language")) ?? navigator.language.slice(0, 2);
    } catch {
      return navigator.language.slice(0, 2);
    }
  }

  async function open(request) {
    const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
    const app = windows.find((client) => new URL(client.url).pathname === setting.page);
    if (app) {
      app.postMessage({ type: "request", request });
      return app.focus();
    }
    // A fragment stays in the browser.
    return clients.openWindow(request ? `${setting.page}#request=${encodeURIComponent(request)}` : setting.page);
  }

  async function subscribeAgain() {
    const store = await openStore(setting.issuer);
    const server = new Server(setting.issuer);
    const [app, discovery] = [await store.get("app"), await server.discovery()];
    if (app) await reregister(server, store, app, registration, discovery.webpush?.application_server_key);
  }
}
