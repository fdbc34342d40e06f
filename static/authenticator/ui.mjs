// Elements, words and screens. Whatever comes from the server or from a person becomes text here, never markup.

/** `on*` listens, `text` is text, the rest are attributes; `false`, `null` and `undefined` leave one out. */
export function el(name, given = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "text") node.textContent = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** `say("tries-left", { n: 2 })`. */
export function speaker(words) {
  return (key, values = {}) => {
    const text = words[key] ?? words["error-unknown"] ?? key;
    return text.replace(/\{([a-z]+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
  };
}

export const icon = (name) => el("span", { class: `icon icon-${name}`, "aria-hidden": "true" });

export function button(text, onclick, kind = "primary", more = {}) {
  return el("button", { type: "button", class: kind, onclick, ...more }, text);
}

/** A button that is there once: while it works, it does not work again. */
export function working(text, act, kind = "primary", more = {}) {
  const made = button(text, async () => {
    if (made.getAttribute("aria-busy")) return;
    made.setAttribute("aria-busy", "true");
    try {
      await act();
    } finally {
      made.removeAttribute("aria-busy");
    }
  }, kind, more);
  return made;
}

export const lead = (text) => el("p", { class: "lead", text });
export const hint = (text) => el("p", { class: "hint", text });
export const actions = (...buttons) => el("div", { class: "actions" }, buttons);

export function facts(pairs) {
  const rows = pairs.filter(([, value]) => value).map(([name, value]) => el("div", {}, el("dt", { text: name }), el("dd", { text: value })));
  return el("dl", { class: "facts" }, rows);
}

export function field(id, label, input, help) {
  input.id = id;
  if (help) input.setAttribute("aria-describedby", `${id}-help`);
  return el("div", { class: "field" }, el("label", { for: id, text: label }), input, help && el("p", { class: "hint", id: `${id}-help`, text: help }));
}

/** Why something did not work. `code` is what support can find: `MFA-nnn` or the server's word. */
export function trouble(title, text, code) {
  return el("div", { class: "trouble", id: "trouble", role: "alert", "data-error": code, tabindex: "-1" },
    el("p", { class: "trouble-title", text: title }),
    text && el("p", { text }),
    /^MFA-/.test(code) && el("p", { class: "trouble-code", text: code }));
}

/** Shows a trouble in its place on the screen, instead of the one before. */
export function complain(place, made) {
  place.replaceChildren(made);
  made.scrollIntoView({ block: "nearest" });
}

/** A keypad for fingers; the field is a real one, for keyboards, screen readers and autofill. */
export function keypad(input, say, label) {
  const changed = () => input.dispatchEvent(new Event("input", { bubbles: true }));
  const press = (digit) => {
    if (input.disabled || (input.maxLength > 0 && input.value.length >= input.maxLength)) return;
    input.value += digit;
    changed();
  };
  const erase = () => {
    input.value = input.value.slice(0, -1);
    changed();
  };
  const key = (digit) => el("button", { type: "button", class: "key", "data-key": digit, onclick: () => press(digit), text: digit });
  return el("div", { class: "keypad", role: "group", "aria-label": label },
    [..."123456789"].map(key),
    el("button", { type: "button", class: "key quiet-key", onclick: () => { input.value = ""; changed(); }, text: say("clear") }),
    key("0"),
    el("button", { type: "button", class: "key quiet-key", onclick: erase, "aria-label": say("erase") }, icon("erase")));
}

/** The one place where screens are shown. */
export class Stage {
  constructor(main, workspace) {
    this.main = main;
    this.workspace = workspace;
    this.screen = el("div", { class: "screen" });
    this.live = el("p", { class: "visually-hidden", role: "status" });
    main.replaceChildren(this.screen, this.live);
    this.onleave = null;
  }

  /** Replaces what is shown; the heading gets the focus, so that a screen reader says where one is. */
  show(id, title, ...children) {
    this.leave();
    if (this.nav) this.nav.hidden = true;
    const heading = el("h1", { tabindex: "-1", text: title });
    this.screen.replaceChildren(heading, ...children.flat().filter(Boolean));
    this.main.dataset.screen = id;
    document.title = `${title} · ${this.workspace}`;
    this.live.textContent = "";
    scrollTo(0, 0);
    heading.focus({ preventScroll: true });
    return heading;
  }

  /** What a screen started (a clock, a camera) ends with it. */
  leave() {
    const before = this.onleave;
    this.onleave = null;
    before?.();
  }

  /** Is it still this screen? For what was waited for. */
  isAt(id) {
    return this.main.dataset.screen === id;
  }

  announce(text) {
    this.live.textContent = text;
  }
}

/** Words for what the server refused. */
export function refused(say, fault, values = {}) {
  const code = fault.mfa ?? fault.code ?? "server_error";
  const known = [`mfa-${String(fault.mfa).slice(4)}`, `error-${fault.code}`].find((key) => say(`${key}-title`) !== say("error-unknown"));
  const key = known ?? "error-server";
  const all = { version: fault.body?.minimum_app_version ?? "", n: fault.body?.tries_left ?? "", time: fault.wait || 60, ...values };
  return trouble(say(`${key}-title`, all), say(`${key}-text`, all), code);
}
