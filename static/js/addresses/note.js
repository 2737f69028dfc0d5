// The drawer in which a note is written beside the current page, which stays as it is. Links to the form open it;
// without scripts they lead to a page with the same form, whose draft this file keeps too.
import { sendLeft } from "./note_draft.js";
import { NoteForm } from "./note_form.js";
import * as links from "./note_links.js";
import { LoggedOut, post, reason, text, told } from "./note_told.js";
import * as toast from "./note_toast.js";
import { forgetOld } from "./note_unsent.js";
import { refresh } from "../refresh.js";

const drawer = document.querySelector("[data-note-drawer]");
const title = drawer?.querySelector("[data-note-title]");
const PART = { "HX-Request": "true" };
let opener = null;
let place = null; // what had the focus before a link that opens the drawer
let shown = ""; // the address of the form in the drawer
let asked = null; // the request under way
let writing = null; // the form in the drawer
let inPage = null; // the form that the page itself shows

const isSeen = (element) => element instanceof HTMLElement && element.isConnected && element.getClientRects().length > 0;

// ------------------------------------------------------------------------------------------------------------- opening

async function open(link) {
  opener = link;
  toast.silence();
  if (shown === link.href && drawer.open) return writing.focus();
  asked?.abort();
  const { signal } = (asked = new AbortController());
  await writing.leave();
  if (signal.aborted) return; // closed, or another link pressed meanwhile
  shown = link.href;
  title.textContent = text(links.aboutOf(link).startsWith("note:") ? "title_note" : "title");
  say(text("loading"));
  if (!drawer.open) drawer.show();
  document.body.classList.add("has-note-drawer");
  try {
    const answer = await fetch(link.href, { credentials: "same-origin", headers: PART, signal });
    if (!answer.ok) return fail(reason(answer.status), link.href);
    writing.put(await answer.text());
    writing.focus();
  } catch (error) {
    if (error.name !== "AbortError") fail(text("offline"), link.href);
  }
}

function say(sentence) {
  const line = document.createElement("p");
  line.className = "text-secondary note-drawer-line";
  line.textContent = sentence;
  drawer.querySelector("[data-note-place]").replaceChildren(line);
  return line;
}

function fail(sentence, path) {
  shown = "";
  const line = say(sentence);
  line.setAttribute("role", "alert");
  const link = document.createElement("a");
  link.href = path;
  link.dataset.notePage = "";
  link.textContent = text("as_page");
  line.append(" ", link);
}

// ------------------------------------------------------------------------------------------------------------- closing

async function close() {
  const kept = writing.leave();
  shown = "";
  asked?.abort();
  hide();
  if (await kept) toast.say(text("kept"), { goes: true });
}

function hide() {
  drawer.close();
  document.body.classList.remove("has-note-drawer");
  drawer.querySelector("[data-note-place]").replaceChildren();
  focusBack();
}

function focusBack() {
  if (isSeen(opener)) return opener.focus();
  // The card has gone meanwhile: to the same call elsewhere on the page.
  const about = opener?.getAttribute("href") ? links.aboutOf(opener) : null;
  const same = [...document.querySelectorAll("a[href]")].find((link) => isSeen(link) && about !== null && links.aboutOf(link) === about);
  const next = same ?? (isSeen(place) ? place : document.getElementById("main"));
  next?.focus({ preventScroll: !same }); // where one was is where one looks
}

async function saved({ message, path }) {
  shown = "";
  hide();
  toast.say(message, { path });
  await refresh();
  if (document.activeElement === document.body) focusBack(); // what had the focus was replaced
}

// ---------------------------------------------------------------------------------------------------------- discarding

async function discard(form) {
  const host = drawer.contains(form) ? writing : inPage;
  try {
    await host.draft?.flush();
    host.draft?.pause();
    const answer = await post(form.action, new URLSearchParams());
    if (!answer.ok) {
      host.draft?.resume();
      return toast.say(reason(answer.status));
    }
    const { message, undo } = await answer.json();
    host.draft?.finish();
    host.draft = null;
    if (host === writing) {
      shown = "";
      hide();
    } else {
      window.location.assign(form.parentElement.querySelector("[data-note-cancel]").href);
      return;
    }
    toast.say(message, { undo });
  } catch (error) {
    host.draft?.resume();
    toast.say(error instanceof LoggedOut ? error.message : text("offline"));
  }
}

// -------------------------------------------------------------------------------------------------------------- events

function onClick(event) {
  const target = event.target instanceof Element ? event.target : null;
  const plain = !event.defaultPrevented && !event.button && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!target || !plain) return;
  const link = target.closest("a[href]");
  if (target.closest("[data-note-close]") || (target.closest("[data-note-cancel]") && drawer.contains(target))) {
    event.preventDefault();
    close();
  } else if (link && !link.hasAttribute("data-note-page") && links.aboutOf(link)) {
    event.preventDefault();
    open(link);
  }
}

function onFocus({ target }) {
  if (!drawer.contains(target) && !(target.href && links.aboutOf(target))) place = target;
}

function onSubmit(event) {
  if (!event.target.matches?.("[data-note-discard-form]")) return;
  event.preventDefault();
  event.stopPropagation();
  discard(event.target);
}

function onKey(event) {
  if (event.key !== "Escape" || event.defaultPrevented || !drawer.open) return;
  if (event.target.type === "search" && event.target.value) return; // it empties the search first
  event.preventDefault();
  close();
}

if (told && drawer) {
  forgetOld();
  links.start();
  toast.start();
  writing = new NoteForm(drawer.querySelector("[data-note-place]"), { onSaved: saved, prefix: "drawer-" });
  const own = document.querySelector("main [data-note-place]");
  if (own) inPage = new NoteForm(own, { onSaved: ({ path }) => window.location.assign(path), headers: { "X-Note-Page": "1" } });
  sendLeft(inPage?.draft?.about);
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("focusin", onFocus);
  drawer.addEventListener("keydown", onKey);
}
