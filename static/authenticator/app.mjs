// The phone app: what it remembers while it is open, when it locks, and which screen is shown.
// The other modules each do one thing; this one puts them together.

import { Inbox } from "./inbox.mjs";
import { history, home, settings } from "./home.mjs";
import { askPin, choosePin, wipe } from "./lock.mjs";
import { add, onAnotherDevice, prepare, shouldAskForPhone } from "./pairing.mjs";
import { IDLE_MS, MOST_WRONG } from "./pin.mjs";
import { isInstalled, system } from "./platform.mjs";
import { Server, readSecret } from "./protocol.mjs";
import { reregister } from "./push.mjs";
import { openRequest } from "./request.mjs";
import { openStore } from "./store.mjs";
import { Stage, actions, button, el, icon, lead, refused, speaker, trouble } from "./ui.mjs";

/** A secret is good for ten minutes; so long it is kept while the app is being installed. */
const PENDING_MS = 10 * 60_000;
const WATCH_MS = 5_000;
const WORKER_PATIENCE_MS = 5_000;

/** Time since something happened, by both clocks: one can be set back, the other may stand still while a phone sleeps. */
class Since {
  constructor() {
    this.forget();
  }

  mark() {
    [this.wall, this.steady] = [Date.now(), performance.now()];
  }

  forget() {
    [this.wall, this.steady] = [-Infinity, -Infinity];
  }

  ms() {
    return Math.max(Date.now() - this.wall, performance.now() - this.steady);
  }
}

class App {
  constructor(root) {
    const { base, issuer, workspace, version, words } = root.dataset;
    this.config = { base, issuer, workspace, version };
    this.say = speaker(JSON.parse(words));
    this.stage = new Stage(document.querySelector("main"), workspace);
    this.server = new Server(issuer);
    this.inbox = new Inbox(this.server, { onChange: () => this.noticed(), onGone: (account) => this.gone(account) });
    this.locked = true;
    this.pinTyped = new Since();
    this.used = new Since();
    this.wanted = null;
    this.seen = new Set();
    this.nav = this.tabBar();
  }

  // --- The start.

  async start() {
    this.takeFragment();
    addEventListener("hashchange", () => this.takeFragment() && this.goOn());
    addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault();
      this.installer = event;
      home(this, { again: true });
    });
    try {
      this.store = await openStore(this.config.issuer);
    } catch {
      this.stage.show("no-store", this.say("no-store-title"), lead(this.say("no-store-text")));
      return;
    }
    this.registerWorker();
    await this.store.set("language", document.documentElement.lang);
    await this.store.set("app", this.about());
    this.watch();
    await this.askForPhone();
    if (((await this.store.get("pin-tries"))?.wrong ?? 0) >= MOST_WRONG) return wipe(this);
    if (!(await this.store.get("pin"))) await choosePin(this, this.say("welcome-title"), [lead(this.say("welcome-text"))]);
    else await askPin(this, { title: this.say("lock-title"), text: this.say("lock-text") });
    await this.opened();
    return undefined;
  }

  /** A secret or a request from the address; out of the address bar and the history before anything else happens. */
  takeFragment() {
    const { hash } = location;
    if (!hash) return false;
    window.history.replaceState(null, "", location.pathname + location.search);
    const secret = readSecret(hash);
    const request = /^#request=([^&]+)$/.exec(hash)?.[1];
    if (secret) this.wanted = { secret };
    else if (/^#pair=/.test(hash)) this.wanted = { broken: true };
    else if (request) this.wanted = { request: decodeURIComponent(request) };
    return true;
  }

  /** S6: on what is no phone a link only shows itself, unless the person insists. */
  async askForPhone() {
    const { secret } = this.wanted ?? {};
    if (!secret) return;
    if (shouldAskForPhone() && !(await onAnotherDevice(this, secret))) this.wanted = null;
    else await this.keepPending(secret);
  }

  registerWorker() {
    const { base } = this.config;
    if (!navigator.serviceWorker) return;
    const scope = `${base}/authenticator`;
    // Without one the app works too, but not without a network, and gets no messages.
    const made = navigator.serviceWorker.register(`${base}/authenticator/sw.js`, { scope, type: "module", updateViaCache: "none" });
    this.registered = made.then(() => navigator.serviceWorker.ready).catch(() => null);
    navigator.serviceWorker.addEventListener("message", ({ data }) => {
      if (data?.type !== "request") return;
      this.wanted = { request: data.request };
      this.goOn();
    });
  }

  /** The registration once it is active; null where there is none to wait for. */
  worker() {
    const late = new Promise((done) => setTimeout(done, WORKER_PATIENCE_MS, null));
    return Promise.race([this.registered ?? null, late]);
  }

  about() {
    return { name: "Countersign", version: this.config.version, platform: "web", os: system() };
  }

  async discover() {
    return this.server.discovery();
  }

  // --- Open and locked.

  /** The PIN was right, just now. */
  proved() {
    this.pinTyped.mark();
    this.used.mark();
    this.locked = false;
  }

  /** Milliseconds since the PIN was typed. */
  provedFor() {
    return this.pinTyped.ms();
  }

  async opened() {
    this.locked = false;
    await this.listen();
    this.tellAddress();
    this.refresh();
    await this.goOn();
  }

  watch() {
    // Only what was not idle for too long already: the first touch after a long sleep must meet the lock.
    const active = () => { if (!this.lockIfIdle()) this.used.mark(); };
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, active, { passive: true, capture: true });
    setInterval(() => this.lockIfIdle(), WATCH_MS);
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return this.inbox.stop();
      this.lockIfIdle();
      return this.locked ? undefined : this.listen();
    });
  }

  lockIfIdle() {
    if (this.locked || this.used.ms() <= IDLE_MS) return false;
    this.lock();
    return true;
  }

  async lock() {
    this.locked = true;
    this.pinTyped.forget();
    this.inbox.stop();
    await askPin(this, { title: this.say("lock-title"), text: this.say("lock-text") });
    await this.opened();
  }

  /** Everything was deleted. */
  async forgotten() {
    this.locked = true;
    this.inbox.stop();
    this.wanted = null;
    const registration = await navigator.serviceWorker?.getRegistration?.(`${this.config.base}/authenticator`);
    const subscription = await registration?.pushManager?.getSubscription?.().catch(() => null);
    await subscription?.unsubscribe().catch(() => {});
  }

  // --- Where to.

  /** What the person came for, else the accounts. */
  async goOn() {
    if (this.locked) return undefined;
    const pending = await this.pending();
    if (this.wanted?.secret && this.wanted.secret !== pending) await this.askForPhone();
    const wanted = this.wanted;
    this.wanted = null;
    if (wanted?.broken) return this.broken();
    if (wanted?.request) return this.openById(wanted.request);
    const secret = wanted?.secret ?? (await this.pending());
    return secret ? prepare(this, secret) : this.home();
  }

  broken() {
    this.stage.show("broken-link", this.say("broken-title"), trouble(this.say("secret-unfit-title"), this.say("secret-unfit-text"), "secret-unfit"),
      actions(button(this.say("add"), () => this.add()), button(this.say("to-accounts"), () => this.home(), "quiet")));
  }

  async openById(id) {
    let fault = { code: "request_unknown" };
    for (const account of await this.store.accounts()) {
      try {
        const { requests = [] } = await this.server.requests(account);
        if (requests.some((one) => one.id === id)) return this.openRequest(account.device, id);
      } catch (refusal) {
        if (refusal.code === "offline") fault = refusal;
      }
    }
    this.stage.show("outcome", this.say("outcome-title"), refused(this.say, fault), actions(button(this.say("to-accounts"), () => this.home(), "primary", { "data-home": true })));
    return undefined;
  }

  /** It was answered, or its time is over: neither the list nor a notification should ask for it any more. */
  async over(id) {
    this.inbox.drop(id);
    const registration = await this.worker();
    for (const shown of (await registration?.getNotifications?.({ tag: id })) ?? []) shown.close();
  }

  async openRequest(device, id) {
    const account = (await this.store.accounts()).find((one) => one.device === device);
    if (!account) return this.home();
    this.seen.add(id);
    await this.listen();
    return openRequest(this, account, id);
  }

  home() {
    return home(this);
  }

  add() {
    return add(this);
  }

  tabBar() {
    const tab = (id, name, show) => el("button", { type: "button", class: "tab", "data-tab": id, onclick: () => show(this) }, icon(name), el("span", { text: this.say(`tab-${id}`) }));
    const nav = el("nav", { class: "tabs", "aria-label": this.say("tabs"), hidden: true },
      tab("home", "user", home), tab("history", "history", history), tab("settings", "settings", settings));
    this.stage.main.before(nav);
    this.stage.nav = nav;
    return nav;
  }

  tabs(here) {
    this.nav.hidden = false;
    for (const tab of this.nav.children) {
      if (tab.dataset.tab === here) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
  }

  // --- The server.

  async listen() {
    if (!document.hidden) this.inbox.start(await this.store.accounts());
  }

  /** Something may have come in: shown at once where nobody is in the middle of something else. */
  noticed() {
    if (this.locked || !this.stage.isAt("home")) return undefined;
    const fresh = this.inbox.requests().find((request) => !this.seen.has(request.id));
    return fresh ? this.openRequest(fresh.account.device, fresh.id) : home(this, { again: true });
  }

  /** The server knows this key no more. */
  async gone(account) {
    await this.store.changeAccount(account.device, { status: "removed" });
    await home(this, { again: true });
  }

  /** What the server says of each account now. */
  async refresh() {
    for (const account of await this.store.accounts()) {
      try {
        const { status, nickname, account: of } = await this.server.device(account);
        if (!status || (status === account.status && nickname === account.nickname)) continue;
        await this.store.changeAccount(account.device, { status, nickname: nickname ?? account.nickname, account: of ?? account.account });
        await home(this, { again: true });
      } catch (fault) {
        if (fault.code === "unregistered") await this.gone(account);
      }
    }
  }

  /** The address for messages, where it is not the one that the server was told last. */
  async tellAddress() {
    try {
      const key = (await this.discover()).webpush?.application_server_key;
      await reregister(this.server, this.store, this.about(), key ? await this.worker() : null, key);
    } catch {
      // The next start tries again.
    }
  }

  // --- A pairing that was begun.

  keepPending(secret) {
    return this.store.set("pending", secret ? { secret, at: Date.now() } : undefined);
  }

  async pending() {
    const kept = await this.store.get("pending");
    if (!kept) return null;
    if (Date.now() - kept.at < PENDING_MS) return kept.secret;
    await this.keepPending(null);
    return null;
  }
}

const root = document.querySelector("[data-app]");
if (root) {
  document.documentElement.classList.toggle("installed", isInstalled());
  new App(root).start();
}
