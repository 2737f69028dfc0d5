// Cards and bell of the telephone, on every page of a user who may see calls.
import * as bell from "./bell.js";
import * as cards from "./cards.js";
import * as socket from "./socket.js";
import { told } from "./told.js";

function onCall(call) {
  cards.apply(call);
  bell.apply(call);
}

function onCalls(state, options) {
  cards.replace(state, options);
  bell.replace(state);
}

if (told) {
  cards.start();
  bell.start();
  // What the page was rendered with is not news: it moves in without a flourish.
  onCalls(told.state, { silent: true });
  socket.start({
    onCall,
    onCalls: (state) => onCalls(state),
    onConnection: bell.connection,
    onLoggedOut: cards.clear,
  });
}
