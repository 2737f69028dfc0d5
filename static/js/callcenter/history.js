// The open history of an address shows calls and call-backs as they come.
import { refresh } from "../refresh.js";
import * as socket from "./socket.js";

const PART = 'main [data-note-part="timeline"]';
const GATHER_MS = 1_000; // reports of one call follow each other
const of = Number(document.querySelector("[data-notes-of]")?.dataset.notesOf);
let timer = 0;

function soon() {
  timer ||= setTimeout(() => {
    timer = 0;
    refresh();
  }, GATHER_MS);
}

if (of && document.querySelector(PART)) {
  socket.on("journal", ({ addresses }) => addresses.includes(of) && soon());
  socket.on("callbacks", soon);
}
