// The last step of the self-test: whether the notification has arrived in this very browser.
import * as socket from "./socket.js";

const PATIENCE_MS = 10_000;
const arrived = new Set(); // it may be quicker than the answer of the page

function show(part) {
  const place = document.querySelector("[data-self-test]");
  for (const line of place?.children ?? []) line.hidden = line.dataset.selfTestPart !== part;
}

function look() {
  const token = document.querySelector("[data-self-test]")?.dataset.selfTest;
  if (token && arrived.has(token)) show("arrived");
}

socket.on("selftest", (message) => {
  arrived.add(message.token);
  look();
});

function begin() {
  const place = document.querySelector("[data-self-test]");
  if (!place) return;
  look();
  setTimeout(() => {
    if (place.isConnected && !arrived.has(place.dataset.selfTest)) show("missing");
  }, PATIENCE_MS);
}

document.addEventListener("htmx:afterSwap", begin);
begin();
