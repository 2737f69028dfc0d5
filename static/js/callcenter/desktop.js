// Notifications of the operating system about ringing calls, shown by one tab for all.
const shown = new Map(); // call id → Notification

export const isPossible = () => "Notification" in window && window.isSecureContext;

export const mayShow = () => isPossible() && Notification.permission === "granted";

export function show(call, title, body) {
  if (shown.has(call.id) || !mayShow()) return;
  try {
    const note = new Notification(title, {
      body,
      tag: `durchwahl-call-${call.id}`, // the same call replaces itself, also when another tab shows it
      icon: document.querySelector("link[rel=icon]")?.href,
      requireInteraction: true, // until the call is taken
      silent: true, // the ring tone is ours
    });
    note.addEventListener("click", () => {
      window.focus();
      note.close();
    });
    shown.set(call.id, note);
  } catch {
    // A phone's browser shows them from a service worker only: the card is there all the same.
  }
}

export function keepOnly(ids) {
  for (const [id, note] of shown) {
    if (!ids.has(id)) {
      note.close();
      shown.delete(id);
    }
  }
}
