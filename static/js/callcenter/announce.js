// Says each state of a call once, for those who do not see the card. Never moves the focus.
import { announcesFirst } from "./memory.js";
import * as tabs from "./tabs.js";
import { wordsOf } from "./told.js";

const SETTLE_MS = 150; // several calls at once are one announcement
// A screen reader reads the tab that has the focus, so that tab comes first; without one, the leading tab does.
const FOCUS_LOST_MS = 300;
const NOT_LEADING_MS = 150;

const live = document.querySelector("[data-call-live]");
let waiting = [];
let timer = 0;

export function announce(call, sentence) {
  const words = sentence || wordsOf(call).title;
  const key = `${call.id}.${call.phase}.${call.outcome}.${call.form}`;
  const delay = (tabs.hasFocus() ? 0 : FOCUS_LOST_MS) + (tabs.isLeading() ? 0 : NOT_LEADING_MS);
  setTimeout(() => {
    if (announcesFirst(key)) say(words);
  }, delay);
}

function say(words) {
  waiting.push(words);
  clearTimeout(timer);
  timer = setTimeout(() => {
    live.textContent = waiting.join(". ");
    waiting = [];
  }, SETTLE_MS);
}
