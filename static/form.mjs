// What the pages gain from a script; without it they work all the same.

// A second click must not send a second code or burn a second try.
for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
    // Whoever stopped the page, or lost the network, may press again.
    setTimeout(release, 8000, form);
  });
}

function release(form) {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
}

// The back button may bring a page back as it was left.
addEventListener("pageshow", () => {
  for (const form of document.forms) release(form);
});

// NIST SP 800-63B-4 section 3.1.1.2: let people see what they type.
for (const button of document.querySelectorAll(".reveal-button")) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  const show = (visible) => {
    input.type = visible ? "text" : "password";
    button.setAttribute("aria-pressed", String(visible));
    button.textContent = visible ? button.dataset.hide : button.dataset.show;
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    show(input.type === "password");
    input.focus();
  });
  // Browsers remember what stood in a text field; a password goes out as a password.
  input.form.addEventListener("submit", () => show(false));
}

// Printing is the browser's own; without a script there is its menu.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
