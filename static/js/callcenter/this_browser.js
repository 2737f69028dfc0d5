// The box "Calls in this browser": hear a tone, allow notifications, and what is missing for them.
import * as ringtone from "./ringtone.js";

const box = document.querySelector("[data-this-browser]");
const state = box.querySelector("[data-desktop-state]");
const allow = box.querySelector("[data-desktop-allow]");
const example = box.querySelector("[data-desktop-try]");

function standing() {
  if (!window.isSecureContext) return "insecure";
  return "Notification" in window ? Notification.permission : "missing";
}

function show() {
  const now = standing();
  state.textContent = state.dataset[now];
  allow.hidden = now !== "default";
  example.hidden = now !== "granted";
}

for (const button of box.querySelectorAll("[data-try]")) {
  button.addEventListener("click", () => {
    ringtone.stop();
    ringtone.once(button.dataset.try, document.querySelector('input[name="callcenter.volume"]:checked')?.value);
  });
}

// Only ever asked for by this click.
allow.addEventListener("click", async () => {
  await Notification.requestPermission();
  show();
});

example.addEventListener("click", () => {
  try {
    new Notification(example.dataset.title, { body: example.dataset.body, tag: "durchwahl-example" });
  } catch {
    state.textContent = state.dataset.missing;
  }
});

box.querySelector("[data-insecure-tabs]").hidden = Boolean(navigator.locks);
show();
