// A piece of editorial work in the admin: whoever types first is seen to be editing; what is typed is not
// left behind unsaved. Without this the server still refuses what would run somebody else's work over.

const KEEP_EVERY_MS = 5 * 60 * 1000; // the lock lasts 15 minutes

const panel = document.querySelector("[data-editorial]");
const form = panel && document.getElementById(panel.dataset.form);
const token = form?.querySelector("[name=csrfmiddlewaretoken]")?.value;

let dirty = false;
let mine = false;
let leaving = false;

const post = (url, options = {}) =>
  fetch(url, { method: "POST", headers: { "X-CSRFToken": token }, credentials: "same-origin", ...options });

const say = (text) => {
  const banner = panel.querySelector("[data-editorial-lock]");
  panel.querySelector("[data-editorial-lock-text]").textContent = text;
  banner.hidden = !text;
};

async function lock() {
  const answer = await post(panel.dataset.lock).catch(() => null);
  if (answer?.ok) {
    mine = true;
  } else if (answer?.status === 409) {
    mine = false;
    say((await answer.json()).text);
  }
}

function begin() {
  if (dirty) return;
  dirty = true;
  panel.querySelector("[data-editorial-unsaved]")?.removeAttribute("hidden");
  for (const button of panel.querySelectorAll("[data-editorial-move] button")) button.disabled = true;
  lock();
  setInterval(() => document.visibilityState === "visible" && mine && lock(), KEEP_EVERY_MS);
}

if (form && form.querySelector("[name=_save]")) {
  if (document.querySelector(".errornote")) begin(); // what came back is not saved
  form.addEventListener("input", begin);
  form.addEventListener("change", begin);
  form.addEventListener("submit", () => (leaving = true));
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !leaving) event.preventDefault();
  });
  window.addEventListener("pagehide", () => {
    if (mine && !leaving) post(panel.dataset.unlock, { keepalive: true });
  });
}

// Escape closes a button's form and gives the focus back to the button.
panel?.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && event.target.closest("details[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
