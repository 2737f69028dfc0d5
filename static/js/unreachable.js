// A form that is sent while the server is away would leave an error page of the browser, and what was typed would be
// gone. So where the connection is not known to stand, the server is asked first; without an answer the form stays.
const ASK_MS = 5_000;
const asked = new WeakSet(); // forms whose server has just answered
const asking = new WeakSet();
const root = document.documentElement;
const notice = document.querySelector("template[data-unreachable]");

async function answers() {
  try {
    await fetch(import.meta.url, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(ASK_MS) });
    return true;
  } catch {
    return false;
  }
}

function say(form) {
  form.querySelector(":scope > [data-unreachable-said]")?.remove();
  const said = notice.content.firstElementChild.cloneNode(true);
  form.prepend(said);
  said.scrollIntoView({ block: "nearest" });
}

async function send(form, button) {
  asking.add(form);
  const answered = await answers();
  asking.delete(form);
  if (!answered) return say(form);
  asked.add(form);
  form.requestSubmit(button);
}

// Before page.js marks the form as sent; what other scripts send themselves has been prevented by now.
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || !(form instanceof HTMLFormElement) || form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent || asked.delete(form) || root.dataset.connection === "up") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!asking.has(form)) send(form, submitter);
});

document.addEventListener("htmx:sendError", ({ target }) => {
  if (target instanceof HTMLFormElement && target.hasAttribute("hx-post")) say(target);
});
