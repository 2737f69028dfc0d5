// Says each state of a call once, for those who do not see the card. Never moves the focus.
import { announcesFirst } from "./memory.js";
import * as tabs from "./tabs.js";

const SETTLE_MS = 150; // several calls at once are one announcement
const live = document.querySelector("[data-call-live]");
let waiting = [];
let timer = 0;

// `state` names what is said: each once.
export async function announce(state, sentence) {
  if ((await speaks()) && announcesFirst(state)) say(sentence);
}

// A screen reader reads the tab that has the focus, so that one speaks; where none has it, the leading one.
async function speaks() {
  if (tabs.hasFocus()) return true;
  if (!tabs.isLeading()) return false;
  return !(await tabs.census()).some((tab) => tab.focus);
}

function say(sentence) {
  waiting.push(sentence);
  clearTimeout(timer);
  timer = setTimeout(() => {
    live.textContent = waiting.join(". ");
    waiting = [];
  }, SETTLE_MS);
}
