// Whose calls the user may see has changed: what an open page lists is asked for anew, at once.
import { isUnsaved } from "../unsaved.js";

let known = null;

// `me`: what the server tells of the user with every state; null when he may see nothing any more.
export function heard(me) {
  const now = me?.rights ?? "";
  const changed = known !== null && known !== now;
  known = now;
  if (!changed) return;
  document.dispatchEvent(new CustomEvent("durchwahl:rights"));
  if (document.querySelector("[data-of-rights]") && !isUnsaved()) window.location.reload();
}
