// The bell: counts missed calls until it is opened, and shows the latest calls.
import { missedCalls } from "./attention.js";
import * as memory from "./memory.js";
import { text } from "./told.js";

const bell = document.querySelector("[data-call-bell]");
const toggle = bell?.querySelector("[data-bs-toggle]");
const badge = bell?.querySelector("[data-call-count]");
const latest = bell?.querySelector("[data-call-latest]");
const offline = document.querySelector("[data-call-offline]");
const missed = new Set();

function count() {
  const seen = memory.lastSeen();
  const open = [...missed].filter((id) => id > seen).length;
  badge.textContent = open > 99 ? "99+" : String(open);
  badge.hidden = open === 0;
  toggle.setAttribute("aria-label", open ? text("missed", { count: open }) : text("bell"));
  missedCalls(open);
}

export function replace(state) {
  if (!bell) return;
  bell.hidden = !state.active;
  missed.clear();
  for (const id of state.missed) missed.add(id);
  count();
}

export function apply(call) {
  if (!bell || call.form !== "full") return;
  if (call.missed) missed.add(call.id);
  else missed.delete(call.id);
  count();
}

// A quiet hint; `reason` is the key of its text, null when all is well.
export function connection(reason) {
  if (!offline) return;
  offline.hidden = reason === null;
  offline.querySelector("[data-call-offline-text]").textContent = reason ? text(reason) : "";
}

let opened = 0; // how often the list was asked for

async function load() {
  const mine = ++opened;
  memory.sawUpTo(Math.max(0, ...missed));
  count();
  try {
    const response = await fetch(latest.dataset.src, { credentials: "same-origin", headers: { "HX-Request": "true" } });
    if (!response.ok) throw new Error(String(response.status));
    // Parsed as a document of its own, in which nothing runs; then its nodes move in.
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (mine === opened) latest.replaceChildren(...page.body.children);
  } catch {
    if (mine !== opened) return;
    const sorry = document.createElement("div");
    sorry.className = "card-body text-secondary";
    sorry.textContent = latest.dataset.failed;
    latest.replaceChildren(sorry);
  }
}

export function start() {
  if (!bell) return;
  bell.addEventListener("show.bs.dropdown", load);
  // Opened before this script was there.
  if (toggle.classList.contains("show")) load();
  memory.onElsewhere(count);
}
