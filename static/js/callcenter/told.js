// What the server tells with the page: who looks, the current calls, and every text in the user's language.
const block = document.getElementById("call-told");

export const told = block ? JSON.parse(block.textContent) : null;

// text("from", { name: "Max Muster" }) → "von Max Muster"
export function text(key, values = {}) {
  return told.texts[key].replace(/\{(\w+)\}/g, (_found, name) => String(values[name] ?? ""));
}

// The state of a call in words: title, icon and tone.
export function wordsOf(call) {
  const state = call.phase === "ended" ? (call.outcome ?? "unknown") : call.phase;
  return told.words[`${call.direction === "out" ? "out" : "in"}.${state}`];
}
