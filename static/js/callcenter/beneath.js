// Who goes through a page by keyboard sees where he is: cards that lie over what has the focus let it show through.
const place = document.querySelector("[data-call-cards]");
const narrow = window.matchMedia("(max-width: 767.98px)"); // there the page is scrolled out from under them
let byKey = false; // not where a page or a pointer has put it: then a card is what one wants to see

function isUnderCards(element) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return place.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}

function look() {
  const { activeElement: focused } = document;
  const isCovered = byKey && !narrow.matches && focused !== null && focused !== document.body && !place.contains(focused) && isUnderCards(focused);
  place.classList.toggle("is-seen-through", isCovered);
}

export function start() {
  document.addEventListener("keydown", ({ key }) => (byKey ||= key === "Tab"), true);
  document.addEventListener("pointerdown", () => {
    byKey = false;
    look();
  });
  document.addEventListener("focusin", look);
  window.addEventListener("scroll", look, { passive: true });
  new ResizeObserver(look).observe(place);
}
