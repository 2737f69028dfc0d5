// What the server tells with the page: who looks, the current calls, and every text in the user's language.
import { now } from "./clock.js";

const block = document.getElementById("call-told");

export const told = block ? JSON.parse(block.textContent) : null;

// text("from", { name: "Max Muster" }) → "von Max Muster"
export function text(key, values = {}) {
  return told.texts[key].replace(/\{(\w+)\}/g, (_found, name) => String(values[name] ?? ""));
}

// Nothing was heard of a ringing call for so long that it may have ended.
export const isSilent = (call) => Boolean(call.silent_at) && Date.parse(call.silent_at) <= now();

// The telephone system says nothing more, neither that it rings nor how it ended.
export const isUnheard = (call) => isSilent(call) || (call.phase === "ended" && call.provisional);

// The state of a call in words: title, icon and tone.
export function wordsOf(call) {
  if (isUnheard(call)) return told.words[`${call.direction === "out" ? "out" : "in"}.silent`];
  const state = call.phase === "ended" ? (call.outcome ?? "unknown") : call.phase;
  return told.words[`${call.direction === "out" ? "out" : "in"}.${state}`];
}
