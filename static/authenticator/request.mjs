// One request: what is asked, by whom, from where; and the answer. What was shown is what is signed.

import { FRESH_MS } from "./pin.mjs";
import { askPin } from "./lock.mjs";
import { readContext } from "./protocol.mjs";
import { actions, button, complain, el, facts, field, hint, icon, keypad, lead, refused, trouble, working } from "./ui.mjs";

/** After these there is nothing left to answer. */
const OVER = ["answered", "expired", "request_unknown", "unregistered", "same_device"];

/** How the history calls an end; every other one is a failure. */
const KEPT = ["approved", "denied", "reported", "expired"];

/** Fetches and shows a request. */
export async function openRequest(app, account, id) {
  let request, context;
  try {
    request = await app.server.request(account, id);
    context = readContext(request);
  } catch (fault) {
    await outcome(app, null, account, refused(app.say, fault.code ? fault : { code: "server_error" }));
    return;
  }
  new Request(app, account, request, context).show();
}

class Request {
  constructor(app, account, request, context) {
    Object.assign(this, { app, account, request, context });
    this.say = app.say;
    this.pairing = context.kind === "pairing";
    this.digits = request.number_digits;
    this.place = el("div", { class: "place" });
    this.number = el("input", {
      class: "code", type: "text", inputmode: "numeric", autocomplete: "one-time-code", pattern: "[0-9]*",
      maxlength: this.digits, "data-number-input": true,
    });
  }

  show() {
    const { app, say } = this;
    const time = el("p", { class: "hint remaining", role: "timer", "data-remaining": true });
    app.stage.show("request", say(this.pairing ? "first-title" : this.lines().length ? "sign-title" : "request-title"),
      this.who(), this.details(), this.lines().length > 0 && this.signed(), this.form(), time);
    this.count(time);
    this.number.addEventListener("input", () => this.number.removeAttribute("aria-invalid"));
  }

  lines() {
    return Array.isArray(this.context.lines) ? this.context.lines : [];
  }

  who() {
    const { context, say } = this;
    if (this.pairing) {
      const masked = { account: this.account.account.username, workspace: context.workspace };
      return [lead(say("first-lead", masked))];
    }
    const name = context.partner?.name ?? context.workspace;
    return [el("p", { class: "asks" }, el("strong", { "data-partner": true, text: name }), ` ${say(this.lines().length ? "asks-sign" : "asks-sign-in")}`)];
  }

  details() {
    const { context, say } = this;
    return facts([
      // Before the phone is confirmed nobody is told whose account it is.
      [say("fact-account"), this.pairing ? null : context.account],
      [say("fact-message"), context.message],
      [say("fact-site"), host(context.partner?.uri)],
      [say("fact-place"), [context.place, context.ip].filter(Boolean).join(" · ")],
      [say("fact-browser"), context.browser],
      [say("fact-time"), moment(context.at)],
    ]);
  }

  signed() {
    const pairs = this.lines().map((line) => [String(line.label), String(line.value)]);
    return el("section", { class: "signed", "aria-label": this.say("lines") }, el("h2", { text: this.say("lines") }), facts(pairs));
  }

  form() {
    const { app, say } = this;
    const approve = working(say(this.pairing ? "confirm" : "approve"), () => this.decide("approve"), "primary", { "data-decision": "approve" });
    approve.type = "submit";
    const pad = this.digits > 0 && [
      field("number", say("number-label"), this.number),
      keypad(this.number, say, say("keypad")),
    ];
    return el("form", { class: "stack", onsubmit: (event) => event.preventDefault() }, this.place, pad || null,
      actions(approve, el("div", { class: "pair" },
        working(say("deny"), () => this.decide("deny"), "secondary", { "data-decision": "deny" }),
        button(say("not-me"), () => this.confirmNotMe(), "secondary danger", { "data-decision": "not_me" })),
      button(say("later"), () => app.home(), "quiet")));
  }

  confirmNotMe() {
    const { app, say } = this;
    const place = el("div", { class: "place" });
    app.stage.show("not-me", say("not-me-title"), lead(say("not-me-text")), place, actions(
      working(say("not-me-confirm"), () => this.decide("not_me"), "primary danger", { "data-decision": "confirm" }),
      button(say("back"), () => this.show(), "quiet")));
    this.place = place;
  }

  /** The remaining time by the server's clock. Nobody is read a clock aloud; the end is said. */
  count(time) {
    const tick = () => {
      const left = this.request.expires_at - this.app.server.now();
      if (left <= 0) {
        clearInterval(timer);
        this.over(refused(this.say, { code: "expired", mfa: "MFA-132" }), "expired");
        return;
      }
      const minutes = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      time.textContent = this.say("remaining", { time: minutes });
    };
    const timer = setInterval(tick, 1000);
    this.app.stage.onleave = () => clearInterval(timer);
    tick();
  }

  async decide(decision) {
    const number = this.number.value.replace(/\s/g, "");
    const asks = decision === "approve" && this.digits > 0;
    if (asks && !new RegExp(`^[0-9]{${this.digits}}$`).test(number)) return this.mistake("number-unfit", { n: this.digits });
    // Only an approval is worth asking again for.
    if (decision === "approve" && !(await this.prove())) return this.show();
    const unlock = this.app.provedFor() < FRESH_MS ? "pin" : "none";
    const answer = { decision, unlock, version: this.app.config.version, ...(asks && { number }) };
    try {
      const { status } = await this.app.server.answer(this.account, this.request, answer);
      await this.done(status);
    } catch (fault) {
      await this.failed(fault);
    }
    return undefined;
  }

  async prove() {
    if (this.app.provedFor() < FRESH_MS) return true;
    return askPin(this.app, { title: this.say("prove-title"), text: this.say("prove-text"), cancel: true });
  }

  mistake(key, values) {
    complain(this.place, trouble(this.say(`${key}-title`, values), this.say(`${key}-text`, values), key));
    this.number.setAttribute("aria-invalid", "true");
    this.number.setAttribute("aria-describedby", "trouble");
    this.number.focus();
  }

  async done(status) {
    const { say, app } = this;
    app.over(this.request.id);
    if (status === "approved") {
      if (this.pairing) return this.paired();
      return this.end(success(say("approved-title"), say("approved-text")), "approved");
    }
    if (this.pairing) await app.store.deleteAccount(this.account.device);
    if (status === "reported") return this.end(trouble(say("reported-title"), say("reported-text"), "MFA-131"), "reported");
    return this.end(trouble(say("mfa-131-title"), say("mfa-131-text"), "MFA-131"), "denied");
  }

  async paired() {
    await this.app.store.changeAccount(this.account.device, { status: "active" });
    return this.end(success(this.say("first-done-title"), this.say("first-done-text")), "approved");
  }

  /** Nothing is left to answer. Of a pairing nothing is left at all, unless it went well and only the answer was lost. */
  async over(made, why) {
    this.app.over(this.request.id);
    if (this.pairing) {
      const status = await this.app.server.device(this.account).then((device) => device.status, (fault) => fault.code);
      if (status === "active") return this.paired();
      // Without a network nobody knows; the next start asks.
      if (status !== "offline") await this.app.store.deleteAccount(this.account.device);
    }
    return this.end(made, why);
  }

  async failed(fault) {
    const made = refused(this.say, fault);
    const out = fault.code === "wrong_number" && fault.body.tries_left === 0;
    if (out || OVER.includes(fault.code)) {
      if (fault.code === "unregistered" && !this.pairing) await this.app.gone(this.account);
      return this.over(made, fault.code);
    }
    // The PIN or the question may have been shown in the meantime.
    this.number.value = fault.code === "wrong_number" ? "" : this.number.value;
    if (!this.app.stage.isAt("request")) this.show();
    complain(this.place, made);
    if (fault.code === "wrong_number") {
      this.place.querySelector(".trouble").append(el("p", { "data-tries-left": fault.body.tries_left, text: this.say("tries-left", { n: fault.body.tries_left ?? "" }) }));
      this.number.setAttribute("aria-invalid", "true");
      this.number.setAttribute("aria-describedby", "trouble");
      this.number.focus();
    } else {
      this.place.querySelector(".trouble").focus();
    }
    return undefined;
  }

  async end(made, decision) {
    await outcome(this.app, this.context, this.account, made, decision);
  }
}

function success(title, text) {
  return el("div", { class: "done", role: "status", "data-outcome": "approved" }, icon("check"), el("p", { class: "done-title", text: title }), el("p", { text }));
}

/** By this phone's clock; the day only where it is not today. */
function moment(seconds) {
  if (!Number.isFinite(seconds)) return null;
  const at = new Date(seconds * 1000);
  const today = at.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(document.documentElement.lang, { ...(!today && { dateStyle: "medium" }), timeStyle: "short" }).format(at);
}

/** Only the host of an address that the partner gave: more would be somebody else's text in the place of a fact. */
function host(uri) {
  try {
    return uri ? new URL(uri).host : null;
  } catch {
    return null;
  }
}

async function outcome(app, context, account, made, decision) {
  if (context && decision) {
    const { username, workspace } = account.account;
    await app.store.remember({
      at: Date.now(), decision: KEPT.includes(decision) ? decision : "failed", kind: context.kind, partner: context.partner?.name ?? workspace, account: (context.kind !== "pairing" && context.account) || username,
    });
  }
  app.stage.show("outcome", app.say("outcome-title"), made, actions(button(app.say("to-accounts"), () => app.home(), "primary", { "data-home": true })));
}
