// What the app says to the server: docs/authenticator-protocol.md, version 1. Knows nothing of screens or of where keys
// are kept, so that it runs in the page, in the service worker and in tests alike.

export const ANSWER_TYPE = "countersign-answer+jwt";
const PAIRING_TYPE = "countersign-pairing+jwt";
const DEVICE_TYPE = "countersign-device+jwt";
/** Bytes of a `jti`: 128 bits. */
const JTI_BYTES = 16;
/** A server that says nothing for so long is as good as no network. */
const PATIENCE_MS = 15_000;

// --- Encodings.

const utf8 = (text) => new TextEncoder().encode(text);

export function toBase64url(bytes) {
  let letters = "";
  for (const byte of new Uint8Array(bytes)) letters += String.fromCharCode(byte);
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function fromBase64url(text) {
  const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

export async function sha256(bytes) {
  return toBase64url(await crypto.subtle.digest("SHA-256", bytes));
}

/** A secret as somebody typed it, read it from a QR code or pasted the link; null where it cannot be one. */
export function readSecret(text) {
  const fragment = /#pair=([^&]*)/.exec(text);
  let typed = text;
  if (fragment) {
    try {
      typed = decodeURIComponent(fragment[1]);
    } catch {
      return null;
    }
  }
  const secret = typed.replace(/[\s\-\u2010-\u2015]/g, "").toUpperCase();
  return /^(?:[A-Z2-7]{26}|[0-9]{12})$/.test(secret) ? secret : null;
}

/** Is this link one of another server? Its secret would be refused here, and must not be told to us. */
export function isForeignLink(text, issuer) {
  if (!/#pair=/.test(text)) return false;
  return text.trim().split("#")[0] !== `${issuer}/authenticator`;
}

// --- Signatures (RFC 7515). WebCrypto writes ECDSA signatures as `r || s`, which is what a JWS wants.

const ES256 = { name: "ECDSA", hash: "SHA-256" };

/** A key that cannot leave this browser. */
export function newKey() {
  return crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
}

export async function publicJwk(key) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", key.publicKey);
  return { kty, crv, x, y };
}

export async function sign(key, header, payload) {
  const part = (value) => toBase64url(utf8(JSON.stringify(value)));
  const input = `${part({ alg: "ES256", ...header })}.${part(payload)}`;
  return `${input}.${toBase64url(await crypto.subtle.sign(ES256, key.privateKey, utf8(input)))}`;
}

// --- Refusals.

/** What the server refused, or `offline` where it could not be asked. */
export class Refusal extends Error {
  constructor(status, body) {
    super(body.error ?? "server_error");
    this.name = "Refusal";
    this.status = status;
    this.code = body.error ?? (status ? "server_error" : "offline");
    this.mfa = body.mfa ?? null;
    this.body = body;
  }

  /** Seconds until it is worth trying again. */
  get wait() {
    return this.body.retry_after ?? 0;
  }
}

const offline = () => new Refusal(0, { error: "offline" });

// --- The server.

export class Server {
  /** `fetch` can be given for tests. */
  constructor(issuer, fetch = (...args) => globalThis.fetch(...args)) {
    this.issuer = issuer;
    this.fetch = fetch;
    /** Seconds that the server's clock is ahead of ours. */
    this.ahead = 0;
  }

  now() {
    return Math.floor(Date.now() / 1000) + this.ahead;
  }

  url(path) {
    return `${this.issuer}/authenticator/v1${path}`;
  }

  discovery() {
    return this.send("GET", "");
  }

  /** Redeems a secret. `about` has what the server wants to know of app, device, notifications and push. */
  async pair(key, secret, about) {
    const jwk = await publicJwk(key);
    const make = async () => ({
      pairing: await sign(key, { typ: PAIRING_TYPE, jwk }, { aud: this.issuer, iat: this.now(), secret, ...about }),
    });
    return this.send("POST", "/pairings", { make });
  }

  requests(account) {
    return this.send("GET", "/requests", { account });
  }

  request(account, id) {
    return this.send("GET", `/requests/${encodeURIComponent(id)}`, { account });
  }

  device(account) {
    return this.send("GET", "/device", { account });
  }

  update(account, about) {
    return this.send("PUT", "/device", { account, make: async () => about });
  }

  unregister(account) {
    return this.send("DELETE", "/device", { account });
  }

  /** `request` is what `request()` gave: what was shown is what is signed. */
  async answer(account, request, { decision, number, unlock, version }) {
    const digest = await sha256(fromBase64url(request.context));
    const make = async () => ({
      answer: await sign(account.key, { typ: ANSWER_TYPE, kid: account.device }, {
        aud: this.issuer,
        iat: this.now(),
        request: request.id,
        nonce: request.nonce,
        decision,
        ...(number && { number }),
        context_digest: digest,
        unlock,
        app_version: version,
      }),
    });
    return this.send("POST", `/requests/${encodeURIComponent(request.id)}`, { make });
  }

  /** The proof that this HTTP request is this device's own. */
  async authorization(account, method, url, body) {
    const payload = {
      aud: this.issuer,
      iat: this.now(),
      jti: toBase64url(crypto.getRandomValues(new Uint8Array(JTI_BYTES))),
      htm: method,
      htu: url,
      ...(body !== undefined && { bh: await sha256(utf8(body)) }),
    };
    return `Device ${await sign(account.key, { typ: DEVICE_TYPE, kid: account.device }, payload)}`;
  }

  /** `make` writes the body, anew for a second try: it may hold the time. */
  async send(method, path, { account, make } = {}, again = true) {
    const url = this.url(path);
    const body = make && JSON.stringify(await make());
    const headers = { Accept: "application/json" };
    if (body) headers["Content-Type"] = "application/json";
    if (account) headers.Authorization = await this.authorization(account, method, url, body);
    let status, answer;
    try {
      const response = await this.fetch(url, {
        method, headers, body, cache: "no-store", credentials: this.credentials(method), redirect: "error",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      status = response.status;
      answer = await readJson(response);
    } catch {
      throw offline();
    }
    this.learn(answer);
    if (status >= 200 && status < 300) return answer;
    if (answer.error === "clock_skew" && again) return this.send(method, path, { account, make }, false);
    throw new Refusal(status, answer);
  }

  /** An answer brings this browser's cookies, so that the server can see that it is another one than the one that signs in. */
  credentials(method) {
    return method === "POST" ? "same-origin" : "omit";
  }

  learn(answer) {
    if (!Number.isFinite(answer.server_time)) return;
    const ahead = answer.server_time - Math.floor(Date.now() / 1000);
    // A second or two is the way through the network.
    if (Math.abs(ahead - this.ahead) > 2) this.ahead = ahead;
  }

  /** Calls `onRequests(list)` for each change until `signal` ends it; throws where the connection breaks. */
  async listen(account, onRequests, signal, again = true) {
    const url = this.url("/events");
    const headers = { Accept: "text/event-stream", Authorization: await this.authorization(account, "GET", url) };
    let response;
    try {
      response = await this.fetch(url, { headers, cache: "no-store", credentials: "omit", redirect: "error", signal });
    } catch {
      throw offline();
    }
    if (!response.ok || !response.body) {
      const answer = await readJson(response);
      this.learn(answer);
      if (answer.error === "clock_skew" && again) return this.listen(account, onRequests, signal, false);
      throw new Refusal(response.status, answer);
    }
    await readEvents(response.body, (event) => {
      if (event.name !== "requests") return;
      const answer = JSON.parse(event.data);
      this.learn(answer);
      onRequests(answer.requests ?? []);
    });
    throw offline();
  }
}

async function readJson(response) {
  const text = await response.text();
  let answer = {};
  try {
    answer = text ? JSON.parse(text) : {};
  } catch {
    // A proxy's page, for instance.
  }
  const wait = Number(response.headers.get("Retry-After"));
  if (typeof answer !== "object" || answer === null) return {};
  return wait > 0 ? { ...answer, retry_after: wait } : answer;
}

/** Server-sent events (HTML Living Standard section 9.2.6), as far as this server writes them. */
export async function readEvents(stream, onEvent) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = { name: "message", data: "" };
      const data = [];
      for (const line of block.split("\n")) {
        const [, field, text] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
        if (field === "event") event.name = text;
        if (field === "data") data.push(text);
      }
      event.data = data.join("\n");
      if (data.length) onEvent(event);
    }
  }
}

/** What is shown of a request; throws where it is not what the protocol says. */
export function readContext(request) {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(fromBase64url(request.context));
  const context = JSON.parse(text);
  return { lines: [], partner: null, ...context };
}

/** Is version `one` below `other`, number by number? */
export function isOlder(one, other) {
  const [a, b] = [one, other].map((text) => text.split(".").map(Number));
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    if ((a[i] ?? 0) !== (b[i] ?? 0)) return (a[i] ?? 0) < (b[i] ?? 0);
  }
  return false;
}
