// An open list of remembered choices shows what somebody has chosen, changed or removed elsewhere.
import { refresh } from "../refresh.js";
import { onConnection } from "../live.js";
import * as socket from "./socket.js";

if (document.querySelector('[data-call-part="remembered"]')) {
  let leaving = false; // with a form of one's own, whose answer is the page anew
  document.addEventListener("submit", (event) => (leaving ||= !event.defaultPrevented));
  window.addEventListener("pageshow", () => (leaving = false));
  const look = () => leaving || refresh();
  socket.on("remembered", look);
  onConnection(look);
}
