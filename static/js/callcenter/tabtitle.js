// The tab's title and icon tell of a ringing call, and of missed ones.
const icon = document.querySelector("link[rel=icon]");
const icons = document.querySelector("[data-call-cards]")?.dataset ?? {};
const plain = icon?.getAttribute("href");
let own = document.title;
let written = document.title;

export function show(words, missed) {
  // Somebody else (a part of the page that was replaced) has written a new title.
  if (document.title !== written) own = document.title;
  written = words ? `☎ ${words} – ${own}` : missed ? `(${missed}) ${own}` : own;
  if (document.title !== written) document.title = written;
  if (!icon) return;
  const href = words ? icons.iconRinging : missed ? icons.iconMissed : plain;
  if (icon.getAttribute("href") !== href) icon.setAttribute("href", href);
}
