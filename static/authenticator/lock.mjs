// The PIN: chosen at the first start, asked at every later one, after idle time, and for approvals.

import { LONGEST, MOST_WRONG, SHORTEST, enrol, pauseLeft, tryPin, unfit } from "./pin.mjs";
import { actions, complain, el, field, hint, keypad, lead, trouble, working } from "./ui.mjs";

/** A PIN field with its keypad, in a form so that Enter works. Nothing is ever sent: the script takes every submit. */
function pinForm(app, label, onPin, { more = [], submit, help } = {}) {
  const input = el("input", {
    class: "code pin", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: LONGEST,
    minlength: SHORTEST, "data-pin": true, enterkeyhint: "done",
  });
  const place = el("div", { class: "place" });
  const go = working(submit, async () => {
    const pin = input.value;
    input.value = "";
    await onPin(pin, { input, place, go });
  });
  go.type = "submit";
  const form = el("form", { class: "stack pin-form", onsubmit: (event) => event.preventDefault() },
    field("pin", label, input, help), place, keypad(input, app.say, app.say("keypad")), actions(go, ...more));
  return { form, input, place, go };
}

function refuse(app, { input, place }, key, values) {
  complain(place, trouble(app.say(`${key}-title`, values), app.say(`${key}-text`, values), key));
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", "trouble");
  input.focus();
}

/** Chooses a PIN by typing it twice; resolves when it is kept. `intro` is what stands above the field. */
export function choosePin(app, title, intro) {
  return new Promise((done) => {
    const again = (first) => {
      const { form } = pinForm(app, app.say("pin-again"), async (pin, parts) => {
        if (pin !== first) return begin("pin-differs");
        await app.store.set("pin", await enrol(pin));
        await app.store.set("pin-tries", undefined);
        app.proved();
        done();
      }, { submit: app.say("pin-save") });
      app.stage.show("pin-again", app.say("pin-again-title"), lead(app.say("pin-again-lead")), form);
    };
    const begin = (fault) => {
      const made = pinForm(app, app.say("pin"), async (pin, parts) => {
        const why = unfit(pin);
        if (why) refuse(app, parts, why, { n: SHORTEST });
        else again(pin);
      }, { submit: app.say("continue"), help: app.say("pin-help", { n: SHORTEST }) });
      app.stage.show("pin-new", title, ...intro, made.form);
      if (fault) refuse(app, made, fault);
    };
    begin();
  });
}

/** Asks for the PIN; resolves to true once it was right, to false where `cancel` is offered and taken. */
export function askPin(app, { title, text, cancel = false }) {
  return new Promise((done) => {
    const more = cancel ? [working(app.say("cancel"), () => done(false), "quiet")] : [];
    const made = pinForm(app, app.say("pin"), async (pin, parts) => {
      const outcome = await tryPin(app.store, pin);
      if (outcome === "right") {
        app.proved();
        done(true);
      } else if (outcome === "over") {
        await wipe(app);
      } else {
        await wrong(app, parts);
      }
    }, { submit: app.say("unlock"), more });
    app.stage.show("lock", title, lead(text), made.form, cancel ? null : hint(app.say("lock-forgotten", { n: MOST_WRONG })));
    wait(app, made);
  });
}

async function wrong(app, parts) {
  const tries = await app.store.get("pin-tries");
  refuse(app, parts, "pin-wrong", { n: MOST_WRONG - (tries?.wrong ?? 0) });
  await wait(app, parts);
}

/** Closes the field while the pause lasts, and counts it down. */
async function wait(app, { input, place, go }) {
  const tries = await app.store.get("pin-tries");
  const left = () => Math.ceil(pauseLeft(tries?.wrong ?? 0, tries?.lastAt ?? 0, Date.now()) / 1000);
  if (left() <= 0) return;
  const clock = el("p", { class: "hint", role: "timer", "data-pause": true, text: app.say("pin-pause", { n: left() }) });
  place.append(clock);
  app.stage.announce(app.say("pin-pause", { n: left() }));
  input.disabled = true;
  go.disabled = true;
  const timer = setInterval(() => {
    clock.textContent = app.say("pin-pause", { n: left() });
    if (left() > 0) return;
    clearInterval(timer);
    clock.remove();
    input.disabled = false;
    go.disabled = false;
    app.stage.announce(app.say("pin-go-on"));
  }, 500);
  app.stage.onleave = () => clearInterval(timer);
}

/** So long the app tries to tell the server that its keys are gone. */
const FAREWELL_MS = 4_000;

/** Deletes every key. The server is told where it can be reached; whether or not, the keys are gone. */
export async function wipe(app) {
  const accounts = await app.store.accounts();
  const farewell = Promise.allSettled(accounts.map((account) => app.server.unregister(account)));
  await Promise.race([farewell, new Promise((done) => setTimeout(done, FAREWELL_MS))]);
  await app.store.wipe();
  await app.forgotten();
  app.stage.show("wiped", app.say("wiped-title"), lead(app.say("wiped-text", { n: MOST_WRONG })), lead(app.say("wiped-then")),
    actions(working(app.say("start-again"), () => location.reload())));
}
