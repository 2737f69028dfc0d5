// What is said beside the page when a note was saved or a draft put away, with a way there or back.
import { post, reason, text, LoggedOut } from "./note_told.js";

const box = document.querySelector("[data-note-told]");
const words = box?.querySelector("[data-note-words]");
const show = box?.querySelector("[data-note-show]");
const undo = box?.querySelector("[data-note-undo]");
const GOES_MS = 8_000; // what offers nothing to press and can be found elsewhere
const SHOWN_MS = 20_000; // a way to what is found elsewhere, too
let back = "";
let timer = 0;

export function say(sentence, { path = "", undo: undoPath = "", goes = false } = {}) {
  clearTimeout(timer);
  if (goes || (path && !undoPath)) timer = setTimeout(go, goes ? GOES_MS : SHOWN_MS);
  words.textContent = sentence;
  show.hidden = !path;
  if (path) show.href = path;
  undo.hidden = !undoPath;
  back = undoPath;
  box.classList.add("is-shown");
}

// Not while somebody reads it.
function go() {
  if (box.matches(":hover, :focus-within")) timer = setTimeout(go, GOES_MS);
  else silence();
}

export function silence() {
  clearTimeout(timer);
  box.classList.remove("is-shown");
  words.textContent = "";
  show.hidden = undo.hidden = true;
}

async function takeBack() {
  if (!back) return;
  const path = back;
  back = "";
  try {
    const answer = await post(path, new URLSearchParams());
    if (answer.ok) {
      const { message, path: there } = await answer.json();
      say(message, { path: there ?? "" });
    } else {
      words.textContent = reason(answer.status);
    }
  } catch (error) {
    back = path;
    words.textContent = error instanceof LoggedOut ? error.message : text("offline");
  }
}

export function start() {
  undo.addEventListener("click", takeBack);
  box.querySelector("[data-note-told-close]").addEventListener("click", silence);
}
