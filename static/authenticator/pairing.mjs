// Adding an account: by a link, by the camera, by typing. Ends in the first request, which waits for the digits.

import { isForeignLink, newKey, readSecret } from "./protocol.mjs";
import { about, askPermission, notifications, subscribe } from "./push.mjs";
import { canScan, scan } from "./scan.mjs";
import { draw } from "./qr.mjs";
import { actions, button, complain, el, field, hint, lead, refused, trouble, working } from "./ui.mjs";
import { deviceName, isPhone, needsInstallFirst } from "./platform.mjs";

const fault = (app, key) => trouble(app.say(`${key}-title`), app.say(`${key}-text`), key);

/** A link that was opened on something that is no phone: nothing happens to the secret here. */
export async function onAnotherDevice(app, secret) {
  const link = `${app.config.issuer}/authenticator#pair=${secret}`;
  const inUse = Boolean(await app.store.get("pin"));
  // Another language is another page: the secret goes along, in the part of the address that no server sees.
  const languages = (hash) => document.querySelectorAll(".languages a").forEach((to) => { to.hash = hash; });
  languages(`pair=${secret}`);
  return new Promise((chosen) => {
    const done = (goesOn) => {
      languages("");
      chosen(goesOn);
    };
    app.stage.show("desk", app.say("desk-title"),
      lead(app.say("desk-text")),
      el("div", { class: "qr", role: "img", "aria-label": app.say("desk-qr") }, draw(link)),
      hint(app.say("desk-nothing")),
      actions(button(app.say("desk-go-on"), () => done(true), "secondary"), inUse && button(app.say("to-accounts"), () => done(false), "quiet")));
  });
}

export const shouldAskForPhone = () => !isPhone();

/** Scan, or type. */
export async function add(app) {
  const scans = await canScan();
  const place = el("div", { class: "place" });
  const input = el("input", {
    type: "text", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: "400", class: "letters", "data-secret-input": true,
  });
  const take = (text) => {
    if (isForeignLink(text, app.config.issuer)) return complain(place, fault(app, "secret-foreign"));
    const secret = readSecret(text);
    if (secret) return prepare(app, secret);
    complain(place, fault(app, "secret-unfit"));
    input.setAttribute("aria-invalid", "true");
    input.focus();
    return undefined;
  };
  const form = el("form", {
    class: "stack",
    onsubmit: (event) => { event.preventDefault(); take(input.value); },
  }, field("secret", app.say("type-label"), input, app.say("type-help")), actions(el("button", { class: scans ? "secondary" : "primary" }, app.say("continue"))));
  app.stage.show("add", app.say("add-title"), lead(app.say("add-lead")), place,
    scans ? camera(app, place, take) : hint(app.say("no-camera")), form, actions(button(app.say("back"), () => app.home(), "quiet")));
}

function camera(app, place, take) {
  const video = el("video", { class: "viewfinder", muted: true, playsinline: true, hidden: true, "aria-label": app.say("viewfinder") });
  const look = working(app.say("scan"), async () => {
    try {
      video.hidden = false;
      const stop = await scan(video, (text) => {
        if (!readSecret(text) || isForeignLink(text, app.config.issuer)) return false;
        take(text);
        return true;
      });
      app.stage.onleave = stop;
      look.hidden = true;
    } catch {
      video.hidden = true;
      complain(place, fault(app, "camera-off"));
    }
  });
  return el("div", { class: "stack" }, video, look);
}

/** The name of this phone and the permission, then the secret is redeemed. */
export async function prepare(app, secret) {
  await app.keepPending(secret);
  const place = el("div", { class: "place" });
  const name = el("input", { type: "text", autocomplete: "nickname", maxlength: "60", value: deviceName(app.say), "data-device-name": true });
  const form = el("form", { class: "stack", onsubmit: (event) => event.preventDefault() },
    field("device-name", app.say("name-label"), name, app.say("name-help")),
    notifications() === "unsupported" ? hint(app.say("notifications-unsupported")) : hint(app.say("notifications-why")),
    place);
  const go = working(app.say("pair-go"), () => redeem(app, secret, name.value.trim() || deviceName(app.say), place));
  go.type = "submit";
  form.append(actions(go, button(app.say("cancel"), async () => { await app.keepPending(null); app.home(); }, "quiet")));
  app.stage.show("pair", app.say("pair-title"), lead(app.say("pair-lead", { workspace: app.config.workspace })),
    needsInstallFirst() && hint(app.say("install-ios-first")), form);
}

async function redeem(app, secret, name, place) {
  place.replaceChildren();
  const permission = await askPermission();
  if (permission === "denied") {
    complain(place, trouble(app.say("mfa-134-title"), app.say("mfa-134-text"), "MFA-134"));
    place.querySelector(".trouble").focus();
    return;
  }
  app.stage.announce(app.say("pairing-now"));
  try {
    const first = await bind(app, secret, name);
    await app.openRequest(first.device, first.request);
  } catch (error) {
    // A secret that is used or over is worth nothing any more.
    if (error.code === "pairing_unknown") await app.keepPending(null);
    complain(place, refused(app.say, error));
    place.querySelector(".trouble").focus();
  }
}

async function bind(app, secret, name) {
  const discovery = await app.discover();
  const serverKey = discovery.webpush?.application_server_key;
  const push = serverKey ? await subscribe(await app.worker(), serverKey) : null;
  const said = about(app.about(), push);
  const key = await newKey();
  const body = { app: said.app, device: { name }, notifications: said.notifications, ...(push && { push }) };
  const answer = await app.server.pair(key, secret, body);
  // Without this a browser that is short of space may throw the keys away.
  navigator.storage?.persist?.().catch(() => {});
  await app.store.saveAccount({
    device: answer.device, key, account: answer.account, nickname: name, status: "pending",
    sent: JSON.stringify(said), at: Date.now(),
  });
  await app.keepPending(null);
  return answer;
}
