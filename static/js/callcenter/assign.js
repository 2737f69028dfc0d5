// The dialog that gives a caller's number to an address that is there. Without scripts its links lead to a page with
// the same form; on that page this file only helps with the fields.
import { refresh } from "../refresh.js";

const dialog = document.querySelector("[data-assign-dialog]");
const body = dialog?.querySelector("[data-assign-body]");
const title = dialog?.querySelector("[data-assign-title]");
const live = dialog?.querySelector("[data-assign-live]");
const told = document.querySelector("[data-assign-told]");
const words = told?.querySelector("[data-assign-words]");
const undo = told?.querySelector("[data-assign-undo]");
const FOR_DIALOG = { "HX-Request": "true" };
let opener = null;
let shown = ""; // the address of the form in the dialog: opened again it is as it was left
let asked = null; // the request under way

// Parsed as a document of its own, in which nothing runs; then its nodes move in.
function nodesOf(html) {
  return [...new DOMParser().parseFromString(html, "text/html").body.childNodes];
}

const isSeen = (element) => element instanceof HTMLElement && element.isConnected && element.getClientRects().length > 0;

const isLost = () => !isSeen(document.activeElement) || document.activeElement === document.body;

// ------------------------------------------------------------------------------------------------------------- opening

async function open(link) {
  opener = link;
  silence();
  if (!dialog.open) dialog.showModal();
  if (shown === link.href && body.querySelector(".assign")) return focusIn();
  title.textContent = link.textContent.trim();
  say(dialog.dataset.loadingText);
  asked?.abort();
  asked = new AbortController();
  shown = link.href;
  try {
    const answer = await fetch(link.href, { credentials: "same-origin", headers: FOR_DIALOG, signal: asked.signal });
    if (answer.ok) put(await answer.text());
    else fail(reason(answer.status));
  } catch (error) {
    if (error.name !== "AbortError") fail(dialog.dataset.unreachableText);
  }
}

function say(text) {
  const line = document.createElement("p");
  line.className = "text-secondary";
  line.textContent = text;
  body.replaceChildren(line);
}

function fail(text) {
  shown = "";
  say(text);
  body.firstElementChild.setAttribute("role", "alert");
}

function reason(status) {
  const { loggedOutText, forbiddenText, reloadText, failedText } = dialog.dataset;
  return { 400: reloadText, 401: loggedOutText, 403: forbiddenText }[status] ?? failedText;
}

function put(html) {
  body.replaceChildren(...nodesOf(html));
  window.htmx.process(body);
  title.textContent = body.querySelector("[data-assign-form-title]")?.dataset.assignFormTitle ?? title.textContent;
  focusIn();
}

// To what is wrong, else to what is to be typed first.
function focusIn() {
  const messages = body.querySelector("[data-assign-messages]");
  const wrong = messages?.childElementCount ? messages : body.querySelector("[aria-invalid]");
  const isNew = body.querySelector('input[name="who"][value="new"]')?.checked;
  const name = isNew ? body.querySelector("[data-assign-name]") : null;
  const first = wrong ?? name ?? body.querySelector('[name="who"]:checked') ?? body.querySelector('[type="search"]');
  (isSeen(first) ? first : body.querySelector("input, a, button"))?.focus();
}

// ------------------------------------------------------------------------------------------------------------- storing

async function send(form) {
  if (form.dataset.sending) return; // a double click
  form.dataset.sending = "1";
  const button = form.querySelector('[type="submit"]');
  button.setAttribute("aria-disabled", "true"); // not `disabled`: that would lose the focus
  try {
    const answer = await fetch(form.action, { method: "POST", credentials: "same-origin", headers: FOR_DIALOG, body: new FormData(form) });
    if (answer.headers.get("content-type")?.startsWith("application/json")) done(await answer.json());
    else if (answer.status === 409 || answer.status === 422) put(await answer.text());
    else warn(reason(answer.status));
  } catch {
    warn(dialog.dataset.unreachableText);
  }
  delete form.dataset.sending;
  button.removeAttribute("aria-disabled");
}

// Above the form, which stays as it is.
function warn(text) {
  const alert = document.createElement("div");
  alert.className = "alert alert-warning";
  alert.setAttribute("role", "alert");
  alert.textContent = text;
  const place = body.querySelector("[data-assign-messages]");
  place.replaceChildren(alert);
  place.focus();
  place.scrollIntoView({ block: "nearest" });
}

async function done(result) {
  shown = "";
  dialog.close();
  body.replaceChildren();
  tell(result);
  await refresh();
  // Where the offer was gone at once, the focus has its place already.
  if (isLost() || document.activeElement === opener) focusBack();
}

// ------------------------------------------------------------------------------------------------- what was done, undo

function tell({ message, undo: back }) {
  words.textContent = message;
  told.classList.add("is-shown");
  undo.hidden = !back;
  if (!back) return;
  undo.action = back.url;
  const fields = Object.entries(back.fields).map(([name, value]) => {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    return field;
  });
  undo.querySelector("[data-assign-undo-fields]").replaceChildren(...fields);
}

function silence() {
  told?.classList.remove("is-shown");
  if (words) words.textContent = "";
  if (undo) undo.hidden = true;
}

async function takeBack() {
  if (undo.dataset.sending) return;
  undo.dataset.sending = "1";
  try {
    const answer = await fetch(undo.action, { method: "POST", credentials: "same-origin", headers: FOR_DIALOG, body: new FormData(undo) });
    if (answer.ok) {
      tell(await answer.json());
      await refresh();
      told.querySelector("[data-assign-told-close]").focus();
    } else {
      words.textContent = reason(answer.status);
    }
  } catch {
    words.textContent = dialog.dataset.unreachableText;
  }
  delete undo.dataset.sending;
}

function focusBack(tries = 300) {
  if (isSeen(opener)) {
    opener.focus();
    // The call's own news may come a moment later and take the offer away, and the focus with it.
    const lost = () => {
      if (document.activeElement === document.body) focusBack(0);
      else if (tries-- > 0 && document.activeElement === opener) setTimeout(lost, 100);
    };
    return tries && setTimeout(lost, 100);
  }
  // The offer is gone, as it was taken up: to what stands beside it, or to the same call elsewhere on the page.
  const call = opener?.closest("[data-call-id]");
  const same = call ? [call, ...document.querySelectorAll(`[data-call-id="${call.dataset.callId}"]`)] : [];
  const links = same.flatMap((one) => [...one.querySelectorAll("a[href]")]).filter(isSeen);
  const toAddress = links.find((link) => link.matches("[data-address]"));
  (toAddress ?? links[0] ?? document.getElementById("main"))?.focus();
}

// -------------------------------------------------------------------------------------------------------------- events

function onClick(event) {
  const target = event.target instanceof Element ? event.target : null;
  const link = target?.closest("a[data-assign]");
  const plain = !event.defaultPrevented && !event.button && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (link && plain) {
    event.preventDefault();
    open(link);
  } else if (target?.closest("[data-assign-close]") || (target?.closest("[data-assign-cancel]") && dialog.contains(target))) {
    event.preventDefault();
    dialog.close();
  } else if (target?.closest("[data-assign-told-close]")) {
    silence();
    if (!isSeen(document.activeElement)) focusBack();
  }
}

function onSubmit(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  if (form === undo) {
    event.preventDefault();
    takeBack();
  } else if (form.matches("[data-assign-form]") && dialog.contains(form)) {
    event.preventDefault();
    send(form);
  } else if (form.matches("[data-assign-search]")) {
    // Enter on whom one has chosen: on to whose number it is there, where Enter saves.
    event.preventDefault();
    goOn();
  }
}

let going = false; // somebody has been chosen by Enter, and the form for him is on its way

function goOn() {
  const who = body.querySelector('[data-assign-owner] [name="who"]:checked');
  going = !who;
  who?.focus();
}

// A name that is typed is a new contact's, and one that was typed before somebody else was chosen is nobody's.
function onInput(event) {
  if (!event.target.matches?.("[data-assign-name]") || !event.target.value) return;
  event.target.closest("form").querySelector('input[name="who"][value="new"]').checked = true;
}

function onFormData(event) {
  const form = event.target;
  if (form.matches?.("[data-assign-form]") && form.querySelector('input[name="who"]:checked')?.value !== "new") {
    event.formData.delete("name");
  }
}

// Whom one chooses in the search may change; what was typed for him stays.
const KEPT = ["name", "kind", "label"];
let kept = {};

function onBeforeSwap(event) {
  const place = event.target;
  if (!place.matches?.("[data-assign-owner]")) return;
  const form = place.querySelector("form");
  if (form) kept = Object.fromEntries(KEPT.map((name) => [name, form.elements[name].value]));
}

function onAfterSwap(event) {
  const place = event.target;
  if (!place.matches?.("[data-assign-owner]")) return;
  const form = place.querySelector("form");
  for (const [name, value] of Object.entries(form ? kept : {})) form.elements[name].value = value;
  if (live && dialog.contains(place)) live.textContent = place.querySelector("legend")?.textContent.trim() ?? "";
  place.querySelector("form")?.scrollIntoView({ block: "nearest" });
  if (going && form) goOn();
}

if (dialog) {
  document.addEventListener("click", onClick);
  // Before page.js, which else would mark the form as sent.
  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("input", onInput);
  document.addEventListener("picked", (event) => (going = body.contains(event.target)));
  document.addEventListener("pointerdown", () => (going = false));
  document.addEventListener("formdata", onFormData);
  document.addEventListener("htmx:beforeSwap", onBeforeSwap);
  document.addEventListener("htmx:afterSwap", onAfterSwap);
  dialog.addEventListener("close", () => {
    if (isLost()) focusBack();
  });
}
