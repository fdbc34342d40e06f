// What the app keeps in this browser (IndexedDB): settings, accounts with their keys, and the last answers.
// Keys are CryptoKeys that cannot be exported; the database holds a handle to them, not the bytes.

const NAME = "countersign-authenticator";
const VERSION = 1;
/** Answers that are remembered. */
const HISTORY = 50;

/** One database for each issuer: two of them may share a host, at different paths. */
export async function openStore(issuer, indexedDB = globalThis.indexedDB) {
  const open = indexedDB.open(`${NAME} ${issuer}`, VERSION);
  open.onupgradeneeded = () => {
    open.result.createObjectStore("settings");
    open.result.createObjectStore("accounts", { keyPath: "device" });
    open.result.createObjectStore("history", { autoIncrement: true });
  };
  return new Store(await settled(open));
}

function settled(request) {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
    request.onblocked = () => fail(new DOMException("another version of the app is open", "InvalidStateError"));
  });
}

export class Store {
  constructor(db) {
    this.db = db;
    // A newer version of the app in another tab may change the database.
    db.onversionchange = () => db.close();
  }

  /** Resolves when what `act` did is on disk. */
  async write(names, act) {
    const transaction = this.db.transaction(names, "readwrite", { durability: "strict" });
    act(...[names].flat().map((name) => transaction.objectStore(name)));
    await new Promise((done, fail) => {
      transaction.oncomplete = done;
      transaction.onerror = () => fail(transaction.error);
      transaction.onabort = () => fail(transaction.error);
    });
  }

  read(name, act) {
    return settled(act(this.db.transaction(name).objectStore(name)));
  }

  get(key) {
    return this.read("settings", (settings) => settings.get(key));
  }

  set(key, value) {
    return this.write("settings", (settings) => (value === undefined ? settings.delete(key) : settings.put(value, key)));
  }

  /** `{device, key, account: {issuer, workspace, username}, nickname, status, sent, at}`, oldest first. */
  async accounts() {
    const list = await this.read("accounts", (accounts) => accounts.getAll());
    return list.sort((a, b) => a.at - b.at);
  }

  saveAccount(account) {
    return this.write("accounts", (accounts) => accounts.put(account));
  }

  /** Changes what is there; an account that was removed in the meantime stays removed. */
  changeAccount(device, change) {
    return this.write("accounts", (accounts) => {
      const found = accounts.get(device);
      found.onsuccess = () => {
        if (found.result) accounts.put({ ...found.result, ...change });
      };
    });
  }

  deleteAccount(device) {
    return this.write("accounts", (accounts) => accounts.delete(device));
  }

  /** Newest first. */
  async history() {
    return (await this.read("history", (history) => history.getAll())).reverse();
  }

  remember(entry) {
    return this.write("history", (history) => {
      history.add(entry);
      const keys = history.getAllKeys();
      keys.onsuccess = () => {
        for (const key of keys.result.slice(0, -HISTORY)) history.delete(key);
      };
    });
  }

  /** Keys, settings, history: as if the app had never been here. The language stays. */
  wipe() {
    return this.write(["settings", "accounts", "history"], (...stores) => stores.forEach((store) => store.clear()));
  }
}
