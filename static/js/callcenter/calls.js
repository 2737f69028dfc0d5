// Cards and bell of the telephone, on every page of a user who may see calls.
import * as attention from "./attention.js";
import * as bell from "./bell.js";
import * as cards from "./cards.js";
import * as choose from "./choose.js";
import * as quiet from "./quiet.js";
import * as rights from "./rights.js";
import * as socket from "./socket.js";
import { told } from "./told.js";

function onCall(call) {
  cards.apply(call);
  bell.apply(call);
}

function onCalls(state) {
  // The app was deactivated, or the right was taken: what the open page still offers would lead nowhere.
  document.body.classList.toggle("telephone-off", !state.active);
  attention.settings(state.me);
  cards.replace(state);
  bell.replace(state);
  quiet.show(state.me);
  rights.heard(state.me);
}

if (told) {
  cards.start();
  choose.start(cards.apply);
  bell.start();
  attention.start();
  onCalls(told.state);
  socket.start({
    onCall,
    onCalls,
    onConnection: bell.connection,
    onLoggedOut: cards.clear,
  });
}
