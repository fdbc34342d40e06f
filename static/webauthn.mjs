// Security keys and passkeys: carries the server's options to the browser, and the browser's answer into the form.
// Decides nothing: whatever is sent is checked by the server.
//
//   <form data-webauthn="create" data-options="{…}">   a press on its button asks for a new key, then sends the form
//   <form data-webauthn="get" data-options="{…}">      likewise for a key that is enrolled; data-auto: without a press
//   <form data-webauthn="autofill" data-options="{…}"> the sign-in form; answers go out in #passkey-form
//
// Each sending form has an input named `credential`. Buttons named `action` send the form as it is.

const works = Boolean(globalThis.PublicKeyCredential && navigator.credentials);

// One ceremony at a time: browsers refuse a second one, also where the first only waits in the autofill.
let running;

function begin() {
  running?.abort();
  running = new AbortController();
  return running.signal;
}

addEventListener("pagehide", () => running?.abort());

// --- JSON to bytes and back, where the browser does not do it itself (WebAuthn Level 3 sections 5.1.8 to 5.1.10).

function toBytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function toText(buffer) {
  if (!buffer) return undefined;
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte));
  return btoa(letters.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const described = (list) => list?.map((key) => ({ ...key, id: toBytes(key.id) }));

function creationOptions(json) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(json);
  return {
    ...json,
    challenge: toBytes(json.challenge),
    user: { ...json.user, id: toBytes(json.user.id) },
    excludeCredentials: described(json.excludeCredentials),
  };
}

function requestOptions(json) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(json);
  return { ...json, challenge: toBytes(json.challenge), allowCredentials: described(json.allowCredentials) };
}

function written(credential) {
  if (credential.toJSON) return JSON.stringify(credential.toJSON());
  const from = credential.response;
  const response = { clientDataJSON: toText(from.clientDataJSON) };
  if (from.attestationObject) {
    response.attestationObject = toText(from.attestationObject);
    response.transports = from.getTransports?.() ?? [];
  } else {
    response.authenticatorData = toText(from.authenticatorData);
    response.signature = toText(from.signature);
    response.userHandle = toText(from.userHandle);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

// --- One ceremony.

async function ask(form, mediation) {
  const signal = begin();
  const json = JSON.parse(form.dataset.options);
  const credential = form.dataset.webauthn === "create"
    ? await navigator.credentials.create({ publicKey: creationOptions(json), signal })
    : await navigator.credentials.get({ publicKey: requestOptions(json), signal, ...(mediation && { mediation }) });
  if (!credential) throw new DOMException("nothing was chosen", "NotAllowedError");
  return written(credential);
}

function notice(form) {
  return form.querySelector("[data-webauthn-error]") ?? document.querySelector("[data-webauthn-error]");
}

function hush(form) {
  const place = notice(form);
  if (place) place.hidden = true;
}

function explain(form, error) {
  // We stopped it ourselves.
  if (error.name === "AbortError") return;
  const texts = form.dataset;
  const known = {
    NotAllowedError: texts.cancelled,
    InvalidStateError: texts.known,
    NotSupportedError: texts.unsupported,
    ConstraintError: texts.unsupported,
  };
  const place = notice(form);
  if (!place) return;
  place.textContent = known[error.name] ?? texts.failed ?? "";
  place.hidden = false;
}

function send(form, answer, button) {
  form.elements.namedItem("credential").value = answer;
  // With its events, so that the guard against sending twice sees it.
  if (button) form.requestSubmit(button);
  else form.requestSubmit();
}

// --- Forms that send a key's answer.

async function run(form, button, unasked) {
  if (form.dataset.asking) return;
  form.dataset.asking = "yes";
  form.setAttribute("aria-busy", "true");
  hush(form);
  try {
    send(form, await ask(form), button);
  } catch (error) {
    // A browser may want a press first; the button is there.
    if (!(unasked && error.name === "NotAllowedError")) explain(form, error);
    form.removeAttribute("aria-busy");
  } finally {
    delete form.dataset.asking;
  }
}

function isPlain(button) {
  return Boolean(button && (button.name === "action" || button.formNoValidate));
}

function watch(form) {
  // While capturing: before the guard against sending twice, which must not count the press that only asks.
  form.addEventListener("submit", (event) => {
    if (isPlain(event.submitter)) {
      running?.abort();
      return;
    }
    if (form.elements.namedItem("credential").value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    run(form, event.submitter, false);
  }, true);
  if ("auto" in form.dataset) run(form, undefined, true);
}

// --- The sign-in page: passkeys in the browser's autofill, and a button for them.

async function offer(form, target) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  try {
    send(target, await ask(form, "conditional"));
  } catch {
    // Nobody has asked for anything, so nothing is said.
  }
}

function signIn(form) {
  const target = document.getElementById("passkey-form");
  if (!target) return;
  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.hidden = false;
    button.addEventListener("click", async (event) => {
      event.preventDefault();
      hush(form);
      try {
        send(target, await ask(form));
      } catch (error) {
        explain(form, error);
        if (error.name !== "AbortError") offer(form, target);
      }
    });
  }
  offer(form, target);
  addEventListener("pageshow", (event) => {
    if (event.persisted) offer(form, target);
  });
}

// The back button may bring a page back with an answer that has been sent: it is good once.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("[data-webauthn], #passkey-form")) {
    const answer = form.elements.namedItem("credential");
    if (answer) answer.value = "";
  }
});

if (works) {
  for (const form of document.querySelectorAll("form[data-webauthn]")) {
    if (form.dataset.webauthn === "autofill") signIn(form);
    else watch(form);
  }
} else {
  for (const place of document.querySelectorAll("[data-webauthn-unsupported]")) place.hidden = false;
}
