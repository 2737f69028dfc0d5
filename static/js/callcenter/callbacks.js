// Call-backs on every page: the counter in the header, and what has just been given to the user or become due.
import { connection, onConnection } from "../live.js";
import { isSame, refresh as refreshParts } from "../refresh.js";
import * as socket from "./socket.js";

const counter = document.querySelector("[data-callback-counter]");
const place = document.querySelector("[data-callback-told]");
const list = document.querySelector("[data-callback-list]");

function count({ mine, all }) {
  const badge = counter.querySelector("[data-callback-count]");
  badge.textContent = String(mine || all);
  badge.hidden = !all;
  badge.className = `badge call-count ${mine ? "bg-red text-red-fg" : "bg-secondary text-secondary-fg"}`;
  const words = counter.dataset.label.replace("{mine}", mine).replace("{all}", all);
  counter.setAttribute("aria-label", words);
  counter.title = words;
  for (const tab of list ? document.querySelectorAll(".page-tabs a") : []) {
    const number = new URL(tab.href).searchParams.get("show") === "mine" ? mine : all;
    tab.textContent = tab.textContent.replace(/\(\d+\)/, `(${number})`);
  }
}

// Names come from outside: only ever set as text.
function tell(message) {
  const box = document.createElement("div");
  box.className = "alert alert-info callback-toast";
  box.setAttribute("role", "status");
  const text = document.createElement("div");
  const head = document.createElement("strong");
  head.textContent = place.dataset[message.why].replace("{by}", message.by);
  const link = document.createElement("a");
  link.href = message.path;
  link.textContent = [message.name, message.reason].filter(Boolean).join(" · ");
  text.append(head, document.createElement("br"), link);
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-close";
  close.setAttribute("aria-label", place.dataset.close);
  close.addEventListener("click", () => box.remove());
  box.append(text, close);
  place.append(box);
}

const FOCUSABLE = "a[href], button, input, select";

// The list fetches itself anew, but never from under the hand of somebody who marks rows in it: then afterwards.
let late = false;
const isMarking = () => list.querySelector("input:checked") !== null;

function refreshBox() {
  if (document.querySelector('main [data-call-part="callbacks"]')) refreshParts();
}

function refreshList() {
  if (!list) return;
  late = isMarking();
  if (!late) window.htmx?.trigger(list, "callbacks-changed");
}

function beforeSwap({ target, detail }) {
  if (target !== list) return;
  const there = list.cloneNode(false);
  // Parsed as a document of its own, in which nothing runs.
  there.append(...new DOMParser().parseFromString(detail.serverResponse, "text/html").body.childNodes);
  // Rows may have been marked while the list was on its way.
  late = isMarking();
  if (late || isSame(there, list)) detail.shouldSwap = false;
  else hold();
}

// The focus stays where it was: on the same part of the same row, or of the one that has taken its place.
let held = null;

function hold() {
  const row = document.activeElement?.closest("[data-callback-id]");
  if (!row || !list.contains(row)) return;
  const place = [...list.querySelectorAll("[data-callback-id]")].indexOf(row);
  const part = [...row.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
  held = { id: row.dataset.callbackId, place, part };
}

function restore() {
  if (!held) return;
  const rows = [...list.querySelectorAll("[data-callback-id]")];
  const row = rows.find((one) => one.dataset.callbackId === held.id) ?? rows[held.place] ?? rows.at(-1);
  (row ? row.querySelectorAll(FOCUSABLE)[held.part] : document.getElementById("main"))?.focus();
  held = null;
}

if (list) {
  list.addEventListener("htmx:beforeSwap", beforeSwap);
  list.addEventListener("htmx:afterSwap", restore);
  list.addEventListener("change", () => late && refreshList());
}

if (counter) {
  const show = (numbers) => {
    count(numbers);
    refreshList();
  };
  socket.on("callbacks", (numbers) => {
    show(numbers);
    refreshBox();
  });
  onConnection(() => {
    connection().emit("callbacks", (numbers) => numbers && show(numbers));
    refreshBox(); // in one look at the page with whatever else asks for it now
  });
  socket.on("callback_told", tell);
}
