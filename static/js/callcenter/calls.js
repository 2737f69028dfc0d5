// Cards and bell of the telephone, on every page of a user who may see calls.
import "./block.js";
import * as attention from "./attention.js";
import * as bell from "./bell.js";
import * as cards from "./cards.js";
import * as choose from "./choose.js";
import { duration } from "./clock.js";
import "./history.js";
import * as quiet from "./quiet.js";
import "./remembered.js";
import * as rights from "./rights.js";
import * as socket from "./socket.js";
import { told } from "./told.js";

// Whoever writes a note about a call hears how long it was, without knowing of calls.
function tellDuration(call) {
  if (call.phase !== "ended" || !call.talk_seconds) return;
  const detail = { origin: `call:${call.id}`, duration: duration(call.talk_seconds) };
  document.dispatchEvent(new CustomEvent("note-origin", { detail }));
}

function onCall(call) {
  cards.apply(call);
  bell.apply(call);
  tellDuration(call);
}

function onCalls(state) {
  // The app was deactivated, or the right was taken: what the open page still offers would lead nowhere.
  document.body.classList.toggle("telephone-off", !state.active);
  attention.settings(state.me);
  cards.replace(state);
  bell.replace(state);
  quiet.show(state.me);
  rights.heard(state.me);
  state.calls.forEach(tellDuration);
  document.dispatchEvent(new CustomEvent("durchwahl:state"));
}

if (told) {
  cards.start();
  choose.start(cards.apply);
  bell.start();
  attention.start();
  onCalls(told.state);
  socket.on("note_draft", (detail) => document.dispatchEvent(new CustomEvent("note-draft", { detail })));
  socket.start({
    onCall,
    onCalls,
    onConnection: bell.connection,
    onLoggedOut: cards.clear,
    held: cards.held,
  });
  socket.on("facts", (known) => known.forEach((one) => cards.know(one)));
}
