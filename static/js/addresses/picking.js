// The search for an address by keys: Enter takes the best hit, instead of sending the form that it stands in; the
// arrow leads to the list. A list that is found anew leaves the focus where it was.
const FIELD = 'input[type="search"][name="pick"]';
const HIT = '.pick-hit:not([data-kept]) input[type="radio"]';

let waiting = null; // the field whose best hit is taken as soon as it is found
let held = ""; // who had the focus in the list

const listOf = (field) => document.getElementById(`${field.id}-found`);

function onKey(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const field = event.target.closest?.(FIELD);
  if (field && event.key === "Enter") {
    event.preventDefault();
    waiting = field.value.trim() ? field : null;
    if (waiting) field.dispatchEvent(new Event("changed-early", { bubbles: true }));
  } else if (field && event.key === "ArrowDown") {
    const list = listOf(field);
    const hit = list?.querySelector("input:checked") ?? list?.querySelector(HIT);
    if (hit) event.preventDefault();
    hit?.focus();
  }
}

function take(field) {
  const hit = listOf(field).querySelector(HIT);
  if (!hit || document.activeElement !== field) return;
  hit.focus();
  hit.checked = true;
  hit.dispatchEvent(new Event("picked", { bubbles: true }));
  hit.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("keydown", onKey);
document.addEventListener("input", (event) => {
  if (event.target.matches?.(FIELD)) waiting = null;
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const hit = document.activeElement?.closest('input[name="owner"]');
  held = hit && detail.target.matches(".picked") && detail.target.contains(hit) ? hit.value : "";
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (!detail.target.matches(".picked")) return;
  if (held) [...detail.target.querySelectorAll("input")].find((one) => one.value === held)?.focus();
  held = "";
  if (!waiting || detail.target !== listOf(waiting)) return;
  const field = waiting;
  waiting = null;
  take(field);
});
