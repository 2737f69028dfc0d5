// Keys of the card that has the focus itself, where F8 leads: Enter to whom it is with, N to its note. What stands in
// the card has keys of its own.
const LEADS = { Enter: "[data-address], [data-new-address]", n: "[data-note]", N: "[data-note]" };

const isSeen = (one) => one.getClientRects().length > 0;

function onKey(event) {
  const card = event.target;
  if (event.defaultPrevented || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (!card.matches("[data-call-id]") || !Object.hasOwn(LEADS, event.key)) return;
  if (event.key.length === 1 && document.documentElement.dataset.shortcuts === "off") return;
  const found = [...card.querySelectorAll(LEADS[event.key])].find((link) => link.hasAttribute("href") && isSeen(link));
  const unfold = event.key === "Enter" ? card.querySelector("[data-unfold]") : null;
  const meant = found ?? (unfold && isSeen(unfold) ? unfold : null);
  if (!meant) return;
  event.preventDefault();
  meant.click();
}

export function start(place) {
  place.addEventListener("keydown", onKey);
}
