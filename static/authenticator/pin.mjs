// The app's PIN: a gate of this app, never sent anywhere. Ten wrong in a row and there is nothing left to open.

import { fromBase64url, toBase64url } from "./protocol.mjs";

export const SHORTEST = 6;
export const LONGEST = 32;
/** OWASP's figure for PBKDF2 with HMAC-SHA-256. */
const ITERATIONS = 600_000;
/** Wrong PINs in a row, after which the keys are deleted. */
export const MOST_WRONG = 10;
/** The PIN is asked after so much idle time. */
export const IDLE_MS = 5 * 60_000;
/** An approval says "pin" only where the PIN was typed this recently. */
export const FRESH_MS = 60_000;
/** Seconds to wait after the nth wrong PIN in a row. */
const PAUSES_S = [0, 0, 0, 5, 15, 30, 60, 120, 300, 600];

/** Why a new PIN is not taken, as a key of words; null where it is. */
export function unfit(pin) {
  if (!/^[0-9]+$/.test(pin)) return "pin-digits";
  if (pin.length < SHORTEST || pin.length > LONGEST) return "pin-short";
  const step = (pin.charCodeAt(1) - pin.charCodeAt(0) + 10) % 10;
  const regular = [...pin].every((digit, i) => i === 0 || (digit - pin[i - 1] + 10) % 10 === step);
  // 111111, 123456, 987654: what strangers try first.
  return regular && [0, 1, 9].includes(step) ? "pin-easy" : null;
}

async function derive(pin, salt, iterations) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

/** What is kept of a PIN. */
export async function enrol(pin) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return { salt: toBase64url(salt), hash: toBase64url(await derive(pin, salt, ITERATIONS)), iterations: ITERATIONS };
}

export async function fits(pin, kept) {
  const hash = await derive(pin, fromBase64url(kept.salt), kept.iterations);
  const known = fromBase64url(kept.hash);
  let differs = hash.length ^ known.length;
  for (let i = 0; i < hash.length; i += 1) differs |= hash[i] ^ known[i];
  return differs === 0;
}

/** Milliseconds that are left of the pause after `wrong` failures, the last at `lastAt`. */
export function pauseLeft(wrong, lastAt, now) {
  const pause = (PAUSES_S[Math.min(wrong, PAUSES_S.length - 1)] ?? 0) * 1000;
  // A clock that was set back must not make the pause longer than it is.
  return Math.max(0, Math.min(pause, lastAt + pause - now));
}

/**
 * One try. Counts before it looks, so that closing the app in between is no way around.
 * `store` keeps {wrong, lastAt} under "pin-tries". Answers "right", "wrong", "wait" or "over".
 */
export async function tryPin(store, pin, now = Date.now()) {
  const tries = (await store.get("pin-tries")) ?? { wrong: 0, lastAt: 0 };
  if (tries.wrong >= MOST_WRONG) return "over";
  if (pauseLeft(tries.wrong, tries.lastAt, now) > 0) return "wait";
  await store.set("pin-tries", { wrong: tries.wrong + 1, lastAt: now });
  if (await fits(pin, await store.get("pin"))) {
    await store.set("pin-tries", { wrong: 0, lastAt: 0 });
    return "right";
  }
  return tries.wrong + 1 >= MOST_WRONG ? "over" : "wrong";
}
