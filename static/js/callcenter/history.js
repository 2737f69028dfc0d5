// The open history of an address shows calls and call-backs as they come; the page of a call shows what becomes of it.
import { onConnection } from "../live.js";
import { refresh } from "../refresh.js";
import * as socket from "./socket.js";

const GATHER_MS = 1_000; // reports of one call follow each other
const of = document.querySelector('main [data-note-part="timeline"]') && Number(document.querySelector("[data-notes-of]")?.dataset.notesOf);
const call = Number(document.querySelector('main [data-call-part="call"]')?.dataset.callId);
let timer = 0;

function soon() {
  timer ||= setTimeout(() => {
    timer = 0;
    refresh();
  }, GATHER_MS);
}

if (of || call) {
  socket.on("journal", ({ id, addresses }) => (id === call || addresses.includes(of)) && soon());
}
if (of) socket.on("callbacks", soon);
if (call) onConnection(refresh);
