// Says each state of a call once, for those who do not see the card. Never moves the focus.
import { announcesFirst } from "./memory.js";
import * as tabs from "./tabs.js";
import { wordsOf } from "./told.js";

const SETTLE_MS = 150; // several calls at once are one announcement
const live = document.querySelector("[data-call-live]");
let waiting = [];
let timer = 0;

export async function announce(call, sentence) {
  const words = sentence || wordsOf(call).title;
  const key = `${call.id}.${call.phase}.${call.outcome}.${call.form}`;
  if ((await speaks()) && announcesFirst(key)) say(words);
}

// A screen reader reads the tab that has the focus, so that one speaks; where none has it, the leading one.
async function speaks() {
  if (tabs.hasFocus()) return true;
  if (!tabs.isLeading()) return false;
  return !(await tabs.census()).some((tab) => tab.focus);
}

function say(words) {
  waiting.push(words);
  clearTimeout(timer);
  timer = setTimeout(() => {
    live.textContent = waiting.join(". ");
    waiting = [];
  }, SETTLE_MS);
}
