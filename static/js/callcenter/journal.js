// The journal is live: rows change where they stand, new calls appear on top; whoever reads further down, or narrowed
// the list, is told of them instead, so that nothing moves under his eyes.
import * as socket from "./socket.js";

const journal = document.querySelector("[data-journal]");
const GATHER_MS = 250; // what changes within so short a time is asked for at once
const running = journal?.querySelector("[data-running-rows]");
const rows = journal?.querySelector("[data-rows]");
const news = journal?.querySelector("[data-news]");
const waiting = new Set(); // numbers of calls that have changed
const unseen = new Set(); // new calls that fit and are not shown yet
let timer = 0;
let fetching = false;

const rowOf = (id) => journal.querySelector(`tr[data-call-id="${id}"]`);

// Somebody reads when the list's first row has left the screen, or the focus is in the list.
function isReading() {
  return !journal.dataset.first || Boolean(journal.dataset.narrowed) || window.scrollY > 8 || rows.contains(document.activeElement);
}

function changed(id) {
  waiting.add(id);
  if (!timer) timer = setTimeout(ask, GATHER_MS);
}

async function ask() {
  timer = 0;
  if (fetching || !waiting.size) return;
  fetching = true;
  const ids = [...waiting].slice(0, 100);
  for (const id of ids) waiting.delete(id);
  try {
    const url = new URL(journal.dataset.rowsSrc, window.location.href);
    url.searchParams.set("ids", ids.join(","));
    const response = await fetch(url, { credentials: "same-origin", headers: { "HX-Request": "true" } });
    if (response.ok) take(ids, new DOMParser().parseFromString(await response.text(), "text/html"));
  } catch {
    // Away; the next connection asks again.
  } finally {
    fetching = false;
    if (waiting.size && !timer) timer = setTimeout(ask, GATHER_MS);
  }
}

function take(ids, page) {
  const found = new Map([...page.querySelectorAll("tr[data-call-id]")].map((row) => [Number(row.dataset.callId), row]));
  for (const id of ids) {
    const old = rowOf(id);
    const row = found.get(id);
    if (old && row) replace(old, document.adoptNode(row));
    else if (old) remove(old);
    else if (row) add(id, document.adoptNode(row));
  }
  arrange();
}

function replace(old, row) {
  if (Number(row.dataset.callVersion) <= Number(old.dataset.callVersion)) return;
  // Under somebody's hand nothing is replaced; the next change, or a look at the page, brings it.
  if (old.contains(document.activeElement) && old.dataset.callPhase === row.dataset.callPhase) return changedLater(old);
  const ended = running.contains(old) && row.dataset.callPhase === "ended";
  if (ended && !isReading()) {
    old.remove();
    insert(row);
  } else old.replaceWith(row);
}

function changedLater(old) {
  old.addEventListener("focusout", () => setTimeout(() => changed(Number(old.dataset.callId)), 0), { once: true });
}

function remove(row) {
  if (!row.contains(document.activeElement)) row.remove();
}

function add(id, row) {
  if (isReading()) {
    if (!isOlder(row)) unseen.add(id);
  } else if (row.dataset.callPhase === "ended") insert(row);
  else running.prepend(row);
}

// A call that was there before this page, and of which only a name has changed, is no news.
function isOlder(row) {
  return row.dataset.callAt < journal.dataset.at;
}

function insert(row) {
  const older = [...rows.children].find((one) => one.dataset.callAt <= row.dataset.callAt);
  if (older || rows.children.length < 1) rows.insertBefore(row, older ?? null);
}

function arrange() {
  running.hidden = !running.children.length;
  const some = running.children.length + rows.children.length > 0;
  journal.querySelector("[data-table]").hidden = !some;
  journal.querySelector("[data-empty]").hidden = some;
  tell();
}

function tell() {
  const count = unseen.size;
  if (!count) return news.replaceChildren();
  const button = news.querySelector("button") ?? document.createElement("button");
  button.type = "button";
  button.className = "btn btn-primary btn-pill";
  button.textContent = count === 1 ? journal.dataset.one : journal.dataset.many.replace("{count}", count);
  button.addEventListener("click", show, { once: true });
  if (!button.isConnected) news.append(button);
}

// The same filters, the newest first.
function show() {
  const url = new URL(window.location.href);
  for (const name of ["before", "after"]) url.searchParams.delete(name);
  if (url.href === window.location.href) window.location.reload();
  else window.location.assign(url);
}

if (journal) {
  socket.on("journal", ({ id }) => changed(id));
  // After every (re)connect: what may have been missed.
  document.addEventListener("durchwahl:state", () => {
    for (const row of journal.querySelectorAll("tr[data-call-id]")) {
      if (running.contains(row)) changed(Number(row.dataset.callId));
    }
    const url = new URL(journal.dataset.rowsSrc, window.location.href);
    url.searchParams.set("newest", "1");
    fetch(url, { credentials: "same-origin", headers: { "HX-Request": "true" } })
      .then(async (response) => {
        if (!response.ok) return;
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        // Only told, not taken: what was asked for meanwhile may be newer.
        for (const row of page.querySelectorAll("tr[data-call-id]")) {
          const [id, known] = [Number(row.dataset.callId), rowOf(row.dataset.callId)];
          if (!known && isReading() && isOlder(row)) continue;
          if (!known || Number(known.dataset.callVersion) < Number(row.dataset.callVersion)) changed(id);
        }
      })
      .catch(() => {});
  });
}
