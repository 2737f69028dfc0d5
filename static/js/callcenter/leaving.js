// A card's links lead to other pages. While something on this one is not saved they open in a new window.
import { say } from "./choose.js";
import { text } from "./told.js";
import { isUnsaved } from "../unsaved.js";

function onClick(event) {
  // Whatever opens within the page has been taken by its own script by now.
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest?.("[data-call-cards] a[href]");
  if (!link || link.protocol === "tel:" || !isUnsaved()) return;
  link.target = "_blank";
  link.rel = "noopener";
  say(link.closest("[data-call-id]"), text("own_window"));
  setTimeout(() => {
    link.removeAttribute("target");
    link.removeAttribute("rel");
  });
}

export function start() {
  window.addEventListener("click", onClick);
}
