// What this browser remembers across pages and windows: closed cards, cards folded by hand, calls seen behind the bell, what was announced.
import { told } from "./told.js";

const KEPT = 100;
const name = (what) => `durchwahl.calls.${told.user_id}.${what}`;

function read(what, fallback) {
  try {
    return JSON.parse(localStorage.getItem(name(what))) ?? fallback;
  } catch {
    return fallback; // storage is forbidden or full: nothing is remembered, everything still works
  }
}

function write(what, value) {
  try {
    localStorage.setItem(name(what), JSON.stringify(value));
  } catch {
    // As above.
  }
}

export const isClosed = (id) => read("closed", []).includes(id);

export function close(id) {
  write("closed", [...read("closed", []).filter((other) => other !== id), id].slice(-KEPT));
}

// Whether somebody folded (true) or unfolded (false) the card of a call; undefined where nobody did.
export const foldOf = (id) => read("folds", []).find(([other]) => other === id)?.[1];

export function fold(id, folded) {
  write("folds", [...read("folds", []).filter(([other]) => other !== id), [id, folded]].slice(-KEPT));
}

export const lastSeen = () => read("seen", 0);

export const sawUpTo = (id) => write("seen", Math.max(id, lastSeen()));

// True once for each state of a call, whatever page it is asked on.
export function announcesFirst(key) {
  const said = read("said", []);
  if (said.includes(key)) return false;
  write("said", [...said, key].slice(-KEPT));
  return true;
}

// Calls the listener when another window has closed or folded a card, or opened the bell.
export function onElsewhere(listener) {
  window.addEventListener("storage", (event) => {
    if (["closed", "folds", "seen"].some((what) => event.key === name(what))) listener();
  });
}
