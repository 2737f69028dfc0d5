// The open tabs of one user: exactly one leads, and they can be asked how they are.
//
// The lead is a Web Lock: the browser gives it to the next tab the moment the leading one closes or crashes. Without a
// secure context there are no Web Locks: then a name in the storage is held by whoever renews it.
import { told } from "./told.js";

const NAME = `durchwahl.calls.${told?.user_id}`;
const ANSWER_MS = 1_000; // a census waits no longer for tabs that do not answer
const UNCOUNTED_MS = 250; // and so long where nobody knows how many there are
const RENEW_MS = 500;
const STALE_MS = 1_500; // whoever has not renewed for so long has gone

export const id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
const channel = new BroadcastChannel(NAME);
const listeners = new Map();
const rounds = new Map(); // under way: name of the round → what it does with a tab that has answered
let leading = false;
let status = () => ({});
let read = () => document.visibilityState === "visible" && document.hasFocus();

// In a test every tab has the focus: there it is read in another way.
window.durchwahl = { ...window.durchwahl, readFocusBy: (other) => (read = other) };

export const hasFocus = () => read();

export function send(kind, data = {}) {
  channel.postMessage({ kind, from: id, ...data });
}

// Hears what other tabs send; a tab does not hear itself.
export function on(kind, listener) {
  listeners.set(kind, listener);
}

channel.addEventListener("message", ({ data }) => {
  if (data.kind === "census") channel.postMessage({ kind: "here", to: data.from, round: data.round, tab: me() });
  if (data.kind === "here" && data.to === id) rounds.get(data.round)?.(data.tab);
  listeners.get(data.kind)?.(data);
});

const me = () => ({ id, focus: hasFocus(), ...status() });

// How every tab is, this one first.
export async function census() {
  const found = [me()];
  const expected = await count();
  if (expected === 1) return found;
  return new Promise((resolve) => {
    const round = Math.random();
    const end = () => {
      rounds.delete(round);
      resolve(found);
    };
    rounds.set(round, (tab) => {
      found.push(tab);
      if (found.length >= expected) end();
    });
    send("census", { round });
    setTimeout(end, expected === Infinity ? UNCOUNTED_MS : ANSWER_MS);
  });
}

// How many tabs there are: each shares a lock while it lives.
async function count() {
  if (!navigator.locks) return Infinity;
  const { held } = await navigator.locks.query();
  return Math.max(1, held.filter((lock) => lock.name === `${NAME}.open`).length);
}

export function isLeading() {
  return navigator.locks ? leading : holder()?.id === id;
}

function holder() {
  try {
    const found = JSON.parse(localStorage.getItem(`${NAME}.lead`));
    return found && Date.now() - found.at < STALE_MS ? found : null;
  } catch {
    return { id }; // no storage: every tab is for itself
  }
}

// `own` tells what a census shall know of this tab; `onLead` is called when this tab takes the lead.
export function start(own, onLead) {
  status = own;
  if (navigator.locks) {
    navigator.locks.request(`${NAME}.open`, { mode: "shared" }, () => new Promise(() => {}));
    navigator.locks.request(`${NAME}.lead`, () => {
      leading = true;
      onLead();
      return new Promise(() => {}); // held until the tab goes
    });
    return;
  }
  const renew = () => {
    const was = holder();
    if (was && was.id !== id) return;
    try {
      localStorage.setItem(`${NAME}.lead`, JSON.stringify({ id, at: Date.now() }));
    } catch {
      // See holder().
    }
    if (!was) onLead();
  };
  renew();
  setInterval(renew, RENEW_MS);
  window.addEventListener("pagehide", () => {
    if (isLeading()) localStorage.removeItem(`${NAME}.lead`);
  });
}
