// Web Push: the permission, the subscription, and telling the server when it has changed.

import { fromBase64url, toBase64url } from "./protocol.mjs";

/** `granted`, `denied`, `default` (not asked yet) or `unsupported`. */
export function notifications() {
  if (!("Notification" in globalThis) || !("serviceWorker" in navigator)) return "unsupported";
  return Notification.permission;
}

/** Asks, where nobody has answered yet. What is dismissed is no permission. */
export async function askPermission() {
  if (notifications() === "unsupported") return "unsupported";
  const answer = Notification.permission === "default" ? await Notification.requestPermission() : Notification.permission;
  return answer === "granted" ? "granted" : "denied";
}

/** A push service that does not answer for so long is as good as none. */
const PATIENCE_MS = 10_000;

/** The subscription as the protocol writes it. */
export function written(subscription) {
  return {
    kind: "webpush",
    endpoint: subscription.endpoint,
    p256dh: toBase64url(subscription.getKey("p256dh")),
    auth: toBase64url(subscription.getKey("auth")),
  };
}

/** Has the operator changed the key? Then the subscription is good for nothing any more. */
function isFor(subscription, serverKey) {
  const key = subscription.options?.applicationServerKey;
  return !key || toBase64url(key) === serverKey;
}

/** The subscription of this browser, made if need be; null where there is none to have: then the app asks by itself. */
export async function subscribe(registration, serverKey) {
  if (!registration?.pushManager || !serverKey || notifications() !== "granted") return null;
  try {
    let known = await registration.pushManager.getSubscription();
    if (known && !isFor(known, serverKey)) {
      await known.unsubscribe();
      known = null;
    }
    known ??= await Promise.race([
      registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: fromBase64url(serverKey) }),
      new Promise((done, fail) => setTimeout(fail, PATIENCE_MS, new Error("the push service does not answer"))),
    ]);
    return written(known);
  } catch {
    // Without its maker's push service a browser has none; that is no reason to refuse the phone.
    return null;
  }
}

/** What `PUT /device` says. */
export function about(app, push) {
  const permission = notifications();
  // The protocol knows three words; a question that nobody answered is no permission.
  return { app, notifications: permission === "default" ? "denied" : permission, push };
}

/** Tells the server for each account whose address differs from what it was told last. */
export async function reregister(server, store, app, registration, serverKey) {
  const push = await subscribe(registration, serverKey);
  const said = about(app, push);
  const now = JSON.stringify(said);
  for (const account of await store.accounts()) {
    if (account.sent === now || account.status === "removed") continue;
    try {
      await server.update(account, said);
      await store.changeAccount(account.device, { sent: now });
    } catch {
      // Unregistered, or no network: the next start tries again.
    }
  }
}
