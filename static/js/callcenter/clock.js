// The server's time and the user's zone: a browser's clock may be wrong, and its zone another.
const root = document.documentElement;
const time = new Intl.DateTimeFormat(root.lang || "de", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZone: root.dataset.timezone || undefined,
});
let ahead = 0; // milliseconds by which the server's clock is ahead of ours

export function heard(serverTime) {
  ahead = Date.parse(serverTime) - Date.now();
}

export function now() {
  return Date.now() + ahead;
}

export function shown(iso) {
  return time.format(new Date(iso));
}

// 0:42, 12:05 or 1:02:03
export function duration(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
