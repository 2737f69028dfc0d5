// Says each state of a call once, for those who do not see the card. Never moves the focus.
import { announcesFirst } from "./memory.js";
import { wordsOf } from "./told.js";

const SETTLE_MS = 150; // several calls at once are one announcement
const live = document.querySelector("[data-call-live]");
let waiting = [];
let timer = 0;

export function announce(call, sentence) {
  if (!announcesFirst(`${call.id}.${call.phase}.${call.outcome}.${call.form}`)) return;
  waiting.push(sentence || wordsOf(call).title);
  clearTimeout(timer);
  timer = setTimeout(() => {
    live.textContent = waiting.join(". ");
    waiting = [];
  }, SETTLE_MS);
}
