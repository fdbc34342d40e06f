// The accounts, what waits, the last answers, the settings.

import { choosePin, askPin } from "./lock.mjs";
import { isInstalled, needsInstallFirst, system } from "./platform.mjs";
import { isOlder } from "./protocol.mjs";
import { askPermission, notifications } from "./push.mjs";
import { actions, button, complain, el, facts, hint, icon, lead, refused, working } from "./ui.mjs";

/** The list of accounts, with what waits above it. `again` draws it only where it is shown already. */
export async function home(app, { again = false } = {}) {
  const accounts = await app.store.accounts();
  if (again && (app.locked || !app.stage.isAt("home"))) return;
  const add = button(app.say("add"), () => app.add(), accounts.length ? "secondary with-icon" : "primary with-icon", { "data-add": true });
  add.prepend(icon("scan"));
  app.stage.show("home", app.say("home-title"),
    !app.inbox.online && el("p", { class: "notice warn", role: "status", text: app.say("offline-note") }),
    waiting(app),
    accounts.length ? el("ul", { class: "choices", "aria-label": app.say("home-title") }, accounts.map((account) => entry(app, account))) : lead(app.say("home-empty")),
    actions(add), installation(app));
  app.tabs("home");
}

function waiting(app) {
  const requests = app.inbox.requests();
  if (!requests.length) return null;
  return el("section", { class: "waiting", "aria-label": app.say("waiting-title") }, el("h2", { text: app.say("waiting-title") }),
    el("ul", { class: "choices" }, requests.map((request) => el("li", {}, choice(
      "push", app.say(request.kind === "pairing" ? "first-title" : "request-title"), masked(request.account), null,
      () => app.openRequest(request.account.device, request.id), { "data-request": request.id })))));
}

const masked = (account) => `${account.account.username} · ${account.account.workspace}`;

function choice(symbol, name, line, tag, onclick, more) {
  return el("button", { type: "button", class: "choice", onclick, ...more }, icon(symbol), el("span", { class: "choice-text" },
    el("span", { class: "choice-name" }, el("span", { text: name }), tag), el("span", { class: "choice-line", text: line })));
}

function entry(app, account) {
  const off = account.status !== "active";
  const tag = el("span", { class: off ? "tag off" : "tag", text: app.say(`status-${account.status}`) });
  return el("li", {}, choice("user", account.account.workspace, account.account.username, tag, () => detail(app, account.device),
    { "data-account": account.device, "data-status": account.status }));
}

/** S4: the app works as it is; installed it opens like any other. */
function installation(app) {
  if (isInstalled()) return null;
  if (needsInstallFirst()) return el("p", { class: "notice warn", text: app.say("install-ios") });
  if (!app.installer) return null;
  return el("div", { class: "install" }, hint(app.say("install-why")), working(app.say("install"), async () => {
    await app.installer.prompt();
    app.installer = null;
    await app.home();
  }, "quiet", { "data-install": true }));
}

async function detail(app, device) {
  const account = (await app.store.accounts()).find((one) => one.device === device);
  if (!account) return app.home();
  const place = el("div", { class: "place" });
  const added = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium" }).format(account.at);
  app.stage.show("account", account.account.workspace, facts([
    [app.say("fact-account"), account.account.username], [app.say("fact-site"), new URL(account.account.issuer).host],
    [app.say("fact-device"), account.nickname], [app.say("fact-added"), added], [app.say("fact-state"), app.say(`status-${account.status}`)],
  ]), hint(app.say(`about-${account.status}`)), place, actions(
    button(app.say("remove"), () => confirmRemoval(app, account), "secondary danger", { "data-remove": true }),
    button(app.say("back"), () => app.home(), "quiet")));
  return undefined;
}

function confirmRemoval(app, account) {
  const place = el("div", { class: "place" });
  const forget = async () => {
    await app.store.deleteAccount(account.device);
    await app.home();
    app.stage.announce(app.say("removed"));
  };
  const remove = async () => {
    if (account.status === "removed") return forget();
    try {
      await app.server.unregister(account);
    } catch (fault) {
      // It is gone there already: that is what was wanted.
      if (fault.code !== "unregistered") return failed(fault);
    }
    return forget();
  };
  const failed = (fault) => {
    complain(place, refused(app.say, fault));
    // Where nobody answers, the key can still be thrown away here.
    if (fault.code === "offline") place.append(actions(working(app.say("remove-here"), forget, "secondary", { "data-remove-here": true })));
    place.querySelector(".trouble").focus();
  };
  app.stage.show("remove", app.say("remove-title"), lead(app.say("remove-text", { account: account.account.username, workspace: account.account.workspace })),
    place, actions(working(app.say("remove-confirm"), remove, "primary danger", { "data-confirm": true }), button(app.say("cancel"), () => detail(app, account.device), "quiet")));
}

/** The last fifty answers of this phone. */
export async function history(app) {
  const at = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  const entries = await app.store.history();
  const row = (one) => el("li", { "data-decision": one.decision }, icon(one.decision === "approved" ? "check" : "alert"), el("span", { class: "choice-text" },
    el("span", { class: "choice-name" }, el("span", { text: one.partner }), el("span", { class: one.decision === "approved" ? "tag" : "tag off", text: app.say(`decision-${one.decision}`) })),
    el("span", { class: "choice-line", text: `${one.account} · ${at.format(one.at)}` })));
  app.stage.show("history", app.say("history-title"),
    entries.length ? el("ul", { class: "rows" }, entries.map(row)) : lead(app.say("history-empty")), hint(app.say("history-kept")));
  app.tabs("history");
}

export async function settings(app) {
  app.stage.show("settings", app.say("settings-title"),
    el("section", {}, el("h2", { text: app.say("pin-section") }), hint(app.say("pin-about")),
      actions(button(app.say("pin-change"), () => changePin(app), "secondary", { "data-change-pin": true }), button(app.say("lock-now"), () => app.lock(), "quiet", { "data-lock": true }))),
    el("section", {}, el("h2", { text: app.say("notifications-section") }), notificationState(app)),
    el("section", {}, el("h2", { text: app.say("about-section") }), facts([[app.say("fact-version"), app.config.version], [app.say("fact-system"), system()], [app.say("fact-site"), new URL(app.config.issuer).host]]),
      checkMyApp(app)));
  app.tabs("settings");
}

function notificationState(app) {
  const state = notifications();
  const text = el("p", { class: "hint", "data-notifications": state, text: app.say(`notifications-${state}`) });
  if (state !== "default") return [text];
  return [text, actions(working(app.say("notifications-allow"), async () => {
    await askPermission();
    await app.tellAddress();
    await settings(app);
  }, "secondary"))];
}

/** S86: is this app good for what the workspace wants? */
function checkMyApp(app) {
  const place = el("div", { class: "place" });
  const check = async () => {
    const least = await app.discover().then((found) => found.minimum_app_version, () => null);
    const good = least !== null && !isOlder(app.config.version, least);
    const checks = [
      [least === null ? "check-offline" : good ? "check-version" : "check-old", good],
      [`check-notifications-${notifications()}`, notifications() === "granted"],
      [isInstalled() ? "check-installed" : "check-not-installed", isInstalled()],
      [navigator.serviceWorker?.controller ? "check-kept" : "check-not-kept", Boolean(navigator.serviceWorker?.controller)],
    ];
    place.replaceChildren(el("ul", { class: "plain", "data-checks": true }, checks.map(([key, fine]) =>
      el("li", {}, icon(fine ? "check" : "alert"), el("span", { text: app.say(key, { version: least ?? "" }) })))));
    app.stage.announce(app.say("checked"));
  };
  return [actions(working(app.say("check"), check, "secondary", { "data-check": true })), place];
}

async function changePin(app) {
  const proved = await askPin(app, { title: app.say("pin-change"), text: app.say("pin-change-old"), cancel: true });
  if (proved) await choosePin(app, app.say("pin-change"), [lead(app.say("pin-change-new"))]);
  await settings(app);
  if (proved) app.stage.announce(app.say("pin-changed"));
}
