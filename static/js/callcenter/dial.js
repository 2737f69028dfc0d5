// Dials by click: one idempotency key a press, so that neither a double click nor a repeated request dials twice.
// What becomes known of an order later (its call is reported, its server died) comes over the socket.
import * as socket from "./socket.js";

const SAME_PRESS_MS = 3000; // the same number within this is the same press, whichever button was hit
const SHOWN_MS = 12000; // a good message goes by itself; the others stay until they are closed

const form = document.getElementById("dial-form");
const box = document.querySelector("[data-dial-message]");
const close = box?.querySelector(".btn-close");
const words = box?.querySelector("[data-dial-words]");
const link = box?.querySelector("[data-dial-link]");
const presses = new Map(); // number and account → { key, at, open }: the last order that may have reached the server
let hiding = 0;
let said = "";
let uncertain = null; // { key, order, settled }: what is said of it may still change
let latest = null; // key of the press that the message is about
let earlier = ""; // what went wrong with one before it, and became known after this one began

function newKey() {
  // crypto.randomUUID needs HTTPS; this does not.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function keyFor(number, account) {
  const about = `${account} ${number}`;
  const press = presses.get(about);
  // An order that was never answered keeps its key for good, whatever is dialled meanwhile: asking again is then harmless.
  if (!press || (!press.open && Date.now() - press.at > SAME_PRESS_MS)) {
    presses.set(about, { about, key: newKey(), at: Date.now(), open: true });
  }
  return presses.get(about);
}

function say(level, text, tel) {
  clearTimeout(hiding);
  box.dataset.level = level;
  close.hidden = false;
  said = text;
  words.textContent = [said, earlier].filter(Boolean).join(" ");
  link.hidden = !tel;
  if (tel) {
    link.href = tel;
    link.textContent = form.dataset.ownPhone;
  }
  if (level === "accepted" && !earlier) hiding = setTimeout(hide, SHOWN_MS);
}

// The answer to an older press comes late. What is said of the newer one stays; what went wrong is told beside it.
function sayLate(result, shown) {
  if (["accepted", "under_way", "tel"].includes(result.state)) return;
  earlier = `${shown}: ${result.message}`;
  clearTimeout(hiding);
  if (box.dataset.level) words.textContent = `${said} ${earlier}`;
  else say(result.state === "unanswered" ? "unknown" : result.state, "", null);
}

// What is heard later puts right what is on the screen; an outcome that was told for certain needs no second word.
function settled({ order, key, state, code }) {
  document.body.dispatchEvent(new CustomEvent("dial-settled"));
  if (!uncertain || (uncertain.order !== order && uncertain.key !== key)) return;
  if (code !== "reported" && code !== "cut_off") return;
  uncertain.settled = code === "reported";
  say(state, uncertain.settled ? form.dataset.settledAccepted : form.dataset.settledUnknown, null);
  for (const press of presses.values()) if (press.key === uncertain.key) press.open = false;
}

function hide() {
  earlier = "";
  delete box.dataset.level;
  close.hidden = true;
  link.hidden = true;
  words.textContent = "";
}

async function send(order, key) {
  const response = await fetch(form.action, {
    method: "POST",
    credentials: "same-origin",
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
    },
    body: JSON.stringify({ ...order, idempotency_key: key }),
  });
  if (response.ok) return response.json();
  const text = { 400: form.dataset.reload, 401: form.dataset.loggedOut }[response.status] ?? form.dataset.failed;
  return { state: response.status >= 500 ? "unanswered" : "failed", message: text };
}

function begin(key) {
  latest = key;
  earlier = "";
}

async function dial(order, shown, button) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true"); // not `disabled`: that would lose the focus
  const current = keyFor(order.number, order.account ?? "");
  begin(current.key);
  say("under_way", form.dataset.dialling.replace("{number}", shown));
  uncertain = { key: current.key, order: null };
  let result;
  try {
    result = await send(order, current.key);
  } catch {
    result = { state: "unanswered", message: form.dataset.unreachable };
  }
  button.removeAttribute("aria-disabled");
  const answered = result.state !== "unanswered";
  current.open = !answered;
  // What surely did not ring may be tried again at once.
  if (["failed", "refused", "tel"].includes(result.state)) presses.delete(current.about);
  const offersTel = result.tel && result.state !== "accepted" && result.state !== "under_way";
  if (result.state === "tel") window.location.href = result.tel;
  document.body.dispatchEvent(new CustomEvent("dial-settled"));
  if (latest !== current.key) return sayLate(result, shown);
  const open = !answered || result.state === "unknown" || result.state === "under_way";
  // The report of the call may have come before this answer did.
  if (open && uncertain?.key === current.key && uncertain.settled) return;
  uncertain = open ? { key: current.key, order: result.order ?? null } : null;
  say(answered ? result.state : "unknown", result.message, offersTel ? result.tel : null);
}

function onClick(event) {
  const button = event.target.closest?.("button[data-number], a[data-blocked]");
  if (!button) return;
  event.preventDefault();
  if (button.dataset.blocked) {
    begin(null);
    uncertain = null;
    say("refused", button.dataset.blocked, null);
    return;
  }
  dial({ number: button.dataset.number }, button.dataset.shown ?? button.dataset.number, button);
}

function onSubmit(event) {
  const asked = event.target;
  if (!(asked instanceof HTMLFormElement) || !asked.matches("[data-dial-box]")) return;
  event.preventDefault();
  const number = asked.elements.number.value;
  const order = { number };
  if (asked.elements.account) order.account = asked.elements.account.value;
  dial(order, number.trim(), asked.querySelector("[type=submit]"));
}

if (form && box) {
  document.addEventListener("click", onClick);
  // Before page.js, which else would mark the form as sent.
  document.addEventListener("submit", onSubmit, true);
  close.addEventListener("click", hide);
  socket.on("dial", settled);
}
