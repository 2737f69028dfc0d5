// Parts of the page that are shown as they are now, without leaving the page: rows of calls, lists of notes. A part in
// which somebody types is left alone.
const isTouched = (field) =>
  ("checked" in field && field.checked !== field.defaultChecked) ||
  ("defaultValue" in field && field.type !== "hidden" && field.value !== field.defaultValue);

const isInUse = (part) =>
  part.querySelector("details[open] form") !== null ||
  [...part.querySelectorAll("input, textarea")].some((field) => field === document.activeElement || isTouched(field));

// Without what each page has anew (tokens of forms), and what scripts have added (the word "draft" in links).
function shownBy(part) {
  const copy = part.cloneNode(true);
  for (const other of copy.querySelectorAll('input[name="csrf_token"], .note-draft-badge')) other.remove();
  for (const link of copy.querySelectorAll("[data-note-label]")) {
    link.setAttribute("aria-label", link.dataset.noteLabel);
    delete link.dataset.noteLabel;
  }
  return copy;
}

// Whether one part shows what the other does: then nothing has to be replaced.
export const isSame = (one, other) => shownBy(one).isEqualNode(shownBy(other));

function same(part) {
  const { callId, callPart, notePart } = part.dataset;
  return notePart ? `main [data-note-part="${notePart}"]` : `main [data-call-id="${callId}"][data-call-part="${callPart}"]`;
}

const REACHED = "a[href], button, summary, select";
const reached = (part) => [...part.querySelectorAll(REACHED)];

// The focus stays where it was: on what has taken the place of what had it.
function put(now, part) {
  const held = reached(part).indexOf(document.activeElement);
  part.replaceWith(now);
  if (held >= 0) reached(now)[held]?.focus();
  window.htmx?.process(now);
}

async function look() {
  const own = [...document.querySelectorAll("main [data-call-part], main [data-note-part]")].filter((part) => !isInUse(part));
  if (!own.length) return;
  try {
    const answer = await fetch(window.location.href, { credentials: "same-origin", headers: { "X-Page-Refresh": "1" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of own) {
      const now = page.querySelector(same(part));
      // Somebody may have begun to type in it meanwhile.
      if (now && part.isConnected && !isInUse(part) && !isSame(now, part)) put(now, part);
    }
  } catch {
    // What is on the page stays; it is right again when it is loaded anew.
  }
}

let looking = null; // the look under way, or the last one
let next = null; // the one that has not begun

// The parts are at least as new as this call when it returns. What is asked for while a page is on its way may not be
// on it yet: one more look follows, whoever asked in between.
export function refresh() {
  next ??= Promise.resolve(looking).then(() => {
    next = null;
    looking = look();
    return looking;
  });
  return next;
}
