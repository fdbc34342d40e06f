// What waits for this phone: server-sent events while the app is in sight, polling where they do not come through.

const POLL_MS = 3_000;
/** After a broken stream the app polls for so long before it tries to listen again. */
const LISTEN_AGAIN_MS = 30_000;
/** Browsers keep six connections to a host over HTTP/1.1; the rest of the app needs some. */
const MOST_STREAMS = 3;

export class Inbox {
  /** `onChange()` is called whenever `requests()` or `online` may have changed; `onGone(account)` when a key is refused. */
  constructor(server, { onChange, onGone }) {
    this.server = server;
    this.onChange = onChange;
    this.onGone = onGone;
    this.lists = new Map();
    this.online = true;
    this.running = null;
  }

  /** Newest first, each with its account, without those that are over. */
  requests() {
    const all = [...this.lists.values()].flatMap(({ account, list }) => list.map((request) => ({ ...request, account })));
    return all.filter((request) => request.expires_at > this.server.now()).sort((a, b) => b.expires_at - a.expires_at);
  }

  start(accounts) {
    this.stop();
    this.running = new AbortController();
    const { signal } = this.running;
    const able = accounts.filter((account) => account.status !== "removed");
    this.lists = new Map([...this.lists].filter(([device]) => able.some((account) => account.device === device)));
    for (const account of able) this.watch(account, able.length <= MOST_STREAMS, signal);
  }

  stop() {
    this.running?.abort();
    this.running = null;
  }

  /** The request was answered here. */
  drop(id) {
    for (const entry of this.lists.values()) entry.list = entry.list.filter((request) => request.id !== id);
  }

  async watch(account, listens, signal) {
    while (!signal.aborted) {
      try {
        if (listens) await this.server.listen(account, (list) => this.take(account, list, signal), signal);
      } catch (fault) {
        if (signal.aborted || this.ended(account, fault)) return;
      }
      const until = Date.now() + LISTEN_AGAIN_MS;
      do {
        if (!(await this.poll(account, signal))) return;
        await pause(POLL_MS, signal);
      } while (!signal.aborted && Date.now() < until);
    }
  }

  /** False where there is no point in going on. */
  async poll(account, signal) {
    try {
      const { requests = [] } = await this.server.requests(account);
      this.take(account, requests, signal);
    } catch (fault) {
      if (signal.aborted || this.ended(account, fault)) return false;
      this.heard(false);
    }
    return !signal.aborted;
  }

  ended(account, fault) {
    if (fault.code !== "unregistered") return false;
    this.lists.delete(account.device);
    this.onGone(account);
    return true;
  }

  take(account, list, signal) {
    if (signal.aborted) return;
    const ids = (of) => of?.map((request) => request.id).join();
    const changed = !this.online || (ids(this.lists.get(account.device)?.list) ?? "") !== ids(list);
    this.lists.set(account.device, { account, list });
    this.online = true;
    // Every three seconds the same list is no news.
    if (changed) this.onChange();
  }

  heard(online) {
    if (this.online === online) return;
    this.online = online;
    this.onChange();
  }
}

function pause(ms, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => { clearTimeout(timer); done(); }, { once: true });
  });
}
